"""Rows on their way to the client: Arrow batches become response messages of bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from pyrite.connect.literals import literal_message
from pyrite.connect.month_intervals import as_intervals
from pyrite.connect.type_messages import type_message
from pyrite.core.conf import ConfigEntry, parse_bytes
from pyrite.sql.types import to_arrow_schema

if TYPE_CHECKING:
    from pyspark.sql.connect import proto

    from pyrite.connect.execution import ExecuteHolder
    from pyrite.sql.execution.operation import Observed
    from pyrite.sql.query_execution import QueryResult

__all__ = ["arrow_stream", "observed_responses", "query_responses"]

MAX_BATCH_BYTES = ConfigEntry("spark.connect.grpc.arrow.maxBatchSize", "4m", parse_bytes)

#: Share of the largest message that the rows may fill: their size is only an estimate.
_FILL = 0.7
_SMALLEST_CHUNK = 1024

#: Without it, each stream looks into the environment for older forms to write.
_AS_USUAL = pa.ipc.IpcWriteOptions()

#: How the client package calls itself; it reads year-month intervals as numbers.
_PYTHON = "_SPARK_CONNECT_PYTHON"


def query_responses(
    operation: ExecuteHolder, result: QueryResult
) -> Iterator[proto.ExecutePlanResponse]:
    """Return the answers of a query: its schema and its rows."""
    response = operation.response()
    response.schema.CopyFrom(type_message(result.schema))
    yield response
    max_bytes = MAX_BATCH_BYTES.read(operation.session.state.conf.explicit())
    chunk_bytes = _chunk_bytes(operation.chunking, max_bytes)
    months = not operation.request.client_type.startswith(_PYTHON)
    rows = 0
    for batch in _pieces(result, int(max_bytes * _FILL)):
        sent = as_intervals(batch, result.schema) if months else batch
        yield from _batch_responses(operation, sent, rows, chunk_bytes)
        rows += batch.num_rows


def observed_responses(
    operation: ExecuteHolder, observed: Observed
) -> Iterator[proto.ExecutePlanResponse]:
    """Return the answers that say what was observed on the way, by the observation's name."""
    for name, observation in observed.items():
        response = operation.response()
        response.observed_metrics.add(
            name=name,
            plan_id=observation.frame,
            keys=[key for key, _, _ in observation.metrics],
            values=[literal_message(value, kind) for _, value, kind in observation.metrics],
        )
        yield response


def arrow_stream(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> bytes:
    """Return batches as one Arrow stream, as the client reads it."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema, options=_AS_USUAL) as writer:
        for batch in batches:
            writer.write_batch(batch)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _chunk_bytes(options: proto.ResultChunkingOptions | None, max_bytes: int) -> int:
    """Return the most bytes of a message; 0 if the client cannot put chunks together."""
    if options is None or not options.allow_arrow_batch_chunking:
        return 0
    preferred = options.preferred_arrow_chunk_size or max_bytes
    return max(_SMALLEST_CHUNK, min(preferred, max_bytes))


def _pieces(result: QueryResult, max_bytes: int) -> Iterator[pa.RecordBatch]:
    """Cut a query's batches into pieces that fit into a message; there is at least one."""
    empty = True
    for batch in result.batches:
        size = batch.nbytes
        step = batch.num_rows if size <= max_bytes else max(1, batch.num_rows * max_bytes // size)
        for start in range(0, batch.num_rows, step or 1):
            yield batch.slice(start, step)
            empty = False
    if empty:
        # The client learns the Arrow types from a batch.
        yield pa.RecordBatch.from_pylist([], schema=to_arrow_schema(result.schema))


def _batch_responses(
    operation: ExecuteHolder, batch: pa.RecordBatch, start: int, chunk_bytes: int
) -> Iterator[proto.ExecutePlanResponse]:
    """Return a batch as one message, or as several if it is still too large for one.

    Args:
        operation: Whose answers these are.
        batch: The rows.
        start: How many rows came before.
        chunk_bytes: See ``_chunk_bytes``.
    """
    data = arrow_stream(batch.schema, [batch])
    step = chunk_bytes or len(data)
    chunks = [data[at : at + step] for at in range(0, len(data), step)]
    for index, chunk in enumerate(chunks):
        response = operation.response()
        arrow_batch = response.arrow_batch
        arrow_batch.row_count = batch.num_rows
        arrow_batch.start_offset = start
        arrow_batch.data = chunk
        if chunk_bytes:
            arrow_batch.chunk_index = index
            arrow_batch.num_chunks_in_batch = len(chunks)
        yield response
