"""The parser: SQL text to an unresolved plan."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.errors import unsupported
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.types import DataType

__all__ = ["parse_data_type", "parse_expression", "parse_identifier", "parse_statement"]


def parse_statement(text: str) -> LogicalPlan:
    """Parse one statement."""
    raise unsupported("SQL text")


def parse_expression(text: str) -> Expression:
    """Parse an expression."""
    raise unsupported("SQL text")


def parse_data_type(text: str) -> DataType:
    """Parse a type, or the fields of a schema."""
    raise unsupported("SQL text")


def parse_identifier(text: str) -> Sequence[str]:
    """Split a dotted name."""
    return text.split(".")
