"""Record what Spark answers to lines of SQL, for tests to replay.

Needs a Python with the whole PySpark, pyarrow and a Java. Run from the repository's root::

    python tests/oracle/record_sql.py                  # every queries_*.sql
    python tests/oracle/record_sql.py strings casts    # only these

``tests/unit/sql/*/queries_<name>.sql`` has one expression or query in each line; the answers
go to ``golden_<name>.json`` beside it. ``-- set key=value`` holds for the lines below
it, other lines that start with ``--`` are comments. The time zone is America/Los_Angeles.
"""

from __future__ import annotations

import datetime
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "unit" / "sql"
TIME_ZONE = "America/Los_Angeles"


def read_queries(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each query of a file with the settings that hold for it."""
    settings: dict[str, str] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("-- set "):
            key, _, value = line.removeprefix("-- set ").partition("=")
            settings = {**settings, key.strip(): value.strip()}
        elif line.strip() and not line.startswith("--"):
            first = line.split(None, 1)[0].upper()
            is_query = first in ("SELECT", "VALUES", "WITH", "FROM")
            yield (line if is_query else f"SELECT {line}").rstrip(";"), settings


def plain(value: Any) -> Any:
    """Return a Python value of an Arrow table as JSON has it, without loss."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.astimezone(datetime.UTC).isoformat()
    if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return f"{value // datetime.timedelta(microseconds=1)} us"
    if isinstance(value, (bytes, bytearray)):
        return f"0x{value.hex()}"
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return str(value)


def rows_of(table: Any) -> list[list[Any]]:
    """Return the rows of an Arrow table as JSON has them; its columns may share names."""
    columns = [column.to_pylist() for column in table.columns]
    return [[plain(value) for value in row] for row in zip(*columns, strict=True)]


def months_as_ints(frame: Any) -> Any:
    """Return a DataFrame with year-month intervals as ints, since Arrow has no type for them."""
    from pyspark.sql.types import YearMonthIntervalType

    fields = frame.schema.fields
    if not any(isinstance(field.dataType, YearMonthIntervalType) for field in fields):
        return frame
    frame = frame.toDF(*(f"c{position}" for position in range(len(fields))))
    return frame.selectExpr(
        *(
            f"CAST(CAST(c{position} AS INTERVAL MONTH) AS INT)"
            if isinstance(field.dataType, YearMonthIntervalType)
            else f"c{position}"
            for position, field in enumerate(fields)
        )
    )


def record(spark: Any, sql: str, settings: dict[str, str]) -> dict[str, Any]:
    """Return Spark's answer to one query."""
    answer: dict[str, Any] = {"sql": sql, "settings": settings} if settings else {"sql": sql}
    for key, value in settings.items():
        spark.conf.set(key, value)
    try:
        frame = spark.sql(sql)
        answer["schema"] = frame.schema.simpleString()
        answer["rows"] = rows_of(months_as_ints(frame).toArrow())
        answer["error"] = None
    except Exception as error:
        get_condition = getattr(error, "getCondition", None)
        condition = get_condition() if get_condition else None
        answer.pop("schema", None)
        answer["error"] = condition or f"{type(error).__name__}: {str(error)[:200]}"
        if condition:
            answer["parameters"] = dict(error.getMessageParameters() or {})  # type: ignore[attr-defined]
    finally:
        for key in settings:
            spark.conf.unset(key)
    return answer


def main(names: list[str]) -> None:
    """Record the files of these names, or all."""
    from pyspark.sql import SparkSession

    files = sorted(FOLDER.glob("*/queries_*.sql"))
    if names:
        files = [path for path in files if path.stem.removeprefix("queries_") in names]
    with tempfile.TemporaryDirectory() as scratch:
        spark = (
            SparkSession.builder.master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.local.dir", scratch)
            .config("spark.sql.warehouse.dir", f"{scratch}/warehouse")
            .config("spark.sql.session.timeZone", TIME_ZONE)
            .getOrCreate()
        )
        spark.sparkContext.setLogLevel("OFF")
        for path in files:
            answers = [record(spark, sql, settings) for sql, settings in read_queries(path)]
            text = ",\n".join(json.dumps(answer, ensure_ascii=False) for answer in answers)
            name = path.stem.removeprefix("queries_")
            path.with_name(f"golden_{name}.json").write_text(f"[\n{text}\n]\n", "utf-8")
            print(f"{name}: {len(answers)} queries")
        spark.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
