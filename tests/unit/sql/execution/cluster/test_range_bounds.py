"""Where ranges of keys begin."""

from bisect import bisect_right

import pytest

from pyrite.sql.execution.cluster.range_bounds import range_bounds

KEYS = [n.to_bytes(2, "big") for n in range(1000)]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_ranges_have_equally_many_keys(count):
    bounds = range_bounds(reversed(KEYS), count)
    assert len(bounds) == count - 1
    sizes = [0] * count
    for key in KEYS:
        sizes[bisect_right(bounds, key)] += 1
    assert max(sizes) - min(sizes) <= 1


def test_equal_keys_stay_together():
    assert range_bounds([b"a"] * 10, 4) == ()
    assert range_bounds([b"a"] * 10 + [b"b"], 4) == ()
    assert range_bounds([b"a"] * 5 + [b"b"] * 5, 4) == (b"b",)
    assert range_bounds([], 4) == ()
