"""Pyrite: Apache Spark's engine in Python, with no JVM.

Importing it makes ``pyspark`` whole, so that PySpark programs find what they import:

- ``deploy``: the ways in, for people and scripts
- ``connect``: what makes the official client package and this engine one PySpark
- ``mapreduce``: programs that map records to keys and reduce the values of each key
- ``sql``: queries, from their text or plan to Arrow batches
- ``core``: the engine; one job, from action to result
"""

from __future__ import annotations

from collections.abc import Mapping

from pyrite.connect import pyspark_names

__all__ = ["__version__"]
__version__ = "0.1.0"


def _launch_settings() -> Mapping[str, str]:
    # Imported when the first SparkConf() asks: a launcher is the only other one who needs it.
    from pyrite.deploy.launch_settings import launch_settings

    return launch_settings()


pyspark_names.install(_launch_settings)
