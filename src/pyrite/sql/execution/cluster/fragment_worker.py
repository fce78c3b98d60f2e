"""One fragment in a worker process, by the DuckDB database that the process keeps."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pyrite.core.conf import ConfigEntry, parse_bytes
from pyrite.core.env import SparkEnv
from pyrite.core.interrupts import stopped_by_interrupts
from pyrite.core.task_context import TaskContext
from pyrite.sql.execution.cluster.stage_inputs import take_failure
from pyrite.sql.execution.duckdb_runner import DuckDBRunner
from pyrite.sql.types import StructField, StructType

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.execution.fragment import Fragment

__all__ = ["run_fragment"]

_EXECUTOR_MEMORY = ConfigEntry("spark.executor.memory", "1g", lambda text: parse_bytes(text, "m"))

_runner: DuckDBRunner | None = None


def run_fragment(fragment: Fragment) -> Iterator[pa.RecordBatch]:
    """Run a fragment and yield its rows.

    Raises:
        SparkError: What the query met.
        FetchFailed: If the rows of other tasks are lost.
    """
    take_failure()
    schema = StructType([StructField(a.name, a.data_type, a.nullable) for a in fragment.output])
    query = _worker_runner().run(fragment, schema)
    try:
        with stopped_by_interrupts(query.cancel):
            yield from query.batches()
    except Exception as error:
        raise take_failure() or error from None
    finally:
        query.close()


def _worker_runner() -> DuckDBRunner:
    """Return this process's database."""
    global _runner
    if _runner is None:
        # Threads of DuckDB would import it while this one does, and find half a module.
        import numpy  # noqa: F401

        env, context = SparkEnv.get(), TaskContext.get()
        assert context is not None
        directory = os.path.join(env.spill_dir, f"duckdb-{os.getpid()}")
        _runner = DuckDBRunner(context.cpus(), directory, _EXECUTOR_MEMORY.read(env.conf))
    return _runner
