"""The constructors of registry entries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import (
    Function,
    FunctionKind,
    Lowering,
    LoweringContext,
    Partial,
)
from pyrite.sql.functions import signature as signatures
from pyrite.sql.types import DataType

__all__ = [
    "Coerce",
    "aggregate",
    "any_argument_nullable",
    "flatten",
    "generator",
    "operator",
    "place_clauses",
    "scalar",
    "vectorised",
    "where",
    "window",
]

Coerce = Callable[[Function, Sequence[Expression], bool], tuple[Expression, ...]]
_SIMPLE_CALL = re.compile(r"\w+\(")

#: Places in the SQL of an aggregate that ``place_clauses`` fills.
_CLAUSES = ("distinct", "filter", "and_filter", "over", "order")
_PLACES = re.compile(r"\{(" + "|".join(_CLAUSES) + r")\}")
_EITHER = re.compile(r"\{window\}(.*?)\{aggregate\}(.*?)\{end\}", re.DOTALL)


def any_argument_nullable(arguments: Sequence[Expression]) -> bool:
    """The usual rule: null in, null out."""
    return any(argument.nullable for argument in arguments)


def _lowering(signature: str, sql: str | Lowering) -> Lowering:
    """Turn a template into a lowering: places by parameter name, by position, or {*} for all."""
    if not isinstance(sql, str):
        return sql

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        names = [p.name for p in signatures.parse_signature(signature).parameters]
        places: dict[str, str] = dict(zip(names, arguments, strict=False))
        places.update((str(index), text) for index, text in enumerate(arguments))
        places["*"] = ", ".join(arguments)
        places.update((clause, f"{{{clause}}}") for clause in _CLAUSES)
        return re.sub(r"\{([\w*]+)\}", lambda place: places[place[1]], sql)

    return lower


def _define(
    kind: FunctionKind,
    signature: str,
    sql: str | Lowering,
    description: str,
    *,
    result: Callable[[Sequence[Expression]], DataType] | None = None,
    nullable: bool | Callable[[Sequence[Expression]], bool] = any_argument_nullable,
    coerce: Coerce = signatures.coerce,
    pretty: Callable[[Sequence[str]], str] | None = None,
    deterministic: bool = True,
    foldable: bool = True,
    aliases: Sequence[str] = (),
    rewrite: Callable[[Sequence[Expression], bool], Expression | None] | None = None,
    partial: Callable[[Call], Partial | None] | None = None,
) -> tuple[Function, ...]:
    name = signature.partition("(")[0]

    def signature_result(arguments: Sequence[Expression]) -> DataType:
        return signatures.result_type(entry, arguments)

    entry = Function(
        name,
        kind,
        signature,
        coerce,
        result or signature_result,
        nullable if callable(nullable) else (lambda _: nullable),
        _lowering(signature, sql),
        deterministic,
        pretty,
        "",
        description,
        foldable,
        rewrite,
        partial,
    )
    return (entry, *(replace(entry, name=alias) for alias in aliases))


def scalar(
    signature: str, sql: str | Lowering, description: str = "", **rest: Any
) -> tuple[Function, ...]:
    """Define a function of one row's values.

    Args:
        signature: As ``functions.signature`` describes it.
        sql: A DuckDB SQL template with places such as ``{str}``, ``{0}`` or ``{*}``, or a
            function that writes the SQL.
        description: One line for the documentation.
        rest: ``result``, a function of the arguments where the signature cannot say the type;
            ``nullable``, True, False or a function of the arguments (null in, null out when
            not given); ``coerce``, in the place of the signature's checks; ``pretty``, the
            text of a call; ``deterministic``; ``foldable``; ``aliases``, other names;
            ``rewrite``, as in ``Function``.

    Returns:
        The function, and one for each alias.
    """
    return _define(FunctionKind.SCALAR, signature, sql, description, **rest)


def operator(
    signature: str, symbol: str, sql: str | Lowering, description: str = "", **rest: Any
) -> tuple[Function, ...]:
    """Define a binary operator, shown as ``(left symbol right)``; else as ``scalar``."""
    return scalar(
        signature,
        sql,
        description,
        pretty=lambda texts: f"({f' {symbol} '.join(texts)})",
        **rest,
    )


def aggregate(
    signature: str, sql: str | Lowering, description: str = "", **rest: Any
) -> tuple[Function, ...]:
    """Define a function of many rows' values.

    A template that is one call of a DuckDB aggregate needs nothing else; any other one says
    where the clauses of its calls belong, with the places of ``place_clauses``. ``partial`` is
    as in ``Function``; ``functions.partials`` has those that most need.
    """
    if isinstance(sql, str) and not _PLACES.search(sql):
        opening = _SIMPLE_CALL.match(sql)
        if opening is None:
            raise ValueError(f"say {{distinct}} and {{filter}} in the template of {signature}")
        sql = f"{opening[0]}{{distinct}}{sql[opening.end() :]}{{filter}}"
    rest.setdefault("nullable", True)
    return _define(FunctionKind.AGGREGATE, signature, sql, description, **rest)


def window(
    signature: str, sql: str | Lowering, description: str = "", **rest: Any
) -> tuple[Function, ...]:
    """Define a function that needs an OVER clause; ``{over}`` says where, else it is last."""
    if isinstance(sql, str) and "{over}" not in sql:
        sql += "{over}"
    return _define(FunctionKind.WINDOW, signature, sql, description, **rest)


def generator(
    signature: str, sql: str | Lowering, description: str = "", **rest: Any
) -> tuple[Function, ...]:
    """Define a function that makes rows.

    Its SQL is a list with one element for each row; its result type is a struct of the columns
    that it makes, with Spark's default names. The list's elements are structs of these fields
    in this order, or the values themselves when there is one column.
    """
    return _define(FunctionKind.GENERATOR, signature, sql, description, **rest)


def place_clauses(
    sql: str, *, distinct: bool = False, filter: str = "", order: str = "", over: str = ""
) -> str:
    """Write the clauses of an aggregate or window call into the SQL its function gave.

    The SQL has these places: ``{distinct}`` after the opening parenthesis; ``{filter}`` after
    the closing one, for FILTER and OVER; or, where the function filters by itself,
    ``{and_filter}`` inside its own FILTER and ``{over}`` after it; ``{order}`` for the WITHIN
    GROUP ordering of functions that have one. Where DuckDB's window function differs from its
    aggregate, ``{window}...{aggregate}...{end}`` has both.

    Args:
        sql: What the function's lowering wrote.
        distinct: Whether equal arguments count once.
        filter: SQL of the FILTER clause's condition.
        order: Sort keys, without ORDER BY.
        over: What OVER has in its parentheses, with them.

    Example:
        >>> place_clauses("sum({distinct}c1){filter}", distinct=True, filter="c2 > 0")
        'sum(DISTINCT c1) FILTER (WHERE c2 > 0)'
    """
    sql = _EITHER.sub(lambda either: either[1 if over else 2], sql)
    over = f" OVER {over}" if over else ""
    texts = {
        "distinct": "DISTINCT " if distinct else "",
        "filter": (f" FILTER (WHERE {filter})" if filter else "") + over,
        "and_filter": f" AND ({filter})" if filter else "",
        "over": over,
        "order": f"ORDER BY {order}" if order else "",
    }
    return _PLACES.sub(lambda place: texts[place[1]], sql)


def vectorised(compute: Callable[..., Any]) -> Lowering:
    """Lower to a function over the Arrow arrays of the arguments.

    Args:
        compute: Takes an array for each argument, with its nulls, and returns one.
    """

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        return context.kernel(call, compute, arguments)

    return lower


def where(condition: str, sql: str, other: Lowering) -> Lowering:
    """Lower to SQL for the values that meet a condition, to something slower for the others.

    Args:
        condition: SQL with ``{0}``, ``{1}`` for the arguments; not true where one is null.
        sql: SQL of the result there.
        other: The lowering for all other values.
    """

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        plain = condition.format(*arguments), sql.format(*arguments)
        slow = other(call, arguments, context)
        return f"(CASE WHEN {plain[0]} THEN {plain[1]} ELSE {slow} END)"

    return lower


def flatten(entries: Sequence[tuple[Function, ...]]) -> Iterator[Function]:
    """Yield the functions of a family's ``FUNCTIONS``."""
    for entry in entries:
        yield from entry
