"""``sc._jsc``: the context's own facts, and Hadoop's settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pyrite.core.conf import parse_bool
from pyrite.core.hadoop.hadoop_conf import hadoop_conf
from pyrite.core.java_view.view import JavaView

if TYPE_CHECKING:
    from pyspark.conf import SparkConf

    from pyrite.core.context import SparkContext

__all__ = ["HadoopConfiguration", "JavaSparkContext"]

#: What Hadoop itself sets and programs ask for.
_DEFAULTS = {"fs.defaultFS": "file:///"}


class HadoopConfiguration(JavaView):
    """Hadoop's settings: ``spark.hadoop.*`` of the application, and what was set since.

    Args:
        context: Whose settings; a change counts for all that it reads and writes afterwards.
    """

    java_name = "hadoopConfiguration()"

    def __init__(self, context: SparkContext) -> None:
        self._context = context

    def __iter__(self) -> Iterator[str]:
        return iter(_DEFAULTS | hadoop_conf(self._context.conf))

    def get(self, name: str, defaultValue: str | None = None) -> str | None:
        """Return a setting's text, or the given default."""
        (known,) = hadoop_conf({}, {name: ""})  # old names have new ones
        return (_DEFAULTS | hadoop_conf(self._context.conf)).get(known, defaultValue)

    def getBoolean(self, name: str, defaultValue: bool) -> bool:
        """Return a setting that is true or false."""
        value = self.get(name)
        return defaultValue if value is None else parse_bool(value)

    def getInt(self, name: str, defaultValue: int) -> int:
        """Return a setting that is a whole number."""
        value = self.get(name)
        return defaultValue if value is None else int(value)

    def set(self, name: str, value: str) -> None:
        """Give a setting a value."""
        self._context.set_hadoop(name, str(value))

    def setBoolean(self, name: str, value: bool) -> None:
        """Give a setting true or false."""
        self.set(name, str(value).lower())

    def unset(self, name: str) -> None:
        """Take a setting's value away."""
        self._context.set_hadoop(name, None)

    setInt = setLong = setDouble = setFloat = set  # noqa: N815
    getLong = getInt  # noqa: N815


class JavaSparkContext(JavaView):
    """The context as Java has it.

    Args:
        context: The context.
    """

    java_name = "_jsc"

    def __init__(self, context: SparkContext) -> None:
        self._context = context

    def hadoopConfiguration(self) -> HadoopConfiguration:
        """Return Hadoop's settings, to be read and changed."""
        return HadoopConfiguration(self._context)

    def sc(self) -> JavaSparkContext:
        """Return Scala's context, which is the same here."""
        return self

    def getConf(self) -> SparkConf:
        """Return a copy of the settings."""
        return self._context.getConf()

    def version(self) -> str:
        """Return Spark's version."""
        return self._context.version

    def __getattr__(self, name: str) -> Any:
        if name not in _SAME:
            return super().__getattr__(name)
        value = getattr(self._context, name)
        return value if callable(value) else lambda: value


#: Methods of Java's that are attributes or methods of Python's SparkContext.
_SAME = {
    "appName",
    "applicationId",
    "cancelAllJobs",
    "cancelJobGroup",
    "defaultMinPartitions",
    "defaultParallelism",
    "getLocalProperty",
    "master",
    "setCheckpointDir",
    "setJobDescription",
    "setJobGroup",
    "setLocalProperty",
    "setLogLevel",
    "sparkUser",
    "startTime",
    "stop",
}
