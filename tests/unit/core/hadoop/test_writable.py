import math

import pytest

from pyrite.core.errors import SparkException
from pyrite.core.hadoop.writable import (
    WRITABLES,
    encode_vint,
    find_writable,
    read_vint,
    writable_for,
)

IO = "org.apache.hadoop.io."


@pytest.mark.parametrize("bits", range(1, 64))
def test_vint_round_trip(bits):
    for value in {sign * (1 << bits) + step for sign in (1, -1) for step in (-1, 0, 1)}:
        if -(1 << 63) <= value < 1 << 63:
            data = encode_vint(value)
            assert read_vint(b"?" + data + b"??", 1) == (value, 1 + len(data))


def test_vint_bytes():
    # One byte up to 127 and down to -112, as Hadoop's WritableUtils writes them.
    assert [encode_vint(v).hex() for v in (127, 128, -112, -113)] == ["7f", "8f80", "90", "8770"]


# A map as Hadoop's own MapWritable wrote it: short, variable int and long, float, null.
HADOOP_MAP = (
    b'\x01\x01\x00"org.apache.hadoop.io.ShortWritable\x00\x00\x00\x05\x8c\x01s\x01\x00\x03'
    b"\x8c\x01v\x8e\x05\x8c\x01w\x8f\x07\x8c\x01z\x84@ \x00\x00\x8c\x01n\x89"
)


def test_map_written_by_hadoop():
    value, end = find_writable(IO + "MapWritable").read(HADOOP_MAP, 0)
    assert value == {"s": 3, "v": 5, "w": 7, "z": 2.5, "n": None}
    assert end == len(HADOOP_MAP)


def test_nested_map_round_trip():
    value = {"a": 1, "b": {"c": 2.5, "d": None}, 3: 1 << 40, "f": bytearray(b"x"), "g": True}
    writable = writable_for(value)
    assert writable.read(writable.write(value), 0)[0] == value


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("x", "Text"), (True, "BooleanWritable"), (1, "IntWritable"),
        ((1 << 31) - 1, "IntWritable"), (1 << 31, "LongWritable"), (-(1 << 63), "LongWritable"),
        (1.5, "DoubleWritable"), (b"x", "BytesWritable"), (bytearray(), "BytesWritable"),
        (None, "NullWritable"), ({}, "MapWritable"), ((1, 2), "ArrayWritable"),
    ],
)  # fmt: skip
def test_class_of_a_python_value(value, name):
    assert writable_for(value).class_name == IO + name


@pytest.mark.parametrize("value", [[1], {1}, 1 << 63, 1j, object(), (1, "a")])
def test_values_without_a_class(value):
    with pytest.raises(SparkException, match=r"^Data of type \w+ cannot be used"):
        writable_for(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ShortWritable", -300), ("ByteWritable", -1), ("FloatWritable", 0.5),
        ("VIntWritable", -500), ("VLongWritable", 1 << 40), ("LongWritable", 5),
        ("SortedMapWritable", {"a": 1}), ("Text", "é日本"), ("DoubleWritable", -math.inf),
    ],
)  # fmt: skip
def test_round_trip(name, value):
    writable = WRITABLES[IO + name]
    data = writable.write(value)
    assert writable.read(b"!" + data, 1) == (value, 1 + len(data))


def test_unknown_class():
    with pytest.raises(SparkException, match=r"Class no\.Such not found\. Known.*IntWritable"):
        find_writable("no.Such")


def test_array_cannot_be_read_back():
    with pytest.raises(SparkException, match="ArrayWritable cannot be read"):
        find_writable(IO + "ArrayWritable").read(b"\0\0\0\0", 0)
