"""DuckDB SQL that raises one of Spark's errors when a value asks for it.

An error travels through DuckDB as text: a mark, the number of the expression that failed, the
condition, its parameters. Lowerings and kernels leave the number open; whoever writes the query
puts it in (``number_errors``), and keeps a table of what the numbers stand for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from pyrite.sql.errors import SparkError, runtime_error
from pyrite.sql.expressions.expression import Call

__all__ = [
    "Raised",
    "carried",
    "is_open",
    "number_errors",
    "raise_sql",
    "raised_text",
    "read_raised",
    "unless_zero",
]

_MARK = "pyrite\x1f"
_SEPARATOR = "\x1f"

#: Stands before the conditions that say where in the query they come from, until the expression
#: has its number.
_OPEN = "pyrite@?\x1f"
_NUMBERED = re.compile("pyrite(?:@([^\x1f]*))?\x1f")

#: The conditions that say where in the query they come from. Of the others Spark tells no place.
_PLACED = frozenset(
    {
        "ARITHMETIC_OVERFLOW",
        "CAST_INVALID_INPUT",
        "DIVIDE_BY_ZERO",
        "INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION",
        "INTERVAL_DIVIDED_BY_ZERO",
        "INVALID_ARRAY_INDEX",
        "INVALID_ARRAY_INDEX_IN_ELEMENT_AT",
        "INVALID_INDEX_OF_ZERO",
        "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
        "REMAINDER_BY_ZERO",
    }
)

#: What DuckDB appends to some errors: the piece of the SQL text, marks and all, that raised.
_CONTEXT = re.compile(r"\n\nLINE \d+: [^\n]*\n[ ^]*\Z")

_QUOTED = re.compile(r"'(?:[^']|'')*'")
#: Columns and lambdas' parameters in SQL text.
_READS_ROW = re.compile(r"\b[cev]\d+\b|\bt\d+\.")


class Raised(NamedTuple):
    """An error that came out of DuckDB.

    Attributes:
        error: The error.
        number: What ``number_errors`` put in, None where the condition has no number.
    """

    error: SparkError
    number: str | None


def raise_sql(error_class: str, /, **parameters: str) -> str:
    """Return a DuckDB expression that raises an error condition when it is computed.

    Args:
        error_class: The condition's name.
        parameters: DuckDB SQL of each message parameter's text.

    Example:
        A lowering that refuses negative numbers::

            f"CASE WHEN {x} < 0 THEN {raise_sql('...', value=x)} ELSE sqrt({x}) END"
    """
    pieces = [f"'{_begin(error_class)}'"]
    for name, sql in parameters.items():
        pieces.append(f"'{_SEPARATOR}{name}={_SEPARATOR}'")
        pieces.append(sql)
    message = ", ".join(pieces)
    if not any(_READS_ROW.search(_QUOTED.sub("", sql)) for sql in parameters.values()):
        # What is constant would be computed, and raise, while the query is planned.
        return f"error(concat({message}))"
    # error() is volatile, so DuckDB refuses it in many places and moves no filter past it. What
    # it knows to be null, such as CASE WHEN ... THEN NULL END, it leaves out of a coalesce.
    return f"repeat([NULL], CAST(concat({message}, '{_SEPARATOR}') AS INTEGER))[1]"


def _zero(error_class: str, divisor: str) -> str:
    # That the divisor is read keeps DuckDB from raising while the query is planned.
    nothing = f"left(CAST({divisor} AS VARCHAR), 0)"
    return raise_sql(error_class, config=f"concat({nothing}, '\"spark.sql.ansi.enabled\"')")


def unless_zero(call: Call, error_class: str, arguments: Sequence[str], divided: str) -> str:
    """Return SQL of a quotient or a remainder that raises where the divisor is zero.

    Nothing is raised where the dividend is null: the result is null.

    Args:
        call: The division.
        error_class: What is raised.
        arguments: SQL of dividend and divisor.
        divided: SQL of the result where the divisor is not zero, null where the dividend is.
    """
    dividend, divisor = arguments
    fails = f"{divisor} = 0"
    if call.arguments[0].nullable:
        fails += f" AND {dividend} IS NOT NULL"
    return f"(CASE WHEN {fails} THEN {_zero(error_class, divisor)} ELSE {divided} END)"


def number_errors(text: str, number: str) -> str:
    """Put in the number of the expression whose SQL, or whose kernel's message, a text is.

    Args:
        text: Numbers that parts of it have already are left.
        number: The expression's.
    """
    return text.replace(_OPEN, f"pyrite@{number}\x1f")


def is_open(text: str) -> bool:
    """Whether errors in a text wait for their number."""
    return _OPEN in text


def carried(error: SparkError) -> Exception:
    """Return an exception for a vectorised function to raise, which DuckDB passes on as text.

    Example:
        ``raise carried(runtime_error("CANNOT_PARSE_TIMESTAMP", ...))``
    """
    return ValueError(raised_text(error.error_class, **error.parameters))


def read_raised(message: str) -> Raised | None:
    """Return the error that a DuckDB message stands for, None for DuckDB's own errors."""
    begin = _NUMBERED.search(message)
    if begin is None:
        return None
    raised = _CONTEXT.sub("", message[begin.end() :])
    error_class, *rest = raised.split(_SEPARATOR)
    names = [re.sub("=$", "", name) for name in rest[::2]]
    error = runtime_error(error_class, None, **dict(zip(names, rest[1::2], strict=False)))
    return Raised(error, begin[1])


def raised_text(error_class: str, /, **parameters: str) -> str:
    """Return the message with which a kernel's exception raises an error condition.

    Args:
        error_class: The condition's name.
        parameters: The text of each message parameter.
    """
    pieces = "".join(f"{_SEPARATOR}{name}={_SEPARATOR}{text}" for name, text in parameters.items())
    # DuckDB appends where in the program it was raised; the last separator ends the message.
    return f"{_begin(error_class)}{pieces}{_SEPARATOR}"


def _begin(error_class: str) -> str:
    return (_OPEN if error_class in _PLACED else _MARK) + error_class
