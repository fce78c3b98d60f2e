"""``joinWith`` of JVM clients: a join whose rows are pairs of the two sides' rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pyrite.sql.expressions.expression import Expression
from pyrite.sql.expressions.unresolved import (
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedFunction,
    UnresolvedStar,
)
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import ToDF, UnresolvedJoin, UnresolvedProject

__all__ = ["pairs"]

#: Names of a whole row beside its columns, which the condition needs; no client uses them.
_ROWS = ("row of the left", "row of the right")


def pairs(join: UnresolvedJoin, sides: Any) -> LogicalPlan:
    """Return the pairs ``_1`` and ``_2`` of the rows of a join.

    A row that a side lacks, as in an outer join, is null.

    Args:
        join: The join as it is without pairs.
        sides: The message ``JoinDataType``: whether each side's rows are structs; the others
            have one column, and it stands for the row.
    """
    left, right = (
        _with_row(plan, name) for plan, name in zip((join.left, join.right), _ROWS, strict=True)
    )
    whole: list[Callable[[str], Expression]] = [
        _row if is_struct else _only_column
        for is_struct in (sides.is_left_struct, sides.is_right_struct)
    ]
    columns = tuple([read(name) for read, name in zip(whole, _ROWS, strict=True)])
    joined = replace(join, left=left, right=right)
    return ToDF(("_1", "_2"), UnresolvedProject(columns, joined))


def _with_row(plan: LogicalPlan, name: str) -> LogicalPlan:
    row = UnresolvedFunction(("struct",), (UnresolvedStar(),))
    return UnresolvedProject((UnresolvedStar(), UnresolvedAlias(row, name)), plan)


def _row(name: str) -> Expression:
    return UnresolvedAttribute((name,))


def _only_column(name: str) -> Expression:
    return UnresolvedStar((name,))
