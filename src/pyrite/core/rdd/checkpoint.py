"""Checkpoints: an RDD written to files, so that what it was computed from can be forgotten.

``checkpoint()`` and ``localCheckpoint()`` only make a request. After the next job over the RDD
or a descendant, a second job writes every partition to a file, and the node is computed from
those files from then on. A reliable checkpoint outlives the application; a local one lies in
the driver's scratch directory, wherever the tasks run that write and read it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO
from weakref import WeakKeyDictionary

from pyrite.core.env import SparkEnv, open_driver_file
from pyrite.core.errors import SparkException
from pyrite.core.hadoop.filesystem import file_system, qualify
from pyrite.core.rdd.dependency import OneToOneDependency
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition
from pyrite.core.serializers import dump_batches, load_batches

if TYPE_CHECKING:
    from pyrite.core.rdd.job_context import JobContext
    from pyrite.core.task_context import TaskContext

__all__ = [
    "LocalCheckpointRDD",
    "ReliableCheckpointRDD",
    "pending_checkpoints",
    "request_checkpoint",
    "request_local_checkpoint",
    "requested_kind",
    "write_checkpoints",
]


@dataclass(frozen=True, slots=True)
class _Request:
    directory: str
    kind: type[ReliableCheckpointRDD]


#: Nodes to be checkpointed once a job has run over them.
_requests: WeakKeyDictionary[BaseRDD, _Request] = WeakKeyDictionary()


class ReliableCheckpointRDD(BaseRDD):
    """The partitions of a checkpoint, one file each.

    Args:
        rdd_id: The id.
        directory: Where the files are.
        num_partitions: How many there are.
    """

    def __init__(self, rdd_id: int, directory: str, num_partitions: int) -> None:
        super().__init__(rdd_id)
        self.directory = directory
        self.num_partitions = num_partitions

    def _make_partitions(self) -> list[Partition]:
        return [Partition(i) for i in range(self.num_partitions)]

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Read the partition's file, batch by batch."""
        return chain.from_iterable(self._read(_part(self.directory, partition.index)))

    def _read(self, path: str) -> Iterator[list[Any]]:
        with self.open(path) as file:
            yield from load_batches(file)

    @staticmethod
    def open(path: str) -> BinaryIO:
        """Open a partition's file."""
        return file_system(path).open(path)

    @staticmethod
    def write(path: str, attempt_id: int, elements: Iterator[Any]) -> None:
        """Write a partition's file.

        Args:
            path: The file; it appears whole, or not at all.
            attempt_id: The task that writes it.
            elements: What belongs into it.
        """
        # Under a name of its own until it is whole: a failed attempt leaves nothing to be read.
        attempt = f"{path}-attempt-{attempt_id}"
        files = file_system(path)
        try:
            with files.create(attempt) as file:
                dump_batches(elements, file)
            files.rename(attempt, path)
        except BaseException:
            files.delete(attempt)
            raise


class LocalCheckpointRDD(ReliableCheckpointRDD):
    """A checkpoint in the driver's scratch directory, gone when the application ends."""

    @staticmethod
    def open(path: str) -> BinaryIO:
        """Open a partition's file, or fetch it from the driver's machine."""
        return open_driver_file(path)

    @staticmethod
    def write(path: str, attempt_id: int, elements: Iterator[Any]) -> None:
        """Write a partition's file, or send it to the driver's machine."""
        with SparkEnv.get().network.driver_files.writing(path) as target:
            ReliableCheckpointRDD.write(qualify(target), attempt_id, elements)


def request_checkpoint(node: BaseRDD, ctx: JobContext) -> None:
    """Ask for ``node`` to be written below the context's checkpoint directory.

    Raises:
        SparkException: If no directory was set.
    """
    if ctx.checkpoint_dir is None:
        raise SparkException("Checkpoint directory has not been set in the SparkContext")
    if node.checkpointed is None and node not in _requests:
        directory = f"{qualify(ctx.checkpoint_dir)}/rdd-{node.id()}"
        _requests[node] = _Request(directory, ReliableCheckpointRDD)


def request_local_checkpoint(node: BaseRDD, ctx: JobContext) -> None:
    """Ask for ``node`` to be written into the application's scratch directory."""
    if node.checkpointed is None:
        directory = os.path.join(ctx.local_dir, "checkpoint", f"rdd-{node.id()}")
        _requests[node] = _Request(directory, LocalCheckpointRDD)


def requested_kind(node: BaseRDD) -> type[ReliableCheckpointRDD] | None:
    """Return what kind of checkpoint of ``node`` is wanted and not yet written, if any."""
    request = _requests.get(node)
    return None if request is None else request.kind


def pending_checkpoints() -> bool:
    """Tell whether any checkpoint is still to be written."""
    return bool(_requests)


def write_checkpoints(root: BaseRDD, ctx: JobContext) -> None:
    """Write the requested checkpoints among ``root`` and its ancestors, nearest first."""
    pending, seen = [root], {root}
    while pending:
        node = pending.pop()
        request = _requests.get(node)
        if request is not None:
            _write(node, request, ctx)
            del _requests[node]  # only now: a write that failed is tried again
        for edge in node.dependencies:
            if edge.rdd not in seen:
                seen.add(edge.rdd)
                pending.append(edge.rdd)


def _write(node: BaseRDD, request: _Request, ctx: JobContext) -> None:
    directory = qualify(request.directory)
    file_system(directory).mkdirs(directory)
    ctx.run_job(node, _WritePartition(request))
    written = request.kind(ctx.next_rdd_id(), request.directory, len(node.partitions))
    node.truncate(OneToOneDependency(written))


def _part(directory: str, index: int) -> str:
    return f"{directory}/part-{index:05d}"


@dataclass(frozen=True, slots=True)
class _WritePartition:
    """Writes a partition in a task."""

    request: _Request

    def __call__(self, task_context: TaskContext, elements: Iterator[Any]) -> None:
        path = _part(self.request.directory, task_context.partitionId())
        self.request.kind.write(path, task_context.taskAttemptId(), elements)
