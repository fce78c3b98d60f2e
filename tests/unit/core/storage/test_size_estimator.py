"""Estimates against what Python really allocates."""

import tracemalloc
from array import array

import numpy as np
import pytest

from pyrite.core.storage.size_estimator import estimate_size


class Slotted:
    __slots__ = ("left", "right")

    def __init__(self, left, right):
        self.left = left
        self.right = right


class Plain:
    def __init__(self, text):
        self.text = text


MAKERS = {
    "ints": lambda: list(range(1000, 101_000)),
    "floats": lambda: [i / 7 for i in range(100_000)],
    "texts": lambda: [f"some text {i}" * 3 for i in range(30_000)],
    "pairs": lambda: [(i + 1000, i / 3) for i in range(50_000)],
    "pairs of lists": lambda: [(i + 1000, [i + 2000, i + 3000]) for i in range(30_000)],
    "dict": lambda: {f"key {i}": i + 1000 for i in range(50_000)},
    "set": lambda: {i * 7 + 1000 for i in range(50_000)},
    "objects": lambda: [Plain(f"text {i}") for i in range(20_000)],
    "slots": lambda: [Slotted(i + 1000, i / 3) for i in range(20_000)],
    "arrays": lambda: [np.ones(100) for _ in range(2_000)],
    "array module": lambda: [array("d", [1.0] * 500) for _ in range(500)],
    "one array": lambda: np.ones(1_000_000),
}


@pytest.mark.parametrize("name", MAKERS)
def test_estimates_are_near_the_truth(name):
    tracemalloc.start()
    try:
        value = MAKERS[name]()
        truth, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.7 * truth < estimate_size(value) < 1.5 * truth


def test_what_is_shared_counts_once():
    text = "x" * 100_000
    holder = Plain(text)
    assert estimate_size([holder] * 50) < 110_000


def test_cycles_end():
    cycle = [1]
    cycle.append(cycle)
    assert 50 < estimate_size(cycle) < 1000


def test_deep_nesting_is_followed():
    nested = ["x" * 10_000]
    for _ in range(5000):
        nested = [nested]
    assert estimate_size(nested) > 10_000


def test_arrays_of_objects_count_their_objects():
    value = np.array(["x" * 1000] * 100 + [None], dtype=object)
    assert estimate_size(value) > 90_000


def test_classes_and_modules_are_free():
    assert estimate_size([np, Plain, len, None, True]) < 200
