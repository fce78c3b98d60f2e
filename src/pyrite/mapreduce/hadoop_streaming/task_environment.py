"""The variables that a task's commands see: all properties of the job, and which task it is."""

from __future__ import annotations

import getpass
import os
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from pyrite.core.hadoop.filesystem import qualify
from pyrite.core.hadoop.input_paths import split_paths
from pyrite.mapreduce.hadoop_streaming.job_conf import DEFAULTS
from pyrite.mapreduce.hadoop_streaming.property_names import DEPRECATED
from pyrite.mapreduce.hadoop_streaming.stream_job import StreamJob

__all__ = ["TaskId", "TaskPlace", "task_environment", "variable_name"]

_NO_NAME = re.compile("[^A-Za-z0-9]")

#: Linux starts no program with a longer variable.
_LONGEST = 128 * 1024 - 1

_OLD_NAMES: dict[str, list[str]] = defaultdict(list)
for _old, _new in DEPRECATED.items():
    _OLD_NAMES[_new].append(_old)


@dataclass(frozen=True)
class TaskId:
    """Which attempt of which task it is.

    Attributes:
        job_id: The job, such as ``job_202601011200_0001``.
        is_map: Whether it is a map task.
        task: The task's number among the map tasks, or the reduce tasks.
        attempt: How often the task was tried before.

    Example:
        >>> str(TaskId("job_202601011200_0001", is_map=True, task=3, attempt=1))
        'attempt_202601011200_0001_m_000003_1'
    """

    job_id: str
    is_map: bool
    task: int
    attempt: int

    @property
    def task_id(self) -> str:
        """The task's id in Hadoop's form."""
        return f"task_{self._number}"

    @property
    def _number(self) -> str:
        job = self.job_id.removeprefix("job_")
        return f"{job}_{'m' if self.is_map else 'r'}_{self.task:06d}"

    def __str__(self) -> str:
        return f"attempt_{self._number}_{self.attempt}"


@dataclass(frozen=True)
class TaskPlace:
    """Where an attempt works.

    Attributes:
        directory: The directory its commands run in.
        temporary: Where they are to put temporary files.
        output: The URI of the directory the attempt writes its part of the output to; None where
            it writes none.
        input: What a map task reads, as path, first byte and length; None for a reduce task.
    """

    directory: str
    temporary: str
    output: str | None = None
    input: tuple[str, int, int] | None = None


def task_environment(
    job: StreamJob, task: TaskId, place: TaskPlace, inherited: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables of a task's commands.

    They are those of the worker, the job's properties and the facts of the task, as Hadoop names
    them, also by their old names, and what ``-cmdenv`` says, which wins. The task's directory is
    the first of the ``PATH``.

    Args:
        job: The job.
        task: Which task it is.
        place: Where it works.
        inherited: The worker's variables.
    """
    limit = job.conf.integer("stream.jobconf.truncate.limit", -1)
    variables = dict(inherited)
    for name, value in chain(_of_job(job), _of_task(task, place)):
        text = value if limit < 0 else value[:limit]
        for each in (name, *_OLD_NAMES.get(name, ())):
            variable = variable_name(each)
            variables[variable] = _fitting(variable, text)
    variables["PWD"] = place.directory
    variables["TMPDIR"] = place.temporary
    variables.update(job.environment)
    variables["PATH"] = os.pathsep.join((place.directory, variables.get("PATH", os.defpath)))
    return variables


def variable_name(name: str) -> str:
    """Return the variable that has a property: what is no letter or digit becomes ``_``.

    Example:
        >>> variable_name("mapreduce.job.name")
        'mapreduce_job_name'
    """
    return _NO_NAME.sub("_", name)


def _of_job(job: StreamJob) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys((*DEFAULTS, *job.conf)):
        yield name, job.conf[name]
    yield "mapreduce.job.name", job.name
    yield "mapreduce.job.reduces", str(job.num_reduces)
    inputs = chain.from_iterable(map(split_paths, job.inputs))
    yield "mapreduce.input.fileinputformat.inputdir", ",".join(map(qualify, inputs))
    yield "mapreduce.output.fileoutputformat.outputdir", qualify(job.output)
    yield "mapreduce.job.working.dir", qualify(os.getcwd())
    yield "mapred.input.format.class", job.input_format
    yield "mapred.output.format.class", job.output_format
    for kind in ("mapreduce.job.output", "mapreduce.map.output"):
        for part in ("key", "value"):
            yield f"{kind}.{part}.class", "org.apache.hadoop.io.Text"
    if job.files:
        yield "mapreduce.job.cache.files", ",".join(map(qualify, job.files))
    if job.archives:
        yield "mapreduce.job.cache.archives", ",".join(map(qualify, job.archives))


def _of_task(task: TaskId, place: TaskPlace) -> Iterator[tuple[str, str]]:
    yield "mapreduce.job.id", task.job_id
    yield "mapreduce.task.id", task.task_id
    yield "mapreduce.task.attempt.id", str(task)
    yield "mapreduce.task.partition", str(task.task)
    yield "mapreduce.task.ismap", str(task.is_map).lower()
    yield "mapreduce.cluster.local.dir", place.temporary
    yield "mapreduce.job.user.name", getpass.getuser()
    if place.output is not None:
        yield "mapreduce.task.output.dir", place.output
    if place.input is not None:
        path, start, length = place.input
        yield "mapreduce.map.input.file", path
        yield "mapreduce.map.input.start", str(start)
        yield "mapreduce.map.input.length", str(length)


def _fitting(variable: str, text: str) -> str:
    """Return what of a value fits into a variable."""
    room = _LONGEST - len(variable) - len("=")
    value = os.fsencode(text.replace("\0", ""))
    return text.replace("\0", "") if len(value) <= room else value[:room].decode("utf-8", "ignore")
