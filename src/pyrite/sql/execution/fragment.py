"""Fragment: a piece of a plan that runs as one DuckDB query over files and Arrow inputs.

A fragment can be pickled and run in another process, with little to import. What its errors mean
stays behind: there an error is a ``FragmentError``, and whoever made the fragment translates it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.execution.error_places import ErrorPlaces
    from pyrite.sql.expressions.expression import Attribute
    from pyrite.sql.plans.plan import LogicalPlan
    from pyrite.sql.types import DataType

__all__ = ["ArrowFunction", "Fragment", "GivenTable", "Input"]


@dataclass(frozen=True)
class Input:
    """Arrow data that a fragment reads by name.

    Attributes:
        name: Its name in SQL.
        open: Returns a ``pyarrow.Table``, or a ``RecordBatchReader`` that is read once; called
            when the query starts.
        again: Whether it can be read again.
    """

    name: str
    open: Callable[[], Any]
    again: bool = False


@dataclass(frozen=True)
class GivenTable:
    """Opens rows that came with the plan; pickled as just these rows, whatever they are cut from.

    Attributes:
        table: The rows.
    """

    table: pa.Table

    def __call__(self) -> pa.Table:
        """Return the rows."""
        return self.table

    def __reduce__(self) -> tuple[Any, ...]:
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self.table.schema) as writer:
            writer.write_table(self.table)
        return _read_table, (sink.getvalue(),)


def _read_table(stream: Any) -> GivenTable:
    import pyarrow as pa

    return GivenTable(pa.ipc.open_stream(stream).read_all())


@dataclass(frozen=True)
class ArrowFunction:
    """A function over Arrow arrays that a query calls.

    Attributes:
        name: Its name in SQL.
        arguments: The types of its arguments.
        data_type: The type of its result.
        deterministic: Whether equal arguments give equal results.
        compute: What computes it.
    """

    name: str
    arguments: Sequence[DataType]
    data_type: DataType
    deterministic: bool
    compute: Callable[..., Any]


@dataclass(frozen=True)
class Fragment:
    """One DuckDB query.

    Attributes:
        sql: Its text; the columns of the answer are the output's, by position.
        output: The columns.
        inputs: What it reads by name.
        functions: The Arrow functions it calls.
        time_zone: The zone its timestamps are shown and read in.
        wide_decimals: As in ``LoweringContext``.
        places: Where the expressions that may fail stand in the user's program; None in another
            process than the one that made the fragment, as are the following.
        plan: What it computes.
        rewrite: Writes the text again with other places; None if an input is read only once.
    """

    sql: str
    output: Sequence[Attribute]
    inputs: Sequence[Input]
    functions: Sequence[ArrowFunction]
    time_zone: str
    wide_decimals: bool = False
    places: ErrorPlaces | None = None
    plan: LogicalPlan | None = None
    rewrite: Callable[[ErrorPlaces], str] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        travels = self.sql, self.output, self.inputs, self.functions
        return Fragment, (*travels, self.time_zone, self.wide_decimals)
