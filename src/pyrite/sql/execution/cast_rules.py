"""What the rules of casts share: their type, and how bad values end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyrite.sql.expressions.expression import Call, CastMode, Literal
from pyrite.sql.expressions.function import LoweringContext
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.types import DataType, sql_name

__all__ = ["ANSI_CONFIG", "CastRule", "checked", "from_python", "invalid_input"]

#: The SQL of a cast: from the value's SQL, both types, the mode and the context.
CastRule = Callable[[str, Any, Any, CastMode, LoweringContext], str]

ANSI_CONFIG = "'\"spark.sql.ansi.enabled\"'"

(_CAST_FUNCTION,) = scalar("cast_value(value: any) -> any", "{value}", "A cast by a kernel.")


def from_python(
    sql: str,
    source: DataType,
    target: DataType,
    compute: Callable[..., Any],
    context: LoweringContext,
) -> str:
    """Return the call of a function over Arrow arrays that converts the value."""
    call = Call(_CAST_FUNCTION, (Literal(None, source),), target, True)
    return f"{context.register(call, compute)}({sql})"


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def invalid_input(text_sql: str, source: DataType, target: DataType) -> str:
    """Return SQL that raises CAST_INVALID_INPUT; ``text_sql`` is the value as it is shown."""
    return raise_sql(
        "CAST_INVALID_INPUT",
        expression=text_sql,
        sourceType=_quote(f'"{sql_name(source)}"'),
        targetType=_quote(f'"{sql_name(target)}"'),
        ansiConfig=ANSI_CONFIG,
    )


def checked(sql: str, attempt: str, error: str, mode: CastMode) -> str:
    """Return an attempt that is null for bad values, which raise in ANSI mode."""
    if mode is not CastMode.ANSI:
        return attempt
    return f"coalesce({attempt}, CASE WHEN {sql} IS NOT NULL THEN {error} END)"
