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

from benchmarks.sessions import SESSIONS
from benchmarks.tpch.answers import rows
from benchmarks.tpch.data import TABLES, query

Ask = Callable[[str], Any]  # SQL text to an Arrow table


def asks_spark(spark: Any, folder: Path) -> Ask:
    """How a session that speaks PySpark is asked about the tables of a folder."""
    for table in TABLES:
        spark.read.parquet(str(folder / f"{table}.parquet")).createOrReplaceTempView(table)
    return lambda text: spark.sql(text).toArrow()


def _duckdb(folder: Path, threads: int) -> Ask:
    import duckdb

    connection = duckdb.connect(config={"threads": threads})
    for table in TABLES:
        path = folder / f"{table}.parquet"
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{path}')")
    return lambda text: connection.sql(text).to_arrow_table()


def answer_all(engine: str, ask: Ask, scale: float) -> None:
    """Answer queries until the input ends; one that fails is answered by its error."""
    print(json.dumps({"ready": engine}), flush=True)
    for line in sys.stdin:
        text = query(int(line), scale)
        begin = time.perf_counter()
        try:
            table = ask(text)
            seconds = time.perf_counter() - begin
            answer = {"seconds": seconds, "rows": rows(table)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def main(engine: str, folder: str, scale: str, threads: str) -> None:
    """Serve one engine on this machine."""
    place, cores = Path(folder), int(threads)
    on_duckdb = engine == "duckdb"
    ask = _duckdb(place, cores) if on_duckdb else asks_spark(SESSIONS[engine](cores), place)
    answer_all(engine, ask, float(scale))


if __name__ == "__main__":
    main(*sys.argv[1:])
