"""Lists of properties: ``('key' = 'value', a.b 1)``."""

from __future__ import annotations

from pyrite.sql.parser.reader import TokenReader
from pyrite.sql.parser.tokens import NUMBER, STRING
from pyrite.sql.plans.unresolved import Options

__all__ = ["property_key", "read_properties"]


def property_key(reader: TokenReader) -> str:
    """Read a key: a string, or words with dots between them."""
    if reader.kind == STRING:
        return reader.string()
    return ".".join(reader.names())


def read_properties(reader: TokenReader) -> Options:
    """Read a list in parentheses; values are strings, numbers, words or nothing.

    Raises:
        SparkError: PARSE_SYNTAX_ERROR.
    """
    return reader.wrapped_list(lambda: _property(reader)) if not _empty(reader) else ()


def _empty(reader: TokenReader) -> bool:
    if not reader.at("(", ")"):
        return False
    reader.index += 2
    return True


def _property(reader: TokenReader) -> tuple[str, str]:
    key = property_key(reader)
    reader.accept("=")
    if reader.kind in (",", ")"):
        return key, ""
    if reader.kind == STRING:
        return key, reader.string()
    sign = reader.accept_one(("-", "+")) or ""
    if reader.kind == NUMBER or reader.at_name():
        text = sign + reader.source(reader.index, reader.index + 1)
        reader.index += 1
        word = text.lower()
        return key, word if word in ("true", "false") else text
    reader.fail()
