"""SessionHolder and SessionManager: the clients' sessions, by user and session id."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from pyrite.connect.errors import ErrorLog
from pyrite.connect.execution import ExecuteHolder
from pyrite.core.conf import ConfigEntry, parse_seconds
from pyrite.sql.errors import SparkError, runtime_error
from pyrite.sql.session_state import SessionState, SharedState

__all__ = ["SessionHolder", "SessionManager"]

SESSION_TIMEOUT = ConfigEntry(
    "spark.connect.session.manager.defaultSessionTimeout", "60m", parse_seconds
)

#: A session's user and id, as the client gives them.
SessionKey = tuple[str, str]

#: How many closed sessions are remembered, to tell their clients that they were closed.
_REMEMBERED_CLOSED = 1000


@dataclass(eq=False)
class SessionHolder:
    """One client's session and all that belongs to it.

    Attributes:
        user_id: Whose it is.
        session_id: What the client calls it.
        state: Its settings, catalog and functions.
        server_side_session_id: Tells the client that it still speaks to the same session.
        errors: Its latest errors, for ``FetchErrorDetails``.
        operations: What it runs, and what a client may still reattach to, by operation id.
        last_used: When the client last spoke (monotonic seconds).
    """

    user_id: str
    session_id: str
    state: SessionState
    server_side_session_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    errors: ErrorLog = field(default_factory=ErrorLog)
    operations: dict[str, ExecuteHolder] = field(default_factory=dict)
    last_used: float = field(default_factory=time.monotonic)

    def close(self) -> None:
        """Stop what runs."""
        for operation in list(self.operations.values()):
            operation.interrupt()


class SessionManager:
    """All sessions of a service.

    Args:
        shared: What they share.
    """

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared
        self._lock = threading.Lock()
        self._sessions: dict[SessionKey, SessionHolder] = {}
        self._closed: dict[SessionKey, None] = {}

    def session(self, user_id: str, session_id: str, observed: str = "") -> SessionHolder:
        """Return a session, made now if this is its first call.

        Args:
            user_id: Whose.
            session_id: A UUID of the client's choice.
            observed: The server-side id the client has seen, if any.

        Raises:
            SparkError: INVALID_HANDLE, if the session is closed or not the one the client knew.
        """
        key = (user_id, session_id)
        session = self._sessions.get(key)
        if session is None:
            session = self._add(key, lambda: SessionState(self._shared))
        if observed and observed != session.server_side_session_id:
            raise invalid_handle("SESSION_CHANGED", session_id)
        session.last_used = time.monotonic()
        return session

    def find(self, user_id: str, session_id: str) -> SessionHolder | None:
        """Return a session if it is there."""
        return self._sessions.get((user_id, session_id))

    def clone(self, source: SessionHolder, new_session_id: str) -> SessionHolder:
        """Return a new session with a copy of another's state."""
        session_id = new_session_id or str(uuid.uuid4())
        key = (source.user_id, session_id)
        if key in self._sessions:
            raise invalid_handle("SESSION_ALREADY_EXISTS", session_id)
        return self._add(key, source.state.clone)

    def release(self, user_id: str, session_id: str, allow_reconnect: bool) -> str:
        """Close a session, if it is there, and return its server-side id."""
        with self._lock:
            session = self._sessions.pop((user_id, session_id), None)
            if session is not None and not allow_reconnect:
                self._remember_closed((user_id, session_id))
        if session is None:
            return ""
        session.close()
        return session.server_side_session_id

    def close(self) -> None:
        """Close every session."""
        for user_id, session_id in list(self._sessions):
            self.release(user_id, session_id, allow_reconnect=False)

    def _add(self, key: SessionKey, make: Callable[[], SessionState]) -> SessionHolder:
        user_id, session_id = key
        check_uuid(session_id)
        with self._lock:
            if key in self._closed:
                raise invalid_handle("SESSION_CLOSED", session_id)
            if key not in self._sessions:
                self._sessions[key] = SessionHolder(user_id, session_id, make())
            return self._sessions[key]

    def _remember_closed(self, key: SessionKey) -> None:
        self._closed[key] = None
        while len(self._closed) > _REMEMBERED_CLOSED:
            self._closed.pop(next(iter(self._closed)))


def invalid_handle(reason: str, handle: str) -> SparkError:
    """Make the error of an id that cannot be used."""
    return runtime_error(f"INVALID_HANDLE.{reason}", handle=handle)


def check_uuid(handle: str) -> None:
    """Raise INVALID_HANDLE.FORMAT unless the text is a UUID."""
    try:
        uuid.UUID(handle)
    except ValueError:
        raise invalid_handle("FORMAT", handle) from None
