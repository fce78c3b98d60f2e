import gzip

import pytest

from pyrite.core.errors import InvalidInputException, SparkException
from pyrite.mapreduce.hadoop_streaming.inputs import StreamInput

TEXT = "org.apache.hadoop.mapred.TextInputFormat"
N_LINES = "org.apache.hadoop.mapred.lib.NLineInputFormat"


def lines_of(source):
    blocks = [block for split in source.plan() for block in source.lines(split)]
    text = b"".join(block for block, _ in blocks)
    assert text.count(b"\n") == sum(count for _, count in blocks)
    return text


def make(directory, input_format=TEXT, **conf):
    settings = {key.replace("__", "."): value for key, value in conf.items()}
    return StreamInput((str(directory),), input_format, settings)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a\nb\n", b"a\nb\n"),
        (b"a\nb", b"a\nb\n"),
        (b"a\r\nb\rc\r", b"a\nb\nc\n"),
        (b"\xef\xbb\xbfa\n\n", b"a\n\n"),
        (b"\xff\xfe\n", b"\xff\xfe\n"),
        (b"", b""),
    ],
)
def test_lines_end_as_hadoop_ends_them(tmp_path, content, lines):
    (tmp_path / "in.txt").write_bytes(content)
    assert lines_of(make(tmp_path)) == lines


@pytest.mark.parametrize("maps", range(1, 12))
def test_splits_share_the_lines_of_a_file(tmp_path, maps):
    content = b"one\r\ntwo\rthree\n\nfour\n" * 3
    (tmp_path / "in.txt").write_bytes(content)
    source = make(tmp_path, mapreduce__job__maps=str(maps))
    splits = sorted(source.plan(), key=lambda split: split.start)
    assert len(splits) >= maps
    text = b"".join(block for split in splits for block, _ in source.lines(split))
    assert text == content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def test_a_delimiter_of_the_user_ends_records(tmp_path):
    (tmp_path / "in.txt").write_bytes(b"a;b\r;c")
    assert lines_of(make(tmp_path, textinputformat__record__delimiter=";")) == b"a\nb\r\nc\n"


def test_compressed_files_are_read_whole(tmp_path):
    (tmp_path / "in.gz").write_bytes(gzip.compress(b"a\nb"))
    source = make(tmp_path, mapreduce__job__maps="5")
    assert len(source.plan()) == 1
    assert lines_of(source) == b"a\nb\n"


def test_the_largest_split_comes_first_and_empty_files_have_one(tmp_path):
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "b").write_bytes(b"x\n")
    (tmp_path / "c").write_bytes(b"longer\n")
    (tmp_path / "_hidden").write_bytes(b"no\n")
    splits = make(tmp_path, mapreduce__job__maps="1").plan()
    assert [split.path[-1] for split in splits] == ["c", "b", "a"]


def test_several_inputs_and_globs(tmp_path):
    for name in ("x1", "x2", "y"):
        (tmp_path / name).write_text(f"{name}\n")
    source = StreamInput((f"{tmp_path}/x*", f"{tmp_path}/y,{tmp_path}/x1"), TEXT, {})
    assert sorted(lines_of(source).split()) == [b"x1", b"x1", b"x2", b"y"]


def test_directories_inside_are_read_where_settings_say(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "in.txt").write_text("a\n")
    with pytest.raises(SparkException, match="is a directory"):
        make(tmp_path).plan()
    recursive = {"mapreduce.input.fileinputformat.input.dir.recursive": "true"}
    assert lines_of(StreamInput((str(tmp_path),), TEXT, recursive)) == b"a\n"


def test_missing_input_is_named(tmp_path):
    with pytest.raises(InvalidInputException, match=r"Input path does not exist: .*nowhere"):
        make(tmp_path / "nowhere").plan()
