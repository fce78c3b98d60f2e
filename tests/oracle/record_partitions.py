"""Record where PySpark has the rows of DataFrames, for ``test_partitions.py`` to compare.

Run it with a Python that has the full pyspark and Java::

    python tests/oracle/record_partitions.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[1] / "unit" / "connect" / "golden_partitions.json"


def answers(spark: Any, text: str) -> dict[str, Any]:
    """Return what is in each partition, and the rows with their partitions and ids."""
    from pyspark.sql import functions as F

    frame = eval(text, {"spark": spark, "F": F})
    numbered = frame.select("*", F.spark_partition_id(), F.monotonically_increasing_id())
    return {
        "partitions": [[list(row) for row in part] for part in frame.rdd.glom().collect()],
        "ids": [list(row) for row in numbered.collect()],
    }


def main() -> None:
    """Answer every case anew."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[4]").config("spark.ui.enabled", "false")
    spark = builder.getOrCreate()
    known = json.loads(CASES.read_text("utf-8"))
    lines = [
        f"{json.dumps(text)}: {json.dumps(answers(spark, text), default=str)}" for text in known
    ]
    CASES.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    spark.stop()


if __name__ == "__main__":
    main()
