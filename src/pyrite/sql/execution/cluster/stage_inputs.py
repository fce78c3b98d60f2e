"""Stage inputs: the rows of an exchange as a task reads them, without copying where it can.

DuckDB reads them in threads of its own and passes only the text of an exception on, so what
they meet is kept for the task to raise.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.core.env import driver_file
from pyrite.core.rdd.shuffled import ShufflePart, shuffle_reader
from pyrite.core.task_context import TaskContext
from pyrite.sql.execution.arrow_values import stored_type

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.core.shuffle import ShuffleHandle

__all__ = ["ReadFile", "ReadShuffle", "stored", "stored_schema", "take_failure"]

#: What an input of the running task has met; a worker runs one task at a time.
_failures: list[BaseException] = []

#: Arrow's own alignment of the buffers in a message.
_ALIGNMENT = 8


def take_failure() -> BaseException | None:
    """Return what an input has met since the last call."""
    failure = _failures[0] if _failures else None
    _failures.clear()
    return failure


def stored_schema(schema: pa.Schema, names: list[str]) -> pa.Schema:
    """Return the Arrow columns that DuckDB is to read, under other names."""
    import pyarrow as pa

    return pa.schema(
        [pa.field(name, stored_type(field.type)) for name, field in zip(names, schema, strict=True)]
    )


@dataclass(frozen=True)
class ReadShuffle:
    """Rows that other tasks have put into buckets.

    Attributes:
        handle: The shuffle.
        part: Which part of it is read.
        schema: The columns, as they were written.
        names: The columns' names for DuckDB.
        columns: Which columns are read, by position; None for all.
    """

    handle: ShuffleHandle
    part: ShufflePart
    schema: pa.Schema
    names: list[str]
    columns: tuple[int, ...] | None = None

    def __call__(self) -> pa.RecordBatchReader:
        """Return the rows; called in the task that reads them."""
        import pyarrow as pa

        context = TaskContext.get()
        assert context is not None
        reader = shuffle_reader(self.handle, self.part, context)
        columns = self.columns or range(len(self.schema))
        target = stored_schema(pa.schema([self.schema.field(i) for i in columns]), self.names)
        batches = _batches(reader.buffers(), self.schema, target, self.columns)
        return pa.RecordBatchReader.from_batches(target, batches)


@dataclass(frozen=True)
class ReadFile:
    """Rows that the driver has in an Arrow file, which is fetched once for each machine.

    Attributes:
        path: The file in the driver; it is empty if there are no rows.
        schema: The columns, as they were written.
        names: The columns' names for DuckDB.
    """

    path: str
    schema: pa.Schema
    names: list[str]

    def __call__(self) -> pa.RecordBatchReader:
        """Return the rows; called in the task that reads them."""
        import pyarrow as pa

        path = driver_file(self.path)
        target = stored_schema(self.schema, self.names)
        source: Iterable[Any] = ()
        if os.path.getsize(path):
            source = pa.ipc.open_stream(pa.memory_map(path))
        return pa.RecordBatchReader.from_batches(target, (stored(b, target) for b in source))


def _batches(
    buffers: Iterator[memoryview],
    schema: pa.Schema,
    target: pa.Schema,
    columns: Sequence[int] | None = None,
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    try:
        for view in buffers:
            buffer: Any = pa.py_buffer(view)
            if buffer.address % _ALIGNMENT:
                buffer = pa.py_buffer(bytes(view))
            batch = pa.ipc.read_record_batch(buffer, schema)
            yield stored(batch if columns is None else batch.select([*columns]), target)
    except GeneratorExit:  # not all rows were wanted, because of another failure maybe
        raise
    except BaseException as failure:
        _failures.append(failure)
        raise


def stored(batch: pa.RecordBatch, target: pa.Schema) -> pa.RecordBatch:
    """Return a batch with the columns of ``stored_schema``."""
    import pyarrow as pa

    columns = [
        column if column.type == field.type else column.cast(field.type)
        for column, field in zip(batch.columns, target, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=target)
