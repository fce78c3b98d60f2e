"""Deliveries: where the rows of a task go, to other tasks or to the driver."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pyrite.core.env import SparkEnv
from pyrite.core.task_context import TaskContext
from pyrite.sql.execution.python.chunk import write_batches

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Delivery", "IntoBuckets", "IntoFiles"]


class Delivery(Protocol):
    """What a task does with its rows."""

    def deliver(self, index: int, batches: Iterable[pa.RecordBatch]) -> Iterable[Any]:
        """Take the rows of a task; what comes out are the elements of its partition."""


@dataclass(frozen=True, slots=True)
class IntoBuckets:
    """Rows for other tasks; their last column says for which.

    Attributes:
        count: How many there are; with one, there is no such column.
    """

    count: int

    def deliver(
        self, index: int, batches: Iterable[pa.RecordBatch]
    ) -> Iterator[tuple[int, memoryview, int]]:
        """Yield the records of a ``BufferWriter``: Arrow messages of one batch each."""
        for batch in batches:
            if self.count == 1:
                yield 0, memoryview(batch.serialize()), batch.num_rows
            else:
                yield from self._divided(batch)

    def _divided(self, batch: pa.RecordBatch) -> Iterator[tuple[int, memoryview, int]]:
        import numpy as np
        import pyarrow as pa

        # Neither to_numpy nor pa.array: these import pandas, for which every worker would wait.
        column = batch.column(batch.num_columns - 1)
        buckets = np.frombuffer(
            column.buffers()[1], np.int16, len(column), np.int16().nbytes * column.offset
        )
        order = np.argsort(buckets, kind="stable")
        indices = pa.Array.from_buffers(pa.int64(), len(order), [None, pa.py_buffer(order)])
        rows = batch.select(range(batch.num_columns - 1)).take(indices)
        ends = np.cumsum(np.bincount(buckets, minlength=self.count)).tolist()
        start = 0
        for bucket, end in enumerate(ends):
            if end > start:
                message = rows.slice(start, end - start).serialize()
                yield bucket, memoryview(message), end - start
            start = end


@dataclass(frozen=True, slots=True)
class IntoFiles:
    """Rows for the driver.

    Attributes:
        directory: A scratch directory of the driver.
    """

    directory: str

    def path(self, index: int) -> str:
        """Return the file of a task's rows."""
        return os.path.join(self.directory, f"{index}.arrow")

    def deliver(self, index: int, batches: Iterable[pa.RecordBatch]) -> list[int]:
        """Write an Arrow file; the only element is its number of rows."""
        with SparkEnv.get().network.driver_files.writing(self.path(index)) as target:
            context = TaskContext.get()
            assert context is not None
            # An attempt that is killed in the middle leaves a name that nobody reads.
            unfinished = f"{target}.{context.taskAttemptId()}"
            count = write_batches(unfinished, batches)
            os.replace(unfinished, target)
        return [count]
