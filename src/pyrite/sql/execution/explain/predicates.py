"""Predicates in plans: taken apart at AND, moved to the tables, written as sources get them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, TypeVar

from pyrite.sql.execution.explain.expression_text import expression_text
from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Call,
    Cast,
    Expression,
    Literal,
    NamedExpression,
    SubqueryExpression,
    WindowExpression,
)

if TYPE_CHECKING:
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = [
    "conjunction_text",
    "is_movable",
    "nodes_of",
    "pushed_filter",
    "queries_in",
    "rewritten",
    "with_null_checks",
]

E = TypeVar("E", bound=Expression)

#: What a source is told of a comparison of a column with a constant.
_COMPARISONS = {
    "=": "EqualTo",
    "==": "EqualTo",
    "<=>": "EqualNullSafe",
    "<": "LessThan",
    "<=": "LessThanOrEqual",
    ">": "GreaterThan",
    ">=": "GreaterThanOrEqual",
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NULL_TESTS = {"isnull": "IsNull", "isnotnull": "IsNotNull"}
_TEXT_TESTS = {
    "startswith": "StringStartsWith",
    "endswith": "StringEndsWith",
    "contains": "StringContains",
}


def conjunction_text(texts: Iterable[str]) -> str:
    """Join conditions by AND, two at a time."""
    return reduce(lambda left, right: f"({left} AND {right})", texts)


def is_movable(condition: Expression) -> bool:
    """Return whether a condition may be computed at another place of the plan."""
    fixed = (SubqueryExpression, WindowExpression)
    return condition.deterministic and not any(condition.find(kind) for kind in fixed)


def rewritten(condition: Expression, project_list: Sequence[NamedExpression]) -> Expression | None:
    """Return a condition over a projection as one over its input, None if there is none."""
    made: Mapping[int, Expression] = {
        item.expression_id: item.child for item in project_list if isinstance(item, Alias)
    }
    used = [made[a.expression_id] for a in condition.references() if a.expression_id in made]
    if not all(map(is_movable, used)):
        return None
    return condition.transform_up(
        lambda node: made.get(node.expression_id, node) if isinstance(node, Attribute) else node
    )


def with_null_checks(conditions: Sequence[Expression]) -> list[str]:
    """Return conditions as text, and before them that the columns they compare are not null."""
    checks: dict[str, None] = {}
    for condition in conditions:
        for column in _never_null(condition):
            checks[f"isnotnull({expression_text(column)})"] = None
    tests = [c for c in conditions if not _is_true(c)]
    return list({**checks, **dict.fromkeys(map(expression_text, tests))})


def _is_true(condition: Expression) -> bool:
    """Return whether a condition asks what is known: that a column without nulls has none."""
    return (
        isinstance(condition, Call)
        and condition.function.name == "isnotnull"
        and not condition.arguments[0].nullable
    )


def _never_null(condition: Expression) -> list[Attribute]:
    """Return the nullable columns whose null would make a condition not hold."""
    if not isinstance(condition, Call):
        return []
    name, arguments = condition.function.name, condition.arguments
    if name == "not" and isinstance(arguments[0], Call) and arguments[0].function.name == "=":
        return _never_null(arguments[0])
    if name not in (*_COMPARISONS, *_TEXT_TESTS, "!=", "like", "isnotnull") or name == "<=>":
        return []
    compared = arguments[:1] if name == "like" else arguments
    columns = (a.child if isinstance(a, Cast) else a for a in compared)
    return [c for c in columns if isinstance(c, Attribute) and c.nullable]


def nodes_of(expressions: Iterable[Expression], kind: type[E]) -> Iterator[E]:
    """Yield the nodes of a class in some expressions."""
    for expression in expressions:
        for node in expression.walk():
            if isinstance(node, kind):
                yield node


def queries_in(expressions: Iterable[Expression]) -> Iterator[LogicalPlan]:
    """Yield the plans of the subqueries in some expressions."""
    for node in nodes_of(expressions, SubqueryExpression):
        yield node.plan


def pushed_filter(condition: Expression) -> str | None:
    """Return a condition as a source is told it, None if it is computed above the source.

    Example of what it returns: ``GreaterThan(id,3)``, ``Or(IsNull(a),EqualTo(b,x))``.
    """
    if not isinstance(condition, Call):
        return None
    name, arguments = condition.function.name, condition.arguments
    if name in ("or", "and", "not"):
        parts = [pushed_filter(argument) for argument in arguments]
        return None if None in parts else f"{name.title()}({','.join(map(str, parts))})"
    if name == "!=":
        equal = _compared("=", arguments)
        return None if equal is None else f"Not({equal})"
    if name in _NULL_TESTS and isinstance(arguments[0], Attribute):
        return f"{_NULL_TESTS[name]}({arguments[0].name})"
    if name in _COMPARISONS:
        return _compared(name, arguments)
    column, *rest = arguments or (None,)
    values = [_constant(item) for item in rest]
    if not isinstance(column, Attribute) or None in values:
        return None
    if name == "like":
        return _prefix_test(column.name, str(values[0]))
    if name == "in":
        return f"In({column.name}, [{','.join(map(str, values))}])"
    if name in _TEXT_TESTS:
        return f"{_TEXT_TESTS[name]}({column.name},{values[0]})"
    return None


def _prefix_test(column: str, pattern: str) -> str | None:
    """Return LIKE as a test of how texts begin, end, or what they hold, if it is one."""
    fixed = pattern.strip("%")
    if not fixed or any(sign in fixed for sign in "%_\\"):
        return None
    name = {(False, True): "StringStartsWith", (True, False): "StringEndsWith"}.get(
        (pattern.startswith("%"), pattern.endswith("%")), "StringContains"
    )
    return f"{'EqualTo' if fixed == pattern else name}({column},{fixed})"


def _compared(name: str, arguments: Sequence[Expression]) -> str | None:
    first, second = arguments
    if isinstance(second, Attribute):
        first, second, name = second, first, _MIRRORED.get(name, name)
    value = _constant(second)
    if not isinstance(first, Attribute) or value is None:
        return None
    return f"{_COMPARISONS[name]}({first.name},{value})"


def _constant(expression: Expression) -> str | None:
    inner = expression.child if isinstance(expression, Cast) else expression
    return expression_text(inner) if isinstance(inner, Literal) else None
