"""LogicalPlan and the resolved operators: the small algebra that every query becomes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Call,
    Expression,
    NamedExpression,
    PythonUDF,
    SortOrder,
)
from pyrite.sql.plans.scan import Scan
from pyrite.sql.tree import TreeNode, remembered
from pyrite.sql.types import StructField, StructType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "Aggregate",
    "AggregateInPython",
    "AsOfJoin",
    "CachedRelation",
    "CoGroupMap",
    "CollectMetrics",
    "CteReference",
    "Distinct",
    "EvalPython",
    "Filter",
    "Generate",
    "GroupMap",
    "Join",
    "JoinType",
    "LateralJoin",
    "Limit",
    "LocalRelation",
    "LogicalPlan",
    "MapPartitions",
    "Numbered",
    "Offset",
    "OneRowRelation",
    "Picture",
    "PictureForm",
    "Project",
    "PythonTableFunction",
    "Range",
    "RecursiveCte",
    "Repartition",
    "Sample",
    "SetOperation",
    "SetOperationType",
    "Sort",
    "SourceRelation",
    "SubqueryAlias",
    "Tail",
    "UnaryPlan",
    "Union",
    "Unpivot",
    "WindowInPython",
    "With",
    "attributes_of",
    "subplans",
]


class LogicalPlan(TreeNode):
    """A relational operator."""

    __slots__ = ()
    kind: ClassVar[type[LogicalPlan]]

    @property
    def output(self) -> tuple[Attribute, ...]:
        """The columns of the result, in order. Only resolved operators have them."""
        raise NotImplementedError(f"{type(self).__name__} is not resolved")

    @property
    def schema(self) -> StructType:
        """The result's columns as a Spark schema."""
        return StructType(
            [
                StructField(a.name, a.data_type, a.nullable, dict(a.metadata or {}))
                for a in self.output
            ]
        )

    @remembered
    def expressions(self) -> tuple[Expression, ...]:
        """The expressions in this operator's own fields."""
        return tuple(self.nodes_of(Expression))

    def map_expressions(self, function: Callable[[Expression], Expression]) -> LogicalPlan:
        """Rebuild this operator with ``function`` applied to its own expressions."""
        return self.map_nodes(Expression, function)


LogicalPlan.kind = LogicalPlan


def attributes_of(expressions: Sequence[NamedExpression]) -> tuple[Attribute, ...]:
    """Return the columns that an output list makes."""
    return tuple([e.to_attribute() if isinstance(e, Alias) else e for e in expressions])


@dataclass(frozen=True, slots=True)
class OneRowRelation(LogicalPlan):
    """One row of no columns: what SELECT without FROM reads."""

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """No columns."""
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class LocalRelation(LogicalPlan):
    """Rows that came with the plan.

    Attributes:
        attributes: The columns.
        table: Their values, in the Arrow types of ``types.to_arrow``.
    """

    attributes: tuple[Attribute, ...]
    table: pa.Table

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The given columns."""
        return self.attributes


@dataclass(frozen=True, slots=True)
class Range(LogicalPlan):
    """The numbers from start to end (exclusive) by step.

    Attributes:
        num_partitions: None for the default parallelism.
    """

    start: int
    end: int
    step: int
    num_partitions: int | None
    attributes: tuple[Attribute, ...]

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """One long column."""
        return self.attributes


@dataclass(frozen=True, slots=True, eq=False)
class SourceRelation(LogicalPlan):
    """A table of files or another data source.

    Attributes:
        scan: How it is read.
        table: The catalog's name for it, when it has one.
    """

    attributes: tuple[Attribute, ...]
    scan: Scan
    table: tuple[str, ...] = ()

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The given columns."""
        return self.attributes


@dataclass(frozen=True, slots=True, eq=False)
class CachedRelation(LogicalPlan):
    """Rows the engine keeps: a cached or checkpointed DataFrame.

    Attributes:
        key: What the runner knows the rows by.
        columns: The stored columns' names, in the order of ``attributes``.
    """

    key: str
    columns: tuple[str, ...]
    attributes: tuple[Attribute, ...]

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The given columns."""
        return self.attributes


class UnaryPlan(LogicalPlan):
    """An operator that passes its child's columns on."""

    __slots__ = ()
    if TYPE_CHECKING:

        @property
        def child(self) -> LogicalPlan:
            """The input."""

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The child's."""
        return self.child.output


@dataclass(frozen=True, slots=True)
class Project(LogicalPlan):
    """SELECT: one output row for each input row. Window functions may stand in the list."""

    project_list: tuple[NamedExpression, ...]
    child: LogicalPlan

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The list's columns."""
        return attributes_of(self.project_list)


@dataclass(frozen=True, slots=True)
class Filter(UnaryPlan):
    """WHERE, and HAVING above an Aggregate."""

    condition: Expression
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class Aggregate(LogicalPlan):
    """GROUP BY.

    Attributes:
        grouping: The grouping expressions; none for one group of everything.
        aggregates: The output list: grouping expressions, aggregates, and what is made of them.
        grouping_sets: For ROLLUP, CUBE and GROUPING SETS: each set as indexes into ``grouping``.
    """

    grouping: tuple[Expression, ...]
    aggregates: tuple[NamedExpression, ...]
    child: LogicalPlan
    grouping_sets: tuple[tuple[int, ...], ...] | None = None

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The list's columns."""
        return attributes_of(self.aggregates)


class JoinType(StrEnum):
    """How rows without a partner are treated."""

    INNER = "Inner"
    CROSS = "Cross"
    LEFT_OUTER = "LeftOuter"
    RIGHT_OUTER = "RightOuter"
    FULL_OUTER = "FullOuter"
    LEFT_SEMI = "LeftSemi"
    LEFT_ANTI = "LeftAnti"

    def output(self, left: LogicalPlan, right: LogicalPlan) -> tuple[Attribute, ...]:
        """Return the columns of a join of this type."""
        if self in (JoinType.LEFT_SEMI, JoinType.LEFT_ANTI):
            return left.output
        left_null = self in (JoinType.RIGHT_OUTER, JoinType.FULL_OUTER)
        right_null = self in (JoinType.LEFT_OUTER, JoinType.FULL_OUTER)
        return (
            *(a.with_nullable() if left_null else a for a in left.output),
            *(a.with_nullable() if right_null else a for a in right.output),
        )


@dataclass(frozen=True, slots=True)
class Join(LogicalPlan):
    """Pairs of rows. USING and NATURAL have become conditions and a Project above."""

    left: LogicalPlan
    right: LogicalPlan
    join_type: JoinType
    condition: Expression | None = None

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """Both sides' columns, or the left side's."""
        return self.join_type.output(self.left, self.right)


@dataclass(frozen=True, slots=True)
class LateralJoin(LogicalPlan):
    """A join whose right side may read the left side's columns."""

    left: LogicalPlan
    right: LogicalPlan
    join_type: JoinType
    condition: Expression | None = None

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """Both sides' columns."""
        return self.join_type.output(self.left, self.right)


@dataclass(frozen=True, slots=True)
class AsOfJoin(LogicalPlan):
    """Each left row with the nearest right rows.

    Attributes:
        condition: What pairs must fulfil, the direction of time included.
        order: The distance; the first pairs by it win.
        limit: How many they are at most.
    """

    left: LogicalPlan
    right: LogicalPlan
    join_type: JoinType
    condition: Expression
    order: SortOrder
    limit: int = 1

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """Both sides' columns."""
        return self.join_type.output(self.left, self.right)


@dataclass(frozen=True, slots=True)
class Union(LogicalPlan):
    """UNION ALL. The children's columns have equal types, casts included.

    Attributes:
        attributes: The result's own columns, by position.
    """

    inputs: tuple[LogicalPlan, ...]
    attributes: tuple[Attribute, ...]

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The given columns."""
        return self.attributes


class SetOperationType(StrEnum):
    """INTERSECT or EXCEPT."""

    INTERSECT = "INTERSECT"
    EXCEPT = "EXCEPT"


@dataclass(frozen=True, slots=True)
class SetOperation(LogicalPlan):
    """INTERSECT [ALL] or EXCEPT [ALL]; UNION is ``Union`` with ``Distinct`` above."""

    left: LogicalPlan
    right: LogicalPlan
    operation: SetOperationType
    is_all: bool
    attributes: tuple[Attribute, ...]

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The given columns."""
        return self.attributes


@dataclass(frozen=True, slots=True)
class Distinct(UnaryPlan):
    """Rows once each.

    Attributes:
        keys: The columns that must differ; empty for all. One row of each group is kept.
    """

    child: LogicalPlan
    keys: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class Sort(UnaryPlan):
    """ORDER BY, or SORT BY when not ``is_global``."""

    order: tuple[SortOrder, ...]
    is_global: bool
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class Limit(UnaryPlan):
    """The first rows."""

    limit: Expression
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class Offset(UnaryPlan):
    """All but the first rows."""

    offset: Expression
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class Tail(UnaryPlan):
    """The last rows."""

    limit: Expression
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class SubqueryAlias(LogicalPlan):
    """A name for a relation, or a hint about it; it passes rows through.

    Attributes:
        alias: The name; empty for the one it had.
        hint: How joins are asked to treat it: broadcast, merge, shuffle_hash or
            shuffle_replicate_nl. Only ``explain`` heeds it.
    """

    alias: tuple[str, ...]
    child: LogicalPlan
    hint: str | None = None

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The child's columns under the new name."""
        if not self.alias:
            return self.child.output
        return tuple(a.with_qualifier(self.alias) for a in self.child.output)


@dataclass(frozen=True, slots=True)
class Generate(LogicalPlan):
    """Rows made by a generator (explode, inline, stack ...) for each input row.

    Attributes:
        outer: Whether an input row without generated rows gives one with nulls.
        generated: The generator's columns.
    """

    generator: Call
    outer: bool
    generated: tuple[Attribute, ...]
    child: LogicalPlan

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The input's columns and the generator's."""
        return (*self.child.output, *self.generated)


@dataclass(frozen=True, slots=True)
class Unpivot(LogicalPlan):
    """Columns to rows.

    Attributes:
        ids: Expressions that are repeated.
        values: For each output row of an input row: its value expressions.
        names: For each of them: the text in the variable column.
        attributes: ids, the variable column, the value columns.
        include_nulls: Whether rows whose values are all null are kept.
    """

    ids: tuple[Expression, ...]
    values: tuple[tuple[Expression, ...], ...]
    names: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    child: LogicalPlan
    include_nulls: bool = True

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The given columns."""
        return self.attributes


@dataclass(frozen=True, slots=True)
class Sample(UnaryPlan):
    """A random part of the rows: those whose number lies between two bounds.

    Attributes:
        partition: The number of each row's partition, if it is known.
        fraction: The upper bound of each row, in the place of ``upper``.
    """

    lower: float
    upper: float
    with_replacement: bool
    seed: int
    child: LogicalPlan
    partition: Attribute | None = None
    fraction: Attribute | None = None


@dataclass(frozen=True, slots=True)
class Repartition(UnaryPlan):
    """A number of partitions for ``df.rdd`` and for written files; no other effect locally.

    Attributes:
        num_partitions: None for the default.
        shuffle: False for coalesce, which only ever lowers the number.
        keys: Expressions that decide the partition; SortOrder for repartitionByRange.
        by_id: Whether the only key is the number of the partition.
    """

    num_partitions: int | None
    shuffle: bool
    keys: tuple[Expression, ...]
    child: LogicalPlan
    by_id: bool = False


@dataclass(frozen=True, slots=True)
class Numbered(UnaryPlan):
    """Rows that say in which partition they are; they come partition after partition.

    Attributes:
        partition: The child's column that says it.
        count: How many partitions there are.
    """

    partition: Attribute
    count: int
    child: LogicalPlan


@dataclass(frozen=True, slots=True)
class CollectMetrics(UnaryPlan):
    """``observe``: aggregates computed over the rows that pass.

    Attributes:
        frame: The client's id of the observed DataFrame; some clients know an observation by it.
    """

    name: str
    metrics: tuple[Alias, ...]
    child: LogicalPlan
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class CteReference(LogicalPlan):
    """One use of a common table expression.

    Attributes:
        cte_id: Which definition of the ``With`` above.
        attributes: This use's own columns, by position.
    """

    cte_id: int
    attributes: tuple[Attribute, ...]

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The given columns."""
        return self.attributes


@dataclass(frozen=True, slots=True)
class RecursiveCte(LogicalPlan):
    """``anchor UNION ALL recursion``; the recursion reads it by a ``CteReference``.

    Attributes:
        max_level: How many steps there may be, the anchor's included.
    """

    cte_id: int
    anchor: LogicalPlan
    recursion: LogicalPlan
    max_level: int
    attributes: tuple[Attribute, ...]

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The given columns."""
        return self.attributes


@dataclass(frozen=True, slots=True)
class With(UnaryPlan):
    """Definitions that ``child`` refers to, each computed once."""

    definitions: tuple[tuple[int, LogicalPlan], ...]
    child: LogicalPlan


class PictureForm(StrEnum):
    """How rows are drawn."""

    TABLE = "table"
    VERTICAL = "vertical"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Picture(LogicalPlan):
    """``show`` and the notebook's table: one row of one text, the picture of the first rows.

    Attributes:
        num_rows: How many rows are drawn.
        truncate: How many characters of a cell are drawn; 0 for all.
    """

    form: PictureForm
    num_rows: int
    truncate: int
    attributes: tuple[Attribute, ...]
    child: LogicalPlan

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """One string column."""
        return self.attributes


@dataclass(frozen=True, slots=True)
class EvalPython(LogicalPlan):
    """Calls of users' scalar Python functions, their results beside the input's columns.

    Attributes:
        calls: Aliases of ``PythonUDF``s, whose arguments are the child's attributes or calls
            in the same list that stand before.
    """

    calls: tuple[Alias, ...]
    child: LogicalPlan

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The child's columns, and one for each call."""
        return (*self.child.output, *attributes_of(self.calls))


@dataclass(frozen=True, slots=True)
class AggregateInPython(LogicalPlan):
    """Users' Python aggregates (pandas and Arrow UDFs over groups).

    Attributes:
        grouping: The keys, which come first in the output.
        calls: Aliases of ``AggregateExpression``s over ``PythonUDF``s.
    """

    grouping: tuple[Attribute, ...]
    calls: tuple[Alias, ...]
    child: LogicalPlan

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The keys, and one column for each call."""
        return (*self.grouping, *attributes_of(self.calls))


@dataclass(frozen=True, slots=True)
class WindowInPython(LogicalPlan):
    """Users' Python aggregates over windows of the same rows.

    Attributes:
        partition: What partitions the rows.
        number: The place of each row in its partition, from 1.
        calls: Aliases of ``PythonUDF``s.
        bounds: For each call: the columns of the first and the last row of a row's frame, null
            where it is empty; none where every frame is the whole partition.
    """

    partition: tuple[Attribute, ...]
    number: Attribute
    calls: tuple[Alias, ...]
    bounds: tuple[tuple[Attribute, ...], ...]
    child: LogicalPlan

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The child's columns, and one for each call."""
        return (*self.child.output, *attributes_of(self.calls))


@dataclass(frozen=True, slots=True)
class MapPartitions(LogicalPlan):
    """``mapInPandas`` and ``mapInArrow``.

    Attributes:
        partition: The column of the partition's number, where that is wanted.
    """

    function: PythonUDF
    attributes: tuple[Attribute, ...]
    is_barrier: bool
    child: LogicalPlan
    partition: Attribute | None = None

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The function's columns, and the number of the partition."""
        return self.attributes if self.partition is None else (*self.attributes, self.partition)


@dataclass(frozen=True, slots=True)
class GroupMap(LogicalPlan):
    """``applyInPandas`` and ``applyInArrow`` on groups of rows."""

    grouping: tuple[Expression, ...]
    function: PythonUDF
    attributes: tuple[Attribute, ...]
    child: LogicalPlan

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The function's columns."""
        return self.attributes


@dataclass(frozen=True, slots=True)
class CoGroupMap(LogicalPlan):
    """``cogroup(...).applyInPandas``: the groups of two inputs side by side."""

    left_grouping: tuple[Expression, ...]
    right_grouping: tuple[Expression, ...]
    function: PythonUDF
    attributes: tuple[Attribute, ...]
    left: LogicalPlan
    right: LogicalPlan

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The function's columns."""
        return self.attributes


@dataclass(frozen=True, slots=True)
class PythonTableFunction(LogicalPlan):
    """A user's table function (UDTF).

    It is called for each row of its child; or, with a TABLE argument, for each partition of
    the child's rows.

    Attributes:
        function: The function; its arguments are all but the TABLE argument.
        attributes: The function's columns.
        partition: What partitions rows of a TABLE argument; without any, all are one partition.
        order: How they are sorted in a partition.
        table_argument: Which argument is the TABLE argument, if one is.
        row: The columns of a TABLE argument.
        analyzed: What the function's ``analyze`` answered, pickled.
        kept: Columns of the child that stand beside those made for the row.
    """

    function: PythonUDF
    attributes: tuple[Attribute, ...]
    child: LogicalPlan
    partition: tuple[Expression, ...] = ()
    order: tuple[SortOrder, ...] = ()
    table_argument: int | None = None
    row: tuple[Attribute, ...] = ()
    analyzed: bytes | None = None
    kept: tuple[Attribute, ...] = ()

    @remembered
    def output(self) -> tuple[Attribute, ...]:
        """The kept columns and the function's."""
        return (*self.kept, *self.attributes)


def subplans(plan: LogicalPlan) -> Iterator[LogicalPlan]:
    """Yield the plans inside the subquery expressions of one operator."""
    for expression in plan.expressions:
        for node in expression.walk():
            inner: Any = getattr(node, "plan", None)
            if isinstance(inner, LogicalPlan):
                yield inner
