"""The operators on groups: DuckDB sorts the rows by the keys, tasks get whole groups."""

from __future__ import annotations

import operator as operators
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.conf import SESSION_TIME_ZONE
from pyrite.sql.errors import unsupported
from pyrite.sql.execution.python.arrow_batches import in_zone
from pyrite.sql.execution.python.cogroups import paired_chunks
from pyrite.sql.execution.python.column_functions import ColumnCall, ColumnWork
from pyrite.sql.execution.python.groups import GroupedRows, grouped_chunks
from pyrite.sql.execution.python.output import output_reader
from pyrite.sql.execution.python.pipeline import ChunkRows, Pipeline
from pyrite.sql.execution.python.settings import runner_settings
from pyrite.sql.execution.python.works import calls_work
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Attribute,
    Expression,
    PythonUDF,
    SortOrder,
)
from pyrite.sql.plans.plan import (
    AggregateInPython,
    CoGroupMap,
    GroupMap,
    LogicalPlan,
    Project,
    Sort,
)
from pyrite.sql.types import to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.execution.stage import StageContext

__all__ = ["Groups", "aggregate_in_python", "co_group_map", "group_map"]


class Groups:
    """An input of an operator, by groups.

    Args:
        context: The run of the query.
        child: Where the rows come from.
        keys: The grouping columns, which the child has.
        values: The columns that functions get.
        order: How rows are sorted in a group.

    Attributes:
        columns: The columns of the groups' rows: the values, and the keys not among them.
        keys: Which of them are the keys.
        values: Which of them are the values.
    """

    def __init__(
        self,
        context: StageContext,
        child: LogicalPlan,
        keys: Sequence[Expression],
        values: Sequence[Expression],
        order: Sequence[SortOrder] = (),
    ) -> None:
        listed = [a for a in (*values, *keys) if isinstance(a, Attribute)]
        self.columns = tuple(dict.fromkeys(listed))
        self.keys = tuple(map(self.columns.index, keys))
        self.values = tuple(map(self.columns.index, values))
        self._context = context
        self._plan: LogicalPlan = Project(self.columns, child)
        order = (*map(SortOrder, keys), *order)
        if order:
            self._plan = Sort(order, True, self._plan)

    def chunks(self) -> Iterator[GroupedRows]:
        """Yield whole groups, for one task after the other."""
        time_zone = self._context.session.conf.read(SESSION_TIME_ZONE)
        batches = (in_zone(b, time_zone) for b in self._context.batches(self._plan))
        parallelism = self._context.session.shared.context.defaultParallelism
        return grouped_chunks(batches, self.keys, parallelism)

    def places(self) -> tuple[int, ...]:
        """Return the columns as PySpark's worker wants them: how many, the keys, the values."""
        listed = (len(self.keys), *self.keys, *self.values)
        return (len(listed), *listed)

    def nothing(self) -> pa.Table:
        """Return a group without rows."""
        return to_arrow_schema(self._plan.schema).empty_table()


def group_map(context: StageContext, operator: GroupMap) -> pa.RecordBatchReader:
    """Call a function with each group; what it returns are the rows."""
    udf = operator.function
    groups = Groups(context, operator.child, operator.grouping, udf.arguments)
    call = ColumnCall(udf.payload, groups.places(), (), udf.data_type)
    pipeline = Pipeline(
        context, ColumnWork(udf.eval_type, (call,), runner_settings(context.session))
    )

    def chunks() -> Generator[ChunkRows]:
        for part in groups.chunks():
            yield ChunkRows((part.rows.to_batches(),), (part.lengths,))

    return output_reader(operator.output, _rows(pipeline, chunks()))


def _rows(pipeline: Pipeline, chunks: Generator[ChunkRows]) -> Iterator[Sequence[Any]]:
    for _, computed in pipeline.run(chunks):
        yield from (part.columns for part in computed)


def co_group_map(context: StageContext, plan: CoGroupMap) -> pa.RecordBatchReader:
    """Call a function with the groups of equal keys of two inputs."""
    udf = plan.function
    # The arguments are the columns of both sides, which may have got keys behind them since.
    of_left = sum(map(operators.eq, udf.arguments, plan.left.output))
    left = Groups(context, plan.left, plan.left_grouping, udf.arguments[:of_left])
    right = Groups(context, plan.right, plan.right_grouping, udf.arguments[of_left:])
    call = ColumnCall(udf.payload, left.places() + right.places(), (), udf.data_type)
    pipeline = Pipeline(
        context, ColumnWork(udf.eval_type, (call,), runner_settings(context.session))
    )

    def chunks() -> Generator[ChunkRows]:
        for sides in paired_chunks(
            (left.chunks(), left.keys, left.nothing()),
            (right.chunks(), right.keys, right.nothing()),
        ):
            yield ChunkRows(
                tuple(_batches(side.rows) for side in sides),
                tuple(side.lengths for side in sides),
            )

    return output_reader(plan.output, _rows(pipeline, chunks()))


def _batches(rows: pa.Table) -> list[pa.RecordBatch]:
    """Return a table's batches; of one without rows a batch that tells its columns."""
    import pyarrow as pa

    return rows.to_batches() or [pa.RecordBatch.from_pylist([], schema=rows.schema)]


def aggregate_in_python(context: StageContext, operator: AggregateInPython) -> pa.RecordBatchReader:
    """Compute users' aggregates: a row for each group, its keys first."""
    udfs = [_aggregate(alias.child) for alias in operator.calls]
    arguments = list(dict.fromkeys(a for udf in udfs for a in udf.arguments))
    groups = Groups(context, operator.child, operator.grouping, arguments)
    calls = [(udf, tuple(map(groups.columns.index, udf.arguments))) for udf in udfs]
    types = [a.data_type for a in groups.columns]
    pipeline = Pipeline(context, calls_work(calls, types, runner_settings(context.session)))

    def chunks() -> Generator[ChunkRows]:
        for part in groups.chunks():
            keys = part.firsts(groups.keys)
            yield ChunkRows((part.rows.to_batches(),), (part.lengths,), keys)

    def results() -> Iterator[Sequence[Any]]:
        for keys, computed in pipeline.run(chunks()):
            start = 0
            for part in computed:
                yield [*keys.slice(start, part.num_rows).columns, *part.columns]
                start += part.num_rows

    return output_reader(operator.output, results())


def _aggregate(expression: Expression) -> PythonUDF:
    assert isinstance(expression, AggregateExpression)
    assert isinstance(expression.call, PythonUDF)
    if expression.filter is not None:
        raise unsupported("FILTER behind a Python aggregate")
    if expression.distinct:
        raise unsupported("DISTINCT in a Python aggregate")
    return expression.call
