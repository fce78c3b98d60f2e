"""Hadoop settings: where they come from, and the old names that still work."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["DEPRECATED_NAMES", "HADOOP_PREFIX", "hadoop_conf"]

#: What stands before the names of Hadoop's settings among Spark's.
HADOOP_PREFIX = "spark.hadoop."

_OUTPUT = "mapreduce.output.fileoutputformat."
_INPUT = "mapreduce.input.fileinputformat."

#: Old name -> the name Pyrite reads.
DEPRECATED_NAMES = {
    "mapred.output.dir": _OUTPUT + "outputdir",
    "mapred.output.compress": _OUTPUT + "compress",
    "mapred.output.compression.codec": _OUTPUT + "compress.codec",
    "mapred.output.compression.type": _OUTPUT + "compress.type",
    "mapred.textoutputformat.separator": "mapreduce.output.textoutputformat.separator",
    "mapred.output.key.class": "mapreduce.job.output.key.class",
    "mapred.output.value.class": "mapreduce.job.output.value.class",
    "mapreduce.outputformat.class": "mapreduce.job.outputformat.class",
    "mapred.input.dir": _INPUT + "inputdir",
    "mapred.input.dir.recursive": _INPUT + "input.dir.recursive",
    "mapred.min.split.size": _INPUT + "split.minsize",
    "mapred.max.split.size": _INPUT + "split.maxsize",
    "key.value.separator.in.input.line": (
        "mapreduce.input.keyvaluelinerecordreader.key.value.separator"
    ),
    "mapred.line.input.format.linespermap": "mapreduce.input.lineinputformat.linespermap",
    "dfs.block.size": "dfs.blocksize",
}


def hadoop_conf(
    spark_conf: Mapping[str, str], extra: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the Hadoop settings of an application or of one call.

    Args:
        spark_conf: The application's settings; those that begin with ``spark.hadoop.`` count,
            without that prefix.
        extra: What a method's ``conf`` argument adds; it wins.

    Example:
        >>> hadoop_conf({"spark.hadoop.dfs.blocksize": "1m"}, {"mapred.output.dir": "/out"})
        {'dfs.blocksize': '1m', 'mapreduce.output.fileoutputformat.outputdir': '/out'}
    """
    given = {
        key.removeprefix(HADOOP_PREFIX): value
        for key, value in spark_conf.items()
        if key.startswith(HADOOP_PREFIX)
    }
    given.update({key: str(value) for key, value in (extra or {}).items()})
    return {DEPRECATED_NAMES.get(key, key): value for key, value in given.items()}
