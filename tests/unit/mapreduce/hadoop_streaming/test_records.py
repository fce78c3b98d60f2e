import random

import numpy as np
import pytest

from pyrite.mapreduce.hadoop_streaming.byte_columns import cut, interleaved, strings
from pyrite.mapreduce.hadoop_streaming.records import Records

PAIRS = [(b"the", b"1"), (b"a", b""), (b"", b"long" * 100), (b"the", b"1")]


def counted(pairs, counts):
    records = Records.of(pairs)
    return Records(records.keys, records.values, np.array(counts))


@pytest.mark.parametrize("counts", [None, [1, 3, 1, 2]])
def test_a_batch_is_read_as_it_was_written(counts):
    records = Records.of(PAIRS) if counts is None else counted(PAIRS, counts)
    again = Records.decode(memoryview(records.encode()))
    assert again.pairs() == records.pairs()
    assert (again.counts is None) == (counts is None)
    part = Records.decode(records.slice(1, 2).encode())
    assert part.pairs() == records.slice(1, 2).pairs()


@pytest.mark.parametrize("gap", range(8))
def test_batches_are_read_wherever_they_are_in_memory(gap):
    records = counted(PAIRS, [1, 3, 1, 2])
    buffer = memoryview(bytes(gap) + records.encode())[gap:]
    again = Records.concat([Records.decode(buffer), records])
    assert again.pairs() == records.pairs() * 2
    assert again.take(np.array([7, 0])).pairs() == [(b"the", b"1")] * 3


def test_no_records():
    none = Records.of([])
    assert (len(none), none.total, none.text_bytes) == (0, 0, 0)
    assert Records.decode(none.encode()).pairs() == []
    assert list(none.split(np.empty(0, np.int64), 3)) == []
    assert Records.concat([]).pairs() == []


def test_sizes():
    records = counted(PAIRS, [1, 3, 1, 2])
    assert (len(records), records.total) == (4, 7)
    assert records.text_bytes == sum(len(key) + len(value) for key, value in records.pairs())
    assert records.slice(2, 2).text_bytes == 400 + 2 * 4
    assert records.spread().counts is None
    assert records.spread().pairs() == records.pairs()


def test_batches_put_together():
    together = Records.concat([Records.of(PAIRS), counted(PAIRS, [1, 3, 1, 2])])
    assert together.pairs() == PAIRS + counted(PAIRS, [1, 3, 1, 2]).pairs()
    assert Records.concat([Records.of(PAIRS), Records.of(PAIRS)]).counts is None


@pytest.mark.parametrize("parts", [1, 3, 300])
def test_parts_keep_the_order(parts):
    rng = random.Random(parts)
    pairs = [(b"%d" % number, b"") for number in range(1000)]
    places = [rng.randrange(parts) for _ in pairs]
    found = dict(Records.of(pairs).split(np.array(places), parts))
    for part in range(parts):
        expected = [pair for pair, place in zip(pairs, places, strict=True) if place == part]
        assert (found[part].pairs() if part in found else []) == expected


def test_cutting_and_joining():
    pieces = cut(b"one,two,,three", np.array([0, 4, 8, 9]), np.array([3, 7, 8, 14]))
    assert pieces.to_pylist() == [b"one", b"two", b"", b"three"]
    joined = interleaved(pieces, b"=", strings([b"1", b"2", b"", b"3"]), b";")
    assert b"".join(joined.to_pylist()) == b"one=1;two=2;=;three=3;"
