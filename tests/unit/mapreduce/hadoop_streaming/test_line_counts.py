"""Distinct lines of many blocks, counted."""

import random
from collections import Counter

import pytest

from pyrite.mapreduce.hadoop_streaming.byte_columns import strings
from pyrite.mapreduce.hadoop_streaming.line_counts import LineCounts


@pytest.mark.parametrize("most_bytes", [0, 1000, 1 << 20])
def test_lines_are_counted_whatever_fits(most_bytes):
    dice = random.Random(most_bytes)
    counts, found, expected = LineCounts(most_bytes), Counter(), Counter()
    takes = 0
    for _ in range(30):
        block = [b"%x" % dice.randrange(8) for _ in range(dice.randrange(1, 40))]
        expected.update(block)
        counts.add(strings(block))
        if counts.is_full():
            found.update(_taken(counts))
            takes += 1
    if counts:
        found.update(_taken(counts))
    assert found == expected
    assert takes == (0 if most_bytes else 30)


def _taken(counts):
    lines, times = counts.take()
    assert not counts
    taken = dict(zip(lines.to_pylist(), times.tolist(), strict=True))
    assert len(taken) == len(lines)
    return taken


def test_lines_that_stay_few_are_held_on():
    counts = LineCounts(1000)
    for _ in range(100):
        counts.add(strings([b"one line", b"another"]))
        assert not counts.is_full()
    assert _taken(counts) == {b"one line": 100, b"another": 100}
