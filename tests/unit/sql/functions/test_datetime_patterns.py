"""Spark's datetime patterns."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.functions.datetime_patterns import UnparsableText, compile_pattern

PARIS = ZoneInfo("Europe/Paris")


def instant(*parts: int) -> int:
    moment = datetime.datetime(*parts, tzinfo=PARIS)  # type: ignore[misc,arg-type]
    return int(moment.timestamp() * 1_000_000)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd HH:mm:ss.SSS", "2021-07-04 15:06:07.000"),
        ("yy M d D DDD", "21 7 4 185 185"),
        ("E EEEE MMM MMMM", "Sun Sunday Jul July"),
        ("h hh K k a", "3 03 3 15 PM"),
        ("Q QQ QQQ QQQQ", "3 03 Q3 3rd quarter"),
        ("X XXX x Z ZZZZ O VV z", "+02 +02:00 +02 +0200 GMT+02:00 GMT+2 Europe/Paris CEST"),
        ("'o''clock' ''", "o'clock '"),
        ("[yyyy]/", "2021/"),
        ("G GGGG F", "AD Anno Domini 4"),
    ],
)
def test_an_instant_is_written_as_java_writes_it(pattern: str, text: str) -> None:
    assert compile_pattern(pattern).format(instant(2021, 7, 4, 15, 6, 7), PARIS) == text


@pytest.mark.parametrize(
    ("pattern", "text", "parts"),
    [
        ("yyyy-MM-dd", "2021-07-04", (2021, 7, 4)),
        ("yyyyMMdd", "20210704", (2021, 7, 4)),
        ("yMMdd", "20210704", (2021, 7, 4)),
        ("dd/MM/yy", "04/07/21", (2021, 7, 4)),
        ("HH:mm[:ss]", "10:20", (1970, 1, 1, 10, 20)),
        ("d MMM yyyy", "4 jul 2021", (2021, 7, 4)),
        ("hh a", "12 am", (1970, 1, 1, 0)),
        ("yyyy-DDD", "2020-366", (2020, 12, 31)),
        ("s.SSSSSS", "5.25", (1970, 1, 1, 0, 0, 5, 250_000)),
    ],
)
def test_a_text_is_read_as_java_reads_it(pattern: str, text: str, parts: tuple[int, ...]) -> None:
    expected = datetime.datetime(*parts)  # type: ignore[arg-type]
    assert compile_pattern(pattern).parse(text)[0] == expected


@pytest.mark.parametrize(
    ("pattern", "text", "message"),
    [
        ("yyyy-MM-dd", "2021-7-4", "Text '2021-7-4' could not be parsed at index 5"),
        ("yyyy", "2021x", "Text '2021x' could not be parsed, unparsed text found at index 4"),
        ("MM-dd", "02-29", "Invalid date 'February 29' as '1970' is not a leap year"),
        ("HH", "25", "Invalid value for HourOfDay"),
    ],
)
def test_a_text_that_does_not_fit_is_refused_with_its_place(
    pattern: str, text: str, message: str
) -> None:
    with pytest.raises(UnparsableText, match=message.replace("(", r"\(")):
        compile_pattern(pattern).parse(text)


def test_a_zone_in_the_text_goes_before_the_session_s() -> None:
    pattern = compile_pattern("yyyy-MM-dd HH:mm XXX")
    micros = pattern.parse_micros("2021-07-04 15:06 +02:00", datetime.UTC)
    assert micros == instant(2021, 7, 4, 15, 6)


@pytest.mark.parametrize("pattern", ["YYYY", "MMMMM", "yyyyyyy", "e", "{", "a]"])
def test_unknown_letters_are_an_error_of_the_query(pattern: str) -> None:
    with pytest.raises(SparkError) as caught:
        compile_pattern(pattern)
    condition = "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION"
    assert caught.value.error_class == condition


def test_plain_patterns_are_left_to_duckdb() -> None:
    assert compile_pattern("yyyy-MM-dd").strptime() == (r"\d{4}\-\d{2}\-\d{2}", "%Y-%m-%d")
    assert compile_pattern("yyyy-MM-dd").strftime() == ["%Y-%m-%d"]
    assert compile_pattern("HH XXX").strftime() == ["%H ", ""]
    assert compile_pattern("dd/MM/yy").strptime() is None
    assert compile_pattern("QQQ").strftime() is None
