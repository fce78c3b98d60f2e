"""One engine in a process of its own: reads query numbers, answers with seconds and rows.

Run as ``python -m benchmarks.tpch.worker ENGINE FOLDER SCALE THREADS``; a line in is a number, a
line out is JSON. The answer is read as an Arrow table on every engine.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.tpch.answers import rows
from benchmarks.tpch.data import TABLES, query

Ask = Callable[[str], Any]  # SQL text to an Arrow table


def _views(spark: Any, folder: Path) -> Ask:
    for table in TABLES:
        spark.read.parquet(str(folder / f"{table}.parquet")).createOrReplaceTempView(table)
    return lambda text: spark.sql(text).toArrow()


def _spark(folder: Path, threads: int) -> Ask:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local[{threads}]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.driver.memory", "8g").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return _views(spark, folder)


def _pyrite(folder: Path, threads: int) -> Ask:
    import pyrite  # noqa: F401  (makes pyspark whole)

    return _spark(folder, threads)


def _sail(folder: Path, threads: int) -> Ask:
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer()
    server.start(background=True)
    host, port = server.listening_address
    ask = _views(SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate(), folder)

    def keep(text: str, server: Any = server) -> Any:  # the server stops when it is let go
        return ask(text)

    return keep


def _duckdb(folder: Path, threads: int) -> Ask:
    import duckdb

    connection = duckdb.connect(config={"threads": threads})
    for table in TABLES:
        path = folder / f"{table}.parquet"
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{path}')")
    return lambda text: connection.sql(text).to_arrow_table()


ENGINES: dict[str, Callable[[Path, int], Ask]] = {
    "pyrite": _pyrite,
    "duckdb": _duckdb,
    "pyspark": _spark,
    "sail": _sail,
}


def serve(engine: str, folder: str, scale: str, threads: str) -> None:
    """Answer queries until the input ends."""
    ask = ENGINES[engine](Path(folder), int(threads))
    print(json.dumps({"ready": engine}), flush=True)
    for line in sys.stdin:
        text = query(int(line), float(scale))
        begin = time.perf_counter()
        table = ask(text)
        seconds = time.perf_counter() - begin
        answer = {"seconds": seconds, "rows": rows(table)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:])
