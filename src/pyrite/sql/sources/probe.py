"""Small DuckDB queries that a source asks while it is being resolved, such as for inference."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BATCHES", "probe"]

#: What a probing query calls the batches it is given.
BATCHES = "__batches"

_lock = threading.Lock()
_connection: Any = None


def probe(sql: str, batches: pa.RecordBatchReader | None = None) -> list[tuple[Any, ...]]:
    """Run a query and return its rows.

    Args:
        sql: DuckDB SQL; it may read the table ``BATCHES``.
        batches: The rows of that table.
    """
    cursor = _connect().cursor()
    try:
        if batches is not None:
            cursor.register(BATCHES, batches)
        rows: list[tuple[Any, ...]] = cursor.execute(sql).fetchall()
        return rows
    finally:
        cursor.close()


def _connect() -> Any:
    global _connection
    with _lock:
        if _connection is None:
            import duckdb

            _connection = duckdb.connect()
        return _connection
