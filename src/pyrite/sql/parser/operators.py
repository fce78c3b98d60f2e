"""OperatorReader: operators, predicates, and what may follow a value.

From the loosest to the tightest: OR, AND, NOT, one predicate (IN, LIKE, IS, BETWEEN), then the
operators of ``_OPERATORS``, signs, and what follows a value (``.name``, ``[i]``, ``::type``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from pyrite.sql.errors import parse_error
from pyrite.sql.expressions.char_types import without_lengths
from pyrite.sql.expressions.expression import Expression, Literal
from pyrite.sql.expressions.unresolved import (
    UnresolvedAttribute,
    UnresolvedCast,
    UnresolvedExists,
    UnresolvedExtractValue,
    UnresolvedFunction,
    UnresolvedInSubquery,
    UnresolvedLambdaVariable,
)
from pyrite.sql.parser.literals import LiteralReader
from pyrite.sql.parser.rows import row_items
from pyrite.sql.parser.tokens import END, NAME, NUMBER, STRING, is_word
from pyrite.sql.parser.words import QUERY_WORDS
from pyrite.sql.types import BOOLEAN
from pyrite.sql.types import STRING as STRING_TYPE

if TYPE_CHECKING:
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["OperatorReader"]

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
_SIGNS = {"-": "unary -", "+": "positive", "~": "~"}

_TRUTH = {"TRUE": True, "FALSE": False}


class OperatorReader(LiteralReader):
    """Reads operators; ``ExpressionReader`` knows what stands between them."""

    def query(self) -> LogicalPlan:
        """Read a query; ``QueryReader`` knows how."""
        raise NotImplementedError

    def at_query(self) -> bool:
        """Whether a query begins here."""
        raise NotImplementedError

    def primary(self) -> Expression:
        """Read a value that is no operator's."""
        raise NotImplementedError

    # -- boolean -----------------------------------------------------------------------------

    def expression(self) -> Expression:
        """Read any expression."""
        first = self.index
        left = self._conjunction()
        while self.kinds[self.index] == "OR":
            self.index += 1
            left = self._call(first, "or", left, self._conjunction())
        return left

    def _conjunction(self) -> Expression:
        first = self.index
        left = self._negation()
        while self.kinds[self.index] == "AND":
            self.index += 1
            left = self._call(first, "and", left, self._negation())
        return left

    def _negation(self) -> Expression:
        kind = self.kinds[self.index]
        if kind == "!" or (kind == "NOT" and self._operand_follows()):
            first = self.index
            self.index += 1
            return self._not(first, self._negation())
        if kind == "EXISTS" and self.peek() == "(" and self.peek(2) in QUERY_WORDS:
            self.index += 1
            return UnresolvedExists(self.wrapped(self.query))
        return self._predicate()

    def _operand_follows(self) -> bool:
        return self.peek() not in (END, ",", ")", ".", "=", ";")

    def _not(self, first: int, expression: Expression) -> Expression:
        return self._call(first, "not", expression)

    def _predicate(self) -> Expression:
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
        place = self.index - negated  # a predicate's place is without the value before it
        self.index += 1
        return rule(self, place, value, negated)

    def _predicate_operand(self, kind: str) -> bool:
        """Whether a predicate's word has something behind it, so that it is no alias."""
        return self.peek() not in (END, ",", ")", ";", "FROM")

    def _call(self, first: int, name: str, *arguments: Expression) -> Expression:
        return UnresolvedFunction((name,), arguments, origin=self.origin(first))

    def _between(self, first: int, value: Expression, negated: bool) -> Expression:
        lower = self.value()
        self.expect("AND", closing=True)
        upper = self.value()
        both = self._call(first, "between", value, lower, upper)
        return self._not(first, both) if negated else both

    def _in(self, first: int, value: Expression, negated: bool) -> Expression:
        self.expect("(")
        if self.at_query():
            query = self.query()
            self.expect(")")
            found: Expression = UnresolvedInSubquery(row_items(value), query, self.origin(first))
        else:
            items = self.list_of(self.expression)
            self.expect(")")
            found = self._call(first, "in", value, *items)
        return self._not(first, found) if negated else found

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
        return self._not(first, found) if negated else found

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
            like = self._not(first, like) if negated else like
            found = like if found is None else self._call(first, word, found, like)
        assert found is not None
        return found

    def _rlike(self, first: int, value: Expression, negated: bool) -> Expression:
        found = self._call(first, "rlike", value, self.value())
        return self._not(first, found) if negated else found

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
            return same if negated else self._not(first, same)
        truth = self._call(first, "<=>", value, Literal(_TRUTH[word], BOOLEAN))
        return self._not(first, truth) if negated else truth

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
                left = self._not(first, self._call(first, "=", left, right))
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
        value = self.primary()
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
        separator = self.accept_one(("[",)) or "."
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


_POSTFIXES = frozenset({".", "[", "::", "COLLATE", ":"})

_PREDICATES: dict[str, Callable[[OperatorReader, int, Expression, bool], Expression]] = {
    "BETWEEN": OperatorReader._between,
    "ILIKE": OperatorReader._like,
    "IN": OperatorReader._in,
    "IS": OperatorReader._is,
    "LIKE": OperatorReader._like,
    "REGEXP": OperatorReader._rlike,
    "RLIKE": OperatorReader._rlike,
}
