"""What tasks do for each kind of call: by eval type, several kinds side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyspark.sql.types import DataType

from pyrite.sql.execution.python.chunk import Chunk, Work
from pyrite.sql.execution.python.column_functions import ONE_CALL, ColumnCall, ColumnWork
from pyrite.sql.execution.python.row_functions import RowFunction, RowWork

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.expressions.expression import PythonUDF

__all__ = ["SideBySide", "calls_work", "window_work"]

#: The kinds that get single values.
_ROW_KINDS = frozenset({100, 101})


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Several works over the same rows, their columns beside one another.

    Attributes:
        works: What is done.
        order: For each column of the result: its place among the works' columns.
    """

    works: tuple[Work, ...]
    order: tuple[int, ...]

    def run(self, chunk: Chunk) -> Iterator[pa.RecordBatch]:
        """Yield the results of a chunk."""
        import pyarrow as pa

        columns: list[pa.ChunkedArray] = []
        for work in self.works:
            columns += pa.Table.from_batches(list(work.run(chunk))).columns
        names = [str(place) for place in self.order]
        table = pa.table([columns[place] for place in self.order], names=names)
        yield from table.to_batches()


def calls_work(
    calls: Sequence[tuple[PythonUDF, tuple[int, ...]]],
    types: Sequence[DataType],
    settings: Mapping[str, str],
) -> Work:
    """Return the work that gives a column for each call.

    Args:
        calls: Functions, and the places of their arguments in the chunk.
        types: The types of the chunk's columns.
        settings: As ``runner_settings`` gives them.
    """
    works: list[Work] = []
    places: list[int] = []
    for eval_type, members in _by_kind([udf.eval_type for udf, _ in calls]):
        places += members
        kind = [calls[place] for place in members]
        if eval_type in _ROW_KINDS:
            functions = [_row_function(udf, arguments) for udf, arguments in kind]
            works.append(RowWork(tuple(functions), tuple(types), settings))
        else:
            column_calls = [
                ColumnCall(udf.payload, arguments, udf.named, udf.data_type)
                for udf, arguments in kind
            ]
            works.append(ColumnWork(eval_type, tuple(column_calls), settings))
    if len(works) == 1:
        return works[0]
    return SideBySide(tuple(works), tuple(places.index(place) for place in range(len(calls))))


def window_work(
    calls: Sequence[tuple[PythonUDF, tuple[int, ...]]],
    is_bounded: Sequence[bool],
    settings: Mapping[str, str],
) -> Work:
    """Return the work that gives a column for each aggregate over a window.

    Args:
        calls: Functions; the places of their arguments, behind those of their frame's bounds.
        is_bounded: For each: whether it has a frame, or is about the whole group.
        settings: As ``runner_settings`` gives them.
    """
    works: list[Work] = []
    for (udf, places), bounded in zip(calls, is_bounded, strict=True):
        call = ColumnCall(udf.payload, places, udf.named, udf.data_type)
        bound_type = {"window_bound_types": "bounded" if bounded else "unbounded"}
        # The worker has a number of its own for each kind of aggregate when it is over windows.
        works.append(ColumnWork(udf.eval_type + 1, (call,), {**settings, **bound_type}))
    return works[0] if len(works) == 1 else SideBySide(tuple(works), tuple(range(len(works))))


def _row_function(udf: PythonUDF, arguments: tuple[int, ...]) -> RowFunction:
    return RowFunction(udf.payload, arguments, udf.named, udf.data_type, udf.eval_type)


def _by_kind(eval_types: Sequence[int]) -> Iterable[tuple[int, list[int]]]:
    """Return the eval types, each with the places of the calls that run together."""
    together: dict[tuple[int, int], list[int]] = {}
    for place, eval_type in enumerate(eval_types):
        key = (eval_type, place if eval_type in ONE_CALL else -1)
        together.setdefault(key, []).append(place)
    return [(eval_type, members) for (eval_type, _), members in together.items()]
