"""The patterns, as plain PySpark code, and what is expected of them."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["CASES", "Case", "Given"]

#: Computes something and returns a small answer, the same on every engine.
Run = Callable[[], Any]


@dataclass(frozen=True)
class Given:
    """What a case has to work with.

    Attributes:
        spark: The engine's session.
        folder: Where it may write files.
        scale: 1.0 for the full size.
        preamble: What comes first in a program, to have this engine.
    """

    spark: Any
    folder: Path
    scale: float
    preamble: str

    def sized(self, count: int) -> int:
        """A number of rows, or of turns, shrunk or grown by the scale."""
        return max(1, round(count * self.scale))


@dataclass(frozen=True)
class Case:
    """Something programs do.

    Attributes:
        name: For the command line.
        title: For the table.
        prepare: Makes ready what is not measured, and returns what is.
        peers: Who else does it, and how many times longer it has to take them; None where
            nothing was promised.
        is_process: Whether it is a process of its own, of which nobody can tell the CPU time once
            it and its JVM have gone.
    """

    name: str
    title: str
    prepare: Callable[[Given], Run]
    peers: dict[str, float | None] = field(default_factory=lambda: {"pyspark": None})
    is_process: bool = False


_MIXED = ("id", "id * 0.5D AS half", "concat('name', id) AS name", "id % 7 = 0 AS seventh")


def _tiny(given: Given) -> Run:
    return lambda: [len(given.spark.range(5).collect()) for _ in range(given.sized(20))]


_PROGRAM = """\
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
print(spark.range(5).collect()[3].id)
"""


def _first_result(given: Given) -> Run:
    command = [sys.executable, "-c", given.preamble + _PROGRAM]
    return lambda: subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True
    ).stdout.strip()


def _create(given: Given) -> Run:
    rows = [(n, f"name{n}", n * 0.5) for n in range(given.sized(1_000_000))]
    return lambda: given.spark.createDataFrame(rows, ["id", "name", "half"]).count()


def _collect(given: Given) -> Run:
    frame = given.spark.range(given.sized(1_000_000)).selectExpr(*_MIXED)

    def run() -> Any:
        rows = frame.collect()
        return [len(rows), *rows[-1]]

    return run


def _arrow_udf(given: Given) -> Run:
    from pyspark.sql.functions import col, udf

    double = udf(lambda x: x * 2 + 1, "long", useArrow=True)
    frame = given.spark.range(given.sized(5_000_000))
    return lambda: frame.select(double(col("id")).alias("y")).agg({"y": "sum"}).collect()[0][0]


def _to_pandas(given: Given) -> Run:
    frame = given.spark.range(given.sized(2_000_000)).selectExpr(*_MIXED)
    return lambda: int(frame.toPandas().id.sum())


def _rdd_map(given: Given) -> Run:
    frame = given.spark.range(given.sized(1_000_000)).selectExpr(*_MIXED)
    return lambda: frame.rdd.map(lambda row: row.id + len(row.name)).sum()


def _apply_in_pandas(given: Given) -> Run:
    frame = given.spark.range(given.sized(1_000_000)).selectExpr("id % 1000 AS k", "id * 0.5D AS v")

    def centred(group: Any) -> Any:
        return group.assign(v=group.v - group.v.mean())

    grouped = frame.groupBy("k").applyInPandas(centred, "k long, v double")
    return lambda: list(grouped.selectExpr("count(*)", "max(v)").collect()[0])


def _map_in_pandas(given: Given) -> Run:
    frame = given.spark.range(given.sized(2_000_000)).selectExpr("id", "id * 0.5D AS v")

    def odd(parts: Iterator[Any]) -> Iterator[Any]:
        for part in parts:
            yield part[part.id % 2 == 1]

    return lambda: frame.mapInPandas(odd, "id long, v double").count()


def _show(given: Given) -> Run:
    columns = [f"id + {n} AS column{n}" for n in range(given.sized(300))]
    frame = given.spark.range(100).selectExpr(*columns)

    def run() -> Any:
        import contextlib
        import io

        with contextlib.redirect_stdout(io.StringIO()) as shown:
            frame.show()
        return len(shown.getvalue())

    return run


def _with_columns(given: Given) -> Run:
    from pyspark.sql.functions import col

    def run() -> Any:
        frame = given.spark.range(10)
        for n in range(given.sized(300)):
            frame = frame.withColumn(f"c{n}", col("id") + n)
        return frame.collect()[-1][-1]

    return run


def _chained_columns(given: Given) -> Run:
    from pyspark.sql.functions import col

    def run() -> Any:
        frame = given.spark.range(10)
        for n in range(given.sized(100)):
            frame = frame.withColumn(f"c{n}", col(f"c{n - 1}" if n else "id") + 1)
        return frame.collect()[-1][-1]

    return run


def _union(given: Given) -> Run:
    def run() -> Any:
        frame = given.spark.range(1)
        for n in range(1, given.sized(200)):
            frame = frame.union(given.spark.range(n, n + 1))
        return frame.count()

    return run


def _deep_when(given: Given) -> Run:
    from pyspark.sql.functions import col, lit, when

    def run() -> Any:
        value = lit(-1)
        for n in range(given.sized(100)):
            value = when(col("id") == n, n * n).otherwise(value)
        return given.spark.range(1000).select(value.alias("v")).agg({"v": "sum"}).collect()[0][0]

    return run


def _from_pandas(given: Given) -> Run:
    import pandas as pd

    count = given.sized(2_000_000)
    frame = pd.DataFrame({"id": range(count), "name": [f"name{n % 1000}" for n in range(count)]})
    frame["half"] = frame.id * 0.5
    return lambda: given.spark.createDataFrame(frame).count()


def _write_parquet(given: Given) -> Run:
    count = given.sized(5_000_000)
    path = str(given.folder / "written.parquet")
    frame = given.spark.range(count).selectExpr(*_MIXED)

    def run() -> None:
        frame.write.mode("overwrite").parquet(path)

    return run


def _read_csv(given: Given) -> Run:
    folder = given.folder / "read.csv"
    path = str(folder)
    columns = (*_MIXED, "date_add(DATE'2020-01-01', CAST(id % 1000 AS INT)) AS day")
    rows = given.spark.range(given.sized(1_000_000)).selectExpr(*columns)
    rows.write.mode("overwrite").option("header", True).csv(path)

    def run() -> Any:
        for file in folder.iterdir():
            file.touch()  # an engine may remember what it found in files that are as they were
        frame = given.spark.read.csv(path, header=True, inferSchema=True)
        return [frame.schema.simpleString(), frame.agg({"half": "sum"}).collect()[0][0]]

    return run


def _small_queries(given: Given) -> Run:
    return lambda: [
        given.spark.sql("select 1 as one").collect()[0].one for _ in range(given.sized(200))
    ]


def _cached_self_join(given: Given) -> Run:
    frame = given.spark.range(given.sized(1_000_000)).selectExpr("id", "id % 1000 AS k")
    frame = frame.cache()
    frame.count()

    def run() -> Any:
        top = frame.groupBy("k").agg({"id": "max"}).withColumnRenamed("max(id)", "top")
        joined = frame.alias("a").join(top, "k").filter("id = top")
        return joined.join(frame.alias("b"), "id").count()

    return run


CASES = (
    Case("tiny", "20 x spark.range(5).collect()", _tiny, {"pyspark": 30, "stock": None}),
    Case(
        "first",
        "A new process to its first result and its end",
        _first_result,
        {"pyspark": 3},
        True,
    ),
    Case(
        "create",
        "createDataFrame of 1M tuples, and count()",
        _create,
        {"stock": 10, "pyspark": None},
    ),
    Case("collect", "collect() of 1M rows", _collect, {"stock": 3, "pyspark": None}),
    Case("udf", "Arrow UDF over 5M rows", _arrow_udf, {"pyspark": 2.5, "sail": 1}),
    Case("topandas", "toPandas() of 2M rows", _to_pandas),
    Case("frompandas", "createDataFrame of 2M rows of pandas", _from_pandas),
    Case("rdd", "df.rdd.map over 1M rows", _rdd_map),
    Case("apply", "applyInPandas, 1000 groups of 1M rows", _apply_in_pandas),
    Case("map", "mapInPandas over 2M rows", _map_in_pandas),
    Case("show", "show() of 300 columns", _show),
    Case("columns", "withColumn, 300 times", _with_columns),
    Case("chain", "withColumn, 100 times, each of the one before", _chained_columns),
    Case("union", "union, 200 times", _union),
    Case("when", "when in when, 100 deep", _deep_when),
    Case("parquet", "Write 5M rows as Parquet", _write_parquet),
    Case("csv", "Read 1M rows of CSV, schema inferred", _read_csv),
    Case("queries", "200 x spark.sql('select 1')", _small_queries),
    Case("selfjoin", "Joins of a cached 1M rows with itself", _cached_self_join),
)
