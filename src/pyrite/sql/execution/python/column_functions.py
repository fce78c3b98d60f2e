"""Functions of whole columns, batches and groups, called as PySpark's own worker calls them."""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql.types import DataType

from pyrite.sql.execution.python.chunk import Chunk
from pyrite.sql.execution.python.settings import BATCH_ROWS
from pyrite.sql.execution.python.worker_protocol import (
    Unpickled,
    argument_places,
    flat,
    framed,
    packed,
    pyspark_worker,
    written,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ONE_CALL", "STRUCT_INPUT", "ColumnCall", "ColumnWork"]

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
        return argument_places(self.places, self.names) + packed(1) + struct.pack("!q", 0)


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
        worker = pyspark_worker()
        command = b"".join([packed(len(self.calls)), *(call.command() for call in self.calls)])
        functions = [(pickle.loads(call.payload)[0], call.data_type) for call in self.calls]
        function, _, reader, writer = worker.read_udfs(
            Unpickled(functions), io.BytesIO(command), self.eval_type, *self._conf(worker)
        )
        rows = int(self.settings[BATCH_ROWS])
        source = framed(chunk, rows, self.eval_type in STRUCT_INPUT)
        results = written(writer, function(chunk.index, reader.load_stream(source)))
        return flat(results) if self.eval_type in _STRUCT_OUTPUT else results

    def _conf(self, worker: Any) -> tuple[Any, Any]:
        conf = worker.RunnerConf()
        conf._conf.update(self.settings)
        return conf, worker.EvalConf()
