"""Regular expressions: DuckDB's where they mean what Java's do, Python's for the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pyrite.sql.duckdb_text import quote
from pyrite.sql.errors import analysis_error, runtime_error
from pyrite.sql.expressions.expression import Call
from pyrite.sql.expressions.function import LoweringContext
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions.constants import constant_integer, constant_text
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.kernels.java_regex import (
    JavaPatternError,
    compile_java,
    java_replacement,
    python_template,
    suits_re2,
)
from pyrite.sql.functions.raising import raised_text
from pyrite.sql.types import STRING, ArrayType, to_arrow

if TYPE_CHECKING:
    import re

    import pyarrow as pa

__all__ = ["FUNCTIONS"]


def _pattern(function: str, text: str) -> re.Pattern[str]:
    """Compile a pattern that a row holds; a bad one raises Spark's error from a kernel."""
    try:
        return compile_java(text)
    except JavaPatternError:
        raise ValueError(
            raised_text(
                "INVALID_PARAMETER_VALUE.PATTERN",
                parameter="`regexp`",
                functionName=f"`{function}`",
                value=f"'{text}'",
            )
        ) from None


def _plain_pattern(call: Call, place: int = 1) -> str | None:
    """Return the constant pattern if RE2 can have it; None sends the call to Python.

    Raises:
        SparkError: INVALID_PARAMETER_VALUE.PATTERN for a constant that is no pattern.
    """
    text = constant_text(call.arguments[place])
    if text is None or "\0" in text:
        return None
    try:
        compile_java(text)
    except JavaPatternError:
        raise runtime_error(
            "INVALID_PARAMETER_VALUE.PATTERN",
            None,
            parameter="`regexp`",
            functionName=f"`{call.function.name}`",
            value=f"'{text}'",
        ) from None
    return text if suits_re2(text) else None


def _matches_empty(text: str) -> bool:
    return compile_java(text).search("") is not None


def _rows(
    call: Call, function: Callable[..., Any], context: LoweringContext, arguments: Sequence[str]
) -> str:
    """Compute a call row by row in Python; rows with a null are null."""
    target = call.data_type

    def compute(*columns: pa.Array) -> pa.Array:
        import pyarrow as pa

        rows = zip(*(column.to_pylist() for column in columns), strict=True)
        answers = [None if None in row else function(*row) for row in rows]
        return pa.array(answers, to_arrow(target))

    return context.kernel(call, compute, arguments)


def _rlike(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    pattern = _plain_pattern(call)
    if pattern is not None:
        return f"regexp_matches({arguments[0]}, {quote(pattern)})"
    name = call.function.name

    def search(text: str, regex: str) -> bool:
        return _pattern(name, regex).search(text) is not None

    return _rows(call, search, context, arguments)


def _check_group(call: Call, pattern: str, group: int) -> None:
    groups = compile_java(pattern).groups
    if not 0 <= group <= groups:
        raise runtime_error(
            "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX",
            None,
            parameter="`idx`",
            functionName=f"`{call.function.name}`",
            groupCount=str(groups),
            groupIndex=str(group),
        )


def _group(name: str, compiled: re.Pattern[str], group: int) -> int:
    if not 0 <= group <= compiled.groups:
        raise ValueError(
            raised_text(
                "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX",
                parameter="`idx`",
                functionName=f"`{name}`",
                groupCount=str(compiled.groups),
                groupIndex=str(group),
            )
        )
    return group


def _extract(every: bool) -> Callable[..., str]:
    def one(name: str, text: str, regex: str, group: int) -> str:
        compiled = _pattern(name, regex)
        match = compiled.search(text)
        group = _group(name, compiled, group) if match else 0
        return (match[group] or "") if match else ""

    def all_of(name: str, text: str, regex: str, group: int) -> list[str]:
        compiled = _pattern(name, regex)
        return [match[_group(name, compiled, group)] or "" for match in compiled.finditer(text)]

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        pattern, group = _plain_pattern(call), constant_integer(call.arguments[2])
        constant = constant_text(call.arguments[1])
        if constant is not None and group is not None:
            _check_group(call, constant, group)
        if pattern is not None and group is not None and group <= 9:
            if not every:
                return f"regexp_extract({arguments[0]}, {quote(pattern)}, {group})"
            found = f"regexp_extract_all({arguments[0]}, {quote(pattern)}, {group})"
            # A group that took no part is empty in Spark and null in DuckDB.
            return f"list_transform({found}, lambda e: coalesce(e, ''))" if group else found
        function = partial(all_of if every else one, call.function.name)
        return _rows(call, function, context, arguments)

    return lower


def _substitute(name: str, text: str, regex: str, replacement: str, position: int) -> str:
    compiled = _pattern(name, regex)
    if position > len(text):
        return text
    try:
        template = python_template(replacement, compiled.groups)
        replaced = compiled.sub(template, text[position - 1 :])
    except (JavaPatternError, IndexError):
        if compiled.search(text) is None:
            return text
        raise ValueError(
            raised_text(
                "INVALID_REGEXP_REPLACE",
                source=text,
                pattern=regex,
                replacement=replacement,
                position=str(position),
            )
        ) from None
    return text[: position - 1] + replaced


def _replace(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    pattern, replacement = _plain_pattern(call), constant_text(call.arguments[2])
    position = constant_integer(call.arguments[3])
    if position is not None and position < 1:
        raise analysis_error(
            "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
            call.origin,
            sqlExpr=f'"{pretty(call)}"',
            exprName="position",
            valueRange="(0, 2147483647]",
            currentValue=str(position),
        )
    if pattern is not None and replacement is not None and position == 1:
        written = _re2_replacement(replacement, compile_java(pattern).groups)
        if written is not None:
            return f"regexp_replace({arguments[0]}, {quote(pattern)}, {quote(written)}, 'g')"
    return _rows(call, partial(_substitute, call.function.name), context, arguments)


def _re2_replacement(replacement: str, groups: int) -> str | None:
    """Return a replacement as RE2 writes it, None if it cannot."""
    written = ""
    try:
        parts = java_replacement(replacement)
    except JavaPatternError:
        return None
    for part in parts:
        if isinstance(part, int):
            if part > groups:
                return None
            written += f"\\{part}"
        elif part.startswith("\0"):
            return None
        else:
            written += "\\\\" if part == "\\" else part
    return written


def _count(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    pattern = _plain_pattern(call)
    if pattern is not None and not _matches_empty(pattern):
        found = f"regexp_extract_all({arguments[0]}, {quote(pattern)}, 0)"
        return f"CAST(len({found}) AS INTEGER)"
    name = call.function.name

    def count(text: str, regex: str) -> int:
        return sum(1 for _ in _pattern(name, regex).finditer(text))

    return _rows(call, count, context, arguments)


def _instr(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    name = call.function.name

    def position(text: str, regex: str, *_: int) -> int:
        match = _pattern(name, regex).search(text)
        return match.start() + 1 if match else 0

    return _rows(call, position, context, arguments)


def _substr(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    pattern = _plain_pattern(call)
    if pattern is not None:
        text, regex = arguments[0], quote(pattern)
        found = f"regexp_extract({text}, {regex}, 0)"
        return f"nullif({found}, '')"
    name = call.function.name

    def first(text: str, regex: str) -> str | None:
        match = _pattern(name, regex).search(text)
        return (match[0] or None) if match else None

    return _rows(call, first, context, arguments)


def split_text(text: str, regex: str, limit: int) -> list[str]:
    """Split a text as Java does.

    Args:
        text: The text.
        regex: A Java pattern.
        limit: The most pieces there are; 0 or less for any number.

    Example:
        >>> split_text("a1b2c", "[0-9]", 2)
        ['a', 'b2c']
    """
    if not regex:
        pieces = list(text) or [""]
        return (
            pieces
            if limit <= 0 or limit >= len(pieces)
            else [
                *pieces[: limit - 1],
                "".join(pieces[limit - 1 :]),
            ]
        )
    pieces, start = [], 0
    for match in _pattern("split", regex).finditer(text):
        if limit > 0 and len(pieces) == limit - 1:
            break
        if match.end() == 0 or (match.start() == match.end() == len(text)):
            continue  # an empty match at the ends makes no piece
        pieces.append(text[start : match.start()])
        start = match.end()
    return [*pieces, text[start:]]


_SPECIAL = frozenset("\\^$.|?*+()[]{}")


def _literal(pattern: str) -> str | None:
    """Return the one text that a pattern matches, None if there are more."""
    if len(pattern) == 2 and pattern[0] == "\\" and not pattern[1].isalnum():
        return pattern[1]
    return None if _SPECIAL & set(pattern) else pattern


def _split(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    pattern, limit = _plain_pattern(call), constant_integer(call.arguments[2])
    if pattern and limit is not None and limit <= 0 and not _matches_empty(pattern):
        literal = _literal(pattern)
        if literal is not None:
            return f"string_split({arguments[0]}, {quote(literal)})"
        return f"string_split_regex({arguments[0]}, {quote(pattern)})"
    return _rows(call, split_text, context, arguments)


def _named(name: str) -> Callable[[Sequence[str]], str]:
    return lambda texts: f"{name}({', '.join(texts)})"


FUNCTIONS = (
    scalar(
        "rlike(str: string, regexp: string) -> boolean",
        _rlike,
        "Whether a part of the text matches a pattern.",
        pretty=_named("RLIKE"),
    ),
    scalar(
        "regexp(str: string, regexp: string) -> boolean",
        _rlike,
        "Whether a part of the text matches a pattern.",
        pretty=_named("REGEXP"),
    ),
    scalar(
        "regexp_like(str: string, regexp: string) -> boolean",
        _rlike,
        "Whether a part of the text matches a pattern.",
        pretty=_named("REGEXP_LIKE"),
    ),
    scalar(
        "regexp_extract(str: string, regexp: string, idx: int = 1) -> string",
        _extract(every=False),
        "A group of the first match, empty if there is none.",
    ),
    scalar(
        "regexp_extract_all(str: string, regexp: string, idx: int = 1) -> array<string>",
        _extract(every=True),
        "A group of each match.",
    ),
    scalar(
        "regexp_replace(str: string, regexp: string, rep: string, position: int = 1) -> string",
        _replace,
        "The text with each match replaced.",
    ),
    scalar(
        "regexp_count(str: string, regexp: string) -> int", _count, "How many matches there are."
    ),
    scalar(
        "regexp_instr(str: string, regexp: string, idx: int = 0) -> int",
        _instr,
        "Where the first match begins, from 1; 0 if there is none.",
    ),
    scalar(
        "regexp_substr(str: string, regexp: string) -> string",
        _substr,
        "The first match, null if there is none.",
        nullable=True,
    ),
    scalar(
        "split(str: string, regex: string, limit: int = -1)",
        _split,
        "The pieces between the matches of a pattern.",
        result=lambda arguments: ArrayType(STRING, False),
    ),
)
