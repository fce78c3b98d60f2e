"""Calls: from a function's name and its resolved arguments to a typed call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from pyrite.sql.analysis.char_padding import pad_comparison
from pyrite.sql.analysis.check import check_aggregate_call, check_no_generator
from pyrite.sql.analysis.function_settings import arguments_by_settings, call_by_settings
from pyrite.sql.analysis.session_values import SESSION_VALUES
from pyrite.sql.analysis.sql_functions import scalar_call
from pyrite.sql.catalog.entities import CatalogFunction
from pyrite.sql.conf import DECIMAL_PRECISION_LOSS
from pyrite.sql.errors import SparkError, analysis_error
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Call,
    Expression,
    LambdaFunction,
    LambdaVariable,
    Literal,
    SortOrder,
    WindowExpression,
    new_expression_id,
    placed,
)
from pyrite.sql.expressions.function import Function, FunctionKind
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.expressions.unresolved import (
    NamedArgument,
    UnresolvedExists,
    UnresolvedFunction,
    UnresolvedInSubquery,
    UnresolvedLambda,
    UnresolvedScalarSubquery,
)
from pyrite.sql.functions.decimals import without_precision_loss
from pyrite.sql.functions.signature import (
    Pattern,
    arrange,
    call_text,
    lambda_parameters,
    parse_signature,
)
from pyrite.sql.session_state import UserFunction
from pyrite.sql.types import BOOLEAN, STRING, DataType, sql_name

if TYPE_CHECKING:
    from pyrite.sql.analysis.expressions import ExpressionResolver

__all__ = ["resolve_call", "typed_call"]


def typed_call(
    function: Function, arguments: Sequence[Expression], ansi: bool, origin: object = None
) -> Call:
    """Check and convert arguments, and return the call with its type."""
    coerced = function.coerce(function, arguments, ansi)
    return Call(
        function,
        coerced,
        function.result_type(coerced),
        function.nullable(coerced),
        origin,  # type: ignore[arg-type]
    )


def resolve_call(
    resolver: ExpressionResolver, call: UnresolvedFunction, arguments: Sequence[Expression]
) -> Expression:
    """Return the expression that a call means.

    Args:
        resolver: For lambdas' bodies, and for what the call is rewritten to.
        call: The name and the clauses, resolved; its own arguments are not looked at.
        arguments: The resolved arguments; lambdas are not resolved yet.
    """
    analyzer = resolver.analyzer
    function = analyzer.session.function(*call.name)
    if function is None:
        raise analysis_error(
            "UNRESOLVED_ROUTINE",
            call.origin,
            routineName=".".join(f"`{part}`" for part in call.name),
            searchPath=analyzer.session.catalog.search_path,
        )
    if isinstance(function, UserFunction):
        if isinstance(function.definition, CatalogFunction):
            return scalar_call(resolver, function.definition, arguments)
        return analyzer.user_call(function, call, arguments)
    if function.name in SESSION_VALUES and not arguments:
        value = Literal(SESSION_VALUES[function.name](analyzer.session), STRING)
        return Call(function, (value,), STRING, False, call.origin)
    ansi = analyzer.ansi
    arguments, order = _within_group(function, call, arguments)
    if call.ignore_nulls and "ignoreNulls" in _parameter_names(function):
        arguments = (*arguments, NamedArgument("ignoreNulls", Literal(True, BOOLEAN)))
    if any(isinstance(a, UnresolvedLambda) for a in arguments):
        arguments = _with_lambdas(resolver, function, arguments)
    if function.rewrite is not None:
        rewritten = function.rewrite(arguments, ansi)
        if rewritten is not None:
            resolved = placed(resolver.resolve(rewritten), call.origin)
            return _shown_as(function, arguments, resolved)
    check_no_generator(function, arguments)
    conf = analyzer.session.conf
    arguments = arguments_by_settings(function.name, arguments, conf, ansi)
    typed = call_by_settings(typed_call(function, arguments, ansi, call.origin), conf)
    if not conf.read(DECIMAL_PRECISION_LOSS):
        typed = without_precision_loss(typed)
    typed = pad_comparison(resolver, typed)
    if function.kind is not FunctionKind.AGGREGATE:
        if call.distinct or call.filter is not None:
            raise analysis_error(
                "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX",
                call.origin,
                prettyName=f"`{function.name}`",
                syntax="DISTINCT" if call.distinct else "FILTER CLAUSE",
            )
        return typed
    if call.filter is not None and call.filter.data_type != BOOLEAN:
        raise analysis_error(
            "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN",
            call.origin,
            sqlExpr=f'"{pretty(typed)}"',
            filter=f'"{pretty(call.filter)}"',
            type=f'"{sql_name(call.filter.data_type)}"',
        )
    check_aggregate_call(typed)
    if call.filter is not None:
        _check_filter(typed, call.filter)
    return AggregateExpression(typed, call.distinct, call.filter, order)


def _check_filter(call: Expression, condition: Expression) -> None:
    """Check that the condition of an aggregate's rows can be told for each row by itself."""
    texts = {"filterExpr": f'"{pretty(condition)}"'}
    window = condition.find(WindowExpression)
    if window is not None:
        raise analysis_error(
            "INVALID_AGGREGATE_FILTER.CONTAINS_WINDOW_FUNCTION",
            windowExpr=f'"{pretty(window)}"',
            **texts,
        )
    aggregate = condition.find(AggregateExpression)
    if aggregate is not None:
        raise analysis_error(
            "INVALID_AGGREGATE_FILTER.CONTAINS_AGGREGATE", aggExpr=f'"{pretty(aggregate)}"', **texts
        )


def _parameter_names(function: Function) -> list[str]:
    return [parameter.name for parameter in parse_signature(function.signature).parameters]


def _within_group(
    function: Function, call: UnresolvedFunction, arguments: Sequence[Expression]
) -> tuple[Sequence[Expression], tuple[SortOrder, ...]]:
    """Give WITHIN GROUP (ORDER BY x) to a function that takes x as its last arguments.

    Returns:
        The arguments, and the order that is left for DuckDB's aggregate.
    """
    if len(call.order) != 1:
        return arguments, call.order
    key = call.order[0]
    names = _parameter_names(function)
    if "within_group" in names:
        return (*arguments, key.child, Literal(not key.ascending, BOOLEAN)), ()
    if function.name == "mode" and not arguments:
        return (key.child, Literal(True, BOOLEAN)), ()
    return arguments, call.order


def _shown_as(
    function: Function, arguments: Sequence[Expression], rewritten: Expression
) -> Expression:
    """Let a call that was rewritten show as it was written; operators show what they became."""
    if not function.name.isidentifier():
        return rewritten
    text = call_text(function, arguments)
    if isinstance(rewritten, Call):
        return _with_text(rewritten, text)
    if isinstance(rewritten, AggregateExpression) and isinstance(rewritten.call, Call):
        return replace(rewritten, call=_with_text(rewritten.call, text))
    return rewritten


def _with_text(call: Call, text: str) -> Call:
    return replace(call, function=_shown(call.function, text))


@lru_cache(maxsize=1024)
def _shown(function: Function, text: str) -> Function:
    """Return the same function, which shows as a text; the same one for the same text."""
    return replace(function, pretty=lambda _: text)


def _with_lambdas(
    resolver: ExpressionResolver, function: Function, arguments: Sequence[Expression]
) -> tuple[Expression, ...]:
    """Resolve the bodies of lambdas with parameters of the types the signature gives them."""
    arguments = arrange(function, arguments)
    patterns = parse_signature(function.signature).patterns(len(arguments))
    resolved = list(arguments)
    for index, (argument, pattern) in enumerate(zip(arguments, patterns, strict=True)):
        if isinstance(argument, UnresolvedLambda):
            if pattern.kind != "lambda":
                raise _no_lambda(function, patterns)
            types = lambda_parameters(function, resolved, pattern)
            resolved[index] = _bind(resolver, function, argument, pattern, types)
    return tuple(resolved)


def _no_lambda(function: Function, patterns: Sequence[Pattern]) -> SparkError:
    """Make the error of a lambda where the function takes a value."""
    if any(pattern.kind == "lambda" for pattern in patterns):
        condition = "INVALID_LAMBDA_FUNCTION_CALL.PARAMETER_DOES_NOT_ACCEPT_LAMBDA_FUNCTION"
        return analysis_error(condition)
    condition = "INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION"
    return analysis_error(condition, **{"class": function.name})


def _bind(
    resolver: ExpressionResolver,
    function: Function,
    unresolved: UnresolvedLambda,
    pattern: Pattern,
    types: Sequence[tuple[DataType, bool]],
) -> LambdaFunction:
    names = [p.parts[0] for p in unresolved.parameters]
    # A lambda may name fewer parameters than it is offered: x -> ... or (x, i) -> ...
    if len(names) > len(types):
        raise analysis_error(
            "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH",
            expectedNumArgs=str(len(names)),
            actualNumArgs=str(len(types)),
        )
    subqueries = (UnresolvedScalarSubquery, UnresolvedExists, UnresolvedInSubquery)
    if any(isinstance(node, subqueries) for node in unresolved.body.walk()):
        raise analysis_error("UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.HIGHER_ORDER_FUNCTION")
    variables = tuple(
        LambdaVariable(name, data_type, nullable, new_expression_id())
        for name, (data_type, nullable) in zip(names, types, strict=False)
    )
    resolver.lambdas.append({resolver.scope.fold(v.name): v for v in variables})
    try:
        body = resolver.resolve(unresolved.body)
    finally:
        resolver.lambdas.pop()
    return LambdaFunction(body, variables)
