"""``pyrite mapreduce``: a job of Hadoop Streaming, from its command line to its exit code."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from pyrite.core.errors import (
    FileAlreadyExistsException,
    InvalidInputException,
    SparkException,
    SparkIllegalArgumentException,
)
from pyrite.core.hadoop.default_fs import DEFAULT_FS, configured_default_fs
from pyrite.deploy import launch_settings
from pyrite.deploy.submit import SubmitArguments
from pyrite.mapreduce.console import Console
from pyrite.mapreduce.hadoop_streaming.options import Options, check_files, read_options
from pyrite.mapreduce.hadoop_streaming.usage import usage

if TYPE_CHECKING:
    from pyrite.core.context import SparkContext
    from pyrite.core.events import SparkListener
    from pyrite.mapreduce.hadoop_streaming.stream_job import StreamJob

__all__ = ["run"]

#: Exit codes, which are Hadoop's.
_FAILED, _NOT_STARTED, _INTERRUPTED = 1, 5, 130

_CLIENT = "streaming.StreamJob"

#: What holds for the engine unless somebody says otherwise: the command opens no port.
_ENGINE = {"spark.ui.enabled": "false"}


def run(
    words: Sequence[str],
    *,
    program: str = "hadoop jar hadoop-streaming.jar",
    live: bool = False,
) -> int:
    """Run the job that a command line of the streaming jar means.

    Args:
        words: Its options.
        program: How the usage calls what is run.
        live: Whether to show, on a terminal, a line of what is going on. Programs that run the
            command at a terminal of their own would stumble over it.

    Returns:
        The exit code, as Hadoop's: 0 when there is an output, 1 for a command line that means
        no job and for a job that failed, 5 for one that could not begin.
    """
    console = Console(sys.stderr, live=live and sys.stderr.isatty())
    try:
        options = read_options(words)
        if options.wants_help or not words:
            click.echo(usage(program, in_full=options.wants_info), err=not words)
            return 0 if words else _FAILED
        return _run(options, console)
    except SparkIllegalArgumentException as error:
        console.plain(f"{error}\nTry -help for more information\nStreaming Command Failed!")
        return _FAILED


def _run(options: Options, console: Console) -> int:
    for warning in options.warnings:
        console.warn(_CLIENT, warning)
    default_fs = configured_default_fs()
    job = options.job({} if default_fs is None else {DEFAULT_FS: default_fs})
    check_files(job)
    if job.verbose:
        from pyrite.core.ui.redaction import redact

        for name, value in sorted(redact(job.conf, {}).items()):
            console.plain(f"STREAM: {name}={value}")
    try:
        with _ended_in_order(), _engine(job, console) as context:
            return _run_on(context, job, console)
    except (SparkException, OSError) as error:
        console.error(_CLIENT, str(error))
    except KeyboardInterrupt:
        console.error(_CLIENT, "Interrupted: there is no output.")
        return _INTERRUPTED
    console.plain("Streaming Command Failed!")
    return _FAILED


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Heed SIGTERM as Ctrl-C: the output that was begun would be in the way of the next try."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread can be interrupted
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run_on(context: SparkContext, job: StreamJob, console: Console) -> int:
    from pyrite.mapreduce.hadoop_streaming.runner import new_job_id, run_stream_job
    from pyrite.mapreduce.progress import JobProgress

    job_id = new_job_id()
    progress = JobProgress(console, job_id, has_reduce=job.num_reduces > 0)
    failure: SparkException | None = None
    with _listening(context, progress, console):
        try:
            result = run_stream_job(job, context, job_id)
        except (InvalidInputException, FileAlreadyExistsException) as error:
            console.error(_CLIENT, f"Error Launching job : {error}")
            console.plain("Streaming Command Failed!")
            return _NOT_STARTED
        except SparkException as error:
            failure = error
    if failure is not None:
        progress.fail(str(failure.__cause__ or failure))
        console.error(_CLIENT, "Job not successful!")
        console.plain("Streaming Command Failed!")
        return _FAILED
    progress.finish(result.counters)
    console.info(_CLIENT, f"Output directory: {job.output}")
    return 0


@contextmanager
def _listening(context: SparkContext, listener: SparkListener, console: Console) -> Iterator[None]:
    """Let a listener hear what happens here, to the end of it and no further."""
    context.bus.add_listener(listener)
    try:
        yield
        with suppress(TimeoutError):
            context.bus.wait_until_empty(_PATIENCE)
    finally:
        context.bus.remove_listener(listener)
        console.show("")


#: Seconds to wait for listeners; what they have not said by then was not worth it.
_PATIENCE = 5.0


@contextmanager
def _engine(job: StreamJob, console: Console) -> Iterator[SparkContext]:
    """Start the engine with the job's ``spark.*`` properties, and end it."""
    from pyrite.core.conf import SparkConf
    from pyrite.core.context import SparkContext

    given = [f"{name}={value}" for name, value in job.conf.spark_settings().items()]
    settings = SubmitArguments(conf=given).settings(
        job.name, os.environ, lambda warning: console.warn(_CLIENT, warning)
    )
    # The command has a progress of its own.
    launch_settings.announce({**_ENGINE, **settings, "spark.ui.showConsoleProgress": "false"})
    context = SparkContext(conf=SparkConf())
    try:
        yield context
    finally:
        context.stop()
