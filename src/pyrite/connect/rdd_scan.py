"""RDDScan: the elements of an RDD as rows of a query.

::

    tasks    elements --> Arrow batches, a partition at a time --+
                                                                 v
    driver   the query's SourceRelation  <--- all of them, when the query starts to read
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pyspark.errors import PythonException

from pyrite.core.errors import SparkException
from pyrite.sql.analysis.relations import new_attributes
from pyrite.sql.execution.arrow_values import to_duckdb_arrow
from pyrite.sql.execution.duckdb_errors import carry
from pyrite.sql.expressions.expression import Alias
from pyrite.sql.plans.plan import LogicalPlan, Project, SourceRelation
from pyrite.sql.types import StructField, StructType

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.core.rdd.rdd import RDD

__all__ = ["relation_of_rdd"]


_PARTITION = "partition"


def relation_of_rdd(
    rdd: RDD[Any], schema: StructType, check: Callable[[Any], object] | None
) -> LogicalPlan:
    """Return the plan that reads an RDD, computed anew by each query.

    Args:
        rdd: Its elements: tuples, lists, dictionaries, Rows or objects with the fields.
        schema: The columns.
        check: Complains of an element that does not fit; None where nothing was promised.
    """
    # Columns may have the same names; the scan knows them by places.
    stored = StructType(
        [StructField(f"c{i}", f.dataType, f.nullable) for i, f in enumerate(schema.fields)]
    )
    attributes = new_attributes(stored)
    batches = rdd.mapPartitions(partial(_to_batches, schema=schema, check=check))
    source = SourceRelation(attributes, _RDDScan(batches, stored))
    names = zip(attributes, schema.names, strict=True)
    return Project(tuple(Alias(attribute, name) for attribute, name in names), source)


@dataclass(frozen=True, eq=False)
class _RDDScan:
    """How DuckDB reads an RDD.

    Attributes:
        batches: Arrow streams, one of each partition.
        schema: The columns, named by their places.
    """

    batches: RDD[bytes]
    schema: StructType

    @property
    def name(self) -> str:
        """What ``explain`` shows."""
        return "ExistingRDD"

    @property
    def identity(self) -> Any:
        """The RDD: its elements may be others each time."""
        return id(self.batches)

    @property
    def paths(self) -> Sequence[str]:
        """None: these are no files."""
        return ()

    @property
    def partitions(self) -> int:
        """How many partitions the RDD has."""
        return self.batches.getNumPartitions()

    @property
    def partition_column(self) -> str:
        """The column that can be read besides the schema's: the number of the partition."""
        return _PARTITION

    def sql(self, columns: Sequence[str], batches: str = "") -> str:
        """Return the table expression: the batches have the schema's types."""
        return f"(SELECT {', '.join(columns) or '1'} FROM {batches})"

    @property
    def gives_arrow(self) -> bool:
        """Always."""
        return True

    def arrow(self, columns: Sequence[str]) -> pa.RecordBatchReader | None:
        """Return the rows; the RDD is computed when the first of them is read."""
        import pyarrow as pa

        from pyrite.sql.types import to_arrow_schema

        empty = to_arrow_schema(self.schema).empty_table()
        schema = _stored(empty, self.schema).schema
        if _PARTITION in columns:
            schema = schema.append(pa.field(_PARTITION, pa.int32()))
        return pa.RecordBatchReader.from_batches(schema, self._rows(schema))

    def _rows(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        try:
            streams = self.batches.collect()
        except Exception as error:
            # Where it is the user's function that failed, a query says so.
            by_user = isinstance(error, SparkException) and "Traceback (most" in str(error)
            raise carry(PythonException(str(error)) if by_user else error) from None
        for number, stream in enumerate(streams):
            table = _stored(pa.ipc.open_stream(stream).read_all(), self.schema)
            if _PARTITION in schema.names:
                numbers = pa.repeat(pa.scalar(number, pa.int32()), table.num_rows)
                table = table.append_column(_PARTITION, numbers)
            yield from table.cast(schema).to_batches()


def _stored(table: pa.Table, schema: StructType) -> pa.Table:
    """Return a table as DuckDB is to see it; one without columns gets one to count its rows by."""
    import pyarrow as pa

    if not schema.fields:
        return pa.table({"_": pa.nulls(table.num_rows, pa.int32())})
    return to_duckdb_arrow(table).rename_columns(schema.names)


def _to_batches(
    elements: Iterable[Any], schema: StructType, check: Callable[[Any], object] | None
) -> Iterator[bytes]:
    """Return the elements of a partition as one Arrow stream; runs in tasks."""
    import pyarrow as pa
    from pyspark.sql.conversion import LocalDataToArrowConversion

    rows = list(elements)
    if check is not None:
        for row in rows:
            check(row)
    if not rows:
        return
    table = LocalDataToArrowConversion.convert(rows, schema, False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    yield sink.getvalue().to_pybytes()
