"""Spark's SQL errors: an error condition, its SQLSTATE, its parameters, its message.

A condition's message template lives in ``error_conditions.CONDITIONS``; code raises by name::

    raise analysis_error("TABLE_OR_VIEW_NOT_FOUND", relationName="`t`")
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyspark.errors import (
    AnalysisException,
    ArithmeticException,
    ArrayIndexOutOfBoundsException,
    DateTimeException,
    IllegalArgumentException,
    NumberFormatException,
    ParseException,
    PySparkException,
    SparkNoSuchElementException,
    SparkRuntimeException,
    SparkUpgradeException,
    UnknownException,
    UnsupportedOperationException,
)

from pyrite.sql.error_conditions import CONDITIONS

__all__ = [
    "Origin",
    "SparkError",
    "analysis_error",
    "illegal_argument",
    "internal_error",
    "parse_error",
    "requirement_failed",
    "runtime_error",
    "unsupported",
]


#: How much of the text before and behind a fragment a message shows.
_SHOWN_AROUND = 32


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in the user's program an expression stands.

    Attributes:
        text: The SQL text, or None for a call of the DataFrame API.
        start: Offset of its first character in ``text``.
        stop: Offset of its last character in ``text``.
        call: For the DataFrame API: the method's name, such as ``divide``.
        call_site: For the DataFrame API: the user's line, such as ``app.py:3``.
        object_type: What has the text, if it is not the query itself: ``VIEW``.
        object_name: That object's name.
    """

    text: str | None = None
    start: int = 0
    stop: int = 0
    call: str = ""
    call_site: str = ""
    object_type: str = ""
    object_name: str = ""

    @property
    def fragment(self) -> str:
        """The text of the expression, or the name of the method that made it."""
        return self.call if self.text is None else self.text[self.start : self.stop + 1]

    def summary(self) -> str:
        """Show the place as Spark's messages do, with carets under the fragment."""
        if self.text is None:
            return f'== DataFrame ==\n"{self.call}" was called from\n{self.call_site}\n'
        line_start = self.text.rfind("\n", 0, self.start) + 1
        line, position = self.text.count("\n", 0, self.start) + 1, self.start - line_start + 1
        holder = f" of {self.object_type} {self.object_name}" if self.object_name else ""
        shown = "".join(f"{line}\n{carets}\n" for line, carets in self._marked_lines(line_start))
        return f"== SQL{holder} (line {line}, position {position}) ==\n{shown}"

    def _marked_lines(self, line_start: int) -> Iterator[tuple[str, str]]:
        """Yield each line of the fragment and the carets under it."""
        assert self.text is not None
        line_end = self.text.find("\n", self.stop)
        line_end = len(self.text) if line_end < 0 else line_end
        before = self.text[max(line_start, self.start - _SHOWN_AROUND) : self.start]
        before = f"...{before}" if len(before) == _SHOWN_AROUND else before
        behind = self.text[self.stop + 1 : min(line_end, self.stop + 1 + _SHOWN_AROUND)]
        behind = f"{behind}..." if len(behind) == _SHOWN_AROUND else behind
        lines = self.fragment.split("\n")
        for number, line in enumerate(lines):
            first, last = number == 0, number == len(lines) - 1
            yield (
                f"{before if first else ''}{line}{behind if last else ''}",
                f"{' ' * len(before) if first else ''}{'^' * len(line)}",
            )


#: The conditions that Spark leaves without a place where analysis does not give one at once.
_PLACELESS = frozenset(
    {
        "FIELD_NOT_FOUND",
        "INVALID_EXTRACT_BASE_FIELD_TYPE",
        "UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS",
    }
)


class SparkError(Exception):
    """An error of the SQL engine, by Spark's error condition.

    Attributes:
        error_class: The condition, such as ``DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES``.
        parameters: Its message parameters.
        sql_state: Five characters of the SQL standard.
        origin: Where in the user's program it comes from, if known.
        exception_class: The client's exception class that users catch.
        message: The text with the condition's name in front, as Spark shows it.
    """

    def __init__(
        self,
        error_class: str,
        parameters: dict[str, str],
        exception_class: type[PySparkException],
        origin: Origin | None = None,
    ) -> None:
        condition = CONDITIONS[error_class]
        self.error_class = error_class
        self.parameters = parameters
        self.sql_state = condition.sql_state
        self.origin: Origin | None = None
        self.exception_class = exception_class
        text = condition.fill(parameters)
        if not error_class.startswith("_LEGACY"):  # those have no public name
            text = f"[{error_class}] {text} SQLSTATE: {self.sql_state}"
        self.message = text
        super().__init__(text)
        self.at(origin)

    def __reduce__(self) -> tuple[Any, ...]:
        return SparkError, (self.error_class, self.parameters, self.exception_class, self.origin)

    def at(self, origin: Origin | None) -> SparkError:
        """Tell the place that the error comes from, unless it has one; return the error."""
        if self.origin is None and origin is not None:
            self.origin = origin
            self.message = f"{self.message}\n{origin.summary()}"
            self.args = (self.message,)
        return self

    def met_in(self, node: object) -> None:
        """Tell the place of what was being analyzed, if the error is a mistake in it."""
        if self.exception_class is AnalysisException and self.error_class not in _PLACELESS:
            self.at(getattr(node, "origin", None))


def analysis_error(
    error_class: str, origin: Origin | None = None, /, **parameters: str
) -> SparkError:
    """Make the error of a plan that cannot be resolved (``AnalysisException``)."""
    return SparkError(error_class, parameters, AnalysisException, origin)


def parse_error(error_class: str, origin: Origin | None = None, /, **parameters: str) -> SparkError:
    """Make the error of a text that is not SQL (``ParseException``)."""
    return SparkError(error_class, parameters, ParseException, origin)


#: The client's exception class for conditions that are raised while a query runs.
_RUNTIME_CLASSES: dict[str, type[PySparkException]] = {
    "ARITHMETIC_OVERFLOW": ArithmeticException,
    "BINARY_ARITHMETIC_OVERFLOW": ArithmeticException,
    "DIVIDE_BY_ZERO": ArithmeticException,
    "REMAINDER_BY_ZERO": ArithmeticException,
    "INTERVAL_ARITHMETIC_OVERFLOW": ArithmeticException,
    "INTERVAL_DIVIDED_BY_ZERO": ArithmeticException,
    "NUMERIC_VALUE_OUT_OF_RANGE": ArithmeticException,
    "CAST_OVERFLOW": ArithmeticException,
    "INVALID_ARRAY_INDEX": ArrayIndexOutOfBoundsException,
    "INVALID_ARRAY_INDEX_IN_ELEMENT_AT": ArrayIndexOutOfBoundsException,
    "MAP_KEY_DOES_NOT_EXIST": SparkNoSuchElementException,
    "CANNOT_PARSE_TIMESTAMP": DateTimeException,
    "DATETIME_FIELD_OUT_OF_BOUNDS": DateTimeException,
    "DATETIME_OVERFLOW": ArithmeticException,
    "INVALID_FRACTION_OF_SECOND": DateTimeException,
    "INCONSISTENT_BEHAVIOR_CROSS_VERSION": SparkUpgradeException,
    "INVALID_PARAMETER_VALUE": IllegalArgumentException,
    "INVALID_PARAMETER_VALUE.LENGTH": SparkRuntimeException,
    "INVALID_PARAMETER_VALUE.PATTERN": SparkRuntimeException,
    "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX": SparkRuntimeException,
    "INVALID_PARAMETER_VALUE.START": SparkRuntimeException,
    "CANNOT_DECODE_URL": IllegalArgumentException,
    "CONVERSION_INVALID_INPUT": IllegalArgumentException,
    "ILLEGAL_DAY_OF_WEEK": IllegalArgumentException,
    "INVALID_FORMAT.MISMATCH_INPUT": IllegalArgumentException,
    "SQL_CONF_NOT_FOUND": SparkNoSuchElementException,
    # Spark's own class of these is SparkException itself.
    "MALFORMED_RECORD_IN_PARSING": PySparkException,
    "SCALAR_SUBQUERY_TOO_MANY_ROWS": PySparkException,
    # Spark's own class of these, SparkSQLException, has no name in the client.
    "INVALID_CLONE_SESSION_REQUEST": UnknownException,
    "INVALID_CURSOR": UnknownException,
    "INVALID_HANDLE": UnknownException,
    "OPERATION_CANCELED": UnknownException,
}

#: The class of CAST_INVALID_INPUT by the type that was wanted, where it is no number.
_CAST_CLASSES: dict[str, type[PySparkException]] = {
    "BOOLEAN": SparkRuntimeException,
    "DATE": DateTimeException,
    "TIME": DateTimeException,
    "TIMESTAMP": DateTimeException,
    "TIMESTAMP_NTZ": DateTimeException,
}


def runtime_error(
    error_class: str, origin: Origin | None = None, /, **parameters: str
) -> SparkError:
    """Make the error of a value that a running query met."""
    condition = error_class.partition(".")[0]
    exception_class = _RUNTIME_CLASSES.get(
        error_class, _RUNTIME_CLASSES.get(condition, SparkRuntimeException)
    )
    if error_class == "CAST_INVALID_INPUT":
        target = parameters.get("targetType", "").strip('"')
        exception_class = _CAST_CLASSES.get(target, NumberFormatException)
    return SparkError(error_class, parameters, exception_class, origin)


def unsupported(what: str) -> SparkError:
    """Make the error of something Spark has and Pyrite does not have yet."""
    return SparkError("UNSUPPORTED_FEATURE.PYRITE", {"what": what}, UnsupportedOperationException)


def illegal_argument(error_class: str, /, **parameters: str) -> SparkError:
    """Make the error of an option that has a wrong value (``IllegalArgumentException``)."""
    return SparkError(error_class, parameters, IllegalArgumentException)


def requirement_failed(message: str) -> SparkError:
    """Make the error of an argument out of its range, where Spark names no condition."""
    return SparkError("_LEGACY_REQUIREMENT_FAILED", {"message": message}, IllegalArgumentException)


def internal_error(message: str) -> SparkError:
    """Make the error of a state that should not have come about."""
    return SparkError("INTERNAL_ERROR", {"message": message}, SparkRuntimeException)
