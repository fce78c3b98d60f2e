"""Rows that are there without a query: those that came with the plan, and short ranges.

To plan and run nothing takes DuckDB a third of a millisecond, as long as all the rest of a
``collect()`` of a few rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyrite.sql.plans.plan import LocalRelation, LogicalPlan, Range
from pyrite.sql.types import to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ready_rows"]

#: Longer ranges are made faster by the engine.
_LONGEST_RANGE = 1000


def ready_rows(plan: LogicalPlan) -> list[pa.RecordBatch] | None:
    """Return the rows of a plan, or None where a query has to compute them.

    Args:
        plan: A resolved, optimized plan.

    Returns:
        Batches of ``to_arrow_schema(plan.schema)``.

    Example:
        >>> from pyrite.sql.expressions.expression import Attribute
        >>> from pyrite.sql.types import LONG
        >>> (batch,) = ready_rows(Range(0, 6, 2, None, (Attribute("id", LONG, False, 1),)))
        >>> batch.to_pydict()
        {'id': [0, 2, 4]}
    """
    read = _READY.get(type(plan))
    return None if read is None else read(plan)


def _local(plan: LocalRelation) -> list[pa.RecordBatch] | None:
    import pyarrow as pa

    schema, table = to_arrow_schema(plan.schema), plan.table
    if not len(schema) or schema.types != table.schema.types:
        return None  # no table without columns has rows, and others are cast by the engine
    batches: list[pa.RecordBatch] = pa.Table.from_arrays(table.columns, schema=schema).to_batches()
    return batches


def _range(plan: Range) -> list[pa.RecordBatch] | None:
    import pyarrow as pa

    numbers = range(plan.start, plan.end, plan.step)
    if numbers[_LONGEST_RANGE:]:
        return None
    column = pa.array(list(numbers), pa.int64())
    return [pa.RecordBatch.from_arrays([column], schema=to_arrow_schema(plan.schema))]


_READY: dict[type[LogicalPlan], Callable[[Any], list[pa.RecordBatch] | None]] = {
    LocalRelation: _local,
    Range: _range,
}
