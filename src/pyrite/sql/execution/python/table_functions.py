"""Table functions (UDTFs), called as PySpark's own worker calls them."""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql.types import DataType, StructField, StructType

from pyrite.sql.execution.python.chunk import Chunk, read_batches
from pyrite.sql.execution.python.return_values import pickled_converter
from pyrite.sql.execution.python.row_functions import value_reader
from pyrite.sql.execution.python.worker_protocol import (
    Unpickled,
    argument_places,
    flat,
    framed,
    packed,
    packed_text,
    pyspark_worker,
    written,
)
from pyrite.sql.types import to_arrow

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TableCall", "TableWork"]

#: The kind whose rows are pickled in PySpark; its results are taken as they are.
_PICKLED = 300


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
        command = [argument_places(self.places, self.names)]
        command += [packed(len(self.partition_columns)), *map(packed, self.partition_columns)]
        command += [struct.pack("!?", self.analyzed is not None)]
        return b"".join([*command, packed_text(self.data_type.json()), packed_text(self.name)])


@dataclass(frozen=True, slots=True)
class TableWork:
    """Calls a table function for each row, or for each partition of rows.

    Attributes:
        eval_type: 300, 301 or 302.
        call: The function.
        settings: As ``runner_settings`` gives them.
        beside_rows: Whether what it makes stands beside the row it was made for; the chunk's
            batches have one row each then.
    """

    eval_type: int
    call: TableCall
    settings: Mapping[str, str]
    beside_rows: bool = False

    def run(self, chunk: Chunk) -> Iterator[pa.RecordBatch]:
        """Yield the rows the function makes of a chunk.

        Where it is called for rows to stand beside, the last column says for which.
        """
        given = _Given()
        batches = (
            self._pickled(chunk, given)
            if self.eval_type == _PICKLED
            else flat(self._arrow(chunk, given))
        )
        for batch in batches:
            yield batch if not self.beside_rows else _numbered(batch, given.rows - 1)

    def _function(self) -> tuple[Any, Any, Any]:
        """Return the worker's function, and how it reads and writes."""
        call, worker = self.call, pyspark_worker()
        pickled = [pickle.loads(call.payload)]
        if call.analyzed is not None:
            pickled.insert(0, pickle.loads(call.analyzed))
        conf, eval_conf = worker.RunnerConf(), worker.EvalConf()
        conf._conf.update(self.settings)
        fields = [StructField(f"_{place}", kind) for place, kind in enumerate(call.types)]
        eval_conf._conf["input_type"] = StructType(fields).json()
        eval_conf._conf["table_arg_offsets"] = ",".join(map(str, call.table_places))
        function, _, reader, writer = worker.read_udtf(
            Unpickled(pickled), io.BytesIO(call.command()), self.eval_type, conf, eval_conf
        )
        return function, reader, writer

    def _arrow(self, chunk: Chunk, given: _Given) -> Iterator[pa.RecordBatch]:
        function, reader, writer = self._function()
        source = framed(chunk, 0, as_struct=False)
        batches = given.count(reader.load_stream(source), _rows_of)
        return written(writer, function(chunk.index, batches))

    def _pickled(self, chunk: Chunk, given: _Given) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        function, _, _ = self._function()
        schema = self.call.data_type
        arrow_type, convert = to_arrow(schema), pickled_converter(schema)
        rows = given.count(self._values(chunk), lambda row: 1)
        for made in function(chunk.index, rows):
            values = [convert(schema.fromInternal(row)) for row in made]
            yield pa.RecordBatch.from_struct_array(pa.array(values, arrow_type))

    def _values(self, chunk: Chunk) -> Iterator[tuple[Any, ...]]:
        """Yield the arguments of each row."""
        readers = [value_reader(kind, self.settings) for kind in self.call.types]
        for batch in read_batches(chunk.sources[0]):
            if not readers:
                yield from [()] * batch.num_rows
                continue
            columns = [read(column) for read, column in zip(readers, batch.columns, strict=True)]
            yield from zip(*columns, strict=True)


class _Given:
    """How many rows the function has been given: what it makes then is for the last of them."""

    def __init__(self) -> None:
        self.rows = 0

    def count(self, items: Iterable[Any], size: Callable[[Any], int]) -> Iterator[Any]:
        """Yield the items, counting the rows in each."""
        for item in items:
            self.rows += size(item)
            yield item


def _rows_of(item: Any) -> int:
    """Return the rows of a batch, or of a list of columns and batches."""
    if isinstance(item, list):
        return len(item[0]) if item else 0
    return int(item.num_rows)


def _numbered(batch: pa.RecordBatch, row: int) -> pa.RecordBatch:
    import pyarrow as pa

    numbers = pa.array([row] * batch.num_rows, pa.int64())
    return pa.RecordBatch.from_arrays(
        [*batch.columns, numbers], [*map(str, range(batch.num_columns)), "row"]
    )
