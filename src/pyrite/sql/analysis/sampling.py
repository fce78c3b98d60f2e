"""sample, randomSplit, sampleBy and TABLESAMPLE.

Spark draws a number for each row of a partition, from a sequence that the seed and the partition
begin. Where the partitions are known, the optimizer adds them to the plan, and Pyrite draws the
same numbers, so the same rows are chosen. Elsewhere DuckDB draws others.
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
    Expression,
    Literal,
    SortOrder,
)
from pyrite.sql.expressions.number_text import double_text
from pyrite.sql.functions.type_coercion import cast_to
from pyrite.sql.plans.plan import (
    LogicalPlan,
    Project,
    Sample,
    Sort,
)
from pyrite.sql.plans.unresolved import UnresolvedSample
from pyrite.sql.types import DOUBLE, MapType

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer
    from pyrite.sql.analysis.expressions import ExpressionResolver

__all__ = ["HANDLERS", "sample_by"]


def _sample(analyzer: Analyzer, node: UnresolvedSample, outer: Scope | None) -> Resolved:
    child = analyzer.resolve(node.child, outer)
    share = node.upper - node.lower
    if node.with_replacement and not share >= 0:  # nor NaN
        raise requirement_failed(
            f"Sampling fraction ({double_text(share)}) must be nonnegative with replacement"
        )
    if not node.with_replacement and not 0 <= share <= 1:
        raise requirement_failed(
            f"Sampling fraction ({double_text(share)}) must be on interval [0, 1] "
            "without replacement"
        )
    plan = child.plan
    if node.deterministic_order:
        order = [SortOrder(a) for a in plan.output if not isinstance(a.data_type, MapType)]
        plan = Sort(tuple(order), False, plan) if order else plan
    sample = Sample(node.lower, node.upper, node.with_replacement, _seed(node.seed), plan)
    return replace(child, plan=sample, inner=None)


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
    fraction_column = Alias(cast_to(share, DOUBLE, analyzer.ansi), "fraction")
    plan = Project((*plan.output, fraction_column), plan)
    sample = Sample(
        0.0,
        1.0,
        False,
        _seed(parameters.get("seed")),
        plan,
        fraction=fraction_column.to_attribute(),
    )
    return Project(output, sample)


def _seed(given: int | None) -> int:
    return secrets.randbits(63) if given is None else given


HANDLERS: dict[type[LogicalPlan], Any] = {UnresolvedSample: _sample}
