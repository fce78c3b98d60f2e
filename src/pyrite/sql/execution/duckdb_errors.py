"""DuckDB's errors as Spark's."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from pyrite.core.errors import CertainFailure
from pyrite.sql.errors import SparkError, runtime_error
from pyrite.sql.execution.error_places import ErrorPlaces
from pyrite.sql.expressions.expression import Call, Cast, Expression, ScalarSubquery
from pyrite.sql.functions.constants import constant_integer
from pyrite.sql.functions.raising import read_raised
from pyrite.sql.types import DecimalType, IntegerType, LongType

__all__ = ["FragmentError", "carry", "is_decimal_overflow", "translate"]

_ANSI = '"spark.sql.ansi.enabled"'

_SPARK_TYPES = {
    "INT8": "TINYINT", "INT16": "SMALLINT", "INT32": "INT", "INT64": "BIGINT",
    "TINYINT": "TINYINT", "SMALLINT": "SMALLINT", "INTEGER": "INT", "BIGINT": "BIGINT",
    "FLOAT": "FLOAT", "DOUBLE": "DOUBLE", "BOOL": "BOOLEAN", "BOOLEAN": "BOOLEAN",
    "DATE": "DATE", "TIMESTAMP": "TIMESTAMP_NTZ", "TIMESTAMP WITH TIME ZONE": "TIMESTAMP",
    "VARCHAR": "STRING",
}  # fmt: skip

_BYTES = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def _spark_type(name: str) -> str:
    return f'"{_SPARK_TYPES.get(name, name)}"'


def _overflow(match: re.Match[str]) -> SparkError:
    kind, left, symbol, right = match.groups()
    helper = {"+": "try_add", "-": "try_subtract", "*": "try_multiply"}.get(symbol, "try_divide")
    if kind.startswith("DECIMAL"):
        return runtime_error(
            "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
            None,
            value=f"{left} {symbol} {right}",
            precision="38",
            scale="0",
            config=_ANSI,
        )
    if kind in ("INT8", "INT16"):
        return runtime_error(
            "BINARY_ARITHMETIC_OVERFLOW",
            None,
            value1=f"{left}S",
            symbol=symbol,
            value2=f"{right}S",
            functionName=f"`{helper}`",
        )
    return runtime_error(
        "ARITHMETIC_OVERFLOW",
        None,
        message="overflow",
        alternative=f" Use '{helper}' to tolerate overflow and return NULL instead.",
        config=_ANSI,
    )


def _sign_overflow(match: re.Match[str]) -> SparkError:
    return runtime_error(
        "ARITHMETIC_OVERFLOW", None, message="overflow", alternative="", config=_ANSI
    )


def _quotient_overflow(match: re.Match[str]) -> SparkError:
    return runtime_error(
        "ARITHMETIC_OVERFLOW",
        None,
        message="Overflow in integral divide",
        alternative=" Use 'try_divide' to tolerate overflow and return NULL instead.",
        config=_ANSI,
    )


def _bad_text(match: re.Match[str]) -> SparkError:
    return runtime_error(
        "CAST_INVALID_INPUT",
        None,
        expression=f"'{match[1]}'",
        sourceType='"STRING"',
        targetType=_spark_type(match[2]),
    )


#: What Spark appends to a number of a type when a message shows it.
_SUFFIXES = {"TINYINT": "Y", "SMALLINT": "S", "BIGINT": "L", "DOUBLE": "D"}


def _shown(value: str, spark_type: str) -> str:
    """Return a number as Spark's messages do: 3000000000L, 1.0E10D, NaN."""
    if spark_type in ("FLOAT", "DOUBLE"):
        number = float(value)
        if number != number or number in (float("inf"), -float("inf")):
            return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(number)]
        digits, exponent = f"{number!r}", ""
        if not 1e-3 <= abs(number) < 1e7 and number:
            mantissa, _, power = f"{Decimal(repr(number)).normalize():E}".partition("E")
            digits = mantissa if "." in mantissa else f"{mantissa}.0"
            exponent = f"E{int(power)}"
        value = digits + exponent
    return value + _SUFFIXES.get(spark_type, "")


def _out_of_range(match: re.Match[str]) -> SparkError:
    if match[1] == "INT128" and match[3] == "INT32":  # a sum of months
        return runtime_error(
            "INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION", None, functionName="`try_add`"
        )
    if match[1] == "INT128":  # only sums of whole numbers are that wide
        return runtime_error(
            "ARITHMETIC_OVERFLOW",
            None,
            message="overflow",
            alternative=" Use 'try_add' to tolerate overflow and return NULL instead.",
            config=_ANSI,
        )
    source = _SPARK_TYPES.get(match[1], match[1])
    return runtime_error(
        "CAST_OVERFLOW",
        None,
        value=_shown(match[2], source),
        sourceType=f'"{source}"',
        targetType=_spark_type(match[3]),
        ansiConfig=_ANSI,
    )


def _decimal_cast_overflow(match: re.Match[str]) -> SparkError:
    digits = match[1].lstrip("-").replace(".", "")
    scale = len(match[1].partition(".")[2])
    return runtime_error(
        "CAST_OVERFLOW",
        None,
        value=f"{match[1]}BD",
        sourceType=f'"DECIMAL({len(digits)},{scale})"',
        targetType=_spark_type(match[2]),
        ansiConfig=_ANSI,
    )


def _beyond_decimal(match: re.Match[str]) -> SparkError:
    return runtime_error(
        "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION",
        None,
        value=match[1],
        precision=match[2],
        scale=match[3],
        config=_ANSI,
    )


def _uri(path: str) -> str:
    """Return a file's path as messages show it."""
    return f"file://{path}" if path.startswith("/") else path


#: Whether an expression may have raised the error that a message matches.
_Suspicion = Callable[[re.Match[str], Expression], bool]


def _calls(*names: str) -> _Suspicion:
    """Suspect the calls of some functions."""
    return lambda _, expression: isinstance(expression, Call) and expression.function.name in names


#: DuckDB's types of integers that Spark has, by its own.
_INTEGERS = {"INT32": IntegerType, "INT64": LongType}


def _operations(symbol: str) -> _Suspicion:
    """Suspect operations on numbers of the message's type, constants being the message's."""

    def may_overflow(match: re.Match[str], expression: Expression) -> bool:
        if not isinstance(expression, Call) or expression.function.name != symbol:
            return False
        kind = _INTEGERS.get(match[1], DecimalType)
        return isinstance(expression.data_type, kind) and all(
            constant_integer(argument) in (None, int(operand))
            for argument, operand in zip(expression.arguments, (match[2], match[4]), strict=True)
            if kind is not DecimalType
        )

    return may_overflow


def _decimal_casts(match: re.Match[str], expression: Expression) -> bool:
    target = DecimalType(int(match[2]), int(match[3]))
    return isinstance(expression, Cast) and expression.data_type == target


class _Pattern(NamedTuple):
    """One of DuckDB's errors.

    Attributes:
        text: How its message is known.
        error: Makes Spark's error.
        suspicion: Which expressions may have raised it, if Spark tells that.
    """

    text: re.Pattern[str]
    error: Callable[[re.Match[str]], SparkError]
    suspicion: _Suspicion | None = None


_OVERFLOW = r" of ([\w()]+) \((-?[\d.]+) ([-+*/]) (-?[\d.]+)\)"

_PATTERNS = (
    _Pattern(
        re.compile(r"Division by zero in expression \(.* % .*\)"),
        lambda _: runtime_error("REMAINDER_BY_ZERO", None, config=_ANSI),
        _calls("%", "mod", "pmod"),
    ),
    _Pattern(
        re.compile(r"Division by zero"),
        lambda _: runtime_error("DIVIDE_BY_ZERO", None, config=_ANSI),
        _calls("/", "div"),
    ),
    _Pattern(
        re.compile(r"Overflow in negation|Overflow on abs|Overflow in subtraction of \w+ \(0 - -"),
        _sign_overflow,
    ),
    _Pattern(re.compile(f"Overflow in addition{_OVERFLOW}"), _overflow, _operations("+")),
    _Pattern(re.compile(f"Overflow in subtraction{_OVERFLOW}"), _overflow, _operations("-")),
    _Pattern(re.compile(f"Overflow in multiplication{_OVERFLOW}"), _overflow, _operations("*")),
    _Pattern(re.compile(f"Overflow in \\w+{_OVERFLOW}"), _overflow),
    _Pattern(re.compile(r"Overflow in division of -?\d+ / -1"), _quotient_overflow, _calls("div")),
    _Pattern(
        re.compile(r"Could not convert string '(.*)' to (\w+)", re.DOTALL),
        _bad_text,
        lambda _, expression: isinstance(expression, Cast),
    ),
    _Pattern(
        re.compile(
            r"Type (\w+) with value (\S+) can't be cast because the value is out of range "
            r"for the destination type (\w+)"
        ),
        _out_of_range,
    ),
    _Pattern(
        re.compile(r"Failed to cast decimal value (\S+) to type (\w+)"), _decimal_cast_overflow
    ),
    _Pattern(
        re.compile(r"Could not cast value (\S+) to DECIMAL\((\d+),(\d+)\)"),
        _beyond_decimal,
        _decimal_casts,
    ),
    _Pattern(
        re.compile(r'Casting value "(\S+)" to type DECIMAL\((\d+),(\d+)\) failed'),
        _beyond_decimal,
        _decimal_casts,
    ),
    _Pattern(
        re.compile(r"Overflow in SUM of DECIMAL|Overflow in HUGEINT addition"),
        lambda _: runtime_error(
            "ARITHMETIC_OVERFLOW",
            None,
            message="Overflow in sum of decimals",
            alternative=" Use 'try_sum' to tolerate overflow and return NULL instead.",
            config=_ANSI,
        ),
        _calls("sum"),
    ),
    _Pattern(
        re.compile(r"Map keys must be unique"),
        lambda _: runtime_error(
            "DUPLICATED_MAP_KEY",
            None,
            key="of a map",
            mapKeyDedupPolicy='"spark.sql.mapKeyDedupPolicy"',
        ),
    ),
    _Pattern(
        re.compile(r"Map keys can not be NULL"), lambda _: runtime_error("NULL_MAP_KEY", None)
    ),
    _Pattern(
        re.compile(r"More than one row returned by a subquery"),
        lambda _: runtime_error("SCALAR_SUBQUERY_TOO_MANY_ROWS", None),
        lambda _, expression: isinstance(expression, ScalarSubquery),
    ),
    _Pattern(
        re.compile(
            r'No files found that match the pattern "(.*)"'
            r'|Cannot open file "(.*)": No such file or directory'
        ),
        lambda match: runtime_error(
            "FAILED_READ_FILE.FILE_NOT_EXIST", None, path=_uri(match[1] or match[2])
        ),
    ),
    _Pattern(
        re.compile(r"Out of Memory Error(?:.*?of size ([\d.]+) (bytes|KiB|MiB|GiB))?"),
        lambda match: runtime_error(
            "UNABLE_TO_ACQUIRE_MEMORY",
            None,
            requestedBytes=str(int(float(match[1] or 0) * _BYTES.get(match[2], 1))),
            receivedBytes="0",
        ),
    ),
    _Pattern(
        re.compile(r"(?:INTERRUPT|Interrupted)", re.IGNORECASE),
        lambda _: runtime_error("OPERATION_CANCELED", None),
    ),
)

_DECIMAL_OVERFLOW = re.compile(
    r"Overflow in \w+ of (DECIMAL\(|INT128)"
    r'|Casting value "[^"]*" to type DECIMAL\(38,|Could not cast value \S+ to DECIMAL\(38,'
)


def is_decimal_overflow(message: str) -> bool:
    """Whether a query may have failed only because it left no room for all digits of decimals."""
    return _DECIMAL_OVERFLOW.search(message) is not None


_CARRIED = re.compile(r"carried exception (\d+)")
#: How many carried exceptions wait to be asked for; a query that is given up asks for none.
_MOST_CARRIED = 100
_carried: dict[int, Exception] = {}
_numbers = itertools.count()


def carry(error: Exception) -> Exception:
    """Return what to raise where DuckDB reads from Python: ``translate`` gives the error back.

    DuckDB passes only an exception's text on.
    """
    number = next(_numbers)
    _carried[number] = error
    _carried.pop(number - _MOST_CARRIED, None)
    return RuntimeError(f"carried exception {number}")


class FragmentError(Exception):
    """DuckDB's text of an error, for ``translate`` where the query was made."""


class FragmentDataError(FragmentError, CertainFailure):
    """A ``FragmentError`` that follows from the data, and not from where they are computed."""


#: Finds out which of several expressions failed, if it can.
_Probe = Callable[[Sequence[Expression]], Expression | None]


def translate(
    error: Exception, places: ErrorPlaces | None, probe: _Probe = lambda suspects: None
) -> Exception:
    """Return Spark's error for one of DuckDB's; an error nobody foresaw stays as it is.

    Args:
        error: DuckDB's.
        places: Where the expressions of the query stand; None if only the process knows it that
            made the query: it can translate the ``FragmentError`` that this returns.
        probe: Asked when several of them can have failed.
    """
    message = str(error)
    carried = _CARRIED.search(message)
    if carried is not None:
        return _carried.pop(int(carried[1]), error)
    if places is None:
        return _fragment_error(error)
    raised = read_raised(message)
    if raised is not None:
        return raised.error.at(places.numbered(raised.number)) if raised.number else raised.error
    message = message.partition("\n\nLINE ")[0]  # what follows quotes the query
    for pattern in _PATTERNS:
        match = pattern.text.search(message)
        if match is not None:
            return _placed(pattern, match, places, probe)
    return runtime_error("INTERNAL_ERROR", None, message=message)


#: The classes, in Python's terms for databases, of errors that follow from data and query alone;
#: files that cannot be read now, or memory that is short, are an OperationalError.
_CERTAIN = {"DataError", "ProgrammingError"}


def _fragment_error(error: Exception) -> FragmentError:
    is_certain = any(base.__name__ in _CERTAIN for base in type(error).__mro__)
    return (FragmentDataError if is_certain else FragmentError)(str(error))


def _placed(
    pattern: _Pattern, match: re.Match[str], places: ErrorPlaces, probe: _Probe
) -> SparkError:
    error, suspicion = pattern.error(match), pattern.suspicion
    if suspicion is None or error.error_class == "BINARY_ARITHMETIC_OVERFLOW":
        return error
    suspects = places.suspects(lambda expression: suspicion(match, expression))
    if len(suspects) == 1:
        return error.at(next(iter(suspects)))
    culprit = probe(list(suspects.values())) if suspects else None
    return error.at(next((place for place, each in suspects.items() if each is culprit), None))
