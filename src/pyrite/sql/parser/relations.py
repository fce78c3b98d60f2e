"""RelationReader: what stands in FROM: tables, joins, subqueries, VALUES, table functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.errors import parse_error, unsupported
from pyrite.sql.expressions.expression import Expression, Literal
from pyrite.sql.expressions.unresolved import (
    TableArgument,
    UnresolvedAttribute,
    UnresolvedFunction,
)
from pyrite.sql.parser.expressions import ExpressionReader
from pyrite.sql.parser.rows import row, row_items
from pyrite.sql.parser.special_forms import SPECIAL_FORMS
from pyrite.sql.parser.tokens import END, NAME, NUMBER, is_word
from pyrite.sql.parser.words import CLAUSE_WORDS, STRICT_NON_RESERVED
from pyrite.sql.plans.plan import JoinType
from pyrite.sql.plans.unresolved import (
    Options,
    UnresolvedGenerate,
    UnresolvedInlineTable,
    UnresolvedJoin,
    UnresolvedLimit,
    UnresolvedPivot,
    UnresolvedRelation,
    UnresolvedSample,
    UnresolvedSubqueryAlias,
    UnresolvedTableFunction,
    UnresolvedUnpivot,
)

if TYPE_CHECKING:
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["RelationReader"]

#: The words in front of JOIN, and the join they make.
_JOIN_TYPES: dict[tuple[str, ...], JoinType] = {
    ("JOIN",): JoinType.INNER,
    ("INNER", "JOIN"): JoinType.INNER,
    ("CROSS", "JOIN"): JoinType.CROSS,
    ("LEFT", "JOIN"): JoinType.LEFT_OUTER,
    ("LEFT", "OUTER", "JOIN"): JoinType.LEFT_OUTER,
    ("LEFT", "SEMI", "JOIN"): JoinType.LEFT_SEMI,
    ("SEMI", "JOIN"): JoinType.LEFT_SEMI,
    ("LEFT", "ANTI", "JOIN"): JoinType.LEFT_ANTI,
    ("ANTI", "JOIN"): JoinType.LEFT_ANTI,
    ("RIGHT", "JOIN"): JoinType.RIGHT_OUTER,
    ("RIGHT", "OUTER", "JOIN"): JoinType.RIGHT_OUTER,
    ("FULL", "JOIN"): JoinType.FULL_OUTER,
    ("FULL", "OUTER", "JOIN"): JoinType.FULL_OUTER,
}
_JOIN_WORDS = frozenset(words[0] for words in _JOIN_TYPES)


class RelationReader(ExpressionReader):
    """Reads relations."""

    special_forms = SPECIAL_FORMS

    # -- FROM and joins ----------------------------------------------------------------------

    def from_clause(self) -> LogicalPlan:
        """Read the relations behind FROM, with their lateral views and pivots."""
        plan = self.relation()
        while self.accept(","):
            lateral = self._lateral_keyword()
            if self.settings.join_before_comma:
                plan = UnresolvedJoin(plan, self.relation(), JoinType.INNER, lateral=lateral)
            else:
                right = self.pivots(self._primary_relation())
                plan = self._joined(UnresolvedJoin(plan, right, JoinType.INNER, lateral=lateral))
        plan = self.lateral_views(plan)
        return self.pivots(plan)

    def relation(self) -> LogicalPlan:
        """Read a relation and the joins behind it."""
        return self._joined(self.pivots(self._primary_relation()))

    def _joined(self, plan: LogicalPlan) -> LogicalPlan:
        """Read the joins behind a relation."""
        while True:
            joined = self.join(plan)
            if joined is None:
                return plan
            plan = self.pivots(joined)

    def _lateral_keyword(self) -> bool:
        if self.at("LATERAL") and self.peek() != "VIEW":
            self.index += 1
            return True
        return False

    def join(self, left: LogicalPlan) -> LogicalPlan | None:
        """Read one join; None if there is none."""
        first = self.index
        natural = self.at("NATURAL") and self.peek() in _JOIN_WORDS
        self.index += natural
        join_type = self._join_type()
        if join_type is None:
            self.index -= natural
            return None
        lateral = self._lateral_keyword()
        right = self._primary_relation()
        condition = None
        using: tuple[str, ...] = ()
        if natural and lateral:
            raise parse_error(
                "INCOMPATIBLE_JOIN_TYPES",
                self.origin(first),
                joinType1="LATERAL",
                joinType2="NATURAL",
            )
        if natural:
            pass
        elif self.accept("ON"):
            condition = self.expression()
        elif self.accept("USING"):
            using = self.wrapped_list(self.name)
            if lateral:
                raise parse_error("UNSUPPORTED_FEATURE.LATERAL_JOIN_USING", self.origin(first))
        origin = self.origin(first)
        return UnresolvedJoin(left, right, join_type, condition, using, natural, lateral, origin)

    def _join_type(self) -> JoinType | None:
        if self.kind not in _JOIN_WORDS:
            return None
        for length in (1, 2, 3):
            words = tuple(self.peek(i) for i in range(length))
            if words in _JOIN_TYPES:
                self.index += length
                return _JOIN_TYPES[words]
        return None

    def _primary_relation(self) -> LogicalPlan:
        kind = self.kind
        if kind == "(":
            return self._parenthesised_relation()
        if kind == "VALUES" and self.peek() not in (".", "AS", ",", ")", END):
            return self.inline_table()
        if kind == "TABLE" and self.peek() == "(":
            self.index += 1
            plan = self.wrapped(self._table_function)
            return self.aliased(self.sampled(plan))
        if kind == "STREAM" and (is_word(self.peek()) or self.peek() == NAME):
            raise unsupported("STREAM relations in SQL text")
        if kind == "LATERAL":
            self.index += 1
            return self._primary_relation()
        if self._at_table_function():
            return self.aliased(self._table_function())
        return self._table()

    def _at_table_function(self) -> bool:
        distance = 0
        while self.peek(distance) == NAME or is_word(self.peek(distance)):
            following = self.peek(distance + 1)
            if following == "(":
                return self.kind != "IDENTIFIER"
            if following != ".":
                return False
            distance += 2
        return False

    def _table(self) -> LogicalPlan:
        first = self.index
        name = self.relation_name()
        origin = self.origin(first)
        options: Options = ()
        if self.at("WITH", "("):
            self.index += 1
            options = self.options()
        for words in (
            ("VERSION", "AS"),
            ("TIMESTAMP", "AS"),
            ("FOR", "VERSION"),
            ("FOR", "SYSTEM_VERSION"),
        ):
            if self.at(*words) and self.peek(2) in ("OF", "AS"):
                raise unsupported("time travel")
        plan: LogicalPlan = UnresolvedRelation(name, options, origin=origin)
        return self.aliased(self.sampled(plan))

    def relation_name(self) -> tuple[str, ...]:
        """Read the name of a table, a view or a database; ``IDENTIFIER('name')`` too."""
        if self.at("IDENTIFIER", "("):
            return self.identifier_clause()
        if self.kind in STRICT_NON_RESERVED and self.peek() != ".":
            self.fail()
        return self.names()

    def options(self) -> Options:
        """Read ``(key value, 'key' = 'value')``."""
        from pyrite.sql.parser.properties import read_properties

        return read_properties(self)

    def _parenthesised_relation(self) -> LogicalPlan:
        if self.at_query():
            plan = self.either(self._subquery_relation, self._grouped_relation)
        else:
            plan = self._grouped_relation()
        return self.aliased(self.sampled(plan))

    def _subquery_relation(self) -> LogicalPlan:
        return UnresolvedSubqueryAlias("", self.wrapped(self.query))

    def _grouped_relation(self) -> LogicalPlan:
        return self.wrapped(self.relation)

    # -- aliases -----------------------------------------------------------------------------

    def aliased(self, plan: LogicalPlan) -> LogicalPlan:
        """Read ``AS t(a, b)`` if it is there."""
        explicit = self.accept("AS")
        if not explicit and not self._at_table_alias():
            return plan
        alias = self.strict_name()
        columns: tuple[str, ...] = ()
        if self.at("(") and self.peek() != ")":
            columns = self.wrapped_list(self.name)
        if isinstance(plan, UnresolvedSubqueryAlias) and not plan.alias:
            plan = plan.child
        return UnresolvedSubqueryAlias(alias, plan, columns)

    def _at_table_alias(self) -> bool:
        kind = self.kind
        if kind == NAME:
            return True
        if not is_word(kind) or kind in STRICT_NON_RESERVED:
            return False
        if kind in CLAUSE_WORDS or kind in ("SELECT", "INSERT"):
            if kind == "OFFSET":
                return self.peek() not in (NUMBER, ":", "?", "(", "-")
            return self.peek() in (END, ")", ",") and kind not in ("AND", "OR", "NOT", "AS")
        return True

    # -- samples -----------------------------------------------------------------------------

    def sampled(self, plan: LogicalPlan) -> LogicalPlan:
        """Read TABLESAMPLE if it is there."""
        while self.at("TABLESAMPLE"):
            self.index += 1
            self.accept_one(("SYSTEM", "BERNOULLI"))
            plan = self._sample(plan)
        return plan

    def _sample(self, plan: LogicalPlan) -> LogicalPlan:
        self.expect("(")
        if self.accept("BUCKET"):
            numerator = self.integer()
            self.expect("OUT", "OF")
            denominator = self.integer()
            if self.accept("ON"):
                raise unsupported("TABLESAMPLE (BUCKET x OUT OF y ON column)")
            upper = numerator / denominator
        else:
            amount = self.value()
            if self.accept("ROWS"):
                self.expect(")")
                if self.accept("REPEATABLE"):
                    self.wrapped(self.integer)
                return UnresolvedLimit(amount, plan)
            self.expect_one(("PERCENT", "%"))
            if not isinstance(amount, Literal):
                self.fail()
            upper = float(amount.value) / 100
        self.expect(")")
        seed = self.wrapped(self.integer) if self.accept("REPEATABLE") else None
        return UnresolvedSample(0.0, upper, False, seed, plan)

    # -- VALUES and table functions ----------------------------------------------------------

    def inline_table(self) -> LogicalPlan:
        """Read ``VALUES (1, 'a'), (2, 'b') AS t(x, y)``."""
        self.expect("VALUES")
        rows = self.list_of(self._inline_row)
        return self.aliased(UnresolvedInlineTable(rows))

    def _inline_row(self) -> tuple[Expression, ...]:
        return row_items(self.expression())

    def _table_function(self) -> LogicalPlan:
        first = self.index
        name = self.names()
        self.expect("(")
        arguments: tuple[Expression, ...] = ()
        if not self.at(")"):
            arguments = self.list_of(self._table_function_argument)
        self.expect(")", closing=True)
        return UnresolvedTableFunction(name, arguments, origin=self.origin(first))

    def _table_function_argument(self) -> Expression:
        from pyrite.sql.expressions.unresolved import NamedArgument

        if self.peek() == "=>":
            key = self.name()
            self.index += 1
            return NamedArgument(key, self._table_function_argument())
        if self.at("TABLE") and (self.peek() in ("(", NAME) or is_word(self.peek())):
            self.index += 1
            return self._table_argument()
        if self.at("(") and self.peek() in ("SELECT", "WITH", "VALUES") and self.at_query():
            return self.either(lambda: self._table_argument(), self.expression)
        return self.expression()

    def _table_argument(self) -> TableArgument:
        """Read ``(query)`` or a name, and how its rows are dealt out."""
        if self.at("("):
            plan = (
                self.wrapped(self.query)
                if self._query_in_parentheses()
                else self.wrapped(self._table)
            )
        else:
            first = self.index
            plan = UnresolvedRelation(self.relation_name(), origin=self.origin(first))
        wrapped = self.at("(") and self.peek() in (
            "PARTITION",
            "DISTRIBUTE",
            "WITH",
            "ORDER",
            "SORT",
        )
        if wrapped:
            self.index += 1
        partition: tuple[Expression, ...] = ()
        order: tuple[Expression, ...] = ()
        single = False
        if self.accept_one(("PARTITION", "DISTRIBUTE")):
            self.expect("BY")
            grouped = self.at("(")
            partition = (
                self.wrapped_list(self.expression) if grouped else self.list_of(self.expression)
            )
        elif self.accept("WITH"):
            self.expect("SINGLE", "PARTITION")
            single = True
        if self.accept_one(("ORDER", "SORT")):
            self.expect("BY")
            grouped = self.at("(")
            order = self.wrapped_list(self.sort_item) if grouped else self.list_of(self.sort_item)
        if wrapped:
            self.expect(")")
        return TableArgument(plan, partition, order, single)

    def _query_in_parentheses(self) -> bool:
        return self.at_query()

    # -- LATERAL VIEW, PIVOT, UNPIVOT --------------------------------------------------------

    def lateral_views(self, plan: LogicalPlan) -> LogicalPlan:
        """Read ``LATERAL VIEW [OUTER] generator(...) table AS columns``."""
        while self.accept("LATERAL", "VIEW"):
            outer = self.accept("OUTER")
            first = self.index
            name = self.names()
            self.expect("(")
            arguments: tuple[Expression, ...] = ()
            if not self.at(")"):
                arguments = self.list_of(self.expression)
            self.expect(")", closing=True)
            generator = UnresolvedFunction(name, arguments, origin=self.origin(first))
            table = None
            columns: tuple[str, ...] = ()
            if not self.at("AS") and self._at_table_alias():
                table = self.name()
            if self.accept("AS") or (table and self._at_table_alias()):
                columns = self.list_of(self.name)
            plan = UnresolvedGenerate(generator, outer, table, columns, plan)
        return plan

    def pivots(self, plan: LogicalPlan) -> LogicalPlan:
        """Read PIVOT and UNPIVOT clauses."""
        while True:
            if self.at("PIVOT", "("):
                self.index += 1
                plan = self.aliased(self._pivot(plan))
            elif self.at("UNPIVOT") and self.peek() in ("(", "INCLUDE", "EXCLUDE"):
                self.index += 1
                plan = self.aliased(self._unpivot(plan))
            else:
                return plan

    def _pivot(self, child: LogicalPlan) -> LogicalPlan:
        self.expect("(")
        aggregates = self.list_of(self.named_expression)
        self.expect("FOR")
        columns = self.wrapped_list(self._column) if self.at("(") else (self._column(),)
        self.expect("IN")
        values = self.wrapped_list(self._pivot_value)
        self.expect(")")
        column = row(columns) if len(columns) > 1 else columns[0]
        return UnresolvedPivot(None, column, values, aggregates, child)

    def _column(self) -> Expression:
        first = self.index
        return UnresolvedAttribute(self.names(), origin=self.origin(first))

    def _pivot_value(self) -> tuple[Expression, str | None]:
        value = self.expression()
        if self.accept("AS") or self.at_alias():
            return value, self.name()
        return value, None

    def _unpivot(self, child: LogicalPlan) -> LogicalPlan:
        include_nulls = self.accept("INCLUDE", "NULLS")
        if not include_nulls:
            self.accept("EXCLUDE", "NULLS")
        self.expect("(")
        value_columns = self.wrapped_list(self.name) if self.at("(") else (self.name(),)
        self.expect("FOR")
        variable = self.name()
        self.expect("IN")
        values = self.wrapped_list(self._unpivot_group)
        self.expect(")")
        return UnresolvedUnpivot(None, values, variable, value_columns, child, include_nulls)

    def _unpivot_group(self) -> tuple[tuple[Expression, ...], str | None]:
        columns = self.wrapped_list(self._column) if self.at("(") else (self._column(),)
        if self.accept("AS") or self.at_alias():
            return columns, self.name()
        return columns, None
