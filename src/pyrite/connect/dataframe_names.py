"""What the client package's DataFrame gets: RDDs of its rows, and tasks that see each of them.

Only DataFrames of a session in this process have them; those of other servers stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from operator import itemgetter
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from pyspark.errors import PySparkAttributeError

if TYPE_CHECKING:
    from pyspark.sql.types import Row

    from pyrite.connect.java_names import JavaDataFrame
    from pyrite.core.rdd.rdd import RDD

__all__ = ["install", "rdd"]

#: How the names begin by which notebooks ask an object for what it looks like.
_NOTEBOOKS = ("_ipython_", "_repr_")


def install(module: ModuleType) -> None:
    """Give ``DataFrame`` an ``rdd`` and what is made of it."""
    frame_class: Any = module.DataFrame
    to_json = frame_class.toJSON
    for_each, for_each_partition = frame_class.foreach, frame_class.foreachPartition
    column = frame_class.__getattr__
    asked_binary_as_bytes = frame_class._get_binary_as_bytes

    @wraps(column)
    def column_of_a_frame(self: Any, name: str) -> Any:
        # Notebooks believe an object that claims to have everything in nothing, its HTML neither.
        if name.startswith(_NOTEBOOKS) and name not in self.columns:
            raise PySparkAttributeError(
                errorClass="ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": name}
            )
        return column(self, name)

    @wraps(to_json)
    def to_json_rdd(self: Any, use_unicode: bool = True) -> Any:
        if not _is_local(self):
            return to_json(self)
        texts = to_json(self).rdd.map(itemgetter(0))
        return texts if use_unicode else texts.map(str.encode)

    @wraps(for_each)
    def for_each_row(self: Any, f: Callable[[Row], None]) -> None:
        if not _is_local(self):
            for_each(self, f)
        else:
            self.rdd.foreach(f)

    @wraps(for_each_partition)
    def for_each_partition_of_rows(self: Any, f: Callable[[Iterator[Row]], None]) -> None:
        if not _is_local(self):
            for_each_partition(self, f)
        else:
            self.rdd.foreachPartition(f)

    @wraps(asked_binary_as_bytes)
    def binary_as_bytes(self: Any) -> bool:
        if not _is_local(self):
            asked: bool = asked_binary_as_bytes(self)
            return asked
        from pyrite.sql.execution.python.settings import BINARY_AS_BYTES

        # At each collect(): a request for it takes a tenth of the time of a small query
        return str(self._session.state.conf.get(BINARY_AS_BYTES)).lower() == "true"

    frame_class.__getattr__ = column_of_a_frame
    frame_class._get_binary_as_bytes = binary_as_bytes
    frame_class.rdd = property(rdd)
    frame_class._jdf = property(_java_frame)
    frame_class.toJSON = to_json_rdd
    frame_class.foreach = for_each_row
    frame_class.foreachPartition = for_each_partition_of_rows


def _is_local(frame: Any) -> bool:
    return hasattr(frame._session, "rdd_of")


def _java_frame(frame: Any) -> JavaDataFrame:
    if not _is_local(frame):
        _refuse("_jdf")
    from pyrite.connect.java_names import JavaDataFrame

    return JavaDataFrame(frame)


def _refuse(attribute: str) -> NoReturn:
    raise PySparkAttributeError(
        errorClass="JVM_ATTRIBUTE_NOT_SUPPORTED", messageParameters={"attr_name": attribute}
    )


def rdd(frame: Any) -> RDD[Row]:
    """Return the rows as an RDD of ``Row`` objects; they are computed once, when first needed.

    Args:
        frame: The DataFrame.

    Raises:
        PySparkAttributeError: JVM_ATTRIBUTE_NOT_SUPPORTED, if it is another server's.

    Example:
        >>> spark.range(4).rdd.map(lambda row: row.id).sum()  # doctest: +SKIP
        6
    """
    if not _is_local(frame):
        _refuse("rdd")
    kept = frame.__dict__
    if "_pyrite_rdd" not in kept:
        kept["_pyrite_rdd"] = frame._session.rdd_of(frame)
    rows: RDD[Row] = kept["_pyrite_rdd"]
    return rows
