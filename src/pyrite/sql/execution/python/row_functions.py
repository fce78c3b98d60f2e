"""Functions of single values: called for each row, without anything in between.

These are most functions there are, and their loop is all the time there is: columns become
lists of Python values at once, ``map`` calls the function, and a list becomes a column again.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkRuntimeError
from pyspark.sql.conversion import ArrowTableToRowsConversion, LocalDataToArrowConversion
from pyspark.sql.types import DataType

from pyrite.sql.execution.python.chunk import Chunk, read_batches
from pyrite.sql.execution.python.return_values import pickled_converter
from pyrite.sql.execution.python.settings import BINARY_AS_BYTES, INT_TO_DECIMAL, SAFE
from pyrite.sql.types import to_arrow

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["RowFunction", "RowWork", "value_reader"]

#: The eval type whose results are taken as PySpark's pickled functions give them: null where
#: the type is wrong. The other one (101) converts as Arrow does.
PICKLED = 100


@dataclass(frozen=True, slots=True)
class RowFunction:
    """A call of a function of single values.

    Attributes:
        payload: The pickled (function, return type).
        places: For each argument: which column it is; later calls see the results of earlier
            ones as further columns.
        names: The keywords of the last arguments.
        data_type: The declared type.
        eval_type: 100 or 101.
    """

    payload: bytes
    places: tuple[int, ...]
    names: tuple[str, ...]
    data_type: DataType
    eval_type: int


@dataclass(frozen=True, slots=True)
class RowWork:
    """Computes columns from columns, row by row.

    Attributes:
        functions: What is computed; a column for each.
        types: The Spark types of the chunk's columns.
        settings: As ``runner_settings`` gives them.
    """

    functions: tuple[RowFunction, ...]
    types: tuple[DataType, ...]
    settings: Mapping[str, str]

    def run(self, chunk: Chunk) -> Iterator[pa.RecordBatch]:
        """Yield the results of each batch of the chunk."""
        import pyarrow as pa

        calls = [_Call(function, self.settings) for function in self.functions]
        used = sorted({place for function in self.functions for place in function.places})
        readers = {place: value_reader(self.types[place], self.settings) for place in used}
        names = [str(place) for place in range(len(calls))]
        for batch in read_batches(chunk.sources[0]):
            columns = {place: read(batch.column(place)) for place, read in readers.items()}
            results = [call(columns, batch.num_rows) for call in calls]
            yield pa.RecordBatch.from_arrays(results, names)


def value_reader(
    data_type: DataType, settings: Mapping[str, str]
) -> Callable[[pa.Array], Sequence[Any]]:
    """Return what makes a column a list of the values that functions get."""
    convert = ArrowTableToRowsConversion._create_converter(
        data_type,
        none_on_identity=True,
        binary_as_bytes=settings[BINARY_AS_BYTES] == "true",
    )
    if convert is None:
        return _values
    return lambda column: list(map(convert, _values(column)))


def _values(column: pa.Array) -> list[Any]:
    import pyarrow as pa

    plain = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
    if plain and not column.null_count:
        return column.to_numpy().tolist()  # type: ignore[no-any-return]
    return ArrowTableToRowsConversion._to_pylist(column)


class _Call:
    """A function that was unpickled, with the conversions around it."""

    def __init__(self, function: RowFunction, settings: Mapping[str, str]) -> None:
        called, _ = pickle.loads(function.payload)
        self._places = function.places
        self._function = _with_keywords(called, len(function.places), function.names)
        self._arrow_type = to_arrow(function.data_type)
        self._safe = settings[SAFE] == "true"
        self._pickled = function.eval_type == PICKLED
        self._convert: Callable[[Any], Any] | None
        if self._pickled:
            self._convert = pickled_converter(function.data_type)
        else:
            self._convert = LocalDataToArrowConversion._create_converter(
                function.data_type,
                none_on_identity=True,
                int_to_decimal_coercion_enabled=settings[INT_TO_DECIMAL] == "true",
            )

    def __call__(self, columns: Mapping[int, Sequence[Any]], rows: int) -> pa.Array:
        results = _called(self._function, [columns[place] for place in self._places], rows)
        if self._convert is not None:
            results = list(map(self._convert, results))
        return self._array(results)

    def _array(self, results: list[Any]) -> pa.Array:
        import pyarrow as pa

        try:
            return pa.array(results, self._arrow_type)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            if self._pickled:
                raise
            return pa.array(results).cast(self._arrow_type, safe=self._safe)


def _called(
    function: Callable[..., Any], arguments: Sequence[Sequence[Any]], rows: int
) -> list[Any]:
    if not arguments:
        return [function() for _ in range(rows)]
    results = list(map(function, *arguments))
    if len(results) < rows:  # to map, the function's StopIteration is the end
        raise PySparkRuntimeError(
            errorClass="STOP_ITERATION_OCCURRED", messageParameters={"exc": ""}
        )
    return results


def _with_keywords(
    function: Callable[..., Any], arguments: int, names: tuple[str, ...]
) -> Callable[..., Any]:
    """Return a function that takes its last arguments by position and gives them by name."""
    if not names:
        return function
    return partial(_call_by_name, function, arguments - len(names), names)


def _call_by_name(
    function: Callable[..., Any], positional: int, names: tuple[str, ...], *values: Any
) -> Any:
    named = dict(zip(names, values[positional:], strict=True))
    return function(*values[:positional], **named)
