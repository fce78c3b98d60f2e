import dataclasses
import random

import pytest

from pyrite.mapreduce.hadoop_streaming.byte_columns import strings
from pyrite.mapreduce.hadoop_streaming.job_conf import JobConf
from pyrite.mapreduce.hadoop_streaming.key_fields import parse_key_fields
from pyrite.mapreduce.hadoop_streaming.partitioners import (
    HashPartitioner,
    KeyFieldPartitioner,
    hash_bytes,
    make_partitioner,
)
from pyrite.mapreduce.hadoop_streaming.records import Records
from pyrite.mapreduce.hadoop_streaming.stream_job import (
    KEY_FIELD_PARTITIONER,
    Command,
    StreamJob,
)

_MAPPER = Command(("cat",))


def java_hash(text: bytes) -> int:
    result = 1
    for byte in text:
        result = (31 * result + (byte if byte < 128 else byte - 256)) % 2**32
    return result


@pytest.mark.parametrize("seed", range(50))
def test_the_hash_is_the_plain_loop(seed):
    rng = random.Random(seed)
    keys = [rng.randbytes(rng.randint(0, 40)) for _ in range(rng.randint(0, 100))]
    assert hash_bytes(strings(keys)).tolist() == [java_hash(key) for key in keys]


def test_keys_of_more_than_a_piece():
    rng = random.Random(1)
    keys = [rng.randbytes(rng.choice([1, 10, 70_000, 200_000])) for _ in range(20)]
    assert hash_bytes(strings(keys)).tolist() == [java_hash(key) for key in keys]
    rest = strings(keys).slice(3)
    assert hash_bytes(rest).tolist() == [java_hash(key) for key in keys[3:]]


def test_places():
    records = Records.of([(b"%d" % number, b"") for number in range(100)])
    places = HashPartitioner(7).place(records)
    assert places.tolist() == [(java_hash(b"%d" % n) & 0x7FFFFFFF) % 7 for n in range(100)]
    assert set(HashPartitioner(1).place(records).tolist()) == {0}


KEYS = [b"1520", b"bb:\t", b"\tb\tbcbcbb", b"bb:\tb::a", b"ab:\tc", b"7454.", b"y\xc3\xa9x"]


@pytest.mark.parametrize(
    ("options", "places"),  # as Hadoop has them
    [
        ("-k1,1", [512287, 97274, 0, 97274, 96313, 395222, 543504]),
        ("-k2,2", [0, 0, 98, 977145, 99, 0, 0]),
        ("-k2", [0, 0, 418815, 977145, 99, 0, 0]),
        ("-k1,1 -k3,3", [512287, 97274, 617266, 97274, 96313, 395222, 543504]),
        ("-k1.2,2.1", [52531, 95985, 98, 975627, 975628, 601720, 416009]),
        ("-k1.3,1.5", [1598, 1807, 11786, 56115, 56116, 52591, 474630]),
        ("", [512287, 15494, 717889, 510174, 556895, 395222, 123624]),
    ],
)
def test_fields_of_keys(options, places):
    records = Records.of([(key, b"") for key in KEYS])
    partitioner = KeyFieldPartitioner(1000003, parse_key_fields(options, "options"))
    assert partitioner.place(records).tolist() == places


def test_the_partitioner_of_a_job():
    assert make_partitioner(StreamJob(("in",), "out", _MAPPER, num_reduces=3)) == HashPartitioner(3)
    conf = {"mapred.text.key.partitioner.options": "-k1,2", "map.output.key.field.separator": ","}
    job = StreamJob(("in",), "out", _MAPPER, partitioner=KEY_FIELD_PARTITIONER, num_reduces=4)
    fields = parse_key_fields("-k1,2", "")
    for properties in (conf, {**conf, "num.key.fields.for.partition": "2"}):
        given = dataclasses.replace(job, conf=JobConf(properties))
        assert make_partitioner(given) == KeyFieldPartitioner(4, fields, b",")
    assert make_partitioner(job) == KeyFieldPartitioner(4)


def test_keys_that_are_offsets():
    records = Records.of([(b"10", b""), (b"11", b""), (b"5000000000", b"")])
    partitioner = make_partitioner(StreamJob(("in",), "out", num_reduces=7))
    # Java's hash of the last is 705032704
    assert partitioner.place(records).tolist() == [3, 4, 705032704 % 7]
