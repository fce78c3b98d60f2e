import struct

import pytest

from pyrite.mapreduce.errors import MapReduceError
from pyrite.mapreduce.hadoop_streaming.byte_columns import strings
from pyrite.mapreduce.hadoop_streaming.records import Records
from pyrite.mapreduce.hadoop_streaming.typed_bytes import TypedBytes, typed_text


def string(text):
    return b"\7" + struct.pack(">i", len(text)) + text


def integer(number):
    return b"\3" + struct.pack(">i", number)


OBJECTS = [  # and what Hadoop prints for them
    (b"\0" + struct.pack(">i", 3) + b"abc", "616263"),
    (b"\1\5", "5"),
    (b"\1\xff", "-1"),
    (b"\2\1", "true"),
    (b"\2\0", "false"),
    (integer(-7), "-7"),
    (b"\4" + struct.pack(">q", 1 << 40), "1099511627776"),
    (b"\5" + struct.pack(">f", 1.5), "1.5"),
    (b"\5" + struct.pack(">f", 0.1), "0.1"),
    (b"\6" + struct.pack(">d", 2.25), "2.25"),
    (string("é".encode()), "é"),
    (b"\x08" + struct.pack(">i", 2) + integer(1) + string(b"x"), "[1, x]"),
    (b"\x09" + integer(1) + string(b"y") + b"\xff", "[1, y]"),
    (b"\x09\xff", "[]"),
    (b"\x0a" + struct.pack(">i", 1) + string(b"k") + integer(9), "{k=9}"),
    (b"\x08" + struct.pack(">i", 1) + b"\x09" + integer(1) + b"\xff", "[[1]]"),
    (b"\x32" + struct.pack(">i", 2) + b"zz", "7a7a"),
]


def test_objects_of_all_types_cut_anywhere():
    pairs = [(integer(number), item) for number, (item, _) in enumerate(OBJECTS)]
    pairs += [(item, integer(number)) for number, (item, _) in enumerate(OBJECTS)]
    data = b"".join(key + value for key, value in pairs)
    for size in (1, 7, 1000):
        chunks = [data[start : start + size] for start in range(0, len(data), size)]
        batches = list(TypedBytes().read(chunks))
        assert [pair for batch in batches for pair in batch.pairs()] == pairs
        assert b"".join(bytes(TypedBytes().write(batch)) for batch in batches) == data


def test_what_java_prints():
    texts = typed_text(strings([item for item, _ in OBJECTS])).to_pylist()
    assert [text.decode() for text in texts] == [text for _, text in OBJECTS]


def test_other_records_get_a_type():
    records = Records.of([(b"12", b"a line")])
    assert bytes(TypedBytes("text").write(records)) == string(b"12") + string(b"a line")
    numbered = TypedBytes("text", numbered=True).write(records)
    assert bytes(numbered) == b"\4" + struct.pack(">q", 12) + string(b"a line")
    as_bytes = b"\0" + string(b"12")[1:] + b"\0" + string(b"a line")[1:]
    assert bytes(TypedBytes("rawbytes").write(records)) == as_bytes
    assert bytes(TypedBytes().write(Records.of([]))) == b""


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (integer(1), "ends within a record: 5 bytes"),
        (integer(1) + string(b"cut off")[:-1], "ends within a record"),
        (b"\x0bplain text", "there is a type 11"),
        (b"\7\xff\xff\xff\xff", "there is a length -1"),
        (b"\x09" * 600, "levels deep"),
    ],
)
def test_what_is_no_typed_bytes(data, message):
    with pytest.raises(MapReduceError, match=message):
        list(TypedBytes().read([data]))
