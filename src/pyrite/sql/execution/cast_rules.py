"""What the rules of casts share: their type, and how bad values end."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from pyrite.sql.duckdb_text import quote
from pyrite.sql.expressions.expression import Call, CastMode, Literal
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.types import DataType, sql_name

__all__ = ["ANSI_CONFIG", "CastRule", "checked", "constant_text", "from_python", "invalid_input"]

#: The SQL of a cast: from the value's SQL, both types, the mode and the context.
CastRule = Callable[[str, Any, Any, CastMode, LoweringContext], str]

ANSI_CONFIG = "'\"spark.sql.ansi.enabled\"'"


@cache
def _kernel(name: str) -> Function:
    """Return the function a kernel is registered as; DuckDB keeps one for each name."""
    identifier = re.sub(r"\W", "_", name)
    return scalar(f"{identifier}(value: any) -> any", "{value}", "A cast by a kernel.")[0]


def from_python(
    sql: str,
    source: DataType,
    target: DataType,
    name: str,
    compute: Callable[..., Any],
    context: LoweringContext,
) -> str:
    """Return the call of a function over Arrow arrays that converts the value.

    Args:
        sql: The value.
        source: Its type.
        target: The type that ``compute`` gives.
        name: What no other ``compute`` is called, settings that it depends on included.
        compute: Takes and gives an Arrow array.
        context: Where it is registered.
    """
    call = Call(_kernel(name), (Literal(None, source),), target, True)
    return context.kernel(call, compute, [sql])


def invalid_input(text_sql: str, source: DataType, target: DataType) -> str:
    """Return SQL that raises CAST_INVALID_INPUT; ``text_sql`` is the value as it is shown."""
    return raise_sql(
        "CAST_INVALID_INPUT",
        expression=text_sql,
        sourceType=quote(f'"{sql_name(source)}"'),
        targetType=quote(f'"{sql_name(target)}"'),
        ansiConfig=ANSI_CONFIG,
    )


_CONSTANT = re.compile(r"'((?:[^']|'')*)'")


def constant_text(sql: str) -> str | None:
    """Return the text of a SQL string, None for other SQL."""
    match = _CONSTANT.fullmatch(sql)
    return match[1].replace("''", "'") if match else None


def checked(sql: str, attempt: str, error: str, mode: CastMode) -> str:
    """Return an attempt that is null for bad values, which raise in ANSI mode."""
    if mode is not CastMode.ANSI:
        return attempt
    return f"coalesce({attempt}, CASE WHEN {sql} IS NOT NULL THEN {error} END)"
