"""Java's format strings (``%05d``, ``%.2f``, ``%1$s``) as DuckDB SQL.

A constant format is parsed once: each specifier becomes the SQL of its argument's text, and a call
the concatenation of these. As in Spark, dates and times are the integers that stand for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pyrite.sql.duckdb_text import quote
from pyrite.sql.errors import SparkError, runtime_error
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import LoweringContext
from pyrite.sql.functions.type_coercion import cast_to
from pyrite.sql.types import (
    STRING,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    NullType,
    ShortType,
    StringType,
    TimestampNTZType,
    TimestampType,
    YearMonthIntervalType,
    sql_name,
)

__all__ = ["fixed", "format_sql", "grouped"]

_SPECIFIER = re.compile(r"%(?:(\d+)\$|(<))?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")

#: How many bits the integers have that stand for values of a type.
_BITS: dict[type[DataType], int] = {
    ByteType: 8,
    ShortType: 16,
    IntegerType: 32,
    LongType: 64,
    DateType: 32,
    TimestampType: 64,
    TimestampNTZType: 64,
    DayTimeIntervalType: 64,
    YearMonthIntervalType: 32,
}
#: SQL of these integers, where they are not DuckDB's own values.
_INTEGERS: dict[type[DataType], str] = {
    DateType: "datediff('day', DATE '1970-01-01', {0})",
    TimestampType: "epoch_us({0})",
    TimestampNTZType: "epoch_us({0})",
}
#: The flags that each conversion takes.
_FLAGS = {
    "d": "-+ 0,(",
    "x": "-#0",
    "o": "-#0",
    "f": "-+ 0,(",
    "e": "-+ 0(",
    "g": "-+ 0,(",
    "c": "-",
    "s": "-",
    "b": "-",
}
#: The most digits after the point that DuckDB's decimals have.
_DIGITS, _MOST_PLACES, _FAST_PLACES = 38, 37, 17


@dataclass(frozen=True, slots=True)
class _Specifier:
    """One ``%`` of a format: its flags, width, precision (None if it has none) and letter."""

    text: str
    flags: str
    width: int
    precision: int | None
    letter: str

    def problem(self, what: str) -> SparkError:
        """Return the error that names what is wrong with the specifier."""
        return runtime_error(
            "INVALID_PARAMETER_VALUE.FORMAT_SPECIFIER",
            parameter="`strfmt`",
            functionName="`format_string`",
            specifier=f"'{self.text}'",
            problem=what,
        )

    def padded(self, text: str) -> str:
        """Return the SQL of a text made as long as the width."""
        if not self.width:
            return text
        side = "r" if "-" in self.flags else "l"
        size = f"CAST(greatest(length({text}), {self.width}) AS INTEGER)"
        return f"{side}pad({text}, {size}, ' ')"

    def signed(self, digits: str, negative: str) -> str:
        """Return the SQL of a number: its sign, zeros up to the width, and its digits."""
        plus = "+" if "+" in self.flags else " " if " " in self.flags else ""
        minus, end = ("(", f" || if({negative}, ')', '')") if "(" in self.flags else ("-", "")
        sign = f"if({negative}, '{minus}', '{plus}')"
        if "0" in self.flags and self.width:
            taken = f"if({negative}, {1 + len(end and ')')}, {len(plus)})"
            size = f"CAST(greatest(length({digits}), {self.width} - {taken}) AS INTEGER)"
            digits = f"lpad({digits}, {size}, '0')"
        return f"{sign} || {digits}{end}"


def _check(specifier: _Specifier) -> None:
    """Refuse flags that a conversion does not take, or that exclude each other."""
    allowed = _FLAGS.get(specifier.letter.lower())
    if allowed is None or (specifier.letter.isupper() and specifier.letter in "DFO"):
        raise specifier.problem("has a conversion that is not known")
    flags = specifier.flags
    for flag in flags:
        if flag not in allowed:
            raise specifier.problem(f"has the flag '{flag}', which its conversion does not take")
    if len(set(flags)) < len(flags) or {"-", "0"} <= set(flags) or {"+", " "} <= set(flags):
        raise specifier.problem("has flags that exclude each other")
    if set("-0") & set(flags) and not specifier.width:
        raise specifier.problem("has a flag that needs a width")
    if specifier.precision is not None and specifier.letter.lower() in "dxoc":
        raise specifier.problem("has a precision, which its conversion does not take")


def grouped(digits: str) -> str:
    """Return the SQL of digits with a comma before each three from the end."""
    threes = rf"regexp_replace(reverse({digits}), '(.{{3}})', '\1,', 'g')"
    slow = f"ltrim(reverse({threes}), ',')"
    return f"coalesce(format('{{:,}}', TRY_CAST({digits} AS BIGINT)), {slow})"


def _decimal(specifier: _Specifier, value: str, bits: int) -> str:
    digits = f"CAST(abs(CAST({value} AS {'HUGEINT' if bits == 64 else 'BIGINT'})) AS VARCHAR)"
    if "," in specifier.flags:
        digits = grouped(digits)
    elif not specifier.flags.strip("-"):
        return f"CAST({value} AS VARCHAR)"
    return specifier.signed(digits, f"{value} < 0")


def _unsigned(specifier: _Specifier, value: str, bits: int) -> str:
    """Return the SQL of an integer's bits in base 16 or 8."""
    hexadecimal = specifier.letter.lower() == "x"
    positive = f"CAST({value} AS BIGINT)" + (f" & {2**bits - 1}" if bits < 64 else "")
    if hexadecimal:
        digits = f"lower(to_hex({positive}))"
    else:
        digits = (
            f"printf('%o', CAST(CAST({positive} AS HUGEINT) "
            f"+ if({positive} < 0, {_WORDS}, 0) AS UBIGINT))"
        )
    prefix = ("0x" if hexadecimal else "0") if "#" in specifier.flags else ""
    if "0" in specifier.flags:
        size = f"CAST(greatest(length({digits}), {specifier.width - len(prefix)}) AS INTEGER)"
        digits = f"lpad({digits}, {size}, '0')"
    return f"'{prefix}' || {digits}" if prefix else digits


_WORDS = f"CAST('{2**64}' AS HUGEINT)"


def _floating(specifier: _Specifier, value: str) -> str:
    places = 6 if specifier.precision is None else specifier.precision
    if places > _MOST_PLACES:
        raise specifier.problem(f"has a precision of more than {_MOST_PLACES}")
    value = f"CAST({value} AS DOUBLE)"
    match specifier.letter.lower():
        case "f":
            digits = fixed(value, places)
        case "e":
            digits = _scientific(value, places)
        case _:
            digits = _general(value, max(places, 1))
    if "," in specifier.flags:
        whole, rest = f"split_part({digits}, '.', 1)", f"regexp_extract({digits}, '[.].*')"
        digits = f"{grouped(whole)} || {rest}"
    negative = f"(CAST({value} AS VARCHAR)[1] = '-')"
    written = specifier.signed(f"({digits})", negative)
    plain = _Specifier(specifier.text, specifier.flags.replace("0", ""), 0, None, "f")
    infinite = plain.signed("'Infinity'", negative)
    return (
        f"CASE WHEN isnan({value}) THEN 'NaN' WHEN isinf({value}) THEN {infinite} "
        f"ELSE {written} END"
    )


def fixed(value: str, places: int) -> str:
    """Return the SQL of a double without its sign and with so many digits after the point.

    It is the double's shortest text that is rounded, as Java does; a half goes up.
    """
    text = f"CAST(abs({value}) AS VARCHAR)"
    rounded = f"CAST(TRY_CAST({text} AS DECIMAL({_DIGITS},{places})) AS VARCHAR)"
    if places <= _FAST_PLACES:  # which is twenty times faster, for numbers that are not large
        narrow = f"CAST(TRY_CAST({text} AS DECIMAL(18,{places})) AS VARCHAR)"
        rounded = f"coalesce({narrow}, {rounded})"
    return f"spark_fixed(abs({value}), {rounded}, {places})"


def _scientific(value: str, places: int) -> str:
    """Return the SQL of a double's digits and exponent.

    C rounds the double and Java its shortest text: they differ where this ends in a five that is
    rounded, which a six in its place decides.
    """
    text = f"regexp_replace(CAST(abs({value}) AS VARCHAR), '[.]0$', '')"
    digits = f"trim(replace(split_part({text}, 'e', 1), '.', ''), '0')"
    half = f"length({digits}) = {places + 2} AND {digits}[-1] = '5'"
    up = rf"CAST(regexp_replace({text}, '5(0*)(e|$)', '6\1\2') AS DOUBLE)"
    return f"printf('%.{places}e', if({half}, {up}, abs({value})))"


def _general(value: str, precision: int) -> str:
    """Return the SQL of a double's digits, with an exponent if that is small or large."""
    text = _scientific(value, precision - 1)
    return f"spark_general({text}, {precision})"


def _character(specifier: _Specifier, value: str, bits: int) -> str:
    if bits == 64:
        raise specifier.problem("does not write a number of 64 bits")
    return f"chr(CAST({value} AS INTEGER))"


_OF_INTEGERS: dict[str, Callable[[_Specifier, str, int], str]] = {
    "d": _decimal,
    "x": _unsigned,
    "o": _unsigned,
    "c": _character,
}


def _piece(
    specifier: _Specifier, argument: Expression, value: str, context: LoweringContext
) -> str:
    """Return the SQL of what stands in the place of a specifier."""
    _check(specifier)
    kind, letter = type(argument.data_type), specifier.letter.lower()
    value = _INTEGERS.get(kind, "{0}").format(value)
    if letter == "b":
        shown = f"coalesce({value}, false)" if kind is BooleanType else f"{value} IS NOT NULL"
        text = f"if({shown}, 'true', 'false')"
    elif letter == "s":
        text = _shown(argument, value, context)
    elif kind is NullType:
        text = "NULL"
    elif letter in _OF_INTEGERS and kind in _BITS:
        text = _OF_INTEGERS[letter](specifier, value, _BITS[kind])
    elif letter in "feg" and kind in (FloatType, DoubleType):
        text = _floating(specifier, value)
    else:
        raise specifier.problem(f"does not write a value of type {sql_name(argument.data_type)}")
    nothing = "null" if specifier.precision is None else "null"[: specifier.precision]
    if letter in "sb" and specifier.precision is not None:
        text = f"left({text}, {specifier.precision})"
    text = f"coalesce({text}, '{nothing}')"
    if specifier.letter.isupper():
        text = f"upper({text})"
    return specifier.padded(text)


def _shown(argument: Expression, value: str, context: LoweringContext) -> str:
    if isinstance(argument.data_type, StringType):
        return value
    if type(argument.data_type) in _BITS:
        return f"CAST({value} AS VARCHAR)"
    return context.sql(cast_to(argument, STRING, context.ansi))


def format_sql(
    template: str, call: Call, arguments: Sequence[str], context: LoweringContext
) -> str:
    """Return the SQL of a filled format.

    Args:
        template: The format.
        call: Its arguments after the first are the values.
        arguments: Their SQL.
        context: Writes the SQL of values as text.

    Raises:
        SparkError: INVALID_PARAMETER_VALUE, if a specifier is none, misses its value, or the
            value is of another kind.
    """
    values = list(zip(call.arguments, arguments, strict=True))[1:]
    pieces: list[str] = []
    end, ordinary, last = 0, 0, -1
    for match in _SPECIFIER.finditer(template):
        pieces += _literal(template[end : match.start()])
        end = match.end()
        index, again, flags, width, precision, letter = match.groups()
        specifier = _Specifier(
            match[0], flags, int(width or 0), None if precision is None else int(precision), letter
        )
        if letter in "%n":
            pieces.append(specifier.padded("'%'") if letter == "%" else "chr(10)")
            continue
        if index:
            if int(index) == 0:
                raise runtime_error("INVALID_PARAMETER_VALUE.ZERO_INDEX", **_ZERO)
            last = int(index) - 1
        elif not again:
            last = ordinary
            ordinary += 1
        if not 0 <= last < len(values):
            raise specifier.problem("has no value")
        pieces.append(_piece(specifier, *values[last], context))
    pieces += _literal(template[end:])
    return f"({' || '.join(pieces)})" if pieces else "''"


_ZERO = {"parameter": "`strfmt`", "functionName": "`format_string`"}


def _literal(text: str) -> list[str]:
    if "%" in text:
        raise _Specifier("%", "", 0, None, "%").problem("has no conversion")
    return [quote(text)] if text else []
