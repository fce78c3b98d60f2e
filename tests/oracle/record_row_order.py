"""Record the order in which PySpark gives the rows of small queries, for ``test_row_order.py``.

Each query is answered three times; those whose answers differ are named, and do not belong in
the file. Run it with a Python that has the full
pyspark and Java::

    python tests/oracle/record_row_order.py
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parents[1] / "unit" / "connect"
CASES = HERE / "golden_row_order.json"


def tables() -> Any:
    """Return the module that makes the tables, which the test uses too."""
    spec = importlib.util.spec_from_file_location("row_order_tables", HERE / "row_order_tables.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main() -> None:
    """Answer every case anew."""
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as F

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    made = tables().make(spark)

    def rows(text: str) -> list[list[Any]]:
        return [list(row) for row in eval(text, {"spark": spark, "F": F, **made}).collect()]

    lines = []
    for text in json.loads(CASES.read_text("utf-8")):
        answers = [rows(text) for _ in range(3)]
        if answers[0] != answers[1] or answers[0] != answers[2]:
            print("not the same twice:", text)
        lines.append(f"{json.dumps(text)}: {json.dumps(answers[0], default=str)}")
    CASES.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    spark.stop()


if __name__ == "__main__":
    main()
