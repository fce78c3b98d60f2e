"""Live records are shared only when nothing in them can change."""

import enum
from collections import namedtuple
from datetime import datetime
from decimal import Decimal

import numpy as np
import pytest
from pyspark.resultiterable import ResultIterable
from pyspark.sql import Row

from pyrite.core.storage.freshness import IMMUTABLE, freshness_of

Point = namedtuple("Point", "x y")


class Text(str):
    pass


class Color(enum.Enum):
    RED = 1


@pytest.mark.parametrize(
    "records",
    [
        [],
        [1, 2.0, True, None, "a", b"b", 1j],
        [(), (1,), (1, 2)],
        [(1, ("a", (None, 2.0)))],
        [frozenset({1, (2, 3)})],
        [(1, "a"), "mixed", 3],
        [Decimal("1.5"), datetime(2020, 1, 1), range(3)],
        [np.float64(1), (np.int32(2), np.bool_(True), np.str_("a"), np.datetime64(1, "s"))],
    ],
    ids=repr,
)
def test_immutable_records_are_shared(records):
    assert freshness_of(records) == IMMUTABLE


@pytest.mark.parametrize(
    "records",
    [
        [[1], [2, "a"], []],
        [{1, 2}, set()],
        [{"a": 1}, {}],
        [bytearray(b"a")],
        [np.arange(3), np.ones((2, 2))],
        [ResultIterable([1, 2])],
        [(1, [2, (3, "a")]), (2, [])],
        [("a", {"b": 1}, [1], {2}, bytearray(b"c"), np.ones(2), 7)],
        [("a", ResultIterable([1, 2])), ("b", ResultIterable([]))],
        [([1],)],
    ],
    ids=repr,
)
def test_flat_containers_are_copied(records):
    before = [describe(record) for record in records]
    freshness = freshness_of(records)
    assert freshness is not None
    assert not freshness.shared
    copies = freshness.copier()(records)
    assert [describe(record) for record in copies] == before
    for copy in copies:
        for part in copy if type(copy) is tuple else (copy,):
            spoil(part)
    assert [describe(record) for record in records] == before


def describe(value):
    if type(value) is tuple:
        return tuple(map(describe, value))
    if isinstance(value, ResultIterable):
        return ("group", list(value), len(value), value.maxindex)
    return (type(value), repr(value))


def spoil(part):
    if isinstance(part, np.ndarray):
        part += 1
    elif isinstance(part, ResultIterable):
        part.data.append("spoilt")
    elif hasattr(part, "clear"):
        part.clear()


@pytest.mark.parametrize(
    "records",
    [
        [[[1]]],
        [(1, [[2]])],
        [(1, ([2],))],
        [(1, [2]), (1, 2)],
        [(1, [2]), (1, [2], 3)],
        [[1], {2}],
        [[1], 2],
        [{"a": []}],
        [np.array([[1], None], dtype=object)],
        [ResultIterable([[1]])],
        [object()],
        [Text("a")],
        [Color.RED],
        [Point(1, 2)],
        [Row(a=1)],
        [lambda: 1],
    ],
    ids=repr,
)
def test_everything_else_is_not_kept_live(records):
    assert freshness_of(records) is None


def test_one_odd_record_among_many_is_seen():
    records = [(i, "text") for i in range(1000)]
    records[777] = (777, ["text"])
    assert freshness_of(records) is None


def test_the_layout_of_arrays_is_kept():
    (copy,) = freshness_of([np.asfortranarray(np.ones((2, 3)))]).copier()([np.ones((2, 3)).T])
    assert copy.flags.f_contiguous


def test_deep_nesting_is_refused_not_followed_forever():
    record = 1
    for _ in range(1000):
        record = (record,)
    assert freshness_of([record]) is None
