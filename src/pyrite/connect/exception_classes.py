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

__all__ = ["java_classes"]

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


def java_classes(error: BaseException) -> list[str]:
    """Return the class names of an exception as a JVM would give them, its own first."""
    own = error.exception_class if isinstance(error, SparkError) else type(error)
    for known, names in _CLASSES.items():
        if issubclass(own, known):
            return list(names)
    return list(_SPARK)
