"""QueryRDD: the rows of a DataFrame as an RDD.

::

    driver   the query, once, before the first job --> <local dir>/query_7: Arrow batches
                                                            |  only those, mapped into memory
    tasks    partition 3 = rows 600 to 799 of it  <---------+  --> Row objects
"""

from __future__ import annotations

import mmap
import os
import weakref
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.connect.fast_rows import to_rows
from pyrite.core.env import open_driver_file
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition
from pyrite.sql.errors import SparkError
from pyrite.sql.execution.run import run_plan
from pyrite.sql.optimizer.partition_numbers import number_rows
from pyrite.sql.optimizer.partitioning import partitioning_of
from pyrite.sql.types import to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.core.task_context import TaskContext
    from pyrite.sql.query_execution import QueryExecution
    from pyrite.sql.types import StructType

__all__ = ["QueryRDD"]

#: Rows that become objects at a time.
_ROWS_AT_ONCE = 8192


@dataclass(frozen=True, slots=True)
class _Span:
    """Some rows of one batch, and where in its file the batch is."""

    place: tuple[int, int]
    start: int
    stop: int


class _QueryFile:
    """The rows of a query as Arrow messages in a file; it goes when nothing refers to this object.

    Args:
        execution: The query.
        path: Where to write.

    Attributes:
        partitioning: How the rows are cut.
    """

    def __init__(self, execution: QueryExecution, path: str) -> None:
        self.path = path
        self.partitioning = partitioning_of(execution.optimized, execution.session)
        self._execution = execution
        self._written = False
        #: Where each batch begins among all rows, and the end of the last.
        self._starts = [0]
        #: Where each batch begins in the file, and its length.
        self._places: list[tuple[int, int]] = []
        #: If each row's place is known: where each partition begins in a batch, and the end of
        #: the last. There may be more of them here than in the end: small neighbours are joined.
        self._begins: list[list[int]] = []
        self._placed = 0

    def write(self) -> None:
        """Run the query, unless that is done.

        Raises:
            PySparkException: What the query met, as its client would raise it.
        """
        if self._written:
            return
        import pyarrow as pa

        weakref.finalize(self, _remove, self.path).atexit = False
        self._starts, self._places, self._begins, self._placed = [0], [], [], 0
        try:
            with pa.OSFile(self.path, "wb") as file:
                for batch in self._batches():
                    message = batch.serialize()
                    self._places.append((file.tell(), message.size))
                    file.write(message)
                    self._starts.append(self._starts[-1] + batch.num_rows)
        except SparkError as error:
            name = error.error_class
            raise error.exception_class(
                message=error.message.removeprefix(f"[{name}] "),
                errorClass=name,
                messageParameters=error.parameters,
            ) from None
        self._written = True

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """Run the query, and sort each batch by its rows' partitions where those are known."""
        execution = self._execution
        numbered = number_rows(execution.optimized, execution.session)
        if numbered is None:
            yield from execution.execute().batches
            return
        import numpy as np

        self._placed = numbered.count
        bounds = np.arange(numbered.count + 1)
        columns = [a.expression_id for a in numbered.plan.output]
        place = columns.index(numbered.partition.expression_id)
        kept = [columns.index(a.expression_id) for a in execution.optimized.output]
        for batch in run_plan(execution.session, numbered.plan):
            numbers = batch.column(place).to_numpy()
            if (np.diff(numbers) < 0).any():
                order = np.argsort(numbers, kind="stable")
                batch, numbers = batch.take(order), numbers[order]
            self._begins.append(np.searchsorted(numbers, bounds).tolist())
            yield batch.select(kept)

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        return os.path.getsize(self.path)

    def spans(self, index: int, count: int) -> tuple[_Span, ...]:
        """Return the rows of one of ``count`` partitions: those placed there, or an even part."""
        if self._placed:
            total = self._placed
            first, last = index * total // count, (index + 1) * total // count
            return tuple(
                _Span(place, bounds[first], bounds[last])
                for place, bounds in zip(self._places, self._begins, strict=True)
                if bounds[first] < bounds[last]
            )
        total = self._starts[-1]
        start, stop = index * total // count, (index + 1) * total // count
        spans = []
        while start < stop:
            batch = bisect_right(self._starts, start) - 1
            first = self._starts[batch]
            end = min(stop, self._starts[batch + 1])
            spans.append(_Span(self._places[batch], start - first, end - first))
            start = end
        return tuple(spans)


@dataclass(frozen=True, slots=True)
class _LaidOutPartition(Partition):
    """One of ``count`` partitions of a query; which rows are in it is known when it is sent."""

    count: int
    file: _QueryFile

    def __reduce__(self) -> tuple[Any, ...]:
        spans = self.file.spans(self.index, self.count)
        return _SentPartition, (self.index, self.file.path, spans)


@dataclass(frozen=True, slots=True)
class _SentPartition(Partition):
    """A ``_LaidOutPartition`` as a task gets it."""

    path: str
    spans: tuple[_Span, ...]


class QueryRDD(BaseRDD):
    """The rows of a query.

    The query runs once, when its rows are first needed. The number of partitions is Spark's
    where the plan tells it; where adaptive execution would choose it, the query is run.

    Args:
        rdd_id: The id.
        execution: The query, analyzed.
        directory: Where the rows are kept; tasks can read it.
    """

    def __init__(self, rdd_id: int, execution: QueryExecution, directory: str) -> None:
        super().__init__(rdd_id)
        self._schema = execution.schema
        self._file: _QueryFile | None = _QueryFile(
            execution, os.path.join(directory, f"query_{rdd_id}")
        )

    def prepare(self) -> None:
        """Run the query."""
        assert self._file is not None
        self._file.write()

    def _make_partitions(self) -> list[Partition]:
        assert self._file is not None
        partitioning = self._file.partitioning
        count = partitioning.count
        if count is None:
            self._file.write()
            count = partitioning.number(self._file.size)
        return [_LaidOutPartition(index, count, self._file) for index in range(count)]

    def _flat_state(self, position: dict[int, int]) -> tuple[Any, ...]:
        kind, state, edges = super()._flat_state(position)
        return kind, {**state, "_file": None}, edges

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Read the partition's rows."""
        assert isinstance(partition, _SentPartition)
        return _read(partition, self._schema)


def _read(partition: _SentPartition, schema: StructType) -> Iterator[Any]:
    import pyarrow as pa

    arrow_schema = to_arrow_schema(schema)
    for span in partition.spans:
        batch = pa.ipc.read_record_batch(_map(partition.path, span.place), arrow_schema)
        for start in range(span.start, span.stop, _ROWS_AT_ONCE):
            rows = batch.slice(start, min(_ROWS_AT_ONCE, span.stop - start))
            yield from to_rows(pa.Table.from_batches([rows]), schema)


def _map(path: str, place: tuple[int, int]) -> pa.Buffer:
    import pyarrow as pa

    with open_driver_file(path, place) as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return pa.py_buffer(mapped).slice(file.tell(), place[1])


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
