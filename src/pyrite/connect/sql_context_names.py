"""What Spark 1.x's SQLContext and HiveContext get: a session of this engine to wrap."""

from __future__ import annotations

import warnings
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyrite.core.context import SparkContext

__all__ = ["install"]

_INSTEAD = {
    "SQLContext": "Spark 3.0: use SparkSession.builder.getOrCreate() instead.",
    "HiveContext": (
        "Spark 2.0: use SparkSession.builder.enableHiveSupport().getOrCreate() instead."
    ),
}

#: What a context passes on to its session: by name, the path to it.
_PASSED_ON = {
    "cacheTable": ("catalog", "cacheTable"),
    "uncacheTable": ("catalog", "uncacheTable"),
    "clearCache": ("catalog", "clearCache"),
    "read": ("read",),
    "readStream": ("readStream",),
    "streams": ("streams",),
}


def install(module: ModuleType) -> None:
    """Let the classes work on a session instead of a JVM's context."""
    sql_context: Any = module.SQLContext
    hive_context: Any = module.HiveContext
    sql_context.__init__ = hive_context.__init__ = _start
    get_or_create: Any = _get_or_create
    sql_context._get_or_create = hive_context._get_or_create = classmethod(get_or_create)
    sql_context.tables = _tables
    sql_context.tableNames = _table_names
    for name, path in _PASSED_ON.items():
        setattr(sql_context, name, property(_passed_on(path)))


def _start(
    self: Any, sparkContext: SparkContext, sparkSession: Any = None, jsqlContext: Any = None
) -> None:
    """Wrap a session; the active one, or a new one, by default."""
    if sparkSession is None:
        from pyspark.sql import SparkSession

        name = type(self).__name__
        text = f"{name} is deprecated since {_INSTEAD.get(name, _INSTEAD['SQLContext'])}"
        warnings.warn(text, FutureWarning, stacklevel=2)
    self._sc = sparkContext
    self.sparkSession = sparkSession or SparkSession.builder.getOrCreate()


def _get_or_create(cls: Any, sc: SparkContext, **_: Any) -> Any:
    from pyspark.sql import SparkSession

    kept = cls._instantiatedContext
    if type(kept) is not cls or kept.sparkSession.is_stopped:
        kept = cls._instantiatedContext = cls(sc, SparkSession.builder.getOrCreate())
    return kept


def _tables(self: Any, dbName: str | None = None) -> Any:
    """Return the tables of a database as a DataFrame of namespace, tableName, isTemporary."""
    # A quoted name ends at the next single backtick.
    where = "" if dbName is None else f" IN `{dbName.replace('`', '``')}`"
    return self.sparkSession.sql(f"SHOW TABLES{where}")


def _table_names(self: Any, dbName: str | None = None) -> list[str]:
    """Return the names of the tables of a database."""
    return [row.tableName for row in _tables(self, dbName).collect()]


def _passed_on(path: tuple[str, ...]) -> Any:
    def find(self: Any) -> Any:
        found = self.sparkSession
        for name in path:
            found = getattr(found, name)
        return found

    return find
