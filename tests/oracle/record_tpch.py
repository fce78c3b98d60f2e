"""Record Spark's answers to TPC-H, for ``tests/examples/test_tpch.py`` to compare with.

Needs a Python with the whole PySpark, pyarrow and a Java. Run from the repository's root, with a
folder that ``tpchgen-cli parquet -s SCALE --output-dir FOLDER`` has filled::

    python tests/oracle/record_tpch.py FOLDER SCALE

The answers go to ``tests/data/tpch/answers-SCALE.json``: rows of texts, as Spark shows them.
Answers of more than a thousand rows are kept as their number and a digest.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.tpch.data import QUERIES, TABLES, query  # noqa: E402
from tests.oracle.tpch_answers import answer  # noqa: E402


def main(folder: str, scale: str) -> None:
    """Ask Spark all queries and write what it answers."""
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory() as scratch:
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        spark: Any = builder.config("spark.local.dir", scratch).getOrCreate()
        for table in TABLES:
            path = Path(folder, f"{table}.parquet")
            spark.read.parquet(str(path)).createOrReplaceTempView(table)
        answers = {}
        for number in QUERIES:
            answers[str(number)] = answer(spark.sql(query(number, float(scale))).toArrow())
            print(f"query {number}", file=sys.stderr)
        spark.stop()
    lines = ",\n".join(f'"{number}": {json.dumps(found)}' for number, found in answers.items())
    place = ROOT / "tests" / "data" / "tpch"
    place.mkdir(parents=True, exist_ok=True)
    (place / f"answers-{scale}.json").write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
