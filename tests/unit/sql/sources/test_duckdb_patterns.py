"""Files read and write datetime patterns as the functions of SQL do."""

from __future__ import annotations

import datetime

import duckdb
import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.functions.datetime_patterns import UnparsableText, compile_pattern
from pyrite.sql.sources.duckdb_patterns import DuckDBPattern
from pyrite.sql.time_zones import parse_zone

ZONE = "America/St_Johns"  # 3:30 behind UTC in winter


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"SET TimeZone = '{ZONE}'")
    return connection


def micros_by_function(pattern: str, text: str) -> int | None:
    zone = parse_zone(ZONE)
    assert zone is not None
    try:
        return compile_pattern(pattern).parse_micros(text, zone)
    except UnparsableText:
        return None


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("dd/MM/yyyy HH:mm", ["24/12/2020 18:05", "24/12/2020 18:5", "31/02/2020 00:00"]),
        ("d.M.yy", ["1.2.99", "01.12.20", "1.2.1999", "29.2.72"]),
        ("yyyy-MM-dd[ HH:mm[:ss]]", ["2020-02-29", "2020-02-29 01:02", "2020-02-29 01:02:03", "2"]),
        ("yyyy-MM-dd HH:mm:ss.SSSS", ["2020-01-01 00:00:00.1234", "2020-01-01 00:00:00.1", ""]),
        ("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]", ["2020-01-01T00:00:00.5", "2020-01-01T00:00:00Z"]),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", ["2020-01-01T00:00:00.123+05:30", "2020-01-01T00:00:00Z"]),
        ("yyyyMMdd HHmmss Z", ["20200101 000000 -0330", "20200101 000000"]),
        ("MMM d yyyy h:mm a", ["Jan 5 2020 12:30 am", "JAN 15 2020 1:00 PM", "Jon 5 2020 1:00 AM"]),
        ("MMMM yyyy", ["July 2021", "july 2021", "Jul 2021"]),
        ("HH:mm", ["07:08", "24:08"]),
        ("dd/MM", ["29/01", "31/04"]),
        ("yyyy-DDD", ["2020-366", "2021-032"]),
        ("''yyyy'o''clock'%d", ["'2020o'clock%4"]),
    ],
)
def test_files_read_what_functions_read(
    connection: duckdb.DuckDBPyConnection, pattern: str, texts: list[str]
) -> None:
    sql = DuckDBPattern(pattern).parse_instant("t", ZONE)
    connection.execute(f"SELECT epoch_us({sql}) FROM (SELECT unnest(?) t)", [texts])
    found = [micros for (micros,) in connection.fetchall()]
    assert found == [micros_by_function(pattern, text) for text in texts]


@pytest.mark.parametrize(
    "pattern",
    [
        "yyyy-MM-dd HH:mm:ss.SSSSSS",
        "d/M/yy h:mm a",
        "EEEE, MMMM D",
        "yyyy'T'''MM",
        "S SS SSSSSSS",
        "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]",
        "X XX x xx xxx",
        "Z ZZZ ZZZZZ",
        "VV y",
        "HH%H",
        "",
    ],
)
@pytest.mark.parametrize("micros", [0, 1_600_000_000_123_456])
def test_files_write_what_functions_write(
    connection: duckdb.DuckDBPyConnection, pattern: str, micros: int
) -> None:
    for name in (ZONE, "UTC", "Asia/Kolkata", "-03:30"):
        sql = DuckDBPattern(pattern).format_instant(f"make_timestamptz({micros})", name)
        zone = parse_zone(name)
        assert isinstance(zone, datetime.tzinfo)
        wanted = compile_pattern(pattern).format(micros, zone)
        assert connection.execute(f"SELECT {sql}").fetchall() == [(wanted,)]


def test_texts_are_read_by_a_clock_of_any_zone(connection: duckdb.DuckDBPyConnection) -> None:
    for zone, hours in (("+05:30", -5.5), ("PST", 8)):
        sql = DuckDBPattern("yyyy-MM-dd").parse_instant("'1970-01-01'", zone)
        connection.execute(f"SELECT epoch({sql})")
        assert connection.fetchall() == [(hours * 3600,)]


def test_a_pattern_that_spark_does_not_know_is_refused_as_there() -> None:
    with pytest.raises(SparkError) as caught:
        DuckDBPattern("yyyy-bb").parse("t")
    assert caught.value.error_class.startswith("INCONSISTENT_BEHAVIOR_CROSS_VERSION")


def test_a_pattern_that_only_functions_know_is_refused_by_its_letters() -> None:
    with pytest.raises(SparkError, match="read QQQ in the datetime pattern yyyy QQQ of files"):
        DuckDBPattern("yyyy QQQ").parse("t")
    with pytest.raises(SparkError, match="write QQQ in the datetime pattern yyyy QQQ of files"):
        DuckDBPattern("yyyy QQQ").format("t")
