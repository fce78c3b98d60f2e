"""QueryReader: WITH, SELECT, set operations, and what orders and limits their rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pyrite.sql.errors import analysis_error, parse_error, unsupported
from pyrite.sql.expressions.expression import Expression, Literal, SortOrder
from pyrite.sql.expressions.unresolved import (
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedStar,
    UnresolvedWindow,
)
from pyrite.sql.parser.relations import RelationReader
from pyrite.sql.parser.rows import row_items
from pyrite.sql.parser.tokens import END, NAME, is_word, tokenize
from pyrite.sql.plans.plan import OneRowRelation
from pyrite.sql.plans.unresolved import (
    RecursionLimit,
    UnresolvedAggregate,
    UnresolvedDistinct,
    UnresolvedFilter,
    UnresolvedHaving,
    UnresolvedHint,
    UnresolvedLimit,
    UnresolvedOffset,
    UnresolvedProject,
    UnresolvedRelation,
    UnresolvedRepartition,
    UnresolvedSetOperation,
    UnresolvedSort,
    UnresolvedWindowClause,
    UnresolvedWith,
)
from pyrite.sql.types import NULL

if TYPE_CHECKING:
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["QueryReader"]

_SET_OPERATIONS = {
    "UNION": "union",
    "EXCEPT": "except",
    "MINUS": "except",
    "INTERSECT": "intersect",
}

Sets = tuple[tuple[Expression, ...], ...]


class QueryReader(RelationReader):
    """Reads queries."""

    def query(self) -> LogicalPlan:
        """Read a query with its WITH, ORDER BY, LIMIT and pipes."""
        if self.at("WITH") and self.peek() not in (",", ")", "."):
            return self._with()
        return self.pipes(self.organized(self.query_term()))

    def pipes(self, plan: LogicalPlan) -> LogicalPlan:
        """Read ``|> operator`` steps."""
        from pyrite.sql.parser.pipes import read_pipe

        while self.accept("|>"):
            plan = read_pipe(self, plan)
        return plan

    def definitions(self) -> tuple[bool, tuple[tuple[str, tuple[str, ...], LogicalPlan], ...]]:
        """Read ``WITH [RECURSIVE] name (columns) AS (query), ...``."""
        self.expect("WITH")
        recursive = self.at("RECURSIVE") and (is_word(self.peek()) or self.peek() == NAME)
        self.index += recursive
        return recursive, self.list_of(self._definition)

    def _with(self) -> LogicalPlan:
        recursive, definitions = self.definitions()
        return UnresolvedWith(definitions, self.query(), recursive)

    def _definition(self) -> tuple[str, tuple[str, ...], LogicalPlan]:
        name = self.name()
        columns: tuple[str, ...] = ()
        if self.at("(") and not (self.peek() in ("SELECT", "WITH") and self.at_query()):
            columns = self.wrapped_list(self.name)
        limit = self.integer() if self.accept("MAX", "RECURSION", "LEVEL") else None
        self.accept("AS")
        query = self.wrapped(self.query)
        return name, columns, query if limit is None else RecursionLimit(limit, query)

    # -- set operations ----------------------------------------------------------------------

    def query_term(self) -> LogicalPlan:
        """Read queries with set operations between them; INTERSECT binds tighter."""
        first = self.index
        left = self._intersections()
        if self.settings.set_operations_from_left:
            while self.kind in _SET_OPERATIONS:
                left = self._set_operation(first, left, self.query_primary)
        while self.kind in ("UNION", "EXCEPT", "MINUS"):
            left = self._set_operation(first, left, self._intersections)
        return left

    def _intersections(self) -> LogicalPlan:
        first = self.index
        left = self.query_primary()
        while self.kind == "INTERSECT":
            left = self._set_operation(first, left, self.query_primary)
        return left

    def _set_operation(
        self, first: int, left: LogicalPlan, read_right: Callable[[], LogicalPlan]
    ) -> LogicalPlan:
        operation = _SET_OPERATIONS[self.expect_one(_SET_OPERATIONS)]
        quantifier = self.accept_one(("ALL", "DISTINCT"))
        right = read_right()
        is_all = quantifier == "ALL"
        return UnresolvedSetOperation(left, right, operation, is_all, origin=self.origin(first))

    def query_primary(self) -> LogicalPlan:
        """Read a query without set operations."""
        kind = self.kind
        if kind == "SELECT":
            return self.select(None)
        if kind == "(":
            self.index += 1
            plan = self.query()
            self.expect(")", closing=True)
            return plan
        if kind == "VALUES":
            return self.inline_table()
        if kind == "TABLE":
            self.index += 1
            first = self.index
            return UnresolvedRelation(self.relation_name(), origin=self.origin(first))
        if kind == "FROM":
            return self._from_first()
        if kind in ("MAP", "REDUCE"):
            raise unsupported("TRANSFORM, MAP and REDUCE with a script")
        self.fail()

    def _from_first(self) -> LogicalPlan:
        self.expect("FROM")
        source = self.from_clause()
        if self.at("SELECT"):
            plan = self.select(source)
            while self.at("SELECT"):  # several SELECTs over one FROM
                plan = UnresolvedSetOperation(plan, self.select(source), "union", is_all=True)
            return plan
        if self.kind in (END, ")", "|>", ";"):
            return source  # FROM t |> ...
        self.fail()

    # -- SELECT ------------------------------------------------------------------------------

    def select(self, source: LogicalPlan | None) -> LogicalPlan:
        """Read SELECT and its clauses up to WINDOW.

        Args:
            source: What a FROM in front of it has read.
        """
        first = self.index
        self.expect("SELECT")
        hints = self._hints()
        distinct = False
        if self.kind in ("DISTINCT", "ALL") and self.peek() not in (",", END, "."):
            distinct = self._set_quantifier()
        if self.at("TRANSFORM", "(") and self._is_script():
            raise unsupported("TRANSFORM, MAP and REDUCE with a script")
        expressions = self.list_of(self.named_expression)
        plan: LogicalPlan = source or OneRowRelation()
        if self.at("FROM"):
            if source is not None:
                self.fail()
            self.index += 1
            plan = self.from_clause()
        elif source is None and len(expressions) > 1 and _is_from(expressions[-1]):
            raise analysis_error("TRAILING_COMMA_IN_SELECT", self.origin(first))
        plan = self.lateral_views(plan)
        if self.accept("WHERE"):
            plan = UnresolvedFilter(self.expression(), plan)
        if self.at("GROUP", "BY"):
            self.index += 2
            plan = self.aggregate(expressions, plan)
            if self.accept("HAVING"):
                plan = UnresolvedHaving(self.expression(), plan)
        elif self.at("HAVING") and self.settings.having_as_where:
            self.index += 1
            plan = UnresolvedProject(expressions, UnresolvedFilter(self.expression(), plan))
        elif self.accept("HAVING"):
            plan = UnresolvedHaving(self.expression(), UnresolvedAggregate((), expressions, plan))
        else:
            plan = UnresolvedProject(expressions, plan)
        if self.accept("QUALIFY"):
            plan = self._qualify(plan)
        if distinct:
            plan = UnresolvedDistinct(plan)
        plan = replace(plan, origin=self.origin(first))  # type: ignore[type-var]
        if self._at_window_clause():
            plan = self.window_clause(plan)
        for hint_name, parameters in reversed(hints):
            plan = UnresolvedHint(hint_name, parameters, plan)
        return plan

    def _qualify(self, plan: LogicalPlan) -> LogicalPlan:
        from pyrite.sql.plans.unresolved import UnresolvedQualify

        return UnresolvedQualify(self.expression(), plan)

    def _is_script(self) -> bool:
        depth, index = 0, self.index + 1
        while index < len(self.kinds):
            depth += {"(": 1, ")": -1}.get(self.kinds[index], 0)
            index += 1
            if not depth:
                break
        return self.kinds[min(index, len(self.kinds) - 1)] in ("USING", "ROW", "RECORDWRITER")

    def _hints(self) -> list[tuple[str, tuple[Expression, ...]]]:
        hints: list[tuple[str, tuple[Expression, ...]]] = []
        while True:
            body = self.hint()
            if body is None:
                return hints
            inner = type(self)(tokenize(body), self.settings)
            while inner.kind != END:
                name = inner.name()
                parameters: tuple[Expression, ...] = ()
                if inner.accept("("):
                    if not inner.at(")"):
                        parameters = inner.list_of(inner.value)
                    inner.expect(")")
                hints.append((name, parameters))
                inner.accept(",")

    def _at_window_clause(self) -> bool:
        return self.at("WINDOW") and self.peek(2) == "AS"

    def window_clause(self, plan: LogicalPlan) -> LogicalPlan:
        """Read ``WINDOW name AS (...), ...``."""
        first = self.index
        self.expect("WINDOW")
        windows = self.list_of(self._named_window)
        names = [name.lower() for name, _ in windows]
        for name in names:
            if names.count(name) > 1:
                raise parse_error(
                    "INVALID_SQL_SYNTAX.REPETITIVE_WINDOW_DEFINITION",
                    self.origin(first),
                    windowName=f"`{name}`",
                )
        return UnresolvedWindowClause(windows, plan)

    def _named_window(self) -> tuple[str, UnresolvedWindow]:
        name = self.name()
        self.expect("AS")
        return name, self.window(Literal(None, NULL))

    # -- GROUP BY ----------------------------------------------------------------------------

    def aggregate(
        self, expressions: tuple[Expression, ...], plan: LogicalPlan, keep: bool = False
    ) -> LogicalPlan:
        """Read what stands behind GROUP BY.

        Args:
            expressions: The output.
            plan: What is grouped.
            keep: Whether the grouping comes first in the output, as for ``|> AGGREGATE``.
        """
        elements = self.list_of(self._group_element)
        if len(elements) == 1 and _is_all(elements[0]):
            return UnresolvedAggregate((), expressions, plan, "all", (), keep)
        plain = tuple(element for element in elements if isinstance(element, Expression))
        if len(plain) == len(elements):
            if self.accept("WITH", "ROLLUP"):
                return UnresolvedAggregate(plain, expressions, plan, "rollup", (), keep)
            if self.accept("WITH", "CUBE"):
                return UnresolvedAggregate(plain, expressions, plan, "cube", (), keep)
            if self.at("GROUPING", "SETS"):
                sets = self._sets()
                return UnresolvedAggregate(plain, expressions, plan, "grouping_sets", sets, keep)
            return UnresolvedAggregate(plain, expressions, plan, "groupby", (), keep)
        factors: list[Sets] = [((e,),) if isinstance(e, Expression) else e for e in elements]
        sets = tuple(
            tuple(itertools.chain.from_iterable(combination))
            for combination in itertools.product(*factors)
        )
        grouping = tuple(dict.fromkeys(e for factor in factors for group in factor for e in group))
        return UnresolvedAggregate(grouping, expressions, plan, "grouping_sets", sets, keep)

    def _group_element(self) -> Expression | Sets:
        kind = self.kind
        if kind == "WITH" and self.peek() in ("ROLLUP", "CUBE"):
            self.index += 1
            self.fail(extra=True)
        if kind in ("ROLLUP", "CUBE") and self.peek() == "(":
            first = self.index
            self.index += 1
            groups = self.wrapped_list(self._group)
            if () in groups:
                raise parse_error("_LEGACY_ERROR_TEMP_0051", self.origin(first), element=kind)
            return _rollup(groups) if kind == "ROLLUP" else _cube(groups)
        if self.at("GROUPING", "SETS"):
            return self._sets()
        return self.expression()

    def _sets(self) -> Sets:
        self.expect("GROUPING", "SETS")
        parts = self.wrapped_list(self._set)
        return tuple(itertools.chain.from_iterable(parts))

    def _set(self) -> Sets:
        if self.at("GROUPING", "SETS"):
            return self._sets()
        if self.kind in ("ROLLUP", "CUBE") and self.peek() == "(":
            element = self._group_element()
            assert not isinstance(element, Expression)
            return element
        return (self._group(),)

    def _group(self) -> tuple[Expression, ...]:
        """Read ``(a, b)``, ``()`` or ``a``."""
        if self.at("(", ")"):
            self.index += 2
            return ()
        return row_items(self.expression())

    # -- order and limits --------------------------------------------------------------------

    def organized(self, plan: LogicalPlan) -> LogicalPlan:
        """Read ORDER BY, SORT BY, DISTRIBUTE BY, CLUSTER BY, WINDOW, LIMIT and OFFSET."""
        order = self._keys("ORDER", sort=True)
        cluster = self._keys("CLUSTER")
        distribute = self._keys("DISTRIBUTE")
        sort = self._keys("SORT", sort=True)
        if distribute or cluster:
            plan = UnresolvedRepartition(None, True, distribute or cluster, plan)
        if cluster:
            sort = tuple(SortOrder(key) for key in cluster)
        if order:
            plan = self._sort(order, True, plan)
        elif sort:
            plan = self._sort(sort, False, plan)
        if self._at_window_clause():
            plan = self.window_clause(plan)
        limit = None
        if self.at("LIMIT") and self.peek() != END:
            self.index += 1
            if not self.accept("ALL"):
                limit = self.expression()
        if self.accept("OFFSET"):
            plan = UnresolvedOffset(self.expression(), plan)
        return plan if limit is None else UnresolvedLimit(limit, plan)

    def _keys(self, word: str, *, sort: bool = False) -> tuple[Expression, ...]:
        if not self.accept(word, "BY"):
            return ()
        return self.list_of(self.sort_item if sort else self.expression)

    def _sort(
        self, order: tuple[Expression, ...], is_global: bool, plan: LogicalPlan
    ) -> LogicalPlan:
        key = order[0]
        all_columns = len(order) == 1 and isinstance(key, SortOrder) and _is_all(key.child)
        return UnresolvedSort(order, is_global, plan, all_columns)

    def all_columns(self, plan: LogicalPlan) -> LogicalPlan:
        """Return ``SELECT *`` over a plan."""
        return UnresolvedProject((UnresolvedStar(),), plan)


def _is_from(item: Expression) -> bool:
    """Whether an item of SELECT is the word FROM, which a comma before it made a column."""
    column = item.child if isinstance(item, UnresolvedAlias) else item
    return isinstance(column, UnresolvedAttribute) and [p.upper() for p in column.parts] == ["FROM"]


def _is_all(element: object) -> bool:
    """Whether an element is the word ALL."""
    return isinstance(element, UnresolvedAttribute) and [p.upper() for p in element.parts] == [
        "ALL"
    ]


def _rollup(groups: tuple[tuple[Expression, ...], ...]) -> Sets:
    return tuple(
        tuple(itertools.chain.from_iterable(groups[:length]))
        for length in range(len(groups), -1, -1)
    )


def _cube(groups: tuple[tuple[Expression, ...], ...]) -> Sets:
    return tuple(
        tuple(itertools.chain.from_iterable(chosen))
        for length in range(len(groups), -1, -1)
        for chosen in itertools.combinations(groups, length)
    )
