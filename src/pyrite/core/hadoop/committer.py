"""FileOutputCommitter: output appears whole, or not at all.

    output/_temporary/0/_temporary/attempt_.../part-00000    an attempt writes
    output/_temporary/0/task_.../part-00000                  the attempt is committed
    output/part-00000, output/_SUCCESS                       the job is committed

The step from attempt to task is one rename, so of two attempts of a task exactly one counts.
Algorithm 2 renames an attempt's files straight into the output: faster where a rename costs,
but a job that fails has shown some of its files meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pyrite.core.errors import FileAlreadyExistsException, SparkException
from pyrite.core.hadoop.filesystem import FileSystem, file_system

__all__ = ["FileOutputCommitter"]


@dataclass
class FileOutputCommitter:
    """Commits the tasks and the job of one output directory.

    The driver sets the job up and commits or aborts it; a copy in each task does the same for
    its attempt.

    Attributes:
        output: URI of the output directory.
        job_id: The job's name within it, such as ``20260101120000_0003``.
        algorithm: 1 or 2, ``mapreduce.fileoutputcommitter.algorithm.version``.
        marks_success: Whether to write ``_SUCCESS``.
        task_type: ``m`` or ``r``, which part of a task's name Hadoop's two APIs set.
    """

    output: str
    job_id: str
    algorithm: int = 1
    marks_success: bool = True
    task_type: str = "m"
    _created_output: bool = field(default=False, init=False)

    @property
    def _fs(self) -> FileSystem:
        return file_system(self.output)

    @property
    def _pending(self) -> str:
        return f"{self.output}/_temporary"

    @property
    def _job_path(self) -> str:
        return f"{self._pending}/0"

    def _task_name(self, task: int) -> str:
        return f"{self.job_id}_{self.task_type}_{task:06d}"

    def _task_path(self, task: int) -> str:
        return f"{self._job_path}/task_{self._task_name(task)}"

    def attempt_path(self, task: int, attempt: int) -> str:
        """Return the directory in which an attempt writes its files."""
        return f"{self._job_path}/_temporary/attempt_{self._task_name(task)}_{attempt}"

    def check_output(self, shown: str | None = None) -> None:
        """Refuse a directory that is there already.

        Args:
            shown: How to name it in the message; the URI by default.

        Raises:
            FileAlreadyExistsException: If it is.
        """
        if self._fs.status(self.output) is not None:
            raise FileAlreadyExistsException(
                f"Output directory {shown or self.output} already exists"
            )

    def setup_job(self) -> None:
        """Create the job's directories."""
        self._created_output = self._fs.status(self.output) is None
        self._fs.mkdirs(self._job_path)

    def setup_task(self, task: int, attempt: int) -> None:
        """Create the attempt's directory.

        Raises:
            SparkException: If the job has been committed or aborted meanwhile: a straggler must
                not bring its directory back.
        """
        fs = self._fs
        # An object store has no directories to find until a file is in them.
        if fs.renames_atomically and fs.status(self._job_path) is None:
            raise SparkException(f"The job that writes {self.output} is over.")
        fs.mkdirs(self.attempt_path(task, attempt))

    def commit_task(self, task: int, attempt: int) -> None:
        """Make an attempt's files the task's; the first attempt to come here wins."""
        fs, attempt_path = self._fs, self.attempt_path(task, attempt)
        if self.algorithm == 2:
            self._merge(attempt_path, self.output)
            fs.delete(attempt_path)
            return
        task_path = self._task_path(task)
        if not fs.renames_atomically:
            # What is there may be half a copy left by an attempt that died: the last one wins.
            fs.delete(task_path)
        try:
            fs.rename(attempt_path, task_path)
        except OSError:
            if fs.status(task_path) is None:
                raise
            fs.delete(attempt_path)

    def abort_task(self, task: int, attempt: int) -> None:
        """Remove what an attempt wrote."""
        self._fs.delete(self.attempt_path(task, attempt))

    def commit_job(self) -> None:
        """Move every task's files into the output directory and mark it complete."""
        fs = self._fs
        if self.algorithm != 2 and fs.status(self._job_path) is not None:
            for status in fs.list_status(self._job_path):
                if status.name.startswith("task_"):
                    self._merge(status.path, self.output)
        fs.delete(self._pending)
        if self.marks_success:
            fs.create(f"{self.output}/_SUCCESS").close()

    def abort_job(self) -> None:
        """Remove everything the job wrote; a directory that was there before stays."""
        self._fs.delete(self.output if self._created_output else self._pending)

    def _merge(self, source: str, target: str) -> None:
        """Move the files below ``source`` to the same places below ``target``."""
        for status in self._fs.list_status(source):
            place = f"{target}/{status.name}"
            if status.is_directory:
                self._fs.mkdirs(place)
                self._merge(status.path, place)
            else:
                self._fs.rename(status.path, place)
