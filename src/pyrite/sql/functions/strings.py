"""Strings: joining, cutting, padding, searching, replacing, case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pyrite.sql.duckdb_text import quote
from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Cast, Expression, Literal
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions import signature as signatures
from pyrite.sql.functions.constants import constant_integer, constant_text
from pyrite.sql.functions.define import scalar, vectorised, where
from pyrite.sql.functions.kernels.texts import (
    initcap,
    levenshtein,
    lower,
    luhn_check,
    mask,
    reverse,
    soundex,
    upper,
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
        return f"spark_bytes_substring({', '.join(arguments)})"
    text, position, length = arguments
    start, count = (constant_integer(argument) for argument in call.arguments[1:])
    if start is not None and start > 0 and count is not None:
        return f"substring({text}, {start}, {max(count, 0)})"
    return f"spark_substring({text}, {position}, {length})"


def _edge(name: str) -> str:
    """Return the SQL of left or right."""
    return f"(CASE WHEN {{1}} <= 0 AND {{0}} IS NOT NULL THEN '' ELSE {name}({{0}}, {{1}}) END)"


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


def _substring_index(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    text, delimiter, count = arguments
    parts = f"string_split({text}, {delimiter})"
    parts = f"CASE WHEN {count} > 0 THEN {parts}[:{count}] ELSE {parts}[{count}:] END"
    if constant_text(call.arguments[1]) is not None:
        joined = f"array_to_string({parts}, {delimiter})"
    else:
        joined = f"list_reduce({parts}, lambda _a, _b: _a || {delimiter} || _b)"
    return (
        f"(CASE WHEN {' OR '.join(f'{argument} IS NULL' for argument in arguments)} THEN NULL "
        f"WHEN {delimiter} = '' OR {count} = 0 THEN '' ELSE {joined} END)"
    )


# Padding


def _pad(left: bool) -> Lowering:
    name = "lpad" if left else "rpad"

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        if _is_binary(call):
            return f"spark_bytes_{name}({', '.join(arguments)})"
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
    text, part, position, occurrence = arguments
    error = raise_sql(
        "INVALID_PARAMETER_VALUE.OCCURRENCE",
        functionName="'`instr`'",
        parameter="'`occurrence`'",
        actual=f"CAST({occurrence} AS VARCHAR)",
    )
    found = f"spark_instr({', '.join(arguments)})"
    if (constant_integer(call.arguments[3]) or 0) > 0:
        return found
    some = " AND ".join(f"{argument} IS NOT NULL" for argument in (text, part, position))
    return f"(CASE WHEN {occurrence} < 1 AND {some} THEN {error} ELSE {found} END)"


def _locate(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    part, text, *start = arguments
    if not start or constant_integer(call.arguments[2]) == 1:
        return f"CAST(strpos({text}, {part}) AS INTEGER)"
    return f"spark_locate({part}, {text}, {start[0]})"


#: The bytes of {0} as text in which each byte is one word.
_WORDS = r"regexp_replace(hex({}), '(..)', '\1 ', 'g')"
_CONTAINS_BYTES = f"contains({_WORDS.format('{0}')}, {_WORDS.format('{1}')})"


def _affix(name: str, of_text: str, of_bytes: str) -> tuple[Function, ...]:
    return scalar(
        f"{name}(left: string|binary, right: string|binary) -> boolean",
        _text_or_bytes(f"{of_text}({{0}}, {{1}})", of_bytes),
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


def _cased(name: str, function: Callable[..., Any]) -> Lowering:
    """Lower to DuckDB for ASCII; beyond it Java maps some letters to several."""
    return where(_IS_ASCII, f"{name}({{0}})", vectorised(function))


# Likeness


def _levenshtein(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    left, right, *threshold = arguments
    plain = f"{_IS_ASCII.format(left)} AND {_IS_ASCII.format(right)}"
    changes = f"CAST(levenshtein({left}, {right}) AS INTEGER)"
    if threshold:
        plain += f" AND {threshold[0]} IS NOT NULL"
        changes = f"CASE WHEN {changes} > {threshold[0]} THEN -1 ELSE {changes} END"
    slow = context.kernel(call, levenshtein, arguments)
    return f"(CASE WHEN {plain} THEN {changes} ELSE {slow} END)"


def _coerce_mask(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Take constants of one character, or null, for what characters become."""
    given = signatures.coerce(function, arguments, ansi)
    names = ("upperChar", "lowerChar", "digitChar", "otherChar")
    for name, argument in zip(names, given[1:], strict=True):
        text = constant_text(argument)
        if text is None and not _is_null(argument):
            raise analysis_error(
                "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
                sqlExpr=f'"{call_text(function, given)}"',
                inputName=f"`{name}`",
                inputType='"STRING"',
                inputExpr=f'"{pretty(argument)}"',
            )
        if text is not None and len(text) != 1:
            raise analysis_error(
                "DATATYPE_MISMATCH.INPUT_SIZE_NOT_ONE",
                sqlExpr=f'"{call_text(function, given)}"',
                exprName=name,
            )
    return given


def _is_null(argument: Expression) -> bool:
    while isinstance(argument, Cast):
        argument = argument.child
    return isinstance(argument, Literal) and argument.value is None


def _mask(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    by = tuple(constant_text(argument) for argument in call.arguments[1:])
    return context.kernel(call, partial(mask, by=by), arguments)


# Lengths


def _length(unit: str) -> Lowering:
    text = {"characters": "length({0})", "bytes": "strlen({0})", "bits": "bit_length({0})"}[unit]
    size = "octet_length({0})" + (" * 8" if unit == "bits" else "")
    return _text_or_bytes(f"CAST({text} AS INTEGER)", f"CAST({size} AS INTEGER)")


#: DuckDB keeps letters and their accents together.
_REVERSED_TEXT = where(_IS_ASCII, "reverse({0})", vectorised(reverse))


def _reverse(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if isinstance(call.data_type, ArrayType):
        return f"list_reverse({arguments[0]})"
    if isinstance(call.data_type, BinaryType):
        return f"spark_bytes_reverse({arguments[0]})"
    return _REVERSED_TEXT(call, arguments, context)


def _coerce_reverse(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    (value,) = arrange(function, arguments)
    if isinstance(value.data_type, (ArrayType, BinaryType)):
        return (value,)
    return (cast_to(value, STRING, ansi),)


def _overlaid(part: str) -> str:
    """Return the SQL of overlay by the macro that returns a part."""
    size = {"spark_substring": "length", "spark_bytes_substring": "octet_length"}[part]
    place = "CAST({2} AS BIGINT)"
    after = f"{place} + CASE WHEN {{3}} < 0 THEN {size}({{1}}) ELSE {{3}} END"
    return f"({part}({{0}}, 1, {place} - 1) || {{1}} || {part}({{0}}, {after}, 4294967295))"


#: Where sentences end, as Java has it: at ? and !, and at full stops before no small letter.
_SENTENCE_ENDS = (
    (r"([?!][?!.]*[\"')\]}]*\s*)", "\\1\x1f"),
    (r"(\.+[\"')\]}]*\s+)([\"'(\[{]*[\p{Lu}\p{Lt}\p{Lo}])", "\\1\x1f\\2"),
)
#: Letters and digits; some marks belong to a word between two letters, others between two digits.
_LETTERS = r"[\p{L}\p{M}_](?:[-.']?[\p{L}\p{M}_])*"
_NUMBER = r"\p{Nd}(?:[.,']?\p{Nd})*"
_WORD = rf"(?:[\p{{Sc}}.]?{_NUMBER}|{_LETTERS})(?:{_NUMBER}|{_LETTERS})*%?"


def _sentences(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    text = arguments[0]
    for end, marked in _SENTENCE_ENDS:
        text = f"regexp_replace({text}, {quote(end)}, {quote(marked)}, 'g')"
    found = f"list_filter(string_split({text}, chr(31)), lambda _s: _s <> '')"
    words = f"regexp_extract_all(_s, {quote(_WORD)})"
    words = rf"list_filter({words}, lambda _w: regexp_matches(_w, '^[\p{{L}}\p{{N}}]'))"
    return f"list_transform({found}, lambda _s: {words})"


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
        _text_or_bytes(_edge("left"), "spark_bytes_substring({0}, 1, {1})"),
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
        nullable=True,
    ),
    scalar(
        "substring_index(str: string, delim: string, count: int) -> string",
        _substring_index,
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
        "CASE WHEN contains({str}, ',') AND {strArray} IS NOT NULL THEN 0 ELSE "
        "coalesce(list_position(string_split({strArray}, ','), {str}), "
        "CASE WHEN {str} IS NOT NULL AND {strArray} IS NOT NULL THEN 0 END) END",
        "Which of the words between commas it is, from 1; 0 if none.",
    ),
    _affix("startswith", "starts_with", "({0})[:octet_length({1})] = {1}"),
    _affix(
        "endswith",
        "ends_with",
        "(octet_length({1}) <= octet_length({0}) AND "
        "({0})[octet_length({0}) - octet_length({1}) + 1:] = {1})",
    ),
    _affix("contains", "contains", _CONTAINS_BYTES),
    scalar(
        "upper(str: string) -> string",
        _cased("upper", upper),
        "In upper case.",
        aliases=("ucase",),
    ),
    scalar(
        "lower(str: string) -> string",
        _cased("lower", lower),
        "In lower case.",
        aliases=("lcase",),
    ),
    scalar(
        "initcap(str: string) -> string",
        where(
            _IS_ASCII,
            "array_to_string([upper(word[1]) || word[2:] "
            "FOR word IN string_split(lower({0}), ' ')], ' ')",
            vectorised(initcap),
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
        _text_or_bytes(_overlaid("spark_substring"), _overlaid("spark_bytes_substring")),
        "The text with a part replaced.",
        result=_first_type,
    ),
    scalar(
        "levenshtein(left: string, right: string, threshold?: int) -> int",
        _levenshtein,
        "How many changes make one text the other; -1 if more than a threshold.",
    ),
    scalar("soundex(str: string) -> string", vectorised(soundex), "A code of how it sounds."),
    scalar(
        "sentences(str: string, lang: string = '', country: string = '') -> array<array<string>>",
        _sentences,
        "The words of each sentence.",
    ),
    scalar(
        "luhn_check(str: string) -> boolean",
        vectorised(luhn_check),
        "Whether the digits are valid by Luhn's rule.",
    ),
    scalar(
        "mask(str: string, upperChar: string = 'X', lowerChar: string = 'x', "
        "digitChar: string = 'n', otherChar: string = null) -> string",
        _mask,
        "The text with its letters and digits hidden.",
        coerce=_coerce_mask,
        nullable=True,
    ),
    scalar(
        "quote(str: string) -> string",
        r"(chr(39) || replace({str}, chr(39), '\' || chr(39)) || chr(39))",
        "The text in quotes, with backslashes before those inside.",
        nullable=True,
    ),
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
