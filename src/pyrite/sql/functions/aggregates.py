"""Aggregate functions."""

from __future__ import annotations

from pyrite.sql.functions.define import aggregate

__all__ = ["FUNCTIONS"]

FUNCTIONS = (
    aggregate(
        "count(exprs...: any) -> bigint",
        "count({distinct}{0}){filter}",
        "How many rows have a value.",
        nullable=False,
    ),
    aggregate("max(expr: T) -> T", "max({expr})", "The greatest value."),
    aggregate("min(expr: T) -> T", "min({expr})", "The least value."),
)
