"""Pipe steps: ``FROM t |> WHERE a > 1 |> SELECT b``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyrite.sql.expressions.expression import Expression
from pyrite.sql.expressions.unresolved import UnresolvedAlias, UnresolvedAttribute, UnresolvedStar
from pyrite.sql.plans.unresolved import (
    DropColumns,
    UnresolvedAggregate,
    UnresolvedDistinct,
    UnresolvedFilter,
    UnresolvedProject,
    UnresolvedSetOperation,
    UnresolvedSubqueryAlias,
    WithColumns,
)

if TYPE_CHECKING:
    from pyrite.sql.parser.queries import QueryReader
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["read_pipe"]


def read_pipe(reader: QueryReader, plan: LogicalPlan) -> LogicalPlan:
    """Read the step behind ``|>``.

    Args:
        reader: Where to read.
        plan: What the steps before give.

    Raises:
        SparkError: PARSE_SYNTAX_ERROR.
    """
    rule = _STEPS.get(reader.kind)
    if rule is not None:
        reader.index += 1
        return rule(reader, plan)
    if reader.kind in ("ORDER", "SORT", "CLUSTER", "DISTRIBUTE", "LIMIT", "OFFSET"):
        return reader.organized(plan)
    if reader.kind in ("PIVOT", "UNPIVOT"):
        return reader.pivots(plan)
    if reader.kind == "TABLESAMPLE":
        return reader.sampled(plan)
    joined = reader.join(plan)
    if joined is None:
        reader.fail()
    return joined


def _select(reader: QueryReader, plan: LogicalPlan) -> LogicalPlan:
    reader.index -= 1
    return reader.select(plan)


def _where(reader: QueryReader, plan: LogicalPlan) -> LogicalPlan:
    return UnresolvedFilter(reader.expression(), plan)


def _extend(reader: QueryReader, plan: LogicalPlan) -> LogicalPlan:
    added = reader.list_of(reader.named_expression)
    return UnresolvedProject((UnresolvedStar(), *added), plan)


def _set(reader: QueryReader, plan: LogicalPlan) -> LogicalPlan:
    for alias in reader.list_of(lambda: _assignment(reader)):
        plan = WithColumns((alias,), plan)
    return plan


def _assignment(reader: QueryReader) -> UnresolvedAlias:
    name = reader.name()
    reader.expect("=")
    return UnresolvedAlias(reader.expression(), name)


def _drop(reader: QueryReader, plan: LogicalPlan) -> LogicalPlan:
    columns: tuple[Expression, ...] = tuple(
        UnresolvedAttribute((name,)) for name in reader.list_of(reader.name)
    )
    return DropColumns(columns, (), plan)


def _as(reader: QueryReader, plan: LogicalPlan) -> LogicalPlan:
    return UnresolvedSubqueryAlias(reader.strict_name(), plan)


def _aggregate(reader: QueryReader, plan: LogicalPlan) -> LogicalPlan:
    aggregates: tuple[Expression, ...] = ()
    if not reader.at("GROUP", "BY"):
        aggregates = reader.list_of(reader.named_expression)
    if reader.accept("GROUP", "BY"):
        return reader.aggregate(aggregates, plan, keep=True)
    return UnresolvedAggregate((), aggregates, plan)


def _lateral(reader: QueryReader, plan: LogicalPlan) -> LogicalPlan:
    reader.index -= 1
    return reader.lateral_views(plan)


def _set_operation(operation: str) -> Callable[[QueryReader, LogicalPlan], LogicalPlan]:
    def rule(reader: QueryReader, plan: LogicalPlan) -> LogicalPlan:
        quantifier = reader.accept_one(("ALL", "DISTINCT"))
        right = reader.query_primary()
        return UnresolvedSetOperation(plan, right, operation, quantifier == "ALL")

    return rule


def _distinct(reader: QueryReader, plan: LogicalPlan) -> LogicalPlan:
    return UnresolvedDistinct(plan)


_STEPS: dict[str, Callable[[QueryReader, LogicalPlan], LogicalPlan]] = {
    "AGGREGATE": _aggregate,
    "AS": _as,
    "DISTINCT": _distinct,
    "DROP": _drop,
    "EXCEPT": _set_operation("except"),
    "EXTEND": _extend,
    "INTERSECT": _set_operation("intersect"),
    "LATERAL": _lateral,
    "MINUS": _set_operation("except"),
    "SELECT": _select,
    "SET": _set,
    "UNION": _set_operation("union"),
    "WHERE": _where,
}
