"""A SparkSession on each engine, for benchmarks that keep an engine running."""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.engines import ROOT

__all__ = ["SESSIONS", "path_of"]


def _spark(threads: int) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local[{threads}]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.driver.memory", "8g").getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


def _pyrite(threads: int) -> Any:
    import pyrite  # noqa: F401  (makes pyspark whole)

    return _spark(threads)


def _stock(threads: int) -> Any:
    """The client package as it comes, over the network to Pyrite's server on this machine."""
    from pyspark.sql import SparkSession

    command = [sys.executable, "-m", "pyrite", "connect", "--port", "0"]
    server = subprocess.Popen(
        [*command, "--master", f"local[{threads}]"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )
    assert server.stdout is not None
    url = next(line.strip() for line in server.stdout if line.strip().startswith("sc://"))
    spark: Any = SparkSession.builder.remote(url).getOrCreate()
    spark.stop_server = server.terminate
    return spark


def _sail(threads: int) -> Any:
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer()
    server.start(background=True)
    host, port = server.listening_address
    spark: Any = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
    spark.server = server  # it stops when it is let go
    return spark


#: By the engine's name: its session with as many threads; Sail takes all there are.
SESSIONS: dict[str, Callable[[int], Any]] = {
    "pyrite": _pyrite,
    "pyspark": _spark,
    "sail": _sail,
    "stock": _stock,
}


def path_of(engine: str) -> str:
    """The PYTHONPATH of an engine's worker; only one of them is to find Pyrite."""
    folders = [ROOT / "src", ROOT] if engine == "pyrite" else [ROOT]
    return os.pathsep.join(map(str, folders))
