"""The one DuckDB database of an application: made for its first query, gone with its context."""

from __future__ import annotations

import threading

from pyrite.core.conf import ConfigEntry, parse_bytes
from pyrite.sql.execution.duckdb_runner import DuckDBRunner
from pyrite.sql.session_state import SharedState

__all__ = ["runner_of"]

_lock = threading.Lock()

#: The settings that say how much memory queries may take, the first that is set.
_MEMORY_KEYS = ("spark.driver.memory", "spark.executor.memory")

#: What a thread needs for its part of a join or an aggregation that spills; with less, queries
#: would not finish, so there are fewer threads.
_BYTES_PER_THREAD = 48 << 20


def runner_of(shared: SharedState) -> DuckDBRunner:
    """Return the application's database."""
    with _lock:
        if shared.runner is None:
            shared.runner = _make(shared)
        runner: DuckDBRunner = shared.runner
        return runner


def _make(shared: SharedState) -> DuckDBRunner:
    conf = shared.conf
    context = shared.context
    limit = None
    threads = context.defaultParallelism
    for key in _MEMORY_KEYS:
        if key in conf:
            limit = ConfigEntry(key, "1g", lambda text: parse_bytes(text, "m")).read(conf)
            threads = max(1, min(threads, limit // _BYTES_PER_THREAD))
            break
    runner = DuckDBRunner(threads, f"{context.local_dir}/duckdb", limit)
    # At its end DuckDB waits for queries, and those for Python functions in our workers.
    context.stop_first_at_exit()
    return runner
