"""ExecutorPlan: what executors take of the machines of a cluster, and how many have room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pyrite.core.conf import ConfigEntry, parse_bytes
from pyrite.core.scheduler.resources import executor_amounts

__all__ = ["ExecutorPlan", "plan_executors", "room_for"]

_CORES = ConfigEntry("spark.executor.cores", "0", int)
_INSTANCES = ConfigEntry("spark.executor.instances", "0", int)
_CORES_MAX = ConfigEntry("spark.cores.max", "0", int)
_MEMORY = ConfigEntry("spark.executor.memory", "0", lambda text: parse_bytes(text, "m"))

#: Ray's names of what Spark calls otherwise.
_RAY_NAMES = {"gpu": "GPU"}

Resources = Mapping[str, float]
"""Amounts by Ray's names: ``CPU``, ``memory`` in bytes, ``GPU``, and a cluster's own."""


@dataclass(frozen=True)
class ExecutorPlan:
    """What executors take of a cluster.

    Attributes:
        executors: How many to ask for.
        cores: CPUs of each.
        demand: All that each takes, by Ray's names.
    """

    executors: int
    cores: int
    demand: Resources = field(compare=False, repr=False, default_factory=dict)

    @property
    def description(self) -> str:
        """What an executor takes, for people."""
        words = []
        for name, amount in self.demand.items():
            is_memory = name == "memory"
            words.append(f"{amount / 2**20:g} MiB of memory" if is_memory else f"{amount:g} {name}")
        return ", ".join(words)


def plan_executors(machines: Sequence[Resources], conf: Mapping[str, str]) -> ExecutorPlan:
    """Divide a cluster's machines into executors.

    Without ``spark.executor.cores`` there is one executor for each machine, as on Spark's
    standalone clusters, of the size of the smallest. Without ``spark.executor.instances`` there
    are as many as have room, within ``spark.cores.max``, and at least one, for which a machine
    may yet come. Memory counts if ``spark.executor.memory`` is set.

    Args:
        machines: What each has.
        conf: The settings.

    Example:
        >>> plan_executors([{"CPU": 4}, {"CPU": 8}], {})
        ExecutorPlan(executors=3, cores=4)
        >>> conf = {"spark.executor.cores": "2", "spark.cores.max": "6"}
        >>> plan_executors([{"CPU": 4}, {"CPU": 8}], conf)
        ExecutorPlan(executors=3, cores=2)
    """
    cpus = [int(machine.get("CPU", 0)) for machine in machines]
    cores = _CORES.read(conf) or min((count for count in cpus if count), default=1)
    demand: dict[str, float] = {"CPU": cores}
    if memory := _MEMORY.read(conf):
        demand["memory"] = memory
    for name, amount in executor_amounts(conf).items():
        demand[_RAY_NAMES.get(name, name)] = amount
    executors = _INSTANCES.read(conf) or max(room_for(demand, machines), 1)
    if cores_max := _CORES_MAX.read(conf):
        executors = min(executors, max(cores_max // cores, 1))
    return ExecutorPlan(executors, cores, demand)


def room_for(demand: Resources, machines: Sequence[Resources]) -> int:
    """Return how many executors fit on machines that run nothing else.

    Example:
        >>> room_for({"CPU": 2, "GPU": 1}, [{"CPU": 8, "GPU": 2}, {"CPU": 8}])
        2
    """
    return sum(
        min(int(machine.get(name, 0) // amount) for name, amount in demand.items() if amount)
        for machine in machines
    )
