"""The command line of a program that is a job: run it, or be one of its stages."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO, cast

from pyrite.core.errors import PySparkException
from pyrite.mapreduce.console import Console
from pyrite.mapreduce.plan import REDUCES
from pyrite.mapreduce.runners import run_job
from pyrite.mapreduce.stages import STAGES, run_stage
from pyrite.mapreduce.watcher import Watcher

if TYPE_CHECKING:
    from pyrite.mapreduce.plan import JobPlan

__all__ = ["main"]

_EPILOG = """\
examples:
  %(prog)s book.txt                              print the answer
  %(prog)s 'logs/*.gz' more.txt -o answer        write it to files of the directory answer
  %(prog)s book.txt -r inline                    all in this process: for pdb and for tests
  %(prog)s big.txt -r local[4] --reduces 8       four workers, eight output files
  %(prog)s hdfs:///logs -r spark://head:7077     on a cluster

as programs of a pipeline, which give the same answer:
  cat book.txt | %(prog)s --mapper | LC_ALL=C sort | %(prog)s --reducer

under Hadoop Streaming, Pyrite's own or another one:
  pyrite mapreduce -files %(prog)s -input in -output out \\
      -mapper 'python3 %(prog)s --mapper' -reducer 'python3 %(prog)s --reducer'
"""


def main(job: JobPlan, arguments: Sequence[str] | None = None) -> None:
    """Do what a command line asks of a job.

    Args:
        job: The job.
        arguments: The command line without the program; that of this process by default.

    Raises:
        SystemExit: If the command line or the job is wrong; standard error says how.
    """
    parser = _parser(job)
    options = parser.parse_args(arguments)
    settings = {}
    for definition in options.define:
        name, found, value = definition.partition("=")
        if not found:
            parser.error(f"-D {definition}: write -D name=value")
        settings[name] = value
    if options.reduces is not None:
        settings[REDUCES] = str(options.reduces)
    job = job.with_settings(settings, options.files)
    try:
        if options.stage is not None:
            if options.inputs or options.output:
                parser.error(
                    f"--{options.stage} reads standard input and writes standard output; leave "
                    f"out {options.output or options.inputs[0]}"
                )
            run_stage(job, options.stage, options.step)
        else:
            _run(job, options, parser)
    except BrokenPipeError:
        # Who reads the answer, such as head, has seen enough; what is left is written nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except PySparkException as error:
        # The message of a failed task holds the traceback of the program's own error.
        raise SystemExit(f"{parser.prog}: error: {error}") from None


def _run(job: JobPlan, options: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    if not options.inputs:
        parser.error("name what to read: files, directories, globs, or - for standard input")
    paths, records = tuple(options.inputs), None
    if "-" in paths:
        if len(paths) > 1:
            parser.error("- stands alone: standard input cannot be read together with files")
        text = io.TextIOWrapper(sys.stdin.buffer, "utf-8", "replace")
        paths, records = (), job.reads.read(line.removesuffix("\n") for line in text)
    stages = 1 + sum(step.reducer is not None for step in job.steps)
    watcher = Watcher(Console(sys.stderr, live=sys.stderr.isatty()), stages)
    stream = None if options.output is not None else cast(BinaryIO, _Answer(watcher))
    try:
        result = run_job(job, paths, records, options.output, options.runner, stream, watcher)
    finally:
        watcher.close()
    sys.stdout.buffer.flush()
    if result.counters:
        print(result.counters.to_text(), file=sys.stderr)


class _Answer:
    """Standard output, which may be the terminal at which somebody watches."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    def write(self, text: bytes) -> int:
        """Write lines of the answer, below which nothing is to be shown any more."""
        self._watcher.close()
        return sys.stdout.buffer.write(text)


def _parser(job: JobPlan) -> argparse.ArgumentParser:
    described = sys.modules["__main__"].__doc__
    parser = argparse.ArgumentParser(
        description=described or "A MapReduce job.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("inputs", nargs="*", metavar="INPUT", help="file, directory, glob or URI; - is stdin")
    add(
        "-o",
        "--output",
        metavar="DIRECTORY",
        help="where to write the answer, all of it or nothing; it must not exist yet. "
        "Without it the answer is printed",
    )
    add(
        "-r",
        "--runner",
        default="local",
        metavar="RUNNER",
        help="inline: in this process; local: on a worker for each core (the default); "
        "or a master, such as local[4] or spark://head:7077",
    )
    add(
        "--reduces",
        type=int,
        metavar="N",
        help="how many reduce tasks, and thus output files, in steps that do not say themselves",
    )
    add(
        "--files",
        action="append",
        default=[],
        metavar="PATH[#NAME]",
        help="a file that tasks open with self.cache_file(NAME); may be repeated",
    )
    add(
        "-D",
        dest="define",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting: of Hadoop, of Spark, or one that tasks read with self.setting(NAME); "
        "may be repeated",
    )
    stages = parser.add_argument_group(
        "as a stage of a pipeline", "read standard input, write standard output"
    )
    which = stages.add_mutually_exclusive_group()
    for stage in STAGES:
        which.add_argument(
            f"--{stage}",
            dest="stage",
            action="store_const",
            const=stage,
            help=f"be the {stage}",
        )
    stages.add_argument(
        "--step",
        type=int,
        default=1,
        metavar="N",
        help=f"of which step, from 1 (this job has {len(job.steps)})",
    )
    return parser
