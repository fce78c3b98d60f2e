"""Joins equal those of one dictionary of lists, whichever way they are done."""

import os
import random
from itertools import product

import pytest

from pyrite.core.events import TaskMetrics
from pyrite.core.shuffle import JoinType, external, join
from pyrite.core.shuffle.memory import MemoryMeter

NAN = float("nan")
KEYS = [None, 1, True, 1.0, 0.0, -0.0, "a", "b", (1, None), (1.0, None), 2**70, b"a"]
TYPES = [JoinType(*keeps) for keeps in product([False, True], repeat=2)]
UNLIMITED = 1 << 40


def plainly(left, right, join_type):
    """One dictionary, filled record by record."""
    table = {}
    for side, records in enumerate((left, right)):
        for key, value in records:
            table.setdefault(key, ([], []))[side].append(value)
    joined = []
    for key, (values, others) in table.items():
        if not values and join_type.keeps_right:
            values = [None]
        if not others and join_type.keeps_left:
            others = [None]
        joined += [(key, pair) for pair in product(values, others)]
    return joined


def unique(rng):
    keys = rng.sample(range(400), 300)
    return [(key, rng.choice([None, key, [key], -0.0])) for key in keys]


def repeated(rng):
    return [(rng.choice(KEYS), n) for n in range(300)]


def not_numbers(rng):
    """Keys that are equal by identity only."""
    return [(NAN if n % 3 else float("nan"), n) for n in range(9)]


def late(rng):
    """Keys that first come again long after they came, with another type."""
    return [(n, n) for n in range(17_000)] + [(8500.0, "again"), (True, None)]


SIDES = {
    "nothing": lambda rng: [],
    "one": lambda rng: [(1, None)],
    "equal keys": lambda rng: [(True, 1), (1.0, 2)],
    "unique": unique,
    "repeated": repeated,
    "not numbers": not_numbers,
    "late": late,
}


@pytest.mark.parametrize("join_type", TYPES)
@pytest.mark.parametrize(("left", "right"), list(product(SIDES, SIDES)))
def test_pairs_and_their_order_are_those_of_one_dictionary(tmp_path, left, right, join_type):
    rng = random.Random(3)
    inputs = [SIDES[left](rng), SIDES[right](rng)]
    expected = repr(plainly(*inputs, join_type))
    assert repr(list(join(*map(iter, inputs), join_type, UNLIMITED, str(tmp_path)))) == expected
    if left in ("nothing", "one", "unique"):
        known = join(*inputs, join_type, UNLIMITED, str(tmp_path), left_is_unique=True)
        assert repr(list(known)) == expected


@pytest.mark.parametrize("looks", range(9))
@pytest.mark.parametrize("join_type", TYPES)
@pytest.mark.parametrize(("left", "right"), list(product(["unique", "repeated"], repeat=2)))
def test_memory_may_end_at_any_time(tmp_path, monkeypatch, left, right, join_type, looks):
    seen = []
    monkeypatch.setattr(MemoryMeter, "exceeded", lambda self: seen.append(1) or len(seen) > looks)
    monkeypatch.setattr(external.slices, "__defaults__", (70,))
    rng = random.Random(4)
    inputs = [SIDES[left](rng), SIDES[right](rng)]
    metrics = TaskMetrics()
    result = list(join(*inputs, join_type, 0, str(tmp_path), metrics))
    # Of equal keys the one that is met first depends on what went to disk.
    assert sorted(map(_comparable, result)) == sorted(map(_comparable, plainly(*inputs, join_type)))
    assert metrics.disk_bytes_spilled > 0 or (looks >= 5 and "repeated" not in (left, right))
    assert os.listdir(tmp_path) == []


def _comparable(record):
    key, pair = record
    return hash(key), repr(pair)


def test_the_first_input_is_streamed_where_its_keys_are_known_to_differ(tmp_path):
    read = []
    left = ((n, read.append(n)) for n in range(100_000))
    joined = join(left, [(0, "a")], JoinType(), UNLIMITED, str(tmp_path), left_is_unique=True)
    assert read == []
    assert next(joined) == (0, (None, "a"))
    assert read == [0]


@pytest.mark.parametrize(
    ("record", "message"), [(([], 1), "unhashable"), ((1, 2, 3), "unpack"), (7, "unpack")]
)
@pytest.mark.parametrize("side", [0, 1])
def test_what_is_no_pair_with_a_key_fails(tmp_path, record, message, side):
    inputs = [[("a", 1)], [("a", 2)]]
    inputs[side].append(record)
    with pytest.raises((TypeError, ValueError), match=message):
        list(join(*inputs, JoinType(), UNLIMITED, str(tmp_path)))
