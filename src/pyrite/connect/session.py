"""SessionHolder and SessionManager: the clients' sessions, by user and session id."""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from pyspark.errors import PySparkValueError
from pyspark.sql.connect import proto

from pyrite.connect.artifacts import Artifacts
from pyrite.connect.checked_query import CheckedQuery
from pyrite.connect.errors import ErrorLog
from pyrite.connect.execution import ExecuteHolder, OperationState
from pyrite.connect.handles import check_uuid, invalid_handle
from pyrite.connect.operation_threads import wait_for_tasks
from pyrite.connect.planner import SparkConnectPlanner
from pyrite.sql.errors import SparkError, runtime_error
from pyrite.sql.plans.plan import CachedRelation
from pyrite.sql.session_state import SessionState, SharedState

__all__ = ["SessionHolder", "SessionManager"]

#: A session's user and id, as the client gives them.
SessionKey = tuple[str, str]

Key = TypeVar("Key", bound=Hashable)

#: How many closed sessions, and ended operations of a session, are remembered to tell of them.
_REMEMBERED = 1000

#: Seconds that interrupted operations have to come to an end when all sessions are closed.
_LONGEST_WAIT = 10


class SessionHolder:
    """One client's session and all that belongs to it.

    Args:
        user_id: Whose it is.
        session_id: What the client calls it.
        state: Its settings, catalog and functions.

    Attributes:
        server_side_session_id: Tells the client that it still speaks to the same session.
        errors: Its latest errors, for ``FetchErrorDetails``.
        artifacts: What its client has uploaded.
        checked: The query that its client may run next.
        last_used: When the client last spoke (monotonic seconds).
    """

    def __init__(self, user_id: str, session_id: str, state: SessionState) -> None:
        self.user_id = user_id
        self.session_id = session_id
        self.state = state
        self.server_side_session_id = str(uuid.uuid4())
        self.errors = ErrorLog()
        self.artifacts = Artifacts(state)
        self.checked = CheckedQuery()
        self.last_used = time.monotonic()
        self._operations: dict[str, ExecuteHolder] = {}
        self._ended: OrderedDict[str, OperationState] = OrderedDict()
        self._abandoned: OrderedDict[str, None] = OrderedDict()

    @property
    def planner(self) -> SparkConnectPlanner:
        """Translates the messages of its plans."""
        return SparkConnectPlanner(self.state, self.artifacts.cached)

    @property
    def operations(self) -> list[ExecuteHolder]:
        """What it runs, and what its client may still reattach to."""
        return list(self._operations.values())

    def execute(
        self, request: proto.ExecutePlanRequest, call_site: str | None = None
    ) -> ExecuteHolder:
        """Start an operation; a request that its client repeats, not knowing of it, starts nothing.

        Args:
            request: What to run.
            call_site: Where the program asked for it, if that is this process's.

        Raises:
            SparkError: INVALID_HANDLE, if its id is no UUID or was used before.
            PySparkValueError: A tag is empty or has a comma.
        """
        operation_id = request.operation_id
        if operation_id:
            check_uuid(operation_id)
        else:
            # A client in this process learns it: by this id it interrupts what Ctrl-C ends.
            request.operation_id = operation_id = str(uuid.uuid4())
        if operation_id in self._ended:
            raise invalid_handle("OPERATION_ABANDONED", operation_id)
        for tag in request.tags:
            _check_tag(tag)
        operation = ExecuteHolder(self, operation_id, request, call_site)
        existing = self._operations.setdefault(operation_id, operation)
        if existing is operation:
            operation.start()
        elif not existing.reattachable or existing.request.plan != request.plan:
            raise invalid_handle("OPERATION_ALREADY_EXISTS", operation_id)
        return existing

    def operation(self, operation_id: str) -> ExecuteHolder:
        """Return an operation that its client wants to go on with.

        Raises:
            SparkError: INVALID_HANDLE, if it is not there; INVALID_CURSOR, if it was not
                started as one to reattach to.
        """
        operation = self._operations.get(operation_id)
        if operation is None:
            abandoned = operation_id in self._abandoned
            reason = "OPERATION_ABANDONED" if abandoned else "OPERATION_NOT_FOUND"
            raise invalid_handle(reason, operation_id)
        if not operation.reattachable:
            raise runtime_error("INVALID_CURSOR.NOT_REATTACHABLE")
        return operation

    def release(self, operation_id: str, response_id: str | None) -> bool:
        """Forget an operation's answers up to one; without one, the whole operation.

        Returns:
            Whether the operation is there.
        """
        operation = self._operations.get(operation_id)
        if operation is None:
            return False
        if response_id is None:
            self.end(operation)
        else:
            operation.release(response_id)
        return True

    def end(self, operation: ExecuteHolder) -> None:
        """Stop an operation if it runs, and remember only how it ended."""
        operation.interrupt()
        if self._operations.pop(operation.operation_id, None) is not None:
            _remember(self._ended, operation.operation_id, operation.state)

    def abandon(self, operation: ExecuteHolder) -> None:
        """Stop an operation whose client does not come back for its answers."""
        _remember(self._abandoned, operation.operation_id, None)
        self.end(operation)

    def status(self, operation_id: str) -> OperationState | None:
        """Return where an operation stands for its client, None if it is not known."""
        operation = self._operations.get(operation_id)
        return operation.client_state if operation else self._ended.get(operation_id)

    def statuses(self) -> dict[str, OperationState]:
        """Return where each operation stands for its client, by id."""
        held = {operation.operation_id: operation.client_state for operation in self.operations}
        return {**self._ended, **held}

    def close(self) -> None:
        """Stop what runs, forget the rows it keeps, and remove what was uploaded."""
        for operation in self.operations:
            self.end(operation)
        for held in self.state.held_relations.values():
            if isinstance(held, CachedRelation):
                self.state.shared.cache.release(held.key)
        self.state.shared.cache.forget_keeper(self.state)
        self.artifacts.close()


class SessionManager:
    """All sessions of a service.

    Args:
        shared: What they share.
    """

    def __init__(self, shared: SharedState) -> None:
        self._shared = shared
        self._lock = threading.Lock()
        self._sessions: dict[SessionKey, SessionHolder] = {}
        self._closed: OrderedDict[SessionKey, None] = OrderedDict()

    @property
    def sessions(self) -> list[SessionHolder]:
        """The open sessions."""
        return list(self._sessions.values())

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

    def existing(self, user_id: str, session_id: str, observed: str = "") -> SessionHolder:
        """Return a session that a client has spoken to before.

        Raises:
            SparkError: INVALID_HANDLE, if it is not there.
        """
        if (user_id, session_id) not in self._sessions and (
            user_id,
            session_id,
        ) not in self._closed:
            raise invalid_handle("SESSION_NOT_FOUND", session_id)
        return self.session(user_id, session_id, observed)

    def clone(self, source: SessionHolder, new_session_id: str) -> SessionHolder:
        """Return a new session with a copy of another's state.

        Raises:
            SparkError: INVALID_CLONE_SESSION_REQUEST, if the new id cannot be used.
        """
        session_id = new_session_id or str(uuid.uuid4())
        key = (source.user_id, session_id)
        try:
            check_uuid(session_id)
        except SparkError:
            raise _invalid_clone("FORMAT", session_id) from None
        if key in self._sessions:
            raise _invalid_clone("ALREADY_EXISTS", session_id)
        if key in self._closed:
            raise _invalid_clone("ALREADY_CLOSED", session_id)
        clone = self._add(key, source.state.clone)
        clone.artifacts.start_with(source.artifacts)
        return clone

    def release(self, user_id: str, session_id: str, allow_reconnect: bool = False) -> str:
        """Close a session, if it is there, and return its server-side id."""
        key = (user_id, session_id)
        with self._lock:
            session = self._sessions.pop(key, None)
            if session is not None and not allow_reconnect:
                _remember(self._closed, key, None)
        if session is None:
            return ""
        session.close()
        return session.server_side_session_id

    def sweep(self, session_seconds: float, detached_seconds: float) -> None:
        """End what clients have left behind.

        Args:
            session_seconds: After how long of silence a session without operations is closed.
            detached_seconds: After how long without a listener an operation is ended.
        """
        silent_since = time.monotonic() - session_seconds
        for session in self.sessions:
            for operation in session.operations:
                if operation.detached_seconds > detached_seconds:
                    session.abandon(operation)
            if not session.operations and session.last_used < silent_since:
                self.release(session.user_id, session.session_id)

    def close(self) -> None:
        """Close every session."""
        for user_id, session_id in list(self._sessions):
            self.release(user_id, session_id)
        wait_for_tasks(_LONGEST_WAIT)

    def _add(self, key: SessionKey, make: Callable[[], SessionState]) -> SessionHolder:
        user_id, session_id = key
        check_uuid(session_id)
        with self._lock:
            if key in self._closed:
                raise invalid_handle("SESSION_CLOSED", session_id)
            if key not in self._sessions:
                self._sessions[key] = SessionHolder(user_id, session_id, make())
            return self._sessions[key]


def _remember(memory: OrderedDict[Key, Any], key: Key, value: Any) -> None:
    memory[key] = value
    while len(memory) > _REMEMBERED:
        memory.popitem(last=False)


def _check_tag(tag: str) -> None:
    if not tag:
        raise PySparkValueError("Spark Connect tag cannot be an empty string.")
    if "," in tag:
        raise PySparkValueError("Spark Connect tag cannot contain ','.")


def _invalid_clone(reason: str, session_id: str) -> SparkError:
    condition = f"INVALID_CLONE_SESSION_REQUEST.TARGET_SESSION_ID_{reason}"
    return runtime_error(condition, targetSessionId=session_id)
