"""Functions about the query, the session and the engine, and those that raise errors."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.duckdb_text import quote
from pyrite.sql.errors import unsupported
from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.functions.signature import coerce
from pyrite.sql.types import NULL, STRING

__all__ = ["FUNCTIONS"]


def _type_name(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return quote(call.arguments[0].data_type.simpleString())


def _raise(message: str) -> str:
    return raise_sql("USER_RAISED_EXCEPTION", errorMessage=message)


def _assert_true(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    condition, message = arguments
    return f"(CASE WHEN {condition} THEN CAST(NULL AS INTEGER) ELSE {_raise(message)} END)"


def _coerce_assertion(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Give an assertion without a message its own text as one."""
    condition, *message = coerce(function, arguments, ansi)
    shown = Literal(f"'{pretty(condition)}' is not true!", STRING)
    return condition, *(message or [shown])


def _of_session(name: str, description: str, shown: str = "") -> tuple[Function, ...]:
    """Define a function whose value the analyzer hands over as an argument."""
    return scalar(
        f"{name}() -> string",
        lambda call, arguments, context: arguments[0],
        description,
        nullable=False,
        pretty=lambda _: f"{shown or name}()",
    )


def _of_java(name: str) -> tuple[Function, ...]:
    """Define a function that calls Java's methods, which is refused: there is no JVM."""

    def refuse(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
        raise unsupported(f"{name}: it calls methods of Java's classes, and there is no JVM")

    return scalar(
        f"{name}(class: string, method: string, args...?: any) -> string",
        "{class}",
        "Calls a method of a Java class: always an error, for there is no JVM.",
        rewrite=refuse,
    )


FUNCTIONS = (
    *(_of_java(name) for name in ("java_method", "reflect", "try_reflect")),
    _of_session("current_catalog", "The catalog in use."),
    _of_session("current_database", "The database in use.", "current_schema"),
    _of_session("current_schema", "The database in use."),
    _of_session("current_user", "Who runs the query."),
    _of_session("user", "Who runs the query."),
    _of_session("session_user", "Who runs the query."),
    _of_session("current_path", "Where the names of functions are looked up."),
    scalar(
        "typeof(expr: any) -> string",
        _type_name,
        "The name of the value's type.",
        nullable=False,
    ),
    scalar(
        "raise_error(errorMsg: string) -> void",
        lambda call, arguments, context: f"CAST({_raise(arguments[0])} AS INTEGER)",
        "Raises an error with this message.",
        result=lambda _: NULL,
        nullable=True,
        foldable=False,
    ),
    scalar(
        "assert_true(condition: boolean, message?: string) -> void",
        _assert_true,
        "Null if the condition holds; raises an error if not.",
        coerce=_coerce_assertion,
        result=lambda _: NULL,
        nullable=True,
        foldable=False,
    ),
    scalar(
        "version() -> string",
        "'4.3.0'",
        "The version of Spark that this engine is like.",
        nullable=False,
    ),
)
