"""The operators that run users' Python, each with how its rows become chunks."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.execution.arrow_values import to_duckdb_arrow
from pyrite.sql.execution.expression_sql import column_name
from pyrite.sql.execution.python.pipeline import ChunkRows, Pipeline
from pyrite.sql.execution.python.row_functions import RowFunction, RowWork
from pyrite.sql.execution.python.settings import runner_settings
from pyrite.sql.expressions.expression import Attribute, PythonUDF
from pyrite.sql.plans.plan import EvalPython, LogicalPlan
from pyrite.sql.types import to_arrow

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.execution.stage import StageContext

__all__ = ["eval_python"]

#: Chunks are not made smaller than this to keep all cores busy.
_LEAST_ROWS = 64


def eval_python(context: StageContext, operator: EvalPython) -> pa.RecordBatchReader:
    """Compute scalar functions; their results stand beside the input's columns."""
    inputs, functions = _row_functions(operator)
    places = {a.expression_id: place for place, a in enumerate(operator.child.output)}
    columns = [places[a.expression_id] for a in inputs]
    work = RowWork(
        tuple(functions),
        tuple(a.data_type for a in inputs),
        runner_settings(context.session),
    )

    def chunks() -> Generator[ChunkRows]:
        parallelism = context.session.shared.context.defaultParallelism
        for batch in _split(context.batches(operator.child), parallelism):
            yield ChunkRows(([batch.select(columns)],), kept=batch)

    def results() -> Iterator[pa.RecordBatch]:
        for batch, computed in pipeline.run(chunks()):
            start = 0
            for part in computed:
                rows = batch.slice(start, part.num_rows)
                start += part.num_rows
                yield from _stored(operator.output, [*rows.columns, *part.columns])

    pipeline = Pipeline(context, work)
    return _reader(operator, results())


def _row_functions(operator: EvalPython) -> tuple[list[Attribute], list[RowFunction]]:
    """Return the columns that go to the tasks, and the calls over them."""
    inputs: list[Attribute] = []
    functions = []
    for alias in operator.calls:
        udf = alias.child
        assert isinstance(udf, PythonUDF)
        for argument in udf.arguments:
            assert isinstance(argument, Attribute)
            if argument not in inputs:
                inputs.append(argument)
        functions.append(
            RowFunction(
                udf.payload,
                tuple(inputs.index(a) for a in udf.arguments if isinstance(a, Attribute)),
                udf.named,
                udf.data_type,
                udf.eval_type,
            )
        )
    return inputs, functions


def _split(batches: Iterator[pa.RecordBatch], parallelism: int) -> Iterator[pa.RecordBatch]:
    """Cut batches so that each has a part for every core."""
    for batch in batches:
        size = max(-(-batch.num_rows // parallelism), _LEAST_ROWS)
        for start in range(0, batch.num_rows, size):
            yield batch.slice(start, size)


def _stored(output: Sequence[Attribute], columns: Sequence[Any]) -> Iterator[pa.RecordBatch]:
    """Yield columns as DuckDB stores the types of the output, under its names for them."""
    import pyarrow as pa

    arrays = [
        column if column.type == target else column.cast(target)
        for column, target in zip(columns, [to_arrow(a.data_type) for a in output], strict=True)
    ]
    names = [column_name(a) for a in output]
    yield from to_duckdb_arrow(pa.table(arrays, names=names)).rename_columns(names).to_batches()


def _reader(operator: LogicalPlan, batches: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader:
    import pyarrow as pa

    names = [column_name(a) for a in operator.output]
    empty = pa.table([pa.array([], to_arrow(a.data_type)) for a in operator.output], names=names)
    schema = to_duckdb_arrow(empty).rename_columns(names).schema
    return pa.RecordBatchReader.from_batches(schema, batches)
