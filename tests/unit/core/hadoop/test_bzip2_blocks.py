import bz2
import io
import random

import pytest

from pyrite.core.errors import SparkException
from pyrite.core.hadoop import input_format
from pyrite.core.hadoop.bzip2_blocks import read_blocks
from pyrite.core.hadoop.inputs import FormatInput, TextInput

LINES = [f"{i} {random.Random(i).randbytes(i % 40).hex()}" for i in range(8000)]
CONTENT = "".join(line + "\n" for line in LINES).encode()


def test_blocks_make_up_the_content():
    data = bz2.compress(CONTENT, 1)
    blocks = list(read_blocks(io.BytesIO(data), 0))
    assert len(blocks) > 3
    assert blocks[0][0] == 4
    assert b"".join(content for _, content in blocks) == CONTENT


def test_blocks_from_the_middle():
    data = bz2.compress(CONTENT, 1)
    blocks = list(read_blocks(io.BytesIO(data), 0))
    for index, (position, _) in enumerate(blocks):
        assert list(read_blocks(io.BytesIO(data), position)) == blocks[index:]
        assert list(read_blocks(io.BytesIO(data), position + 1)) == blocks[index + 1 :]


def test_streams_one_after_another():
    data = bz2.compress(CONTENT[:1000]) + bz2.compress(CONTENT[1000:], 2)
    assert b"".join(content for _, content in read_blocks(io.BytesIO(data), 0)) == CONTENT


def test_truncated_file():
    data = bz2.compress(CONTENT, 1)
    with pytest.raises(SparkException, match="ends in the middle of a block"):
        list(read_blocks(io.BytesIO(data[:-20]), 0))


@pytest.mark.parametrize("delimiter", [None, "0\n"])
@pytest.mark.parametrize("wanted", [1, 2, 3, 7, 40])
def test_every_line_is_in_one_split(tmp_path, wanted, delimiter):
    (tmp_path / "a.bz2").write_bytes(bz2.compress(CONTENT, 1))
    conf = {"textinputformat.record.delimiter": delimiter} if delimiter else {}
    source = TextInput(f"{tmp_path}/a.bz2", conf, wanted)
    parts = [[x for batch in source.read(split) for x in batch] for split in source.plan()]
    expected = CONTENT.decode().split(delimiter) if delimiter else LINES
    assert [line for part in parts for line in part] == expected
    assert len(parts) >= wanted
    assert sum(bool(part) for part in parts) > 1 or wanted == 1


def test_line_longer_than_blocks(tmp_path):
    long = random.Random(2).randbytes(200_000).hex()
    (tmp_path / "a.bz2").write_bytes(bz2.compress(f"first\n{long}\nlast\n".encode(), 1))
    source = TextInput(f"{tmp_path}/a.bz2", {}, 6)
    parts = [[x for batch in source.read(split) for x in batch] for split in source.plan()]
    assert [line for part in parts for line in part] == ["first", long, "last"]


@pytest.mark.parametrize("kind", ["lines", "pairs"])
def test_what_is_too_large_for_memory_goes_where_the_task_says(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(input_format, "_SPOOL_SIZE", 1000)
    (tmp_path / "a.bz2").write_bytes(bz2.compress(CONTENT, 1))
    path = f"{tmp_path}/a.bz2"
    text = "org.apache.hadoop.mapred.TextInputFormat"
    source = {
        "lines": TextInput(path, {}, 3),
        "pairs": FormatInput(path, {}, text, min_partitions=3),
    }[kind]
    first, *_ = source.plan()
    elsewhere = str(tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError, match="elsewhere"):
        list(source.read(first, elsewhere))
    (tmp_path / "elsewhere").mkdir()
    assert list(source.read(first, elsewhere)) == list(source.read(first))
