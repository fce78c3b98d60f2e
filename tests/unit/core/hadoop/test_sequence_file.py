import io
import itertools
from pathlib import Path

import pytest

from pyrite.core.errors import SparkException
from pyrite.core.hadoop import sequence_file
from pyrite.core.hadoop.codecs import find_codec
from pyrite.core.hadoop.sequence_file import SequenceFileReader, SequenceFileWriter

FIXTURES = Path(__file__).parent / "fixtures"
INT, TEXT = "org.apache.hadoop.io.IntWritable", "org.apache.hadoop.io.Text"


class Kept(io.BytesIO):
    def close(self):
        if not self.closed:
            self.content = self.getvalue()
        super().close()


def written(records, codec=None, in_blocks=True, key_class=INT, value_class=TEXT):
    out = Kept()
    with SequenceFileWriter(
        out, key_class, value_class, find_codec(codec) if codec else None, in_blocks
    ) as writer:
        writer.write_all(records)
    return out.content


def read(data, start=0, end=None):
    batches = SequenceFileReader(io.BytesIO(data), "file:/x").read(start, end)
    return [record for batch in batches for record in batch]


# Files written by Spark itself.
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("spark_int_text.seq", [(1, "a"), (2, "é")]),
        ("spark_int_map.seq", [(1, {"a": 1, "b": 2.5})]),
        ("spark_blocks_deflate.seq", [(0, "x0"), (1, "x1"), (2, "x2")]),
        ("spark_blocks_bzip2.seq", [(0, "x0"), (1, "x1"), (2, "x2")]),
    ],
)
def test_files_written_by_spark(name, expected):
    assert read((FIXTURES / name).read_bytes()) == expected


def test_same_bytes_as_spark():
    theirs = (FIXTURES / "spark_int_text.seq").read_bytes()
    ours = written([(1, "a"), (2, "é")])
    marker = theirs.index(b"\0\0\0\0\0\0") + 6
    assert ours[:marker] == theirs[:marker]
    assert ours[marker + 16 :] == theirs[marker + 16 :]


@pytest.mark.parametrize(
    ("codec", "in_blocks"),
    [(None, False), ("deflate", False), ("deflate", True), ("gzip", True), ("snappy", True)],
)
@pytest.mark.parametrize("pieces", [1, 2, 3, 10])
def test_splits_give_each_record_once(codec, in_blocks, pieces, monkeypatch):
    monkeypatch.setattr(sequence_file, "SYNC_INTERVAL", 500)
    monkeypatch.setattr(sequence_file, "_BLOCK_SIZE", 2000)
    records = [(i, f"value {i}" * 3) for i in range(1000)]
    data = written(records, codec, in_blocks)
    cuts = [len(data) * i // pieces for i in range(pieces + 1)]
    parts = [read(data, start, end) for start, end in itertools.pairwise(cuts)]
    assert [record for part in parts for record in part] == records
    assert sum(bool(part) for part in parts) == pieces


def test_split_inside_the_header_is_not_read_twice():
    data = written([(1, "a")])
    assert read(data, 0, 20) == []
    assert read(data, 20, len(data)) == [(1, "a")]


def test_wrong_classes_in_sparks_words():
    with pytest.raises(SparkException) as error:
        written([(1, "a"), (1 << 40, "b")])
    assert str(error.value) == (
        "wrong key class: org.apache.hadoop.io.LongWritable is not class "
        "org.apache.hadoop.io.IntWritable"
    )


def test_not_a_sequence_file():
    with pytest.raises(SparkException, match=r"^file:/x not a SequenceFile$"):
        read(b"hello, world")
    with pytest.raises(SparkException, match="version 4; Pyrite reads version 6"):
        read(b"SEQ\x04")


def test_truncated_file():
    with pytest.raises(SparkException, match="ends in the middle of a record"):
        read(written([(1, "abc")])[:-1])
