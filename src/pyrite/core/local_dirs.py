"""LocalDirs: where an application keeps files while it runs, and what is to be removed when.

There is a directory for it in each directory of ``spark.local.dir``. What there is once (added
files, broadcasts, large results, local checkpoints) lies in the first. Shuffle files, spilled
records and cached blocks are spread over all, so that several disks share the work.
"""

from __future__ import annotations

import glob
import itertools
import logging
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress

from pyrite.core.errors import SparkException

__all__ = ["LocalDirs", "make_local_dirs"]

_KINDS = ("shuffle", "spill", "blocks", "results", "broadcasts")

logger = logging.getLogger(__name__)


class LocalDirs:
    """The directories of one application, as one of its processes sees them.

    Args:
        paths: One under each directory of ``spark.local.dir``; at least one.

    Example:
        >>> LocalDirs(["/disk1/app", "/disk2/app"]).every("shuffle")
        ['/disk1/app/shuffle', '/disk2/app/shuffle']
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = tuple(paths)
        # Processes take turns from different places on, or all would begin with the first disk.
        self._turns = itertools.count(os.getpid())

    @property
    def first(self) -> str:
        """The directory of what there is once."""
        return self.paths[0]

    def next(self, kind: str) -> str:
        """Return where the next file of a kind goes: another disk each time.

        Args:
            kind: ``shuffle`` or ``spill``.
        """
        return os.path.join(self.paths[next(self._turns) % len(self.paths)], kind)

    def every(self, kind: str) -> list[str]:
        """Return all directories where files of a kind may be."""
        return [os.path.join(path, kind) for path in self.paths]

    def blocks_of(self, worker_id: str) -> list[str]:
        """Return where a worker keeps its cached blocks."""
        name = worker_id.replace("/", "-")
        return [os.path.join(directory, name) for directory in self.every("blocks")]

    def result_of(self, task_id: int) -> str:
        """Return the file for a result that is too large for a message."""
        return os.path.join(self.first, "results", str(task_id))

    def remove_leftovers(self, worker_id: str, pid: int | None, task_id: int | None) -> None:
        """Remove what a worker that is gone had begun to write, and what only it could read.

        Args:
            worker_id: Its name.
            pid: Its process id, which is part of the names of its unfinished map outputs.
            task_id: The attempt it did not end.
        """
        for directory in self.blocks_of(worker_id):
            shutil.rmtree(directory, ignore_errors=True)
        leftovers = []
        if pid is not None:
            sending = os.path.join(glob.escape(self.first), "driver", f".sending-{pid}-*")
            for directory in glob.glob(sending):
                shutil.rmtree(directory, ignore_errors=True)
            for directory in self.every("shuffle"):
                leftovers += glob.glob(os.path.join(glob.escape(directory), f".*.{pid}.tmp"))
        if task_id is not None:
            checkpoints = os.path.join(glob.escape(self.first), "checkpoint", "*")
            leftovers += glob.glob(os.path.join(checkpoints, f"*-attempt-{task_id}"))
            leftovers.append(self.result_of(task_id))
        for path in leftovers:
            with suppress(OSError):
                os.unlink(path)

    def remove(self) -> None:
        """Remove everything; harmless when it is gone."""
        for path in self.paths:
            shutil.rmtree(path, ignore_errors=True)


def make_local_dirs(
    conf: Mapping[str, str], application_id: str, environment: Mapping[str, str] = os.environ
) -> LocalDirs:
    """Make an application's own directories.

    A directory of ``spark.local.dir`` that cannot be used is passed over with a warning, as
    Spark does.

    Args:
        conf: The settings.
        application_id: Part of the directories' names, for people.
        environment: ``SPARK_LOCAL_DIRS`` in it wins over the setting.

    Raises:
        SparkException: If none can be used.
    """
    listed = environment.get("SPARK_LOCAL_DIRS") or conf.get("spark.local.dir") or ""
    roots = [root.strip() for root in listed.split(",") if root.strip()]
    made, failures = [], []
    for root in dict.fromkeys(roots or [tempfile.gettempdir()]):
        try:
            made.append(_make(root, f"pyrite-{application_id}-"))
        except OSError as error:
            failures.append(f"'{root}': {error.strerror}")
    if not made:
        raise SparkException(
            f"The scratch directory cannot be made in {', '.join(failures)}. Set spark.local.dir "
            "to a directory that can be written."
        )
    for failure in failures:
        logger.warning("A directory of spark.local.dir is passed over: %s", failure)
    return LocalDirs(made)


def _make(root: str, prefix: str) -> str:
    os.makedirs(root, exist_ok=True)
    path = tempfile.mkdtemp(prefix=prefix, dir=root)
    try:
        for kind in _KINDS:
            os.mkdir(os.path.join(path, kind))
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise
    return path
