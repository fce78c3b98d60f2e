"""DuckDB SQL that raises one of Spark's errors when a value asks for it."""

from __future__ import annotations

import re

from pyrite.sql.errors import SparkError, runtime_error

__all__ = ["carried", "raise_sql", "raised_text", "read_raised"]

_MARK = "pyrite\x1f"
_SEPARATOR = "\x1f"

#: What DuckDB appends to some errors: the piece of the SQL text, marks and all, that raised.
_CONTEXT = re.compile(r"\n\nLINE \d+: [^\n]*\n[ ^]*\Z")

_QUOTED = re.compile(r"'(?:[^']|'')*'")
#: The names of columns and of lambdas' parameters in SQL text.
_READS_ROW = re.compile(r"\b[cev]\d+\b")


def raise_sql(error_class: str, /, **parameters: str) -> str:
    """Return a DuckDB expression that raises an error condition when it is computed.

    Args:
        error_class: The condition's name.
        parameters: DuckDB SQL of each message parameter's text.

    Example:
        A lowering that refuses negative numbers::

            f"CASE WHEN {x} < 0 THEN {raise_sql('...', value=x)} ELSE sqrt({x}) END"
    """
    pieces = [f"'{_MARK}{error_class}'"]
    for name, sql in parameters.items():
        pieces.append(f"'{_SEPARATOR}{name}={_SEPARATOR}'")
        pieces.append(sql)
    message = ", ".join(pieces)
    if not any(_READS_ROW.search(_QUOTED.sub("", sql)) for sql in parameters.values()):
        # What is constant would be computed, and raise, while the query is planned.
        return f"error(concat({message}))"
    # error() is volatile, so DuckDB refuses it in many places and moves no filter past it.
    return f"CASE WHEN CAST(concat({message}, '{_SEPARATOR}') AS INTEGER) = 0 THEN NULL END"


def carried(error: SparkError) -> Exception:
    """Return an exception for a vectorised function to raise, which DuckDB passes on as text.

    Example:
        ``raise carried(runtime_error("CANNOT_PARSE_TIMESTAMP", ...))``
    """
    pieces = [_MARK + error.error_class]
    for name, value in error.parameters.items():
        pieces += [f"{name}=", value]
    return ValueError(_SEPARATOR.join([*pieces, ""]))


def read_raised(message: str) -> SparkError | None:
    """Return the error that a DuckDB message stands for, None for DuckDB's own errors."""
    start = message.find(_MARK)
    if start < 0:
        return None
    raised = _CONTEXT.sub("", message[start + len(_MARK) :])
    error_class, *rest = raised.split(_SEPARATOR)
    names = [re.sub("=$", "", name) for name in rest[::2]]
    return runtime_error(error_class, None, **dict(zip(names, rest[1::2], strict=False)))


def raised_text(error_class: str, /, **parameters: str) -> str:
    """Return the message with which a kernel's exception raises an error condition.

    Args:
        error_class: The condition's name.
        parameters: The text of each message parameter.
    """
    pieces = "".join(f"{_SEPARATOR}{name}={_SEPARATOR}{text}" for name, text in parameters.items())
    # DuckDB appends where in the program it was raised; the last separator ends the message.
    return f"{_MARK}{error_class}{pieces}{_SEPARATOR}"
