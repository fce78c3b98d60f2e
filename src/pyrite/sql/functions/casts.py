"""Casts: which types convert to which when the user asks for it."""

from __future__ import annotations

from pyrite.sql.types import AtomicType, DataType, NullType

__all__ = ["can_cast"]


def can_cast(source: DataType, target: DataType, ansi: bool) -> bool:
    """Whether there is a cast between two types."""
    return (
        source == target
        or isinstance(source, NullType)
        or (isinstance(source, AtomicType) and isinstance(target, AtomicType))
    )
