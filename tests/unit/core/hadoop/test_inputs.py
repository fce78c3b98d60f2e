import gzip

import pytest

from pyrite.core.errors import InvalidInputException
from pyrite.core.hadoop.inputs import (
    BinaryFilesInput,
    BinaryRecordsInput,
    FormatInput,
    TextInput,
    WholeTextInput,
)


def glom(source):
    return [[record for batch in source.read(split) for record in batch] for split in source.plan()]


@pytest.fixture
def text(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("".join(f"line{i}\n" for i in range(20)))
    return str(file)


# As Spark deals the same file out.
@pytest.mark.parametrize(
    ("wanted", "sizes"),
    [(1, [20]), (2, [11, 9]), (3, [8, 6, 6]), (7, [4, 3, 3, 2, 3, 2, 3, 0])],
)
def test_text(text, wanted, sizes):
    parts = glom(TextInput(text, {}, wanted))
    assert [len(part) for part in parts] == sizes
    assert [line for part in parts for line in part] == [f"line{i}" for i in range(20)]


def test_text_as_bytes_and_with_delimiter(text):
    assert glom(TextInput(text, {}, 1, use_unicode=False))[0][0] == b"line0"
    records = glom(TextInput(text, {"textinputformat.record.delimiter": "e1"}, 1))[0]
    assert records[1] == "\nline2\nline3\nline4\nline5\nline6\nline7\nline8\nline9\nlin"


def test_compressed_text(tmp_path):
    path = tmp_path / "z.gz"
    path.write_bytes(gzip.compress(b"a\nb\n") + gzip.compress(b"c\n"))
    assert glom(TextInput(str(path), {}, 4)) == [["a", "b", "c"]]


def test_whole_text(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"a\nb"))
    (tmp_path / "b").write_bytes(b"ab\xff")
    pairs = {
        (f"file:{tmp_path}/a.gz", "a\nb"),
        (f"file:{tmp_path}/b", "ab\ufffd"),
    }
    assert {pair for part in glom(WholeTextInput(str(tmp_path), {}, 2)) for pair in part} == pairs
    (part,) = glom(WholeTextInput(f"{tmp_path}/b", {}, 1, use_unicode=False))
    assert part == [(f"file:{tmp_path}/b".encode(), b"ab\xef\xbf\xbd")]


def test_binary_files_are_not_decompressed(tmp_path):
    data = gzip.compress(b"a")
    (tmp_path / "a.gz").write_bytes(data)
    assert glom(BinaryFilesInput(str(tmp_path), {}, {}, 2)) == [[(f"file:{tmp_path}/a.gz", data)]]


def test_binary_records(tmp_path):
    (tmp_path / "r").write_bytes(bytes(range(100)))
    (records,) = glom(BinaryRecordsInput(str(tmp_path), {}, 10))
    assert records == [bytes(range(i, i + 10)) for i in range(0, 100, 10)]


def test_format(text):
    source = FormatInput(text, {}, "org.apache.hadoop.mapred.TextInputFormat", min_partitions=2)
    parts = glom(source)
    assert [len(part) for part in parts] == [11, 9]
    assert parts[1][0] == (67, "line11")


def test_missing_path_is_reported_when_planned(tmp_path):
    source = TextInput(f"{tmp_path}/nope", {}, 2)
    with pytest.raises(InvalidInputException) as error:
        source.plan()
    assert str(error.value) == f"Input path does not exist: file:{tmp_path}/nope"
