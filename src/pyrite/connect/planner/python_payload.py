"""A user's pickled Python: functions, table functions and data sources, as the client packs them.

Only Python of the same version can read the pickles, so that is checked first, when the
plan is made and not when the first row is computed.
"""

from __future__ import annotations

import sys
from typing import Any

from pyspark.errors import PySparkRuntimeError

from pyrite.connect.planner.data_types import data_type
from pyrite.connect.planner.messages import one_of, optional, refuse
from pyrite.sql.errors import unsupported
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.expressions.unresolved import UnresolvedPythonUDF
from pyrite.sql.plans.unresolved import UnresolvedPythonTableFunction
from pyrite.sql.types import DataType

__all__ = ["data_source_payload", "python_function", "python_table_function"]

#: What other languages' functions are called in the message that refuses them.
_FOREIGN = {
    "scalar_scala_udf": "ScalarScalaUDF: Scala functions",
    "java_udf": "JavaUDF: Java functions",
}


def python_function(message: Any, arguments: tuple[Expression, ...] = ()) -> UnresolvedPythonUDF:
    """Translate an inline function.

    Args:
        message: A CommonInlineUserDefinedFunction.
        arguments: Its translated arguments.

    Raises:
        SparkError: It is not Python.
        PySparkRuntimeError: It was pickled by another version of Python.
    """
    kind = one_of(message, "function")
    if kind in _FOREIGN:
        raise unsupported(_FOREIGN[kind])
    function = message.python_udf
    refuse(function, "additional_includes")
    _check_version(function.python_ver)
    return UnresolvedPythonUDF(
        message.function_name,
        function.command,
        arguments,
        _return_type(function),
        function.eval_type,
        message.deterministic,
        message.is_distinct,
        function.python_ver,
    )


def python_table_function(
    message: Any, arguments: tuple[Expression, ...] = ()
) -> UnresolvedPythonTableFunction:
    """Translate an inline table function (UDTF).

    Its return type is None where the class tells it by its ``analyze`` method.

    Args:
        message: A CommonInlineUserDefinedTableFunction.
        arguments: Its translated arguments.

    Raises:
        PySparkRuntimeError: It was pickled by another version of Python.
    """
    one_of(message, "function")
    function = message.python_udtf
    _check_version(function.python_ver)
    return_type = optional(function, "return_type")
    return UnresolvedPythonTableFunction(
        message.function_name,
        function.command,
        arguments,
        None if return_type is None else data_type(return_type),
        function.eval_type,
        message.deterministic,
    )


def data_source_payload(message: Any) -> bytes:
    """Return the pickled class of a CommonInlineUserDefinedDataSource.

    Raises:
        PySparkRuntimeError: It was pickled by another version of Python.
    """
    one_of(message, "data_source")
    _check_version(message.python_data_source.python_ver)
    return bytes(message.python_data_source.command)


def _return_type(function: Any) -> DataType:
    """The declared type; older clients say it only inside the pickle."""
    if function.HasField("output_type"):
        return data_type(function.output_type)
    from pyspark import cloudpickle

    _, return_type = cloudpickle.loads(function.command)
    if not isinstance(return_type, DataType):
        raise unsupported("a Python function without a return type")
    return return_type


def _check_version(pickled_by: str) -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if pickled_by and pickled_by != here:
        raise PySparkRuntimeError(
            errorClass="PYTHON_VERSION_MISMATCH",
            messageParameters={"worker_version": here, "driver_version": pickled_by},
        )
