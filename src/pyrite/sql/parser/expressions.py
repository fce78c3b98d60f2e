"""ExpressionReader: what stands between operators: names, constants, calls, CASE, windows.

Functions with a grammar of their own are in ``special_forms``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from pyrite.sql.errors import analysis_error, unsupported
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
    UnresolvedFunction,
    UnresolvedLambda,
    UnresolvedLambdaVariable,
    UnresolvedRegex,
    UnresolvedScalarSubquery,
    UnresolvedStar,
    UnresolvedWindow,
)
from pyrite.sql.parser.operators import OperatorReader
from pyrite.sql.parser.rows import row
from pyrite.sql.parser.tokens import END, NAME, NUMBER, STRING, is_word
from pyrite.sql.parser.words import CLAUSE_WORDS, QUERY_WORDS
from pyrite.sql.types import BOOLEAN, NULL, DayTimeIntervalType, NumericType, YearMonthIntervalType

if TYPE_CHECKING:
    pass

__all__ = ["ExpressionReader"]


#: A name in backquotes that is no pattern.
_PLAIN_NAME = re.compile(r"\w+", re.ASCII)


class ExpressionReader(OperatorReader):
    """Reads expressions."""

    #: Functions that are more than names and arguments, by their first word.
    special_forms: ClassVar[dict[str, Callable[[ExpressionReader, int], Expression | None]]] = {}

    #: Names of the parameters of the lambdas around the next token, in lower case.
    _lambda_names: tuple[str, ...] = ()
    _parameters = 0
    _names_parameters = False
    #: Whether the next token is in an item of SELECT or the like.
    _in_item = False

    # -- primary -----------------------------------------------------------------------------

    def primary(self) -> Expression:
        """Read a value that is no operator's."""
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
        parts = self.identifier_clause() if self.at("IDENTIFIER", "(") else self.names(True)
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
        if self.settings.regex_columns and self._at_pattern(parts):
            return UnresolvedRegex(parts[-1], parts[:-1], None)
        return UnresolvedAttribute(parts, origin=self.origin(first))

    def _at_pattern(self, parts: tuple[str, ...]) -> bool:
        """Whether the name that was just read is a pattern of names."""
        is_quoted = self.kinds[self.index - 1] == NAME and not _PLAIN_NAME.fullmatch(parts[-1])
        return is_quoted and self._in_item and len(parts) <= 2

    def identifier_clause(self) -> tuple[str, ...]:
        """Read ``IDENTIFIER(constant text)`` and the names in that text."""
        from pyrite.sql.parser.identifiers import split_identifier

        first = self.index
        self.index += 1
        text = _constant_text(self.wrapped(self.expression))
        if text is None:
            raise unsupported(f"{self.source(first)}: IDENTIFIER of other than constant text")
        parts = tuple(split_identifier(text))
        while self.accept("."):
            parts = (*parts, self.name())
        return parts

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
        first = self.index
        return UnresolvedScalarSubquery(self.wrapped(self.query), self.origin(first))

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
        outer, self._in_item = self._in_item, True
        expression = self.expression()
        self._in_item = outer
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
        return self.call_clauses(first, call)

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

    def call_clauses(self, first: int, call: UnresolvedFunction) -> Expression:
        """Read what may follow a call: WITHIN GROUP, FILTER, IGNORE NULLS, OVER.

        Args:
            first: Where the call begins.
            call: What was read of it.
        """
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
            window = self.window(call)
            call = replace(call, origin=self.origin(first))
            return replace(window, function=call, origin=call.origin)
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
        return UnresolvedFunction(("unary -",), (distance,))

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
        return Literal(None, NULL) if word == "NULL" else Literal(word == "TRUE", BOOLEAN)

    def _interval_or_none(self, first: int) -> Expression | None:
        return self.interval() if self.at_interval() else None

    def _named_parameter(self, first: int) -> Expression:
        self.index += 1
        self._names_parameters = True
        self._check_parameters()
        name = self.name()
        value = self.settings.named.get(name)
        return value if value is not None else NamedParameter(name, origin=self.origin(first))

    def _ordinal_parameter(self, first: int) -> Expression:
        self.index += 1
        position = self._parameters
        self._parameters += 1
        self._check_parameters()
        if position < len(self.settings.positional):
            return self.settings.positional[position]
        return OrdinalParameter(position, origin=self.origin(first))

    def _check_parameters(self) -> None:
        if self._names_parameters and self._parameters:
            raise analysis_error("INVALID_QUERY_MIXED_QUERY_PARAMETERS")


def _constant_text(expression: Expression) -> str | None:
    """The text of a string literal, or of several with ``||`` between them."""
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return expression.value
    if isinstance(expression, UnresolvedFunction) and expression.name in (("concat",), ("CONCAT",)):
        parts = [_constant_text(argument) for argument in expression.arguments]
        return None if None in parts else "".join(part or "" for part in parts)
    return None


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
