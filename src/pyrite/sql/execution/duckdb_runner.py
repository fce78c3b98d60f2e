"""DuckDBRunner: the DuckDB database of an application, and running fragments on it."""

from __future__ import annotations

import inspect
import threading
import time
import weakref
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from pyrite.core.errors import CertainFailure
from pyrite.sql.errors import SparkError, runtime_error
from pyrite.sql.execution.arrow_values import from_duckdb_arrow, stored_type, zoned
from pyrite.sql.execution.duckdb_errors import is_decimal_overflow, translate
from pyrite.sql.execution.error_probe import probe
from pyrite.sql.execution.stoppable_connection import StoppableConnection
from pyrite.sql.functions.macros import MACROS
from pyrite.sql.functions.raising import number_errors
from pyrite.sql.time_zones import canonical_zone, duckdb_zone
from pyrite.sql.types import to_arrow, to_arrow_schema, to_duckdb

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.execution.fragment import ArrowFunction, Fragment
    from pyrite.sql.expressions.expression import Expression
    from pyrite.sql.types import StructType

__all__ = ["DecimalOverflow", "DuckDBRunner", "RunningQuery"]

_ROWS_PER_BATCH = 100_000

#: Connections that are kept for later queries, for each time zone.
_MOST_IDLE = 8

#: Seconds that queries have to come to an end with their application.
_LONGEST_STOP = 5.0

#: Programs make deep expressions in loops; the stack has room for more than this.
_EXPRESSION_DEPTH = 4000

#: What DuckDB says when a rule of its optimizer has lost a column, and the rule that does.
_LOST_COLUMN = "Failed to bind column reference"
_LOSES_COLUMNS = "outer_join_simplification"

_T = TypeVar("_T")


class DuckDBRunner:
    """One in-memory DuckDB database; each query has a connection of its own to it.

    Args:
        threads: How many cores a query may use.
        spill_directory: Where what does not fit into memory goes.
        memory_limit: Bytes for all queries together; None for DuckDB's default.
    """

    def __init__(self, threads: int, spill_directory: str, memory_limit: int | None) -> None:
        import duckdb

        config: dict[str, Any] = {
            "threads": threads,
            "temp_directory": spill_directory,
            "max_expression_depth": _EXPRESSION_DEPTH,
            # Memory that queries have freed goes back to the system also while none runs.
            "allocator_background_threads": True,
        }
        if memory_limit is not None:
            config["memory_limit"] = f"{memory_limit}B"
        #: None once stopped: DuckDB complains of what is still there at the program's end.
        self._database: Any = duckdb.connect(":memory:", config=config)
        # Footers of Parquet files are read once; that a file has changed is noticed.
        self._database.execute("SET GLOBAL parquet_metadata_cache = true")
        for macro in MACROS:
            self._database.execute(macro)
        self._lock = threading.Lock()
        #: The Arrow functions there are, with the number of queries that may call each.
        self._functions: Counter[str] = Counter()
        #: The names of functions that a query calls no more. Whatever ends a query, the garbage
        #: collector too, may put something here; the next query clears it away.
        self._released: SimpleQueue[str] = SimpleQueue()
        self._running: weakref.WeakSet[RunningQuery] = weakref.WeakSet()
        #: Connections whose query has ended, by their time zone. To set a new one up takes as
        #: long as a small query.
        self._idle: defaultdict[str, deque[Any]] = defaultdict(lambda: deque(maxlen=_MOST_IDLE))

    def run(self, fragment: Fragment, schema: StructType) -> RunningQuery:
        """Start a fragment.

        Args:
            fragment: What to run.
            schema: The columns its answer is given with.
        """
        connection = self._connection(fragment)
        query = RunningQuery(connection, fragment, schema, self._release, self._keep)
        self._running.add(query)
        return query

    def store(
        self,
        fragment: Fragment,
        name: str,
        columns: Sequence[str],
        on_cancel: Callable[[Callable[[], None]], None],
    ) -> None:
        """Keep a fragment's rows as a table of the database.

        Args:
            fragment: What to compute.
            name: The table's name.
            columns: Its columns' names; there is one at least.
            on_cancel: Is told how to stop this.
        """
        connection = self._connection(fragment)
        table = f"{name}({', '.join(columns)})"
        try:
            on_cancel(connection.stop)
            with connection.working() as working:
                create = f"CREATE OR REPLACE TABLE {table} AS {fragment.sql}"
                _planned(working, partial(working.execute, create))
        except SparkError:
            raise
        except Exception as error:
            if not fragment.wide_decimals and is_decimal_overflow(str(error)):
                raise DecimalOverflow from None
            raise translate(error, fragment.places) from None
        finally:
            connection.close()
            self._release(fragment)

    def drop(self, name: str) -> None:
        """Forget a table that ``store`` made."""
        with self._lock:
            if self._database is not None:
                self._database.execute(f"DROP TABLE IF EXISTS {name}")

    def explain(self, fragment: Fragment) -> str:
        """Return DuckDB's plan of a fragment."""
        connection = self._connection(fragment)
        try:
            with connection.working() as working:
                explain = partial(working.execute, f"EXPLAIN {fragment.sql}")
                rows = _planned(working, explain).fetchall()
        finally:
            connection.close()
            self._release(fragment)
        return "\n".join(row[1] for row in rows)

    def stop(self) -> None:
        """End running queries and let go of the database."""
        queries = list(self._running)
        for query in queries:
            query.cancel()
        until = time.monotonic() + _LONGEST_STOP
        for query in queries:
            query.wait(max(0.0, until - time.monotonic()))
            query.close()
        with self._lock:
            self._idle.clear()
            self._database.close()
            self._database = None

    def _connection(self, fragment: Fragment) -> StoppableConnection:
        """Return a connection, ready for a fragment.

        Raises:
            SparkError: OPERATION_CANCELED, if the database is gone.
        """
        with self._lock:
            if self._database is None:
                raise runtime_error("OPERATION_CANCELED", None)
            zone = duckdb_zone(fragment.time_zone)
            idle = self._idle[zone]
            is_new = not idle
            connection = StoppableConnection(idle.pop() if idle else self._database.cursor())
            self._remove_released()
            for function in fragment.functions:
                self._register(function, fragment.time_zone)
        try:
            with connection.working() as working:
                if is_new:
                    working.execute(
                        f"SET TimeZone = '{zone}';"
                        # DuckDB follows a query's progress only if it may show it, if only to
                        # itself.
                        "SET enable_progress_bar = true; SET enable_progress_bar_print = false"
                    )
                for given in fragment.inputs:
                    working.register(given.name, given.open())
        except BaseException:
            connection.close()
            self._release(fragment)
            raise
        return connection

    def _register(self, function: ArrowFunction, time_zone: str) -> None:
        """Make an Arrow function callable, once for the database; the lock is held."""
        if self._functions[function.name]:
            self._functions[function.name] += 1
            return
        compute = function.compute
        zone = canonical_zone(time_zone)
        made = to_arrow(function.data_type)
        stored = stored_type(made)

        def computed(*arrays: Any) -> Any:  # DuckDB evaluates the annotations
            try:
                values = compute(*(_given(array, zone) for array in arrays))
            except ValueError as error:
                raise ValueError(number_errors(str(error), function.name)) from None
            return values if values.type != made or stored == made else values.cast(stored)

        # DuckDB counts the parameters.
        computed.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter(f"array{place}", inspect.Parameter.POSITIONAL_ONLY)
                for place in range(len(function.arguments))
            ]
        )
        self._database.create_function(
            function.name,
            computed,
            [to_duckdb(data_type) for data_type in function.arguments],
            to_duckdb(function.data_type),
            type="arrow",
            null_handling="special",
            side_effects=not function.deterministic,
        )
        self._functions[function.name] = 1

    def _keep(self, fragment: Fragment, connection: StoppableConnection) -> None:
        """Keep the connection of a query that has been read to its end for another one."""
        if self._database is None:
            return
        if (taken := connection.take()) is not None:
            for given in fragment.inputs:
                taken.unregister(given.name)
            self._idle[duckdb_zone(fragment.time_zone)].append(taken)

    def _release(self, fragment: Fragment) -> None:
        """Note that a fragment's functions are called no more."""
        for function in fragment.functions:
            self._released.put(function.name)

    def _remove_released(self) -> None:
        """Remove the functions that no query calls any more; the lock is held."""
        while not self._released.empty():
            name = self._released.get()
            self._functions[name] -= 1
            if not self._functions[name]:
                del self._functions[name]
                self._database.remove_function(name)


def _given(array: Any, zone: str) -> Any:
    """Return DuckDB's array in one piece, its timestamps in a zone that Arrow knows."""
    array = array.combine_chunks() if hasattr(array, "combine_chunks") else array
    return array.cast(zoned(array.type, zone)) if zone[0] in "+-" else array


def _planned(connection: Any, run: Callable[[], _T]) -> _T:
    """Run something that DuckDB plans, in another way should its planner fail.

    A rule of DuckDB 2.0 makes an inner join of a LEFT JOIN below a condition on both its sides,
    and loses a column by that.
    """
    try:
        return run()
    except Exception as error:
        if _LOST_COLUMN not in str(error):
            raise
    settings = connection.cursor()  # the connection itself has an open answer by the end
    settings.execute(f"SET disabled_optimizers = '{_LOSES_COLUMNS}'")
    try:
        return run()
    finally:
        settings.execute("RESET disabled_optimizers")


def _reader(connection: Any, sql: str) -> Any:
    """Start a query, and return a reader of its rows.

    The query of a relation is planned twice: when the relation is made, for its columns, and when
    it is read. What relations themselves run their query with plans it once; should a version of
    DuckDB not have it, the relation will do.
    """
    submit = getattr(connection, "_submit", None)
    if submit is None:
        return connection.sql(sql).to_arrow_reader(_ROWS_PER_BATCH)
    return submit(sql, None, "stream", _ROWS_PER_BATCH).arrow_reader()


class RunningQuery:
    """A query whose answer is being read.

    Attributes:
        schema: The answer's columns.
    """

    def __init__(
        self,
        connection: StoppableConnection,
        fragment: Fragment,
        schema: StructType,
        release: Callable[[Fragment], None],
        keep: Callable[[Fragment, StoppableConnection], None],
    ) -> None:
        self.schema = schema
        self._release = release
        self._keep = keep
        self._closed = False
        self._connection = connection
        self._fragment = fragment

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows while they are computed.

        Raises:
            SparkError: What the query met; ``DecimalOverflow`` if it may be tried again with
                wide decimals.
        """
        schema = to_arrow_schema(self.schema)
        given = ended = False
        reader: Any = None
        try:
            with self._connection.working() as working:
                reader = _planned(working, partial(_reader, working, self._fragment.sql))
            while True:
                with self._connection.working():
                    batch = next(reader, None)
                if batch is None:
                    ended = True
                    return
                given = True
                yield from_duckdb_arrow(batch, schema)
        except SparkError:
            raise
        except Exception as error:
            again = not given and not self._fragment.wide_decimals
            if again and is_decimal_overflow(str(error)):
                raise DecimalOverflow from None
            raise translate(error, self._fragment.places, self._probe) from None
        finally:
            # An error that someone keeps has this frame, and with it what is in it.
            reader = working = None
            if ended:
                self._keep(self._fragment, self._connection)
            self.close()

    def _probe(self, suspects: Sequence[Expression]) -> Expression | None:
        """Find out which of several expressions failed."""
        rewrite = self._fragment.rewrite
        return None if rewrite is None else probe(self._connection, rewrite, suspects)

    def progress(self) -> float:
        """Return the share of the work that is done, from 0 to 1."""
        return self._connection.progress()

    def cancel(self) -> None:
        """Stop the query, if it has begun or not; its reader gets OPERATION_CANCELED."""
        self._connection.stop()

    def wait(self, seconds: float) -> None:
        """Wait until the cancelled query has left DuckDB, so long at most."""
        self._connection.wait(seconds)

    def close(self) -> None:
        """Let go of the connection and of what it read."""
        self._connection.close()
        if not self._closed:
            self._closed = True
            self._release(self._fragment)


class DecimalOverflow(CertainFailure):
    """A decimal did not fit where DuckDB kept it; with ``wide_decimals`` it may fit."""
