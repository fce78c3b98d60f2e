"""ExecutorPlan: how executors divide the machines of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyrite.core.conf import ConfigEntry
from pyrite.core.errors import SparkException

__all__ = ["ExecutorPlan", "plan_executors"]

_CORES = ConfigEntry("spark.executor.cores", "0", int)
_INSTANCES = ConfigEntry("spark.executor.instances", "0", int)
_CORES_MAX = ConfigEntry("spark.cores.max", "0", int)


@dataclass(frozen=True)
class ExecutorPlan:
    """How executors divide a cluster.

    Attributes:
        executors: How many to ask for.
        cores: CPUs of each.
    """

    executors: int
    cores: int


def plan_executors(cpus: Sequence[float], conf: Mapping[str, str]) -> ExecutorPlan:
    """Divide a cluster's CPUs into executors.

    Without ``spark.executor.cores`` there is one executor for each machine, as on Spark's
    standalone clusters, of the size of the smallest. Without ``spark.executor.instances`` there
    are as many as have room, within ``spark.cores.max``.

    Args:
        cpus: The CPUs of each machine.
        conf: The settings.

    Raises:
        SparkException: If no machine has room for one executor.

    Example:
        >>> plan_executors([4, 8], {})
        ExecutorPlan(executors=3, cores=4)
        >>> plan_executors([4, 8], {"spark.executor.cores": "2", "spark.cores.max": "6"})
        ExecutorPlan(executors=3, cores=2)
    """
    usable = [int(count) for count in cpus if count >= 1]
    cores = _CORES.read(conf) or min(usable, default=1)
    room = sum(count // cores for count in usable)
    if cores_max := _CORES_MAX.read(conf):
        room = min(room, max(cores_max // cores, 1))
    executors = _INSTANCES.read(conf) or room
    if not room:
        raise SparkException(
            f"No machine of the Ray cluster has room for an executor of {cores} cores: they have "
            f"{', '.join(f'{count:g}' for count in cpus) or 'none'}. Set spark.executor.cores to "
            "less, or add larger machines."
        )
    return ExecutorPlan(executors, cores)
