"""Connections that are stopped before they begin, while they work, and between."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.execution.stoppable_connection import StoppableConnection

ENDLESS = "SELECT max(range % 7) FROM range(10000000000000)"


@pytest.fixture
def connection() -> Any:
    with duckdb.connect(":memory:") as database:
        yield StoppableConnection(database.cursor())


def run_endless(connection: StoppableConnection, first: Callable[[], None]) -> None:
    with connection.working() as working:
        first()
        working.execute(ENDLESS)


def test_what_begins_after_the_stop_is_refused(connection: StoppableConnection) -> None:
    connection.stop()
    with pytest.raises(SparkError, match="OPERATION_CANCELED"), connection.working():
        raise AssertionError


def test_a_stop_that_comes_before_the_statement_ends_it(connection: StoppableConnection) -> None:
    with pytest.raises(SparkError, match="OPERATION_CANCELED"):
        run_endless(connection, connection.stop)


def test_a_statement_is_stopped(connection: StoppableConnection) -> None:
    inside = threading.Event()

    def stop() -> None:
        inside.wait()
        connection.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(SparkError, match="OPERATION_CANCELED"):
        run_endless(connection, inside.set)
    assert connection.wait(60)
    thread.join()


def test_one_that_waits_learns_that_it_works_still(connection: StoppableConnection) -> None:
    with connection.working():
        assert not connection.wait(0)
    assert connection.wait(0)


def test_a_closed_one_lets_go_of_duckdb(connection: StoppableConnection) -> None:
    connection.close()
    connection.close()
    connection.stop()
    assert connection.progress() == 0.0
    with pytest.raises(SparkError, match="OPERATION_CANCELED"), connection.working():
        raise AssertionError


def test_errors_of_a_statement_are_its_own(connection: StoppableConnection) -> None:
    with pytest.raises(duckdb.CatalogException), connection.working() as working:
        working.execute("SELECT * FROM missing")
    with connection.working() as working:
        assert working.execute("SELECT 1").fetchall() == [(1,)]


def test_closing_does_not_wait_for_a_lock_that_a_signal_has_kept() -> None:
    connection = StoppableConnection(duckdb.connect())
    kept = connection.working()
    kept.__enter__()  # as where an exception came before its __exit__
    connection.stop()
    stopper = connection._stopper
    assert stopper is not None
    connection.close()
    assert not stopper.is_alive()
    assert connection.wait(0)
