"""Functions without arguments whose value is something the session knows."""

from __future__ import annotations

import getpass
from collections.abc import Callable

from pyrite.sql.session_state import SessionState

__all__ = ["SESSION_VALUES"]


def _catalog(session: SessionState) -> str:
    return session.catalog.current_catalog


def _database(session: SessionState) -> str:
    return session.catalog.current_database


def _user(session: SessionState) -> str:
    return getpass.getuser()


def _path(session: SessionState) -> str:
    return f"system.builtin,system.session,{_catalog(session)}.{_database(session)}"


#: What each function's value is.
SESSION_VALUES: dict[str, Callable[[SessionState], str]] = {
    "current_catalog": _catalog,
    "current_database": _database,
    "current_schema": _database,
    "current_user": _user,
    "user": _user,
    "session_user": _user,
    "current_path": _path,
}
