"""Internal functions: what pandas-on-Spark and the client ask for, not for users."""

from __future__ import annotations

from pyrite.sql.functions.define import scalar

__all__ = ["FUNCTIONS"]

FUNCTIONS = (
    scalar(
        "distributed_sequence_id(options...?: any) -> bigint",
        "(row_number() OVER () - 1)",
        "The row's place in the whole, from 0.",
        nullable=False,
        deterministic=False,
    ),
)
