"""A job, one action's worth of work, and how the thread that asked for it waits."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyrite.core.executor.messages import LargeResult, read_result
from pyrite.core.rdd.dependency import ShuffleDependency
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.scheduler.task import PartitionFunction
from pyrite.core.shuffle import MapOutputStatistics

__all__ = ["AnyJob", "Job", "JobResult", "JobWaiter", "MapStageHandle", "MapStageJob"]

#: One of a job's results, as the scheduler hands it to the waiter.
JobResult = bytes | LargeResult | MapOutputStatistics


@dataclass(frozen=True, eq=False)
class Job:
    """What an action submits.

    Attributes:
        job_id: Unique in the application.
        rdd: The RDD whose partitions are computed.
        function: What is computed of each.
        partitions: Which of them, in the order in which results are wanted.
        properties: The submitting thread's local properties.
        call_site: Where the user's program asked, such as ``collect at app.py:12``.
    """

    job_id: int
    rdd: BaseRDD
    function: PartitionFunction
    partitions: Sequence[int]
    properties: Mapping[str, str]
    call_site: str

    @property
    def num_results(self) -> int:
        """How many results its caller waits for."""
        return len(self.partitions)


@dataclass(frozen=True, eq=False)
class MapStageJob:
    """The map side of a shuffle alone, for the sizes of what it writes.

    Attributes:
        job_id: Unique in the application.
        dependency: The shuffle.
        properties: The submitting thread's local properties.
        call_site: Where the user's program asked.
    """

    job_id: int
    dependency: ShuffleDependency
    properties: Mapping[str, str]
    call_site: str

    @property
    def shuffle_id(self) -> int:
        """The shuffle's number."""
        return self.dependency.handle.shuffle_id

    @property
    def num_results(self) -> int:
        """One: the statistics."""
        return 1


AnyJob = Job | MapStageJob


class JobWaiter:
    """Collects a job's results as they come and hands them to the waiting thread.

    Results stay pickled until the waiting thread asks, so that the job loop never spends its
    time on them.

    Args:
        job: The job to wait for.
        on_result: Called in the waiting thread with each position and value as soon as it is
            there, in order of arrival.
        cancel: Asks the job loop to cancel the job.
    """

    def __init__(
        self,
        job: AnyJob,
        cancel: Callable[[], None],
        on_result: Callable[[int, Any], None] | None = None,
    ) -> None:
        self.job = job
        self._cancel = cancel
        self._on_result = on_result
        self._changed = threading.Condition()
        self._arrived: list[tuple[int, JobResult]] = []
        self._finished = False
        self._error: BaseException | None = None
        self._values: list[Any] = [None] * job.num_results

    @property
    def job_id(self) -> int:
        """The job's number."""
        return self.job.job_id

    def deliver(self, position: int, result: JobResult) -> None:
        """Take the result of the job's ``position``-th partition (called by the job loop)."""
        with self._changed:
            self._arrived.append((position, result))
            if self._on_result is not None:
                self._changed.notify()

    def finish(self, error: BaseException | None) -> None:
        """Take the job's end (called by the job loop)."""
        with self._changed:
            self._finished = True
            self._error = error
            self._changed.notify_all()

    def cancel(self) -> None:
        """Ask for the job to be cancelled; ``result`` then raises."""
        self._cancel()

    def result(self, timeout: float | None = None) -> list[Any]:
        """Wait for the job's end and return its values in the order of its partitions.

        Args:
            timeout: Seconds to wait, or None for as long as it takes.

        Raises:
            TimeoutError: If the job runs longer than ``timeout``; it goes on running.
            SparkException: If the job failed or was cancelled.
            KeyboardInterrupt: If the user pressed Ctrl-C; the job is cancelled.
        """
        try:
            self._wait(timeout)
        except TimeoutError:
            raise
        except BaseException:  # Ctrl-C, or the caller cannot use a result: nobody waits any more
            self.cancel()
            raise
        if self._error is not None:
            raise self._error
        return self._values

    def _wait(self, timeout: float | None) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._changed:
                ready = self._changed.wait_for(
                    lambda: self._finished or (self._on_result and self._arrived),
                    None if deadline is None else max(deadline - time.monotonic(), 0),
                )
                if not ready:
                    raise TimeoutError(f"job {self.job.job_id} is still running")
                arrived, self._arrived = self._arrived, []
                finished = self._finished
            if self._error is not None:  # nobody asks for the results of a job that failed
                return
            self._read(arrived)
            if finished:
                return

    def _read(self, arrived: Sequence[tuple[int, JobResult]]) -> None:
        # Building millions of tuples with the collector on costs several times the unpickling.
        collecting = gc.isenabled()
        gc.disable()
        try:
            for position, result in arrived:
                value = result if isinstance(result, MapOutputStatistics) else read_result(result)
                self._values[position] = value
                if self._on_result is not None:
                    self._on_result(position, value)
        finally:
            if collecting:
                gc.enable()


class MapStageHandle:
    """What ``SparkContext.submit_map_stage`` returns: the map side of a shuffle while it runs."""

    def __init__(self, waiter: JobWaiter) -> None:
        self._waiter = waiter

    @property
    def job_id(self) -> int:
        """The job's number."""
        return self._waiter.job_id

    def cancel(self) -> None:
        """Ask for the job to be cancelled; ``result`` then raises."""
        self._waiter.cancel()

    def result(self, timeout: float | None = None) -> MapOutputStatistics:
        """Wait until all map outputs are there, and return how large they are.

        Args:
            timeout: Seconds to wait, or None for as long as it takes.

        Raises:
            TimeoutError: If the job runs longer than ``timeout``; it goes on running.
            SparkException: If the job failed or was cancelled.
            KeyboardInterrupt: If the user pressed Ctrl-C; the job is cancelled.
        """
        statistics: MapOutputStatistics = self._waiter.result(timeout)[0]
        return statistics
