"""The protocol of PySpark's worker: its commands, its data, and how to get at what it makes.

The client package has that worker, for every kind of function, with all of PySpark's checks
and conversions. It reads a command and data from one stream and writes to another; here the
command is made in place, the data are a chunk's files, and what it makes is not written.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.execution.python.chunk import Chunk, read_batches

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "Unpickled",
    "argument_places",
    "flat",
    "framed",
    "packed",
    "packed_text",
    "pyspark_worker",
    "written",
]


def pyspark_worker() -> Any:
    """Return PySpark's worker, imported where a task needs it."""
    from pyspark import worker

    return worker


class Unpickled:
    """Stands for the deserializer of the worker's commands: gives what is unpickled already."""

    def __init__(self, values: Iterable[Any]) -> None:
        self._values = iter(values)

    def _read_with_length(self, stream: Any) -> Any:
        return next(self._values)


def packed(value: int) -> bytes:
    """Return a number as the protocol has them."""
    return struct.pack("!i", value)


def packed_text(value: str) -> bytes:
    """Return a text as the protocol has them."""
    encoded = value.encode()
    return packed(len(encoded)) + encoded


def argument_places(places: Sequence[int], names: Sequence[str]) -> bytes:
    """Return how many arguments there are, and which column and name each has."""
    command = [packed(len(places))]
    positional = len(places) - len(names)
    for place, name in zip(places, ("",) * positional + tuple(names), strict=True):
        command += [
            packed(place),
            struct.pack("!?", bool(name)),
            packed_text(name) if name else b"",
        ]
    return b"".join(command)


def framed(chunk: Chunk, rows: int, as_struct: bool) -> Any:
    """Return a stream of a chunk as the worker's deserializers read it.

    Without groups that is the chunk's file, which has batches of the right size. Groups have
    a stream each, behind the number of inputs.
    """
    import pyarrow as pa

    if not chunk.groups:
        return pa.memory_map(chunk.sources[0], "rb")
    sink = pa.BufferOutputStream()
    tables = [pa.Table.from_batches(list(read_batches(path))) for path in chunk.sources]
    if as_struct:
        tables = [_as_struct(table) for table in tables]
    starts = [0] * len(tables)
    for lengths in zip(*chunk.groups, strict=True):
        sink.write(packed(len(tables)))
        for place, (table, length) in enumerate(zip(tables, lengths, strict=True)):
            _write_group(sink, table.slice(starts[place], length), rows)
            starts[place] += length
    sink.write(packed(0))
    return pa.BufferReader(sink.getvalue())


def _as_struct(table: pa.Table) -> pa.Table:
    from pyrite.sql.execution.python.arrow_batches import as_struct

    return type(table).from_batches([as_struct(batch) for batch in table.to_batches()])


def _write_group(sink: Any, table: pa.Table, rows: int) -> None:
    import pyarrow as pa

    with pa.ipc.new_stream(sink, table.schema) as writer:
        if table.num_rows:
            writer.write_table(table.combine_chunks(), max_chunksize=rows if rows > 0 else None)
        else:  # the worker wants a batch, if only to know the columns
            nothing = [pa.array([], field.type) for field in table.schema]
            writer.write_batch(pa.RecordBatch.from_arrays(nothing, schema=table.schema))


def written(serializer: Any, results: Iterable[Any]) -> Iterator[pa.RecordBatch]:
    """Return the batches that a serializer would write, before it marks and writes them."""
    taken: list[Iterator[pa.RecordBatch]] = []

    def take(batches: Iterator[pa.RecordBatch], stream: Any) -> Iterator[pa.RecordBatch]:
        taken.append(batches)
        return iter(())

    serializer._write_stream_start = take
    serializer.dump_stream(results, None)
    return taken[0]


def flat(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the fields of batches of one struct as batches of columns."""
    from pyrite.sql.execution.python.arrow_batches import from_struct

    return map(from_struct, batches)
