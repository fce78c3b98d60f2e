"""Combining and sorting by key within a partition, where no shuffle is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pyrite.core.env import SparkEnv
from pyrite.core.events import TaskMetrics
from pyrite.core.shuffle import Aggregator, AggregatorKind, KeyOrdering
from pyrite.core.shuffle.external import ExternalMerger, ExternalSorter, slices
from pyrite.core.shuffle.merge_loops import combiner_loop, spill_groups, value_loop
from pyrite.core.task_context import TaskContext

__all__ = ["combine_in_place", "sort_in_place"]


def combine_in_place(
    aggregator: Aggregator, _index: int, elements: Iterator[Any]
) -> Iterable[tuple[Any, Any]]:
    """Combine the values of each key of one partition; spills past the memory limit.

    Args:
        aggregator: How values become combiners.
        elements: The partition's pairs.
    """
    env = SparkEnv.get()
    merger = ExternalMerger(
        combiner_loop(aggregator),
        env.memory_limit,
        env.spill_dir,
        _metrics(),
        spill_groups if aggregator.kind is AggregatorKind.GROUP else None,
    )
    merger.insert(slices(elements), value_loop(aggregator))
    return merger.items()


def sort_in_place(
    ordering: KeyOrdering, _index: int, elements: Iterator[Any]
) -> Iterable[tuple[Any, Any]]:
    """Sort the pairs of one partition by key; spills past the memory limit.

    Args:
        ordering: What is compared, and which end comes first.
        elements: The partition's pairs.
    """
    env = SparkEnv.get()
    sorter = ExternalSorter(
        ordering.sort_key(), ordering.ascending, env.memory_limit, env.spill_dir, _metrics()
    )
    return sorter.sort(slices(elements))


def _metrics() -> TaskMetrics:
    task = TaskContext.get()
    return TaskMetrics() if task is None else task.metrics
