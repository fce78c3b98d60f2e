"""The stage that samples rows whose partitions are known, by Spark's own random numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyrite.sql.execution.arrow_values import to_duckdb_arrow
from pyrite.sql.execution.expression_sql import column_name
from pyrite.sql.functions.kernels.java_random import SeededRandom
from pyrite.sql.plans.plan import Sample
from pyrite.sql.types import to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.execution.stage import StageContext

__all__ = ["sample_rows"]


def sample_rows(context: StageContext, sample: Sample) -> pa.Table:
    """Draw a number for each row of the child, and keep the rows it chooses.

    With replacement, a row comes as often as a Poisson distribution says; those draws are
    repeatable, but not Spark's.
    """
    import pyarrow as pa

    schema = to_arrow_schema(sample.child.schema)
    table = pa.Table.from_batches(context.batches(sample.child), schema)
    assert sample.partition is not None
    partitions = _column(sample, table, sample.partition)
    if sample.with_replacement:
        chosen = _repeated(sample, partitions)
    else:
        chosen = _chosen(sample, partitions, table)
    kept = to_duckdb_arrow(table).take(pa.array(chosen, pa.int64()))
    return kept.rename_columns([column_name(a) for a in sample.output])


def _column(sample: Sample, table: pa.Table, attribute: Any) -> list[Any]:
    ids = [a.expression_id for a in sample.child.output]
    values: list[Any] = table.column(ids.index(attribute.expression_id)).to_pylist()
    return values


def _chosen(sample: Sample, partitions: list[int], table: pa.Table) -> list[int]:
    draws = _by_partition(partitions, lambda p: SeededRandom(sample.seed + p).uniform)
    if sample.fraction is not None:
        fractions = _column(sample, table, sample.fraction)
        return [row for row, draw in enumerate(draws) if draw < fractions[row]]
    lower, upper = sample.lower, sample.upper
    return [row for row, draw in enumerate(draws) if lower <= draw < upper]


def _repeated(sample: Sample, partitions: list[int]) -> list[int]:
    import numpy as np

    mean = sample.upper - sample.lower

    def begin(partition: int) -> Callable[[], float]:
        generator = np.random.default_rng((sample.seed + partition) % 2**63)
        return lambda: generator.poisson(mean)

    counts = _by_partition(partitions, begin)
    return [row for row, count in enumerate(counts) for _ in range(int(count))]


def _by_partition(
    partitions: list[int], begin: Callable[[int], Callable[[], float]]
) -> list[float]:
    """Return the next number of its partition's sequence for each row."""
    sequences = {number: begin(number) for number in set(partitions)}
    return [sequences[number]() for number in partitions]
