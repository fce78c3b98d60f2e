"""How a plan's rows are cut into partitions: what the RDD of a DataFrame shows.

DuckDB computes a query as a whole. Its rows are cut afterwards, where Spark would have them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from pyrite.core.conf import ConfigEntry, parse_bytes
from pyrite.sql.conf import SHUFFLE_PARTITIONS
from pyrite.sql.expressions.expression import (
    Expression,
    Literal,
    SubqueryExpression,
    WindowExpression,
)
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState
from pyrite.sql.sources.file_format import FileScan
from pyrite.sql.sources.file_index import FileIndex

__all__ = [
    "Partitioning",
    "file_partitions",
    "is_constant_rows",
    "partitioning_of",
    "ranges_over",
    "row_limit",
]

_ADVISORY_BYTES = ConfigEntry("spark.sql.adaptive.advisoryPartitionSizeInBytes", "64m", parse_bytes)
_LARGEST_SPLIT = ConfigEntry("spark.sql.files.maxPartitionBytes", "128m", parse_bytes)
_OPEN_COST = ConfigEntry("spark.sql.files.openCostInBytes", "4m", parse_bytes)


@dataclass(frozen=True, slots=True)
class Partitioning:
    """How many partitions there are.

    Attributes:
        count: How many; None for as many as the size of the rows asks for.
        most: The most there may be, where ``count`` is None.
        advisory_bytes: The size partitions should have, where ``count`` is None.
        buckets: Where ``count`` is None, how many partitions there are before adaptive
            execution joins small neighbours to one; 0 where that is not known.
    """

    count: int | None = None
    most: int = 1
    advisory_bytes: int = 1
    buckets: int = 0

    def number(self, total_bytes: int) -> int:
        """Return how many partitions rows of ``total_bytes`` are cut into."""
        if self.count is not None:
            return self.count
        return max(1, min(self.most, -(-total_bytes // self.advisory_bytes)))


def partitioning_of(plan: LogicalPlan, session: SessionState) -> Partitioning:
    """Return how Spark would partition the rows of a resolved plan."""
    rule = _RULES.get(type(plan))
    if rule is not None:
        return rule(plan, session)
    if type(plan) in _ROW_BY_ROW:
        return partitioning_of(plan.children[-1], session)
    return _shuffled(session)


def _shuffled(session: SessionState) -> Partitioning:
    """Return what adaptive execution makes of a shuffle: partitions of the advised size."""
    conf = session.conf
    return Partitioning(None, conf.read(SHUFFLE_PARTITIONS), _ADVISORY_BYTES.read(conf.explicit()))


def _repartition(plan: plans.Repartition, session: SessionState) -> Partitioning:
    count = plan.num_partitions
    if plan.shuffle or count is None:
        if count is not None:
            return Partitioning(count)
        found = _shuffled(session)
        return replace(found, buckets=found.most) if plan.keys else found
    child = replace(partitioning_of(plan.child, session), buckets=0)
    if child.count is None:
        return replace(child, most=min(count, child.most))
    return Partitioning(min(count, child.count))


def _range(plan: plans.Range, session: SessionState) -> Partitioning:
    return Partitioning(plan.num_partitions or session.shared.context.defaultParallelism)


def _local(plan: LogicalPlan, session: SessionState) -> Partitioning:
    return Partitioning(session.shared.context.defaultParallelism)


def _one(plan: LogicalPlan, session: SessionState) -> Partitioning:
    return Partitioning(1)


def is_constant_rows(plan: LogicalPlan) -> bool:
    """Whether a plan is VALUES: rows of constants."""
    return isinstance(plan, plans.Union) and all(
        isinstance(row, plans.Project)
        and isinstance(row.child, plans.OneRowRelation)
        and not any(item.find(SubqueryExpression) for item in row.project_list)
        for row in plan.inputs
    )


def _union(plan: plans.Union, session: SessionState) -> Partitioning:
    if is_constant_rows(plan):
        return Partitioning(min(len(plan.inputs), session.shared.context.defaultParallelism))
    children = [partitioning_of(child, session) for child in plan.children]
    counts = [child.count for child in children if child.count is not None]
    return Partitioning(sum(counts)) if len(counts) == len(children) else _shuffled(session)


def ranges_over(expressions: Sequence[Expression]) -> bool:
    """Whether an expression needs other rows than its own: a window function does."""
    return any(expression.find(WindowExpression) is not None for expression in expressions)


def _nodes(expression: Expression) -> Iterator[Expression]:
    return expression.walk()


def _project(plan: plans.Project, session: SessionState) -> Partitioning:
    windows = [
        node
        for item in plan.project_list
        for node in _nodes(item)
        if isinstance(node, WindowExpression)
    ]
    if not windows:
        return partitioning_of(plan.child, session)
    return _shuffled(session) if any(window.partition for window in windows) else Partitioning(1)


def _numbered(plan: plans.Numbered, session: SessionState) -> Partitioning:
    return Partitioning(plan.count)


def _cached(plan: plans.CachedRelation, session: SessionState) -> Partitioning:
    kept = session.shared.cache.kept(plan.key)
    return Partitioning(1) if kept is None else partitioning_of(kept.plan, session)


def row_limit(plan: LogicalPlan) -> int | None:
    """Return a number that the rows of a plan are not more than, None if none is known."""
    match plan:
        case plans.Range():
            return len(range(plan.start, plan.end, plan.step))
        case plans.LocalRelation():
            return int(plan.table.num_rows)
        case plans.OneRowRelation():
            return 1
        case plans.SourceRelation(scan=FileScan() as scan):
            return sum(file.length for file in scan.request.index.files)  # no more than bytes
        case plans.Limit(limit=Literal(value=int() as limit)):
            return limit
        case plans.Union():
            limits = [row_limit(child) for child in plan.inputs]
            known = [limit for limit in limits if limit is not None]
            return sum(known) if len(known) == len(limits) else None
        case _ if type(plan) in _NEVER_MORE:
            return row_limit(plan.children[-1])
    return None


def _aggregate(plan: plans.Aggregate, session: SessionState) -> Partitioning:
    return _shuffled(session) if plan.grouping else Partitioning(1)


def _sort(plan: plans.Sort, session: SessionState) -> Partitioning:
    return _shuffled(session) if plan.is_global else partitioning_of(plan.child, session)


def _scan(plan: plans.SourceRelation, session: SessionState) -> Partitioning:
    given: int | None = getattr(plan.scan, "partitions", None)
    if given is not None:
        return Partitioning(given)
    if not isinstance(plan.scan, FileScan):
        return Partitioning(1)
    numbers = [number for _, number in _packed(plan.scan.request.index, session)]
    return Partitioning(max(numbers, default=0) + 1)


def file_partitions(index: FileIndex, session: SessionState) -> Sequence[int] | None:
    """Return the number of each file's partition; None if a file is cut into several."""
    packed = _packed(index, session)
    if len(packed) > len(index.files):
        return None
    return [number for _, number in sorted(packed)]


def _packed(index: FileIndex, session: SessionState) -> list[tuple[int, int]]:
    """Pack files into partitions as Spark does: cut at the largest size, small ones together.

    Returns:
        For each piece of a file the place of the file in the index, and its partition's number.
    """
    conf = session.conf.explicit()
    open_cost = _OPEN_COST.read(conf)
    cores = session.shared.context.defaultParallelism
    total = sum(file.length + open_cost for file in index.files)
    largest = min(_LARGEST_SPLIT.read(conf), max(open_cost, total // cores))
    pieces = [
        (min(largest, file.length - start), place)
        for place, file in enumerate(index.files)
        for start in range(0, file.length or 1, largest)
    ]
    number, filled, packed = -1, 0, []
    for size, place in sorted(pieces, key=itemgetter(0), reverse=True):
        if number < 0 or filled + size > largest:
            number, filled = number + 1, 0
        filled += size + open_cost
        packed.append((place, number))
    return packed


_RULES: dict[type[LogicalPlan], Callable[[Any, SessionState], Partitioning]] = {
    plans.CachedRelation: _cached,
    plans.Numbered: _numbered,
    plans.Project: _project,
    plans.Repartition: _repartition,
    plans.Range: _range,
    plans.LocalRelation: _local,
    plans.OneRowRelation: _one,
    plans.Limit: _one,
    plans.Offset: _one,
    plans.Tail: _one,
    plans.Union: _union,
    plans.Aggregate: _aggregate,
    plans.Sort: _sort,
    plans.SourceRelation: _scan,
}

#: Operators whose rows stay where their input's rows are.
_ROW_BY_ROW = {
    plans.Filter,
    plans.SubqueryAlias,
    plans.Generate,
    plans.Unpivot,
    plans.Sample,
    plans.CollectMetrics,
    plans.With,
    plans.EvalPython,
    plans.MapPartitions,
    plans.PythonTableFunction,
}

#: Operators that give at most one row for each row of their input.
_NEVER_MORE = {
    plans.Aggregate,
    plans.CollectMetrics,
    plans.Distinct,
    plans.EvalPython,
    plans.Filter,
    plans.Numbered,
    plans.Offset,
    plans.Project,
    plans.Repartition,
    plans.Sort,
    plans.SubqueryAlias,
}
