"""Functions with a grammar of their own: CAST, EXTRACT, TRIM, SUBSTRING ... FROM and so on.

Every entry reads from its word on, and gives None when the text turns out to be a plain call.
"""

from __future__ import annotations

from collections.abc import Callable

from pyrite.sql.expressions.char_types import without_lengths
from pyrite.sql.expressions.expression import Expression, Literal
from pyrite.sql.expressions.unresolved import (
    UnresolvedCast,
    UnresolvedFunction,
)
from pyrite.sql.parser.expressions import ExpressionReader
from pyrite.sql.parser.words import TIME_UNITS
from pyrite.sql.types import INTEGER, STRING

__all__ = ["SPECIAL_FORMS"]

Rule = Callable[[ExpressionReader, int], Expression | None]


def _call(reader: ExpressionReader, first: int, name: str, *arguments: Expression) -> Expression:
    return UnresolvedFunction((name,), arguments, origin=reader.origin(first))


def _cast(mode: str) -> Rule:
    def rule(reader: ExpressionReader, first: int) -> Expression | None:
        reader.index += 2
        child = reader.expression()
        if reader.at(","):
            return None
        reader.expect("AS")
        target = without_lengths(reader.data_type())
        reader.expect(")")
        return UnresolvedCast(child, target, mode, origin=reader.origin(first))

    return rule


def _extract(reader: ExpressionReader, first: int) -> Expression | None:
    reader.index += 2
    if not reader.at_name() or reader.peek() != "FROM":
        return None
    field = reader.name()
    reader.expect("FROM")
    source = reader.value()
    reader.expect(")")
    return _call(reader, first, "extract", Literal(field, STRING), source)


def _position(reader: ExpressionReader, first: int) -> Expression | None:
    reader.index += 2
    part = reader.value()
    if not reader.accept("IN"):
        return None
    whole = reader.value()
    reader.expect(")")
    return _call(reader, first, "locate", part, whole, Literal(1, INTEGER))


def _substring(reader: ExpressionReader, first: int) -> Expression | None:
    reader.index += 2
    arguments = [reader.expression()]
    if not reader.accept("FROM"):
        return None
    arguments.append(reader.expression())
    if reader.accept("FOR"):
        arguments.append(reader.expression())
    reader.expect(")")
    return _call(reader, first, "substring", *arguments)


def _overlay(reader: ExpressionReader, first: int) -> Expression | None:
    reader.index += 2
    whole = reader.value()
    if not reader.accept("PLACING"):
        return None
    part = reader.value()
    reader.expect("FROM")
    position = reader.value()
    length = reader.value() if reader.accept("FOR") else Literal(-1, INTEGER)
    reader.expect(")")
    return _call(reader, first, "overlay", whole, part, position, length)


def _trim(reader: ExpressionReader, first: int) -> Expression | None:
    reader.index += 2
    names = {"BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"}
    side = reader.accept_one(names) if reader.peek() not in (",", ")", ".", "(") else None
    characters = None if side and reader.at("FROM") else reader.value()
    if not reader.accept("FROM"):
        return None
    source = reader.value()
    reader.expect(")")
    arguments = (source,) if characters is None else (characters, source)
    return _call(reader, first, names[side or "BOTH"], *arguments)


def _unit_call(name: str) -> Rule:
    def rule(reader: ExpressionReader, first: int) -> Expression | None:
        reader.index += 2
        unit = reader.kind
        if unit not in TIME_UNITS or reader.peek() != ",":
            return None
        reader.index += 2
        arguments = reader.list_of(reader.expression)
        if len(arguments) != 2:
            reader.fail()
        reader.expect(")")
        return _call(reader, first, name, Literal(unit, STRING), *arguments)

    return rule


def _struct(reader: ExpressionReader, first: int) -> Expression | None:
    reader.index += 2
    arguments: tuple[Expression, ...] = ()
    if not reader.at(")"):
        arguments = reader.list_of(reader.named_expression)
    reader.expect(")")
    return _call(reader, first, "struct", *arguments)


SPECIAL_FORMS: dict[str, Rule] = {
    "CAST": _cast(""),
    "DATEADD": _unit_call("timestampadd"),
    "DATEDIFF": _unit_call("timestampdiff"),
    "DATE_ADD": _unit_call("timestampadd"),
    "DATE_DIFF": _unit_call("timestampdiff"),
    "EXTRACT": _extract,
    "OVERLAY": _overlay,
    "POSITION": _position,
    "STRUCT": _struct,
    "SUBSTR": _substring,
    "SUBSTRING": _substring,
    "TIMEDIFF": _unit_call("timestampdiff"),
    "TIMESTAMPADD": _unit_call("timestampadd"),
    "TIMESTAMPDIFF": _unit_call("timestampdiff"),
    "TRIM": _trim,
    "TRY_CAST": _cast("try"),
}
