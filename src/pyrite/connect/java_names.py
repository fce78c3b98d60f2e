"""What sessions and DataFrames have of a JVM: types and plans, described by their own.

``spark._jsparkSession`` and ``df._jdf`` answer from this engine; the context's own part is
``pyrite.core.java_view``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pyspark.sql.types import DataType, _parse_datatype_json_value

from pyrite.core.java_view import JavaView
from pyrite.core.java_view.spark_context import HadoopConfiguration, JavaSparkContext
from pyrite.sql.optimizer.sizes import Size, kept_sizes, size_of

if TYPE_CHECKING:
    from pyrite.connect.local_session import LocalSession
    from pyrite.sql.plans.plan import LogicalPlan
    from pyrite.sql.query_execution import QueryExecution

__all__ = ["JavaDataFrame", "JavaSession"]


class JavaDataType(JavaView):
    """A type, which Java's own methods describe.

    Args:
        data_type: The type.
    """

    java_name = "DataType"

    def __init__(self, data_type: DataType) -> None:
        self._type: Any = data_type
        self.json = data_type.json
        self.simpleString = self.catalogString = data_type.simpleString
        self.typeName = data_type.typeName

    def __str__(self) -> str:
        return str(self._type)

    def prettyJson(self) -> str:
        """Return the type as JSON over several lines."""
        return json.dumps(json.loads(self._type.json()), indent=2).replace('":', '" :')

    def treeString(self) -> str:
        """Return a struct as ``printSchema`` shows it."""
        text: str = self._type.treeString()
        return text

    def toDDL(self) -> str:
        """Return a struct as the columns of CREATE TABLE."""
        text: str = self._type.toDDL()
        return text


class JavaSession(JavaView):
    """``spark._jsparkSession``.

    Args:
        session: The session.
    """

    java_name = "_jsparkSession"

    def __init__(self, session: LocalSession) -> None:
        self._session = session

    def parseDataType(self, text: str) -> JavaDataType:
        """Return the type that a text in JSON describes.

        Raises:
            ValueError: If it is no JSON.
        """
        return JavaDataType(_parse_datatype_json_value(json.loads(text)))

    def sparkContext(self) -> JavaSparkContext:
        """Return the session's context."""
        return JavaSparkContext(self._session.sparkContext)

    def sessionState(self) -> JavaSession:
        """Return what has ``newHadoopConf``; here that is the session."""
        return self

    def newHadoopConf(self) -> HadoopConfiguration:
        """Return Hadoop's settings."""
        return HadoopConfiguration(self._session.sparkContext)

    def version(self) -> str:
        """Return Spark's version."""
        return self._session.version


class JavaDataFrame(JavaView):
    """``df._jdf``.

    Args:
        frame: The DataFrame.
    """

    java_name = "_jdf"

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def schema(self) -> JavaDataType:
        """Return the columns as a struct."""
        return JavaDataType(self._frame.schema)

    def queryExecution(self) -> JavaQueryExecution:
        """Return the query's plans."""
        return JavaQueryExecution(self._frame._session.execution_of(self._frame))

    def count(self) -> int:
        """Return how many rows there are."""
        number: int = self._frame.count()
        return number

    def showString(self, numRows: int, truncate: int, vertical: bool) -> str:
        """Return the rows as ``show`` draws them."""
        text: str = self._frame._show_string(numRows, truncate or False, vertical)
        return text


class JavaQueryExecution(JavaView):
    """``df._jdf.queryExecution()``: what ``explain`` shows, piece by piece.

    Args:
        execution: The query.
    """

    java_name = "queryExecution()"

    def __init__(self, execution: QueryExecution) -> None:
        self._execution = execution

    def __str__(self) -> str:
        return self._execution.explain("extended")

    def simpleString(self) -> str:
        """Return what ``explain()`` prints."""
        return self._execution.explain("simple") + "\n"

    def logical(self) -> JavaPlan:
        """Return the plan as it was written."""
        return JavaPlan(self._section("Parsed Logical Plan"))

    def analyzed(self) -> JavaPlan:
        """Return the plan with names and types."""
        _, _, text = self._section("Analyzed Logical Plan").partition("\n")
        return JavaPlan(text, self._size(self._execution.analyzed))

    def optimizedPlan(self) -> JavaPlan:
        """Return the plan as it is run."""
        size = self._size(self._execution.optimized)
        return JavaPlan(self._section("Optimized Logical Plan"), size)

    def executedPlan(self) -> JavaPlan:
        """Return the physical plan."""
        return JavaPlan(self._section("Physical Plan"))

    sparkPlan = executedPlan  # noqa: N815

    def _size(self, plan: LogicalPlan) -> Size:
        return size_of(plan, kept_sizes(self._execution.session.shared.cache))

    def _section(self, title: str) -> str:
        _, _, after = self._execution.explain("extended").partition(f"== {title} ==\n")
        return after.partition("\n==")[0].rstrip("\n") + "\n"


class JavaPlan(JavaView):
    """A plan's text, and how large its rows are thought to be.

    Args:
        text: A line for each operator.
        size: The rows' estimated size, where it can be told.
    """

    java_name = "plan"

    def __init__(self, text: str, size: Size | None = None) -> None:
        self._text = text
        if size is not None:
            self.stats = lambda: JavaStatistics(size)

    def __str__(self) -> str:
        return self._text

    def treeString(self) -> str:
        """Return the text."""
        return self._text

    def numberedTreeString(self) -> str:
        """Return the text with a number before each line."""
        lines = self._text.splitlines()
        return "\n".join(f"{number:02d} {line}" for number, line in enumerate(lines))


class JavaStatistics(JavaView):
    """What is known of a plan's rows.

    Args:
        size: Their estimated size.
    """

    java_name = "stats()"

    def __init__(self, size: Size) -> None:
        self._size = size

    def sizeInBytes(self) -> int:
        """Return their estimated size in bytes."""
        return self._size.bytes
