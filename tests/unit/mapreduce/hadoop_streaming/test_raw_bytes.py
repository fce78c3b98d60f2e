import random

import numpy as np
import pytest

from pyrite.mapreduce.errors import MapReduceError
from pyrite.mapreduce.hadoop_streaming import raw_bytes
from pyrite.mapreduce.hadoop_streaming.raw_bytes import RawBytes, raw_text
from pyrite.mapreduce.hadoop_streaming.records import Records


def written(pairs):
    return b"".join(len(item).to_bytes(4, "big") + item for pair in pairs for item in pair)


def chunked(rng, data, longest):
    while data:
        size = rng.randint(1, longest)
        yield data[:size]
        data = data[size:]


@pytest.mark.parametrize("seed", range(30))
def test_records_of_any_bytes(seed, monkeypatch):
    rng = random.Random(seed)
    monkeypatch.setattr(raw_bytes, "BLOCK_BYTES", rng.choice([1, 50, 10_000]))
    pairs = [
        (rng.randbytes(rng.choice([0, 1, 5, 300])), rng.randbytes(rng.randint(0, 9)))
        for _ in range(rng.randint(0, 40))
    ]
    data = written(pairs)
    batches = list(RawBytes().read(chunked(rng, data, rng.choice([3, 1000]))))
    assert [pair for batch in batches for pair in batch.pairs()] == pairs
    assert b"".join(bytes(RawBytes().write(batch)) for batch in batches) == data


def test_counted_records_are_written_out():
    records = Records.of([(b"a", b"1"), (b"b", b"")])
    records = Records(records.keys, records.values, np.array([2, 1]))
    assert bytes(RawBytes().write(records)) == written([(b"a", b"1")] * 2 + [(b"b", b"")])
    assert bytes(RawBytes().write(Records.of([]))) == b""


def test_numbers_become_longs():
    records = Records.of([(b"0", b"x"), (b"70000", b"")])
    expected = written([(bytes(8), b"x"), ((70000).to_bytes(8, "big"), b"")])
    assert bytes(RawBytes(numbered=True).write(records)) == expected


@pytest.mark.parametrize("left", [1, 4, 6, 9])
def test_an_end_within_a_record(left):
    data = written([(b"key", b"value")])
    with pytest.raises(MapReduceError, match=f"within a record: {left} bytes .* write rawbytes"):
        list(RawBytes().read([data, data[:left]]))


def test_text():
    assert raw_text(Records.of([(b"key\0\xff", b"")]).keys).to_pylist() == [b"6b 65 79 00 ff"]
