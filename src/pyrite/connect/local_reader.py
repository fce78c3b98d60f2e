"""LocalReader: the client package's DataFrameReader, which reads texts in RDDs as well."""

from __future__ import annotations

from typing import Any

from pyspark.sql.connect.readwriter import DataFrameReader

from pyrite.core.rdd.rdd import RDD

__all__ = ["LocalReader"]


class LocalReader(DataFrameReader):
    """A reader of a session in this process.

    Args:
        session: Whose DataFrames it makes.
    """

    # Programs see the class under the name they know it by.
    __module__ = "pyspark.sql.readwriter"
    __qualname__ = "DataFrameReader"

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._session = session

    def csv(self, path: Any, *args: Any, **options: Any) -> Any:
        """Read files, or an RDD of lines; see ``DataFrameReader.csv``."""
        return super().csv(self._source(path), *args, **options)

    def json(self, path: Any, *args: Any, **options: Any) -> Any:
        """Read files, or an RDD of JSON texts; see ``DataFrameReader.json``."""
        return super().json(self._source(path), *args, **options)

    def xml(self, path: Any, *args: Any, **options: Any) -> Any:
        """Read files, or an RDD of XML texts; see ``DataFrameReader.xml``."""
        return super().xml(self._source(path), *args, **options)

    def _source(self, path: Any) -> Any:
        if not isinstance(path, RDD):
            return path
        from pyspark.sql.types import StringType

        return self._session.createDataFrame(path.map(_text), StringType())


def _text(element: Any) -> str:
    return element.decode("utf-8") if isinstance(element, bytes) else str(element)
