"""Functions of whole columns, batches and groups, called as PySpark's own worker calls them.

The client package has that worker, for every kind of function, with all of PySpark's checks
and conversions. It reads a command and data from one stream and writes to another; here the
command is made in place, and the data are the chunk's file.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql.types import DataType, StructField, StructType

from pyrite.sql.execution.python.chunk import Chunk, read_batches
from pyrite.sql.execution.python.settings import BATCH_ROWS

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ONE_CALL", "STRUCT_INPUT", "ColumnCall", "ColumnWork", "TableCall", "TableWork"]

#: The kinds that get the columns of a row as one struct.
STRUCT_INPUT = frozenset({205, 207, 209, 215})
#: The kinds that give rows of several columns as one struct.
_STRUCT_OUTPUT = frozenset({201, 205, 206, 207, 209, 210, 215, 216})
#: The kinds of which the worker calls only one at a time.
ONE_CALL = frozenset({204, 217, 251, 254})


@dataclass(frozen=True, slots=True)
class ColumnCall:
    """A function, and which columns it is called with.

    Attributes:
        payload: The pickled (function, return type).
        places: The columns; for functions of groups, as ``group_places`` lays them out.
        names: The keywords of the last ones.
        data_type: The declared type.
    """

    payload: bytes
    places: tuple[int, ...]
    names: tuple[str, ...]
    data_type: DataType

    def command(self) -> bytes:
        """Return what PySpark's worker reads of a call before the function itself."""
        return _arguments(self.places, self.names) + _int(1) + struct.pack("!q", 0)


@dataclass(frozen=True, slots=True)
class ColumnWork:
    """Calls functions of one kind (see ``pyspark.util.PythonEvalType``).

    Attributes:
        eval_type: The kind.
        calls: The functions; one column of results for each, or one struct of the only one.
        settings: As ``runner_settings`` gives them.
    """

    eval_type: int
    calls: tuple[ColumnCall, ...]
    settings: Mapping[str, str]

    def run(self, chunk: Chunk) -> Iterable[pa.RecordBatch]:
        """Return the results of a chunk; they are computed as they are read."""
        worker = _worker()
        command = b"".join([_int(len(self.calls)), *(call.command() for call in self.calls)])
        functions = [(pickle.loads(call.payload)[0], call.data_type) for call in self.calls]
        function, _, reader, writer = worker.read_udfs(
            _Unpickled(functions), io.BytesIO(command), self.eval_type, *self._conf(worker)
        )
        rows = int(self.settings[BATCH_ROWS])
        source = _framed(chunk, rows, self.eval_type in STRUCT_INPUT)
        results = _written(writer, function(chunk.index, reader.load_stream(source)))
        return _flat(results) if self.eval_type in _STRUCT_OUTPUT else results

    def _conf(self, worker: Any) -> tuple[Any, Any]:
        conf = worker.RunnerConf()
        conf._conf.update(self.settings)
        return conf, worker.EvalConf()


@dataclass(frozen=True, slots=True)
class TableCall:
    """A table function (UDTF).

    Attributes:
        payload: The pickled class.
        name: What errors call it.
        places: The columns of its arguments.
        names: The keywords of the last ones.
        types: The types of the arguments' columns.
        data_type: The rows it makes.
        partition_columns: Which fields of its TABLE argument are there only to tell partitions
            apart.
        table_places: Which columns are TABLE arguments.
        analyzed: What its ``analyze`` returned, pickled.
    """

    payload: bytes
    name: str
    places: tuple[int, ...]
    names: tuple[str, ...]
    types: tuple[DataType, ...]
    data_type: StructType
    partition_columns: tuple[int, ...] = ()
    table_places: tuple[int, ...] = ()
    analyzed: bytes | None = None

    def command(self) -> bytes:
        """Return what PySpark's worker reads of a call besides what is pickled."""
        command = [_arguments(self.places, self.names)]
        command += [_int(len(self.partition_columns)), *map(_int, self.partition_columns)]
        command += [struct.pack("!?", self.analyzed is not None)]
        return b"".join([*command, _text(self.data_type.json()), _text(self.name)])


@dataclass(frozen=True, slots=True)
class TableWork:
    """Calls a table function for each row, or for each partition of rows.

    Attributes:
        eval_type: 300, 301 or 302.
        call: The function.
        settings: As ``runner_settings`` gives them.
    """

    eval_type: int
    call: TableCall
    settings: Mapping[str, str]

    def run(self, chunk: Chunk) -> Iterable[pa.RecordBatch]:
        """Return the rows the function makes of a chunk."""
        worker = _worker()
        call = self.call
        pickled = [pickle.loads(call.payload)]
        if call.analyzed is not None:
            pickled.insert(0, pickle.loads(call.analyzed))
        conf, eval_conf = worker.RunnerConf(), worker.EvalConf()
        conf._conf.update(self.settings)
        fields = [StructField(f"_{place}", kind) for place, kind in enumerate(call.types)]
        eval_conf._conf["input_type"] = StructType(fields).json()
        eval_conf._conf["table_arg_offsets"] = ",".join(map(str, call.table_places))
        function, _, reader, writer = worker.read_udtf(
            _Unpickled(pickled), io.BytesIO(call.command()), self.eval_type, conf, eval_conf
        )
        rows = int(self.settings[BATCH_ROWS])
        source = _framed(chunk, rows, as_struct=False)
        return _flat(_written(writer, function(chunk.index, reader.load_stream(source))))


def _worker() -> Any:
    """Return PySpark's worker, imported where a task needs it."""
    from pyspark import worker

    return worker


class _Unpickled:
    """Stands for the deserializer of the worker's commands: gives what is unpickled already."""

    def __init__(self, values: Iterable[Any]) -> None:
        self._values = iter(values)

    def _read_with_length(self, stream: Any) -> Any:
        return next(self._values)


def _int(value: int) -> bytes:
    return struct.pack("!i", value)


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _int(len(encoded)) + encoded


def _arguments(places: Sequence[int], names: Sequence[str]) -> bytes:
    """Return how many arguments there are, and which column and name each has."""
    command = [_int(len(places))]
    positional = len(places) - len(names)
    for place, name in zip(places, ("",) * positional + tuple(names), strict=True):
        command += [_int(place), struct.pack("!?", bool(name)), _text(name) if name else b""]
    return b"".join(command)


def _framed(chunk: Chunk, rows: int, as_struct: bool) -> Any:
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
        sink.write(_int(len(tables)))
        for place, (table, length) in enumerate(zip(tables, lengths, strict=True)):
            _write_group(sink, table.slice(starts[place], length), rows)
            starts[place] += length
    sink.write(_int(0))
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


def _written(serializer: Any, results: Iterable[Any]) -> Iterator[pa.RecordBatch]:
    """Return the batches that a serializer would write, before it marks and writes them."""
    taken: list[Iterator[pa.RecordBatch]] = []

    def take(batches: Iterator[pa.RecordBatch], stream: Any) -> Iterator[pa.RecordBatch]:
        taken.append(batches)
        return iter(())

    serializer._write_stream_start = take
    serializer.dump_stream(results, None)
    return taken[0]


def _flat(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the fields of batches of one struct as batches of columns."""
    from pyrite.sql.execution.python.arrow_batches import from_struct

    return map(from_struct, batches)
