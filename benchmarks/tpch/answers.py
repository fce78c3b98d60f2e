"""Results made comparable: engines differ in types and in the last digits of fractions."""

import datetime
import hashlib
import json
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """A value without its type: numbers with ten significant digits, texts without padding."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float, Decimal)):
        return f"{float(value):.10g}"
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()[:10]
    return str(value)


def rows(table: Any) -> list[list[Any]]:
    """The rows of an Arrow table, in order."""
    columns = [column.to_pylist() for column in table.columns]
    return [[plain(value) for value in row] for row in zip(*columns, strict=True)]


def digest(answer: list[list[Any]]) -> str:
    """A short text that is the same for the same rows, in whatever order equal keys came."""
    lines = sorted(json.dumps(row) for row in answer)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
