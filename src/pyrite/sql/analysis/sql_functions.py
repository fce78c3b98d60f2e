"""Functions written in SQL: a call is its body with the arguments in the place of parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from pyrite.sql.catalog.entities import CatalogFunction
from pyrite.sql.catalog.names import CATALOG
from pyrite.sql.errors import analysis_error, unsupported
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, FunctionKind
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.expressions.unresolved import (
    NamedArgument,
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedCast,
)
from pyrite.sql.parser import parse_data_type, parse_expression, parse_statement
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import UnresolvedProject, UnresolvedSubqueryAlias
from pyrite.sql.types import DataType, StructType

if TYPE_CHECKING:
    from pyrite.sql.analysis.expressions import ExpressionResolver

__all__ = ["scalar_call", "table_plan"]

_Parameter = tuple[str, DataType, str | None]  # name, type, text of the default
_CLAUSE = re.compile(r"\s+(DEFAULT|COMMENT)\s+", re.IGNORECASE)


@lru_cache(maxsize=256)
def _parameters(text: str) -> tuple[_Parameter, ...]:
    """Read ``x INT, y STRING DEFAULT 'a' COMMENT 'b'``."""
    found: list[_Parameter] = []
    for part in _top_level_parts(text):
        pieces = _CLAUSE.split(part)
        clauses = dict(zip((p.upper() for p in pieces[1::2]), pieces[2::2], strict=True))
        schema = parse_data_type(pieces[0])
        assert isinstance(schema, StructType)
        (field,) = schema.fields
        found.append((field.name, field.dataType, clauses.get("DEFAULT")))
    return tuple(found)


def _top_level_parts(text: str) -> list[str]:
    """Split at the commas that are in no brackets and no quotes."""
    parts, depth, start, quote = [], 0, 0, ""
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"`":
            quote = char
        elif char in "(<[":
            depth += 1
        elif char in ")>]":
            depth -= 1
        elif char == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def _values(
    function: CatalogFunction, arguments: Sequence[Expression]
) -> dict[tuple[str, ...], Expression]:
    """Return each parameter's value, cast to its type, under the names the body may use."""
    parameters = _parameters(function.parameters)
    named = {a.key.lower(): a.value for a in arguments if isinstance(a, NamedArgument)}
    positional = [a for a in arguments if not isinstance(a, NamedArgument)]
    values: dict[tuple[str, ...], Expression] = {}
    for index, (name, data_type, default) in enumerate(parameters):
        if index < len(positional):
            value: Expression = positional[index]
        elif name.lower() in named:
            value = named[name.lower()]
        elif default is not None:
            value = parse_expression(default)
        else:
            raise _wrong_number(function, parameters, arguments)
        cast = UnresolvedCast(value, data_type)
        values[(name.lower(),)] = cast
        values[(function.name, name.lower())] = cast
    if len(positional) > len(parameters):
        raise _wrong_number(function, parameters, arguments)
    return values


def _wrong_number(
    function: CatalogFunction, parameters: Sequence[_Parameter], arguments: Sequence[Expression]
) -> Exception:
    return analysis_error(
        "WRONG_NUM_ARGS.WITHOUT_SUGGESTION",
        functionName=f"`{function.name}`",
        expectedNum=str(len(parameters)),
        actualNum=str(len(arguments)),
        docroot="https://spark.apache.org/docs/latest",
    )


def _substitution(
    values: dict[tuple[str, ...], Expression],
) -> Callable[[Expression], Expression]:
    """Return what puts values in the place of parameters, in subqueries too."""

    def in_expression(expression: Expression) -> Expression:
        if isinstance(expression, UnresolvedAttribute):
            key = tuple(part.lower() for part in expression.parts)
            return values.get(key, expression)
        inner = expression.map_nodes(LogicalPlan, in_plan)
        return inner.map_children(in_expression)

    def in_plan(plan: LogicalPlan) -> LogicalPlan:
        return plan.map_children(in_plan).map_expressions(in_expression)

    return in_expression


def scalar_call(
    resolver: ExpressionResolver, function: CatalogFunction, arguments: Sequence[Expression]
) -> Expression:
    """Return the value of a call.

    Args:
        resolver: Resolves the body.
        function: The function.
        arguments: The resolved arguments.

    Raises:
        SparkError: WRONG_NUM_ARGS, or what is wrong with the body.
    """
    if function.class_name:
        raise unsupported(f"calling {function.name}, which is the Java class {function.class_name}")
    body = function.body
    if re.match(r"(?i)(SELECT|WITH|VALUES|FROM)\b", body):
        body = f"({body})"
    value = _substitution(_values(function, arguments))(parse_expression(body))
    if function.returns:
        value = UnresolvedCast(value, parse_data_type(function.returns))
    resolved = resolver.resolve(value)
    name = ".".join((CATALOG, function.database, function.name))
    texts = [pretty(a.value if isinstance(a, NamedArgument) else a) for a in arguments]
    shown = _shown_as(f"{name}({', '.join(texts)})")
    return Call(shown, (resolved,), resolved.data_type, resolved.nullable)


@lru_cache(maxsize=1024)
def _shown_as(text: str) -> Function:
    """Return the function that gives its argument back and shows as a text."""
    return Function(
        name=text,
        kind=FunctionKind.SCALAR,
        signature="",
        coerce=lambda function, arguments, ansi: tuple(arguments),
        result_type=lambda arguments: arguments[0].data_type,
        nullable=lambda arguments: arguments[0].nullable,
        lower=lambda call, arguments, context: arguments[0],
        pretty=lambda arguments: text,
    )


def table_plan(function: CatalogFunction, arguments: Sequence[Expression]) -> LogicalPlan:
    """Return the unresolved plan of a call of a table function.

    Args:
        function: The function; its body is a query.
        arguments: The arguments, unresolved.
    """
    substitute = _substitution(_values(function, arguments))

    def in_plan(plan: LogicalPlan) -> LogicalPlan:
        return plan.map_children(in_plan).map_expressions(substitute)

    query = in_plan(parse_statement(function.body))
    if not function.returns:
        return UnresolvedSubqueryAlias(function.name, query)
    schema = parse_data_type(function.returns)
    assert isinstance(schema, StructType)
    names = tuple(schema.names)
    columns = tuple(
        UnresolvedAlias(UnresolvedCast(UnresolvedAttribute((f.name,)), f.dataType), f.name)
        for f in schema.fields
    )
    renamed = UnresolvedSubqueryAlias(function.name, query, names)
    return UnresolvedSubqueryAlias(function.name, UnresolvedProject(columns, renamed))
