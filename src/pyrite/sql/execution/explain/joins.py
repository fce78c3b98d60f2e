"""Joins: what their conditions are made of, and how plans show that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyrite.sql.analysis.calls import typed_call
from pyrite.sql.execution.explain.expression_text import list_text
from pyrite.sql.execution.explain.predicates import is_movable
from pyrite.sql.expressions.expression import Attribute, Cast, Expression
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.conditions import column_ids, conjuncts, equal_sides
from pyrite.sql.optimizer.join_strategy import KEEPS_LEFT, KEEPS_RIGHT, JoinStrategy
from pyrite.sql.plans.plan import Join, JoinType

__all__ = ["JoinParts", "join_arguments", "join_parts"]

_INNER = {JoinType.INNER, JoinType.CROSS}
#: The join types where the join's own condition on one side may be tested on that side.
_TESTS_LEFT = {*_INNER, JoinType.RIGHT_OUTER, JoinType.LEFT_SEMI}
_TESTS_RIGHT = KEEPS_LEFT


@dataclass(frozen=True)
class JoinParts:
    """A join's conditions, and those above it, by where they are tested.

    Attributes:
        keys: Pairs of expressions, of the left and the right side, that must be equal.
        others: What else the join tests.
        for_left: What its left input tests.
        for_right: What its right input tests.
        above: What is left to test above it.
    """

    keys: list[tuple[Expression, Expression]]
    others: list[Expression]
    for_left: list[Expression]
    for_right: list[Expression]
    above: list[Expression]

    @property
    def left_keys(self) -> list[Expression]:
        """The left side's part of each key."""
        return [left for left, _ in self.keys]

    @property
    def right_keys(self) -> list[Expression]:
        """The right side's part of each key."""
        return [right for _, right in self.keys]


def join_parts(plan: Join, above: Sequence[Expression]) -> JoinParts:
    """Sort a join's conditions, and those above it, by where they are tested."""
    kind = plan.join_type
    left, right = ({a.expression_id for a in side.output} for side in (plan.left, plan.right))
    parts = JoinParts([], [], [], [], [])

    def placed(condition: Expression, at_left: bool, at_right: bool) -> bool:
        ids = column_ids(condition)
        if not ids or not is_movable(condition):
            return False
        if at_left and ids <= left:
            parts.for_left.append(condition)
        elif at_right and ids <= right:
            parts.for_right.append(condition)
        else:
            return False
        return True

    for condition in conjuncts(plan.condition):
        pair = equal_sides(condition, left, right)
        if pair is not None:
            parts.keys.append(pair)
        elif not placed(condition, kind in _TESTS_LEFT, kind in _TESTS_RIGHT):
            parts.others.append(condition)
    for condition in above:
        pair = equal_sides(condition, left, right) if kind in _INNER else None
        if pair is not None:
            parts.keys.append(pair)
        elif not placed(condition, kind in KEEPS_LEFT, kind in KEEPS_RIGHT):
            parts.above.append(condition)
    for left_key, right_key in parts.keys:
        if kind in _TESTS_LEFT:
            parts.for_left.extend(_null_check(left_key))
        if kind in _TESTS_RIGHT:
            parts.for_right.extend(_null_check(right_key))
    return parts


def _null_check(key: Expression) -> list[Expression]:
    """Return the test that a key is not null: such rows have no partner."""
    column = key.child if isinstance(key, Cast) else key
    if not (isinstance(column, Attribute) and column.nullable):
        return []
    return [typed_call(builtin_functions()["isnotnull"], [column], True)]


def join_arguments(strategy: JoinStrategy, join_type: str, parts: JoinParts, condition: str) -> str:
    """Return what follows the operator's name."""
    tested = [condition] if condition else []
    keys = [list_text(parts.left_keys), list_text(parts.right_keys)]
    match strategy.name:
        case "CartesianProduct":
            texts = tested
        case "BroadcastNestedLoopJoin":
            texts = [strategy.build, join_type, *tested]
        case "BroadcastHashJoin":
            texts = [*keys, join_type, strategy.build, *(tested or ["false"]), "false"]
        case _:
            texts = [*keys, join_type, *([strategy.build] if strategy.build else []), *tested]
    return ", ".join(texts)
