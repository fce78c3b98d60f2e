"""Clauses that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyrite.sql.expressions.expression import Expression
from pyrite.sql.parser.tokens import STRING
from pyrite.sql.plans.commands import STATEMENTS, CatalogStatement

if TYPE_CHECKING:
    from pyrite.sql.parser.statements.reader import StatementReader
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = [
    "DATABASE_WORDS",
    "Partition",
    "Rule",
    "comment_or_null",
    "database_word",
    "if_exists",
    "if_not_exists",
    "optional_partition",
    "partition",
    "pattern",
    "statement",
]

#: Reads a command; its first words have been read.
Rule = Callable[["StatementReader"], "LogicalPlan"]

#: Columns with a value, or None for a column without one.
Partition = tuple[tuple[str, Expression | None], ...]

DATABASE_WORDS = ("DATABASE", "SCHEMA", "NAMESPACE")


def statement(
    command: str, child: LogicalPlan | None = None, /, **arguments: Any
) -> CatalogStatement:
    """Make a ``CatalogStatement``; arguments that are None are left out.

    Args:
        command: One of ``STATEMENTS``.
        child: The query it is about.
        arguments: Arguments of that statement.
    """
    unknown = arguments.keys() - set(STATEMENTS[command])
    assert not unknown, f"{command} has no {unknown}"
    given = tuple((key, value) for key, value in arguments.items() if value is not None)
    return CatalogStatement(command, given, child)


def if_exists(reader: StatementReader) -> bool:
    """Read IF EXISTS."""
    return reader.accept("IF", "EXISTS")


def if_not_exists(reader: StatementReader) -> bool:
    """Read IF NOT EXISTS."""
    return reader.accept("IF", "NOT", "EXISTS")


def database_word(reader: StatementReader) -> bool:
    """Read DATABASE, SCHEMA or NAMESPACE."""
    return reader.accept_one(DATABASE_WORDS) is not None


def comment_or_null(reader: StatementReader) -> str | None:
    """Read a text or NULL."""
    return None if reader.accept("NULL") else reader.string()


def pattern(reader: StatementReader) -> str | None:
    """Read ``[LIKE] 'pattern'`` if it is there."""
    if reader.accept("LIKE") or reader.kind == STRING:
        return reader.string()
    return None


def partition(reader: StatementReader) -> Partition:
    """Read ``PARTITION (a = 1, b)``."""
    reader.expect("PARTITION")
    return reader.wrapped_list(lambda: _partition_value(reader))


def optional_partition(reader: StatementReader) -> Partition | None:
    """Read ``PARTITION (a = 1, b)`` if it is there."""
    return partition(reader) if reader.at("PARTITION", "(") else None


def _partition_value(reader: StatementReader) -> tuple[str, Expression | None]:
    name = reader.name()
    if reader.accept_one(("=", "==")) is None:
        return name, None
    return name, reader.expression()
