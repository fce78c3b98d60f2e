"""SQL macros that lowerings call by name; the database creates them when it opens.

A macro is for what is too long to repeat in each query's text. Its arguments may be computed
more than once, which DuckDB's common-subexpression elimination makes cheap.
"""

from __future__ import annotations

__all__ = ["MACROS"]

#: What Spark trims off text before it reads it: all control characters and the blank.
_BLANK = r"[\x01-\x20]*"
_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?"


def _number_from_text(duckdb_type: str) -> str:
    return (
        f"CASE WHEN regexp_full_match(t, '{_BLANK}{_NUMBER}{_BLANK}') "
        f"THEN TRY_CAST(t AS {duckdb_type}) "
        f"WHEN regexp_full_match(t, '{_BLANK}{_NUMBER}[dDfF]{_BLANK}') "
        f"THEN TRY_CAST(regexp_replace(t, '[dDfF]{_BLANK}$', '') AS {duckdb_type}) "
        "ELSE CASE lower(spark_trim(t)) "
        f"WHEN 'nan' THEN 'nan'::{duckdb_type} "
        + "".join(
            f"WHEN '{sign}{name}' THEN '{sign.replace('+', '')}inf'::{duckdb_type} "
            for sign in ("", "+", "-")
            for name in ("inf", "infinity")
        )
        + "END END"
    )


_FLOAT_TEXT = r"""
CASE WHEN x IS NULL THEN NULL
WHEN isnan(x) THEN 'NaN'
WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
WHEN x = 0 OR (abs(x) >= 0.001 AND abs(x) < 1e7) THEN CAST(x AS VARCHAR)
WHEN contains(CAST(x AS VARCHAR), 'e') THEN
  concat(split_part(CAST(x AS VARCHAR), 'e', 1),
    CASE WHEN contains(CAST(x AS VARCHAR), '.') THEN 'E' ELSE '.0E' END,
    CAST(split_part(CAST(x AS VARCHAR), 'e', 2) AS INTEGER))
WHEN abs(x) >= 1e7 THEN
  concat(CASE WHEN x < 0 THEN '-' END, left(CAST(abs(x) AS VARCHAR), 1), '.',
    coalesce(nullif(regexp_replace(replace(CAST(abs(x) AS VARCHAR)[2:], '.', ''), '0+$', ''), ''),
      '0'), 'E', strpos(CAST(abs(x) AS VARCHAR), '.') - 2)
ELSE regexp_replace(regexp_replace(CAST(x AS VARCHAR), '^(-?)0\.000(\d)(\d*)$', '\1\2.\3E-4'),
  '\.E', '.0E') END
"""

#: CREATE MACRO statements, in an order in which each finds those it calls.
MACROS: tuple[str, ...] = tuple(
    f"CREATE OR REPLACE MACRO {macro}"
    for macro in (
        r"spark_trim(t) AS trim(t, e' \t\n\x0B\f\r\x01\x02\x03\x04\x05\x06\x07\b"
        r"\x0E\x0F\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1A\x1B\x1C\x1D\x1E\x1F')",
        f"spark_integer(t) AS CASE WHEN regexp_full_match(t, '{_BLANK}[+-]?[0-9]+{_BLANK}') "
        "THEN t END",
        # Without ANSI mode digits after a point are cut off.
        "spark_lenient_integer(t) AS CASE WHEN regexp_full_match(t, "
        rf"'{_BLANK}[+-]?([0-9]+\.?[0-9]*|\.[0-9]+){_BLANK}') "
        rf"THEN regexp_replace(t, '^{_BLANK}([+-]?)([0-9]*).*$', '\10\2', 's') END",
        f"spark_number(t) AS CASE WHEN regexp_full_match(t, '{_BLANK}{_NUMBER}{_BLANK}') "
        "THEN spark_trim(t) END",
        f"spark_double(t) AS {_number_from_text('DOUBLE')}",
        f"spark_float(t) AS {_number_from_text('FLOAT')}",
        f"spark_float_text(x) AS {_FLOAT_TEXT}",
        "spark_boolean(t) AS CASE WHEN lower(spark_trim(t)) IN ('t', 'true', 'y', 'yes', '1') "
        "THEN true WHEN lower(spark_trim(t)) IN ('f', 'false', 'n', 'no', '0') THEN false END",
        r"spark_iso_date(t) AS regexp_full_match(t, '\d{4}-\d{2}-\d{2}')",
        rf"spark_iso_timestamp(t) AS regexp_full_match(t, '\d{{4}}-\d{{2}}-\d{{2}}[ T]{_CLOCK}')",
        # Where a clock shows an hour twice, Java takes the first and DuckDB the second.
        "spark_instant(t) AS CASE "
        "WHEN CAST(CAST(t AS TIMESTAMPTZ) - INTERVAL 1 HOUR AS TIMESTAMP) = t "
        "THEN CAST(t AS TIMESTAMPTZ) - INTERVAL 1 HOUR ELSE CAST(t AS TIMESTAMPTZ) END",
        "spark_year_text(y) AS CASE WHEN y > 9999 THEN concat('+', y) "
        "WHEN y < 0 THEN concat('-', lpad(CAST(-y AS VARCHAR), 4, '0')) "
        "ELSE lpad(CAST(y AS VARCHAR), 4, '0') END",
        # DuckDB writes the years before 1 and after 9999 in its own way.
        "spark_datetime_text(d) AS CASE "
        "WHEN d BETWEEN '0001-01-01' AND '9999-12-31 23:59:59.999999' THEN CAST(d AS VARCHAR) "
        "ELSE spark_year_text(year(d)) || "
        r"regexp_extract(replace(CAST(d AS VARCHAR), ' (BC)', ''), '^\d+(-.*)$', 1) END",
        # Spark rounds a double's shortest text. Far enough from a half, and with digits to spare,
        # that says nothing else than the number times a power of ten; elsewhere this is null.
        "spark_rounded(x, power) AS CASE WHEN abs(x * power) < 1e12 "
        "AND abs(abs(x * power - trunc(x * power)) - 0.5) > 1e-3 "
        "THEN round(x * power) / power + 0.0 END",
        "spark_rounded_to(x, unit) AS CASE WHEN abs(x / unit) < 1e12 "
        "AND abs(abs(x / unit - trunc(x / unit)) - 0.5) > 1e-3 "
        "THEN round(x / unit) * unit END",
        "spark_point(whole, rest) AS if(rest = '', whole, whole || '.' || rest)",
        "spark_placed(digits, e) AS CASE WHEN e < 0 THEN "
        "spark_point('0', repeat('0', -e - 1) || digits) "
        "ELSE spark_point(digits[1:e + 1], digits[e + 2:]) END",
        # A double's digits in full: rounded, or, if it is too large for that, with zeros.
        "spark_fixed(x, rounded, places) AS CASE WHEN rounded IS NOT NULL THEN rounded "
        "WHEN contains(CAST(x AS VARCHAR), 'e') THEN spark_point("
        "rpad(replace(split_part(CAST(x AS VARCHAR), 'e', 1), '.', ''), "
        "CAST(split_part(CAST(x AS VARCHAR), 'e', 2) AS INTEGER) + 1, '0'), "
        "repeat('0', places)) ELSE spark_point(split_part(CAST(x AS VARCHAR), '.', 1), "
        "rpad(split_part(CAST(x AS VARCHAR), '.', 2), places, '0')) END",
        # d.ddde+xx as Java's %g writes it.
        "spark_general(t, n) AS CASE WHEN CAST(split_part(t, 'e', 1) AS DOUBLE) = 0 "
        "THEN spark_point('0', repeat('0', n - 1)) "
        "WHEN CAST(split_part(t, 'e', 2) AS INTEGER) NOT BETWEEN -4 AND n - 1 THEN t "
        "ELSE spark_placed(replace(split_part(t, 'e', 1), '.', ''), "
        "CAST(split_part(t, 'e', 2) AS INTEGER)) END",
        # An instant's distance from UTC where it is shown: Z, +02:00.
        "spark_offset_text(t) AS CASE WHEN t IS NULL THEN NULL "
        "WHEN datepart('timezone', t) = 0 THEN 'Z' "
        "ELSE concat(CASE WHEN datepart('timezone', t) < 0 THEN '-' ELSE '+' END, "
        "printf('%02d:%02d', abs(datepart('timezone', t)) // 3600, "
        "abs(datepart('timezone', t)) % 3600 // 60), "
        "CASE WHEN datepart('timezone', t) % 60 <> 0 "
        "THEN printf(':%02d', abs(datepart('timezone', t)) % 60) END) END",
        # The integer that a decimal's digits write, and rounding one to a unit.
        "spark_unscaled(d) AS CAST(replace(CAST(d AS VARCHAR), '.', '') AS HUGEINT)",
        "spark_half_up(u, unit) AS u // unit + CASE "
        "WHEN abs(u % unit) >= unit - abs(u % unit) THEN sign(u) ELSE 0 END",
        "spark_half_even(u, unit) AS u // unit + CASE "
        "WHEN abs(u % unit) > unit - abs(u % unit) OR (abs(u % unit) = unit - abs(u % unit) "
        "AND (u // unit) % 2 <> 0) THEN sign(u) ELSE 0 END",
        "spark_truncating_div(n, d) AS n // nullif(d, 0)",
        "spark_rounding_div(n, d) AS (2 * n + sign(n) * abs(d)) // nullif(2 * d, 0)",
        "spark_floor_div(a, b) AS ((a - ((a % b) + b) % b) // b)",
        # As many characters from a start that may lie before the text.
        "spark_part(t, start, n) AS CASE WHEN start + n <= greatest(start, 0) THEN left(t, 0) "
        "ELSE substring(t, greatest(start, 0) + 1, start + n - greatest(start, 0)) END",
        "spark_substring(t, p, n) AS CASE WHEN t IS NULL OR p IS NULL OR n IS NULL THEN NULL "
        "ELSE spark_part(t, CASE WHEN p > 0 THEN CAST(p AS BIGINT) - 1 "
        "WHEN p < 0 THEN length(t) + p ELSE 0 END, CAST(n AS BIGINT)) END",
        *(
            f"spark_{side}pad(t, n, fill) AS CASE WHEN t IS NULL OR n IS NULL OR fill IS NULL "
            f"THEN NULL WHEN n <= 0 THEN '' WHEN fill = '' THEN left(t, n) "
            f"ELSE {side}pad(t, n, fill) END"
            for side in ("l", "r")
        ),
        "spark_start(b, p) AS CASE WHEN p > 0 THEN CAST(p AS BIGINT) - 1 "
        "WHEN p < 0 THEN octet_length(b) + p ELSE 0 END",
        "spark_bytes_substring(b, p, n) AS CASE WHEN p IS NOT NULL AND n IS NOT NULL THEN "
        "b[greatest(spark_start(b, p), 0) + 1 : greatest(spark_start(b, p) + n, 0)] END",
        "spark_bytes_filling(fill, n) AS repeat(fill, n // octet_length(fill) + 1)[:n]",
        *(
            f"spark_bytes_{side}pad(b, n, fill) AS CASE WHEN n IS NULL OR fill IS NULL THEN NULL "
            f"WHEN octet_length(fill) = 0 "
            f"OR n <= octet_length(b) THEN b[:greatest(n, 0)] ELSE {padded} END"
            for side, padded in (
                ("l", "spark_bytes_filling(fill, n - octet_length(b)) || b"),
                ("r", "b || spark_bytes_filling(fill, n - octet_length(b))"),
            )
        ),
        r"spark_bytes_reverse(b) AS unhex(regexp_replace(reverse(hex(b)), '(.)(.)', '\2\1', 'g'))",
        # Where a part begins for the n-th time from a position on, or backwards from one.
        "spark_instr(t, part, p, n) AS CASE WHEN t IS NULL OR part IS NULL OR p IS NULL "
        "OR n IS NULL THEN NULL WHEN part = '' OR p = 0 THEN CAST(p <> 0 AS INTEGER) "
        "ELSE CAST(coalesce(list_filter(CASE WHEN p > 0 THEN generate_series(p, length(t)) "
        "ELSE generate_series(length(t) + p + 1, 1, -1) END, "
        "lambda _i: substring(t, _i, length(part)) = part)[n], 0) AS INTEGER) END",
        "spark_locate(part, t, p) AS CAST(CASE WHEN p IS NULL THEN 0 "
        "WHEN p <= 0 THEN CASE WHEN part IS NOT NULL AND t IS NOT NULL THEN 0 END "
        "WHEN part = '' AND t IS NOT NULL THEN 1 "
        "WHEN strpos(substring(t, p), part) = 0 THEN 0 "
        "ELSE strpos(substring(t, p), part) + p - 1 END AS INTEGER)",
        # DuckDB has no way to an interval's microseconds but its parts of the clock.
        "spark_clock(i) AS (datepart('hour', i) * 3600000000 + datepart('minute', i) * 60000000 "
        "+ datepart('microsecond', i))",
        "spark_months(i) AS (datepart('year', i) * 12 + datepart('month', i))",
        "spark_has_time(i) AS (spark_clock(i) <> 0)",
        "spark_scale_interval(i, f) AS (to_months(CAST(trunc(spark_months(i) * f) AS INTEGER)) "
        "+ to_days(CAST(trunc(datepart('day', i) * f) AS INTEGER)) "
        "+ to_microseconds(CAST(round(spark_clock(i) * f + 86400000000 * (datepart('day', i) * f "
        "- trunc(datepart('day', i) * f))) AS BIGINT)))",
        "spark_wrap(x, half) AS CASE WHEN (x & (2 * half - 1)) >= half "
        "THEN (x & (2 * half - 1)) - 2 * half ELSE x & (2 * half - 1) END",
    )
)
