"""TokenReader: the place in the text, and the words and names read from there.

The grammar's classes build on it: types, then expressions, then queries, then statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NoReturn, TypeVar

from pyrite.sql.errors import Origin, SparkError
from pyrite.sql.parser.errors import syntax_error
from pyrite.sql.parser.settings import ParserSettings
from pyrite.sql.parser.strings import string_value
from pyrite.sql.parser.tokens import END, HINT, NAME, NUMBER, STRING, Tokens, is_word
from pyrite.sql.parser.words import CALLED_RESERVED, RESERVED, STRICT_NON_RESERVED

__all__ = ["TokenReader"]

T = TypeVar("T")

#: Reserved words, by whether a function may be called there.
_NO_NAMES = {False: RESERVED, True: RESERVED - CALLED_RESERVED}


class TokenReader:
    """Reads tokens from left to right.

    Args:
        tokens: What to read.
        settings: What the session says about SQL text.
    """

    def __init__(self, tokens: Tokens, settings: ParserSettings) -> None:
        self.tokens = tokens
        self.settings = settings
        self.text = tokens.text
        self.kinds = tokens.kinds
        self.index = 0

    # -- looking and moving ------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """What the next token is."""
        return self.kinds[self.index]

    def peek(self, distance: int = 1) -> str:
        """What the token ``distance`` behind the next one is."""
        index = self.index + distance
        return self.kinds[index] if index < len(self.kinds) else END

    def at(self, *kinds: str) -> bool:
        """Whether the next tokens are these."""
        index = self.index
        if self.kinds[index] != kinds[0]:
            return False
        for kind in kinds[1:]:
            index += 1
            if index >= len(self.kinds) or self.kinds[index] != kind:
                return False
        return True

    def accept(self, *kinds: str) -> bool:
        """Step over the next tokens if they are these."""
        if self.at(*kinds):
            self.index += len(kinds)
            return True
        return False

    def accept_one(self, kinds: Iterable[str]) -> str | None:
        """Step over the next token if it is one of these, and return which."""
        kind = self.kinds[self.index]
        if kind in kinds and kind != END:
            self.index += 1
            return kind
        return None

    def expect(self, *kinds: str, closing: bool = False) -> None:
        """Step over the next tokens, which must be these.

        Args:
            kinds: The tokens.
            closing: Whether a missing token is named in the message.
        """
        for kind in kinds:
            if self.kinds[self.index] != kind:
                following = self.peek()
                if kind != END and (following == kind or (closing and following == ",")):
                    self.fail(extra=True)
                self.fail(f": missing '{kind}'" if closing else "")
            self.index += 1

    def expect_one(self, kinds: Iterable[str]) -> str:
        """Step over the next token, which must be one of these, and return which."""
        kind = self.accept_one(kinds)
        if kind is None:
            self.fail()
        return kind

    def expect_end(self) -> None:
        """Check that nothing is left but semicolons."""
        start = self.index
        while self.accept(";"):
            pass
        if self.kind != END:
            self.fail(extra=self.index > start or self.peek() in (END, ";"))

    def fail(self, hint: str = "", *, extra: bool = False) -> NoReturn:
        """Raise the error of a next token that does not fit.

        Args:
            hint: What would help, such as ``: missing ')'``.
            extra: Whether leaving the token out would help.
        """
        start, stop = self.tokens.starts[self.index], self.tokens.stops[self.index]
        if extra:
            hint = f": extra input '{self.text[start:stop]}'"
        raise syntax_error(self.text, start, stop, hint)

    def either(self, first: Callable[[], T], second: Callable[[], T]) -> T:
        """Read by the first rule, or if that fails by the second from the same place.

        Where both fail, the error of the rule that came further is raised.
        """
        start = self.index
        try:
            return first()
        except SparkError as error:
            reached = error
            self.index = start
        try:
            return second()
        except SparkError as error:
            if reached.origin and (not error.origin or reached.origin.start > error.origin.start):
                raise reached from None
            raise

    def origin(self, first: int) -> Origin:
        """The text from token ``first`` to the token before the next one."""
        last = max(first, self.index - 1)
        start, stop = self.tokens.starts[first], self.tokens.stops[last] - 1
        return Origin(self.text, start, stop, "", "", *self.settings.held_by)

    def source(self, first: int, last: int | None = None) -> str:
        """The text of the tokens from ``first`` up to but without ``last`` (the next one)."""
        last = self.index if last is None else last
        if last <= first:
            return ""
        return self.text[self.tokens.starts[first] : self.tokens.stops[last - 1]]

    # -- lists -------------------------------------------------------------------------------

    def list_of(self, rule: Callable[[], T]) -> tuple[T, ...]:
        """Read one or more items with commas between them."""
        items = [rule()]
        while self.accept(","):
            items.append(rule())
        return tuple(items)

    def wrapped(self, rule: Callable[[], T]) -> T:
        """Read something in parentheses."""
        self.expect("(")
        value = rule()
        self.expect(")")
        return value

    def wrapped_list(self, rule: Callable[[], T]) -> tuple[T, ...]:
        """Read one or more items in parentheses."""
        return self.wrapped(lambda: self.list_of(rule))

    # -- names and constants -----------------------------------------------------------------

    def at_name(self) -> bool:
        """Whether the next token may be a name."""
        kind = self.kinds[self.index]
        return kind == NAME or is_word(kind) or self._double_quoted()

    def _double_quoted(self) -> bool:
        return (
            self.kinds[self.index] == STRING
            and self.settings.double_quoted_identifiers
            and self.text[self.tokens.starts[self.index]] == '"'
        )

    def name(self, called: bool = False) -> str:
        """Read a name, quoted or not.

        Args:
            called: Whether reserved words that are functions may stand here.
        """
        index = self.index
        kind = self.kinds[index]
        text = self.text[self.tokens.starts[index] : self.tokens.stops[index]]
        if kind == NAME:
            text = text[1:-1].replace("``", "`")
        elif not is_word(kind):
            if not self._double_quoted():
                self.fail()
            text = text[1:-1].replace('""', '"')
        elif self.settings.reserved_words and kind in (
            RESERVED - CALLED_RESERVED if called else RESERVED
        ):
            self.fail()
        self.index += 1
        return text

    def strict_name(self) -> str:
        """Read a name that is no word of a join or a set operation."""
        if self.kind in STRICT_NON_RESERVED:
            self.fail()
        return self.name()

    def names(self, called: bool = False) -> tuple[str, ...]:
        """Read a name with dots: ``a.b.c``.

        Args:
            called: As for ``name``.
        """
        parts = [self.name(called)]
        while self.at(".") and (is_word(self.peek()) or self.peek() == NAME):
            self.index += 1
            parts.append(self.name())
        return tuple(parts)

    def string(self) -> str:
        """Read a string literal, or several that stand side by side."""
        if self.kind != STRING:
            self.fail()
        first = self.index
        while self.kind == STRING and not self._double_quoted():
            self.index += 1
        return string_value(
            [self.source(i, i + 1) for i in range(first, self.index)],
            self._gaps(first),
            self.settings.strings_as_written,
        )

    def _gaps(self, first: int) -> list[bool]:
        starts, stops = self.tokens.starts, self.tokens.stops
        return [starts[i] > stops[i - 1] for i in range(first + 1, self.index)]

    def integer(self) -> int:
        """Read a number without a fraction or a sign."""
        text = self.source(self.index, self.index + 1)
        if self.kind != NUMBER or not text.isdigit():
            self.fail()
        self.index += 1
        return int(text)

    def hint(self) -> str | None:
        """Step over a hint's comment, and return what is in it."""
        if self.kind != HINT:
            return None
        self.index += 1
        return self.source(self.index - 1)[3:-2]
