"""A plan as text: an operator a line, each level below drawn as a branch."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from pyrite.sql.expressions.expression import Alias, Attribute, Expression
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["tree_text"]


def tree_text(plan: LogicalPlan) -> str:
    """Draw a plan with its root on top.

    Example:
        >>> from pyrite.sql.plans.plan import OneRowRelation, SubqueryAlias
        >>> print(tree_text(SubqueryAlias(("t",), OneRowRelation())))
        SubqueryAlias t
        +- OneRowRelation
    """
    lines: list[str] = []
    _draw(plan, "", "", lines)
    return "\n".join(lines)


def _draw(plan: LogicalPlan, first: str, rest: str, lines: list[str]) -> None:
    lines.append(first + _line(plan))
    children = plan.children
    for index, child in enumerate(children):
        last = index == len(children) - 1
        _draw(child, rest + ("+- " if last else ":- "), rest + ("   " if last else ":  "), lines)


def _line(plan: LogicalPlan) -> str:
    parts = []
    for field in fields(plan):  # type: ignore[arg-type]
        value = getattr(plan, field.name)
        if not isinstance(value, LogicalPlan):
            text = _text(value)
            if text:
                parts.append(text)
    return " ".join([type(plan).__name__, *parts])


def _text(value: Any) -> str:
    match value:
        case None | False | ():
            return ""
        case Attribute():
            return f"{value.name}#{value.expression_id}"
        case Alias():
            return f"{_text(value.child)} AS {value.name}#{value.expression_id}"
        case Expression():
            try:
                return pretty(value)
            except KeyError:
                return str(value)
        case tuple() if all(isinstance(item, str) for item in value):
            return ".".join(value)
        case tuple() if any(isinstance(item, LogicalPlan) for item in value):
            return ""
        case tuple():
            return "[" + ", ".join(_text(item) for item in value) + "]"
        case str() | int() | float():
            return str(value)
        case _:
            return getattr(value, "name", "") or ""
