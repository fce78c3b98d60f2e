import gzip
import io
import math
import pickle
from enum import Enum
from pathlib import Path

import pytest

from pyrite.core.errors import SparkException
from pyrite.core.hadoop.codecs import find_codec
from pyrite.core.hadoop.hadoop_conf import hadoop_conf
from pyrite.core.hadoop.input_format import (
    find_input_format,
    fixed_length_splits,
    read_fixed_length,
)
from pyrite.core.hadoop.input_paths import list_input_files
from pyrite.core.hadoop.java_text import java_text
from pyrite.core.hadoop.output_format import find_output_format, output_codec, write_lines
from pyrite.core.hadoop.pickle_file import pickle_batches, read_batches, write_batches
from pyrite.core.hadoop.sequence_file import SequenceFileReader

FIXTURES = Path(__file__).parent / "fixtures"
OLD, NEW = "org.apache.hadoop.mapred.", "org.apache.hadoop.mapreduce.lib.input."
NEW_OUT = "org.apache.hadoop.mapreduce.lib.output."
TEXT = "a\t1\nb\t2\t3\nc\n\té\n"


class Kept(io.BytesIO):
    def close(self):
        if not self.closed:
            self.content = self.getvalue()
        super().close()


@pytest.fixture
def kv(tmp_path):
    file = tmp_path / "kv.txt"
    file.write_text(TEXT)
    return str(file)


def glom(class_name, path, num_splits=1, conf=None):
    conf = conf or {}
    found = find_input_format(class_name, is_new_api=class_name.startswith(NEW))
    return [
        [record for batch in found.read(split, conf) for record in batch]
        for split in found.plan(list_input_files(path, conf), num_splits, conf)
    ]


# The expected records are Spark's for the same file.
@pytest.mark.parametrize(
    ("class_name", "conf", "expected"),
    [
        (OLD + "TextInputFormat", {}, [(0, "a\t1"), (4, "b\t2\t3"), (10, "c"), (12, "\té")]),
        (NEW + "TextInputFormat", {}, [(0, "a\t1"), (4, "b\t2\t3"), (10, "c"), (12, "\té")]),
        (
            NEW + "TextInputFormat",
            {"textinputformat.record.delimiter": "\t"},
            [(0, "a"), (2, "1\nb"), (6, "2"), (8, "3\nc\n"), (13, "é\n")],
        ),
        (
            OLD + "KeyValueTextInputFormat",
            {},
            [("a", "1"), ("b", "2\t3"), ("c", ""), ("", "é")],
        ),
        (
            NEW + "KeyValueTextInputFormat",
            {"mapreduce.input.keyvaluelinerecordreader.key.value.separator": "2"},
            [("a\t1", ""), ("b\t", "\t3"), ("c", ""), ("\té", "")],
        ),
    ],
)
def test_text_formats(kv, class_name, conf, expected):
    assert glom(class_name, kv, conf=conf) == [expected]


def test_lines_per_split(kv):
    assert glom(OLD + "lib.NLineInputFormat", kv) == [
        [(0, "a\t1")], [(4, "b\t2\t3")], [(10, "c")], [(12, "\té")],
    ]  # fmt: skip
    three = {"mapreduce.input.lineinputformat.linespermap": "3"}
    assert glom(NEW + "NLineInputFormat", kv, conf=three) == [
        [(0, "a\t1"), (4, "b\t2\t3"), (10, "c")], [(12, "\té")],
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["\n\nx\n", "\nx", "x", "x\n\n", "\r\nx\r\n", "y\n\nx"])
def test_each_line_is_in_one_split(tmp_path, text):
    (tmp_path / "f.txt").write_bytes(text.encode())
    splits = glom(OLD + "lib.NLineInputFormat", f"{tmp_path}/f.txt")
    assert [line for split in splits for _, line in split] == text.splitlines()


def test_splits_of_lines_are_as_long_as_hadoops(kv):
    # The order in which tasks are numbered hangs on it.
    plan = find_input_format(OLD + "lib.NLineInputFormat").plan
    splits = plan(list_input_files(kv, {}), 1, {})
    assert [(split.start, split.length) for split in splits] == [(0, 3), (3, 6), (9, 2), (11, 4)]


def test_compressed_text_is_one_split(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x\ny\n"))
    assert glom(OLD + "TextInputFormat", f"{tmp_path}/a.gz", 4) == [[(0, "x"), (2, "y")]]


def test_sequence_formats():
    path = str(FIXTURES / "spark_int_text.seq")
    assert glom(OLD + "SequenceFileInputFormat", path, 4) == [[(1, "a"), (2, "é")]]
    assert glom(NEW + "SequenceFileInputFormat", path) == [[(1, "a"), (2, "é")]]
    assert glom(OLD + "SequenceFileAsTextInputFormat", path) == [[("1", "a"), ("2", "é")]]
    assert glom(NEW + "SequenceFileAsBinaryInputFormat", path)[0][0] == (b"\0\0\0\1", b"\1a")


def test_fixed_length_records(tmp_path):
    file = tmp_path / "records"
    file.write_bytes(bytes(range(100)))
    conf = {"fixedlengthinputformat.record.length": "40"}
    with pytest.raises(SparkException, match="whole records of 40 bytes"):
        glom(OLD + "FixedLengthInputFormat", str(file), conf=conf)
    conf = {"fixedlengthinputformat.record.length": "50"}
    assert glom(NEW + "FixedLengthInputFormat", str(file), conf=conf) == [
        [(0, bytes(range(50))), (50, bytes(range(50, 100)))]
    ]
    (split,) = fixed_length_splits(list_input_files(str(file), {}), 10, {})
    records = [record for batch in read_fixed_length(split, 10) for record in batch]
    assert records[3] == bytes(range(30, 40))
    with pytest.raises(SparkException, match="length 0 is invalid"):
        glom(OLD + "FixedLengthInputFormat", str(file))


def test_unknown_classes_list_the_known_ones():
    with pytest.raises(SparkException, match=r"no\.Such not found.*mapred\.TextInputFormat"):
        find_input_format("no.Such")
    with pytest.raises(SparkException, match=r"not found.*mapreduce.lib.input.TextInputFormat"):
        find_input_format(OLD + "TextInputFormat", is_new_api=True)
    with pytest.raises(SparkException, match=r"no\.Such not found.*mapred\.TextOutputFormat"):
        find_output_format("no.Such")


def saved(class_name, records, conf=None):
    out = Kept()
    found = find_output_format(class_name, is_new_api=class_name.startswith(NEW_OUT))
    with out:
        assert found.write(out, records, conf or {}) == len(records)
    return out.content


def test_text_output_as_hadoop_prints_it():
    records = [
        (1, "a"), (2, None), (None, "x"), (None, None), (1.0, True), (1e20, False),
        (b"ab", b"\x00cd"), (1, {"a": 1, "b": {"x": None}}),
    ]  # fmt: skip
    assert saved(OLD + "TextOutputFormat", records) == (
        b"1\ta\n2\nx\n1.0\ttrue\n1.0E20\tfalse\n61 62\t00 63 64\n1\t{a=1, b={x=(null)}}\n"
    )
    separator = {"mapreduce.output.textoutputformat.separator": "|"}
    assert saved(NEW_OUT + "TextOutputFormat", [(1, "a")], separator) == b"1|a\n"


def test_sequence_output_by_settings():
    conf = hadoop_conf(
        {},
        {
            "mapred.output.key.class": "org.apache.hadoop.io.LongWritable",
            "mapred.output.compress": "true",
            "mapred.output.compression.codec": "org.apache.hadoop.io.compress.GzipCodec",
            "mapred.output.compression.type": "BLOCK",
        },
    )
    data = saved(OLD + "SequenceFileOutputFormat", [(1, "a")], conf)
    reader = SequenceFileReader(io.BytesIO(data), "x")
    assert (reader.key_class, reader.value_class) == (
        "org.apache.hadoop.io.LongWritable",
        "org.apache.hadoop.io.Text",
    )
    assert list(reader.read()) == [[(1, "a")]]
    assert b"GzipCodec" in data


def test_codec_of_the_settings():
    on = {"mapreduce.output.fileoutputformat.compress": "true"}
    assert output_codec({}) is None
    assert output_codec(on) is find_codec("DefaultCodec")


def test_file_names():
    gz = find_codec("gzip")
    assert find_output_format(OLD + "TextOutputFormat").file_name(3, gz) == "part-00003.gz"
    sequence = find_output_format(NEW_OUT + "SequenceFileOutputFormat", is_new_api=True)
    assert sequence.file_name(12, gz) == "part-r-00012"


def test_lines_of_any_elements():
    out = io.BytesIO()
    assert write_lines(out, iter(["a", "b\nc", "é", 1, b"by\xff", None, (1, 2)])) == 7
    assert out.getvalue() == "a\nb\nc\né\n1\nby\ufffd\nNone\n(1, 2)\n".encode()


def test_string_enum_is_written_as_its_string():
    class Colour(str, Enum):  # noqa: UP042 - str() of a StrEnum would hide the difference
        RED = "red"

    out = io.BytesIO()
    write_lines(out, [Colour.RED, "x"])
    assert out.getvalue() == b"red\nx\n"


def test_no_lines():
    out = io.BytesIO()
    assert write_lines(out, []) == 0
    assert out.getvalue() == b""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e7, "1.0E7"), (1e-3, "0.001"), (9.99e-4, "9.99E-4"), (123456.789, "123456.789"),
        (1.7976931348623157e308, "1.7976931348623157E308"), (math.nan, "NaN"),
        (-math.inf, "-Infinity"), (-0.0, "-0.0"), (-1.5e-10, "-1.5E-10"),
        (12345678.0, "1.2345678E7"),
        (9999999.0, "9999999.0"), (b"\xff\x01", "ff 01"), (None, "(null)"),
        (
            (1, 2),
            "ArrayWritable [valueClass=interface org.apache.hadoop.io.Writable, values=[1, 2]]",
        ),
    ],
)  # fmt: skip
def test_what_java_prints(value, text):
    assert java_text(value) == text


def test_settings_of_the_application_and_of_the_call():
    assert hadoop_conf(
        {"spark.hadoop.a": "1", "spark.hadoop.b": "2", "spark.c": "3"}, {"b": "4"}
    ) == {"a": "1", "b": "4"}


def test_pickle_record_written_by_spark():
    data = (FIXTURES / "spark_pickle_of_12.seq").read_bytes()
    ((_, record),) = next(SequenceFileReader(io.BytesIO(data), "x").read())
    batches = read_batches(record)
    assert [pickle.loads(batch) for batch in batches] == [list(range(10)), [10, 11]]
    assert write_batches(batches) == record


def test_pickle_batches():
    assert [pickle.loads(b) for b in pickle_batches(range(5), 2)] == [[0, 1], [2, 3], [4]]
    sizes = [len(pickle.loads(batch)) for batch in pickle_batches(range(100), 0)]
    assert sizes == [1, 2, 4, 8, 16, 32, 37]
    assert list(pickle_batches([], 3)) == []


def test_not_a_pickle_record():
    with pytest.raises(SparkException, match="not a pickle file"):
        read_batches(b"hello")
