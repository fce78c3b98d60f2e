"""The names of Spark's exception classes, by which clients choose what to raise.

A client, in whatever language, picks its own class for the first of these names it knows, so
each of ours carries the whole line of ancestors that it has on a JVM.
"""

from __future__ import annotations

from pyspark.errors import (
    AnalysisException,
    ArithmeticException,
    ArrayIndexOutOfBoundsException,
    DateTimeException,
    IllegalArgumentException,
    NumberFormatException,
    ParseException,
    PySparkException,
    PySparkNotImplementedError,
    PySparkTypeError,
    PySparkValueError,
    PythonException,
    QueryExecutionException,
    SparkNoSuchElementException,
    SparkRuntimeException,
    SparkUpgradeException,
    StreamingQueryException,
    UnknownException,
    UnsupportedOperationException,
)
from pyspark.errors.exceptions.connect import InvalidPlanInput

from pyrite.sql.errors import SparkError

__all__ = ["java_classes", "java_classes_of_details"]

_ANY = ("java.lang.Exception", "java.lang.Throwable", "java.lang.Object")
_RUNTIME = ("java.lang.RuntimeException", *_ANY)
_ANALYSIS = ("org.apache.spark.sql.AnalysisException", *_ANY)
_ILLEGAL = ("java.lang.IllegalArgumentException", *_RUNTIME)
_ILLEGAL_ARGUMENT = ("org.apache.spark.SparkIllegalArgumentException", *_ILLEGAL)
_UNSUPPORTED = (
    "org.apache.spark.SparkUnsupportedOperationException",
    "java.lang.UnsupportedOperationException",
    *_RUNTIME,
)
_SPARK = ("org.apache.spark.SparkException", *_ANY)

#: Subclasses stand before their parents.
_CLASSES: dict[type[PySparkException], tuple[str, ...]] = {
    ParseException: ("org.apache.spark.sql.catalyst.parser.ParseException", *_ANALYSIS),
    AnalysisException: ("org.apache.spark.sql.catalyst.ExtendedAnalysisException", *_ANALYSIS),
    NumberFormatException: (
        "org.apache.spark.SparkNumberFormatException",
        "java.lang.NumberFormatException",
        *_ILLEGAL,
    ),
    IllegalArgumentException: _ILLEGAL_ARGUMENT,
    ArithmeticException: (
        "org.apache.spark.SparkArithmeticException",
        "java.lang.ArithmeticException",
        *_RUNTIME,
    ),
    ArrayIndexOutOfBoundsException: (
        "org.apache.spark.SparkArrayIndexOutOfBoundsException",
        "java.lang.ArrayIndexOutOfBoundsException",
        "java.lang.IndexOutOfBoundsException",
        *_RUNTIME,
    ),
    DateTimeException: (
        "org.apache.spark.SparkDateTimeException",
        "java.time.DateTimeException",
        *_RUNTIME,
    ),
    SparkNoSuchElementException: (
        "org.apache.spark.SparkNoSuchElementException",
        "java.util.NoSuchElementException",
        *_RUNTIME,
    ),
    SparkRuntimeException: ("org.apache.spark.SparkRuntimeException", *_RUNTIME),
    SparkUpgradeException: ("org.apache.spark.SparkUpgradeException", *_RUNTIME),
    UnsupportedOperationException: _UNSUPPORTED,
    QueryExecutionException: ("org.apache.spark.sql.execution.QueryExecutionException", *_ANY),
    StreamingQueryException: ("org.apache.spark.sql.streaming.StreamingQueryException", *_ANY),
    PythonException: ("org.apache.spark.api.python.PythonException", *_RUNTIME),
    InvalidPlanInput: ("org.apache.spark.sql.connect.common.InvalidPlanInput", *_ANY),
    UnknownException: ("org.apache.spark.SparkSQLException", "java.sql.SQLException", *_ANY),
    PySparkNotImplementedError: _UNSUPPORTED,
    PySparkTypeError: _ILLEGAL_ARGUMENT,
    PySparkValueError: _ILLEGAL_ARGUMENT,
}


#: Conditions with an exception class of their own, below that of their kind.
_BY_CONDITION = {
    "SCHEMA_ALREADY_EXISTS": "NamespaceAlreadyExistsException",
    "SCHEMA_NOT_FOUND": "NoSuchNamespaceException",
    "TABLE_OR_VIEW_ALREADY_EXISTS": "TableAlreadyExistsException",
    "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS": "TempTableAlreadyExistsException",
}

#: Conditions of Pyrite's own.
_OWN_CONDITIONS = frozenset(
    {
        "BINARY_FILE_SCHEMA",
        "INVALID_FILE_TIME_OPTION",
        "INVALID_PARAMETER_VALUE.RELATIVE_SD",
        "INVALID_PARAMETER_VALUE.XPATH",
        "INVALID_STORAGE_LEVEL",
        "PARSE_INPUT_NOT_STRING",
        "PATH_REQUIRED",
        "SHOW_CREATE_TABLE_OF_TEMPORARY_VIEW",
        "TEXT_SINGLE_COLUMN",
        "UNABLE_TO_INFER_SCHEMA_FOR_TABLE",
        "UNSUPPORTED_FEATURE.PYRITE",
    }
)


def java_classes(error: BaseException) -> list[str]:
    """Return the class names of an exception as a JVM would give them, its own first."""
    own = error.exception_class if isinstance(error, SparkError) else type(error)
    names = next((names for known, names in _CLASSES.items() if issubclass(own, known)), _SPARK)
    first = _BY_CONDITION.get(error.error_class) if isinstance(error, SparkError) else None
    return [*([f"org.apache.spark.sql.catalyst.analysis.{first}"] if first else []), *names]


def java_classes_of_details(error: BaseException) -> list[str]:
    """Return the class names for a client that puts messages together by itself.

    Those of a JVM do, from the condition and Spark's own list of messages, for all classes but
    the most general one. So that is what an error has whose condition is not in the list.
    """
    if isinstance(error, SparkError) and error.error_class in _OWN_CONDITIONS:
        return list(_SPARK)
    return java_classes(error)
