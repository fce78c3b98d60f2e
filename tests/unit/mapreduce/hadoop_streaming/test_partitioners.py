import random

import pytest

from pyrite.mapreduce.hadoop_streaming.byte_columns import strings
from pyrite.mapreduce.hadoop_streaming.partitioners import HashPartitioner, hash_bytes
from pyrite.mapreduce.hadoop_streaming.records import Records


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
