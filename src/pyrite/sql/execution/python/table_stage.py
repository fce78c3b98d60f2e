"""The operator of users' table functions."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.conf import SESSION_TIME_ZONE
from pyrite.sql.execution.python.arrow_batches import in_zone, resized
from pyrite.sql.execution.python.groups import grouped_chunks
from pyrite.sql.execution.python.output import output_reader
from pyrite.sql.execution.python.pipeline import ChunkRows, Pipeline
from pyrite.sql.execution.python.settings import BATCH_ROWS, runner_settings
from pyrite.sql.execution.python.table_functions import TableCall, TableWork
from pyrite.sql.expressions.expression import Attribute, SortOrder
from pyrite.sql.plans.plan import LogicalPlan, Project, PythonTableFunction, Sort
from pyrite.sql.types import DataType, StructField, StructType

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.execution.stage import StageContext

__all__ = ["python_table_function"]


def python_table_function(
    context: StageContext, operator: PythonTableFunction
) -> pa.RecordBatchReader:
    """Call a table function for rows, or for the partitions of its TABLE argument."""
    layout = _Layout(operator)
    settings = runner_settings(context.session)
    work = TableWork(
        operator.function.eval_type, layout.call(operator), settings, bool(operator.kept)
    )
    pipeline = Pipeline(context, work)
    time_zone = context.session.conf.read(SESSION_TIME_ZONE)
    rows = 1 if operator.kept else int(settings[BATCH_ROWS])
    kept = layout.places(operator.kept)

    def parts() -> Iterator[Sequence[pa.RecordBatch]]:
        batches = context.batches(layout.plan(operator))
        if operator.table_argument is None:
            return ([batch] for batch in batches)
        parallelism = context.session.shared.context.defaultParallelism
        groups = grouped_chunks(batches, layout.places(layout.keys), parallelism)
        return (part.rows.to_batches() for part in groups)

    def chunks() -> Generator[ChunkRows]:
        for part in parts():
            arguments = (
                layout.arguments(in_zone(batch, time_zone)) for batch in resized(part, rows)
            )
            yield ChunkRows((arguments,), kept=part[0].select(kept) if kept else None)

    def results() -> Iterator[Sequence[Any]]:
        for beside, computed in pipeline.run(chunks()):
            for part in computed:
                if beside is None:
                    yield part.columns
                else:
                    *columns, row = part.columns
                    yield [*beside.take(row).columns, *columns]

    return output_reader(operator.output, results())


class _Layout:
    """The columns of the rows that the arguments are made of.

    Args:
        operator: The table function.
    """

    def __init__(self, operator: PythonTableFunction) -> None:
        self._row = operator.row
        self._is_table = operator.table_argument is not None
        self.keys = tuple(a for a in operator.partition if isinstance(a, Attribute))
        self._scalars = tuple(a for a in operator.function.arguments if isinstance(a, Attribute))
        listed = (*operator.kept, *self._row, *self.keys, *self._scalars)
        self.columns = tuple(dict.fromkeys(listed))

    def places(self, attributes: Sequence[Attribute]) -> list[int]:
        """Return where attributes are among the columns."""
        return [self.columns.index(a) for a in attributes]

    def plan(self, operator: PythonTableFunction) -> LogicalPlan:
        """Return what gives the columns, sorted as the function wants them."""
        plan = operator.child
        order = (*map(SortOrder, self.keys), *operator.order)
        if order:
            plan = Sort(order, True, plan)
        return Project(self.columns, plan)

    def call(self, operator: PythonTableFunction) -> TableCall:
        """Return the call, for the columns that ``arguments`` makes."""
        function = operator.function
        places = list(range(len(self._scalars)))
        types: list[DataType] = [a.data_type for a in self._scalars]
        if operator.table_argument is not None:
            places.insert(operator.table_argument, len(types))
            types.append(self._row_type())
        schema = function.data_type
        assert isinstance(schema, StructType)
        return TableCall(
            function.payload,
            function.name,
            tuple(places),
            function.named,
            tuple(types),
            schema,
            tuple(range(len(self._row), len(self._row) + len(self.keys))),
            (len(self._scalars),) if self._is_table else (),
            operator.analyzed,
        )

    def _row_type(self) -> StructType:
        """Return the type of a TABLE argument: its columns, and behind them the keys."""
        fields = [StructField(a.name, a.data_type, a.nullable) for a in self._row]
        fields += [
            StructField(f"partition_by_{place}", key.data_type)
            for place, key in enumerate(self.keys)
        ]
        return StructType(fields)

    def arguments(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Return the columns of the arguments, a TABLE argument as a struct behind the others."""
        import pyarrow as pa

        columns = [batch.column(place) for place in self.places(self._scalars)]
        if self._is_table:
            parts = [batch.column(p) for p in self.places((*self._row, *self.keys))]
            names = [field.name for field in self._row_type().fields]
            fields = [pa.field(name, part.type) for name, part in zip(names, parts, strict=True)]
            columns.append(pa.StructArray.from_arrays(parts, fields=fields))
        if not columns:
            return batch.select([])
        return pa.RecordBatch.from_arrays(columns, [f"_{p}" for p in range(len(columns))])
