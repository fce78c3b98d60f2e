"""Rows on their way to the client: Arrow batches become response messages of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
from pyspark.sql.connect.types import pyspark_types_to_proto_types

from pyrite.core.conf import ConfigEntry, parse_bytes
from pyrite.sql.types import to_arrow_schema

if TYPE_CHECKING:
    from pyspark.sql.connect import proto

    from pyrite.connect.execution import ExecuteHolder
    from pyrite.sql.query_execution import QueryResult

__all__ = ["query_responses"]

MAX_BATCH_BYTES = ConfigEntry("spark.connect.grpc.arrow.maxBatchSize", "4m", parse_bytes)

#: Share of the largest message that the rows may fill: their size is only an estimate.
_FILL = 0.7
_SMALLEST_CHUNK = 1024


def query_responses(
    operation: ExecuteHolder, result: QueryResult
) -> Iterator[proto.ExecutePlanResponse]:
    """Return the answers of a query: its schema, its rows, what was observed on the way."""
    response = operation.response()
    response.schema.CopyFrom(pyspark_types_to_proto_types(result.schema))
    yield response
    max_bytes = MAX_BATCH_BYTES.read(operation.session.state.conf.explicit())
    chunking = operation.chunking
    chunk_bytes = 0
    if chunking is not None and chunking.allow_arrow_batch_chunking:
        preferred = chunking.preferred_arrow_chunk_size
        chunk_bytes = max(_SMALLEST_CHUNK, min(preferred, max_bytes)) if preferred else max_bytes
    rows = 0
    sent = False
    for batch in result.batches:
        for piece in _pieces(batch, int(max_bytes * _FILL)):
            yield from _batch_responses(operation, piece, rows, chunk_bytes)
            rows += piece.num_rows
            sent = True
    if not sent:
        # The client learns the Arrow types from a batch, be it an empty one.
        empty = pa.RecordBatch.from_pylist([], schema=to_arrow_schema(result.schema))
        yield from _batch_responses(operation, empty, 0, 0)


def _pieces(batch: pa.RecordBatch, max_bytes: int) -> Iterator[pa.RecordBatch]:
    """Cut a batch into pieces that fit into a message."""
    size = batch.nbytes
    if size <= max_bytes:
        if batch.num_rows:
            yield batch
        return
    rows = max(1, batch.num_rows * max_bytes // size)
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def _batch_responses(
    operation: ExecuteHolder, batch: pa.RecordBatch, start: int, chunk_bytes: int
) -> Iterator[proto.ExecutePlanResponse]:
    """Return a batch as one message, or as several if it is still too large for one.

    Args:
        operation: Whose answers these are.
        batch: The rows.
        start: How many rows came before.
        chunk_bytes: The most bytes of a message; 0 when the client cannot put chunks together.
    """
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    data = sink.getvalue().to_pybytes()
    if not chunk_bytes or len(data) <= chunk_bytes:
        chunks = [data]
    else:
        chunks = [data[at : at + chunk_bytes] for at in range(0, len(data), chunk_bytes)]
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
