"""Broadcast variables: one value, written once by the driver, loaded once by each worker.

    driver    Broadcast(owner, value) ── writes ──> <local dir>/broadcasts/broadcast_7
                 │ pickled in a closure as (id, path)              │
                 ▼                                                 │ read on first use of
    worker    Broadcast, one object per id and process  <──────────┘ .value, then kept

The file is the only thing they share, and says all there is to say about the value: as long as
it is there the value can be loaded (again); ``unpersist`` gives it a new time stamp, upon which
workers let their copy go before their next task (`drop_stale`); ``destroy`` removes it. Other
machines have copies of the file, which both of them remove.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO, Generic, Protocol, TypeVar

from pyrite.core.env import driver_file
from pyrite.core.errors import PySparkRuntimeError, SparkException
from pyrite.core.shared.broadcast_file import dump_value, load_value, map_value, write_file

__all__ = ["Broadcast", "BroadcastOwner", "collecting_broadcasts", "drop_stale"]

T = TypeVar("T")

_ids = itertools.count()
_pickled = threading.local()


class BroadcastOwner(Protocol):
    """What a broadcast needs of the context that makes it."""

    @property
    def local_dir(self) -> str:
        """The application's scratch directory, which its workers can read."""
        ...

    def remove_copies(self, path: str) -> None:
        """Delete what other machines keep of a file there, soon."""
        ...


class Broadcast(Generic[T]):
    """A read-only value that every worker of the application can use.

    Made by ``sc.broadcast(value)``. ``value`` gives a copy of the original, in the driver too:
    changes made to the original afterwards do not reach it. A broadcast no longer referred to
    anywhere in the driver is destroyed.

    Args:
        owner: The SparkContext.
        value: Anything that pickles.

    Raises:
        pickle.PicklingError: The value cannot be pickled.
    """

    def __init__(self, owner: BroadcastOwner, value: T) -> None:
        self._id = next(_ids)
        self._path = os.path.join(owner.local_dir, "broadcasts", f"broadcast_{self._id}")
        self._on_driver = True
        self._destroyed = False
        with collecting_broadcasts() as nested, write_file(self._path) as file:
            self._write(value, file)
        # A broadcast inside this one must not be cleaned up before this one.
        self._nested = nested
        _driver_broadcasts[self._id] = self
        self._owner = weakref.ref(owner)
        self._remove_file = weakref.finalize(self, _remove, self._path, self._owner)

    @property
    def id(self) -> int:
        """The broadcast's number, unique in the driver process."""
        return self._id

    @property
    def value(self) -> T:
        """The broadcast value, loaded on first use.

        Raises:
            SparkException: The broadcast was destroyed. In the driver a value that was loaded
                before stays readable, as in PySpark.
        """
        try:
            return self._value
        except AttributeError:
            self._value: T = self._load()
            return self._value

    def unpersist(self, blocking: bool = False) -> None:
        """Let the workers drop their copies; they load them again when they need them.

        Args:
            blocking: Accepted for compatibility. A worker drops its copy before its next task.

        Raises:
            SparkException: The broadcast was destroyed.
        """
        self._check_usable("unpersisted")
        with contextlib.suppress(FileNotFoundError):  # the application has ended, workers too
            os.utime(self._path)
            _remove_copies(self._path, self._owner)

    def destroy(self, blocking: bool = False) -> None:
        """Remove the value everywhere, for good.

        Args:
            blocking: Accepted for compatibility. The file is gone when this returns; a worker
                drops its copy before its next task.

        Raises:
            SparkException: The broadcast was destroyed before.
        """
        self._check_usable("destroyed")
        self._destroyed = True
        self._remove_file()

    def dump(self, value: T, f: BinaryIO) -> None:
        """Write a value to a file in the form broadcasts are kept in, and close the file.

        Raises:
            pickle.PicklingError: The value cannot be pickled.
        """
        self._write(value, f)
        f.close()

    def load(self, file: BinaryIO) -> T:
        """Read a value that `dump` wrote from an open file."""
        loaded: T = load_value(bytearray(file.read()))
        return loaded

    def load_from_path(self, path: str) -> T:
        """Read a value that `dump` wrote from a file on disk."""
        loaded: T = map_value(path)
        return loaded

    def __reduce__(self) -> tuple[Any, ...]:
        if self._destroyed:
            raise _destroyed_error(self._id)
        for found in getattr(_pickled, "collectors", ()):
            found.append(self)
        return _from_pickle, (self._id, self._path)

    def _load(self) -> T:
        if self._destroyed:
            raise _destroyed_error(self._id)
        try:
            # Just when it was found, a copy may be removed by ``unpersist``.
            with contextlib.suppress(FileNotFoundError):
                return self._read()
            return self._read()
        except FileNotFoundError:
            raise _destroyed_error(self._id) from None

    def _read(self) -> T:
        self._here = self._path if self._on_driver else driver_file(self._path)
        self._stamp = os.stat(self._here).st_mtime_ns
        loaded: T = map_value(self._here)
        return loaded

    def _write(self, value: T, file: BinaryIO) -> None:
        try:
            dump_value(value, file)
        except OSError as error:
            raise SparkException(
                f"Cannot write broadcast {self._id} to {self._path}: {error.strerror or error}. "
                "Free some space there, or set spark.local.dir to a directory with more room."
            ) from error
        except Exception as error:
            message = f"Could not serialize broadcast: {type(error).__name__}: {error}"
            raise pickle.PicklingError(message) from error

    def _check_usable(self, operation: str) -> None:
        if not self._on_driver:
            raise PySparkRuntimeError(
                errorClass="INVALID_BROADCAST_OPERATION",
                messageParameters={"operation": operation},
            )
        if self._destroyed:
            raise _destroyed_error(self._id)


_driver_broadcasts: weakref.WeakValueDictionary[int, Broadcast[Any]] = weakref.WeakValueDictionary()
"""The broadcasts this process made, so that one coming back from a task is the same object."""

_worker_broadcasts: dict[int, Broadcast[Any]] = {}
"""The broadcasts this process was sent: one object per id, whichever closures hold it."""


@contextmanager
def collecting_broadcasts() -> Iterator[list[Broadcast[Any]]]:
    """Collect the broadcasts that are pickled in this thread meanwhile.

    Whoever keeps pickled closures keeps this list with them, so that the values live as long.

    Example:
        >>> with collecting_broadcasts() as used:
        ...     pass  # cloudpickle.dumps(closure)
        >>> used
        []
    """
    collectors = _pickled.__dict__.setdefault("collectors", [])
    found: list[Broadcast[Any]] = []
    collectors.append(found)
    try:
        yield found
    finally:
        collectors.pop()


def drop_stale() -> None:
    """Let go of values the driver unpersisted or destroyed; a worker calls it before each task."""
    for broadcast_id, broadcast in tuple(_worker_broadcasts.items()):
        if "_value" not in broadcast.__dict__:
            continue
        try:
            stamp = os.stat(broadcast._here).st_mtime_ns
        except OSError:
            del _worker_broadcasts[broadcast_id]
            broadcast.__dict__.pop("_value", None)
            continue
        if broadcast.__dict__.get("_stamp", stamp) != stamp:
            broadcast.__dict__.pop("_value", None)


def _from_pickle(broadcast_id: int, path: str) -> Broadcast[Any]:
    for known in (_driver_broadcasts.get(broadcast_id), _worker_broadcasts.get(broadcast_id)):
        if known is not None and known._path == path:
            return known
    broadcast: Broadcast[Any] = Broadcast.__new__(Broadcast)
    broadcast._id = broadcast_id
    broadcast._path = path
    broadcast._on_driver = False
    broadcast._destroyed = False
    _worker_broadcasts[broadcast_id] = broadcast
    return broadcast


def _remove(path: str, owner: weakref.ref[BroadcastOwner]) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)
    _remove_copies(path, owner)


def _remove_copies(path: str, owner: weakref.ref[BroadcastOwner]) -> None:
    if (context := owner()) is not None:
        context.remove_copies(path)


def _destroyed_error(broadcast_id: int) -> SparkException:
    return SparkException(
        f"[INTERNAL_ERROR_BROADCAST] Attempted to use Broadcast({broadcast_id}) after it was "
        "destroyed. SQLSTATE: XX000"
    )
