"""sample, randomSplit, sampleBy and TABLESAMPLE.

Spark draws a number for each row of a partition, from a sequence that the seed and the partition
begin. Where the partitions are known, since the rows came with the plan or are a range, Pyrite
draws the same numbers, so the same rows are chosen. Elsewhere DuckDB draws others.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis.scope import Resolved, Scope
from pyrite.sql.errors import requirement_failed
from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Expression,
    Literal,
    SortOrder,
    new_expression_id,
)
from pyrite.sql.functions.type_coercion import cast_to
from pyrite.sql.plans.plan import (
    Filter,
    LocalRelation,
    LogicalPlan,
    Project,
    Range,
    Sample,
    Sort,
    SubqueryAlias,
)
from pyrite.sql.plans.unresolved import UnresolvedSample
from pyrite.sql.types import DOUBLE, INTEGER, MapType, to_arrow

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer
    from pyrite.sql.analysis.expressions import ExpressionResolver

__all__ = ["HANDLERS", "sample_by"]

#: Ranges and local rows up to this number are sampled as Spark does.
_MOST_ROWS = 1_000_000


def _sample(analyzer: Analyzer, node: UnresolvedSample, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    share = node.upper - node.lower
    if node.with_replacement and share < 0:
        raise requirement_failed(
            f"Sampling fraction ({share}) must be nonnegative with replacement"
        )
    if not node.with_replacement and not 0 <= share <= 1:
        raise requirement_failed(
            f"Sampling fraction ({share}) must be on interval [0, 1] without replacement"
        )
    plan, partition = _partitioned(analyzer, child.plan)
    if node.deterministic_order:
        keys = [a for a in child.plan.output if not isinstance(a.data_type, MapType)]
        order = [SortOrder(key) for key in ([partition] if partition else []) + keys]
        plan = Sort(tuple(order), False, plan) if order else plan
    sample = Sample(
        node.lower, node.upper, node.with_replacement, _seed(node.seed), plan, partition
    )
    return replace(child, plan=_without(sample, child.plan.output), inner=None)


def sample_by(
    analyzer: Analyzer,
    resolver: ExpressionResolver,
    plan: LogicalPlan,
    columns: Sequence[Expression],
    parameters: dict[str, Any],
) -> LogicalPlan:
    """Return a plan that keeps of each stratum's rows the share that is given for it."""
    output = plan.output
    fractions: list[Expression] = []
    for stratum, fraction in parameters["fractions"]:
        if not 0 <= fraction <= 1:
            raise requirement_failed(f"Fractions must be in [0, 1], but got {fraction}.")
        fractions += [resolver.call("=", columns[0], resolver.resolve(stratum))]
        fractions += [Literal(fraction, DOUBLE)]
    zero = Literal(0.0, DOUBLE)
    share = resolver.call("when", *fractions, zero) if fractions else zero
    plan, partition = _partitioned(analyzer, plan)
    fraction_column = Alias(cast_to(share, DOUBLE, analyzer.ansi), "fraction")
    plan = Project((*plan.output, fraction_column), plan)
    sample = Sample(
        0.0,
        1.0,
        False,
        _seed(parameters.get("seed")),
        plan,
        partition,
        fraction_column.to_attribute(),
    )
    return _without(sample, output)


def _seed(given: int | None) -> int:
    return secrets.randbits(63) if given is None else given


def _without(plan: LogicalPlan, output: tuple[Attribute, ...]) -> LogicalPlan:
    """Return a plan without the columns that were added for sampling."""
    return plan if len(plan.output) == len(output) else Project(output, plan)


def _partitioned(analyzer: Analyzer, plan: LogicalPlan) -> tuple[LogicalPlan, Attribute | None]:
    """Return a plan with the number of each row's partition as one more column, if it is known."""
    parallelism = analyzer.session.shared.context.defaultParallelism
    return _numbered(plan, parallelism) or (plan, None)


def _numbered(plan: LogicalPlan, parallelism: int) -> tuple[LogicalPlan, Attribute] | None:
    match plan:
        case Range():
            count = plan.num_partitions or parallelism
            values = range(plan.start, plan.end, plan.step)
            if len(values) <= _MOST_ROWS:
                return _with_partitions(plan.attributes, [values], len(values), count)
        case LocalRelation():
            rows = plan.table.num_rows
            if rows <= _MOST_ROWS:
                columns = plan.table.columns
                return _with_partitions(plan.attributes, columns, rows, min(parallelism, rows))
        case Project():
            below = _numbered(plan.child, parallelism)
            if below is not None:
                return Project((*plan.project_list, below[1]), below[0]), below[1]
        case Filter() | SubqueryAlias():
            below = _numbered(plan.child, parallelism)
            if below is not None:
                return replace(plan, child=below[0]), below[1]
    return None


def _with_partitions(
    attributes: tuple[Attribute, ...], columns: Sequence[Any], rows: int, count: int
) -> tuple[LogicalPlan, Attribute]:
    """Return rows that are cut into ``count`` partitions of nearly equal size."""
    import pyarrow as pa

    partition = Attribute("partition", INTEGER, False, new_expression_id())
    numbers = [((place + 1) * count - 1) // rows for place in range(rows)]
    arrays = [
        pa.array(column, to_arrow(a.data_type)) if isinstance(column, range) else column
        for a, column in zip(attributes, columns, strict=True)
    ]
    names = [str(place) for place in range(len(arrays) + 1)]
    table = pa.table([*arrays, pa.array(numbers, pa.int32())], names=names)
    return LocalRelation((*attributes, partition), table), partition


HANDLERS: dict[type[LogicalPlan], Any] = {UnresolvedSample: _sample}
