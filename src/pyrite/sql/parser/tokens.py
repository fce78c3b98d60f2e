"""Tokens: SQL text cut into words, literals and signs by sqlglot's tokenizer.

Spark reserves no word, so the tokenizer is told of none: whether ``order`` is a column or begins
an ORDER BY is decided by the grammar. A token's *kind* is the word in capitals, the sign itself,
or one of ``NAME``, ``STRING``, ``NUMBER``, ``HINT`` and ``END``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from pyrite.sql.parser.errors import syntax_error, unclosed_comment

__all__ = ["END", "HINT", "NAME", "NUMBER", "STRING", "Tokens", "is_word", "tokenize"]

#: ```a`b```
NAME = "`"
#: ``'text'``, ``"text"`` and ``r'text'``
STRING = "'"
#: ``1``, ``1.5e3``, ``1L``, ``1.5BD``
NUMBER = "0"
#: ``/*+ BROADCAST(t) */``
HINT = "/*+"
#: Behind the last token.
END = ""

#: A number with Spark's type suffix, which the tokenizer takes for a word: ``1L``, ``2.5BD``.
_SUFFIXED = re.compile(r"\d+[LSY]|(\d+\.?\d*|\.\d+)(E[+-]?\d+)?(BD|D|F)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a text, by columns; the last one is END.

    Attributes:
        text: The whole SQL text.
        kinds: What each token is.
        starts: Offset of its first character.
        stops: Offset behind its last character.
    """

    text: str
    kinds: list[str]
    starts: list[int]
    stops: list[int]

    def slice(self, first: int, last: int) -> Tokens:
        """Return the tokens from ``first`` up to but without ``last``, with an END of its own."""
        stop = self.stops[last - 1] if last > first else self.starts[first]
        return Tokens(
            self.text,
            [*self.kinds[first:last], END],
            [*self.starts[first:last], stop],
            [*self.stops[first:last], stop],
        )


def is_word(kind: str) -> bool:
    """Whether a kind is that of an unquoted word."""
    return kind[:1].isalpha() or kind[:1] == "_" or (len(kind) > 1 and kind[0].isdigit())


@cache
def _tokenizer() -> Any:
    """Make sqlglot's tokenizer with Spark's quotes and signs, and without any keyword."""
    from sqlglot import TokenType, tokens
    from sqlglot.dialects.dialect import Dialect

    class SparkTokens(Dialect):
        IDENTIFIERS_CAN_START_WITH_DIGIT = True

        class Tokenizer(tokens.Tokenizer):
            QUOTES: ClassVar[Any] = ["'", '"']
            IDENTIFIERS: ClassVar[Any] = ["`"]
            STRING_ESCAPES: ClassVar[Any] = ["\\"]
            RAW_STRINGS: ClassVar[Any] = [(p + q, q) for p in "rR" for q in "'\""]
            HEX_STRINGS: ClassVar[Any] = []
            COMMENTS: ClassVar[Any] = ["--", ("/*", "*/")]
            STRING_ESCAPES_ALLOWED_IN_RAW_STRINGS = False
            NUMERIC_LITERALS: ClassVar[Any] = {}
            TOKENS_PRECEDING_HINT: ClassVar[Any] = {TokenType.VAR}
            KEYWORDS: ClassVar[Any] = {
                sign: tokens.Tokenizer.KEYWORDS[sign]
                for sign in ("<=>", "==", "!=", "<>", "<=", ">=", "||", "::", "->", "=>", "|>")
            } | {"/*+": TokenType.HINT}

    types = {
        TokenType.IDENTIFIER: NAME,
        TokenType.STRING: STRING,
        TokenType.RAW_STRING: STRING,
        TokenType.NUMBER: NUMBER,
        TokenType.HINT: HINT,
    }
    return SparkTokens(), types, TokenType.VAR


def tokenize(text: str) -> Tokens:
    """Cut a text into tokens.

    Raises:
        SparkError: PARSE_SYNTAX_ERROR for a quote that is not closed, and
            UNCLOSED_BRACKETED_COMMENT.

    Example:
        >>> tokenize("select `a b`, 1L").kinds
        ['SELECT', '`', ',', '0', '']
    """
    from sqlglot.errors import TokenError

    dialect, types, word = _tokenizer()
    try:
        tokens = dialect.tokenize(text)
    except TokenError:
        raise _unclosed(text) from None
    kinds: list[str] = []
    starts: list[int] = []
    stops: list[int] = []
    for token in tokens:
        token_type = token.token_type
        start = token.start
        stop = token.end + 1
        kind = types.get(token_type)
        if kind is None:
            kind = token.text
            if token_type == word:
                kind = kind.upper()
                if kind[0].isdigit() and _SUFFIXED.fullmatch(kind):
                    kind = NUMBER
        elif kind == HINT:
            stop = text.find("*/", start) + 2
        if kinds and kinds[-1] == "." and stops[-1] == start and kind == NUMBER:
            # ".5" is a number unless a name or a bracket stands right before the dot.
            before = kinds[-2] if len(kinds) > 1 and stops[-2] == starts[-1] else ","
            if not (is_word(before) or before in (NAME, ")", "]")):
                kinds[-1] = NUMBER
                stops[-1] = stop
                continue
        kinds.append(kind)
        starts.append(start)
        stops.append(stop)
    kinds.append(END)
    starts.append(len(text))
    stops.append(len(text))
    return Tokens(text, kinds, starts, stops)


_QUOTED = re.compile(
    r"--[^\n]*|[rR]'[^']*'|[rR]\"[^\"]*\"|'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|`(?:[^`]|``)*`",
    re.DOTALL,
)


def _unclosed(text: str) -> Exception:
    """Find the quote or comment that is not closed."""
    position = 0
    while position < len(text):
        match = _QUOTED.match(text, position)
        if match:
            position = match.end()
        elif text.startswith("/*", position):
            end = text.find("*/", position)
            if end < 0:
                return unclosed_comment(text, position)
            position = end + 2
        elif text[position] in "'\"`":
            break
        else:
            position += 1
    position = min(position, len(text) - 1)
    return syntax_error(text, position, position + 1)
