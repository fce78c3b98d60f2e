"""What is left of a task that failed for good: its input, and a command that repeats it by hand.

<kept>/input       what the command read, or would have read
<kept>/work        its directory: the files and archives of the job
<kept>/repeat.sh   runs the command there, on that input, with its variables
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from pyrite.core.env import SparkEnv
from pyrite.mapreduce.hadoop_streaming.child_process import ChildProcess, StreamTaskError
from pyrite.mapreduce.hadoop_streaming.job_conf import JobConf
from pyrite.mapreduce.hadoop_streaming.task_environment import TaskId
from pyrite.mapreduce.hadoop_streaming.working_directory import WorkingDirectory

__all__ = ["KEPT_TASKS", "kept_tasks", "run_and_keep"]

#: The property that says where failed tasks are kept.
KEPT_TASKS = "pyrite.mapreduce.failed.tasks.dir"


def kept_tasks(conf: JobConf) -> str:
    """Return the directory in which failed tasks are kept: it outlives the job."""
    return conf.get(KEPT_TASKS) or os.path.join(
        tempfile.gettempdir(), f"pyrite-failed-tasks-{os.getuid()}"
    )


def run_and_keep(
    child: ChildProcess,
    stdin: Iterable[bytes],
    task: TaskId,
    directory: WorkingDirectory,
    kept: str,
) -> Iterator[bytes]:
    """Run a command; if it fails, keep what one needs to repeat it.

    For the last attempt of a task, since its input is written to disk meanwhile.

    Args:
        child: The command, not yet run.
        stdin: The pieces of its input.
        task: Which attempt it is.
        directory: Where it runs.
        kept: As `kept_tasks` returns it.

    Yields:
        What ``child.run`` yields.

    Raises:
        StreamTaskError: If it fails; the text ends with the command that repeats it.
    """
    place = os.path.join(kept, task.job_id, str(task))
    recorded = _Recorded(stdin, place)
    try:
        yield from child.run(recorded)
    except StreamTaskError as error:
        try:
            script = recorded.finish(child, task, directory)
        except OSError as reason:
            remedy = f"\nWhat it read could not be kept in {place}: {reason}"
            _remove(place)
        else:
            remedy = f"\nRepeat it on its saved input{_here()}: sh {shlex.quote(script)}"
        raise StreamTaskError(f"{error}{remedy}", error.exit_code, error.stderr_tail) from None
    except BaseException:
        _remove(place)
        raise
    else:
        _remove(place)
    finally:
        recorded.end()


class _Recorded:
    """Pieces of input that are written down as they are taken.

    It cannot be closed: who took some of the pieces is not the last to want them.
    """

    def __init__(self, pieces: Iterable[bytes], place: str) -> None:
        self._pieces = iter(pieces)
        self._place = place
        self._file: BinaryIO | None = None
        self._reason: OSError | None = None
        try:
            shutil.rmtree(place, ignore_errors=True)
            os.makedirs(place, mode=0o700)
            self._file = open(os.path.join(place, "input"), "wb")  # noqa: SIM115
        except OSError as error:
            self._reason = error

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self._write(piece)
        return piece

    def finish(self, child: ChildProcess, task: TaskId, directory: WorkingDirectory) -> str:
        """Write the rest of the input and all else; return the path of the script.

        Raises:
            OSError: If something could not be written.
        """
        for piece in self._pieces:
            self._write(piece)
        self.end()
        if self._reason is not None:
            raise self._reason
        work = os.path.join(self._place, "work")
        if directory.shipped is None:
            os.mkdir(work)
        else:
            shutil.copytree(directory.shipped, work, copy_function=_link_or_copy)
        os.mkdir(os.path.join(self._place, "tmp"))
        script = os.path.join(self._place, "repeat.sh")
        moved = {
            name: value.replace(directory.root, self._place) for name, value in child.env.items()
        }
        with open(os.open(script, os.O_WRONLY | os.O_CREAT, 0o700), "wb") as file:
            file.write(os.fsencode(_script(task, child.command, moved, work)))
        return script

    def end(self) -> None:
        """Write no more."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    def _write(self, piece: bytes) -> None:
        if self._file is None:
            return
        try:
            self._file.write(piece)
        except OSError as error:  # a full disk is no reason to fail what else would succeed
            self._reason = error
            self.end()


def _script(task: TaskId, command: Iterable[str], variables: Mapping[str, str], work: str) -> str:
    lines = [
        "#!/bin/sh",
        f"# The command of {task} on the input it failed on; its output goes to stdout.",
        f"cd {shlex.quote(work)} || exit",
        "exec env -i \\",
    ]
    lines += [f"    {shlex.quote(f'{name}={value}')} \\" for name, value in variables.items()]
    lines.append(f"    {shlex.join(command)} < ../input")
    return "\n".join(lines) + "\n"


def _link_or_copy(source: str, target: str) -> None:
    """Put a file into another directory; large ones need no second copy on the same disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _remove(place: str) -> None:
    shutil.rmtree(place, ignore_errors=True)
    with contextlib.suppress(OSError):  # other tasks of the job are kept
        os.rmdir(os.path.dirname(place))


def _here() -> str:
    """Say on which machine it is kept, if that is not plain."""
    env = SparkEnv.get()
    return "" if env.network.client is None else f" on {env.host}"
