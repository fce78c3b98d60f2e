"""Plans that also tell in which partition Spark would have each row.

::

    Filter even                       Filter even
    +- Range 0 to 20, 3 slices   =>   +- Project [id, slice of (id - 0) / 1 AS partition]
                                         +- Range 0 to 20, 3 slices

DuckDB knows no partitions: a plan is rewritten like this only where something asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pyrite.core.rdd.xor_shift import first_int
from pyrite.sql.analysis.calls import typed_call
from pyrite.sql.catalog.cache_manager import PARTITION_COLUMN
from pyrite.sql.conf import ANSI_ENABLED
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Expression,
    FrameBound,
    Literal,
    SortOrder,
    WindowExpression,
    new_expression_id,
)
from pyrite.sql.functions.files import of_file
from pyrite.sql.functions.kernels.unsafe_rows import has_layout
from pyrite.sql.functions.partitions import REDUCER, ROW_HASH, ROW_POSITION, SLICE
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.functions.type_coercion import cast_to
from pyrite.sql.optimizer.partitioning import (
    file_partitions,
    is_constant_rows,
    partitioning_of,
    ranges_over,
    row_limit,
)
from pyrite.sql.optimizer.row_places import beside_local
from pyrite.sql.optimizer.tell_files import with_file
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import INTEGER, LONG

__all__ = ["NumberedPlan", "number_rows"]

#: Up to so many rows ``repartition`` deals in the order in which Spark deals them.
_MOST_SHUFFLED = 1_000_000


@dataclass(frozen=True, slots=True)
class NumberedPlan:
    """A plan with a column more.

    Attributes:
        plan: The plan. Its rows come partition after partition, in Spark's order where that is
            known, unless another order would do.
        partition: The column of the number of each row's partition.
        count: How many partitions there are.
    """

    plan: LogicalPlan
    partition: Attribute
    count: int


def number_rows(
    plan: LogicalPlan, session: SessionState, in_order: bool = True
) -> NumberedPlan | None:
    """Return a plan that also gives the number of each row's partition.

    Args:
        plan: A resolved plan.
        session: For its functions and settings.
        in_order: Whether the rows must come partition after partition.

    Returns:
        None where it is not known in which partitions Spark has the rows, or where they all are
        in one.
    """
    return _Numbering(session).of(plan, in_order)


class _Numbering:
    """Rewrites plans; ``_RULES`` says how each operator is rewritten."""

    def __init__(self, session: SessionState) -> None:
        self.session = session
        self._functions = builtin_functions()
        self._ansi = session.conf.read(ANSI_ENABLED)

    def of(self, plan: LogicalPlan, in_order: bool) -> NumberedPlan | None:
        rule = _RULES.get(type(plan))
        return None if rule is None else rule(self, plan, in_order)

    def _known(self, plan: LogicalPlan) -> NumberedPlan:
        """Return a numbered plan; rows whose partitions are not known are taken for one."""
        below = self.of(plan, True)
        return below or _beside(plan, plan.output, Literal(0, INTEGER), 1)

    # Expressions

    def _call(self, name: str, *arguments: Expression) -> Expression:
        return typed_call(self._functions[name], arguments, self._ansi)

    def _over(
        self,
        function: Expression,
        partition: Sequence[Expression] = (),
        order: Sequence[SortOrder] = (),
        **frame: Any,
    ) -> Expression:
        return WindowExpression(function, tuple(partition), tuple(order), **frame)

    def _aggregate(self, name: str, argument: Expression) -> Expression:
        call = self._call(name, argument)
        assert isinstance(call, Call)
        return AggregateExpression(call)

    # Operators without an input

    def _range(self, plan: plans.Range, in_order: bool) -> NumberedPlan | None:
        count = partitioning_of(plan, self.session).count or 1
        rows = len(range(plan.start, plan.end, plan.step))
        if not rows:
            return None
        (column,) = plan.attributes
        position: Expression = column
        if plan.start:
            position = self._call("-", position, Literal(plan.start, LONG))
        if plan.step != 1:
            position = self._call("div", position, Literal(plan.step, LONG))
        return _beside(plan, plan.output, _slice(position, count, rows), count)

    def _local(self, plan: plans.LocalRelation, in_order: bool) -> NumberedPlan:
        """Cut rows as ``parallelize`` does: in batches, which are dealt out evenly."""
        import numpy as np

        rows = plan.table.num_rows
        count = partitioning_of(plan, self.session).count or 1
        size = max(1, min(rows // count, 1024))
        batches = max(1, -(-rows // size))
        numbers = ((np.arange(rows) // size + 1) * count - 1) // batches
        relation, partition = beside_local(plan, "partition", INTEGER, numbers)
        return NumberedPlan(relation, partition, count)

    def _source(self, plan: plans.SourceRelation, in_order: bool) -> NumberedPlan | None:
        column: str | None = getattr(plan.scan, "partition_column", None)
        if column is not None:
            count = partitioning_of(plan, self.session).count or 1
            partition = Attribute(column, INTEGER, False, new_expression_id())
            source = replace(plan, attributes=(*plan.attributes, partition))
            return NumberedPlan(source, partition, count)
        files = with_file(plan)
        numbers = None if files is None else file_partitions(files.index, self.session)
        if files is None or numbers is None or max(numbers) == 0:
            return None
        of_path = dict(zip(files.index.local_paths, numbers, strict=True))
        number = of_file(files.file, of_path, INTEGER)
        if list(numbers) == sorted(numbers) or not in_order:
            return _beside(files.plan, plan.output, number, max(numbers) + 1)
        position = Alias(_position(), "position")
        placed = plans.Project((*files.plan.output, position), files.plan)
        numbered = _beside(placed, placed.output, number, max(numbers) + 1)
        return _one_by_one(numbered, plan.output, position.to_attribute())

    def _cached(self, plan: plans.CachedRelation, in_order: bool) -> NumberedPlan | None:
        kept = self.session.shared.cache.kept(plan.key)
        if kept is None or not plan.attributes:
            return None
        if not kept.partitions:
            numbered = self.of(kept.plan, False)
            kept.partitions = 1 if numbered is None else numbered.count
        if kept.partitions == 1:
            return None
        partition = Attribute("partition", INTEGER, False, new_expression_id())
        attributes = (*plan.attributes, partition)
        relation = plans.CachedRelation(plan.key, (*plan.columns, PARTITION_COLUMN), attributes)
        numbered = NumberedPlan(relation, partition, kept.partitions)
        if not in_order:
            return numbered
        position = Alias(_position(), "position")
        placed = plans.Project((*attributes, position), relation)
        return _one_by_one(replace(numbered, plan=placed), plan.output, position.to_attribute())

    # Operators that leave rows where they are

    def _same(self, plan: Any, in_order: bool) -> NumberedPlan | None:
        below = self.of(plan.child, in_order)
        return below and replace(below, plan=replace(plan, child=below.plan))

    def _filter(self, plan: plans.Filter, in_order: bool) -> NumberedPlan | None:
        earlier = _filtered_first(plan)
        return self._same(plan, in_order) if earlier is plan else self.of(earlier, in_order)

    def _numbered(self, plan: plans.Numbered, in_order: bool) -> NumberedPlan:
        return NumberedPlan(plan, plan.partition, plan.count)

    def _project(self, plan: plans.Project, in_order: bool) -> NumberedPlan | None:
        below = None if ranges_over(plan.project_list) else self.of(_narrowed(plan), in_order)
        if below is None:
            return None
        return replace(below, plan=plans.Project((*plan.project_list, below.partition), below.plan))

    def _unpivot(self, plan: plans.Unpivot, in_order: bool) -> NumberedPlan | None:
        below = self.of(plan.child, in_order)
        if below is None:
            return None
        unpivot = replace(
            plan,
            ids=(below.partition, *plan.ids),
            attributes=(below.partition.new_instance(), *plan.attributes),
            child=below.plan,
        )
        return NumberedPlan(unpivot, unpivot.attributes[0], below.count)

    def _sample(self, plan: plans.Sample, in_order: bool) -> NumberedPlan | None:
        below = self.of(plan.child, True)
        if below is None:
            return None
        sample = replace(plan, child=below.plan, partition=below.partition)
        return replace(below, plan=sample)

    def _sort(self, plan: plans.Sort, in_order: bool) -> NumberedPlan | None:
        below = None if plan.is_global else self.of(plan.child, False)
        if below is None:
            return None
        order = (SortOrder(below.partition), *plan.order)
        return replace(below, plan=plans.Sort(order, False, below.plan))

    def _map_partitions(self, plan: plans.MapPartitions, in_order: bool) -> NumberedPlan | None:
        count = partitioning_of(plan.child, self.session).count
        if count is None:
            return None
        partition = Attribute("partition", INTEGER, False, new_expression_id())
        return NumberedPlan(replace(plan, partition=partition), partition, count)

    # Operators that move rows

    def _union(self, plan: plans.Union, in_order: bool) -> NumberedPlan | None:
        if partitioning_of(plan, self.session).count is None:
            return None
        if is_constant_rows(plan):
            return self._values(plan)
        inputs: list[LogicalPlan] = []
        before = 0
        for child in plan.inputs:
            below = self._known(child)
            number = self._call("+", below.partition, Literal(before, INTEGER))
            inputs.append(plans.Project((*child.output, Alias(number, "partition")), below.plan))
            before += below.count
        partition = Attribute("partition", INTEGER, False, new_expression_id())
        union = plans.Union(tuple(inputs), (*plan.attributes, partition))
        return NumberedPlan(union, partition, before)

    def _values(self, plan: plans.Union) -> NumberedPlan:
        rows, count = len(plan.inputs), partitioning_of(plan, self.session).count or 1
        partition = Attribute("partition", INTEGER, False, new_expression_id())
        inputs: list[LogicalPlan] = []
        for place, row in enumerate(plan.inputs):
            assert isinstance(row, plans.Project)
            number = Literal(((place + 1) * count - 1) // rows, INTEGER)
            inputs.append(
                replace(row, project_list=(*row.project_list, Alias(number, "partition")))
            )
        union = plans.Union(tuple(inputs), (*plan.attributes, partition))
        return NumberedPlan(union, partition, count)

    def _repartition(self, plan: plans.Repartition, in_order: bool) -> NumberedPlan | None:
        if not plan.shuffle:
            return self._coalesce(plan, in_order)
        while isinstance(plan.child, plans.Repartition):  # only the last one counts
            plan = replace(plan, child=plan.child.child)
        partitioning = partitioning_of(plan, self.session)
        count = partitioning.count or partitioning.buckets
        if count <= 1:
            return None
        if not plan.keys:
            return self._deal(plan, count, in_order)
        child, position = plan.child, None
        if in_order:  # inside of a partition, rows stay in the order they are in
            position = Alias(_position(), "position")
            child = self._known(plan.child).plan
            child = plans.Project((*child.output, position), child)
        if plan.by_id:
            moved = self._by_id(plan, child, count)
        elif isinstance(plan.keys[0], SortOrder):
            moved = self._by_range(plan, child, count)
        else:
            keys = (Literal(count, INTEGER), *plan.keys)
            number: Expression = Call(REDUCER, keys, INTEGER, False)
            moved = _beside(child, child.output, number, count)
        if position is None:
            return moved
        return _one_by_one(moved, plan.output, position.to_attribute())

    def _coalesce(self, plan: plans.Repartition, in_order: bool) -> NumberedPlan | None:
        below = self.of(plan.child, in_order)
        count = plan.num_partitions or 1
        if below is None or below.count <= count:
            return below
        number = _slice(cast_to(below.partition, LONG, True), count, below.count)
        return _beside(below.plan, plan.output, number, count)

    def _by_id(self, plan: plans.Repartition, child: LogicalPlan, count: int) -> NumberedPlan:
        number = self._call("pmod", plan.keys[0], Literal(count, INTEGER))
        number = self._call("coalesce", number, Literal(0, INTEGER))
        return _beside(child, child.output, cast_to(number, INTEGER, True), count)

    def _by_range(self, plan: plans.Repartition, child: LogicalPlan, count: int) -> NumberedPlan:
        """Cut rows by bounds that part the keys evenly.

        With so many rows up to the i-th key that they are f(i) whole shares, at most f(i) bounds
        are needed, and a key is a bound once: so b(i) = min(b(i - 1) + 1, f(i)) bounds are at or
        below it, which is i + min(0, min over j <= i of f(j) - j). The rows of a key go to the
        partition whose number is that of the bounds below it.
        """
        order = tuple([key for key in plan.keys if isinstance(key, SortOrder)])
        one = Literal(1, INTEGER)
        rank = Alias(self._over(self._call("dense_rank"), (), order), "rank")
        up_to = Alias(self._over(self._aggregate("count", one), (), order), "up_to")
        total = Alias(self._over(self._aggregate("count", one)), "total")
        ranked = plans.Project((*child.output, rank, up_to, total), child)
        place = rank.to_attribute()
        shares = self._call(
            "div",
            self._call("*", up_to.to_attribute(), Literal(count, LONG)),
            total.to_attribute(),
        )
        missing = Alias(
            self._over(
                self._aggregate("min", self._call("-", shares, place)),
                (),
                (SortOrder(place),),
                frame_rows=False,
                frame_lower=FrameBound.UNBOUNDED,
                frame_upper=Literal(-1, INTEGER),
            ),
            "missing",
        )
        counted = plans.Project((*child.output, place, missing), ranked)
        zero = Literal(0, LONG)
        lacking = self._call("least", zero, self._call("coalesce", missing.to_attribute(), zero))
        below = self._call("+", self._call("-", place, one), lacking)
        number = cast_to(self._call("least", below, Literal(count - 1, LONG)), INTEGER, True)
        return _beside(counted, child.output, number, count)

    def _deal(self, plan: plans.Repartition, count: int, in_order: bool) -> NumberedPlan:
        """Deal rows around the partitions.

        Spark deals each partition's rows in the order of their hashes, from a partition that
        the number of their own decides.
        """
        below = self._known(plan.child)
        own = below.partition
        position = Alias(_position(), "position")
        placed = plans.Project((*below.plan.output, position), below.plan)
        limit = row_limit(plan.child)
        exact = limit is not None and limit <= _MOST_SHUFFLED and bool(plan.output)
        if not exact or not all(has_layout(a.data_type) for a in plan.output):
            place = position.to_attribute()
            number = cast_to(self._call("pmod", place, Literal(count, LONG)), INTEGER, True)
            moved = _beside(placed, placed.output, number, count)
            return _one_by_one(moved, plan.output, place) if in_order else moved
        hashes = Alias(Call(ROW_HASH, plan.output, INTEGER, False), "hash")
        hashed = plans.Project((*placed.output, hashes), placed)
        order = [SortOrder(hashes.to_attribute()), SortOrder(position.to_attribute())]
        dealing = Alias(self._over(self._call("row_number"), (own,), order), "place")
        counted = plans.Project((*plan.output, own, dealing), hashed)
        start: Expression = Literal(0, INTEGER)
        for index in range(below.count):
            here = self._call("=", own, Literal(index, INTEGER))
            start = self._call("if", here, Literal(first_int(index, count), INTEGER), start)
        after_start = self._call("+", dealing.to_attribute(), start)
        number = self._call("pmod", after_start, Literal(count, INTEGER))
        dealt = _beside(counted, counted.output, number, count)
        return _one_by_one(dealt, plan.output, own, dealing.to_attribute())


def _one_by_one(
    moved: NumberedPlan, output: Sequence[Attribute], *order: Attribute
) -> NumberedPlan:
    """Bring partitions one after the other, the rows of each in a given order."""
    keys = tuple([SortOrder(key) for key in (moved.partition, *order)])
    ordered = plans.Sort(keys, False, moved.plan)
    return replace(moved, plan=plans.Project((*output, moved.partition), ordered))


def _filtered_first(plan: LogicalPlan) -> LogicalPlan:
    """Return a plan that asks conditions before it moves rows, as Spark's optimizer does."""
    match plan:
        case plans.Filter(child=plans.Repartition() as moved) if plan.condition.deterministic:
            return replace(moved, child=_filtered_first(replace(plan, child=moved.child)))
    return plan


def _narrowed(plan: plans.Project) -> LogicalPlan:
    """Return a Project's child; rows that are dealt have only the columns that are read."""
    child = _filtered_first(plan.child)
    if not isinstance(child, plans.Repartition) or child.keys or not child.shuffle:
        return child
    read = {a.expression_id for item in plan.project_list for a in item.references()}
    columns = tuple([a for a in child.output if a.expression_id in read])
    if len(columns) in (0, len(child.output)):
        return child
    return replace(child, child=plans.Project(columns, child.child))


def _beside(
    plan: LogicalPlan, output: Sequence[Attribute], number: Expression, count: int
) -> NumberedPlan:
    """Return a plan with an expression as the number of a row's partition."""
    partition = Alias(number, "partition")
    return NumberedPlan(
        plans.Project((*output, partition), plan),
        partition.to_attribute().with_nullable(False),
        count,
    )


def _position() -> Expression:
    return Call(ROW_POSITION, (), LONG, False)


def _slice(position: Expression, count: int, rows: int) -> Expression:
    return Call(SLICE, (position, Literal(count, LONG), Literal(rows, LONG)), INTEGER, False)


_Rule = Callable[[_Numbering, Any, bool], NumberedPlan | None]

_RULES: dict[type[LogicalPlan], _Rule] = {
    plans.CachedRelation: _Numbering._cached,
    plans.CollectMetrics: _Numbering._same,
    plans.EvalPython: _Numbering._same,
    plans.Filter: _Numbering._filter,
    plans.Generate: _Numbering._same,
    plans.LocalRelation: _Numbering._local,
    plans.MapPartitions: _Numbering._map_partitions,
    plans.Numbered: _Numbering._numbered,
    plans.Project: _Numbering._project,
    plans.Range: _Numbering._range,
    plans.Repartition: _Numbering._repartition,
    plans.Sample: _Numbering._sample,
    plans.Sort: _Numbering._sort,
    plans.SourceRelation: _Numbering._source,
    plans.SubqueryAlias: _Numbering._same,
    plans.Union: _Numbering._union,
    plans.Unpivot: _Numbering._unpivot,
    plans.With: _Numbering._same,
}
