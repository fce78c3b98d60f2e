"""Two inputs joined by key, keys in the order in which one dictionary would have met them.

As a rule the second input has each key only once. Then a plain dictionary of it is all there is
to build: the first input is grouped, or just streamed where its keys are known to differ, and
each key looked up. Otherwise, and past the memory limit, both inputs are grouped together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pyrite.core.events import TaskMetrics
from pyrite.core.shuffle.external import slices
from pyrite.core.shuffle.handle import Aggregator
from pyrite.core.shuffle.memory import MemoryMeter
from pyrite.core.shuffle.merge_loops import value_loop
from pyrite.core.shuffle.reader import cogroup
from pyrite.core.shuffle.spill_file import SpillFile

__all__ = ["JoinType", "join"]

Record = tuple[Any, Any]
Joined = Iterator[tuple[Any, tuple[Any, Any]]]

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class JoinType:
    """Which keys stay that only one input has; None stands for the value they lack.

    Attributes:
        keeps_left: Those of the first input.
        keeps_right: Those of the second.
    """

    keeps_left: bool = False
    keeps_right: bool = False


def join(
    left: Iterable[Record],
    right: Iterable[Record],
    join_type: JoinType,
    memory_limit: int,
    spill_directory: str,
    metrics: TaskMetrics | None = None,
    *,
    left_is_unique: bool = False,
) -> Joined:
    """Pair the values of each key.

    Args:
        left: The first input; read once, after the second as a rule.
        right: The second input; read once.
        join_type: Which keys stay that only one input has.
        memory_limit: Bytes the process may grow by before it spills.
        spill_directory: Where spilled pieces go.
        metrics: Counts what was spilled; None counts nothing.
        left_is_unique: Whether it is known that the first input has each key only once.

    Example:
        >>> inputs = [("a", 1), ("b", 2), ("a", 3)], [("a", 4)]
        >>> list(join(*inputs, JoinType(keeps_left=True), 1 << 30, "/tmp"))
        [('a', (1, 4)), ('a', (3, 4)), ('b', (2, None))]
    """
    space = _Space(memory_limit, spill_directory, metrics if metrics is not None else TaskMetrics())
    table, right = _unique_table(right, space)
    if table is not None:
        if left_is_unique:
            return _matched(left, table, join_type)
        groups, left = _group_table(left, space)
        if groups is not None:
            return _matched_groups(groups, table, join_type)
        right = space.park(table.items())
        table.clear()
    space.meter.released()
    return _crossed(cogroup([left, right], memory_limit, spill_directory, metrics), join_type)


class _Space:
    """The memory both inputs may take, and the disk for what is there when it ends."""

    def __init__(self, memory_limit: int, spill_directory: str, metrics: TaskMetrics) -> None:
        self.meter = MemoryMeter(memory_limit)
        self._directory = spill_directory
        self._metrics = metrics

    def park(self, records: Iterable[Record]) -> Iterator[Record]:
        """Move records to disk, to be read again later."""
        file = SpillFile(self._directory, self._metrics)
        return chain.from_iterable(file.batches(file.write(records)))


def _unique_table(
    records: Iterable[Record], space: _Space
) -> tuple[dict[Any, Any] | None, Iterable[Record]]:
    """Return the value of each key; or all records again, if a key comes twice or memory ends."""
    table: dict[Any, Any] = {}
    pieces = slices(records)
    for piece in pieces:
        batch = list(piece)
        new = {key: value for key, value in batch}  # says of what is no pair what a loop says
        if len(new) < len(batch) or not table.keys().isdisjoint(new):
            return None, chain(table.items(), batch, chain.from_iterable(pieces))
        table.update(new)
        if space.meter.exceeded():
            return None, chain(space.park(table.items()), chain.from_iterable(pieces))
    return table, ()


def _group_table(
    records: Iterable[Record], space: _Space
) -> tuple[dict[Any, list[Any]] | None, Iterable[Record]]:
    """Return the values of each key; or all records again, if memory ends."""
    groups: dict[Any, list[Any]] = {}
    group = value_loop(Aggregator.group())
    pieces = slices(records)
    for piece in pieces:
        group(piece, groups)
        if space.meter.exceeded():
            flat = ((key, value) for key, values in groups.items() for value in values)
            return None, chain(space.park(flat), chain.from_iterable(pieces))
    return groups, ()


def _matched(left: Iterable[Record], table: dict[Any, Any], join_type: JoinType) -> Joined:
    find = table.pop if join_type.keeps_right else table.get
    absent = None if join_type.keeps_left else _ABSENT
    for key, value in left:
        other = find(key, absent)
        if other is not _ABSENT:
            yield key, (value, other)
    if join_type.keeps_right:
        yield from _without_left(table)


def _matched_groups(
    groups: dict[Any, list[Any]], table: dict[Any, Any], join_type: JoinType
) -> Joined:
    find = table.pop if join_type.keeps_right else table.get
    absent = None if join_type.keeps_left else _ABSENT
    for key, values in groups.items():
        other = find(key, absent)
        if other is not _ABSENT:
            for value in values:
                yield key, (value, other)
    if join_type.keeps_right:
        yield from _without_left(table)


def _without_left(table: dict[Any, Any]) -> Joined:
    return ((key, (None, other)) for key, other in table.items())


def _crossed(groups: Iterable[tuple[Any, tuple[Any, ...]]], join_type: JoinType) -> Joined:
    instead_of_left = (None,) if join_type.keeps_right else ()
    instead_of_right = (None,) if join_type.keeps_left else ()
    for key, (left, right) in groups:
        for value in left or instead_of_left:
            for other in right or instead_of_right:
                yield key, (value, other)
