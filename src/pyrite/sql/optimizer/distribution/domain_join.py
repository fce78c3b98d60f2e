"""DomainJoin: any correlation as an equality, by the values that the outer rows have.

The *domain* is what outer rows have in the columns that a subquery reads, each combination once.
Joined with it, the subquery's rows know for which of these values they are; what is compared with
outer rows then is the domain's columns, and only for equality (Neumann, Kemper 2015: Unnesting
arbitrary queries). The outer plan is computed a second time for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Call,
    Expression,
    WindowExpression,
)
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.conditions import has_subquery, substituted
from pyrite.sql.optimizer.distribution.new_ids import with_new_ids
from pyrite.sql.optimizer.distribution.outer_references import outer_ids, read_ids
from pyrite.sql.plans.plan import (
    Aggregate,
    CachedRelation,
    Distinct,
    Filter,
    Join,
    LocalRelation,
    LogicalPlan,
    OneRowRelation,
    Project,
    Range,
    Sort,
    SourceRelation,
    SubqueryAlias,
    Union,
)
from pyrite.sql.types import BOOLEAN

__all__ = ["Domain", "domain_of"]

#: Operators that give the same values when they are computed again. Aggregates do not: the last
#: digits of a sum of fractions depend on the order of the rows.
_REPEATABLE = (
    CachedRelation,
    Distinct,
    Filter,
    Join,
    LocalRelation,
    OneRowRelation,
    Project,
    Range,
    Sort,
    SourceRelation,
    SubqueryAlias,
    Union,
)


@dataclass(frozen=True)
class Domain:
    """The values of some columns of an outer plan, each combination once.

    Attributes:
        plan: Gives them.
        columns: By the id of an outer column: the column of the domain.
        equal: That an outer row has the domain's values.
    """

    plan: LogicalPlan
    columns: dict[int, Attribute]
    equal: tuple[Expression, ...]

    def over(self, conditions: Sequence[Expression]) -> list[Expression]:
        """Return conditions on outer columns as conditions on the domain's."""
        return [substituted(condition, self.columns) for condition in conditions]


def domain_of(outer: LogicalPlan, conditions: Sequence[Expression]) -> Domain | None:
    """Return the domain for conditions.

    Args:
        outer: The outer plan.
        conditions: What reads columns of it.

    Returns:
        None if the outer plan might give other values when it is computed again.
    """
    read = set().union(*map(read_ids, conditions))
    compared = tuple(a for a in outer.output if a.expression_id in read)
    if not compared or outer_ids(outer) or not all(map(_is_repeatable, outer.walk())):
        return None
    values = tuple(Alias(a, a.name) for a in compared)
    plan = with_new_ids(Aggregate(compared, values, outer))
    columns = {a.expression_id: b for a, b in zip(compared, plan.output, strict=True)}
    same = builtin_functions()["<=>"]
    equal = [Call(same, (columns[a.expression_id], a), BOOLEAN, False) for a in compared]
    return Domain(plan, columns, tuple(equal))


def _is_repeatable(plan: LogicalPlan) -> bool:
    return isinstance(plan, _REPEATABLE) and all(
        e.deterministic and not has_subquery(e) and not e.find(WindowExpression)
        for e in plan.expressions
    )
