"""Record what Spark reads from small files, and files that Spark writes, for tests to replay.

Needs a Python with the whole PySpark and a Java. Run from the repository's root::

    python tests/oracle/record_reads.py

``tests/unit/sql/sources/reads.json`` has the texts with their options; the answers go to
``golden_reads.json`` beside it, the files to ``spark_files/``. The time zone is
America/Los_Angeles.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from record_sql import TIME_ZONE, plain

FOLDER = Path(__file__).parents[1] / "unit" / "sql" / "sources"
FILES = FOLDER / "spark_files"

VALUES = r"""SELECT 1 i, CAST(1.5 AS DOUBLE) d, 1e10D d2, CAST('nan' AS DOUBLE) n,
    CAST('inf' AS DOUBLE) inf, CAST(1.10 AS DECIMAL(5,2)) dec, true b, DATE'2020-01-02' dt,
    TIMESTAMP'2020-01-02 03:04:05.678' ts, TIMESTAMP_NTZ'2020-01-02 03:04:05' n2, 'a"b' s,
    ' sp ' s2, 'x,y' s3, '' e, CAST(NULL AS STRING) nul, 'a\\b' bs, X'6162' bin, 1.0F f,
    '#c' cm, 123456789.123D d3, 1e-5D d4, CAST(100 AS BYTE) by"""

NESTED = """SELECT array(1, NULL) a, map('k', 1, 'n', NULL) m,
    struct(1 AS x, CAST(NULL AS INT) AS y) st, map(1, 'a') m2,
    named_struct('q', CAST(NULL AS INT)) st2, array(TIMESTAMP'2020-01-01 00:00:00') at,
    struct(TIMESTAMP'2020-01-01 00:00:00' AS t) stt"""

PARTITIONED = """SELECT * FROM VALUES (1, 'a b', NULL, 1.5), (2, 'c/d:=%', 'x', 2.5),
    (3, 'é', '', NULL), (4, NULL, 'y', 0.1) AS t(id, k, k2, v)"""


def rows(frame: Any) -> list[list[Any]]:
    """Return a frame's rows, structs as lists."""
    table = frame.toArrow()
    names = range(table.num_columns)
    return [[plain(table.column(i)[row].as_py()) for i in names] for row in range(table.num_rows)]


def answer(spark: Any, case: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Read one case's text with Spark."""
    path = folder / "file"
    path.write_bytes(case["text"].encode())
    reader = spark.read.options(**case.get("options", {})).format(case["format"])
    answered: dict[str, Any] = {}
    if "schema" in case:
        user_schema = spark.sql(f"SELECT from_json('', '{case['schema']}') s").schema[0].dataType
        answered["user_schema"] = user_schema.jsonValue()
        reader = reader.schema(user_schema)
    try:
        frame = reader.load(str(path))
        answered["schema"] = frame.schema.jsonValue()
        chosen = frame.select(*case["columns"]) if "columns" in case else frame.cache()
        answered["rows"] = rows(chosen)
    except Exception as error:
        text = str(error)
        start = text.find("MALFORMED_RECORD" if "MALFORMED_RECORD" in text else "[")
        answered["error"] = text[start:].lstrip("[").partition("]")[0]
    return answered


def main() -> None:
    """Record all of it."""
    from pyspark.sql import SparkSession

    work = Path(tempfile.mkdtemp())
    spark = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", TIME_ZONE)
        .config("spark.sql.warehouse.dir", str(work / "warehouse"))
        .getOrCreate()
    )
    cases = json.loads((FOLDER / "reads.json").read_text("utf-8"))
    answers = {f"{case['format']}: {case['name']}": answer(spark, case, work) for case in cases}
    shutil.rmtree(FILES, ignore_errors=True)
    for name, query in (("values", VALUES), ("nested", NESTED)):
        frame = spark.sql(query).coalesce(1)
        for format in ("parquet", "orc", "json") if name == "nested" else (
            "parquet", "orc", "json", "csv"
        ):  # fmt: skip
            frame.write.format(format).option("header", "true").save(str(FILES / name / format))
        answers[name] = {"schema": frame.schema.jsonValue(), "rows": rows(frame)}
    partitioned = spark.sql(PARTITIONED).coalesce(1)
    partitioned.write.partitionBy("k", "k2").parquet(str(FILES / "partitioned"))
    answers["partitioned"] = {
        "schema": spark.read.parquet(str(FILES / "partitioned")).schema.jsonValue(),
        "rows": rows(spark.read.parquet(str(FILES / "partitioned")).orderBy("id")),
    }
    for checksum in FILES.rglob(".*.crc"):
        checksum.unlink()
    golden = FOLDER / "golden_reads.json"
    golden.write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n", "utf-8")
    spark.stop()
    shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
