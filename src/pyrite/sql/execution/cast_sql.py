"""Casts as DuckDB SQL."""

from __future__ import annotations

from pyrite.sql.expressions.expression import CastMode
from pyrite.sql.expressions.function import LoweringContext
from pyrite.sql.types import DataType, to_duckdb

__all__ = ["cast_sql"]


def cast_sql(
    sql: str, source: DataType, target: DataType, mode: CastMode, context: LoweringContext
) -> str:
    """Return the SQL of a cast."""
    word = "CAST" if mode is CastMode.ANSI else "TRY_CAST"
    return f"{word}({sql} AS {to_duckdb(target)})"
