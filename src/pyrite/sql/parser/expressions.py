"""ExpressionReader: operators, predicates, names, calls and what may follow them.

From the loosest to the tightest: OR, AND, NOT, one predicate (IN, LIKE, IS, BETWEEN), then the
operators of ``_OPERATORS``, signs, and what follows a value (``.name``, ``[i]``, ``::type``).
Functions with a grammar of their own are in ``special_forms``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from pyrite.sql.errors import Origin, parse_error
from pyrite.sql.expressions.expression import (
    Expression,
    FrameBound,
    Literal,
    SortOrder,
)
from pyrite.sql.expressions.unresolved import (
    MultiAlias,
    NamedArgument,
    NamedParameter,
    OrdinalParameter,
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedCast,
    UnresolvedExists,
    UnresolvedExtractValue,
    UnresolvedFunction,
    UnresolvedInSubquery,
    UnresolvedLambda,
    UnresolvedLambdaVariable,
    UnresolvedScalarSubquery,
    UnresolvedStar,
    UnresolvedWindow,
)
from pyrite.sql.parser.literals import LiteralReader
from pyrite.sql.parser.tokens import END, NAME, NUMBER, STRING, is_word
from pyrite.sql.parser.types import without_lengths
from pyrite.sql.parser.words import CLAUSE_WORDS, QUERY_WORDS
from pyrite.sql.types import BOOLEAN, NULL, DayTimeIntervalType, NumericType, YearMonthIntervalType
from pyrite.sql.types import STRING as STRING_TYPE

if TYPE_CHECKING:
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["ExpressionReader", "row", "row_items"]

#: Binary operators: how tight they bind, and the function they call.
_OPERATORS: dict[str, tuple[int, str]] = {
    "=": (1, "="),
    "==": (1, "="),
    "<=>": (1, "<=>"),
    "<>": (1, "!="),
    "!=": (1, "!="),
    "<": (1, "<"),
    "<=": (1, "<="),
    ">": (1, ">"),
    ">=": (1, ">="),
    "!>": (1, "<="),
    "!<": (1, ">="),
    "|": (2, "|"),
    "^": (3, "^"),
    "&": (4, "&"),
    "<<": (5, "shiftleft"),
    ">>": (5, "shiftright"),
    ">>>": (5, "shiftrightunsigned"),
    "+": (6, "+"),
    "-": (6, "-"),
    "||": (6, "concat"),
    "*": (7, "*"),
    "/": (7, "/"),
    "%": (7, "%"),
    "DIV": (7, "div"),
}
_SIGNS = {"-": "negative", "+": "positive", "~": "~"}

_TRUTH = {"TRUE": True, "FALSE": False}


def row(items: tuple[Expression, ...], origin: Origin | None = None) -> Expression:
    """Return ``(a, b AS x)`` or ``struct(a, b AS x)``: a struct with the names of its items.

    Args:
        items: The values; those that are no columns and have no alias are named by their place.
        origin: Where they stand.
    """
    if any(isinstance(item, UnresolvedStar) for item in items):
        return UnresolvedFunction(("struct",), items, origin=origin)
    arguments: list[Expression] = []
    for position, item in enumerate(items, 1):
        name = f"col{position}"
        if isinstance(item, UnresolvedAlias):
            name, item = item.name or name, item.child
        elif isinstance(item, (UnresolvedAttribute, UnresolvedLambdaVariable)):
            name = item.parts[-1]
        arguments += (Literal(name, STRING_TYPE), item)
    # Internal tells a row from the user's own call of named_struct.
    return UnresolvedFunction(("named_struct",), tuple(arguments), is_internal=True, origin=origin)


def row_items(expression: Expression) -> tuple[Expression, ...]:
    """Return the values of ``(a, b)`` or ``struct(a, b)``; anything else is a row of itself."""
    if isinstance(expression, UnresolvedFunction) and expression.is_internal:
        return expression.arguments[1::2]
    return (expression,)


class ExpressionReader(LiteralReader):
    """Reads expressions."""

    #: Functions that are more than names and arguments, by their first word.
    special_forms: ClassVar[dict[str, Callable[[ExpressionReader, int], Expression | None]]] = {}

    #: Names of the parameters of the lambdas around the next token, in lower case.
    _lambda_names: tuple[str, ...] = ()
    _parameters = 0

    def query(self) -> LogicalPlan:
        """Read a query; ``QueryReader`` knows how."""
        raise NotImplementedError

    # -- boolean -----------------------------------------------------------------------------

    def expression(self) -> Expression:
        """Read any expression."""
        left = self._conjunction()
        while self.kinds[self.index] == "OR":
            self.index += 1
            left = UnresolvedFunction(("or",), (left, self._conjunction()))
        return left

    def _conjunction(self) -> Expression:
        left = self._negation()
        while self.kinds[self.index] == "AND":
            self.index += 1
            left = UnresolvedFunction(("and",), (left, self._negation()))
        return left

    def _negation(self) -> Expression:
        kind = self.kinds[self.index]
        if kind == "!" or (kind == "NOT" and self._operand_follows()):
            self.index += 1
            return self._not(self._negation())
        if kind == "EXISTS" and self.peek() == "(" and self.peek(2) in QUERY_WORDS:
            self.index += 1
            return UnresolvedExists(self.wrapped(self.query))
        return self._predicate()

    def _operand_follows(self) -> bool:
        return self.peek() not in (END, ",", ")", ".", "=", ";")

    @staticmethod
    def _not(expression: Expression) -> Expression:
        return UnresolvedFunction(("not",), (expression,))

    def _predicate(self) -> Expression:
        first = self.index
        value = self.value()
        kind = self.kinds[self.index]
        if kind not in _PREDICATES and kind != "NOT":
            return value
        negated = kind == "NOT" and self.peek() in _PREDICATES and self.peek() != "IS"
        if negated:
            self.index += 1
            kind = self.kinds[self.index]
        rule = _PREDICATES.get(kind)
        if rule is None or not self._predicate_operand(kind):
            self.index -= negated
            return value
        self.index += 1
        return rule(self, first, value, negated)

    def _predicate_operand(self, kind: str) -> bool:
        """Whether a predicate's word has something behind it, so that it is no alias."""
        return self.peek() not in (END, ",", ")", ";", "FROM")

    def _call(self, first: int, name: str, *arguments: Expression) -> Expression:
        return UnresolvedFunction((name,), arguments, origin=self.origin(first))

    def _between(self, first: int, value: Expression, negated: bool) -> Expression:
        lower = self.value()
        self.expect("AND", closing=True)
        upper = self.value()
        both = self._call(
            first,
            "and",
            self._call(first, ">=", value, lower),
            self._call(first, "<=", value, upper),
        )
        return self._not(both) if negated else both

    def _in(self, first: int, value: Expression, negated: bool) -> Expression:
        self.expect("(")
        if self.at_query():
            found: Expression = UnresolvedInSubquery(row_items(value), self.query())
            self.expect(")")
        else:
            items = self.list_of(self.expression)
            self.expect(")")
            found = self._call(first, "in", value, *items)
        return self._not(found) if negated else found

    def _like(self, first: int, value: Expression, negated: bool) -> Expression:
        name = self.kinds[self.index - 1].lower()
        quantifier = self.kind
        if quantifier in ("ANY", "SOME", "ALL") and self.peek() == "(":
            return self._like_quantified(first, name, value, negated)
        pattern = self.value()
        arguments = [value, pattern]
        if self.accept("ESCAPE"):
            escape = self.string_literal()
            if len(escape.value) != 1:
                raise parse_error(
                    "INVALID_ESC", self.origin(first), invalidEscape=f"'{escape.value}'"
                )
            arguments.append(escape)
        found = self._call(first, name, *arguments)
        return self._not(found) if negated else found

    def _like_quantified(
        self, first: int, name: str, value: Expression, negated: bool
    ) -> Expression:
        word = "and" if self.kind == "ALL" else "or"
        self.index += 2
        if self.accept(")"):
            raise parse_error("INVALID_SQL_SYNTAX.EMPTY_QUANTIFIED_PATTERN", self.origin(first))
        patterns = self.list_of(self.expression)
        self.expect(")")
        found: Expression | None = None
        for pattern in patterns:
            like = self._call(first, name, value, pattern)
            like = self._not(like) if negated else like
            found = like if found is None else self._call(first, word, found, like)
        assert found is not None
        return found

    def _rlike(self, first: int, value: Expression, negated: bool) -> Expression:
        found = self._call(first, "rlike", value, self.value())
        return self._not(found) if negated else found

    def _is(self, first: int, value: Expression, negated: bool) -> Expression:
        negated = self.accept("NOT")
        word = self.expect_extra_or_one(("NULL", "TRUE", "FALSE", "UNKNOWN", "DISTINCT"))
        if word == "NULL":
            return self._call(first, "isnotnull" if negated else "isnull", value)
        if word == "UNKNOWN":
            return self._call(first, "isnotnull" if negated else "isnull", value)
        if word == "DISTINCT":
            self.expect("FROM")
            same = self._call(first, "<=>", value, self.value())
            return same if negated else self._not(same)
        truth = self._call(first, "<=>", value, Literal(_TRUTH[word], BOOLEAN))
        return self._not(truth) if negated else truth

    def expect_extra_or_one(self, kinds: tuple[str, ...]) -> str:
        """Step over one of the tokens; name a last one that does not fit as extra."""
        if self.kind not in kinds:
            self.fail(extra=self.peek() in (END, ";"))
        return self.expect_one(kinds)

    # -- operators ---------------------------------------------------------------------------

    def value(self, tightness: int = 1) -> Expression:
        """Read operators that bind at least as tight as ``tightness``."""
        first = self.index
        left = self._signed()
        while True:
            sign = self.kinds[self.index]
            operator = _OPERATORS.get(sign)
            if operator is None:
                if sign != "!" or self.peek() not in ("<", ">"):
                    return left
                sign += self.peek()
                operator = _OPERATORS[sign]
            width = 1
            if sign in ("<", ">") and self._adjacent(sign, 1):
                width = 3 if sign == ">" and self._adjacent(sign, 2) else 2
                operator = _OPERATORS[sign * width]
            elif len(sign) == 2 and sign[0] == "!" and sign != "!=":
                width = 2
            binding, name = operator
            if binding < tightness or (sign == "DIV" and not self._operand_follows()):
                return left
            self.index += width
            right = self.value(binding + 1)
            if name == "!=":
                left = self._not(self._call(first, "=", left, right))
            else:
                left = self._call(first, name, left, right)

    def _adjacent(self, sign: str, distance: int) -> bool:
        index = self.index + distance
        starts, stops = self.tokens.starts, self.tokens.stops
        return self.kinds[index] == sign and stops[index - 1] == starts[index]

    def _signed(self) -> Expression:
        sign = self.kinds[self.index]
        name = _SIGNS.get(sign)
        if name is None:
            return self._postfixed()
        first = self.index
        self.index += 1
        if sign == "-" and self.kinds[self.index] == NUMBER:
            return self._postfix(self.number("-"), first)
        return self._call(first, name, self._signed())

    # -- what follows a value ----------------------------------------------------------------

    def _postfixed(self) -> Expression:
        first = self.index
        value = self._primary()
        if self.kinds[self.index] in _POSTFIXES:
            return self._postfix(value, first)
        return value

    def _postfix(self, value: Expression, first: int) -> Expression:
        while True:
            kind = self.kinds[self.index]
            if kind not in _POSTFIXES:
                return value
            if kind == "COLLATE" and not (is_word(self.peek()) or self.peek() == NAME):
                return value
            self.index += 1
            if kind == ".":
                value = self._field(value, first)
            elif kind == "[":
                index = self.value()
                self.expect("]", closing=True)
                value = UnresolvedExtractValue(value, index, origin=self.origin(first))
            elif kind == "::":
                target = without_lengths(self.data_type())
                value = UnresolvedCast(value, target, origin=self.origin(first))
            elif kind == "COLLATE":
                value = self._call(first, "collate", value, Literal(self.collation(), STRING_TYPE))
            else:
                value = self._path(value, first)

    def _field(self, value: Expression, first: int) -> Expression:
        name = self.name()
        if isinstance(value, UnresolvedAttribute):
            return replace(value, parts=(*value.parts, name), origin=self.origin(first))
        if isinstance(value, UnresolvedLambdaVariable):
            return UnresolvedLambdaVariable((*value.parts, name))
        return UnresolvedExtractValue(value, Literal(name, STRING_TYPE), origin=self.origin(first))

    def _path(self, value: Expression, first: int) -> Expression:
        """Read the path of ``variant_column:a.b[0]``."""
        path = "$"
        separator = "."
        while True:
            if separator == "[":
                inner = (
                    self.string()
                    if self.kind == STRING
                    else self.source(self.index, self.index + 1)
                )
                quoted = self.kinds[self.index - 1] == STRING
                self.index += not quoted
                self.expect("]")
                path += f"['{inner}']" if quoted else f"[{inner}]"
            else:
                path += f".{self.name()}"
            separator = self.accept_one((".", "[")) or ""
            if not separator:
                arguments = (value, Literal(path, STRING_TYPE))
                return UnresolvedFunction(
                    ("semi_structured_extract",), arguments, origin=self.origin(first)
                )

    # -- primary -----------------------------------------------------------------------------

    def _primary(self) -> Expression:
        index = self.index
        kind = self.kinds[index]
        if kind == NUMBER:
            return self.number()
        if kind == STRING and not self._double_quoted():
            return self.string_literal()
        if kind == "(":
            return self._parenthesised()
        if kind in _PRIMARIES:
            found = _PRIMARIES[kind](self, index)
            if found is not None:
                return found
            self.index = index
        if not self.at_name():
            self.fail()
        if (
            self.kinds[index + 1] == STRING
            and kind != NAME
            and not self._double_quoted_at(index + 1)
        ):
            return self.typed_literal()
        if kind in self.special_forms and self.kinds[index + 1] == "(":
            special = self.special_forms[kind](self, index)
            if special is not None:
                return special
            self.index = index
        return self._named()

    def _double_quoted_at(self, index: int) -> bool:
        return (
            self.settings.double_quoted_identifiers and self.text[self.tokens.starts[index]] == '"'
        )

    def _named(self) -> Expression:
        """Read a column, ``t.*``, a call, or a lambda of one parameter."""
        first = self.index
        parts = self.names()
        kind = self.kinds[self.index]
        if kind == "(":
            return self._function(first, parts)
        if kind == "." and self.peek() == "*":
            self.index += 2
            return self._star(first, parts)
        if kind == "->" and len(parts) == 1:
            return self._lambda(parts)
        if self._lambda_names and parts[0].lower() in self._lambda_names:
            return UnresolvedLambdaVariable(parts)
        return UnresolvedAttribute(parts, origin=self.origin(first))

    def _lambda(self, names: tuple[str, ...]) -> Expression:
        self.expect("->")
        outer = self._lambda_names
        self._lambda_names = (*outer, *(name.lower() for name in names))
        body = self.expression()
        self._lambda_names = outer
        return UnresolvedLambda(body, tuple(UnresolvedLambdaVariable((name,)) for name in names))

    def _star(self, first: int, target: tuple[str, ...]) -> Expression:
        excluded: tuple[tuple[str, ...], ...] = ()
        if self.at("EXCEPT", "(") and self.peek(2) not in ("SELECT", "(", "WITH", "VALUES"):
            self.index += 1
            excluded = self.wrapped_list(self.names)
        return UnresolvedStar(target, excluded=excluded, origin=self.origin(first))

    def _bare_star(self, first: int) -> Expression:
        self.index += 1
        return self._star(first, ())

    def at_query(self) -> bool:
        """Whether a query begins here, behind any number of parentheses."""
        distance = 0
        while self.peek(distance) == "(":
            distance += 1
        word = self.peek(distance)
        if word not in QUERY_WORDS:
            return False
        following = self.peek(distance + 1)
        if word == "VALUES":
            return following not in (")", ",", ".", "=", "->")
        if word in ("FROM", "TABLE"):
            return is_word(following) or following == NAME
        if word == "WITH":
            return following == "RECURSIVE" or self.peek(distance + 2) in ("AS", "(")
        return following not in (")", ",", ".", "->", "=")

    def _parenthesised(self) -> Expression:
        first = self.index
        names = self._lambda_parameters()
        if names is not None:
            return self._lambda(names)
        if self.at_query():
            if self.peek() == "(":
                return self.either(self._subquery, self._row)
            return self._subquery()
        self.index = first
        return self._row()

    def _lambda_parameters(self) -> tuple[str, ...] | None:
        """Step over ``(x, y)`` if ``->`` follows."""
        first = self.index
        distance = 1
        while self.peek(distance) == NAME or is_word(self.peek(distance)):
            if self.peek(distance + 1) != ",":
                break
            distance += 2
        if self.peek(distance + 1) != ")" or self.peek(distance + 2) != "->":
            return None
        self.index += 1
        names = self.list_of(self.name)
        if not self.accept(")"):
            self.index = first
            return None
        return names

    def _subquery(self) -> Expression:
        return UnresolvedScalarSubquery(self.wrapped(self.query))

    def _row(self) -> Expression:
        """Read ``(value)`` or ``(value, value)``, which is a struct."""
        first = self.index
        self.expect("(")
        items = self.list_of(self.named_expression)
        self.expect(")")
        if len(items) == 1:
            if isinstance(items[0], (UnresolvedAlias, MultiAlias)):
                self.index -= 1
                self.fail()
            return items[0]
        return row(items, self.origin(first))

    def named_expression(self) -> Expression:
        """Read an expression with or without an alias."""
        expression = self.expression()
        explicit = self.accept("AS")
        if self.at("(") and (explicit or not isinstance(expression, UnresolvedAttribute)):
            return MultiAlias(expression, self.wrapped_list(self.name))
        if explicit or self.at_alias():
            return UnresolvedAlias(expression, self.name())
        return expression

    def at_alias(self) -> bool:
        """Whether the next token is an alias without AS."""
        kind = self.kinds[self.index]
        if kind == NAME or self._double_quoted():
            return True
        if not is_word(kind):
            return False
        if kind not in CLAUSE_WORDS:
            return kind != "GROUPING" or self.peek() != "SETS"
        return self._clause_word_is_alias(kind)

    def _clause_word_is_alias(self, kind: str) -> bool:
        """Whether a clause's word cannot begin that clause where it stands."""
        following = self.peek()
        if kind == following == "FROM":
            return True
        if kind in ("AS", "AND", "OR", "FROM", "THEN", "ELSE", "WHEN", "END", "NOT"):
            return False
        if following in (END, ",", ")", ";"):
            return kind not in ("ASC", "DESC")
        return kind in ("SET", "RANGE", "ROWS", "ESCAPE", "NULLS", "OFFSET") and following == "FROM"

    # -- calls -------------------------------------------------------------------------------

    def _function(self, first: int, name: tuple[str, ...]) -> Expression:
        """Read the arguments of a call and the clauses behind it."""
        self.expect("(")
        distinct = self._set_quantifier()
        arguments: tuple[Expression, ...] = ()
        if not self.at(")"):
            arguments = self.list_of(self.argument)
        ignore_nulls = self._nulls_option()
        self.expect(")", closing=True)
        call = UnresolvedFunction(
            name, arguments, distinct, ignore_nulls=ignore_nulls, origin=self.origin(first)
        )
        return self.call_clauses(call)

    def _set_quantifier(self) -> bool:
        if self.kind in ("DISTINCT", "ALL") and self.peek() not in (",", ")", ".", "->", "=>", "="):
            return self.expect_one(("DISTINCT", "ALL")) == "DISTINCT"
        return False

    def argument(self) -> Expression:
        """Read an argument, named or not."""
        if self.peek() == "=>":
            key = self.name()
            self.index += 1
            return NamedArgument(key, self.expression())
        return self.expression()

    def _nulls_option(self) -> bool:
        if self.accept("IGNORE", "NULLS"):
            return True
        self.accept("RESPECT", "NULLS")
        return False

    def call_clauses(self, call: UnresolvedFunction) -> Expression:
        """Read what may follow a call: WITHIN GROUP, FILTER, IGNORE NULLS, OVER."""
        if self.accept("WITHIN", "GROUP"):
            self.expect("(", "ORDER", "BY")
            call = replace(call, order=self.list_of(self.sort_item))
            self.expect(")")
        if self.at("FILTER", "("):
            self.index += 2
            self.expect("WHERE")
            call = replace(call, filter=self.expression())
            self.expect(")")
        if self.kind in ("IGNORE", "RESPECT") and self.peek() == "NULLS":
            call = replace(call, ignore_nulls=self._nulls_option())
        if self.kind == "OVER" and (self.peek() in ("(", NAME) or is_word(self.peek())):
            self.index += 1
            return self.window(call)
        return call

    def sort_item(self) -> SortOrder:
        """Read a key of ORDER BY."""
        child = self.expression()
        descending = self.accept_one(("ASC", "DESC")) == "DESC"
        nulls_first = not descending
        if self.accept("NULLS"):
            nulls_first = self.expect_one(("FIRST", "LAST")) == "FIRST"
        return SortOrder(child, not descending, nulls_first)

    def window(self, function: Expression) -> UnresolvedWindow:
        """Read what stands behind OVER, or behind AS in a WINDOW clause."""
        if self.kind != "(":
            return UnresolvedWindow(function, name=self.name())
        self.index += 1
        if self.at_name() and self.peek() == ")":
            return UnresolvedWindow(function, name=self._closed_name())
        partition: tuple[Expression, ...] = ()
        order: tuple[SortOrder, ...] = ()
        if self.accept("CLUSTER", "BY"):
            partition = self.list_of(self.expression)
        else:
            if self.accept_one(("PARTITION", "DISTRIBUTE")):
                self.expect("BY")
                partition = self.list_of(self.expression)
            if self.accept_one(("ORDER", "SORT")):
                self.expect("BY")
                order = self.list_of(self.sort_item)
        window = UnresolvedWindow(function, partition, order)
        unit = self.accept_one(("ROWS", "RANGE"))
        if unit:
            lower: FrameBound | Expression
            upper: FrameBound | Expression = FrameBound.CURRENT_ROW
            if self.accept("BETWEEN"):
                lower = self._frame_bound()
                self.expect("AND")
                upper = self._frame_bound()
            else:
                lower = self._frame_bound()
            window = replace(
                window, frame_rows=unit == "ROWS", frame_lower=lower, frame_upper=upper
            )
        self.expect(")")
        return window

    def _closed_name(self) -> str:
        name = self.name()
        self.expect(")")
        return name

    def _frame_bound(self) -> FrameBound | Expression:
        if self.accept("UNBOUNDED"):
            self.expect_one(("PRECEDING", "FOLLOWING"))
            return FrameBound.UNBOUNDED
        if self.accept("CURRENT", "ROW"):
            return FrameBound.CURRENT_ROW
        distance = self.expression()
        if self.expect_one(("PRECEDING", "FOLLOWING")) == "FOLLOWING":
            return distance
        if isinstance(distance, Literal) and isinstance(
            distance.data_type, (NumericType, DayTimeIntervalType, YearMonthIntervalType)
        ):
            return replace(distance, value=-distance.value)
        return UnresolvedFunction(("negative",), (distance,))

    # -- words with a meaning of their own ---------------------------------------------------

    def _case(self, first: int) -> Expression | None:
        self.index += 1
        if self.kind in (END, ",", ")", ".", "FROM", "="):
            return None
        operand = None if self.at("WHEN") else self.expression()
        arguments: list[Expression] = []
        self.expect("WHEN")
        while True:
            condition = self.expression()
            if operand is not None:
                condition = self._call(first, "=", operand, condition)
            self.expect("THEN")
            arguments += (condition, self.expression())
            if not self.accept("WHEN"):
                break
        if self.accept("ELSE"):
            arguments.append(self.expression())
        self.expect("END")
        return self._call(first, "when", *arguments)

    def _constant(self, first: int) -> Expression | None:
        if self.peek() in ("(", ".", "->", "=>"):
            return None
        self.index += 1
        word = self.kinds[first]
        return Literal(None, NULL) if word == "NULL" else Literal(_TRUTH[word], BOOLEAN)

    def _interval_or_none(self, first: int) -> Expression | None:
        return self.interval() if self.at_interval() else None

    def _named_parameter(self, first: int) -> Expression:
        self.index += 1
        name = self.name()
        value = self.settings.named.get(name)
        return value if value is not None else NamedParameter(name, origin=self.origin(first))

    def _ordinal_parameter(self, first: int) -> Expression:
        self.index += 1
        position = self._parameters
        self._parameters += 1
        if position < len(self.settings.positional):
            return self.settings.positional[position]
        return OrdinalParameter(position, origin=self.origin(first))

    def _braced(self, first: int) -> Expression:
        return self.fail()


_POSTFIXES = frozenset({".", "[", "::", "COLLATE", ":"})

_PREDICATES: dict[str, Callable[[ExpressionReader, int, Expression, bool], Expression]] = {
    "BETWEEN": ExpressionReader._between,
    "ILIKE": ExpressionReader._like,
    "IN": ExpressionReader._in,
    "IS": ExpressionReader._is,
    "LIKE": ExpressionReader._like,
    "REGEXP": ExpressionReader._rlike,
    "RLIKE": ExpressionReader._rlike,
}

_PRIMARIES: dict[str, Callable[[ExpressionReader, int], Expression | None]] = {
    "*": ExpressionReader._bare_star,
    ":": ExpressionReader._named_parameter,
    "?": ExpressionReader._ordinal_parameter,
    "CASE": ExpressionReader._case,
    "FALSE": ExpressionReader._constant,
    "INTERVAL": ExpressionReader._interval_or_none,
    "NULL": ExpressionReader._constant,
    "TRUE": ExpressionReader._constant,
}
