"""Sizes: how many bytes and rows a plan is thought to give, by Spark's rules of thumb.

Files count by their length, columns by a typical width of their type, and filters are not
thought to remove anything. The answer decides which side of a join is called small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from math import prod
from typing import Any

from pyrite.sql.catalog.cache_manager import CacheManager
from pyrite.sql.expressions.expression import Attribute, Literal
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.plan import JoinType, LogicalPlan
from pyrite.sql.sources.file_index import FileIndex
from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    CalendarIntervalType,
    DataType,
    DateType,
    DecimalType,
    FloatType,
    IntegerType,
    MapType,
    NullType,
    ShortType,
    StringType,
    StructType,
    UserDefinedType,
    YearMonthIntervalType,
)

__all__ = ["Cached", "Size", "bytes_text", "file_index", "kept_sizes", "row_width", "size_of"]

#: The typical width of a type in bytes; of those not listed, 8.
_WIDTHS: dict[type[DataType], int] = {
    NullType: 1,
    BooleanType: 1,
    ByteType: 1,
    ShortType: 2,
    IntegerType: 4,
    FloatType: 4,
    DateType: 4,
    YearMonthIntervalType: 4,
    CalendarIntervalType: 16,
    StringType: 20,
    BinaryType: 100,
}
_ROW_OVERHEAD = 8
#: What nobody knows the size of is thought to be too large for anything.
_UNKNOWN = 2**63 - 1
_UNITS = ("EiB", "PiB", "TiB", "GiB", "MiB", "KiB")


@dataclass(frozen=True)
class Size:
    """What a plan gives.

    Attributes:
        bytes: How many bytes.
        rows: How many rows, if that is certain.
    """

    bytes: int
    rows: int | None = None

    def __str__(self) -> str:
        rows = "" if self.rows is None else f", rowCount={self.rows}"
        return f"Statistics(sizeInBytes={bytes_text(self.bytes)}{rows})"


def bytes_text(size: int) -> str:
    """Return a size as people read it.

    Example:
        >>> bytes_text(40), bytes_text(10_650), bytes_text(2**127)
        ('40.0 B', '10.4 KiB', '1.70E+38 B')
    """
    if size >= 2**71:
        rounded = Context(prec=3, rounding=ROUND_HALF_UP).create_decimal(size)
        return f"{Decimal(rounded):.2E} B"
    for place, unit in enumerate(_UNITS):
        scale = 1 << (10 * (len(_UNITS) - place))
        if size >= 2 * scale:
            return f"{size / scale:.1f} {unit}"
    return f"{float(size)} B"


#: From a relation of cached rows to their size.
Cached = Callable[[plans.CachedRelation], Size]


def kept_sizes(cache: CacheManager) -> Cached:
    """Return what tells the sizes of cached rows: as they are, or as their plans let expect."""

    def size(relation: plans.CachedRelation) -> Size:
        kept = cache.kept(relation.key)
        if kept is None:
            return Size(_UNKNOWN)
        if kept.stage is not None:
            return Size(kept.stage.bytes, int(kept.stage.estimate.rows))
        return size_of(kept.plan, size)

    return size


def size_of(plan: LogicalPlan, cached: Cached) -> Size:
    """Return how much a resolved plan gives.

    Args:
        plan: The plan.
        cached: Tells the sizes of cached rows.
    """
    match plan:
        case plans.CachedRelation():
            return cached(plan)
        case plans.Range():
            rows = len(range(plan.start, plan.end, plan.step))
            return Size(8 * rows, rows)
        case plans.LocalRelation():
            rows = plan.table.num_rows
            return Size(row_width(plan.output) * rows, rows)
        case plans.OneRowRelation():
            return Size(1, 1)
        case plans.SourceRelation():
            index = file_index(plan.scan)
            return Size(_UNKNOWN if index is None else sum(f.length for f in index.files))
        case plans.Limit(limit=Literal(value=int() as limit)):
            known = size_of(plan.child, cached).rows
            rows = limit if known is None else min(limit, known)
            return Size(max(1, row_width(plan.output) * rows), rows)
        case plans.Aggregate(grouping=()) if not plan.grouping_sets:
            return Size(row_width(plan.output), 1)
        case plans.Join(join_type=JoinType.LEFT_SEMI | JoinType.LEFT_ANTI):
            return Size(size_of(plan.left, cached).bytes)
        case plans.Union():
            return Size(sum(size_of(child, cached).bytes for child in plan.inputs))
        case plans.With():
            return size_of(plan.child, cached)
    children = plan.children
    if not children:
        return Size(_UNKNOWN)
    if len(children) > 1:
        return Size(prod(size_of(child, cached).bytes for child in children))
    (child,) = children
    below = size_of(child, cached)
    width = max(1, below.bytes * row_width(plan.output) // row_width(child.output))
    keeps = isinstance(plan, (plans.Project, plans.Sort, plans.SubqueryAlias))
    return Size(width, below.rows if keeps else None)


def file_index(scan: Any) -> FileIndex | None:
    """Return the files that a scan reads, None if it reads something else."""
    index: FileIndex | None = getattr(scan, "index", None)
    return index or getattr(getattr(scan, "request", None), "index", None)


def row_width(output: tuple[Attribute, ...]) -> int:
    """Return the typical bytes of a row of some columns."""
    return _ROW_OVERHEAD + sum(_width(column.data_type) for column in output)


def _width(data_type: DataType) -> int:
    match data_type:
        case ArrayType():
            return _width(data_type.elementType)
        case MapType():
            return _width(data_type.keyType) + _width(data_type.valueType)
        case StructType():
            return sum(_width(field.dataType) for field in data_type.fields)
        case UserDefinedType():
            return _width(data_type.sqlType())
        case DecimalType() if data_type.precision > 18:
            return 16
        case StringType():
            return _WIDTHS[StringType]
    return _WIDTHS.get(type(data_type), 8)
