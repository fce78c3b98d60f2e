"""The operator of users' Python aggregates over windows."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.errors import unsupported
from pyrite.sql.execution.python.group_stages import Groups
from pyrite.sql.execution.python.output import output_reader
from pyrite.sql.execution.python.pipeline import ChunkRows, Pipeline
from pyrite.sql.execution.python.settings import runner_settings
from pyrite.sql.execution.python.works import window_work
from pyrite.sql.expressions.expression import PythonUDF, SortOrder
from pyrite.sql.plans.plan import WindowInPython

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.execution.stage import StageContext

__all__ = ["window_in_python"]

#: The kinds of aggregates that can be asked of frames.
_KINDS = frozenset({202, 252})


def window_in_python(context: StageContext, operator: WindowInPython) -> pa.RecordBatchReader:
    """Compute aggregates over frames; their results stand beside the input's columns."""
    groups = Groups(
        context,
        operator.child,
        operator.partition,
        operator.child.output,
        (SortOrder(operator.number),),
    )
    bounds = [groups.columns.index(a) for pair in operator.bounds for a in pair]
    calls = []
    for alias, pair in zip(operator.calls, operator.bounds, strict=True):
        udf = alias.child
        assert isinstance(udf, PythonUDF)
        if udf.eval_type not in _KINDS:
            raise unsupported(f"the aggregate of batches {udf.name} over a window")
        calls.append((udf, tuple(map(groups.columns.index, (*pair, *udf.arguments)))))
    is_bounded = [bool(pair) for pair in operator.bounds]
    work = window_work(calls, is_bounded, runner_settings(context.session))
    pipeline = Pipeline(context, work)

    def chunks() -> Generator[ChunkRows]:
        for part in groups.chunks():
            rows = _with_places(part.rows, bounds)
            kept = part.rows.select(list(groups.values))
            yield ChunkRows((rows.to_batches(),), (part.lengths,), kept)

    def results() -> Iterator[Sequence[Any]]:
        for kept, computed in pipeline.run(chunks()):
            start = 0
            for part in computed:
                yield [*kept.slice(start, part.num_rows).columns, *part.columns]
                start += part.num_rows

    return output_reader(operator.output, results())


def _with_places(rows: pa.Table, bounds: Sequence[int]) -> pa.Table:
    """Return rows whose frames are places from 0, up to and without the last; 0 for none."""
    import pyarrow.compute as pc

    for order, place in enumerate(bounds):
        numbers = rows.column(place)
        is_first = order % 2 == 0
        places = pc.fill_null(pc.subtract(numbers, 1) if is_first else numbers, 0)
        rows = rows.set_column(place, rows.field(place).name, places)
    return rows
