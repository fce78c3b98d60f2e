"""The operators that only plans of several tasks have: rows that change their partition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pyrite.sql.expressions.expression import Attribute, Expression, NamedExpression, SortOrder
from pyrite.sql.plans.plan import LogicalPlan, UnaryPlan, attributes_of
from pyrite.sql.tree import remembered

__all__ = [
    "TASK_OPERATORS",
    "Bucketed",
    "Exchange",
    "FirstPartition",
    "LocalLimit",
    "LocalWindow",
    "PartialAggregate",
    "Partitioning",
    "QueryStage",
    "RuntimeFilter",
    "SortKeys",
    "SplitScan",
]


class Partitioning(StrEnum):
    """Where an exchange takes rows."""

    #: Into the driver, partition after partition.
    SINGLE = "single"
    #: To the partition that a hash of the keys tells.
    HASH = "hash"
    #: To the partition whose range of sorted keys they are in; the partitions are in order.
    RANGE = "range"
    #: Nowhere: what a task has computed is a partition, which is kept.
    UNKNOWN = "unknown"
    #: To every task.
    BROADCAST = "broadcast"

    @property
    def is_spread(self) -> bool:
        """Whether the rows lie in partitions, of which each task may read its own."""
        return self in (Partitioning.HASH, Partitioning.RANGE, Partitioning.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Exchange(UnaryPlan):
    """Rows on their way to other tasks. The plan below it runs before the plan above.

    Attributes:
        partitioning: Where they go.
        keys: What decides the partition of a row; for RANGE, each is a ``SortOrder``.
    """

    partitioning: Partitioning
    keys: tuple[Expression, ...]
    child: LogicalPlan

    def text(self, key_text: Callable[[Expression], str], *count: int) -> str:
        """Return its name and what it does, as ``Exchange hashpartitioning(k, 2)``.

        Args:
            key_text: Returns the text of a key.
            count: How many partitions there are, if that is to be told.
        """
        match self.partitioning:
            case Partitioning.HASH | Partitioning.RANGE as partitioning:
                parts = [*map(key_text, self.keys), *map(str, count)]
                return f"Exchange {partitioning}partitioning({', '.join(parts)})"
            case Partitioning.UNKNOWN:
                return f"Exchange UnknownPartitioning({', '.join(map(str, count))})"
            case Partitioning.BROADCAST:
                return "BroadcastExchange"
        return "Exchange SinglePartition"


@dataclass(frozen=True, slots=True)
class QueryStage(LogicalPlan):
    """The rows of an exchange that has run.

    Attributes:
        stage_id: By which the run of the query knows them.
        partitioning: Where they were taken.
        keys: What decided the partition of a row.
        attributes: The columns.
        bytes: How large they are.
        rows: How many they are.
        whole: Whether every task that reads them reads all of them.
        hint: How joins are asked to treat them.
    """

    stage_id: int
    partitioning: Partitioning
    keys: tuple[Expression, ...]
    attributes: tuple[Attribute, ...]
    bytes: int
    rows: int
    whole: bool = False
    hint: str | None = None

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The given columns."""
        return self.attributes


@dataclass(frozen=True, slots=True)
class SplitScan(UnaryPlan):
    """A scan of which each task reads its part."""

    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class FirstPartition(UnaryPlan):
    """Rows that every task could give, and only the first one does."""

    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class LocalLimit(UnaryPlan):
    """The first rows of each partition.

    Attributes:
        limit: How many.
        order: What decides which rows are first; nothing if any will do.
    """

    limit: int
    order: tuple[SortOrder, ...]
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class LocalWindow(LogicalPlan):
    """A Project whose windows are of the rows of one partition each."""

    project_list: tuple[NamedExpression, ...]
    child: LogicalPlan

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The list's columns."""
        return attributes_of(self.project_list)


@dataclass(frozen=True, slots=True)
class RuntimeFilter(UnaryPlan):
    """Rows that have a partner among those of a stage; a join above looks for it again.

    Attributes:
        child: The rows.
        stage: What they are looked up in.
        condition: What must be equal.
    """

    child: LogicalPlan
    stage: LogicalPlan
    condition: Expression


@dataclass(frozen=True, slots=True)
class PartialAggregate(LogicalPlan):
    """An aggregate of the rows of each partition; an ``Aggregate`` above merges them.

    Attributes:
        grouping: As in ``Aggregate``.
        aggregates: The keys, and what the functions have of a partition's rows.
        grouping_sets: As in ``Aggregate``.
    """

    grouping: tuple[Expression, ...]
    aggregates: tuple[NamedExpression, ...]
    child: LogicalPlan
    grouping_sets: tuple[tuple[int, ...], ...] | None = None

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The list's columns."""
        return attributes_of(self.aggregates)


@dataclass(frozen=True, slots=True)
class Bucketed(LogicalPlan):
    """The child's rows with the number of the partition that each goes to as last column.

    Attributes:
        keys: What is hashed, or, with bounds, the order.
        count: How many partitions there are.
        bucket: The column.
        bounds: Where the ranges of a partitioning by ranges begin, except for the first one:
            values of ``SortKeys``, in order.
    """

    keys: tuple[Expression, ...]
    count: int
    bucket: Attribute
    child: LogicalPlan
    bounds: tuple[bytes, ...] | None = None

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The child's columns and the partition's number."""
        return (*self.child.output, self.bucket)


@dataclass(frozen=True, slots=True)
class SortKeys(LogicalPlan):
    """One binary column: for some of the rows, bytes that sort as the rows do.

    Attributes:
        order: How the rows are sorted.
        share: The share of the rows that is drawn.
        key: The column.
    """

    order: tuple[Expression, ...]
    share: float
    key: Attribute
    child: LogicalPlan

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The key."""
        return (self.key,)


#: What planning adds and may take away again: the columns are the child's.
TASK_OPERATORS = (Exchange, SplitScan, FirstPartition, LocalLimit, RuntimeFilter)
