"""Cutting the lineage: checkpoints, and letting go of shuffle files."""

from __future__ import annotations

from typing import TypeVar

from pyspark.storagelevel import StorageLevel

from pyrite.core.rdd.checkpoint import (
    LocalCheckpointRDD,
    ReliableCheckpointRDD,
    request_checkpoint,
    request_local_checkpoint,
    requested_kind,
)
from pyrite.core.rdd.dependency import ShuffleDependency
from pyrite.core.rdd.handle import RDDHandle
from pyrite.core.rdd.lineage import BaseRDD

__all__ = ["Checkpointing"]

T_co = TypeVar("T_co", covariant=True)


class Checkpointing(RDDHandle[T_co]):
    """What saves an RDD so that its ancestors can be forgotten."""

    def checkpoint(self) -> None:
        """Save this RDD to the checkpoint directory when it is next computed.

        The first job over it is followed by a second one that writes it; ``cache`` it first, so
        that it is not computed twice.

        Raises:
            SparkException: If ``SparkContext.setCheckpointDir`` was not called.

        Example:
            >>> sc.setCheckpointDir(directory)  # doctest: +SKIP
            >>> rdd = sc.parallelize(range(5)).map(str)
            >>> rdd.checkpoint()  # doctest: +SKIP
        """
        request_checkpoint(self.node, self.ctx)

    def localCheckpoint(self) -> None:
        """Save this RDD on this machine, for this application, when it is next computed.

        Faster than ``checkpoint`` and not safe against the loss of the machine.

        Example:
            >>> rdd = sc.parallelize(range(5)).map(str)
            >>> rdd.localCheckpoint()
            >>> rdd.count(), rdd.isLocallyCheckpointed()
            (5, True)
        """
        if self.node.storage_level == StorageLevel.NONE:
            self.persist(StorageLevel.MEMORY_AND_DISK_DESER)
        request_local_checkpoint(self.node, self.ctx)

    @property
    def is_checkpointed(self) -> bool:
        """Whether ``checkpoint`` was called.

        Example:
            >>> sc.parallelize([1]).is_checkpointed
            False
        """
        return requested_kind(self.node) is ReliableCheckpointRDD or self.isCheckpointed()

    def isCheckpointed(self) -> bool:
        """Tell whether this RDD was saved, to files that outlive the application.

        Example:
            >>> sc.parallelize([1]).isCheckpointed()
            False
        """
        return self._reliable() is not None

    def isLocallyCheckpointed(self) -> bool:
        """Tell whether ``localCheckpoint`` was called.

        Example:
            >>> sc.parallelize([1]).isLocallyCheckpointed()
            False
        """
        saved = self.node.checkpointed
        return (
            isinstance(saved, LocalCheckpointRDD) or requested_kind(self.node) is LocalCheckpointRDD
        )

    def getCheckpointFile(self) -> str | None:
        """Return the directory this RDD was saved to, or None.

        Example:
            >>> sc.parallelize([1]).getCheckpointFile() is None
            True
        """
        saved = self._reliable()
        return None if saved is None else saved.directory

    def _reliable(self) -> ReliableCheckpointRDD | None:
        saved = self.node.checkpointed
        if isinstance(saved, ReliableCheckpointRDD) and not isinstance(saved, LocalCheckpointRDD):
            return saved
        return None

    def cleanShuffleDependencies(self, blocking: bool = False) -> None:
        """Delete the shuffle files this RDD and its ancestors were computed from.

        If they are needed again they are computed again. Ancestors that are kept, with
        ``persist``, keep their shuffles.

        Args:
            blocking: Whether to wait until the files are gone; they always are.

        Example:
            >>> rdd = sc.parallelize([(1, 1)]).groupByKey()
            >>> rdd.count()
            1
            >>> rdd.cleanShuffleDependencies()
        """
        pending, seen = [self.node], {self.node}
        while pending:
            for edge in pending.pop().dependencies:
                if isinstance(edge, ShuffleDependency):
                    self.ctx.clean_shuffle(edge.handle.shuffle_id)
                if _unkept(edge.rdd) and edge.rdd not in seen:
                    seen.add(edge.rdd)
                    pending.append(edge.rdd)


def _unkept(node: BaseRDD) -> bool:
    return node.storage_level == StorageLevel.NONE
