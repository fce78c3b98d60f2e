"""The rows of numbered plans, cut where the partition changes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pyrite.sql.expressions.expression import Attribute
from pyrite.sql.optimizer.partition_numbers import NumberedPlan

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["placed_rows"]


def placed_rows(
    numbered: NumberedPlan, batches: Iterable[pa.RecordBatch], output: Sequence[Attribute]
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield rows with the number of their partition.

    Args:
        numbered: The plan that was run.
        batches: What it gave.
        output: The columns that are wanted.
    """
    import numpy as np

    ids = [a.expression_id for a in numbered.plan.output]
    place = ids.index(numbered.partition.expression_id)
    kept = [ids.index(a.expression_id) for a in output]
    for batch in batches:
        numbers = batch.column(place).to_numpy()
        rows = batch.select(kept)
        if (np.diff(numbers) < 0).any():
            order = np.argsort(numbers, kind="stable")
            rows, numbers = rows.take(order), numbers[order]
        starts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
        for start, stop in itertools.pairwise(starts):
            if start < stop:
                yield int(numbers[start]), rows.slice(start, stop - start)
