"""The parser's entrances: from a text to a plan, an expression, a type or a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from pyrite.sql.errors import SparkError
from pyrite.sql.parser.settings import DEFAULT_SETTINGS, ParserSettings
from pyrite.sql.parser.statements.reader import StatementReader
from pyrite.sql.parser.tokens import END, Tokens, tokenize
from pyrite.sql.parser.variables import substitute

if TYPE_CHECKING:
    from pyrite.sql.expressions.expression import Expression
    from pyrite.sql.plans.plan import LogicalPlan
    from pyrite.sql.types import DataType, StructType

__all__ = [
    "parse_data_type",
    "parse_expression",
    "parse_identifier",
    "parse_schema",
    "parse_statement",
    "parse_statements",
]

T = TypeVar("T")

#: Statements that are kept, and how long their texts may be: a program's, not its data.
_KEPT = 64
_LONGEST_KEPT = 20_000


def _read(
    text: str,
    rule: Callable[[StatementReader], T],
    settings: ParserSettings,
    tokens: Tokens | None = None,
) -> T:
    reader = StatementReader(tokens or tokenize(text), settings)
    result = rule(reader)
    reader.expect_end()
    return result


def parse_statement(text: str, settings: ParserSettings = DEFAULT_SETTINGS) -> LogicalPlan:
    """Read one SQL statement.

    A client sends the text of a query with every action on it, so what was read lately is kept.

    Args:
        text: A query or a command; semicolons at its end do not count.
        settings: What the session says about SQL text, and the values of parameters.

    Returns:
        An unresolved plan, or a ``Command``.

    Raises:
        SparkError: PARSE_SYNTAX_ERROR with the place, or what else is wrong with a literal,
            a type or a name.

    Example:
        >>> type(parse_statement("SELECT 1")).__name__
        'UnresolvedProject'
    """
    if settings.variable is not None:
        text = substitute(text, settings.variable) if "${" in text else text
        settings = replace(settings, variable=None)
    if settings.named or settings.positional or len(text) > _LONGEST_KEPT:
        return _statement(text, settings)
    return _kept_statement(text, settings)


def _statement(text: str, settings: ParserSettings) -> LogicalPlan:
    return _read(text, StatementReader.statement, settings)


_kept_statement = lru_cache(_KEPT)(_statement)


def parse_statements(
    text: str, settings: ParserSettings = DEFAULT_SETTINGS
) -> list[tuple[str, LogicalPlan]]:
    """Read a script of statements with semicolons between them.

    Returns:
        Each statement's text and plan.

    Raises:
        SparkError: As for ``parse_statement``; places are counted in the whole script.

    Example:
        >>> [text for text, _ in parse_statements("SELECT 1; SELECT ';';")]
        ['SELECT 1', "SELECT ';'"]
    """
    tokens = tokenize(text)
    statements = []
    first = 0
    for index, kind in enumerate(tokens.kinds):
        if kind in (";", END):
            if index > first:
                part = tokens.slice(first, index)
                source = text[part.starts[0] : part.stops[-1]]
                plan = _read(text, StatementReader.statement, settings, part)
                statements.append((source, plan))
            first = index + 1
    return statements


def parse_expression(text: str, settings: ParserSettings = DEFAULT_SETTINGS) -> Expression:
    """Read an expression, with an alias or not: ``a + 1 AS b``.

    Raises:
        SparkError: PARSE_SYNTAX_ERROR.

    Example:
        >>> parse_expression("`a.b`.c").parts
        ('a.b', 'c')
    """
    return _read(text, StatementReader.named_expression, settings)


def parse_data_type(text: str, settings: ParserSettings = DEFAULT_SETTINGS) -> DataType:
    """Read a type, or the fields of a schema.

    Raises:
        SparkError: PARSE_SYNTAX_ERROR or UNSUPPORTED_DATATYPE.

    Example:
        >>> parse_data_type("a int, b array<string>").simpleString()
        'struct<a:int,b:array<string>>'
    """
    reader = StatementReader(tokenize(text), settings)
    try:
        data_type = reader.data_type()
        reader.expect_end()
    except SparkError as error:
        as_type = error
    else:
        return data_type
    if as_type.error_class != "PARSE_SYNTAX_ERROR" and reader.kind != END:
        try:
            reader.expect_end()
        except SparkError as error:  # what comes too much counts more than what it follows
            as_type = error
    try:
        return parse_schema(text, settings)
    except SparkError:
        raise as_type from None


def parse_schema(text: str, settings: ParserSettings = DEFAULT_SETTINGS) -> StructType:
    """Read the fields of a schema: ``a int NOT NULL, b string COMMENT 'text'``.

    Raises:
        SparkError: PARSE_SYNTAX_ERROR or UNSUPPORTED_DATATYPE.

    Example:
        >>> parse_schema("a int NOT NULL").fields[0].nullable
        False
    """
    return _read(text, StatementReader.schema, settings)


def parse_identifier(text: str, settings: ParserSettings = DEFAULT_SETTINGS) -> tuple[str, ...]:
    """Read the name of a table, a view, a database or a function.

    Raises:
        SparkError: PARSE_SYNTAX_ERROR.

    Example:
        >>> parse_identifier("spark_catalog.`my db`.t")
        ('spark_catalog', 'my db', 't')
    """
    return _read(text, StatementReader.names, settings)
