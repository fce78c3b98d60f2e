"""Record where in a query Spark says that it failed, for tests to replay.

Needs a Python with the whole PySpark and a Java. Run from the repository's root::

    python tests/oracle/record_error_contexts.py

``failing_queries.sql`` has one query in each line, with ``\\n`` for the ends of lines in it.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "unit" / "sql" / "execution"


def read_queries() -> list[str]:
    """Return the queries."""
    lines = (FOLDER / "failing_queries.sql").read_text("utf-8").splitlines()
    return [line.replace(r"\n", "\n") for line in lines]


def failure(spark: Any, sql: str) -> dict[str, Any]:
    """Return what Spark says of a query that fails."""
    from pyspark.errors import PySparkException

    try:
        spark.sql(sql).collect()
    except PySparkException as error:
        contexts = [
            [context.fragment(), context.startIndex(), context.stopIndex(), context.summary()]
            for context in error.getQueryContext() or []
        ]
        return {
            "sql": sql,
            "class": type(error).__name__,
            "error": error.getCondition(),
            "sql_state": error.getSqlState(),
            "parameters": error.getMessageParameters(),
            "context": contexts[0] if contexts else None,
        }
    raise AssertionError(f"{sql} did not fail")


def main() -> None:
    """Record all queries."""
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory() as scratch:
        spark = (
            SparkSession.builder.master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.local.dir", scratch)
            .config("spark.sql.warehouse.dir", f"{scratch}/warehouse")
            .getOrCreate()
        )
        failures = [failure(spark, sql) for sql in read_queries()]
        spark.stop()
    text = ",\n".join(json.dumps(each, sort_keys=True) for each in failures)
    (FOLDER / "golden_error_contexts.json").write_text(f"[\n{text}\n]\n", "utf-8")


if __name__ == "__main__":
    main()
