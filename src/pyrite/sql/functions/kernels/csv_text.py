"""One line of CSV: to its fields, and from them."""

from __future__ import annotations

import re

from pyrite.sql.functions.kernels.json_documents import Number
from pyrite.sql.functions.kernels.json_reading import BadValue, ValueReader
from pyrite.sql.types import (
    BooleanType,
    DataType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    StringType,
    TimestampNTZType,
)

__all__ = ["BLANKS", "read_field", "split_line", "write_field"]

#: What Java trims off texts of floating point numbers.
BLANKS = "".join(map(chr, range(0x21)))

# Java knows the digits of all scripts, but not in floating point numbers.
_WHOLE = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DOUBLE = re.compile(rf"({_NUMBER.pattern})[dDfF]?", re.ASCII)
_WITH_ZONE = re.compile(r":\d.*[A-Za-z+-]")
_WORDS = {"true": True, "false": False}


def split_line(text: str, separator: str, quote: str, escape: str) -> list[str]:
    """Return the fields of a line.

    A quote means something at the start of a field only, and an escape before a quote inside of
    quotes. A field that goes on behind its closing quote keeps its quotes.

    Example:
        >>> split_line('1,"a,b",c"d', ",", '"', chr(92))
        ['1', 'a,b', 'c"d']
    """
    fields, start = [], 0
    while True:
        end = text.find(separator, start)
        field = None
        if quote and text.startswith(quote, start):
            field, closing = _unquoted(text, start + 1, quote, escape)
            end = text.find(separator, closing)
            rest = text[closing : end if end >= 0 else len(text)]
            if rest not in ("", quote) or not (field or rest):
                field = quote + field + rest
        fields.append(text[start : end if end >= 0 else len(text)] if field is None else field)
        if end < 0:
            return fields
        start = end + len(separator)


def _unquoted(text: str, start: int, quote: str, escape: str) -> tuple[str, int]:
    """Return what is inside of quotes, and where the closing quote is."""
    pieces = []
    while start < len(text):
        if escape and text.startswith(escape + quote, start):
            pieces.append(quote)
            start += len(escape + quote)
        elif text.startswith(quote, start):
            break
        else:
            pieces.append(text[start])
            start += 1
    return "".join(pieces), start


def read_field(text: str, data_type: DataType, reader: ValueReader) -> object:
    """Return a field's value as Arrow takes it.

    Raises:
        BadValue: If it is no value of the type.
    """
    match data_type:
        case StringType():
            return text
        case BooleanType() if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        case IntegralType() if _WHOLE.fullmatch(text):
            return reader.read(Number(text.lstrip("+")), data_type)
        case DecimalType() if _NUMBER.fullmatch(text.replace(",", "")):
            return reader.read(Number(text.replace(",", "").lstrip("+")), data_type)
        case DoubleType() | FloatType():
            text = text.strip(BLANKS)
            if number := _DOUBLE.fullmatch(text):
                return reader.read(Number(number[1].lstrip("+")), data_type)
            return reader.read(text, data_type)
        case BooleanType() | IntegralType() | DecimalType():
            raise BadValue
        case TimestampNTZType() if not reader.formats.timestamp_ntz and _WITH_ZONE.search(text):
            raise BadValue
        case _:
            return reader.read(text, data_type)


def write_field(text: str, separator: str, quote: str, escape: str, always: bool = False) -> str:
    """Return a text as a field, without blanks around it; quoted if it has to be, or always.

    Example:
        >>> write_field("a,b ", ",", "'", "'")
        "'a,b'"
    """
    text = text.strip(BLANKS)
    special = (separator, quote, "\n", "\r")
    if text and not always and not any(mark and mark in text for mark in special):
        return text
    escaped = text.replace(escape, escape * 2) if escape and escape != quote else text
    if quote:
        escaped = escaped.replace(quote, escape + quote)
    return quote + escaped + quote
