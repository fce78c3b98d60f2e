"""Runners: which of them a name stands for."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, BinaryIO

from pyrite.mapreduce.errors import MapReduceError

if TYPE_CHECKING:
    from pyrite.core.context import SparkContext
    from pyrite.mapreduce.plan import JobPlan, Result
    from pyrite.mapreduce.watcher import Watcher

__all__ = ["run_job"]

#: Seconds to wait for the last news; what has not come by then is not worth it.
_PATIENCE = 2.0


def run_job(
    job: JobPlan,
    paths: tuple[str, ...],
    records: Iterable[tuple[Any, Any]] | None,
    output: str | None,
    runner: str | SparkContext,
    stream: BinaryIO | None = None,
    watcher: Watcher | None = None,
) -> Result:
    """Run a job where it is to run.

    Args:
        job: The job.
        paths: What to read.
        records: Pairs to map instead of files.
        output: The directory to write, if any.
        runner: As of ``Job.run``.
        stream: Where to print the pairs instead, if anywhere.
        watcher: Shows how the job fares.

    Raises:
        MapReduceError: If there is nothing to read, or two things, or a cache file is missing.
    """
    if bool(paths) == (records is not None):
        raise MapReduceError(
            "The job needs something to read: paths of files, or records, and not both."
        )
    for path in job.file_paths().values():
        if "://" not in path and not os.path.exists(path):
            raise MapReduceError(f"The cache file {path} does not exist.")
    if runner == "inline":
        from pyrite.mapreduce.inline import run_inline

        return run_inline(job, paths, records, output, stream, watcher)
    from pyrite.mapreduce.workers import context_for, run_on_workers

    with context_for(runner, job, watched=watcher is not None) as context:
        if watcher is None:
            return run_on_workers(job, context, paths, records, output, stream)
        context.bus.add_listener(watcher)
        try:
            return run_on_workers(job, context, paths, records, output, stream)
        finally:
            context.bus.wait_until_empty(_PATIENCE)
            context.bus.remove_listener(watcher)
