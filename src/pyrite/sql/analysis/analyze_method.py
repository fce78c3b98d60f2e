"""The ``analyze`` method of a user's table function: run in a task, as PySpark runs it.

It says which columns the function makes of the arguments of one call, and how it wants the
rows of its TABLE argument.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyspark.sql.types import DataType, StructType

from pyrite.core.rdd.parallel_collection import ParallelCollectionRDD
from pyrite.sql.errors import analysis_error
from pyrite.sql.user_failure import user_traceback

if TYPE_CHECKING:
    from pyrite.core.context import SparkContext

__all__ = ["AnalyzeAnswer", "AnalyzedArgument", "analyze"]

_FAILED = "TABLE_VALUED_FUNCTION_FAILED_TO_ANALYZE_IN_PYTHON"


@dataclass(frozen=True, slots=True)
class AnalyzedArgument:
    """What the method is told of an argument.

    Attributes:
        name: Its keyword, empty for none.
        data_type: Its type; of a TABLE argument, the row's.
        is_constant: Whether ``value`` is its value, which may be None.
        is_table: Whether it is a TABLE argument.
    """

    name: str
    data_type: DataType
    is_constant: bool = False
    value: Any = None
    is_table: bool = False


@dataclass(frozen=True, slots=True)
class AnalyzeAnswer:
    """What the method answered.

    Attributes:
        schema: The function's columns.
        pickled: The whole answer, for the function's constructor.
        single_partition: Whether it wants all rows of its TABLE argument in one partition.
        partition: How it wants them partitioned, as SQL texts.
        order: How it wants them sorted: SQL text, ascending, nulls first (None for the default).
        select: Which columns it wants: SQL text and alias, empty for none.
    """

    schema: StructType
    pickled: bytes
    single_partition: bool
    partition: tuple[str, ...]
    order: tuple[tuple[str, bool, bool | None], ...]
    select: tuple[tuple[str, str], ...]


def analyze(
    context: SparkContext, name: str, payload: bytes, arguments: Sequence[AnalyzedArgument]
) -> AnalyzeAnswer:
    """Ask a table function about one call.

    Args:
        context: Runs the task.
        name: What errors call the function.
        payload: Its pickled class.
        arguments: The call's arguments.

    Raises:
        SparkError: The method raised, or did not answer what it should.
    """
    request = _Request(_written(name, payload, arguments))
    rdd = ParallelCollectionRDD(context.next_rdd_id(), [0], 1, context.local_dir)
    (answer,) = context.run_job(rdd, request)
    if isinstance(answer, str):
        raise analysis_error(_FAILED, msg=answer.rstrip("\n"))
    return _read(answer)


@dataclass(frozen=True, slots=True)
class _Request:
    """Runs the method in a task; returns PySpark's answer, or the text of a failure."""

    request: bytes

    def __call__(self, context: Any, elements: Iterator[Any]) -> bytes | str:
        from pyspark.sql.worker import analyze_udtf

        answer = io.BytesIO()
        try:
            analyze_udtf._main(io.BytesIO(self.request), answer)
        except Exception as error:
            return user_traceback(error)
        return answer.getvalue()


def _written(name: str, payload: bytes, arguments: Sequence[AnalyzedArgument]) -> bytes:
    import pickle

    parts = [_framed(name.encode()), _framed(payload), struct.pack("!i", len(arguments))]
    for argument in arguments:
        parts.append(_framed(argument.data_type.json().encode()))
        parts.append(struct.pack("!?", argument.is_constant))
        if argument.is_constant:
            parts.append(_framed(pickle.dumps(argument.value)))
        parts.append(struct.pack("!??", argument.is_table, bool(argument.name)))
        if argument.name:
            parts.append(_framed(argument.name.encode()))
    return b"".join(parts)


def _framed(content: bytes) -> bytes:
    return struct.pack("!i", len(content)) + content


def _read(answer: bytes) -> AnalyzeAnswer:
    import json

    stream = io.BytesIO(answer)

    def number() -> int:
        (value,) = struct.unpack("!i", stream.read(4))
        return int(value)

    def content() -> bytes:
        return stream.read(number())

    def text() -> str:
        return content().decode()

    schema = StructType.fromJson(json.loads(text()))
    pickled = content()
    single_partition = number() == 1
    partition = tuple(text() for _ in range(number()))
    order = tuple(
        (text(), number() == 1, {0: None, 1: True, 2: False}[number()]) for _ in range(number())
    )
    select = tuple((text(), text()) for _ in range(number()))
    return AnalyzeAnswer(schema, pickled, single_partition, partition, order, select)
