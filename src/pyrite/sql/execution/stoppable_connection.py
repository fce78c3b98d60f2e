"""StoppableConnection: a DuckDB connection that another thread can stop for good.

DuckDB forgets an interrupt when a statement begins: one that comes a moment too early, such as
while the statement is still being bound, is lost, and the statement runs to its end, if it has
one. Here, whoever stops a connection interrupts it again until its thread has left DuckDB, and
what would begin later does not.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pyrite.sql.errors import runtime_error

__all__ = ["StoppableConnection"]

#: Seconds from one interrupt to the next.
_PERIOD = 0.02

#: Seconds that an interrupting thread has to see that it is needed no more.
_LONGEST_JOIN = 1.0


class StoppableConnection:
    """A connection for the work of one thread at a time.

    Args:
        connection: DuckDB's; it belongs to this object from now on.

    Attributes:
        stopped: Whether it was told to stop.

    Example::

        with connection.working() as duckdb_connection:
            duckdb_connection.execute(...)  # another thread may call connection.stop()
    """

    def __init__(self, connection: Any) -> None:
        self.stopped = False
        self._connection = connection
        # Reentrant: the garbage collector may close it wherever a thread is.
        self._stopping = threading.RLock()
        self._stopper: threading.Thread | None = None
        self._inside = threading.Lock()  # held by the thread that is inside DuckDB
        #: Whether nobody is inside, whatever the lock says: a signal's exception may come where
        #: the lock is about to be released, and keep it as long as somebody keeps the exception.
        self._left = False

    @contextmanager
    def working(self) -> Iterator[Any]:
        """Work with the connection inside the block.

        Raises:
            SparkError: OPERATION_CANCELED if it was stopped, before the block or in it.
        """
        with self._inside:
            # Whoever stops it sets this first and looks for a thread inside then.
            self._check()
            try:
                yield self._connection
            except Exception:
                self._check()
                raise

    def _check(self) -> None:
        if self.stopped or self._connection is None:
            raise runtime_error("OPERATION_CANCELED", None) from None

    def stop(self) -> None:
        """Stop what runs and what would begin; return at once."""
        with self._stopping:
            if self.stopped:
                return
            self.stopped = True
            if self.wait(0):
                return
            stopper = threading.Thread(target=self.wait, name="query stopper", daemon=True)
            # At the program's end no thread starts any more; then the runner's end waits.
            with contextlib.suppress(RuntimeError):
                stopper.start()
                self._stopper = stopper

    def wait(self, seconds: float = float("inf")) -> bool:
        """Interrupt what runs, once stopped, until no thread is inside DuckDB.

        Args:
            seconds: How long at most.

        Returns:
            Whether none is inside.
        """
        until = time.monotonic() + seconds
        while not self._inside.acquire(timeout=min(_PERIOD, seconds)):
            if self._left:
                return True
            with contextlib.suppress(Exception):  # it may be closed meanwhile
                self._connection.interrupt()
            if time.monotonic() >= until:
                return False
        self._inside.release()
        return True

    def progress(self) -> float:
        """Return the share of the work that is done, from 0 to 1."""
        try:
            return max(0.0, float(self._connection.query_progress()) / 100)
        except Exception:
            return 0.0

    def take(self) -> Any:
        """Return DuckDB's connection and give it up; None if it was stopped."""
        with self._stopping:
            if self.stopped:
                return None
            connection, self._connection = self._connection, None
            return connection

    def close(self) -> None:
        """Let go of DuckDB's connection, whoever still holds this object.

        Nobody is inside DuckDB any more, so whoever interrupts it ends, too.
        """
        with self._stopping:
            self._left = True
            if self._stopper is not None:
                self._stopper.join(_LONGEST_JOIN)
                self._stopper = None
        with contextlib.suppress(Exception):
            self._connection.close()
        self._connection = None
