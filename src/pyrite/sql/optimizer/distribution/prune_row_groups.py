"""Row groups that a condition rules out, by the bounds of their values, are not cut into parts.

DuckDB skips them as well, wherever they are. But where the rows of a table lie in the order of a
column, such as the day they came, all rows that are left would be in the part of one task.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.expression import Alias, Attribute, Call, Expression
from pyrite.sql.optimizer.conditions import call_name, conjuncts
from pyrite.sql.optimizer.distribution.prune_partitions import Run
from pyrite.sql.plans.plan import Filter, LogicalPlan, OneRowRelation, Project, SourceRelation
from pyrite.sql.sources.file_index import FileIndex
from pyrite.sql.sources.parquet import ParquetScan
from pyrite.sql.sources.row_groups import exact_value, row_group_bounds, row_groups

__all__ = ["prune_row_groups"]

#: From the least and the greatest value of a row group, and a constant, to whether a value can
#: compare so with the constant.
_Test = Callable[[Any, Any, Any], bool]

_TESTS: Mapping[str, _Test] = {
    "=": lambda low, high, value: low <= value <= high,
    "<": lambda low, high, value: low < value,
    "<=": lambda low, high, value: low <= value,
    ">": lambda low, high, value: high > value,
    ">=": lambda low, high, value: high >= value,
}
_SWAPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class _Comparison:
    """A column compared with a constant; ``test`` says whether a row group may have such rows."""

    column: Attribute
    test: _Test
    constant: Expression


def prune_row_groups(plan: LogicalPlan, run: Run) -> LogicalPlan:
    """Leave out the row groups at the ends of files that do not meet the condition above a scan.

    Args:
        plan: A resolved plan whose conditions were pushed down.
        run: Runs plans that compute constants.
    """

    def pruned(node: LogicalPlan) -> LogicalPlan:
        match node:
            case Filter(condition, SourceRelation(scan=ParquetScan() as scan) as relation):
                found = [_comparison(part) for part in conjuncts(condition)]
                comparisons = [each for each in found if each is not None]
                if comparisons and not scan.request.index.ranges:
                    index = _within(scan.request.index, comparisons, run)
                    return Filter(condition, replace(relation, scan=scan.part(index)))
        return node

    return plan.transform_up(pruned)


def _comparison(part: Expression) -> _Comparison | None:
    name = call_name(part)
    if not isinstance(part, Call) or name not in _TESTS:
        return None
    left, right = part.arguments
    if isinstance(right, Attribute):
        left, right, name = right, left, _SWAPPED[name]
    if not isinstance(left, Attribute) or not right.foldable:
        return None
    same = type(left.data_type) is type(right.data_type)
    return _Comparison(left, _TESTS[name], right) if same else None


def _within(index: FileIndex, comparisons: Sequence[_Comparison], run: Run) -> FileIndex:
    """Return the index with the rows from the first to the last row group that may be met."""
    constants = [Alias(each.constant, "constant") for each in comparisons]
    try:
        (row,) = [
            row
            for batch in run(Project(tuple(constants), OneRowRelation()))
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
        ]
    except SparkError:  # the query meets it, if it has rows to compare
        return index
    tests = [
        (each, value)
        for each, constant in zip(comparisons, row, strict=True)
        if (value := exact_value(constant, each.column.data_type)) is not None
    ]
    ranges: dict[int, range | None] = {}
    for place, file in enumerate(index.files):
        groups = row_groups(file)
        if groups is None:
            ranges[place] = None
            continue
        bounds = [row_group_bounds(file, c.column.name, c.column.data_type) for c, _ in tests]
        kept = [rows for rows, *each in zip(groups, *bounds, strict=True) if _may_meet(each, tests)]
        if kept:
            hull = range(kept[0].start, kept[-1].stop)
            ranges[place] = None if len(kept) == len(groups) else hull
    if len(ranges) == len(index.files) and not any(ranges.values()):
        return index
    return replace(index.chosen(ranges), ranges=tuple(ranges.values()))


def _may_meet(
    bounds: Sequence[tuple[Any, Any] | None], tests: Sequence[tuple[_Comparison, Any]]
) -> bool:
    return all(
        known is None or comparison.test(*known, value)
        for known, (comparison, value) in zip(bounds, tests, strict=True)
    )
