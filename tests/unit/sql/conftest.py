"""A SQL session over an engine that is only a few settings, for tests that run no RDD."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pyrite.core.conf import SparkConf
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState, SharedState

TIME_ZONE = "America/Los_Angeles"


class Engine:
    """What SQL asks of a SparkContext when a plan has no Python in it."""

    defaultParallelism = 2  # noqa: N815 - PySpark's name
    cluster_shape = None

    def __init__(self, folder: Path) -> None:
        self.local_dir = str(folder / "local")
        self._conf = SparkConf(loadDefaults=False)
        self._conf.set("spark.sql.session.timeZone", TIME_ZONE)
        self._conf.set("spark.sql.warehouse.dir", str(folder / "warehouse"))

    @property
    def conf(self) -> dict[str, str]:
        return dict(self.getConf().getAll())

    def getConf(self) -> SparkConf:
        return self._conf

    def stop_first_at_exit(self) -> None:
        """Nothing runs here when the program ends."""


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[SharedState]:
    state = SharedState(Engine(tmp_path))  # type: ignore[arg-type]
    yield state
    if state.runner is not None:
        state.runner.stop()


@pytest.fixture
def session(shared: SharedState) -> SessionState:
    return SessionState(shared)


Run = Callable[[LogicalPlan], list[tuple[Any, ...]]]


@pytest.fixture
def run(session: SessionState) -> Run:
    """Run a plan or a command and return its rows."""

    def run_plan(plan: LogicalPlan) -> list[tuple[Any, ...]]:
        batches = QueryExecution(session, plan).execute().batches
        return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]

    return run_plan
