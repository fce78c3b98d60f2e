"""TaskRequest: how much of its executor a task of a stage takes.

It is what the settings say (``spark.task.cpus``), or a resource profile that ``RDD.withResources``
gave to one of the stage's RDDs. Executors are divided into slots when they start, each a worker
with one task's share; a task that wants more takes several slots of one executor, and all that
belongs to them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyrite.core.errors import SparkException, SparkIllegalArgumentException

if TYPE_CHECKING:
    from pyspark.resource import ResourceProfile

__all__ = ["TaskRequest", "TaskResources", "profiles_of"]

_CPUS = "cpus"
_CONFLICT = (
    "Multiple ResourceProfiles specified in the RDDs for this stage, either resolve the "
    "conflicting ResourceProfiles yourself or enable spark.scheduler.resource.profileMergeConflicts"
    " and understand how Spark handles the merging them."
)
_NO_EXECUTORS_OF_ITS_OWN = (
    "ResourceProfiles are only supported on YARN and Kubernetes and Standalone with dynamic "
    "allocation enabled."
)
_ONE_KIND_OF_EXECUTOR = (
    "All executors of an application are alike: leave the ExecutorResourceRequests out of the "
    "profile, and say by spark.executor.cores, spark.executor.memory and spark.executor.resource.* "
    "what executors have."
)


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """What each task of a stage takes.

    Attributes:
        cpus: CPUs, as ``TaskContext.cpus`` tells.
        slots: How many slots of one executor.
        resources: How many of each resource, such as GPUs.
        profile_id: The profile that says so; 0 where the settings do.
    """

    cpus: int = 1
    slots: int = 1
    resources: Mapping[str, int] = field(default_factory=dict)
    profile_id: int = 0


@dataclass(frozen=True)
class TaskResources:
    """What an executor has for its tasks, and how profiles ask for it.

    Attributes:
        cores: CPUs of an executor.
        slots: Into how many slots it is divided.
        cpus_per_task: ``spark.task.cpus``.
        per_executor: How many it has of each resource, such as GPUs.
        per_task: How many of them a task gets where no profile says otherwise.
        per_slot: How many of them belong to a slot; a fraction is shared.
        merges_profiles: Whether conflicting profiles are merged
            (``spark.scheduler.resource.profileMergeConflicts``).
        has_dynamic_allocation: Whether the number of executors changes.

    Example:
        >>> from pyspark.resource import ResourceProfileBuilder, TaskResourceRequests
        >>> profile = ResourceProfileBuilder().require(TaskResourceRequests().cpus(2)).build
        >>> TaskResources(cores=4, slots=4).request([profile]).slots
        2
    """

    cores: int = 1
    slots: int = 1
    cpus_per_task: int = 1
    per_executor: Mapping[str, int] = field(default_factory=dict)
    per_task: Mapping[str, float] = field(default_factory=dict)
    per_slot: Mapping[str, float] = field(default_factory=dict)
    merges_profiles: bool = False
    has_dynamic_allocation: bool = False

    def check(self, profile: ResourceProfile) -> None:
        """Refuse a profile that no executor can meet.

        Raises:
            SparkException: If it is one; the message says what is missing.
            SparkIllegalArgumentException: If it asks for no CPUs.
        """
        if profile.executorResources:
            raise SparkException(
                _ONE_KIND_OF_EXECUTOR if self.has_dynamic_allocation else _NO_EXECUTORS_OF_ITS_OWN
            )
        wanted = {name: each.amount for name, each in profile.taskResources.items()}
        cpus = self._cpus(wanted.pop(_CPUS, None))
        if cpus > self.cores:
            raise SparkException(
                f"The number of cores per executor (={self.cores}) has to be >= the number of "
                f"cpus per task = {cpus}."
            )
        unknown = [name for name in wanted if name not in self.per_executor]
        if unknown:
            raise SparkException(
                "No executor resource configs were specified for the following task configs: "
                + ",".join(unknown)
            )
        for name, amount in wanted.items():
            if amount > self.per_executor[name]:
                raise SparkException(
                    f"The executor resource: {name}, amount: {self.per_executor[name]} needs to be "
                    f">= the task resource request amount of {float(amount)}"
                )
        if self.request([profile]).slots > self.slots:
            raise SparkException(
                f"A task of this resource profile takes more than an executor's {self.slots} slots "
                f"have: {dict(wanted)}. Give executors more cores, or an amount that is a multiple "
                "of their slots."
            )

    def request(self, profiles: Collection[ResourceProfile]) -> TaskRequest:
        """Return what a stage's tasks take, given the profiles of its RDDs.

        Raises:
            SparkIllegalArgumentException: If they conflict and are not to be merged.
        """
        if not profiles:
            return TaskRequest(self.cpus_per_task, 1, _whole(self.per_task))
        if len(profiles) > 1 and not self.merges_profiles:
            raise SparkIllegalArgumentException(_CONFLICT)
        wanted = _largest(
            (name, request.amount)
            for profile in profiles
            for name, request in profile.taskResources.items()
        )
        cpus = self._cpus(wanted.pop(_CPUS, None))
        shares = [amount / self.per_slot[name] for name, amount in wanted.items()]
        if cpus != self.cpus_per_task:
            shares.append(cpus * self.slots / self.cores)
        return TaskRequest(
            cpus,
            math.ceil(max(shares, default=1)),
            _whole(wanted),
            max(profile.id for profile in profiles),
        )

    def _cpus(self, amount: float | None) -> int:
        if amount is None:
            return self.cpus_per_task
        if amount <= 0:
            raise SparkIllegalArgumentException(
                f"requirement failed: The cpus amount {float(amount)} must be at least 1e-9 and "
                "at most 2147483647."
            )
        return max(int(amount), 1)


def profiles_of(profiles: Iterable[ResourceProfile | None]) -> list[ResourceProfile]:
    """Return the different profiles of a stage's RDDs, of which most have none."""
    return list({id(profile): profile for profile in profiles if profile is not None}.values())


def _whole(amounts: Mapping[str, float]) -> dict[str, int]:
    return {name: max(int(amount), 1) for name, amount in amounts.items()}


def _largest(amounts: Iterable[tuple[str, float]]) -> dict[str, float]:
    largest: dict[str, float] = {}
    for name, amount in amounts:
        largest[name] = max(amount, largest.get(name, 0))
    return largest
