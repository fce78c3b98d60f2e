"""Samples: what share of a relation's rows passes a filter, tried on a few pieces of it.

No rule of thumb knows how many suppliers are in Saudi Arabia. To look at some hundred thousand
rows takes milliseconds, and the order of joins hangs on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Expression,
    SubqueryExpression,
)
from pyrite.sql.optimizer.distribution.leaves import can_read_elsewhere, can_split, split_leaf
from pyrite.sql.optimizer.sizes import file_index
from pyrite.sql.plans.exchange import SplitScan
from pyrite.sql.plans.plan import Filter, LogicalPlan, Project, SourceRelation, SubqueryAlias

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.sql.plans.scan import Scan

__all__ = ["Samples"]

#: The most bytes of files that a piece has, and how many pieces are tried.
_PIECE_BYTES = 2 << 20
_PIECES = 3


class Samples:
    """What was tried for one query.

    Args:
        run: Runs a small plan.
    """

    def __init__(self, run: Callable[[LogicalPlan], Iterator[pa.RecordBatch]]) -> None:
        self._run = run
        #: By condition and scan.
        self._shares: dict[tuple[Expression, Scan], float | None] = {}

    def passing_share(self, plan: Filter) -> float | None:
        """Return what share of the rows passes a filter.

        Args:
            plan: A filter of a relation.

        Returns:
            More than 0, and at most 1; None if it cannot be tried.
        """
        leaf = plan.child
        while isinstance(leaf, (SubqueryAlias, SplitScan)) or (
            isinstance(leaf, Project) and all(isinstance(e, Attribute) for e in leaf.project_list)
        ):
            leaf = leaf.child
        if not isinstance(leaf, SourceRelation) or not _can_try(plan.condition, leaf):
            return None
        key = plan.condition, leaf.scan
        if key not in self._shares:
            self._shares[key] = self._tried(plan.condition, leaf)
        return self._shares[key]

    def _tried(self, condition: Expression, leaf: SourceRelation) -> float | None:
        rows = passed = 0
        try:
            for piece in _pieces(leaf):
                for batch in self._run(Project((Alias(condition, "passes"),), piece)):
                    rows += batch.num_rows
                    passed += batch.column(0).true_count
        except Exception:  # the query itself may meet it, and says so then
            return None
        return max(passed, 0.5) / rows if rows else None


def _can_try(condition: Expression, leaf: SourceRelation) -> bool:
    return (
        condition.deterministic
        and condition.find(SubqueryExpression) is None
        and can_read_elsewhere(leaf)
        and can_split(leaf)
    )


def _pieces(leaf: SourceRelation) -> Sequence[LogicalPlan]:
    """Return some pieces of a relation, from its beginning, middle and end."""
    index = file_index(leaf.scan)
    size = sum(file.length for file in index.files) if index is not None else 0
    count = -(-size // _PIECE_BYTES)
    if count <= _PIECES:
        return [leaf]
    parts = split_leaf(leaf, count)
    if parts is None:
        return []
    return [parts[place * (count - 1) // (_PIECES - 1)] for place in range(_PIECES)]
