"""Pools: in which order task sets are offered free workers.

Under FIFO the earliest job goes first. Under FAIR every pool gets its minimum share first, and
beyond it workers in proportion to weight; inside a pool its own mode decides. Pools are declared
in the XML file that ``spark.scheduler.allocation.file`` names, in Spark's format; a pool that is
only named by ``spark.scheduler.pool`` gets Spark's defaults.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from pyrite.core.errors import SparkIllegalArgumentException

__all__ = ["DEFAULT_POOL", "PoolSettings", "Schedulable", "Scheduling", "read_pools"]

DEFAULT_POOL = "default"


class Schedulable(Protocol):
    """What ordering needs to know of a task set."""

    @property
    def priority(self) -> int:
        """The job that needs it first."""
        ...

    @property
    def stage_id(self) -> int:
        """Its stage."""
        ...

    @property
    def running_count(self) -> int:
        """How many of its tasks run now."""
        ...

    @property
    def pool(self) -> str:
        """The pool its job was submitted to."""
        ...


S = TypeVar("S", bound=Schedulable)


@dataclass(frozen=True)
class PoolSettings:
    """One pool's declaration.

    Attributes:
        name: What ``spark.scheduler.pool`` refers to.
        mode: FIFO or FAIR, among the pool's own task sets.
        weight: The pool's share relative to others.
        min_share: Workers it gets before any pool gets more than its own minimum.
    """

    name: str
    mode: str = "FIFO"
    weight: int = 1
    min_share: int = 0


@dataclass(frozen=True)
class Scheduling:
    """The order among task sets.

    Args:
        mode: ``spark.scheduler.mode``: FIFO or FAIR.
        pools: The declared pools, by name.
    """

    mode: str
    pools: Mapping[str, PoolSettings]

    def __post_init__(self) -> None:
        if self.mode not in ("FIFO", "FAIR"):
            raise SparkIllegalArgumentException(
                f"spark.scheduler.mode: '{self.mode}' is not a scheduling mode. Write FIFO or FAIR."
            )

    def order(self, task_sets: Iterable[S]) -> list[S]:
        """Return task sets in the order in which they are offered the next free worker."""
        if self.mode == "FIFO":
            return sorted(task_sets, key=_by_age)
        members: dict[str, list[S]] = {}
        for task_set in task_sets:
            members.setdefault(task_set.pool, []).append(task_set)
        ordered: list[S] = []
        for name in sorted(members, key=lambda name: self._claim(name, members[name])):
            fair = self._settings(name).mode == "FAIR"
            ordered += sorted(members[name], key=_by_running if fair else _by_age)
        return ordered

    def _settings(self, name: str) -> PoolSettings:
        return self.pools.get(name) or PoolSettings(name)

    def _claim(self, name: str, members: list[S]) -> tuple[bool, float, str]:
        """Rank a pool: those below their minimum share first, then by share per weight."""
        settings = self._settings(name)
        running = sum(task_set.running_count for task_set in members)
        if running < settings.min_share:
            return False, running / settings.min_share, name
        return True, running / settings.weight, name


def _by_age(task_set: Schedulable) -> tuple[int, int]:
    return task_set.priority, task_set.stage_id


def _by_running(task_set: Schedulable) -> tuple[int, int, int]:
    return task_set.running_count, task_set.priority, task_set.stage_id


def read_pools(path: str) -> dict[str, PoolSettings]:
    """Read Spark's fair scheduler file.

    Args:
        path: An XML file of ``<allocations><pool name="..."><weight>...`` elements.

    Returns:
        The pools by name.

    Raises:
        SparkIllegalArgumentException: If the file cannot be read or is not such a file.
    """
    try:
        root = ElementTree.parse(path).getroot()
        return {
            pool.name: pool
            for pool in (
                PoolSettings(
                    element.attrib["name"],
                    (element.findtext("schedulingMode") or "FIFO").strip().upper(),
                    _at_least(1, element, "weight"),
                    _at_least(0, element, "minShare"),
                )
                for element in root.iter("pool")
            )
        }
    except (OSError, ElementTree.ParseError, KeyError, ValueError) as error:
        raise SparkIllegalArgumentException(
            f"spark.scheduler.allocation.file: {path} cannot be used: {error}. It must be an XML "
            'file of <pool name="..."> elements with schedulingMode, weight and minShare.'
        ) from None


def _at_least(least: int, pool: ElementTree.Element, name: str) -> int:
    """Read a number of a pool's declaration; ``least`` when it is not declared."""
    value = int(pool.findtext(name) or least)
    if value < least:
        raise ValueError(f"{name} of pool {pool.get('name')} is {value}, less than {least}")
    return value
