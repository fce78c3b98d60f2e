"""Small DuckDB queries on the side: what inference asks, and the lines of text files."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.macros import MACROS

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["BATCHES", "probe", "probe_table"]

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


def probe_table(sql: str, batches: pa.Table) -> pa.Table:
    """Run a query over a table and return an Arrow table.

    Args:
        sql: DuckDB SQL that reads the table ``BATCHES``; Spark's macros are there.
        batches: The rows of that table.
    """
    cursor = _connect().cursor()
    try:
        cursor.register(BATCHES, batches)
        return cursor.sql(sql).to_arrow_table()
    finally:
        cursor.close()


def _connect() -> Any:
    global _connection
    with _lock:
        if _connection is None:
            import duckdb

            connection = duckdb.connect()
            for macro in MACROS:
                connection.execute(macro)
            _connection = connection
        return _connection
