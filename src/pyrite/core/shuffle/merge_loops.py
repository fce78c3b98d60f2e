"""The loops that merge records into a dictionary, chosen by an aggregator's kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pyrite.core.codegen import Operator, Sink, SinkKind, fuse
from pyrite.core.shuffle.external import MergeLoop, SpilledList
from pyrite.core.shuffle.handle import Aggregator, AggregatorKind
from pyrite.core.shuffle.spill_file import SpillFile

__all__ = ["cogroup_loops", "combiner_loop", "spill_cogroups", "spill_groups", "value_loop"]


def value_loop(aggregator: Aggregator, operators: tuple[Operator, ...] = ()) -> MergeLoop:
    """Return the loop that applies ``operators`` and merges ``(key, value)`` records."""
    sink = {
        AggregatorKind.REDUCE: Sink(SinkKind.COMBINE, aggregator.merge_value),
        AggregatorKind.GROUP: Sink(SinkKind.GROUP),
        AggregatorKind.GENERAL: Sink(
            SinkKind.COMBINE, aggregator.merge_value, create=aggregator.create_combiner
        ),
    }[aggregator.kind]
    loop: MergeLoop = fuse(operators, sink)
    return loop


def combiner_loop(aggregator: Aggregator) -> MergeLoop:
    """Return the loop that merges ``(key, combiner)`` records."""
    loop: MergeLoop = fuse((), Sink(SinkKind.COMBINE, aggregator.merge_combiners))
    return loop


def spill_groups(table: dict[Any, Any], file: SpillFile) -> None:
    """Move every list of a table of lists into the file."""
    for key, group in table.items():
        if not isinstance(group, SpilledList):
            table[key] = group = SpilledList(file, group)
        group.flush()


def spill_cogroups(table: dict[Any, Any], file: SpillFile) -> None:
    """Move every list of a table of tuples of lists into the file."""
    for key, groups in table.items():
        moved = tuple(
            group if isinstance(group, SpilledList) else SpilledList(file, group)
            for group in groups
        )
        for group in moved:
            group.flush()
        table[key] = moved


def cogroup_loops(count: int) -> tuple[list[MergeLoop], MergeLoop]:
    """Return the loops that build a table of tuples of ``count`` lists.

    Returns:
        For each input the loop that merges its ``(key, value)`` records; and the loop that
        merges ``(key, tuple of lists)`` records.
    """

    def values_of(index: int) -> MergeLoop:
        before, after = range(index), range(index + 1, count)

        def merge(records: Iterable[tuple[Any, Any]], table: dict[Any, Any]) -> None:
            for key, value in records:
                if key in table:
                    table[key][index].append(value)
                else:
                    table[key] = (*[[] for _ in before], [value], *[[] for _ in after])

        return merge

    def left_values(records: Iterable[tuple[Any, Any]], table: dict[Any, Any]) -> None:
        for key, value in records:
            if key in table:
                table[key][0].append(value)
            else:
                table[key] = ([value], [])

    def right_values(records: Iterable[tuple[Any, Any]], table: dict[Any, Any]) -> None:
        for key, value in records:
            if key in table:
                table[key][1].append(value)
            else:
                table[key] = ([], [value])

    def merge_groups(records: Iterable[tuple[Any, Any]], table: dict[Any, Any]) -> None:
        for key, groups in records:
            if key in table:
                for mine, more in zip(table[key], groups, strict=True):
                    mine.extend(more)
            else:
                table[key] = groups

    if count == 2:  # a join: worth loops of its own
        return [left_values, right_values], merge_groups
    return [values_of(index) for index in range(count)], merge_groups
