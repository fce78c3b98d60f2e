"""Handles: the ids by which clients name their sessions and operations."""

from __future__ import annotations

import uuid

from pyrite.sql.errors import SparkError, runtime_error

__all__ = ["check_uuid", "invalid_handle"]


def invalid_handle(reason: str, handle: str) -> SparkError:
    """Make the error of a handle that cannot be used.

    Args:
        reason: The condition's name below INVALID_HANDLE.
        handle: The handle.
    """
    return runtime_error(f"INVALID_HANDLE.{reason}", handle=handle)


def check_uuid(handle: str) -> None:
    """Raise INVALID_HANDLE.FORMAT unless the text is a UUID."""
    try:
        uuid.UUID(handle)
    except ValueError:
        raise invalid_handle("FORMAT", handle) from None
