"""Resolved expressions as plans show them: columns with their ids, operators between operands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Cast,
    Exists,
    Expression,
    InSubquery,
    LambdaFunction,
    LambdaVariable,
    Literal,
    PythonUDF,
    ScalarSubquery,
    SortOrder,
    SubqueryExpression,
    WindowExpression,
)
from pyrite.sql.expressions.pretty import frame_text, pretty
from pyrite.sql.types import DataType, LongType

__all__ = ["INFIX", "column_text", "expression_text", "list_text"]

#: By function: the sign that stands between its two operands.
INFIX = {
    **{sign: sign for sign in ("+", "-", "*", "/", "%", "=", "<=>", "<", "<=", ">", ">=")},
    **{sign: sign for sign in ("&", "|", "^", "||")},
    "==": "=",
    "and": "AND",
    "or": "OR",
}


def expression_text(expression: Expression) -> str:
    """Return an expression as a plan shows it.

    Example:
        >>> from pyrite.sql.types import LONG
        >>> expression_text(SortOrder(Attribute("id", LONG, True, 7)))
        'id#7L ASC NULLS FIRST'
    """
    printer = _PRINTERS.get(type(expression))
    return pretty(expression) if printer is None else printer(expression)


def list_text(expressions: Iterable[Expression], separator: str = ", ") -> str:
    """Return expressions in brackets."""
    return f"[{separator.join(map(expression_text, expressions))}]"


def column_text(name: str, number: int, data_type: DataType) -> str:
    """Return a column with its id, and an L if it is a long."""
    return f"{name}#{number}{'L' if isinstance(data_type, LongType) else ''}"


def _literal(literal: Literal) -> str:
    text = pretty(literal)
    if literal.value is None:
        return "null"
    # Dates and times stand without the word for their type.
    return text[text.index("'") + 1 : -1] if text.endswith("'") and " '" in text[:20] else text


def _alias(alias: Alias) -> str:
    name = column_text(alias.name, alias.expression_id, alias.data_type)
    return f"{expression_text(alias.child)} AS {name}"


def _cast(cast: Cast) -> str:
    child = expression_text(cast.child)
    if cast.implicit and isinstance(cast.child, Literal):
        return child
    word = "try_cast" if cast.mode == "try" else "cast"
    return f"{word}({child} as {cast.data_type.simpleString()})"


def _call(call: Call) -> str:
    name, texts = call.function.name, [expression_text(a) for a in call.arguments]
    if name in INFIX and len(texts) == 2:
        return f"({texts[0]} {INFIX[name]} {texts[1]})"
    match name, texts:
        case "!=" | "<>", [left, right]:
            return f"NOT ({left} = {right})"
        case "not", [operand]:
            return f"NOT {operand}"
        case "negative", [operand]:
            return f"-{operand}"
        case "in", [value, *items]:
            return f"{value} IN ({','.join(items)})"
        case "like", [value, pattern, *_]:
            return f"{value} LIKE {pattern}"
        case "when", _:
            return _case_when(texts)
    return f"{name}({', '.join(texts)})"


def _case_when(texts: list[str]) -> str:
    pairs = zip(texts[::2], texts[1::2], strict=False)
    branches = "".join(f" WHEN {condition} THEN {value}" for condition, value in pairs)
    otherwise = f" ELSE {texts[-1]}" if len(texts) % 2 else ""
    return f"CASE{branches}{otherwise} END"


def _aggregate(aggregate: AggregateExpression) -> str:
    text = expression_text(aggregate.call)
    if aggregate.distinct:
        name, _, rest = text.partition("(")
        text = f"{name}(distinct {rest}"
    if aggregate.filter is not None:
        text += f" FILTER (WHERE {expression_text(aggregate.filter)})"
    return text


def _sort_order(order: SortOrder) -> str:
    direction = "ASC" if order.ascending else "DESC"
    nulls = "FIRST" if order.nulls_first else "LAST"
    return f"{expression_text(order.child)} {direction} NULLS {nulls}"


def _bound(text: str) -> str:
    words = text.lower().split()
    if words[0] == "unbounded" or words[0] == "current":
        return f"{''.join(words)}$()"
    return f"-{words[0]}" if words[-1] == "preceding" else " ".join(words[:-1])


def _window(window: WindowExpression) -> str:
    kind, _, bounds = frame_text(window).partition(" BETWEEN ")
    lower, _, upper = bounds.partition(" AND ")
    frame = f"{kind.title().removesuffix('s')}Frame, {_bound(lower)}, {_bound(upper)}"
    parts = [*map(expression_text, (*window.partition, *window.order))]
    specification = ", ".join([*parts, f"specifiedwindowframe({frame})"])
    return f"{expression_text(window.function)} windowspecdefinition({specification})"


def _variable(variable: LambdaVariable) -> str:
    return f"lambda {column_text(variable.name, variable.expression_id, variable.data_type)}"


def _lambda(function: LambdaFunction) -> str:
    parts = (function.body, *function.parameters)
    return f"lambdafunction({', '.join(map(expression_text, parts))}, false)"


def _subquery(word: str) -> Callable[[SubqueryExpression], str]:
    def text(subquery: SubqueryExpression) -> str:
        outer = " && ".join(map(expression_text, subquery.outer_references()))
        return f"{word}#{_subquery_number(subquery)} [{outer}]"

    return text


def _subquery_number(subquery: SubqueryExpression) -> int:
    output = subquery.plan.output
    return output[0].expression_id if output else 0


def _in_subquery(subquery: InSubquery) -> str:
    values = ", ".join(map(expression_text, subquery.values))
    return f"{values} IN ({_subquery('list')(subquery)})"


def _udf(udf: PythonUDF) -> str:
    return f"{udf.name}({', '.join(map(expression_text, udf.arguments))})"


_PRINTERS: dict[type[Expression], Callable[[Any], str]] = {
    Literal: _literal,
    Attribute: lambda a: column_text(a.name, a.expression_id, a.data_type),
    Alias: _alias,
    Cast: _cast,
    Call: _call,
    AggregateExpression: _aggregate,
    SortOrder: _sort_order,
    WindowExpression: _window,
    LambdaVariable: _variable,
    LambdaFunction: _lambda,
    ScalarSubquery: _subquery("scalar-subquery"),
    Exists: _subquery("exists"),
    InSubquery: _in_subquery,
    PythonUDF: _udf,
}
