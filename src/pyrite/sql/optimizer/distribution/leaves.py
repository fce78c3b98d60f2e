"""Leaves: which of them tasks can read, or read a part of; the parts; how many bytes they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from pyrite.core.hadoop.filesystem import is_private
from pyrite.sql.plans.plan import (
    LocalRelation,
    LogicalPlan,
    OneRowRelation,
    Range,
    SourceRelation,
    subplans,
)
from pyrite.sql.sources.file_format import FileScan
from pyrite.sql.sources.splits import can_split_scan, split_scan

__all__ = ["can_read_elsewhere", "can_split", "scanned_bytes", "split_leaf"]


def can_read_elsewhere(leaf: LogicalPlan) -> bool:
    """Whether tasks on other machines can read a leaf: files that they see, or rows it brings."""
    match leaf:
        case SourceRelation(scan=FileScan() as scan):
            files = scan.request.index.files
            return scan.request.texts is None and not any(is_private(f.path) for f in files)
        case LocalRelation() | Range() | OneRowRelation():
            return True
    return False


def can_split(leaf: LogicalPlan) -> bool:
    """Whether ``split_leaf`` can cut a leaf; no file is opened for the answer."""
    match leaf:
        case SourceRelation(scan=scan):
            return can_split_scan(scan)
        case LocalRelation() | Range():
            return True
    return False


def split_leaf(leaf: LogicalPlan, count: int) -> Sequence[LogicalPlan] | None:
    """Cut a leaf into leaves that have its rows together, in their order.

    Args:
        leaf: The leaf.
        count: How many leaves to return; some of them may have no rows.

    Returns:
        None for a leaf that cannot be cut.
    """
    match leaf:
        case SourceRelation(scan=scan):
            scans = split_scan(scan, count)
            return None if scans is None else [replace(leaf, scan=each) for each in scans]
        case LocalRelation(table=table):
            slices = (table.slice(a, b - a) for a, b in _ends(table.num_rows, count))
            return [replace(leaf, table=each) for each in slices]
        case Range(start=start, end=end, step=step):
            numbers = range(start, end, step)
            parts = (numbers[a:b] for a, b in _ends(len(numbers), count))
            return [replace(leaf, start=part.start, end=part.stop) for part in parts]
    return None


def scanned_bytes(plan: LogicalPlan) -> int:
    """Return how many bytes of files a plan reads, in its subqueries too."""
    return sum(
        file.length
        for node in _all_nodes(plan)
        if isinstance(node, SourceRelation) and isinstance(node.scan, FileScan)
        for file in node.scan.request.index.files
    )


def _all_nodes(plan: LogicalPlan) -> Iterator[LogicalPlan]:
    for node in plan.walk():
        yield node
        for inner in subplans(node):
            yield from _all_nodes(inner)


def _ends(length: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield the bounds of ``count`` parts of about the same length."""
    return pairwise(length * place // count for place in range(count + 1))
