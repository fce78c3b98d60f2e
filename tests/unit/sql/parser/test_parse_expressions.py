"""Expressions: how operators bind, and what special syntax stands for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.expression import Expression, FrameBound, Literal
from pyrite.sql.expressions.unresolved import (
    NamedArgument,
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedCast,
    UnresolvedExtractValue,
    UnresolvedFunction,
    UnresolvedInSubquery,
    UnresolvedLambda,
    UnresolvedLambdaVariable,
    UnresolvedStar,
    UnresolvedWindow,
)
from pyrite.sql.parser import ParserSettings, parse_expression
from pyrite.sql.types import (
    DATE,
    DOUBLE,
    FLOAT,
    INTEGER,
    LONG,
    SHORT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    DataType,
    DayTimeIntervalType,
    DecimalType,
    TimeType,
    YearMonthIntervalType,
)


def shown(expression: Expression) -> str:
    """An expression with every call as ``name(arguments)``, so that grouping shows."""
    match expression:
        case UnresolvedAttribute():
            return ".".join(expression.parts)
        case Literal():
            return str(expression.value)
        case UnresolvedFunction():
            return f"{'.'.join(expression.name)}({', '.join(map(shown, expression.arguments))})"
        case UnresolvedCast():
            return f"{expression.mode}cast({shown(expression.child)})"
        case UnresolvedExtractValue():
            return f"{shown(expression.child)}[{shown(expression.extraction)}]"
        case UnresolvedLambda():
            names = ", ".join(".".join(p.parts) for p in expression.parameters)
            return f"({names}) -> {shown(expression.body)}"
        case UnresolvedLambdaVariable():
            return "$" + ".".join(expression.parts)
        case UnresolvedStar():
            return "*"
        case UnresolvedAlias():
            return f"{shown(expression.child)} as {expression.name}"
        case NamedArgument():
            return f"{expression.key} => {shown(expression.value)}"
        case _:
            return type(expression).__name__


@pytest.mark.parametrize(
    ("text", "grouped"),
    [
        ("a + b * c", "+(a, *(b, c))"),
        ("a - b - c", "-(-(a, b), c)"),
        ("'a' || 1 + 2", "+(concat(a, 1), 2)"),
        ("a | b & c ^ d << 2", "|(a, ^(&(b, c), shiftleft(d, 2)))"),
        ("a >> 1, ", ""),
        ("a >>> 1", "shiftrightunsigned(a, 1)"),
        ("- a * b", "*(unary -(a), b)"),
        ("-5 - -5", "-(-5, -5)"),
        ("a = b in (1, 2)", "in(=(a, b), 1, 2)"),
        ("a < b is null", "isnull(<(a, b))"),
        ("not a = b and c or d", "or(and(not(=(a, b)), c), d)"),
        ("!a = b", "not(=(a, b))"),
        ("a <> b", "not(=(a, b))"),
        ("a != b", "not(=(a, b))"),
        ("a !< b", ">=(a, b)"),
        ("a <=> b == c", "=(<=>(a, b), c)"),
        ("a div b % c", "%(div(a, b), c)"),
        ("a between 1 and 2 and b", "and(between(a, 1, 2), b)"),
        ("a not between 1 and 2", "not(between(a, 1, 2))"),
        ("a not in (1)", "not(in(a, 1))"),
        ("a like 'x' escape '/'", "like(a, x, /)"),
        ("a not ilike b", "not(ilike(a, b))"),
        ("a rlike b", "rlike(a, b)"),
        ("a regexp b", "rlike(a, b)"),
        ("a like any ('x', b)", "or(like(a, x), like(a, b))"),
        ("a not like all ('x', b)", "and(not(like(a, x)), not(like(a, b)))"),
        ("a is not null", "isnotnull(a)"),
        ("a is distinct from b", "not(<=>(a, b))"),
        ("a is not distinct from b", "<=>(a, b)"),
        ("a is true", "<=>(a, True)"),
        ("a is not unknown", "isnotnull(a)"),
        ("a.b.c", "a.b.c"),
        ("a[0].b", "a[0][b]"),
        ("(a).b", "a.b"),
        ("f(x).y", "f(x)[y]"),
        ("a::int + 1", "+(cast(a), 1)"),
        ("cast(a as int)", "cast(a)"),
        ("try_cast(a as int)", "trycast(a)"),
        ("case when a then 1 else 2 end", "when(a, 1, 2)"),
        ("case a when 1 then 'x' when 2 then 'y' end", "when(=(a, 1), x, =(a, 2), y)"),
        ("if(a, b, c)", "if(a, b, c)"),
        ("db.f(a)", "db.f(a)"),
        ("f(a => 1, b)", "f(a => 1, b)"),
        ("transform(a, (x, i) -> x + i + y)", "transform(a, (x, i) -> +(+($x, $i), y))"),
        (
            "filter(a, x -> exists(x.b, y -> y > x))",
            "filter(a, (x) -> exists($x.b, (y) -> >($y, $x)))",
        ),
        ("struct(a, b as c, 1)", "struct(a, b as c, 1)"),
        ("(a, 1)", "named_struct(a, a, col2, 1)"),
        ("extract(year from a)", "extract(year, a)"),
        ("extract(a)", "extract(a)"),
        ("position('x' in a)", "locate(x, a, 1)"),
        ("trim(a)", "trim(a)"),
        ("trim(both 'x' from a)", "trim(x, a)"),
        ("trim(leading from a)", "ltrim(a)"),
        ("trim(trailing 'x' from a)", "rtrim(x, a)"),
        ("substring(a from 2 for 3)", "substring(a, 2, 3)"),
        ("substr(a, 2)", "substr(a, 2)"),
        ("overlay(a placing b from 1)", "overlay(a, b, 1, -1)"),
        ("timestampadd(day, 1, a)", "timestampadd(DAY, 1, a)"),
        ("date_diff(month, a, b)", "timestampdiff(MONTH, a, b)"),
        ("date_add(a, 1)", "date_add(a, 1)"),
        ("a collate utf8_lcase", "collate(a, UTF8_LCASE)"),
        ("v:a.b[0]", "semi_structured_extract(v, $.a.b[0])"),
        ("count(*)", "count(*)"),
        ("identifier('a.b')", "a.b"),
        ("identifier('ab' || 's')(-1)", "abs(-1)"),
        ("current_date", "current_date"),
        ("a + 1 as b", "+(a, 1) as b"),
        ("a + 1 b", "+(a, 1) as b"),
        ("`a b`", "a b"),
        ("'a' 'b' \"c\"", "abc"),
        ("'it''s'", "it's"),
        (r"'\t\u0041\%'", "\tA\\%"),
        (r"r'\t'", r"\t"),
    ],
)
def test_grouping(text: str, grouped: str) -> None:
    if not grouped:
        with pytest.raises(SparkError):
            parse_expression(text)
    else:
        assert shown(parse_expression(text)) == grouped


@pytest.mark.parametrize(
    ("text", "value", "data_type"),
    [
        ("1", 1, INTEGER),
        ("2147483648", 2**31, LONG),
        ("-2147483648", -(2**31), INTEGER),
        ("9223372036854775808", Decimal(2**63), DecimalType(19, 0)),
        ("1L", 1, LONG),
        ("-1S", -1, SHORT),
        ("1.50", Decimal("1.50"), DecimalType(3, 2)),
        (".5", Decimal("0.5"), DecimalType(1, 1)),
        ("1E5BD", Decimal(100000), DecimalType(6, 0)),
        ("1e3", 1000.0, DOUBLE),
        ("1.5d", 1.5, DOUBLE),
        ("0.5F", 0.5, FLOAT),
        ("X'1F0'", b"\x01\xf0", None),
        ("date '1970-01-03'", 2, DATE),
        ("timestamp '1970-01-01 01:00:00'", 0, TIMESTAMP),
        ("timestamp '1970-01-01 00:00:00Z'", 0, TIMESTAMP),
        ("timestamp_ntz '1970-01-01 00:00:01'", 1_000_000, TIMESTAMP_NTZ),
        ("true", True, None),
        ("null", None, None),
        ("time '00:00:01'", 1_000_000_000, TimeType(6)),
        ("interval '1' day", 86_400_000_000, DayTimeIntervalType(0, 0)),
        ("interval 1 day 2 hours", 93_600_000_000, DayTimeIntervalType(0, 1)),
        ("interval '1-2' year to month", 14, YearMonthIntervalType(0, 1)),
        ("interval -'1-2' year to month", -14, YearMonthIntervalType(0, 1)),
        ("interval '-1 2:03:04.5' day to second", -93_784_500_000, DayTimeIntervalType(0, 3)),
        ("interval '3 weeks 1 day'", 22 * 86_400_000_000, DayTimeIntervalType(0, 0)),
        ("interval -1.5 seconds", -1_500_000, DayTimeIntervalType(3, 3)),
    ],
)
def test_literals(text: str, value: Any, data_type: DataType | None) -> None:
    literal = parse_expression(text, ParserSettings(time_zone="+01:00"))
    assert isinstance(literal, Literal)
    assert literal.value == value
    if data_type is not None:
        assert literal.data_type == data_type


def test_timestamps_without_zone_by_setting() -> None:
    settings = ParserSettings(timestamp_type=TIMESTAMP_NTZ)
    literal = parse_expression("timestamp '1970-01-01'", settings)
    assert isinstance(literal, Literal)
    assert literal.data_type == TIMESTAMP_NTZ
    literal = parse_expression("timestamp '1970-01-01 00:00:00Z'", settings)
    assert isinstance(literal, Literal)
    assert literal.data_type == TIMESTAMP


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("date 'x'", "INVALID_TYPED_LITERAL"),
        ("X'1G'", "INVALID_TYPED_LITERAL"),
        ("foo 'x'", "UNSUPPORTED_TYPED_LITERAL"),
        ("300Y", "INVALID_NUMERIC_LITERAL_RANGE"),
        ("1e400", "INVALID_NUMERIC_LITERAL_RANGE"),
        ("1e40BD", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION"),
        ("interval 1 month 1 day", "_LEGACY_ERROR_TEMP_0029"),
        ("interval '1-13' year to month", "INVALID_INTERVAL_FORMAT.INTERVAL_PARSING"),
        ("interval 1 year to month", "_LEGACY_ERROR_TEMP_0027"),
        ("interval 1.5 day", "INVALID_INTERVAL_FORMAT.INVALID_FRACTION"),
        ("interval 1 fortnight", "PARSE_SYNTAX_ERROR"),
        ("a like any ()", "INVALID_SQL_SYNTAX.EMPTY_QUANTIFIED_PATTERN"),
        ("a like 'x' escape 'ab'", "INVALID_ESC"),
        ("cast(a as foo)", "UNSUPPORTED_DATATYPE"),
        ("case when a 1 end", "PARSE_SYNTAX_ERROR"),
        ("a between 1 2", "PARSE_SYNTAX_ERROR"),
        ("@a", "PARSE_SYNTAX_ERROR"),
    ],
)
def test_errors(text: str, condition: str) -> None:
    with pytest.raises(SparkError) as caught:
        parse_expression(text)
    assert caught.value.error_class == condition


def test_clauses_of_calls() -> None:
    call = parse_expression("sum(distinct a) filter (where b > 1)")
    assert isinstance(call, UnresolvedFunction)
    assert call.distinct
    assert call.filter is not None
    for text in ("first(a ignore nulls)", "first(a) ignore nulls"):
        call = parse_expression(text)
        assert isinstance(call, UnresolvedFunction)
        assert call.ignore_nulls
    call = parse_expression("percentile_cont(0.5) within group (order by a desc)")
    assert isinstance(call, UnresolvedFunction)
    assert not call.order[0].ascending
    assert not call.order[0].nulls_first


def test_windows() -> None:
    window = parse_expression(
        "sum(a) over (partition by b order by c nulls last "
        "rows between 1 preceding and unbounded following)"
    )
    assert isinstance(window, UnresolvedWindow)
    assert window.frame_rows
    assert window.frame_lower == Literal(-1, INTEGER)
    assert window.frame_upper is FrameBound.UNBOUNDED
    assert not window.order[0].nulls_first  # type: ignore[attr-defined]
    window = parse_expression("sum(a) over (range current row)")
    assert isinstance(window, UnresolvedWindow)
    assert (window.frame_rows, window.frame_lower) == (False, FrameBound.CURRENT_ROW)
    for text in ("sum(a) over w", "sum(a) over (w)"):
        window = parse_expression(text)
        assert isinstance(window, UnresolvedWindow)
        assert window.name == "w"


def test_rows_and_stars() -> None:
    found = parse_expression("(a, b) in (select 1, 2)")
    assert isinstance(found, UnresolvedInSubquery)
    assert len(found.values) == 2
    star = parse_expression("t.* except (a, b.c)")
    assert isinstance(star, UnresolvedStar)
    assert (star.target, star.excluded) == (("t",), (("a",), ("b", "c")))


def test_places() -> None:
    call = parse_expression("1 + foo(a,\n b)")
    assert isinstance(call, UnresolvedFunction)
    inner = call.arguments[1]
    assert isinstance(inner, UnresolvedFunction)
    assert inner.origin is not None
    assert inner.origin.text is not None
    assert inner.origin.text[inner.origin.start : inner.origin.stop + 1] == "foo(a,\n b)"


def test_casts_know_no_lengths() -> None:
    cast = parse_expression("cast(a as array<varchar(3)>)")
    assert isinstance(cast, UnresolvedCast)
    assert cast.data_type.simpleString() == "array<string>"


def test_double_quotes_may_be_names() -> None:
    assert parse_expression('"a"') == Literal("a", STRING)
    settings = ParserSettings(double_quoted_identifiers=True)
    assert parse_expression('"a"', settings) == UnresolvedAttribute(("a",))
