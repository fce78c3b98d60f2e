"""RDDs of files: the driver plans the splits, each task reads one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from pyrite.core.env import SparkEnv
from pyrite.core.hadoop.filesystem import file_system, is_private
from pyrite.core.hadoop.inputs import Input, Split
from pyrite.core.hadoop.splits import FileSplit
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition

if TYPE_CHECKING:
    from pyrite.core.events import TaskMetrics
    from pyrite.core.task_context import TaskContext

__all__ = [
    "BinaryFileRDD",
    "HadoopRDD",
    "InputPartition",
    "NewHadoopRDD",
    "SplitsRDD",
    "WholeTextFileRDD",
]


@dataclass(frozen=True, slots=True)
class InputPartition(Partition):
    """A partition that is a split of files.

    Attributes:
        split: What to read.
        contents: Files that only the driver's process has, by URI.
    """

    split: Split
    contents: tuple[tuple[str, bytes], ...] = ()

    @property
    def size(self) -> int:
        """Bytes of the split."""
        if isinstance(self.split, FileSplit):
            return self.split.length
        return sum(file.length for file in self.split.files)


class Plannable(Protocol):
    """Files that are cut into splits."""

    def plan(self) -> Sequence[Split]:
        """Find the files and cut them, one split per partition."""
        ...


class SplitsRDD(BaseRDD):
    """One partition for each split of an input; what is in it, subclasses say.

    Args:
        rdd_id: The id.
        source: What is cut into splits.
    """

    def __init__(self, rdd_id: int, source: Plannable) -> None:
        super().__init__(rdd_id)
        self._planned = source

    def _make_partitions(self) -> list[Partition]:
        return [
            InputPartition(index, split, _private_contents(split))
            for index, split in enumerate(self._planned.plan())
        ]

    def _preferred_locations(self, partition: Partition) -> Sequence[str]:
        assert isinstance(partition, InputPartition)
        return partition.split.hosts if isinstance(partition.split, FileSplit) else ()

    @staticmethod
    def take_contents(partition: InputPartition) -> None:
        """Put the files that came with a partition where this process finds them."""
        for uri, content in partition.contents:
            with file_system(uri).create(uri) as file:
                file.write(content)


class HadoopRDD(SplitsRDD):
    """The records of an input, one partition per split.

    Args:
        rdd_id: The id.
        source: What to read, and how.
    """

    def __init__(self, rdd_id: int, source: Input) -> None:
        super().__init__(rdd_id, source)
        self.source = source

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Read the split: lists of records, chained without a step per record."""
        assert isinstance(partition, InputPartition)
        self.take_contents(partition)
        batches = self.source.read(partition.split, SparkEnv.get().spill_dir)
        return chain.from_iterable(_counted(batches, partition.size, task_context.metrics))


class NewHadoopRDD(HadoopRDD):
    """A HadoopRDD of an input format of Hadoop's newer API."""


class WholeTextFileRDD(NewHadoopRDD):
    """Whole text files with their names."""


class BinaryFileRDD(NewHadoopRDD):
    """Whole files with their names."""


def _private_contents(split: Split) -> tuple[tuple[str, bytes], ...]:
    paths = [split.path] if isinstance(split, FileSplit) else [file.path for file in split.files]
    contents = []
    for path in filter(is_private, paths):
        with file_system(path).open(path) as file:
            contents.append((path, file.read()))
    return tuple(contents)


def _counted(
    batches: Iterator[Sequence[Any]], size: int, metrics: TaskMetrics
) -> Iterator[Sequence[Any]]:
    metrics.input_bytes_read += size
    for batch in batches:
        metrics.input_records_read += len(batch)
        yield batch
