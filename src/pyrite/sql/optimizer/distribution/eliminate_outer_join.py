"""EliminateOuterJoin: rows with made-up nulls that a condition above drops need not be made."""

from __future__ import annotations

from collections.abc import Iterable

from pyrite.sql.expressions.expression import Attribute, Call, Cast, Expression
from pyrite.sql.optimizer.conditions import call_name
from pyrite.sql.plans.plan import JoinType

__all__ = ["join_type_under", "rejects_nulls"]

#: Functions that are null when any argument is.
_COMPARISONS = frozenset(["=", "!=", "<", "<=", ">", ">="])
_STRICT = _COMPARISONS | {"+", "-", "*", "/", "%", "not", "like", "ilike"}
#: By join type: what it becomes when rows without a left partner are dropped, when rows
#: without a right partner are, and when both are.
_TYPES = {
    JoinType.LEFT_OUTER: (JoinType.LEFT_OUTER, JoinType.INNER, JoinType.INNER),
    JoinType.RIGHT_OUTER: (JoinType.INNER, JoinType.RIGHT_OUTER, JoinType.INNER),
    JoinType.FULL_OUTER: (JoinType.LEFT_OUTER, JoinType.RIGHT_OUTER, JoinType.INNER),
}


def join_type_under(
    join_type: JoinType,
    conditions: Iterable[Expression],
    left: frozenset[int],
    right: frozenset[int],
) -> JoinType:
    """Return the type that a join may have below conditions.

    Args:
        join_type: The type it has.
        conditions: What must hold for the rows of the join.
        left: The ids of the left side's columns.
        right: Those of the right side's.
    """
    if join_type not in _TYPES:
        return join_type
    conditions = [*conditions]
    needs_left = any(rejects_nulls(part, left) for part in conditions)
    needs_right = any(rejects_nulls(part, right) for part in conditions)
    if not (needs_left or needs_right):
        return join_type
    return _TYPES[join_type][2 if needs_left and needs_right else 0 if needs_left else 1]


def rejects_nulls(condition: Expression, columns: frozenset[int]) -> bool:
    """Whether a condition does not hold for a row that has only nulls in the given columns."""
    match call_name(condition):
        case "and":
            return any(rejects_nulls(part, columns) for part in condition.children)
        case "or":
            return all(rejects_nulls(part, columns) for part in condition.children)
        case "isnotnull":
            return _is_null(condition.children[0], columns)
        case _:
            return _is_null(condition, columns)


def _is_null(expression: Expression, columns: frozenset[int]) -> bool:
    """Whether a value is null for a row that has only nulls in the given columns."""
    match expression:
        case Attribute():
            return expression.expression_id in columns
        case Cast():
            return _is_null(expression.child, columns)
        case Call() if expression.function.name == "in":
            return _is_null(expression.arguments[0], columns)
        case Call() if expression.function.name in _STRICT:
            return any(_is_null(argument, columns) for argument in expression.arguments)
        case _:
            return False
