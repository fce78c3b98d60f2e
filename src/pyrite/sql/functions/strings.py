"""Strings: joining, cutting, padding, searching, replacing, case."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from typing import Any

from pyrite.sql import duckdb_text
from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.functions import signature as signatures
from pyrite.sql.functions.constants import constant_integer, constant_text
from pyrite.sql.functions.define import scalar, where
from pyrite.sql.functions.kernels.rows import by_row, row_call
from pyrite.sql.functions.kernels.texts import (
    find_in_set,
    find_occurrence,
    initcap,
    levenshtein,
    luhn_check,
    mask,
    overlay,
    pad,
    quote,
    sentences,
    soundex,
    substring,
    substring_index,
)
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.functions.signature import arrange, call_text
from pyrite.sql.functions.type_coercion import cast_to, common_type_of
from pyrite.sql.types import (
    BINARY,
    INTEGER,
    STRING,
    ArrayType,
    BinaryType,
    DataType,
    NullType,
    sql_name,
)

__all__ = ["FUNCTIONS"]


#: Text for which bytes and characters are the same; DuckDB counts the one, Spark the other.
_IS_ASCII = "strlen({0}) = length({0})"


def _is_binary(call: Call, place: int = 0) -> bool:
    return isinstance(call.arguments[place].data_type, BinaryType)


def _first_type(arguments: Sequence[Expression]) -> DataType:
    return arguments[0].data_type


def _text_or_bytes(text: str | Lowering, for_bytes: Lowering | str) -> Lowering:
    """Lower a call on text one way and a call on bytes another way; templates have {0}, {1}."""

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        chosen = for_bytes if _is_binary(call) else text
        if isinstance(chosen, str):
            return chosen.format(*arguments)
        return chosen(call, arguments, context)

    return lower


# Joining


def _coerce_concat(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Arrays stay arrays of their common type, binary stays binary, all else becomes text."""
    if not arguments:
        return ()
    types = [argument.data_type for argument in arguments]
    target: DataType = STRING
    if any(isinstance(t, ArrayType) for t in types):
        common = common_type_of(types, ansi)
        if common is None:
            raise analysis_error(
                "DATATYPE_MISMATCH.DATA_DIFF_TYPES",
                sqlExpr=f'"{call_text(function, arguments)}"',
                functionName=f"`{function.name}`",
                dataType="(" + " or ".join(f'"{sql_name(t)}"' for t in types) + ")",
            )
        target = common
    elif all(isinstance(t, (BinaryType, NullType)) for t in types) and any(
        isinstance(t, BinaryType) for t in types
    ):
        target = BINARY
    return tuple(cast_to(argument, target, ansi) for argument in arguments)


def _concat(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return f"({' || '.join(arguments)})" if arguments else "''"


def _coerce_concat_ws(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    separator, *parts = arrange(function, arguments)
    texts = ArrayType(STRING)
    return (
        cast_to(separator, STRING, ansi),
        *(
            cast_to(part, texts if isinstance(part.data_type, ArrayType) else STRING, ansi)
            for part in parts
        ),
    )


def _concat_ws(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    separator, *parts = arguments
    if not parts:
        return f"(CASE WHEN {separator} IS NOT NULL THEN '' END)"
    if not any(isinstance(a.data_type, ArrayType) for a in call.arguments):
        return f"concat_ws({', '.join(arguments)})"
    lists = [
        f"coalesce({part}, [])" if isinstance(argument.data_type, ArrayType) else f"[{part}]"
        for part, argument in zip(parts, call.arguments[1:], strict=True)
    ]
    joined = lists[0]
    for part in lists[1:]:
        joined = f"list_concat({joined}, {part})"
    return f"array_to_string(CAST({joined} AS VARCHAR[]), {separator})"


def _elt(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    index, *values = arguments
    picked = f"[{', '.join(values)}][{index}]"
    if not context.ansi:
        return f"(CASE WHEN {index} > 0 THEN {picked} END)"
    error = raise_sql(
        "INVALID_ARRAY_INDEX",
        indexValue=f"CAST({index} AS VARCHAR)",
        arraySize=f"'{len(values)}'",
        ansiConfig="'\"spark.sql.ansi.enabled\"'",
    )
    return f"(CASE WHEN {index} < 1 OR {index} > {len(values)} THEN {error} ELSE {picked} END)"


def _coerce_elt(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    index, *values = arrange(function, arguments)
    binary = all(isinstance(value.data_type, BinaryType) for value in values)
    target = BINARY if binary else STRING
    return cast_to(index, INTEGER, ansi), *(cast_to(value, target, ansi) for value in values)


# Cutting


def _substring(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if _is_binary(call):
        return row_call(call, substring, context, arguments)
    text, position, length = arguments
    start, count = (constant_integer(argument) for argument in call.arguments[1:])
    if start is not None and start > 0 and count is not None:
        return f"substring({text}, {start}, {max(count, 0)})"
    return f"spark_substring({text}, {position}, {length})"


def _edge(name: str) -> Lowering:
    """Lower left or right."""
    text = f"(CASE WHEN {{1}} <= 0 AND {{0}} IS NOT NULL THEN '' ELSE {name}({{0}}, {{1}}) END)"

    def of_bytes(data: bytes, length: int) -> bytes:
        if length <= 0:
            return b""
        return data[:length] if name == "left" else data[-length:]

    return _text_or_bytes(text, by_row(of_bytes))


def _trimmed(name: str) -> Lowering:
    """Lower trim, ltrim or rtrim: (text) or (characters, text)."""

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        if len(arguments) == 1:
            return f"{name}({arguments[0]}, ' ')"
        return f"{name}({arguments[1]}, {arguments[0]})"

    return lower


def _trim_text(name: str, word: str) -> Callable[[Sequence[str]], str]:
    def pretty(texts: Sequence[str]) -> str:
        if len(texts) == 1:
            return f"{name}({texts[0]})"
        return f"TRIM({word} {texts[0]} FROM {texts[1]})"

    return pretty


def _split_part(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    text, delimiter, place = arguments
    pieces = f"CASE WHEN {delimiter} = '' THEN [{text}] ELSE string_split({text}, {delimiter}) END"
    picked = f"coalesce(({pieces})[{place}], '')"
    some = f"{text} IS NOT NULL AND {delimiter} IS NOT NULL AND {place} IS NOT NULL"
    error = raise_sql("INVALID_INDEX_OF_ZERO")
    if constant_integer(call.arguments[2]):
        return f"(CASE WHEN {some} THEN {picked} END)"
    return f"(CASE WHEN {place} = 0 THEN {error} WHEN {some} THEN {picked} END)"


# Padding


def _pad(left: bool) -> Lowering:
    name = "lpad" if left else "rpad"

    def of_row(data: Any, length: int, fill: Any) -> Any:
        return pad(data, length, fill, left)

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        if _is_binary(call):
            return row_call(call, of_row, context, arguments)
        length, fill = constant_integer(call.arguments[1]), constant_text(call.arguments[2])
        if length is not None and length > 0 and fill:
            return f"{name}({', '.join(arguments)})"
        return f"spark_{name}({', '.join(arguments)})"

    return lower


def _coerce_pad(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Pad text with blanks and bytes with zeros where no fill is given; else both are alike."""
    if len(arguments) == 2:
        is_bytes = isinstance(arguments[0].data_type, BinaryType)
        fill = Literal(b"\0", BINARY) if is_bytes else Literal(" ", STRING)
        arguments = (*arguments, fill)
    data, length, filling = signatures.coerce(function, arguments, ansi)
    binary = all(isinstance(part.data_type, BinaryType) for part in (data, filling))
    target = BINARY if binary else STRING
    return cast_to(data, target, ansi), length, cast_to(filling, target, ansi)


# Searching


def _coerce_instr(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = signatures.coerce(function, arguments, ansi)
    return (*given, Literal(1, INTEGER)) if len(given) == 3 else given


def _instr(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if len(arguments) == 2:
        return f"CAST(strpos({arguments[0]}, {arguments[1]}) AS INTEGER)"
    return row_call(call, find_occurrence, context, arguments)


def _locate(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    part, text, *start = arguments
    if not start or constant_integer(call.arguments[2]) == 1:
        return f"CAST(strpos({text}, {part}) AS INTEGER)"
    return f"spark_locate({part}, {text}, {start[0]})"


def _affix(
    name: str, duckdb: str, of_bytes: Callable[[bytes, bytes], bool]
) -> tuple[Function, ...]:
    return scalar(
        f"{name}(left: string|binary, right: string|binary) -> boolean",
        _text_or_bytes(f"{duckdb}({{0}}, {{1}})", by_row(of_bytes)),
        "Whether one text is in the other, at that end.",
        coerce=_coerce_alike,
    )


def _coerce_alike(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Compare bytes with bytes only if both are bytes."""
    arguments = arrange(function, arguments)
    binary = all(isinstance(argument.data_type, BinaryType) for argument in arguments)
    coerced = signatures.coerce(function, arguments, ansi)
    return tuple(cast_to(argument, BINARY if binary else STRING, ansi) for argument in coerced)


# Case


def _upper(text: str) -> str:
    return text.upper()


def _lower(text: str) -> str:
    return text.lower()


def _cased(name: str, function: Callable[[str], str]) -> Lowering:
    """Lower to DuckDB for ASCII; beyond it Java maps some letters to several."""
    return where(_IS_ASCII, f"{name}({{0}})", by_row(function))


# Likeness


def _levenshtein(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    left, right, *threshold = arguments
    plain = f"{_IS_ASCII.format(left)} AND {_IS_ASCII.format(right)}"
    changes = f"CAST(levenshtein({left}, {right}) AS INTEGER)"
    if threshold:
        plain += f" AND {threshold[0]} IS NOT NULL"
        changes = f"CASE WHEN {changes} > {threshold[0]} THEN -1 ELSE {changes} END"
    slow = row_call(call, levenshtein, context, arguments)
    return f"(CASE WHEN {plain} THEN {changes} ELSE {slow} END)"


def _mask(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    """Lower to one translation, where letters and digits of ASCII get known characters."""
    slow = row_call(call, mask, context, arguments, nulls=True)
    text = arguments[0]
    hiding = [constant_text(argument) for argument in call.arguments[1:4]]
    kinds = string.ascii_uppercase, string.ascii_lowercase, string.digits
    other = call.arguments[4]
    if not isinstance(other, Literal) or other.value is not None or None in hiding:
        return slow
    hidden = "".join((one or "") * len(kind) for one, kind in zip(hiding, kinds, strict=True))
    if len(hidden) != len("".join(kinds)):
        return slow
    masked = f"translate({text}, {duckdb_text.quote(''.join(kinds))}, {duckdb_text.quote(hidden)})"
    return f"(CASE WHEN {_IS_ASCII.format(text)} THEN {masked} ELSE {slow} END)"


# Lengths


def _length(unit: str) -> Lowering:
    text = {"characters": "length({0})", "bytes": "strlen({0})", "bits": "bit_length({0})"}[unit]
    size = "octet_length({0})" + (" * 8" if unit == "bits" else "")
    return _text_or_bytes(f"CAST({text} AS INTEGER)", f"CAST({size} AS INTEGER)")


def _reverse(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if isinstance(call.data_type, ArrayType):
        return f"list_reverse({arguments[0]})"
    if isinstance(call.data_type, BinaryType):
        return row_call(call, lambda data: data[::-1], context, arguments)
    return f"reverse({arguments[0]})"


def _coerce_reverse(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    (value,) = arrange(function, arguments)
    if isinstance(value.data_type, (ArrayType, BinaryType)):
        return (value,)
    return (cast_to(value, STRING, ansi),)


_ANY_TEXT = "string|binary"

FUNCTIONS = (
    scalar(
        "concat(exprs...?: any) -> any",
        _concat,
        "The texts, binaries or arrays one after the other; null if one is null.",
        coerce=_coerce_concat,
        result=lambda arguments: arguments[0].data_type if arguments else STRING,
        aliases=("||",),
    ),
    scalar(
        "concat_ws(sep: string, exprs...?: any) -> string",
        _concat_ws,
        "The texts, and arrays of texts, with a separator between; nulls are left out.",
        coerce=_coerce_concat_ws,
        nullable=lambda arguments: arguments[0].nullable,
    ),
    scalar(
        "elt(index: int, exprs...: any) -> any",
        _elt,
        "The value of an index, from 1.",
        coerce=_coerce_elt,
        result=lambda arguments: arguments[1].data_type,
        nullable=True,
    ),
    scalar(
        f"substring(str: {_ANY_TEXT}, pos: int, len: int = 2147483647) -> any",
        _substring,
        "A part from a position on; a negative position counts from the end.",
        result=_first_type,
        aliases=("substr",),
    ),
    scalar(
        f"left(str: {_ANY_TEXT}, len: int) -> any",
        _edge("left"),
        "The first characters.",
        result=_first_type,
    ),
    scalar("right(str: string, len: int) -> string", _edge("right"), "The last characters."),
    *(
        scalar(
            f"{name}(trimStr: string, str?: string) -> string",
            _trimmed(name),
            "The text without blanks, or some characters, at its ends.",
            pretty=_trim_text(name, word),
        )
        for name, word in (("trim", "BOTH"), ("ltrim", "LEADING"), ("rtrim", "TRAILING"))
    ),
    scalar(
        "btrim(str: string, trimStr: string = ' ') -> string",
        "trim({str}, {trimStr})",
        "The text without blanks, or some characters, at both ends.",
        pretty=lambda texts: f"btrim({', '.join(t for t in texts if t != ' ')})",
    ),
    scalar(
        "split_part(str: string, delimiter: string, partNum: int) -> string",
        _split_part,
        "One of the parts between delimiters; a negative number counts from the end.",
    ),
    scalar(
        "substring_index(str: string, delim: string, count: int) -> string",
        where(
            "{1} <> '' AND {2} <> 0",
            "array_to_string(CASE WHEN {2} > 0 THEN string_split({0}, {1})[1:{2}] "
            "ELSE string_split({0}, {1})[{2}:] END, {1})",
            by_row(substring_index),
        ),
        "What is before a delimiter's nth place, or after it from the end.",
    ),
    scalar(
        f"lpad(str: {_ANY_TEXT}, len: int, pad: {_ANY_TEXT}) -> any",
        _pad(left=True),
        "The text made so long on its left.",
        coerce=_coerce_pad,
        result=_first_type,
    ),
    scalar(
        f"rpad(str: {_ANY_TEXT}, len: int, pad: {_ANY_TEXT}) -> any",
        _pad(left=False),
        "The text made so long on its right.",
        coerce=_coerce_pad,
        result=_first_type,
    ),
    scalar("repeat(str: string, n: int) -> string", "repeat({str}, {n})", "The text n times."),
    scalar("space(n: int) -> string", "repeat(' ', {n})", "So many blanks."),
    scalar(
        "reverse(array: any) -> any",
        _reverse,
        "The text or the array backwards.",
        coerce=_coerce_reverse,
        result=_first_type,
    ),
    scalar(
        "replace(str: string, search: string, replace: string = '') -> string",
        "CASE WHEN {search} = '' AND {replace} IS NOT NULL THEN {str} "
        "ELSE replace({str}, {search}, {replace}) END",
        "The text with each occurrence replaced.",
    ),
    scalar(
        "translate(input: string, from: string, to: string) -> string",
        "translate({input}, {from}, {to})",
        "The text with characters replaced by others.",
    ),
    scalar(
        "instr(str: string, substr: string, position?: int, occurrence?: int) -> int",
        _instr,
        "Where a part begins for the first or another time, from 1; 0 if it is not there. "
        "It is looked for from a position on, or backwards from one counted from the end.",
        coerce=_coerce_instr,
    ),
    scalar(
        "locate(substr: string, str: string, pos: int = 1) -> int",
        _locate,
        "Where a part begins, from 1, searching from a position; 0 if it is not there.",
        aliases=("position",),
    ),
    scalar(
        "find_in_set(str: string, strArray: string) -> int",
        by_row(find_in_set),
        "Which of the words between commas it is, from 1; 0 if none.",
    ),
    _affix("startswith", "starts_with", bytes.startswith),
    _affix("endswith", "ends_with", bytes.endswith),
    _affix("contains", "contains", bytes.__contains__),
    scalar(
        "upper(str: string) -> string",
        _cased("upper", _upper),
        "In upper case.",
        aliases=("ucase",),
    ),
    scalar(
        "lower(str: string) -> string",
        _cased("lower", _lower),
        "In lower case.",
        aliases=("lcase",),
    ),
    scalar(
        "initcap(str: string) -> string",
        where(
            _IS_ASCII,
            "array_to_string([upper(word[1]) || word[2:] "
            "FOR word IN string_split(lower({0}), ' ')], ' ')",
            by_row(initcap),
        ),
        "Each word with a capital.",
    ),
    *(
        scalar(
            f"{name}(str: {_ANY_TEXT}) -> int",
            _length(unit),
            f"How many {unit} it has.",
        )
        for name, unit in (
            ("length", "characters"),
            ("len", "characters"),
            ("char_length", "characters"),
            ("character_length", "characters"),
            ("octet_length", "bytes"),
            ("bit_length", "bits"),
        )
    ),
    scalar(
        f"overlay(input: {_ANY_TEXT}, replace: {_ANY_TEXT}, pos: int, len: int = -1) -> any",
        _text_or_bytes(
            where(
                "{2} > 0 AND {3} >= -1",
                "substring({0}, 1, {2} - 1) || {1} || "
                "substring({0}, {2} + CASE WHEN {3} < 0 THEN length({1}) ELSE {3} END)",
                by_row(overlay),
            ),
            by_row(overlay),
        ),
        "The text with a part replaced.",
        result=_first_type,
    ),
    scalar(
        "levenshtein(left: string, right: string, threshold?: int) -> int",
        _levenshtein,
        "How many changes make one text the other; -1 if more than a threshold.",
    ),
    scalar("soundex(str: string) -> string", by_row(soundex), "A code of how it sounds."),
    scalar(
        "sentences(str: string, lang: string = '', country: string = '') -> array<array<string>>",
        by_row(sentences),
        "The words of each sentence.",
    ),
    scalar(
        "luhn_check(str: string) -> boolean",
        by_row(luhn_check),
        "Whether the digits are valid by Luhn's rule.",
    ),
    scalar(
        "mask(input: string, upperChar: string = 'X', lowerChar: string = 'x', "
        "digitChar: string = 'n', otherChar: string = null) -> string",
        _mask,
        "The text with its letters and digits hidden.",
        nullable=True,
    ),
    scalar("quote(str: string) -> string", by_row(quote), "The text as a SQL string."),
    scalar(
        "jaro_winkler_similarity(left: string, right: string) -> double",
        "CASE WHEN {left} = {right} THEN 1 ELSE jaro_winkler_similarity({left}, {right}) END",
        "How alike two texts are, from 0 to 1.",
    ),
    scalar(
        "collation(expr: string) -> string",
        "'SYSTEM.BUILTIN.UTF8_BINARY'",
        "The name of the text's order.",
        nullable=False,
    ),
)
