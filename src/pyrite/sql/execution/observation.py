"""The stage of ``observe``: rows pass, and what the metrics look at is kept aside on the way.

So the metrics are those of the very rows that the query delivers, and nothing is computed twice.
How many rows there will be nobody knows; what is kept aside is in a file.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.execution.python.output import output_reader
from pyrite.sql.expressions.expression import Alias, Attribute, Literal
from pyrite.sql.plans.plan import Aggregate, CollectMetrics, LocalRelation, LogicalPlan, Project
from pyrite.sql.types import INTEGER, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.execution.stage import StageContext

__all__ = ["ObservedRows", "observe"]


def observe(context: StageContext, operator: CollectMetrics) -> pa.RecordBatchReader:
    """Let the child's rows pass, and note them for the metrics."""
    columns: Sequence[Any] = list({a.expression_id: a for a in operator.child.output}.values())
    columns = columns or [Alias(Literal(0, INTEGER), "row")]  # DuckDB reads at least one
    child = Project(tuple(columns), operator.child)
    rows = ObservedRows(operator, child, context.path("observed"))
    context.observed.append(rows)

    def passing() -> Iterator[Sequence[Any]]:
        try:
            for batch in context.batches(child):
                rows.add(batch)
                yield batch.columns
        except Exception as error:
            raise context.fail(error) from None

    return output_reader(child.output, passing())


class ObservedRows:
    """The rows that have passed one ``observe``.

    Args:
        operator: The ``observe``.
        child: What passes.
        path: Where the file goes.
    """

    def __init__(self, operator: CollectMetrics, child: LogicalPlan, path: str) -> None:
        self.operator = operator
        import pyarrow as pa

        wanted = {a.expression_id for m in operator.metrics for a in m.references()}
        self._places = [i for i, a in enumerate(child.output) if a.expression_id in wanted]
        self._attributes: tuple[Attribute, ...] = tuple(child.output[i] for i in self._places)
        schema = to_arrow_schema(child.schema)
        self._schema = pa.schema([schema.field(place) for place in self._places])
        self._path = path
        self._count = 0
        # A query that needs no more rows may leave a thread behind that reads ahead.
        self._lock = threading.Lock()
        self._writer: Any = None
        self._ended = False

    def add(self, batch: pa.RecordBatch) -> None:
        """Note rows that pass."""
        import pyarrow as pa

        with self._lock:
            if self._ended:
                return
            self._count += batch.num_rows
            if not self._places:
                return
            if self._writer is None:
                self._writer = pa.ipc.new_file(self._path, self._schema)
            self._writer.write_batch(batch.select(self._places))

    def close(self) -> None:
        """Take no more rows, and remove the file; what is read of it stays readable."""
        self._end()
        with contextlib.suppress(OSError):
            os.unlink(self._path)

    def _end(self) -> None:
        with self._lock:
            self._ended = True
            if self._writer is not None:
                self._writer.close()

    def metrics(self) -> LogicalPlan:
        """Return the plan of the metrics: one row."""
        self._end()
        relation = LocalRelation(self._attributes, self._table())
        return Aggregate((), self.operator.metrics, relation)

    def _table(self) -> pa.Table:
        import pyarrow as pa

        if not self._places:
            return pa.table({"row": pa.nulls(self._count)})
        if self._writer is None:
            return self._schema.empty_table()
        with pa.memory_map(self._path) as file:
            return pa.ipc.open_file(file).read_all()
