"""Physical plans in Spark's words: what reads, moves, joins and groups rows, and how.

Conditions stand where they are computed, at the tables, and tables give only the columns that
something reads: DuckDB arranges it so. The kinds of joins and the exchanges are those that
Spark would choose by hints and sizes; in one process all rows are at hand, so they tell how
large the parts of a query are thought to be, and what a cluster would do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pyrite.sql.execution.explain.expression_text import expression_text, list_text
from pyrite.sql.execution.explain.joins import JoinParts, join_arguments, join_parts
from pyrite.sql.execution.explain.logical import LINES, scan_format
from pyrite.sql.execution.explain.plan_node import PlanNode
from pyrite.sql.execution.explain.predicates import (
    conjunction_text,
    is_movable,
    nodes_of,
    pushed_filter,
    queries_in,
    rewritten,
    with_null_checks,
)
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Expression,
    NamedExpression,
    SortOrder,
    WindowExpression,
)
from pyrite.sql.optimizer.conditions import column_ids, conjuncts
from pyrite.sql.optimizer.join_strategy import BROADCAST_THRESHOLD, JoinStrategy, join_strategy
from pyrite.sql.optimizer.sizes import Cached, file_index, size_of
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.exchange import PartialAggregate
from pyrite.sql.plans.plan import JoinType, LogicalPlan
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import StructType

__all__ = ["Made", "PhysicalPicture", "details_of"]

_TOP = "TakeOrderedAndProject"
#: What Spark calls the formats that it does not just capitalize.
_FORMATS = {"csv": "CSV", "json": "JSON", "orc": "ORC"}


@dataclass(frozen=True)
class Made:
    """The picture of a plan, and what is known of where its rows are.

    Attributes:
        node: The picture.
        output: Its columns.
        keys: The texts of what the rows are spread by; None if that is not known.
        order: The texts of what they are sorted by.
    """

    node: PlanNode
    output: Sequence[NamedExpression]
    keys: tuple[str, ...] | None = None
    order: tuple[str, ...] = ()


def details_of(made: Made | None, *more: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what the numbered list says of an operator: its input's columns, and more."""
    given = [] if made is None else [(f"Input [{len(made.output)}]", list_text(made.output))]
    return (*given, *more)


class PhysicalPicture:
    """Draws what is run for an optimized plan.

    Args:
        session: For its settings.
        cached: From a relation of cached rows to the picture of them.
        sizes: From a relation of cached rows to their size.
    """

    def __init__(
        self,
        session: SessionState,
        cached: Callable[[plans.CachedRelation], PlanNode],
        sizes: Cached,
    ) -> None:
        self._cached = cached
        self._sizes = sizes
        self._splits = session.shared.context.defaultParallelism
        self._partitions = session.conf.get("spark.sql.shuffle.partitions") or "200"
        self._threshold = session.conf.read(BROADCAST_THRESHOLD)
        self._used: set[int] = set()
        self._exchanges = 0

    def _bytes(self, plan: LogicalPlan) -> int:
        return size_of(plan, self._sizes).bytes

    def node(self, plan: LogicalPlan) -> PlanNode:
        """Return the picture of a plan."""
        self._note_used(plan)
        self._used.update(a.expression_id for a in plan.output)
        before = self._exchanges
        made = self._made(plan, [])
        if self._exchanges == before:
            return made.node
        details = (_output(plan.output), ("Arguments", "isFinalPlan=false"))
        return PlanNode("AdaptiveSparkPlan", "isFinalPlan=false", (made.node,), details)

    def _note_used(self, plan: LogicalPlan) -> None:
        """Note the columns that something reads; the rest is not read from tables."""
        for node in plan.walk():
            for expression in node.expressions if node.children else ():
                self._used.update(a.expression_id for a in expression.references())
            if isinstance(node, (plans.Union, plans.SetOperation, plans.Distinct, plans.With)):
                for child in node.children:
                    self._used.update(a.expression_id for a in child.output)
            for inner in plans.subplans(node):
                self._note_used(inner)
                self._used.update(a.expression_id for a in inner.output)

    def _made(self, plan: LogicalPlan, above: list[Expression]) -> Made:
        """Draw a plan whose rows must fulfil the conditions ``above`` as well."""
        draw = _DRAWN.get(type(plan))
        if draw is not None:
            made: Made = draw(self, plan, above)
            return made
        children = [self._made(child, []) for child in plan.children]
        inner = [self.node(query) for query in plans.subplans(plan)]
        name, arguments = _line(plan)
        details = details_of(children[0] if len(children) == 1 else None)
        if arguments:
            details = (*details, ("Arguments", arguments))
        nodes = (*inner, *(child.node for child in children))
        return self._filtered(Made(PlanNode(name, arguments, nodes, details), plan.output), above)

    def _filtered(self, made: Made, conditions: list[Expression]) -> Made:
        texts = with_null_checks(conditions)
        if not texts:
            return made
        text = conjunction_text(texts)
        inner = tuple(self.node(p) for p in queries_in(conditions))
        details = details_of(made, ("Condition ", text))
        return replace(made, node=PlanNode("Filter", text, (*inner, made.node), details))

    # Leaves

    def _range(self, plan: plans.Range, above: list[Expression]) -> Made:
        splits = plan.num_partitions or self._splits
        text = f"({plan.start}, {plan.end}, step={plan.step}, splits={splits})"
        details = (_output(plan.output), ("Arguments", f"Range {text}"))
        return self._filtered(Made(PlanNode("Range", text, (), details), plan.output), above)

    def _local(self, plan: plans.LocalRelation, above: list[Expression]) -> Made:
        columns = list_text(plan.output)
        details = (_output(plan.output), ("Arguments", columns))
        made = Made(PlanNode("LocalTableScan", columns, (), details), plan.output)
        return self._filtered(made, above)

    def _one_row(self, plan: plans.OneRowRelation, above: list[Expression]) -> Made:
        node = PlanNode("Scan OneRowRelation[]", details=(_output(()),))
        return self._filtered(Made(node, ()), above)

    def _kept(self, plan: plans.CachedRelation, above: list[Expression]) -> Made:
        read = [a for a in plan.output if a.expression_id in self._used]
        columns = list_text(read)
        tests = [c for c in above if is_movable(c)]
        text = columns + (f", [{', '.join(with_null_checks(tests))}]" if tests else "")
        details = (_output(read), ("Arguments", text))
        node = PlanNode("InMemoryTableScan", text, (), details, inner=self._cached(plan))
        return self._filtered(Made(node, read), above)

    def _source(self, plan: plans.SourceRelation, above: list[Expression]) -> Made:
        index = file_index(plan.scan)
        read = [a for a in plan.output if a.expression_id in self._used]
        if index is None:
            name = f"Scan {scan_format(plan)}{list_text(read, ',')}"
            return self._filtered(Made(PlanNode(name, details=(_output(read),)), read), above)
        directories = {name.lower() for name in index.partition_schema.names}
        places = {a.expression_id for a in plan.output if a.name.lower() in directories}
        by_place = [c for c in above if column_ids(c) and column_ids(c) <= places and is_movable(c)]
        by_data = [c for c in above if c not in by_place]
        pushed = [_checked(text, plan.output) for text in with_null_checks(by_data)]
        told = [text for text in pushed if text] + [
            text for text in map(pushed_filter, filter(is_movable, by_data)) if text
        ]
        kind = scan_format(plan)
        schema = StructType([f for f in plan.schema.fields if f.name.lower() not in directories])
        wanted = {a.name for a in read}
        struct = StructType([f for f in schema.fields if f.name in wanted]).simpleString()
        known = [
            ("Batched", str(kind in ("parquet", "orc")).lower()),
            ("DataFilters", f"[{', '.join(with_null_checks(by_data))}]"),
            ("Format", _FORMATS.get(kind, kind.title())),
            ("Location", f"InMemoryFileIndex({len(index.roots)} paths)[{', '.join(index.roots)}]"),
            ("PartitionFilters", f"[{', '.join(with_null_checks(by_place))}]"),
            ("PushedFilters", f"[{', '.join(dict.fromkeys(told))}]"),
            ("ReadSchema", struct),
        ]
        name = f"FileScan {kind} {'.'.join(plan.table)}{list_text(read, ',')}"
        texts = ", ".join(f"{title}: {text}" for title, text in known)
        shown = [(t, x) for t, x in known if x != "[]" and t not in ("Format", "DataFilters")]
        node = PlanNode(name, texts, (), (_output(read), *shown), f"Scan {kind}")
        return self._filtered(Made(node, read), by_data)

    def _union(self, plan: plans.Union, above: list[Expression]) -> Made:
        if all(
            isinstance(r, plans.Project) and isinstance(r.child, plans.OneRowRelation)
            for r in plan.inputs
        ):
            columns = list_text(plan.output)
            details = (_output(plan.output), ("Arguments", columns))
            made = Made(PlanNode("LocalTableScan", columns, (), details), plan.output)
            return self._filtered(made, above)
        nodes = tuple(self._made(query, []).node for query in plan.inputs)
        return self._filtered(Made(PlanNode("Union", "", nodes), plan.output), above)

    # Row by row

    def _project(self, plan: plans.Project, above: list[Expression]) -> Made:
        windows = [item for item in plan.project_list if item.find(WindowExpression)]
        moved: list[Expression] = []
        kept: list[Expression] = []
        for condition in above:
            below = None if windows else rewritten(condition, plan.project_list)
            (kept if below is None else moved).append(below or condition)
        made = self._made(plan.child, moved)
        if windows:
            made = self._window(windows, made)
        elif [i.expression_id for i in plan.project_list] == [i.expression_id for i in made.output]:
            return made
        computed = {item.expression_id for item in windows}
        items = [
            i.to_attribute() if isinstance(i, Alias) and i.expression_id in computed else i
            for i in plan.project_list
        ]
        inner = tuple(self.node(p) for p in queries_in(items))
        text = list_text(items)
        details = (_output(items), *details_of(made))
        node = PlanNode("Project", text, (*inner, made.node), details)
        return self._filtered(replace(made, node=node, output=plan.output), kept)

    def _window(self, items: Sequence[NamedExpression], made: Made) -> Made:
        first = next(nodes_of(items, WindowExpression))
        made = self._sorted_by(
            self._spread(made, first.partition),
            [*map(SortOrder, first.partition), *first.order],
        )
        text = f"{list_text(items)}, {list_text(first.partition)}, {list_text(first.order)}"
        node = PlanNode("Window", text, (made.node,), details_of(made, ("Arguments", text)))
        return replace(made, node=node, output=[*made.output, *_attributes(items)])

    def _filter(self, plan: plans.Filter, above: list[Expression]) -> Made:
        return self._made(plan.child, [*conjuncts(plan.condition), *above])

    def _passed(self, plan: plans.SubqueryAlias, above: list[Expression]) -> Made:
        return self._made(plan.child, above)

    # Moving rows

    def _spread(self, made: Made, keys: Sequence[Expression]) -> Made:
        """Put an exchange below what needs equal keys at one place."""
        texts = tuple(map(expression_text, keys))
        if made.keys is not None and made.keys == texts:
            return made
        how = (
            f"hashpartitioning({', '.join((*texts, self._partitions))})"
            if keys
            else "SinglePartition"
        )
        return replace(self._exchange(made, how), keys=texts)

    def _exchange(self, made: Made, how: str, why: str = "ENSURE_REQUIREMENTS") -> Made:
        self._exchanges += 1
        text = f"{how}, {why}, [plan_id={self._exchanges}]"
        node = PlanNode("Exchange", text, (made.node,), details_of(made, ("Arguments", text)))
        return Made(node, made.output)

    def _sorted_by(self, made: Made, order: Sequence[SortOrder], everywhere: bool = False) -> Made:
        texts = tuple(map(expression_text, order))
        if not texts or (made.order[: len(texts)] == texts and not everywhere):
            return made
        text = f"[{', '.join(texts)}], {str(everywhere).lower()}, 0"
        node = PlanNode("Sort", text, (made.node,), details_of(made, ("Arguments", text)))
        return replace(made, node=node, order=texts)

    def _sort(self, plan: plans.Sort, above: list[Expression]) -> Made:
        made = self._made(plan.child, above)
        if plan.is_global:
            texts = ", ".join([*map(expression_text, plan.order), self._partitions])
            made = self._exchange(made, f"rangepartitioning({texts})")
        return self._sorted_by(made, plan.order, plan.is_global)

    def _limit(self, plan: plans.Limit, above: list[Expression]) -> Made:
        count = expression_text(plan.limit)
        child = plan.child
        if isinstance(child, plans.Sort) and child.is_global:
            made = self._made(child.child, [])
            columns = list_text(made.output, ",")
            text = f"limit={count}, orderBy={list_text(child.order, ',')}, output={columns}"
            details = details_of(made, ("Arguments", text))
            node = PlanNode(f"TakeOrderedAndProject({text})", "", (made.node,), details, _TOP)
            return self._filtered(Made(node, made.output), above)
        made = self._made(child, [])
        node = PlanNode("CollectLimit", count, (made.node,), details_of(made, ("Arguments", count)))
        return self._filtered(Made(node, made.output), above)

    def _repartition(self, plan: plans.Repartition, above: list[Expression]) -> Made:
        made = self._made(plan.child, above)
        if not plan.shuffle:
            node = PlanNode("Coalesce", str(plan.num_partitions), (made.node,), details_of(made))
            return Made(node, made.output)
        count = plan.num_partitions or self._partitions
        why = "REPARTITION_BY_NUM" if plan.num_partitions else "REPARTITION_BY_COL"
        texts = ", ".join([*map(expression_text, plan.keys), str(count)])
        by_range = any(isinstance(key, SortOrder) for key in plan.keys)
        word = "rangepartitioning" if by_range else "hashpartitioning"
        return self._exchange(
            made, f"{word if plan.keys else 'RoundRobinPartitioning'}({texts})", why
        )

    # Groups

    def _aggregate(self, plan: plans.Aggregate, above: list[Expression]) -> Made:
        made = self._expanded(plan, self._made(plan.child, []))
        found = dict.fromkeys(nodes_of(plan.aggregates, AggregateExpression))
        functions = list(map(expression_text, found))
        return self._filtered(self._grouped(made, plan.grouping, functions, plan.output), above)

    def _expanded(self, plan: plans.Aggregate | PartialAggregate, made: Made) -> Made:
        """Draw the rows of an aggregate once for each of its grouping sets."""
        if plan.grouping_sets is None:
            return made
        keys = plan.grouping
        sets = ", ".join(list_text(keys[i] for i in chosen) for chosen in plan.grouping_sets)
        node = PlanNode("Expand", f"[{sets}], {list_text(keys)}", (made.node,), details_of(made))
        return replace(made, node=node, keys=None)

    def _grouped(
        self,
        made: Made,
        keys: Sequence[Expression],
        functions: list[str],
        output: Sequence[NamedExpression],
    ) -> Made:
        partial = self._hash_aggregate(made, keys, [f"partial_{f}" for f in functions], made.output)
        spread = self._spread(replace(partial, keys=made.keys), keys)
        done = self._hash_aggregate(spread, keys, functions, output)
        return replace(done, keys=spread.keys)

    def _hash_aggregate(
        self,
        made: Made,
        keys: Sequence[Expression],
        functions: list[str],
        output: Sequence[NamedExpression],
    ) -> Made:
        text = f"(keys={list_text(keys)}, functions=[{', '.join(functions)}])"
        details = details_of(
            made,
            (f"Keys [{len(keys)}]", list_text(keys)),
            (f"Functions [{len(functions)}]", f"[{', '.join(functions)}]"),
            (f"Results [{len(output)}]", list_text(output)),
        )
        # A name directly before its bracket, as in HashAggregate(keys=...).
        node = PlanNode(f"HashAggregate{text}", "", (made.node,), details, "HashAggregate")
        return Made(node, output)

    def _distinct(self, plan: plans.Distinct, above: list[Expression]) -> Made:
        made = self._made(plan.child, above)
        return self._grouped(made, plan.keys or plan.output, [], plan.output)

    # Joins

    def _join(self, plan: plans.Join, above: list[Expression]) -> Made:
        parts = join_parts(plan, above)
        strategy = self._strategy(plan, bool(parts.keys))
        sides = self._sides(plan, parts, strategy)
        left, right = parts.left_keys, parts.right_keys
        texts = [expression_text(condition) for condition in parts.others]
        if strategy.name == "CartesianProduct":
            pairs = zip(left, right, strict=True)
            equal = [f"({expression_text(a)} = {expression_text(b)})" for a, b in pairs]
            texts = equal + texts
        condition = conjunction_text(texts) if texts else ""
        arguments = join_arguments(strategy, str(plan.join_type), parts, condition)
        details = (
            (f"Left keys [{len(left)}]", list_text(left)),
            (f"Right keys [{len(right)}]", list_text(right)),
            ("Join type", str(plan.join_type)),
            ("Join condition", condition or "None"),
        )
        title = " ".join(filter(None, [strategy.name, plan.join_type, strategy.build]))
        nodes = (sides[0].node, sides[1].node)
        node = PlanNode(strategy.name, arguments, nodes, details, title)
        only_left = plan.join_type in (JoinType.LEFT_SEMI, JoinType.LEFT_ANTI)
        output = [*sides[0].output, *(() if only_left else sides[1].output)]
        stays = plan.join_type is not JoinType.FULL_OUTER and strategy.name != "CartesianProduct"
        order = sides[0].order if strategy.name == "SortMergeJoin" and stays else ()
        made = Made(node, output, sides[0].keys if stays else None, order)
        return self._filtered(made, parts.above)

    def _strategy(self, plan: plans.Join, has_keys: bool) -> JoinStrategy:
        return join_strategy(plan, has_keys, self._threshold, self._bytes)

    def _sides(
        self, plan: plans.Join, parts: JoinParts, strategy: JoinStrategy
    ) -> tuple[Made, Made]:
        """Draw the inputs of a join, and how their rows meet."""
        sides = self._made(plan.left, parts.for_left), self._made(plan.right, parts.for_right)
        left, right = parts.left_keys, parts.right_keys
        match strategy.name:
            case "BroadcastHashJoin" | "BroadcastNestedLoopJoin":
                sent = self._broadcast(sides[strategy.side or 0], right if strategy.side else left)
                return (sides[0], sent) if strategy.side else (sent, sides[1])
            case "ShuffledHashJoin":
                return self._spread(sides[0], left), self._spread(sides[1], right)
            case "SortMergeJoin":
                return (
                    self._sorted_by(self._spread(sides[0], left), [*map(SortOrder, left)]),
                    self._sorted_by(self._spread(sides[1], right), [*map(SortOrder, right)]),
                )
        return sides

    def _broadcast(self, made: Made, keys: Sequence[Expression]) -> Made:
        self._exchanges += 1
        listed = ", ".join(map(expression_text, keys))
        mode = "IdentityBroadcastMode"
        if keys:
            mode = f"HashedRelationBroadcastMode(List({listed}),false)"
        text = f"{mode}, [plan_id={self._exchanges}]"
        details = details_of(made, ("Arguments", text))
        return replace(made, node=PlanNode("BroadcastExchange", text, (made.node,), details))


def _checked(text: str, output: Sequence[Attribute]) -> str | None:
    """Return the null check that a text is as a source is told it."""
    names = {f"isnotnull({expression_text(a)})": a.name for a in output}
    return f"IsNotNull({names[text]})" if text in names else None


def _attributes(items: Sequence[NamedExpression]) -> list[Attribute]:
    return [item.to_attribute() if isinstance(item, Alias) else item for item in items]


def _output(items: Sequence[NamedExpression]) -> tuple[str, str]:
    return f"Output [{len(items)}]", list_text(items)


def _line(plan: LogicalPlan) -> tuple[str, str]:
    line = LINES.get(type(plan))
    if line is None:
        return type(plan).__name__, list_text(plan.output)
    name, arguments = line(plan)
    return _RENAMED.get(name, name), arguments


#: Operators whose line is the logical plan's, under another name.
_RENAMED = {"Tail": "CollectTail"}

_DRAWN: dict[type[LogicalPlan], Callable[[PhysicalPicture, Any, list[Expression]], Made]] = {
    plans.Range: PhysicalPicture._range,
    plans.LocalRelation: PhysicalPicture._local,
    plans.OneRowRelation: PhysicalPicture._one_row,
    plans.CachedRelation: PhysicalPicture._kept,
    plans.SourceRelation: PhysicalPicture._source,
    plans.Union: PhysicalPicture._union,
    plans.Project: PhysicalPicture._project,
    plans.Filter: PhysicalPicture._filter,
    plans.SubqueryAlias: PhysicalPicture._passed,
    plans.Sort: PhysicalPicture._sort,
    plans.Limit: PhysicalPicture._limit,
    plans.Repartition: PhysicalPicture._repartition,
    plans.Aggregate: PhysicalPicture._aggregate,
    plans.Distinct: PhysicalPicture._distinct,
    plans.Join: PhysicalPicture._join,
}
