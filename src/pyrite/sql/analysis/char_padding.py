"""CHAR columns in queries: read with spaces at their end, and compared so with other lengths."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pyrite.sql.conf import SQLConf
from pyrite.sql.expressions.char_types import DECLARED_TYPE, map_texts
from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Call,
    Expression,
    Literal,
    NamedExpression,
)
from pyrite.sql.expressions.unresolved import UnresolvedFunction
from pyrite.sql.functions.internal import PADDED
from pyrite.sql.parser import parse_data_type
from pyrite.sql.plans.plan import LogicalPlan, Project, SourceRelation
from pyrite.sql.types import (
    INTEGER,
    CharType,
    DataType,
    StringType,
    StructField,
    StructType,
)

if TYPE_CHECKING:
    from pyrite.sql.analysis.expressions import ExpressionResolver

__all__ = ["are_strings", "declared_schema", "pad_comparison", "read_padded"]

_READ_PADDED = "spark.sql.readSideCharPadding"
_CHAR = re.compile(r"\bchar\(")
_COMPARISONS = frozenset({"=", "<", "<=", ">", ">=", "!=", "<=>", "equal_null", "in"})


@lru_cache(maxsize=1024)
def _parsed(text: str) -> DataType:
    return parse_data_type(text)


def _declared(metadata: Any) -> DataType | None:
    text = dict(metadata).get(DECLARED_TYPE) if metadata else None
    return None if text is None else _parsed(text)


def declared_schema(schema: StructType) -> StructType:
    """Return a query's schema as tables and views made of it declare it.

    Example:
        >>> from pyrite.sql.types import STRING
        >>> field = StructField("c", STRING, True, {"__CHAR_VARCHAR_TYPE_STRING": "char(5)"})
        >>> declared_schema(StructType([field])).simpleString()
        'struct<c:char(5)>'
    """
    fields = []
    for field in schema.fields:
        declared = _declared(field.metadata)
        if declared is not None:
            kept = {k: v for k, v in field.metadata.items() if k != DECLARED_TYPE}
            field = StructField(field.name, declared, field.nullable, kept)
        fields.append(field)
    return StructType(fields)


def read_padded(resolver: ExpressionResolver, relation: SourceRelation) -> LogicalPlan:
    """Put spaces at the end of what a table's CHAR columns hold, as far as their files lack them.

    Saves of Spark and Pyrite write them; other programs' files need not have them.
    """
    conf = resolver.analyzer.session.conf
    if not _is_on(conf, _READ_PADDED) or are_strings(conf):
        return relation
    columns = tuple(_read_padded(resolver, attribute) for attribute in relation.attributes)
    return relation if columns == relation.attributes else Project(columns, relation)


def _read_padded(resolver: ExpressionResolver, column: Attribute) -> NamedExpression:
    declared = _declared(column.metadata)
    if declared is None or not _CHAR.search(declared.simpleString()):
        return column
    padded = resolver.resolve(map_texts(column, declared, _padded_text))
    return Alias(padded, column.name, metadata=column.metadata)


def _padded_text(value: Expression, declared: DataType) -> Expression:
    if not isinstance(declared, CharType):
        return value
    return UnresolvedFunction((PADDED,), (value, Literal(declared.length, INTEGER)))


def _is_on(conf: SQLConf, key: str) -> bool:
    return (conf.get(key) or "").lower() == "true"


def are_strings(conf: SQLConf) -> bool:
    """Return whether a session takes every CHAR and VARCHAR as text of any length."""
    return _is_on(conf, "spark.sql.legacy.charVarcharAsString")


def pad_comparison(resolver: ExpressionResolver, call: Call) -> Call:
    """Bring a CHAR column and what it is compared with to the same length.

    That is a constant text, several of them, or another CHAR column; texts of rows are compared
    as they are.
    """
    if call.function.name not in _COMPARISONS or not any(map(_length, call.arguments)):
        return call
    value, *others = call.arguments
    if call.function.name == "in" and (not _length(value) or any(map(_length, others))):
        return call
    conf = resolver.analyzer.session.conf
    if are_strings(conf) or _is_on(conf, "spark.sql.legacy.noCharPaddingInPredicate"):
        return call
    sizes = []
    for argument in call.arguments:
        size = _size(resolver, argument)
        if size is None:
            return call
        sizes.append(size)
    longest: Expression = Literal(max(s.value for s in sizes if isinstance(s, Literal)), INTEGER)
    computed = [size for size in sizes if not isinstance(size, Literal)]
    if computed:
        longest = resolver.call("greatest", longest, *computed)
    is_read_padded = _is_on(conf, _READ_PADDED)
    padded = tuple(
        argument
        if size == longest and (is_read_padded or not _length(argument))
        else resolver.call(PADDED, argument, longest)
        for argument, size in zip(call.arguments, sizes, strict=True)
    )
    return replace(call, arguments=padded)


def _length(expression: Expression) -> int:
    """Return the declared length of a CHAR column, 0 for anything else."""
    if not isinstance(expression, Attribute):
        return 0
    declared = _declared(expression.metadata)
    return declared.length if isinstance(declared, CharType) else 0


def _size(resolver: ExpressionResolver, expression: Expression) -> Expression | None:
    """Return the length of a CHAR column or a constant text; None for anything else."""
    if length := _length(expression):
        return Literal(length, INTEGER)
    if not isinstance(expression.data_type, StringType) or not expression.foldable:
        return None
    if isinstance(expression, Literal):
        return None if expression.value is None else Literal(len(expression.value), INTEGER)
    return resolver.call("length", expression)
