"""The batches that PySpark's serializers would make."""

import pytest

from pyrite.core.serializers.pyspark_batches import BY_SIZE, in_batches


def sizes(elements, size=BY_SIZE):
    return [len(batch) for batch in in_batches(elements, size)]


def test_a_fixed_size_leaves_the_rest_for_the_last():
    assert list(in_batches(iter(range(5)), 2)) == [[0, 1], [2, 3], [4]]
    assert sizes([], 3) == []


def test_batches_double_until_one_fills_64_kib():
    assert sizes(range(20)) == [1, 2, 4, 8, 5]
    assert sizes(["x" * 10_000] * 1) == [1]
    different = [f"{i:05}" * 4000 for i in range(20)]
    assert sizes(different) == [1, 2, 4, 4, 4, 4, 1]


def test_batches_that_are_far_too_full_shrink():
    small, large = ["a", "b", "c"], [f"{i:05}" * 100_000 for i in range(9)]
    assert sizes(small + large) == [1, 2, 4, 2, 1, 1, 1]


def test_elements_need_to_pickle_only_where_their_size_counts():
    unpicklable = (i for i in ())
    assert sizes([unpicklable, unpicklable], 1) == [1, 1]
    with pytest.raises(TypeError, match="generator"):
        sizes([unpicklable, unpicklable])
