"""Buckets: the files of a table that rows are put into by the hash of some columns."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pyrite.sql.errors import analysis_error
from pyrite.sql.types import StructType

__all__ = ["BUCKET_COLUMN", "Bucketing", "split_by_buckets"]

#: The column that tells the bucket of rows on their way to files; no table has one called so.
BUCKET_COLUMN = "__bucket"


@dataclass(frozen=True)
class Bucketing:
    """How a table's rows are put into buckets.

    Attributes:
        number: How many buckets there are.
        columns: Whose hash says the bucket.
        sorted_by: What the rows of a file are sorted by.
    """

    number: int
    columns: tuple[str, ...]
    sorted_by: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The form that errors show."""
        text = f"{self.number} buckets, bucket columns: [{', '.join(self.columns)}]"
        return text + (f", sort columns: [{', '.join(self.sorted_by)}]" if self.sorted_by else "")

    def check(
        self, schema: StructType, partition_columns: Sequence[str], limit: int, table: str
    ) -> None:
        """Refuse what no table can be bucketed by.

        Args:
            schema: The table's columns.
            partition_columns: Those of them that are directories.
            limit: The most buckets there may be.
            table: The table's name, as errors show it.

        Raises:
            SparkError: INVALID_BUCKET_COUNT, COLUMN_NOT_DEFINED_IN_TABLE, or
                _LEGACY_ERROR_TEMP_1166 for a column of the partitions.
        """
        if not 0 < self.number <= limit:
            raise analysis_error(
                "INVALID_BUCKET_COUNT",
                bucketingMaxBuckets=str(limit),
                numBuckets=str(self.number),
            )
        known = {name.lower() for name in schema.names}
        partitions = [name.lower() for name in partition_columns]
        for kind, names in (("bucket", self.columns), ("sort", self.sorted_by)):
            for name in names:
                if name.lower() not in known:
                    raise analysis_error(
                        "COLUMN_NOT_DEFINED_IN_TABLE",
                        colType=kind,
                        colName=f"`{name}`",
                        tableName=table,
                        tableCols=", ".join(f"`{column}`" for column in schema.names),
                    )
                if name.lower() in partitions:
                    raise analysis_error(
                        "_LEGACY_ERROR_TEMP_1166",
                        bucketCol=name,
                        normalizedPartCols=", ".join(partition_columns),
                    )


def split_by_buckets(table: Any) -> Iterator[tuple[int, Any]]:
    """Yield the buckets of rows that are sorted by them, each with its rows.

    Args:
        table: An Arrow table with the column ``BUCKET_COLUMN``, which is left out of the answer.
    """
    import numpy as np

    numbers = table.column(BUCKET_COLUMN).to_numpy()
    rest = table.drop_columns([BUCKET_COLUMN])
    starts = [0, *(np.flatnonzero(np.diff(numbers)) + 1).tolist(), len(numbers)]
    for start, stop in itertools.pairwise(starts):
        if start < stop:
            yield int(numbers[start]), rest.slice(start, stop - start)
