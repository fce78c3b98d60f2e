"""Placement: where the rows of an operator are, when a plan runs in several tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from pyrite.sql.optimizer.distribution.clustering import Keys
from pyrite.sql.plans.exchange import Exchange, Partitioning
from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["ClusterFacts", "Placed", "Where", "hashed", "with_children"]


@dataclass(frozen=True)
class ClusterFacts:
    """What is known outside of the plan.

    Attributes:
        bytes_of: How large the rows of a plan are thought to be.
        can_split: Whether tasks can each read a part of a leaf.
        can_read: Whether tasks can read a leaf at all.
        small: Up to so many bytes of a leaf, every task reads all of it by itself.
        broadcast: Up to so many bytes, rows are sent to every task.
        broadcast_stage: As ``broadcast``, for rows whose size was measured.
        filter: Up to so many bytes of one side of a join filter the other before it is sent.
        tasks: How many tasks an operator has.
    """

    bytes_of: Callable[[LogicalPlan], int]
    can_split: Callable[[LogicalPlan], bool]
    can_read: Callable[[LogicalPlan], bool]
    small: int
    broadcast: int
    broadcast_stage: int
    filter: int
    tasks: int


class Where(Enum):
    """Where the rows of an operator are."""

    #: In the driver, and nowhere else.
    DRIVER = "driver"
    #: Any task could compute all of them, and so can the driver if no stage is read.
    ANYWHERE = "anywhere"
    #: In parts, one for each task.
    PARTITIONS = "partitions"


@dataclass(frozen=True)
class Placed:
    """An operator with what it needs below it.

    Attributes:
        plan: The operator.
        where: Where its rows are.
        clusterings: In partitions: keys, each of which alone decides the partition of a row.
    """

    plan: LogicalPlan
    where: Where
    clusterings: tuple[Keys, ...] = ()


def hashed(plan: LogicalPlan, keys: Keys) -> Placed:
    """Return rows that are sent to the partitions of their keys."""
    return Placed(Exchange(Partitioning.HASH, keys, plan), Where.PARTITIONS, (keys,))


def with_children(plan: LogicalPlan, children: Sequence[LogicalPlan]) -> LogicalPlan:
    """Return an operator over other inputs."""
    each = iter(children)
    return plan.map_children(lambda _: next(each))
