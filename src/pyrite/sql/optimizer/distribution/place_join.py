"""Joins in several tasks: one side sent to all of them, or both to where their keys meet."""

from __future__ import annotations

from dataclasses import replace

from pyrite.sql.expressions.expression import Expression
from pyrite.sql.optimizer.conditions import all_of, conjuncts, equal_sides, ids_of
from pyrite.sql.optimizer.distribution.clustering import Keys
from pyrite.sql.optimizer.distribution.placement import (
    ClusterFacts,
    Placed,
    Where,
    hashed,
    with_children,
)
from pyrite.sql.optimizer.join_strategy import KEEPS_LEFT, KEEPS_RIGHT, hint_of
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.exchange import Exchange, Partitioning, QueryStage, RuntimeFilter
from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["place_join"]

#: A side that was measured is sent to all tasks if that moves so many times fewer bytes than to
#: move the other side; and what it may have at most.
_SENT_SHARE = 2
_MOST_SENT = 128 << 20

#: What joins are asked for whose rows are to meet by their keys.
_SHUFFLE_HINTS = {"merge", "shuffle_hash"}

#: The join types that drop rows of the left, or right, side which have no partner.
_DROPS_LEFT = {
    plans.JoinType.INNER,
    plans.JoinType.LEFT_SEMI,
    plans.JoinType.RIGHT_OUTER,
}
_DROPS_RIGHT = {
    plans.JoinType.INNER,
    plans.JoinType.LEFT_SEMI,
    plans.JoinType.LEFT_ANTI,
    plans.JoinType.LEFT_OUTER,
}


def place_join(plan: plans.Join, left: Placed, right: Placed, facts: ClusterFacts) -> Placed | None:
    """Place a join whose inputs have been placed.

    Args:
        plan: The join.
        left: Its left input.
        right: Its right input.
        facts: What is known outside of the plan.

    Returns:
        None if it has to run in the driver.
    """
    keeps_left, keeps_right = plan.join_type in KEEPS_LEFT, plan.join_type in KEEPS_RIGHT
    places = left.where, right.where
    if places == (Where.ANYWHERE, Where.ANYWHERE):
        return _both(plan, left, right, Where.ANYWHERE)
    if places == (Where.PARTITIONS, Where.ANYWHERE) and keeps_left:
        return _both(plan, left, right, Where.PARTITIONS, left.clusterings)
    if places == (Where.ANYWHERE, Where.PARTITIONS) and keeps_right:
        return _both(plan, left, right, Where.PARTITIONS, right.clusterings)
    if Where.PARTITIONS not in places:
        return None
    keys = _equal_keys(plan)
    small = _sent_side(plan, (left, right), facts, keys is not None)
    if small is not None:
        return _with_sent(plan, left, right, small)
    if not keys or Where.DRIVER in places:
        return None
    return _shuffled(facts, plan, left, right, keys)


def _sent_side(
    plan: plans.Join, sides: tuple[Placed, Placed], facts: ClusterFacts, has_keys: bool
) -> int | None:
    """Return which side is sent to all tasks of the other, None if neither is."""
    can = plan.join_type in KEEPS_RIGHT, plan.join_type in KEEPS_LEFT
    sendable = [side for side in (0, 1) if can[side] and _is_apart(sides[1 - side])]
    sizes = [facts.bytes_of(placed.plan) for placed in sides]
    hints = hint_of(plan.left), hint_of(plan.right)
    asked = [side for side in sendable if hints[side] == "broadcast"]
    small = min(asked or sendable, key=lambda side: sizes[side], default=None)
    if small is None or asked or not has_keys:
        return small
    if not _SHUFFLE_HINTS.isdisjoint(hints):
        return None
    return small if _is_sent(facts, sides[small], sizes[small], sizes[1 - small]) else None


def _is_apart(placed: Placed) -> bool:
    return placed.where is Where.PARTITIONS


def _is_sent(facts: ClusterFacts, placed: Placed, size: int, other: int) -> bool:
    """Whether one side of a join is sent to all tasks of the other side.

    A side whose size has been measured is sent, too, if that is much less than the other
    side, all of which would have to move.
    """
    is_stage = isinstance(placed.plan, QueryStage)
    threshold = facts.broadcast_stage if is_stage else facts.broadcast
    if size <= threshold:
        return True
    is_measured = is_stage and threshold > 0
    most = min(other // (_SENT_SHARE * facts.tasks), _MOST_SENT)
    return is_measured and size <= most


def _with_sent(plan: plans.Join, left: Placed, right: Placed, side: int) -> Placed:
    """Place a join one side of which is sent to all tasks of the other."""
    sides = [left, right]
    other = sides[1 - side]
    sides[side] = _sent(sides[side])
    return _both(plan, sides[0], sides[1], Where.PARTITIONS, other.clusterings)


def _shuffled(
    facts: ClusterFacts, plan: plans.Join, left: Placed, right: Placed, keys: tuple[Keys, Keys]
) -> Placed:
    """Place a join whose rows meet by their keys."""
    sides = (left, right)
    # One side may lie as is wanted already: by some of the keys, which are then enough.
    for side, placed in enumerate(sides):
        for known in placed.clusterings:
            places = [keys[side].index(key) for key in known if key in keys[side]]
            if places and len(places) == len(known):
                other = tuple(keys[1 - side][place] for place in places)
                if other in sides[1 - side].clusterings:
                    return _joined(plan, left, right)
    lie = []
    for side, placed in enumerate(sides):
        lying = _by_keys(placed, keys[side])
        if lying is None:
            rows = _filtered(facts, plan, side, placed.plan, sides[1 - side].plan, keys[1 - side])
            lying = hashed(rows, keys[side])
        lie.append(lying)
    return _joined(plan, *lie)


def _filtered(
    facts: ClusterFacts,
    plan: plans.Join,
    side: int,
    rows: LogicalPlan,
    other: LogicalPlan,
    keys: Keys,
) -> LogicalPlan:
    """Return one side of a join without rows that are known to find no partner.

    Where a relation that has all keys of the other side has been computed, and is not large,
    it filters this side before that is sent: a runtime filter.
    """
    stages = [
        node
        for node in other.walk()
        if isinstance(node, QueryStage)
        and node.bytes <= facts.filter
        and set(keys) <= set(node.output)
    ]
    can_drop = plan.join_type in (_DROPS_LEFT if side == 0 else _DROPS_RIGHT)
    if not stages or not can_drop or isinstance(rows, QueryStage):
        return rows
    stage = replace(min(stages, key=lambda node: node.bytes), whole=True)
    condition = all_of(part for part, _ in _equal_pairs(plan))
    return rows if condition is None else RuntimeFilter(rows, stage, condition)


def _joined(plan: plans.Join, left: Placed, right: Placed) -> Placed:
    inner = plan.join_type is plans.JoinType.INNER
    kept = left.clusterings if plan.join_type in KEEPS_LEFT else ()
    if plan.join_type in KEEPS_RIGHT:
        kept = (*kept, *right.clusterings) if inner else right.clusterings
    return _both(plan, left, right, Where.PARTITIONS, kept)


def _both(
    plan: LogicalPlan,
    left: Placed,
    right: Placed,
    where: Where,
    clusterings: tuple[Keys, ...] = (),
) -> Placed:
    return Placed(with_children(plan, [left.plan, right.plan]), where, clusterings)


def _sent(placed: Placed) -> Placed:
    """Return rows that every task gets all of."""
    plan = placed.plan
    if isinstance(plan, QueryStage):  # it lies on the machines already
        return Placed(replace(plan, whole=True), Where.ANYWHERE)
    return Placed(Exchange(Partitioning.BROADCAST, (), plan), Where.ANYWHERE)


def _by_keys(placed: Placed, keys: Keys) -> Placed | None:
    """Return rows as they lie if keys decide their partition, else None."""
    plan = placed.plan
    if isinstance(plan, QueryStage) and plan.partitioning is Partitioning.HASH:
        if plan.keys == keys:
            return Placed(replace(plan, whole=False), Where.PARTITIONS, (keys,))
    elif keys in placed.clusterings:
        return placed
    return None


def _equal_pairs(plan: plans.Join) -> list[tuple[Expression, tuple[Expression, Expression]]]:
    """Return the parts of a join's condition that pair rows, with what is equal on both sides."""
    left, right = set(ids_of(plan.left.output)), set(ids_of(plan.right.output))
    sides = [(part, equal_sides(part, left, right)) for part in conjuncts(plan.condition)]
    return [(part, pair) for part, pair in sides if pair is not None]


def _equal_keys(plan: plans.Join) -> tuple[Keys, Keys] | None:
    """Return what must be equal on both sides of a join, None if nothing must."""
    pairs = [pair for _, pair in _equal_pairs(plan)]
    if not pairs:
        return None
    return tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
