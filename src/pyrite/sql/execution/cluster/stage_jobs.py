"""StageJobs: the jobs of one query: what they are called, how far they are, what they met."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pyrite.core.events.local_properties import CALL_SITE, DESCRIPTION
from pyrite.core.rdd.call_site import call_site
from pyrite.core.rdd.dependency import ShuffleDependency
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.sql.errors import SparkError, runtime_error
from pyrite.sql.execution.duckdb_errors import FragmentError, is_decimal_overflow, translate
from pyrite.sql.execution.duckdb_runner import DecimalOverflow
from pyrite.sql.execution.fragment import Fragment

if TYPE_CHECKING:
    from pyrite.core.context import SparkContext
    from pyrite.core.scheduler.job import JobWaiter, MapStageHandle
    from pyrite.core.shuffle import MapOutputStatistics
    from pyrite.sql.execution.stage import StageContext

__all__ = ["StageJobs"]


class StageJobs:
    """Runs jobs, one after the other, for the thread that made this.

    Whichever thread submits them, they have the group, the tags and the description of that one's.

    Args:
        context: The run of the query.
    """

    def __init__(self, context: StageContext) -> None:
        self._context = context
        self._spark: SparkContext = context.session.shared.context
        properties = self._spark.job_properties.snapshot()
        site = properties.get(CALL_SITE) or call_site()
        self._properties = {DESCRIPTION: site, **properties}
        self._running: int | None = None
        self._done = self._left = 0
        self._most = 0.0

    def expect(self, count: int) -> None:
        """Tell how many exchanges there still are, as far as is known."""
        self._left = count

    def count_done(self) -> None:
        """Tell that an exchange is done."""
        self._done += 1
        self._left -= 1

    def progress(self, last: float) -> float:
        """Return the share of the work that is done, from 0 to 1.

        Args:
            last: What share is done of what the driver does after all exchanges.
        """
        now = last if self._running is None else self._share(self._running)
        self._most = max(self._most, (self._done + now) / (self._done + max(self._left, 0) + 1))
        return self._most

    def _share(self, job_id: int) -> float:
        """Return the share of a job's tasks that are done."""
        tracker = self._spark.statusTracker()
        job = tracker.getJobInfo(job_id)
        stages = [] if job is None else [tracker.getStageInfo(stage) for stage in job.stageIds]
        # What an earlier job has computed is not computed again.
        begun = [s for s in stages if s is not None and s.numActiveTasks + s.numCompletedTasks]
        tasks = sum(stage.numTasks for stage in begun)
        return sum(stage.numCompletedTasks for stage in begun) / tasks if tasks else 0.0

    def counts(self, rdd: BaseRDD, name: str, fragment: Fragment) -> list[int]:
        """Run a job whose partitions have one element each, and return these.

        Args:
            rdd: Whose partitions.
            name: What the stage is called.
            fragment: What one of the tasks runs.

        Raises:
            SparkError: What the query met.
        """
        with self._named(rdd, name):
            job = self._spark.submit_job(rdd, _first)
        counts: list[int] = self._wait(job, fragment)
        return counts

    def map_outputs(
        self, dependency: ShuffleDependency, name: str, fragment: Fragment
    ) -> MapOutputStatistics:
        """Run the map side of a shuffle; the arguments and errors are those of ``counts``."""
        dependency.call_site = name
        with self._named(dependency.rdd, name):
            job = self._spark.submit_map_stage(dependency)
        statistics: MapOutputStatistics = self._wait(job, fragment)
        return statistics

    @contextmanager
    def _named(self, rdd: BaseRDD, name: str) -> Iterator[None]:
        """Let the jobs that are submitted inside the block be called so."""
        rdd.call_site = name
        properties = self._spark.job_properties
        before = properties.snapshot()
        properties.inherit({**self._properties, CALL_SITE: name})
        try:
            yield
        finally:
            properties.inherit(before)

    def _wait(self, job: JobWaiter | MapStageHandle, fragment: Fragment) -> Any:
        """Wait for a job; its errors are those of one of its fragments."""
        self._running = job.job_id
        try:
            self._context.on_cancel(job.cancel)
            return job.result()
        except Exception as error:
            job.cancel()  # it goes on if the query was cancelled before there was a job
            if self._context.cancelled:
                raise runtime_error("OPERATION_CANCELED", None) from None
            cause = error.__cause__
            if isinstance(cause, FragmentError):
                if not fragment.wide_decimals and is_decimal_overflow(str(cause)):
                    raise DecimalOverflow from None
                raise translate(cause, fragment.places) from None
            if isinstance(cause, (SparkError, DecimalOverflow)):
                raise cause from None
            raise
        finally:
            self._running = None


def _first(context: Any, elements: Iterator[int]) -> int:
    return next(elements)
