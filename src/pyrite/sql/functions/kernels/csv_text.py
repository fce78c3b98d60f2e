"""One line of CSV: to its fields, and from them."""

from __future__ import annotations

import csv
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
)

__all__ = ["read_field", "split_line", "write_field"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def split_line(text: str, separator: str, quote: str, escape: str) -> list[str]:
    """Return the fields of a line.

    Example:
        >>> split_line('1,"a,b"', ",", '"', chr(92))
        ['1', 'a,b']
    """
    reader = csv.reader(
        [text],
        delimiter=separator,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        escapechar=escape or None,
        doublequote=True,
    )
    return next(reader, [])


def read_field(text: str, data_type: DataType, reader: ValueReader) -> object:
    """Return a field's value as Arrow takes it.

    Raises:
        BadValue: If it is no value of the type.
    """
    match data_type:
        case StringType():
            return text
        case BooleanType():
            word = text.strip().lower()
            if word not in ("true", "false"):
                raise BadValue
            return word == "true"
        case IntegralType() | DoubleType() | FloatType() | DecimalType():
            number = text.strip()
            if _NUMBER.fullmatch(number):
                return reader.read(Number(number.lstrip("+")), data_type)
            return reader.read(number, data_type)
        case _:
            return reader.read(text, data_type)


def write_field(text: str, separator: str, quote: str, escape: str) -> str:
    """Return a text as a field, quoted if it has to be.

    Example:
        >>> write_field("a,b", ",", "'", "'")
        "'a,b'"
    """
    if not text:
        return quote + quote
    special = (separator, quote, "\n", "\r")
    if not any(mark and mark in text for mark in special) and text[:1] != " " != text[-1:]:
        return text
    escaped = text.replace(escape, escape * 2) if escape and escape != quote else text
    return quote + escaped.replace(quote, escape + quote) + quote
