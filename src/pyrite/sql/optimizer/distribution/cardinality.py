"""Cardinality: how many rows a plan is thought to give.

Files tell how many rows they have and between which values; ``selectivity`` tells what
conditions leave of them, and ``estimates`` how many pairs a join makes. Where nothing is known,
the numbers are those of the textbooks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
from typing import Any

from pyrite.sql.expressions.expression import Alias, Attribute, Cast, Expression, Literal
from pyrite.sql.optimizer.conditions import all_of, columns_read, conjuncts, equal_sides, ids_of
from pyrite.sql.optimizer.distribution.estimates import Base, ColumnEstimate, Estimate, domain
from pyrite.sql.optimizer.distribution.selectivity import column_of, selectivity
from pyrite.sql.optimizer.sizes import file_index, row_width
from pyrite.sql.plans.exchange import (
    LocalLimit,
    LocalWindow,
    PartialAggregate,
    QueryStage,
    RuntimeFilter,
)
from pyrite.sql.plans.plan import (
    Aggregate,
    AsOfJoin,
    CteReference,
    Distinct,
    Filter,
    Generate,
    Join,
    JoinType,
    LateralJoin,
    Limit,
    LocalRelation,
    LogicalPlan,
    OneRowRelation,
    Project,
    Range,
    RecursiveCte,
    Sample,
    SetOperation,
    SourceRelation,
    Union,
    With,
)
from pyrite.sql.sources.parquet_statistics import column_bounds, row_count
from pyrite.sql.types import (
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    ShortType,
    TimestampNTZType,
    TimestampType,
)

__all__ = ["Cardinality", "Known"]

#: Tells what is known of an operator; None if nothing is.
Known = Callable[[LogicalPlan], Estimate | None]

#: How many rows a row becomes where a list is taken apart, as PostgreSQL thinks.
_LIST_LENGTH = 10
#: The share of rows in which a column of unknown values has another one, as Calcite thinks.
_DISTINCT_SHARE = 0.1
#: The least share of rows for which there is no partner.
_UNPAIRED = 0.5
#: How many steps a recursion takes, as PostgreSQL thinks.
_STEPS = 10
#: The rows of what nobody knows anything about.
_UNKNOWN_ROWS = 1e6
_CONTINUOUS = (FloatType, DoubleType, TimestampType, TimestampNTZType)
_WHOLE = (ByteType, ShortType, IntegerType, LongType, DateType)


class Cardinality:
    """Estimates of the plans of one query.

    Args:
        known: Tells the size of what has been measured.
        tried: Tells what share of its rows a filter was seen to pass.
    """

    def __init__(
        self,
        known: Known = lambda plan: None,
        tried: Callable[[Filter], float | None] = lambda plan: None,
    ) -> None:
        self._known = known
        self._tried = tried
        #: By the identity of a plan, which is kept so that it stays what it is.
        self._found: dict[int, tuple[LogicalPlan, Estimate]] = {}
        self._definitions: dict[int, LogicalPlan] = {}

    def of(self, plan: LogicalPlan) -> Estimate:
        """Return the estimate of a plan."""
        found = self._found.get(id(plan))
        if found is None:
            made = self._known(plan) or _RULES.get(type(plan), Cardinality._passed)(self, plan)
            found = self._found[id(plan)] = plan, made
        return found[1]

    def of_join(self, plan: Join, left: Estimate, right: Estimate) -> Estimate:
        """Return the estimate of a join whose inputs have been estimated."""
        columns = {**left.columns, **right.columns}
        sides = set(ids_of(plan.left.output)), set(ids_of(plan.right.output))
        parts = [(part, equal_sides(part, *sides)) for part in conjuncts(plan.condition)]
        pairs = [pair for _, pair in parts if pair is not None]
        others = all_of(part for part, pair in parts if pair is None)
        left_keys = [column_of(key, left.columns) for key, _ in pairs]
        right_keys = [column_of(key, right.columns) for _, key in pairs]
        values = domain(left_keys, right_keys) if pairs else 1.0
        rows = left.rows * right.rows / values * selectivity(others, columns)
        match plan.join_type:
            case JoinType.LEFT_SEMI | JoinType.LEFT_ANTI:
                paired = _paired(right, right_keys, values) if pairs else _UNPAIRED
                if plan.join_type is JoinType.LEFT_ANTI:
                    paired = max(1 - paired, _UNPAIRED)
                return left.with_rows(left.rows * paired)
            case JoinType.LEFT_OUTER:
                rows = max(rows, left.rows)
            case JoinType.RIGHT_OUTER:
                rows = max(rows, right.rows)
            case JoinType.FULL_OUTER:
                rows = max(rows, left.rows, right.rows)
        return Estimate(max(1.0, rows), left.width + right.width, columns)

    # Leaves

    def _leaf(self, plan: LogicalPlan, rows: float) -> Estimate:
        base = Base(max(1.0, rows))
        columns = {a.expression_id: ColumnEstimate(base) for a in plan.output}
        return Estimate(base.rows, row_width(plan.output), columns)

    def _source(self, plan: SourceRelation) -> Estimate:
        index = file_index(plan.scan)
        if index is None:
            return self._leaf(plan, _UNKNOWN_ROWS)
        is_parquet = plan.scan.name.lower().startswith("parquet")
        rows = row_count(index.files) if is_parquet else None
        if rows is None:
            size = sum(file.length for file in index.files)
            return self._leaf(plan, size / row_width(plan.output))
        base = Base(max(1.0, rows))
        steps = {a.name: _step(a.data_type) for a in plan.output}
        bounds = column_bounds(index.files, [n for n, step in steps.items() if step is not None])
        columns = {
            a.expression_id: _ranged(base, bounds.get(a.name), steps[a.name]) for a in plan.output
        }
        return Estimate(base.rows, row_width(plan.output), columns)

    def _range(self, plan: Range) -> Estimate:
        base = Base(max(1.0, len(range(plan.start, plan.end, plan.step))))
        low, high = sorted((plan.start, plan.end - plan.step))
        column = ColumnEstimate(base, low, high, abs(plan.step))
        ids = ids_of(plan.output)
        return Estimate(base.rows, row_width(plan.output), dict.fromkeys(ids, column))

    def _local(self, plan: LocalRelation) -> Estimate:
        return self._leaf(plan, plan.table.num_rows)

    def _stage(self, plan: QueryStage) -> Estimate:
        return self._leaf(plan, plan.rows)

    def _one_row(self, plan: OneRowRelation) -> Estimate:
        return self._leaf(plan, 1)

    def _with(self, plan: With) -> Estimate:
        self._definitions.update(plan.definitions)
        return self.of(plan.child)

    def _reference(self, plan: CteReference) -> Estimate:
        definition = self._definitions.get(plan.cte_id)
        if definition is None:
            return self._leaf(plan, _UNKNOWN_ROWS)
        return self._renamed(self.of(definition), definition, plan)

    # Operators

    def _passed(self, plan: LogicalPlan) -> Estimate:
        """The rows of the only input; columns that are new may have any values."""
        if len(plan.children) != 1:
            rows = prod(self.of(child).rows for child in plan.children)
            return self._leaf(plan, rows if plan.children else _UNKNOWN_ROWS)
        below = self.of(plan.children[0])
        base = Base(below.rows)
        columns = {
            a.expression_id: below.columns.get(a.expression_id) or ColumnEstimate(base)
            for a in plan.output
        }
        return Estimate(below.rows, row_width(plan.output), columns)

    def _project(self, plan: Project | LocalWindow) -> Estimate:
        below = self.of(plan.child)
        base = Base(below.rows)
        columns = {
            item.expression_id: _column(item, below) or ColumnEstimate(base)
            for item in plan.project_list
        }
        return Estimate(below.rows, row_width(plan.output), columns)

    def _filter(self, plan: Filter) -> Estimate:
        below = self.of(plan.child)
        columns = {**below.columns}
        for column, parts in _by_column(plan.condition, below).items():
            known = columns[column]
            share = known.share * selectivity(all_of(parts), below.columns)
            columns[column] = replace(known, share=share)
        passing = self._tried(plan)
        if passing is None:
            passing = selectivity(plan.condition, below.columns)
        rows = below.rows * passing
        return Estimate(max(1.0, rows), below.width, columns)

    def _join(self, plan: Join) -> Estimate:
        return self.of_join(plan, self.of(plan.left), self.of(plan.right))

    def _runtime_filter(self, plan: RuntimeFilter) -> Estimate:
        return self.of(Join(plan.child, plan.stage, JoinType.LEFT_SEMI, plan.condition))

    def _aggregate(self, plan: Aggregate | PartialAggregate) -> Estimate:
        below = self.of(plan.child)
        columns = {e: _column(e, below) for e in plan.grouping}
        rows = _groups(below, [*columns.values()])
        base = Base(rows)
        return Estimate(
            rows * len(plan.grouping_sets or "1"),
            row_width(plan.output),
            {
                item.expression_id: _rebased(columns.get(_made_of(item)), base)
                for item in plan.aggregates
            },
        )

    def _distinct(self, plan: Distinct) -> Estimate:
        below = self.of(plan.child)
        keys = [below.columns.get(a.expression_id) for a in plan.keys or plan.output]
        return below.with_rows(_groups(below, keys))

    def _union(self, plan: Union) -> Estimate:
        return self._leaf(plan, sum(self.of(child).rows for child in plan.inputs))

    def _looking_up(self, plan: LateralJoin | AsOfJoin) -> Estimate:
        left, right = self.of(plan.left), self.of(plan.right)
        return Estimate(left.rows, left.width + right.width, {**right.columns, **left.columns})

    def _recursive(self, plan: RecursiveCte) -> Estimate:
        return self._leaf(plan, self.of(plan.anchor).rows * _STEPS)

    def _set_operation(self, plan: SetOperation) -> Estimate:
        return self._renamed(self.of(plan.left), plan.left, plan)

    def _limit(self, plan: Limit) -> Estimate:
        below = self.of(plan.child)
        match plan.limit:
            case Literal(value=int() as limit):
                return below.with_rows(min(below.rows, float(limit)))
        return below

    def _local_limit(self, plan: LocalLimit) -> Estimate:
        below = self.of(plan.child)
        return below.with_rows(min(below.rows, float(plan.limit)))

    def _sample(self, plan: Sample) -> Estimate:
        below = self.of(plan.child)
        return below.with_rows(below.rows * (plan.upper - plan.lower))

    def _generate(self, plan: Generate) -> Estimate:
        below = self._passed(plan)
        return below.with_rows(below.rows * _LIST_LENGTH)

    def _renamed(self, below: Estimate, child: LogicalPlan, plan: LogicalPlan) -> Estimate:
        """Return what is believed of rows whose columns have other ids, by position."""
        base = Base(below.rows)
        pairs = zip(plan.output, child.output, strict=True)
        return Estimate(
            below.rows,
            row_width(plan.output),
            {
                new.expression_id: below.columns.get(old.expression_id) or ColumnEstimate(base)
                for new, old in pairs
            },
        )


def _by_column(condition: Expression, below: Estimate) -> dict[int, list[Expression]]:
    """Return the parts of a condition that read a single column, by that column."""
    found: dict[int, list[Expression]] = {}
    for part in conjuncts(condition):
        read = columns_read([part])
        if len(read) == 1 and read <= below.columns.keys():
            found.setdefault(min(read), []).append(part)
    return found


def _ranged(base: Base, bounds: tuple[float, float] | None, step: float | None) -> ColumnEstimate:
    if bounds is None or step is None:
        return ColumnEstimate(base)
    return ColumnEstimate(base, *bounds, step)


def _step(data_type: DataType) -> float | None:
    """Return what lies between neighbours of a type; None for what has no number."""
    if isinstance(data_type, _WHOLE):
        return 1.0
    if isinstance(data_type, DecimalType):
        return float(10**-data_type.scale)
    return (
        0.0 if data_type.typeName() in ("float", "double", "timestamp", "timestamp_ntz") else None
    )


def _made_of(item: Expression) -> Expression:
    return item.child if isinstance(item, Alias) else item


def _column(item: Expression, below: Estimate) -> ColumnEstimate | None:
    """Return what is believed of an item if it is a column, perhaps of another type of numbers."""
    made_of = _made_of(item)
    return column_of(made_of, below.columns) if isinstance(made_of, (Attribute, Cast)) else None


def _paired(right: Estimate, keys: Sequence[ColumnEstimate | None], values: float) -> float:
    """Return the share of left rows that have a partner."""
    distinct = prod(right.rows if key is None else key.distinct for key in keys)
    return min(1.0, min(distinct, right.rows) / values)


def _groups(below: Estimate, keys: Sequence[ColumnEstimate | None]) -> float:
    """Return how many different keys there are in rows."""
    sizes = [
        key.distinct * key.share
        if key is not None and key.is_counted
        else below.rows * _DISTINCT_SHARE
        for key in keys
    ]
    return max(1.0, min(below.rows, prod(sizes)))


def _rebased(column: ColumnEstimate | None, base: Base) -> ColumnEstimate:
    if column is None:
        return ColumnEstimate(base)
    return replace(column, base=base)


_RULES: dict[type[LogicalPlan], Callable[[Cardinality, Any], Estimate]] = {
    Aggregate: Cardinality._aggregate,
    AsOfJoin: Cardinality._looking_up,
    CteReference: Cardinality._reference,
    Distinct: Cardinality._distinct,
    Filter: Cardinality._filter,
    Generate: Cardinality._generate,
    Join: Cardinality._join,
    LateralJoin: Cardinality._looking_up,
    Limit: Cardinality._limit,
    LocalLimit: Cardinality._local_limit,
    LocalRelation: Cardinality._local,
    LocalWindow: Cardinality._project,
    OneRowRelation: Cardinality._one_row,
    PartialAggregate: Cardinality._aggregate,
    Project: Cardinality._project,
    QueryStage: Cardinality._stage,
    Range: Cardinality._range,
    RecursiveCte: Cardinality._recursive,
    RuntimeFilter: Cardinality._runtime_filter,
    Sample: Cardinality._sample,
    SetOperation: Cardinality._set_operation,
    SourceRelation: Cardinality._source,
    Union: Cardinality._union,
    With: Cardinality._with,
}
