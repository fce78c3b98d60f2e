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


def runner_of(shared: SharedState) -> DuckDBRunner:
    """Return the application's database."""
    with _lock:
        if shared.runner is None:
            shared.runner = _make(shared)
        runner: DuckDBRunner = shared.runner
        return runner


def _make(shared: SharedState) -> DuckDBRunner:
    conf = shared.conf
    limit = None
    for key in _MEMORY_KEYS:
        if key in conf:
            limit = ConfigEntry(key, "1g", lambda text: parse_bytes(text, "m")).read(conf)
            break
    context = shared.context
    runner = DuckDBRunner(context.defaultParallelism, f"{context.local_dir}/duckdb", limit)
    # At its end DuckDB waits for queries, and those for Python functions in our workers.
    context.stop_first_at_exit()
    return runner
