import random

import numpy as np
import pytest

from pyrite.mapreduce.errors import MapReduceError
from pyrite.mapreduce.hadoop_streaming.aggregate import AGGREGATORS, aggregated, combined
from pyrite.mapreduce.hadoop_streaming.comparators import BytesOrdering
from pyrite.mapreduce.hadoop_streaming.records import Records
from pyrite.mapreduce.hadoop_streaming.sorting import sort


def pairs_of(batches):
    return [pair for batch in batches for pair in batch.pairs()]


def in_order(records, tmp_path):
    return sort([records], BytesOrdering(), 1 << 20, str(tmp_path))


@pytest.mark.parametrize(
    ("name", "values", "result"),  # as Hadoop has them
    [
        ("LongValueSum", ["1", "2", "+3", "-10"], "-4"),
        ("LongValueSum", ["9223372036854775807", "2"], "-9223372036854775807"),
        ("LongValueMax", ["3", "7", "-7"], "7"),
        ("LongValueMin", ["3", "7", "-7"], "-7"),
        ("DoubleValueSum", ["1.5", "2"], "3.5"),
        ("DoubleValueSum", ["1e10", "1e-3"], "1.0000000000001E10"),
        ("DoubleValueSum", [" 1d "], "1.0"),
        ("DoubleValueSum", ["-0"], "0.0"),
        ("DoubleValueSum", ["0.0001"], "1.0E-4"),
        ("DoubleValueSum", ["9999999"], "9999999.0"),
        ("DoubleValueSum", ["NaN", "1"], "NaN"),
        ("DoubleValueSum", ["Infinity", "1"], "Infinity"),
        ("StringValueMax", ["abc", "abd", "Z"], "abd"),
        ("StringValueMax", ["ä", "\U0001f600", "\ufffd"], "\ufffd"),
        ("StringValueMax", [""], ""),
        ("StringValueMin", ["abc", "abd", "Z"], "Z"),
        ("UniqValueCount", ["x", "y", "x"], "2"),
        ("UniqValueCount", ["", "a\tb"], "2"),
        ("ValueHistogram", ["x", "y", "x", "z\t3"], "3\t1\t2\t3\t2.0\t0.816496580927726"),
        (
            "ValueHistogram",
            ["1", "10\t5", "2", "2"],
            "3\t1\t2\t5\t2.6666666666666665\t1.699673171197595",
        ),
        ("ValueHistogram", ["x", "y\t4"], "2\t1\t4\t4\t2.5\t1.5"),
        ("ValueHistogram", ["x\t1", "y\t2", "z\t4", "w\t9"], "4\t1\t4\t9\t4.0\t3.082207001484488"),
        ("ValueHistogram", ["x\ty\t3", "x"], "2\t1\t3\t3\t2.0\t1.0"),
    ],
)
def test_each_aggregator(name, values, result, tmp_path):
    records = Records.of([(f"{name}:a:b".encode(), value.encode()) for value in values])
    expected = [(b"a:b", result.encode())]
    assert pairs_of(aggregated(in_order(records, tmp_path))) == expected
    again = Records.concat(list(combined(in_order(records, tmp_path))))
    assert pairs_of(aggregated(in_order(again, tmp_path))) == expected


@pytest.mark.parametrize("seed", range(10))
def test_combined_or_not_and_counted_or_not_is_the_same(seed, tmp_path):
    rng = random.Random(seed)
    names = sorted(AGGREGATORS)
    records = Records.of(
        [
            (f"{rng.choice(names)}:{rng.choice('abc')}".encode(), b"%d" % rng.randint(-9, 9))
            for _ in range(300)
        ]
    )
    counts = np.array([rng.randint(1, 5) for _ in range(300)])
    records = Records(records.keys, records.values, counts)
    plain = pairs_of(aggregated(in_order(records.spread(), tmp_path)))
    assert pairs_of(aggregated(in_order(records, tmp_path))) == plain
    parts = [
        Records.concat(list(combined(in_order(records.slice(s, 100), tmp_path))))
        for s in (0, 100, 200)
    ]
    assert pairs_of(aggregated(in_order(Records.concat(parts), tmp_path))) == plain


@pytest.mark.parametrize("key", [b"NoSuch:k", b"no colon", b"", b"LongValueSum"])
def test_a_key_without_an_aggregator(key):
    with pytest.raises(MapReduceError, match="LongValueSum:key, with one of LongValueSum, "):
        list(aggregated([Records.of([(key, b"1")])]))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"LongValueSum:k", b"abc"),
        (b"LongValueSum:k", b" 5"),
        (b"LongValueMax:k", b"1.5"),
        (b"LongValueMin:k", b"9223372036854775808"),
        (b"LongValueSum:k", b""),
        (b"DoubleValueSum:k", b"x"),
        (b"DoubleValueSum:k", b"1_0"),
        (b"ValueHistogram:k", b"x\ty"),
    ],
)
def test_a_value_that_cannot_be_added(key, value):
    with pytest.raises(MapReduceError, match=r"of the key '\w+:k': \w+ wants a .*number"):
        list(combined([Records.of([(key, value)])]))


def test_nothing():
    assert list(aggregated([])) == []
    assert list(combined([Records.of([])])) == []
