"""What listeners are told of an RDD."""

from __future__ import annotations

from collections.abc import Iterable

from pyrite.core.events import RDDInfo
from pyrite.core.rdd.lineage import BaseRDD

__all__ = ["rdd_infos"]


def rdd_infos(rdds: Iterable[BaseRDD]) -> tuple[RDDInfo, ...]:
    """Describe RDDs for listeners, in order of their ids."""
    return tuple(
        RDDInfo(
            rdd_id=rdd.id(),
            name=rdd.name() or type(rdd).__name__,
            callsite=rdd.call_site,
            parent_ids=tuple(dependency.rdd.id() for dependency in rdd.dependencies),
            storage_level=rdd.getStorageLevel(),
            barrier=rdd.is_barrier,
            num_partitions=len(rdd.partitions),
        )
        for rdd in sorted(rdds, key=lambda rdd: rdd.id())
    )
