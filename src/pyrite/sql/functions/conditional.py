"""Conditional functions: the first of several values that fits."""

from __future__ import annotations

from pyrite.sql.functions.define import scalar

__all__ = ["FUNCTIONS"]

FUNCTIONS = (
    scalar(
        "coalesce(exprs...: T) -> T",
        "coalesce({*})",
        "The first value that is not null.",
        nullable=lambda arguments: all(a.nullable for a in arguments),
    ),
)
