"""PlacementWatch: how long to wait for a first executor, and when to give up.

An executor that a cluster has no room for waits, and the jobs with it. People are told; and when
no machine could hold one even if it were idle, and none comes, jobs end with an error. Pure: the
time is an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["PlacementWatch", "Verdict"]

#: People are told every so often that there is no executor yet, as Spark does.
_REMIND_SECONDS = 15.0
#: A cluster that grows on demand has this long to start a machine.
_GROW_SECONDS = 600.0


@dataclass(frozen=True)
class Verdict:
    """What to say of executors that are not there.

    Attributes:
        hopeless: Whether to give up.
        seconds: How long there has been none.
        fits: Whether some machine could hold one.
    """

    hopeless: bool
    seconds: float
    fits: bool

    def text(self, takes: str) -> str:
        """Say it, with what an executor takes."""
        why = (
            "Others use what it needs."
            if self.fits
            else "No machine of the cluster has that much: add one, or set spark.executor.cores, "
            "spark.executor.memory and spark.executor.resource.* to less."
        )
        return (
            f"no executor has been placed for {self.seconds:.0f} s. Each takes {takes}. {why} "
            "`ray status` shows what the cluster has."
        )


class PlacementWatch:
    """Watches whether there are executors.

    Args:
        patience: Seconds to wait for a machine that could hold one
            (``spark.scheduler.maxRegisteredResourcesWaitingTime``).
        may_grow: Whether machines are added on demand (``spark.dynamicAllocation.enabled``).
    """

    def __init__(self, patience: float, may_grow: bool) -> None:
        self._patience = max(patience, _GROW_SECONDS) if may_grow else patience
        self._since: float | None = None
        self._remind_at = 0.0

    def look(self, now: float, missing: bool, room: Callable[[], int]) -> Verdict | None:
        """Look at the executors.

        Args:
            now: A monotonic time in seconds.
            missing: Whether some are wanted and none is there.
            room: Returns how many the cluster could hold; asked only when it matters.

        Returns:
            What to say, or None to say nothing.
        """
        if not missing:
            self._since = None
            return None
        if self._since is None:
            self._since = now
            self._remind_at = now + min(_REMIND_SECONDS, self._patience)
        if now < self._remind_at:
            return None
        self._remind_at = now + _REMIND_SECONDS
        waited, fits = now - self._since, room() > 0
        hopeless = waited >= self._patience and not fits
        if hopeless:
            self._since = None
        return Verdict(hopeless, waited, fits)
