"""OutputJob: one save of an RDD, from the check of the directory to the last rename."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, BinaryIO

from pyrite.core.conf import ConfigEntry, parse_bool
from pyrite.core.hadoop.codecs import Codec
from pyrite.core.hadoop.committer import FileOutputCommitter
from pyrite.core.hadoop.default_fs import DEFAULT_FS
from pyrite.core.hadoop.filesystem import file_system, is_private, qualify

__all__ = ["OutputJob", "TaskOutput", "make_committer"]

_VALIDATE = ConfigEntry("spark.hadoop.validateOutputSpecs", "true", parse_bool)
_ALGORITHM = ConfigEntry("mapreduce.fileoutputcommitter.algorithm.version", "1", int)
_MARKS_SUCCESS = ConfigEntry("mapreduce.fileoutputcommitter.marksuccessfuljobs", "true", parse_bool)


@dataclass(frozen=True)
class TaskOutput:
    """What one task wrote.

    Attributes:
        records: How many records.
        size: How many bytes.
        contents: Its files by name, where only the task's process has them.
    """

    records: int
    size: int
    contents: Mapping[str, bytes] = field(default_factory=dict)


def make_committer(
    path: str, conf: Mapping[str, str], is_new_api: bool = False
) -> FileOutputCommitter:
    """Return the committer of an output directory.

    Args:
        path: Where to write, as the user gave it.
        conf: Hadoop settings; ``mapreduce.fileoutputcommitter.*`` count, and ``fs.defaultFS`` for
            a path without a scheme.
        is_new_api: Which of Hadoop's two APIs is to name the tasks.
    """
    job_id = f"{time.strftime('%Y%m%d%H%M%S')}{random.getrandbits(62):019d}_0000"
    return FileOutputCommitter(
        output=qualify(path, conf.get(DEFAULT_FS)),
        job_id=job_id,
        algorithm=_ALGORITHM.read(conf),
        marks_success=_MARKS_SUCCESS.read(conf),
        task_type="r" if is_new_api else "m",
    )


@dataclass(frozen=True)
class OutputJob:
    """How the partitions of an RDD become the files of a directory.

    Attributes:
        committer: Makes them appear together.
        file_name: From a partition's index to its file's name.
        write: Writes elements to an open file and returns how many there were.
        codec: What the whole file goes through, or None.
        is_lazy: Whether a partition without elements gets no file.
    """

    committer: FileOutputCommitter
    file_name: Callable[[int], str]
    write: Callable[[BinaryIO, Iterable[Any]], int]
    codec: Codec | None = None
    is_lazy: bool = False

    def run(
        self,
        run_tasks: Callable[[], list[TaskOutput]],
        spark_conf: Mapping[str, str],
        shown_path: str | None = None,
    ) -> None:
        """Save, in the driver.

        Args:
            run_tasks: Runs ``write_task`` for every partition, and returns the results in order.
            spark_conf: Spark's settings: ``spark.hadoop.validateOutputSpecs`` may allow a
                directory that is there already.
            shown_path: How an error names the directory; its URI by default.

        Raises:
            FileAlreadyExistsException: If the directory is there already.
        """
        if _VALIDATE.read(spark_conf):
            self.committer.check_output(shown_path)
        self.committer.setup_job()
        try:
            outputs = run_tasks()
            if is_private(self.committer.output):
                self._place(outputs)
            self.committer.commit_job()
        except BaseException:
            self.committer.abort_job()
            raise

    def write_task(self, partition: int, attempt: int, elements: Iterable[Any]) -> TaskOutput:
        """Write one partition and commit it, in a task.

        Args:
            partition: Its index.
            attempt: A number that no other attempt of the job has.
            elements: What to write.
        """
        committer = self.committer
        directory = committer.attempt_path(partition, attempt)
        fs = file_system(directory)
        path = f"{directory}/{self.file_name(partition)}"
        private = is_private(path)
        if not private:
            committer.setup_task(partition, attempt)
        try:
            if self.is_lazy:
                elements = iter(elements)
                first = list(islice(elements, 1))
                if not first:
                    if not private:
                        committer.commit_task(partition, attempt)
                    return TaskOutput(0, 0)
                elements = chain(first, elements)
            records = self._write_file(fs.create(path), elements)
            status = fs.status(path)
            size = status.length if status else 0
            if private:
                with fs.open(path) as file:
                    contents = {self.file_name(partition): file.read()}
                committer.abort_task(partition, attempt)  # the driver writes it again
                return TaskOutput(records, size, contents)
            committer.commit_task(partition, attempt)
        except BaseException:
            committer.abort_task(partition, attempt)
            raise
        return TaskOutput(records, size)

    def _write_file(self, file: BinaryIO, elements: Iterable[Any]) -> int:
        with file if self.codec is None else self.codec.writer(file) as out:
            return self.write(out, elements)

    def _place(self, outputs: Iterable[TaskOutput]) -> None:
        """Commit in the driver what tasks wrote where only they could see it."""
        for partition, output in enumerate(outputs):
            self.committer.setup_task(partition, 0)
            directory = self.committer.attempt_path(partition, 0)
            for name, content in output.contents.items():
                with file_system(directory).create(f"{directory}/{name}") as file:
                    file.write(content)
            self.committer.commit_task(partition, 0)
