"""In which order records reach a reducer: by the bytes of their keys, or by fields of them.

An ordering says which columns of byte strings are compared; ``row_order`` compares them. The
last columns are always key and value, so that the order of records does not depend on how the
work was divided.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from pyrite.mapreduce.hadoop_streaming.records import Records
from pyrite.mapreduce.hadoop_streaming.row_order import SortColumn

__all__ = ["BytesOrdering", "Ordering"]


class Ordering(ABC):
    """An order of records."""

    @abstractmethod
    def columns(self, records: Records) -> list[SortColumn]:
        """Return the columns that a batch is ordered by, the most important first.

        Records that are equal in all of them are equal.
        """


@dataclass(frozen=True)
class BytesOrdering(Ordering):
    """By the bytes of the key and then of the value, as ``LC_ALL=C sort`` orders lines."""

    def columns(self, records: Records) -> list[SortColumn]:
        """Return key and value."""
        return [SortColumn(records.keys), SortColumn(records.values)]
