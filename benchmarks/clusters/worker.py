"""One engine of TPC-H on a cluster in a process of its own: query numbers in, answers out.

Run as ``python -m benchmarks.clusters.worker ENGINE FOLDER SCALE ADDRESS [NAME=VALUE ...]``: the
address is a Spark master, that of a Ray cluster for Daft, and nothing for Sail.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.sessions import SESSIONS
from benchmarks.tpch.data import TABLES
from benchmarks.tpch.worker import Ask, answer_all, asks_spark

_Settings = dict[str, str]


def _pyrite(folder: Path, master: str, settings: _Settings) -> Ask:
    import pyrite  # noqa: F401  (makes pyspark whole)

    return asks_spark(_session(master, settings), folder)


def _session(master: str, settings: _Settings) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).config("spark.ui.enabled", "false")
    spark = builder.config(map=settings).getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def _sail(folder: Path, address: str, settings: _Settings) -> Ask:
    os.environ["SAIL_MODE"] = "local-cluster"
    os.environ.update(settings)
    return asks_spark(SESSIONS["sail"](2), folder)


def _daft(folder: Path, address: str, settings: _Settings) -> Ask:
    os.environ["DAFT_PROGRESS_BAR"] = "0"
    import daft
    import ray

    ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    daft.set_runner_ray(address)
    tables = {table: daft.read_parquet(str(folder / f"{table}.parquet")) for table in TABLES}
    return lambda text: daft.sql(text, **tables).to_arrow()


_ENGINES: dict[str, Callable[[Path, str, _Settings], Ask]] = {
    "pyrite": _pyrite,
    "sail": _sail,
    "daft": _daft,
}


def main(engine: str, folder: str, scale: str, address: str, *settings: str) -> None:
    """Answer queries until the input ends."""
    pairs: Any = (setting.split("=", 1) for setting in settings)
    answer_all(engine, _ENGINES[engine](Path(folder), address, dict(pairs)), float(scale))


if __name__ == "__main__":
    main(*sys.argv[1:])
