"""In which order records reach a reducer: by the bytes of their keys, or by fields of them.

An ordering says which columns of byte strings are compared; ``row_order`` compares them. The
last columns are always key and value, so that the order of records does not depend on how the
work was divided.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyrite.mapreduce.hadoop_streaming.byte_columns import ByteStrings, bytes_of, cut, offsets_of
from pyrite.mapreduce.hadoop_streaming.key_fields import KeyField, cut_fields, parse_key_fields
from pyrite.mapreduce.hadoop_streaming.number_text import ordered_numbers
from pyrite.mapreduce.hadoop_streaming.records import Records
from pyrite.mapreduce.hadoop_streaming.row_order import SortColumn
from pyrite.mapreduce.hadoop_streaming.stream_job import KEY_FIELD_COMPARATOR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pyrite.mapreduce.hadoop_streaming.stream_job import StreamJob

__all__ = ["BytesOrdering", "KeyFieldOrdering", "Ordering", "make_ordering"]

_OPTIONS = "mapreduce.partition.keycomparator.options"
_SEPARATOR = "mapreduce.map.output.key.field.separator"


class Ordering(ABC):
    """An order of records."""

    @abstractmethod
    def leading_columns(self, records: Records) -> list[SortColumn]:
        """Return the columns that a batch is ordered by before key and value."""

    def columns(self, records: Records) -> list[SortColumn]:
        """Return all columns that a batch is ordered by, the most important first."""
        return self.completed(self.leading_columns(records), records)

    def completed(self, leading: list[SortColumn], records: Records) -> list[SortColumn]:
        """Return leading columns with key and value behind them."""
        return [*leading, SortColumn(records.keys), SortColumn(records.values)]


@dataclass(frozen=True)
class BytesOrdering(Ordering):
    """By the bytes of the key and then of the value, as ``LC_ALL=C sort`` orders lines."""

    def leading_columns(self, records: Records) -> list[SortColumn]:
        """Return nothing."""
        return []


@dataclass(frozen=True)
class KeyFieldOrdering(Ordering):
    r"""By fields of the key, then by the bytes of key and value: KeyFieldBasedComparator.

    Numbers are compared by what they are worth, so 1, 01 and 1.0 are equal and the next field
    decides; a key without the field is before all others.

    Attributes:
        fields: What is compared.
        separator: What is between the fields of a key.

    Example:
        >>> from pyrite.mapreduce.hadoop_streaming.row_order import order_rows
        >>> ordering = KeyFieldOrdering(parse_key_fields("-k2,2nr", "options"))
        >>> records = Records.of([(b"a\t9", b""), (b"b\t10", b""), (b"c\t-1", b"")])
        >>> order_rows(ordering.columns(records))[0].tolist()
        [1, 0, 2]
    """

    fields: tuple[KeyField, ...]
    separator: bytes = b"\t"

    def leading_columns(self, records: Records) -> list[SortColumn]:
        """Return the fields."""
        parts = cut_fields(records.keys, self.separator, self.fields)
        return [
            SortColumn(_numbers(part, has) if field.numeric else part, field.descending)
            for field, (part, has) in zip(self.fields, parts, strict=True)
        ]


def make_ordering(job: StreamJob) -> Ordering:
    """Return the order that a job's options ask for.

    Raises:
        SparkIllegalArgumentException: If the comparator's options are not understood.
    """
    if job.keys_are_offsets:
        return KeyFieldOrdering(parse_key_fields("-n", _OPTIONS))
    if job.comparator != KEY_FIELD_COMPARATOR:
        return BytesOrdering()
    fields = parse_key_fields(job.conf.get(_OPTIONS, ""), _OPTIONS)
    return KeyFieldOrdering(fields, job.conf[_SEPARATOR].encode()) if fields else BytesOrdering()


def _numbers(texts: ByteStrings, has: NDArray[np.bool_]) -> ByteStrings:
    """Texts as numbers in order, the empty string where there is none."""
    import numpy as np

    numbers = ordered_numbers(texts)
    if has.all():
        return numbers
    offsets = offsets_of(numbers)
    starts, ends = offsets[:-1], offsets[1:]
    return cut(bytes_of(numbers), starts, np.where(has, ends, starts))
