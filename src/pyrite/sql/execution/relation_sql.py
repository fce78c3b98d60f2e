"""Resolved operators as DuckDB SQL.

Each operator adds to the ``Select`` of its child where SQL allows it, and otherwise puts the
child into FROM. A column is known by its attribute's id everywhere, so names cannot clash.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from pyrite.sql.duckdb_text import identifier, quote
from pyrite.sql.errors import internal_error
from pyrite.sql.execution.error_places import ErrorPlaces
from pyrite.sql.execution.expression_sql import (
    ExpressionWriter,
    column_name,
    literal_sql,
    sort_direction,
)
from pyrite.sql.execution.fragment import ArrowFunction, Input
from pyrite.sql.execution.select import OrderKey, Select
from pyrite.sql.expressions.expression import (
    Attribute,
    Call,
    Expression,
    Literal,
    NamedExpression,
    SortOrder,
    SubqueryExpression,
    WindowExpression,
)
from pyrite.sql.functions.nested_order import holds_nulls, order_key
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.plans.exchange import Bucketed, LocalWindow, PartialAggregate, SortKeys
from pyrite.sql.plans.plan import (
    Aggregate,
    AsOfJoin,
    CachedRelation,
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
    Numbered,
    Offset,
    OneRowRelation,
    Project,
    Range,
    RecursiveCte,
    Repartition,
    Sample,
    SetOperation,
    Sort,
    SourceRelation,
    SubqueryAlias,
    Tail,
    Union,
    Unpivot,
    With,
)
from pyrite.sql.types import BINARY, DoubleType, FloatType, to_duckdb

__all__ = ["RelationWriter"]

_JOIN_WORDS = {
    JoinType.INNER: "JOIN",
    JoinType.CROSS: "CROSS JOIN",
    JoinType.LEFT_OUTER: "LEFT JOIN",
    JoinType.RIGHT_OUTER: "RIGHT JOIN",
    JoinType.FULL_OUTER: "FULL JOIN",
    JoinType.LEFT_SEMI: "SEMI JOIN",
    JoinType.LEFT_ANTI: "ANTI JOIN",
}


#: What DuckDB takes for a column's position after GROUP BY and ORDER BY, or refuses there.
_CONSTANT = re.compile(r"\(?-?[\d.]+\)?|'(?:[^']|'')*'|TRUE|FALSE|CAST\(NULL AS [^)]*\)")


@dataclass
class RelationWriter:
    """Writes one query.

    Attributes:
        ansi: Whether bad values raise.
        time_zone: The session's.
        wide_decimals: Whether decimal products get room for every digit.
        runs_again: Whether decimals that do not fit may end the query, at what is being written.
        last_map_key_wins: Whether a map's key may come twice.
        time_parser_policy: Which patterns of dates and times apply.
        inputs: What the query reads by name that is not SQL: Arrow data.
        functions: The Arrow functions it calls, by name.
        places: Where the expressions that may fail stand in the user's program.
        read: Returns the name under which the result of an operator that is not SQL is read.
    """

    ansi: bool
    time_zone: str
    wide_decimals: bool
    read: Callable[[LogicalPlan], Input]
    runs_again: bool = False
    last_map_key_wins: bool = False
    time_parser_policy: str = "CORRECTED"
    inputs: dict[str, Input] = field(default_factory=dict)
    functions: dict[str, ArrowFunction] = field(default_factory=dict)
    places: ErrorPlaces = field(default_factory=ErrorPlaces)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _calls: dict[str, Call] = field(default_factory=dict)
    _ctes: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _definitions: list[str] = field(default_factory=list)
    _outer: list[Mapping[int, str]] = field(default_factory=list)
    _used: set[int] = field(default_factory=set)
    _shows_rows: bool = False

    def statement(self, plan: LogicalPlan) -> str:
        """Return the whole statement of a plan; its columns are named by ``column_name``."""
        self._used = {a.expression_id for a in plan.output}
        self._collect(plan)
        body = self.query(plan, {})
        if not self._definitions:
            return body
        return f"WITH RECURSIVE {', '.join(self._definitions)} {body}"

    def _collect(self, plan: LogicalPlan) -> None:
        """Note every column that something reads, so that scans leave out the others."""
        for node in plan.walk():
            if isinstance(node, SourceRelation):
                continue  # it has all columns; others say which of them they read
            for part in itertools.chain.from_iterable(e.walk() for e in node.expressions):
                if isinstance(part, Attribute):
                    self._used.add(part.expression_id)
                elif isinstance(part, SubqueryExpression):
                    self._used.update(a.expression_id for a in part.plan.output)
                    self._collect(part.plan)
            if isinstance(node, (Union, SetOperation, RecursiveCte)):
                for child in node.children:
                    self._used.update(a.expression_id for a in child.output)
            if isinstance(node, (Distinct, Sample, Tail)):
                self._used.update(a.expression_id for a in node.child.output)
            if isinstance(node, (AsOfJoin, LateralJoin)):
                self._used.update(a.expression_id for a in node.right.output)
            if isinstance(node, With):
                for _, definition in node.definitions:
                    self._used.update(a.expression_id for a in definition.output)

    def query(self, plan: LogicalPlan, outer: Mapping[int, str]) -> str:
        """Return the SELECT of a plan whose expressions may read the columns of ``outer``."""
        return self._inner(plan, outer).sql(a.expression_id for a in plan.output)

    def rows(self, plan: LogicalPlan, outer: Mapping[int, str]) -> str:
        """Return a SELECT of as many rows as a plan has, whatever their columns."""
        select = self._inner(plan, outer)
        return select.sql(() if select.droppable(()) else (a.expression_id for a in plan.output))

    def _inner(self, plan: LogicalPlan, outer: Mapping[int, str]) -> Select:
        self._outer.append({**(self._outer[-1] if self._outer else {}), **outer})
        try:
            return self.select(plan)
        finally:
            self._outer.pop()

    def select(self, plan: LogicalPlan) -> Select:
        """Return the SELECT of an operator, still open for more."""
        writer = _WRITERS.get(type(plan))
        if writer is None:
            return self._input(self.read(plan), plan.output)
        return writer(self, plan)

    def register(self, call: Call, compute: Callable[..., Any]) -> str:
        """Note an Arrow function; return its name in SQL."""
        types = ",".join(to_duckdb(a.data_type) for a in call.arguments)
        settings = f"{self.ansi}{self.time_zone}"
        key = f"{call.function.name}({types}){to_duckdb(call.data_type)}{hash(call)}{settings}"
        known = next((name for name, noted in self._calls.items() if noted == call), None)
        if known is not None:
            return known
        word = re.sub(r"\W+", "_", call.function.name)
        name = f"pyrite_{word}_{abs(hash(key)):x}"
        self._calls[name] = call
        self.functions[name] = ArrowFunction(
            name,
            [argument.data_type for argument in call.arguments],
            call.data_type,
            call.function.deterministic,
            compute,
        )
        return name

    @contextmanager
    def before_all_rows(self) -> Iterator[None]:
        """Write what is computed before the first row comes out, beside which nothing does."""
        outside = self.runs_again
        self.runs_again = outside or not (self.wide_decimals or self._shows_rows)
        try:
            yield
        finally:
            self.runs_again = outside

    @contextmanager
    def _beside_rows(self) -> Iterator[None]:
        """Write what is computed while other rows may come out."""
        outside = self._shows_rows
        self._shows_rows = outside or not self.runs_again
        try:
            yield
        finally:
            self._shows_rows = outside

    # What operators share

    def _expressions(self, select: Select) -> ExpressionWriter:
        outer = self._outer[-1] if self._outer else {}
        return ExpressionWriter(self, {**outer, **select.columns} if outer else select.columns)

    def _alias(self) -> str:
        return f"t{next(self._numbers)}"

    def _wrap(self, select: Select, output: Iterable[Attribute]) -> Select:
        """Return a SELECT from a subquery with what was written so far.

        What nobody reads is not passed on: the scan that it comes from may have left it out.
        """
        alias = self._alias()
        ids = [a.expression_id for a in output]
        used = [i for i in ids if i in self._used]
        inner = select.sql(used if select.droppable(used) else ids)
        return Select(f"({inner}) AS {alias}", {i: f"{alias}.c{i}" for i in ids})

    def _open(self, child: LogicalPlan, expressions: Sequence[Expression]) -> Select:
        """Return the child's SELECT, open for expressions to be added."""
        return self._opened(self.select(child), child, expressions)

    def _opened(
        self,
        select: Select,
        child: LogicalPlan,
        expressions: Sequence[Expression],
        ordered: bool = False,
    ) -> Select:
        """Return a SELECT that is open for expressions to be added.

        Args:
            select: The SELECT of ``child``.
            child: The input.
            expressions: What is to be written over the input's columns.
            ordered: Whether they may also be written into a SELECT that sorts or limits.
        """
        plain = select.plain or (ordered and select.projectable)
        ids = [a.expression_id for e in expressions for a in e.references()]
        if plain and select.cheap(ids) and not any(map(_has_subquery, expressions)):
            return select
        if plain and select.simple(ids):
            return select
        return self._wrap(select, child.output)

    def _input(self, given: Input, output: Sequence[Attribute]) -> Select:
        self.inputs[given.name] = given
        alias = self._alias()
        return Select(
            f"{given.name} AS {alias}",
            {a.expression_id: f'{alias}."{column_name(a)}"' for a in output},
        )

    # Leaves

    def _one_row(self, plan: OneRowRelation) -> Select:
        return Select("")

    def _local(self, plan: LocalRelation) -> Select:
        if not plan.attributes:  # DuckDB takes no table without columns
            return Select(f"range({plan.table.num_rows}) AS {self._alias()}", {})
        return self._input(self.read(plan), plan.output)

    def _cached(self, plan: CachedRelation) -> Select:
        alias = self._alias()
        columns = {
            a.expression_id: f'{alias}."{column}"'
            for a, column in zip(plan.attributes, plan.columns, strict=True)
        }
        return Select(f"{plan.key} AS {alias}", columns)

    def _range(self, plan: Range) -> Select:
        alias = self._alias()
        source = f"range({plan.start}, {plan.end}, {plan.step}) AS {alias}(c0)"
        return Select(source, {plan.attributes[0].expression_id: f"{alias}.c0"})

    def _source(self, plan: SourceRelation) -> Select:
        names = [a.name for a in plan.attributes if a.expression_id in self._used]
        alias = self._alias()
        batches = f"scan_{alias}"
        if plan.scan.gives_arrow:
            self.inputs[batches] = Input(batches, partial(plan.scan.arrow, names))
        columns = {}
        for a in plan.attributes:
            columns[a.expression_id] = f"{alias}.{identifier(a.name)}"
        return Select(f"{_as_relation(plan.scan.sql(names, batches))} AS {alias}", columns)

    def _cte_reference(self, plan: CteReference) -> Select:
        alias = self._alias()
        columns = {
            a.expression_id: f"{alias}.c{defined}"
            for a, defined in zip(plan.attributes, self._ctes[plan.cte_id], strict=True)
        }
        return Select(f"cte{plan.cte_id} AS {alias}", columns)

    def _with(self, plan: With) -> Select:
        local = bool(self._outer and self._outer[-1])
        definitions: list[str] = []
        for cte_id, definition in plan.definitions:
            ids = tuple(a.expression_id for a in definition.output)
            self._ctes[cte_id] = ids
            names = ", ".join(f"c{i}" for i in ids)
            if isinstance(definition, RecursiveCte):
                names += ", level"
            target = definitions if local else self._definitions
            with self._beside_rows():
                definition_sql = self._definition(definition)
            target.append(f"cte{cte_id}({names}) AS ({definition_sql})")
        select = self.select(plan.child)
        if not definitions:
            return select
        alias = self._alias()
        ids = tuple(a.expression_id for a in plan.output)
        text = f"(WITH RECURSIVE {', '.join(definitions)} {select.sql(ids)}) AS {alias}"
        return Select(text, {i: f"{alias}.c{i}" for i in ids})

    def _definition(self, plan: LogicalPlan) -> str:
        if not isinstance(plan, RecursiveCte):
            return self.query(plan, {})
        anchor, recursion = self.query(plan.anchor, {}), self.query(plan.recursion, {})
        error = raise_sql("RECURSION_LEVEL_LIMIT_EXCEEDED", levelLimit=f"{plan.max_level}")
        before = f"(SELECT max(level) AS level FROM cte{plan.cte_id}) AS before"
        level = f"CASE WHEN level + 1 < {plan.max_level} THEN level + 1 ELSE {error} END"
        return (
            f"SELECT *, 0 FROM ({anchor}) UNION ALL "
            f"SELECT step.*, {level} FROM ({recursion}) AS step CROSS JOIN {before}"
        )

    # Operators on one input

    def _items(self, select: Select, items: Sequence[NamedExpression]) -> dict[int, str]:
        writer = self._expressions(select)
        return {item.expression_id: writer.sql(item) for item in items}

    def _project(self, plan: Project | LocalWindow) -> Select:
        select = self.select(plan.child)
        kept = [item.expression_id for item in plan.project_list if isinstance(item, Attribute)]
        picks = len(kept) == len(plan.project_list) and select.columns.keys() >= set(kept)
        if picks and select.droppable(kept):
            select.columns = {column: select.columns[column] for column in kept}
            return select
        # What counts or draws goes through the rows in their order.
        ordered = all(item.deterministic for item in plan.project_list)
        select = self._opened(select, plan.child, plan.project_list, ordered)
        columns = self._items(select, plan.project_list)
        if (select.limit or select.offset) and any(map(_is_window, columns.values())):
            select = self._wrap(select, plan.child.output)
            columns = self._items(select, plan.project_list)
        select.columns = columns
        select.computed = any(map(_is_window, columns.values()))
        return select

    def _filter(self, plan: Filter) -> Select:
        select = self._open(plan.child, [plan.condition])
        select.where.append(self._expressions(select).sql(plan.condition))
        return select

    def _aggregate(self, plan: Aggregate | PartialAggregate) -> Select:
        with self.before_all_rows():
            select = self._open(plan.child, [*plan.grouping, *plan.aggregates])
        if not select.source and self._outer[-1]:  # or DuckDB takes it for an outer aggregate
            select = self._wrap(select, plan.child.output)
        writer = self._expressions(select)
        if any(
            isinstance(k, Attribute) and _CONSTANT.fullmatch(writer.sql(k)) for k in plan.grouping
        ):
            select = self._wrap(select, plan.child.output)
            writer = self._expressions(select)
        keys = [
            f"CAST({writer.sql(k)} AS {to_duckdb(k.data_type)})"
            if isinstance(k, Literal)
            else writer.sql(k)
            for k in plan.grouping
        ]
        if plan.grouping_sets is not None:
            sets = ", ".join(f"({', '.join(keys[i] for i in s)})" for s in plan.grouping_sets)
            # Without rows there is no group; only if there are no keys at all, there is one.
            some_rows = " HAVING count(*) > 0" if any(plan.grouping_sets) else ""
            group_by = f"GROUPING SETS ({sets}){some_rows}"
        else:
            # An aggregate need not be left in any column: typeof(sum(i)) is a constant.
            group_by = ", ".join(keys) or "()"
        # -0.0 and 0.0 are one group, which shows as 0.0 whichever came first.
        shown = {
            key: f"({key} + CAST(0 AS {to_duckdb(k.data_type)}))"
            for key, k in zip(keys, plan.grouping, strict=True)
            if isinstance(k.data_type, (FloatType, DoubleType))
        }
        texts = ((item.expression_id, writer.sql(item)) for item in plan.aggregates)
        select.columns = {column: shown.get(text, text) for column, text in texts}
        select.group_by = group_by
        select.computed = any(item.find(WindowExpression) for item in plan.aggregates)
        return select

    def _sort(self, plan: Sort) -> Select:
        keys = [key for key in plan.order if not isinstance(key.child, Literal)]
        with self.before_all_rows():
            select = self.select(plan.child)
        in_place = select.plain or (
            # The keys of a grouped or computed SELECT are named after its own columns.
            not (select.order_by or select.limit or select.offset or select.distinct)
            and all(isinstance(key.child, Attribute) for key in keys)
        )
        nested = any(holds_nulls(key.data_type) for key in keys) and not select.plain
        if not in_place or nested or any(map(_has_subquery, keys)):
            select = self._wrap(select, plan.child.output)
        writer, plain = self._expressions(select), select.plain
        for key in keys:
            sql = writer.sql(key.child)
            if _CONSTANT.fullmatch(sql):
                continue
            column = None
            if isinstance(key.child, Attribute) and not plain:
                column = key.child.expression_id
            sql = order_key(sql, key.data_type)
            if isinstance(key.data_type, (FloatType, DoubleType)):
                # DuckDB's first rows skip row groups by what Parquet says of a column's largest
                # value, which leaves NaN out.
                sql = f"+{sql}"
            select.order_by.append(OrderKey(sql, sort_direction(key), column))
        return select

    def _limit(self, plan: Limit) -> Select:
        select = self.select(plan.child)
        if select.limit or select.offset:
            select = self._wrap(select, plan.child.output)
        select.limit = self._expressions(select).sql(plan.limit)
        return select

    def _offset(self, plan: Offset) -> Select:
        select = self.select(plan.child)
        if select.limit or select.offset:
            select = self._wrap(select, plan.child.output)
        select.offset = self._expressions(select).sql(plan.offset)
        return select

    def _tail(self, plan: Tail) -> Select:
        select = self._wrap(self.select(plan.child), plan.child.output)
        ids = [a.expression_id for a in plan.output]
        alias = self._alias()
        numbered = ", ".join(
            [
                *(f"{select.columns[i]} AS c{i}" for i in ids),
                "row_number() OVER () AS place",
                "count(*) OVER () AS total",
            ]
        )
        inner = f"(SELECT {numbered} FROM {select.source}) AS {alias}"
        kept = f"{alias}.place > {alias}.total - {self._expressions(select).sql(plan.limit)}"
        tail = Select(inner, {i: f"{alias}.c{i}" for i in ids}, [kept])
        tail.order_by = [OrderKey(f"{alias}.place", "ASC")]
        return tail

    def _distinct(self, plan: Distinct) -> Select:
        select = self.select(plan.child)
        keys = [a.expression_id for a in plan.keys]
        output = {a.expression_id for a in plan.child.output}
        if not select.plain or set(select.columns) != output:
            select = self._wrap(select, plan.child.output)
        if keys and set(keys) != output:
            on = ", ".join(select.columns[i] for i in keys)
            select.distinct = f"DISTINCT ON ({on})"
        else:
            select.distinct = "DISTINCT"
        return select

    def _bucketed(self, plan: Bucketed) -> Select:
        select = self._open(plan.child, plan.keys)
        if plan.bounds is not None:
            bucket = plan.bucket.expression_id
            select.columns[bucket] = self._sort_key(select, plan.keys)
            select = self._wrap(select, plan.output)
            select.columns[bucket] = _range_sql(select.columns[bucket], plan.bounds)
            return select
        if not select.simple(a.expression_id for key in plan.keys for a in key.references()):
            # DuckDB would compute what both a column and its hash have in common by itself, and
            # so the branch of a cast that raises an error, too.
            select = self._wrap(select, plan.child.output)
        keys = ", ".join(map(self._expressions(select).sql, plan.keys))
        select.columns[plan.bucket.expression_id] = f"CAST(hash({keys}) % {plan.count} AS SMALLINT)"
        return select

    def _sort_keys(self, plan: SortKeys) -> Select:
        select = self._open(plan.child, plan.order)
        select.columns = {plan.key.expression_id: self._sort_key(select, plan.order)}
        select = self._wrap(select, plan.output)
        select.where.append(f"random() < {plan.share!r}")
        return select

    def _sort_key(self, select: Select, order: Sequence[Expression]) -> str:
        """Return bytes that sort as rows do."""
        writer = self._expressions(select)
        # DuckDB makes a number of keys that are short; with a text among them, bytes.
        parts = ["''", "'ASC NULLS LAST'"]
        for key in order:
            assert isinstance(key, SortOrder)
            parts += [writer.sql(key.child), f"'{sort_direction(key)}'"]
        return f"create_sort_key({', '.join(parts)})"

    def _passed(self, plan: SubqueryAlias | Repartition | Numbered) -> Select:
        return self.select(plan.child)

    def _sample(self, plan: Sample) -> Select:
        if plan.partition is not None:
            return self._input(self.read(plan), plan.output)
        select = self._wrap(self.select(plan.child), plan.child.output)
        ids = [a.expression_id for a in plan.output]
        alias = self._alias()
        columns = ", ".join(f"{select.columns[i]} AS c{i}" for i in ids)
        chosen = "hash(row_number() OVER () + " + str(plan.seed % 2**31) + ")"
        draw = f"CAST({chosen} AS DOUBLE) / 18446744073709551616.0 AS draw"
        source = (
            f"(SELECT {columns}{', ' if columns else ''}{draw} FROM {select.source}) AS {alias}"
        )
        result = Select(source, {i: f"{alias}.c{i}" for i in ids})
        if not plan.with_replacement:
            upper = plan.upper if plan.fraction is None else f"{alias}.{column_name(plan.fraction)}"
            result.where.append(f"{alias}.draw >= {plan.lower} AND {alias}.draw < {upper}")
            return result
        # With replacement: a row comes out as often as a Poisson draw says.
        copies = _poisson_sql(f"{alias}.draw", plan.upper - plan.lower)
        items = ", ".join(f"{alias}.c{i} AS c{i}" for i in ids)
        again = self._alias()
        text = (
            f"(SELECT {items}{', ' if items else ''}unnest(range({copies})) AS copy "
            f"FROM {source}) AS {again}"
        )
        return Select(text, {i: f"{again}.c{i}" for i in ids})

    def _generate(self, plan: Generate) -> Select:
        select = self._open(plan.child, [plan.generator])
        rows = self._expressions(select).sql(plan.generator)
        if plan.outer:
            rows = f"CASE WHEN len({rows}) > 0 THEN {rows} ELSE [NULL] END"
        return self._unnested(select, plan.child.output, rows, plan.generated)

    def _unnested(
        self,
        select: Select,
        kept: Sequence[Attribute],
        rows: str,
        made: Sequence[Attribute],
    ) -> Select:
        """Return a SELECT with a row for each element of a list, beside the kept columns."""
        alias = self._alias()
        ids = [a.expression_id for a in kept if a.expression_id in self._used]
        items = "".join(f"{select.columns[i]} AS c{i}, " for i in ids)
        where = f" WHERE {' AND '.join(select.where)}" if select.where else ""
        source = f" FROM {select.source}" if select.source else ""
        text = f"(SELECT {items}unnest({rows}) AS made{source}{where}) AS {alias}"
        columns = {a.expression_id: f"{alias}.c{a.expression_id}" for a in kept}
        if len(made) == 1:
            columns[made[0].expression_id] = f"{alias}.made"
        else:
            for position, attribute in enumerate(made, 1):
                columns[attribute.expression_id] = f"struct_extract_at({alias}.made, {position})"
        return Select(text, columns)

    def _unpivot(self, plan: Unpivot) -> Select:
        select = self._open(plan.child, [*plan.ids, *(v for row in plan.values for v in row)])
        writer = self._expressions(select)
        ids = plan.attributes[: len(plan.ids)]
        made = plan.attributes[len(plan.ids) :]
        for attribute, expression in zip(ids, plan.ids, strict=True):
            select.columns[attribute.expression_id] = writer.sql(expression)

        rows = []
        for name, row in zip(plan.names, plan.values, strict=True):
            cells = [quote(name), *(writer.sql(cell) for cell in row)]
            rows.append(f"row({', '.join(cells)})")
        result = self._unnested(select, ids, f"[{', '.join(rows)}]", made)
        if not plan.include_nulls:
            cells = [result.columns[a.expression_id] for a in made[1:]]
            result.where.append("(" + " OR ".join(f"{c} IS NOT NULL" for c in cells) + ")")
        return result

    # Operators on several inputs

    def _relation(self, plan: LogicalPlan) -> Select:
        """Return a SELECT whose source can stand in a JOIN: nothing but columns of it."""
        select = self.select(plan)
        bare = select.plain and not select.where and select.source
        if bare and select.simple(a.expression_id for a in plan.output):
            return select
        return self._wrap(select, plan.output)

    def _join(self, plan: Join) -> Select:
        left, right = self._relation(plan.left), self._relation(plan.right)
        columns = {**left.columns, **right.columns}
        word = _JOIN_WORDS[plan.join_type]
        joined = Select("", columns)
        on = ""
        if plan.condition is not None:
            on = f" ON {self._expressions(joined).sql(plan.condition)}"
        elif plan.join_type is not JoinType.CROSS:
            word, on = (
                ("CROSS JOIN", "") if plan.join_type is JoinType.INNER else (word, " ON TRUE")
            )
        source = right.source if " JOIN " not in right.source else f"({right.source})"
        joined.source = f"{left.source} {word} {source}{on}"
        if plan.join_type in (JoinType.LEFT_SEMI, JoinType.LEFT_ANTI):
            joined.columns = left.columns
        return joined

    def _lateral(self, plan: LateralJoin) -> Select:
        left = self._relation(plan.left)
        alias = self._alias()
        inner = self.query(plan.right, left.columns)
        right = {a.expression_id: f"{alias}.{column_name(a)}" for a in plan.right.output}
        joined = Select("", {**left.columns, **right})
        condition = "TRUE"
        if plan.condition is not None:
            condition = self._expressions(joined).sql(plan.condition)
        word = "LEFT JOIN" if plan.join_type is JoinType.LEFT_OUTER else "JOIN"
        joined.source = f"{left.source} {word} LATERAL ({inner}) AS {alias} ON {condition}"
        return joined

    def _as_of(self, plan: AsOfJoin) -> Select:
        left, right = self._relation(plan.left), self._relation(plan.right)
        both = self._expressions(Select("", {**left.columns, **right.columns}))
        alias = self._alias()
        items = ", ".join(
            f"{right.columns[a.expression_id]} AS {column_name(a)}" for a in plan.right.output
        )
        nearest = (
            f"SELECT {items} FROM {right.source} WHERE {both.sql(plan.condition)} "
            f"ORDER BY {both.sql(plan.order)} LIMIT {plan.limit}"
        )
        word = "LEFT JOIN" if plan.join_type is JoinType.LEFT_OUTER else "JOIN"
        columns = {a.expression_id: f"{alias}.{column_name(a)}" for a in plan.right.output}
        return Select(
            f"{left.source} {word} LATERAL ({nearest}) AS {alias} ON TRUE",
            {**left.columns, **columns},
        )

    def _union(self, plan: Union) -> Select:
        if all(map(_is_constant_row, plan.inputs)):
            return self._values(plan)
        return self._combined([*plan.inputs], "UNION ALL", plan.attributes)

    def _values(self, plan: Union) -> Select:
        """Write rows of constants as VALUES, which keeps their order; UNION ALL need not."""
        writer = self._expressions(Select(""))
        rows = (
            ", ".join(writer.sql(item) for item in row.project_list)
            for row in plan.inputs
            if isinstance(row, Project)
        )
        alias = self._alias()
        names = ", ".join(column_name(a) for a in plan.attributes)
        return Select(
            f"(VALUES {', '.join(f'({row})' for row in rows)}) AS {alias}({names})",
            {a.expression_id: f"{alias}.{column_name(a)}" for a in plan.attributes},
        )

    def _set_operation(self, plan: SetOperation) -> Select:
        word = f"{plan.operation}{' ALL' if plan.is_all else ''}"
        return self._combined([plan.left, plan.right], word, plan.attributes)

    def _combined(
        self, inputs: Sequence[LogicalPlan], word: str, output: Sequence[Attribute]
    ) -> Select:
        texts = []
        for plan in inputs:
            with self._beside_rows():
                select = self.select(plan)
            text = select.sql(a.expression_id for a in plan.output)
            closed = select.order_by or select.limit or select.offset
            texts.append(f"({text})" if closed else text)
        alias = self._alias()
        names = ", ".join(column_name(a) for a in output)
        listed = f"{alias}({names})" if names else alias
        return Select(
            f"({f' {word} '.join(texts)}) AS {listed}",
            {a.expression_id: f"{alias}.{column_name(a)}" for a in output},
        )

    def _recursive(self, plan: RecursiveCte) -> Select:
        raise internal_error("a recursive query outside WITH")


def _is_constant_row(plan: LogicalPlan) -> bool:
    return (
        isinstance(plan, Project)
        and isinstance(plan.child, OneRowRelation)
        and bool(plan.project_list)
        and not any(map(_has_subquery, plan.project_list))
    )


def _is_window(text: str) -> bool:
    return " OVER (" in text


def _has_subquery(expression: Expression) -> bool:
    return expression.find(SubqueryExpression) is not None


def _as_relation(sql: str) -> str:
    return f"({sql})" if sql.lstrip().upper().startswith(("SELECT", "WITH", "FROM")) else sql


def _poisson_sql(draw: str, mean: float) -> str:
    """Return how often a row is drawn: the Poisson quantile of a uniform draw."""
    import math

    probability = math.exp(-mean)
    total = probability
    branches = []
    for count in range(1, 40):
        branches.append(f"WHEN {draw} < {total!r} THEN {count - 1}")
        probability *= mean / count
        total += probability
    return f"CASE {' '.join(branches)} ELSE 40 END"


def _range_sql(key: str, bounds: Sequence[bytes], first: int = 0) -> str:
    """Return how many of the bounds are not above a key, and ``first`` more."""
    if not bounds:
        return f"{first}::SMALLINT"
    middle = len(bounds) // 2
    bound = literal_sql(bounds[middle], BINARY)
    below = _range_sql(key, bounds[:middle], first)
    above = _range_sql(key, bounds[middle + 1 :], first + middle + 1)
    return f"CASE WHEN {key} < {bound} THEN {below} ELSE {above} END"


_WRITERS: dict[type[LogicalPlan], Callable[[RelationWriter, Any], Select]] = {
    OneRowRelation: RelationWriter._one_row,
    LocalRelation: RelationWriter._local,
    CachedRelation: RelationWriter._cached,
    Range: RelationWriter._range,
    SourceRelation: RelationWriter._source,
    CteReference: RelationWriter._cte_reference,
    With: RelationWriter._with,
    RecursiveCte: RelationWriter._recursive,
    Project: RelationWriter._project,
    Filter: RelationWriter._filter,
    Aggregate: RelationWriter._aggregate,
    Bucketed: RelationWriter._bucketed,
    LocalWindow: RelationWriter._project,
    PartialAggregate: RelationWriter._aggregate,
    SortKeys: RelationWriter._sort_keys,
    Sort: RelationWriter._sort,
    Limit: RelationWriter._limit,
    Offset: RelationWriter._offset,
    Tail: RelationWriter._tail,
    Distinct: RelationWriter._distinct,
    SubqueryAlias: RelationWriter._passed,
    Repartition: RelationWriter._passed,
    Numbered: RelationWriter._passed,
    Sample: RelationWriter._sample,
    Generate: RelationWriter._generate,
    Unpivot: RelationWriter._unpivot,
    Join: RelationWriter._join,
    LateralJoin: RelationWriter._lateral,
    AsOfJoin: RelationWriter._as_of,
    Union: RelationWriter._union,
    SetOperation: RelationWriter._set_operation,
}
