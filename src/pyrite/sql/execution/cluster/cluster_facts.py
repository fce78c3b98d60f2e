"""Cluster facts: whether a query runs in tasks, and what its planning knows outside of the plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pyrite.sql.conf import ENTRIES
from pyrite.sql.execution.cluster.assignments import DealingRules
from pyrite.sql.optimizer.distribution.leaves import (
    can_read_elsewhere,
    can_split,
    scanned_bytes,
)
from pyrite.sql.optimizer.distribution.placement import ClusterFacts
from pyrite.sql.plans.plan import CachedRelation, LogicalPlan, subplans
from pyrite.sql.session_state import SessionState

__all__ = ["cluster_facts", "dealing_rules", "is_distributed", "is_kept_in_tasks", "is_small"]

_BROADCAST_THRESHOLD = ENTRIES["spark.sql.autoBroadcastJoinThreshold"]
#: For rows that have been computed; without it, the one above holds for them too.
_ADAPTIVE_BROADCAST_THRESHOLD = replace(
    _BROADCAST_THRESHOLD,
    key="spark.sql.adaptive.autoBroadcastJoinThreshold",
    fallback=_BROADCAST_THRESHOLD.key,
)
_FILTER_THRESHOLD = ENTRIES[
    "spark.sql.optimizer.runtime.bloomFilter.materializedCreationSideThreshold"
]
_MAX_PARTITION_BYTES = ENTRIES["spark.sql.files.maxPartitionBytes"]

_ADAPTIVE = ENTRIES["spark.sql.adaptive.enabled"]
_COALESCE = ENTRIES["spark.sql.adaptive.coalescePartitions.enabled"]
_SMALLEST = ENTRIES["spark.sql.adaptive.coalescePartitions.minPartitionSize"]
_ADVISED = ENTRIES["spark.sql.adaptive.advisoryPartitionSizeInBytes"]
_SPLIT_SKEWED = ENTRIES["spark.sql.adaptive.skewJoin.enabled"]
_SKEW_FACTOR = ENTRIES["spark.sql.adaptive.skewJoin.skewedPartitionFactor"]
_SKEW_BYTES = ENTRIES["spark.sql.adaptive.skewJoin.skewedPartitionThresholdInBytes"]

#: Up to so many bytes, each task reads a table by itself: that is quicker than one task more.
_SMALL_BYTES = 8 << 20


def is_distributed(session: SessionState, plan: LogicalPlan) -> bool:
    """Whether a plan is cut into tasks: there are executors, and it is too large for one task.

    Args:
        session: Whose query it is.
        plan: A resolved plan.
    """
    shape = session.shared.context.cluster_shape
    if shape is None:
        return False
    most: int = session.conf.read(_MAX_PARTITION_BYTES)
    return scanned_bytes(plan) > most or _reads_kept_stage(session, plan)


def _reads_kept_stage(session: SessionState, plan: LogicalPlan) -> bool:
    if CachedRelation not in plan.marks:
        return False
    return any(
        (isinstance(node, CachedRelation) and is_kept_in_tasks(session, node))
        or any(_reads_kept_stage(session, inner) for inner in subplans(node))
        for node in plan.walk()
    )


def is_kept_in_tasks(session: SessionState, relation: CachedRelation) -> bool:
    """Whether executors have the rows of a relation, or will, as far as can be told before."""
    kept = session.shared.cache.kept(relation.key)
    if kept is None:
        return False
    return kept.stage is not None if kept.is_stored else is_distributed(session, kept.plan)


def is_small(session: SessionState, size: int) -> bool:
    """Whether so many bytes are no work for several tasks."""
    return size <= _small_bytes(session)


def _small_bytes(session: SessionState) -> int:
    most: int = session.conf.read(_MAX_PARTITION_BYTES)
    return min(_SMALL_BYTES, most)


def cluster_facts(session: SessionState, bytes_of: Callable[[LogicalPlan], int]) -> ClusterFacts:
    """Return what decides where exchanges are put.

    Args:
        session: Whose query it is; its application has executors.
        bytes_of: How large the rows of a plan are thought to be.
    """
    shape, conf = session.shared.context.cluster_shape, session.conf
    assert shape is not None
    return ClusterFacts(
        bytes_of=bytes_of,
        can_split=can_split,
        can_read=can_read_elsewhere,
        small=_small_bytes(session),
        broadcast=conf.read(_BROADCAST_THRESHOLD),
        broadcast_stage=conf.read(_ADAPTIVE_BROADCAST_THRESHOLD),
        filter=conf.read(_FILTER_THRESHOLD),
        tasks=shape.executors,
    )


def dealing_rules(session: SessionState) -> DealingRules:
    """Return how the buckets of exchanges are dealt to tasks.

    Args:
        session: Whose query it is; its application has executors.
    """
    shape, conf = session.shared.context.cluster_shape, session.conf
    assert shape is not None
    is_adaptive: bool = conf.read(_ADAPTIVE)
    return DealingRules(
        tasks=shape.executors,
        coalesces=is_adaptive and conf.read(_COALESCE),
        smallest=conf.read(_SMALLEST),
        advised=conf.read(_ADVISED),
        splits=is_adaptive and conf.read(_SPLIT_SKEWED),
        skew_factor=conf.read(_SKEW_FACTOR),
        skew_bytes=conf.read(_SKEW_BYTES),
    )
