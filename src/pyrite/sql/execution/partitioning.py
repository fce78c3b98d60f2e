"""How a plan's rows are cut into partitions: what the RDD of a DataFrame shows.

DuckDB computes a query as a whole. Its rows are cut afterwards, where Spark would have them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pyrite.core.conf import ConfigEntry, parse_bytes
from pyrite.sql.analysis.calls import typed_call
from pyrite.sql.conf import ANSI_ENABLED, SHUFFLE_PARTITIONS
from pyrite.sql.expressions.expression import Alias, Expression, Literal, SortOrder
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import INTEGER

__all__ = ["Partitioning", "bucketed", "partitioning_of"]

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
        buckets: How many values ``bucketed`` gives rows by their keys, as Spark's hash
            partitioning does; rows of one bucket are in one partition. 0 without such keys.
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
        found = _shuffled(session) if count is None else Partitioning(count)
        return replace(found, buckets=count or found.most) if _hashes(plan) else found
    child = replace(partitioning_of(plan.child, session), buckets=0)
    if child.count is None:
        return replace(child, most=min(count, child.most))
    return Partitioning(min(count, child.count))


def _hashes(plan: plans.Repartition) -> bool:
    return bool(plan.keys) and not isinstance(plan.keys[0], SortOrder)


def bucketed(plan: LogicalPlan, session: SessionState) -> LogicalPlan | None:
    """Return a plan that also gives each row's bucket, as its last column.

    Args:
        plan: One whose ``partitioning_of`` has buckets.
        session: For its functions and settings.

    Returns:
        None where the operators above the repartitioning leave no way for the bucket.
    """
    match plan:
        case plans.Repartition() if _hashes(plan):
            bucket = Alias(_bucket(plan, session), "bucket")
            return plans.Project((*plan.child.output, bucket), plan.child)
        case plans.Project():
            child = bucketed(plan.child, session)
            if child is None:
                return None
            return plans.Project((*plan.project_list, child.output[-1]), child)
        case plans.Filter() | plans.SubqueryAlias() | plans.Sort(is_global=False):
            child = bucketed(plan.child, session)
            return None if child is None else replace(plan, child=child)
    return None


def _bucket(plan: plans.Repartition, session: SessionState) -> Expression:
    functions = builtin_functions()
    ansi = session.conf.read(ANSI_ENABLED)
    count = Literal(partitioning_of(plan, session).buckets, INTEGER)
    hashed = typed_call(functions["hash"], plan.keys, ansi)
    return typed_call(functions["pmod"], [hashed, count], ansi)


def _range(plan: plans.Range, session: SessionState) -> Partitioning:
    return Partitioning(plan.num_partitions or session.shared.context.defaultParallelism)


def _local(plan: LogicalPlan, session: SessionState) -> Partitioning:
    return Partitioning(session.shared.context.defaultParallelism)


def _one(plan: LogicalPlan, session: SessionState) -> Partitioning:
    return Partitioning(1)


def _union(plan: plans.Union, session: SessionState) -> Partitioning:
    children = [partitioning_of(child, session) for child in plan.children]
    counts = [child.count for child in children if child.count is not None]
    return Partitioning(sum(counts)) if len(counts) == len(children) else _shuffled(session)


def _aggregate(plan: plans.Aggregate, session: SessionState) -> Partitioning:
    return _shuffled(session) if plan.grouping else Partitioning(1)


def _sort(plan: plans.Sort, session: SessionState) -> Partitioning:
    return _shuffled(session) if plan.is_global else partitioning_of(plan.child, session)


def _scan(plan: plans.SourceRelation, session: SessionState) -> Partitioning:
    """Pack files into splits as Spark does: cut at the largest size, small ones together."""
    given: int | None = getattr(plan.scan, "partitions", None)
    if given is not None:
        return Partitioning(given)
    index = getattr(plan.scan, "index", None)
    sizes = [file.length for file in index.files] if index is not None else []
    if not sizes:
        return Partitioning(1)
    conf = session.conf.explicit()
    open_cost = _OPEN_COST.read(conf)
    cores = session.shared.context.defaultParallelism
    total = sum(size + open_cost for size in sizes)
    largest = min(_LARGEST_SPLIT.read(conf), max(open_cost, total // cores))
    pieces = sorted(
        (min(largest, size - start) for size in sizes for start in range(0, size or 1, largest)),
        reverse=True,
    )
    count, filled = 0, 0
    for piece in pieces:
        if not count or filled + piece > largest:
            count, filled = count + 1, 0
        filled += piece + open_cost
    return Partitioning(count)


_RULES: dict[type[LogicalPlan], Callable[[Any, SessionState], Partitioning]] = {
    plans.Repartition: _repartition,
    plans.Range: _range,
    plans.LocalRelation: _local,
    plans.OneRowRelation: _one,
    plans.Limit: _one,
    plans.Tail: _one,
    plans.Union: _union,
    plans.Aggregate: _aggregate,
    plans.Sort: _sort,
    plans.SourceRelation: _scan,
}

#: Operators whose rows stay where their input's rows are.
_ROW_BY_ROW = {
    plans.Project,
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
