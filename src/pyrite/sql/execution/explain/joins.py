"""Joins: what their conditions are made of, and which kind of join Spark would choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyrite.sql.analysis.calls import typed_call
from pyrite.sql.execution.explain.expression_text import list_text
from pyrite.sql.execution.explain.predicates import column_ids, conjuncts, equal_sides, is_movable
from pyrite.sql.execution.explain.sizes import Cached, size_of
from pyrite.sql.expressions.expression import Attribute, Cast, Expression
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.plans.plan import Filter, Join, JoinType, LogicalPlan, Project, SubqueryAlias

__all__ = ["JoinParts", "JoinStrategy", "join_parts", "join_strategy"]

_INNER = {JoinType.INNER, JoinType.CROSS}
#: The join types whose left, or right, rows come out, or do not, each by itself. A condition
#: above the join may be tested on them, and the other side can be the one that is looked into.
_KEEPS_LEFT = {*_INNER, JoinType.LEFT_OUTER, JoinType.LEFT_SEMI, JoinType.LEFT_ANTI}
_KEEPS_RIGHT = {*_INNER, JoinType.RIGHT_OUTER}
#: The join types where the join's own condition on one side may be tested on that side.
_TESTS_LEFT = {*_INNER, JoinType.RIGHT_OUTER, JoinType.LEFT_SEMI}
_TESTS_RIGHT = _KEEPS_LEFT


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
        elif not placed(condition, kind in _KEEPS_LEFT, kind in _KEEPS_RIGHT):
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


@dataclass(frozen=True)
class JoinStrategy:
    """How a join is done.

    Attributes:
        name: The operator.
        side: The input that is made into a table or sent around: 0 left, 1 right, None neither.
    """

    name: str
    side: int | None = None

    @property
    def build(self) -> str:
        """The side in Spark's words."""
        return "" if self.side is None else ("BuildLeft", "BuildRight")[self.side]

    def arguments(self, join_type: str, parts: JoinParts, condition: str) -> str:
        """Return what follows the operator's name."""
        tested = [condition] if condition else []
        keys = [list_text(parts.left_keys), list_text(parts.right_keys)]
        match self.name:
            case "CartesianProduct":
                texts = tested
            case "BroadcastNestedLoopJoin":
                texts = [self.build, join_type, *tested]
            case "BroadcastHashJoin":
                texts = [*keys, join_type, self.build, *(tested or ["false"]), "false"]
            case _:
                texts = [*keys, join_type, *([self.build] if self.build else []), *tested]
        return ", ".join(texts)


def join_strategy(plan: Join, has_keys: bool, threshold: int, cached: Cached) -> JoinStrategy:
    """Return how Spark would do a join: as hinted, else by the sizes of its inputs.

    Args:
        plan: The join.
        has_keys: Whether something must be equal.
        threshold: The most bytes that are sent to everyone.
        cached: As in ``size_of``.
    """
    hints = _hint(plan.left), _hint(plan.right)
    can = plan.join_type in _KEEPS_RIGHT, plan.join_type in _KEEPS_LEFT
    sizes = size_of(plan.left, cached).bytes, size_of(plan.right, cached).bytes

    def best(sides: Sequence[bool]) -> int | None:
        chosen = [side for side in (1, 0) if sides[side]]
        return min(chosen, key=lambda side: sizes[side], default=None)

    def hinted(name: str) -> int | None:
        return best([can[side] and hints[side] == name for side in (0, 1)])

    small = best([can[side] and sizes[side] <= threshold for side in (0, 1)])
    sent = hinted("broadcast")
    product = plan.join_type in _INNER
    if not has_keys:
        if sent is None and product and ("shuffle_replicate_nl" in hints or small is None):
            return JoinStrategy("CartesianProduct")
        sides = [side for side in (sent, small, best([True, True])) if side is not None]
        return JoinStrategy("BroadcastNestedLoopJoin", sides[0])
    hashed = hinted("shuffle_hash")
    if sent is not None:
        return JoinStrategy("BroadcastHashJoin", sent)
    if "merge" in hints:
        return JoinStrategy("SortMergeJoin")
    if hashed is not None:
        return JoinStrategy("ShuffledHashJoin", hashed)
    if "shuffle_replicate_nl" in hints and product:
        return JoinStrategy("CartesianProduct")
    if small is not None:
        return JoinStrategy("BroadcastHashJoin", small)
    return JoinStrategy("SortMergeJoin")


def _hint(plan: LogicalPlan) -> str | None:
    """Return what was hinted about the rows of one side of a join."""
    while isinstance(plan, (SubqueryAlias, Project, Filter)):
        if isinstance(plan, SubqueryAlias) and plan.hint is not None:
            return plan.hint
        plan = plan.child
    return None
