"""Which backend a master means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pyrite.core.errors import SparkException
from pyrite.core.scheduler.backend import SchedulerBackend
from pyrite.core.scheduler.local_backend import LocalBackend
from pyrite.core.scheduler.master import Master

__all__ = ["choose_backend"]

MakeBackend = Callable[..., SchedulerBackend]
"""Makes the backend; its arguments are those of ``LocalBackend``."""


def choose_backend(master: Master, conf: Mapping[str, str]) -> tuple[Master, MakeBackend]:
    """Return the backend of a master, and the master with what only its cluster knows.

    A cluster is joined here; the backend leaves it when it stops.

    Raises:
        SparkException: If the cluster cannot be joined, or Ray is not installed.
    """
    if master.ray_address is None:
        return master, LocalBackend
    try:
        # Half a second and much memory, of which a local application needs nothing.
        from pyrite.core.scheduler.ray_backend import RayBackend
        from pyrite.core.scheduler.ray_cluster import RayCluster
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise SparkException(
            f"The master '{master.url}' needs Ray, which is not installed: "
            "pip install 'pyrite[ray]'."
        ) from None
    cluster = RayCluster(master, conf)

    def make(*arguments: Any, **facts: Any) -> RayBackend:
        return RayBackend(cluster, *arguments, **facts)

    return replace(master, executors=cluster.plan.executors, cores=cluster.plan.cores), make
