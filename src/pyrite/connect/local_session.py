"""LocalSession: the SparkSession whose engine is in this process.

It is the client package's Spark Connect session over the in-process channel, and it has what
that one lacks: a SparkContext, new sessions over it, and RDDs. Both of the package's classes
named SparkSession are its bases, so that ``isinstance`` holds for either.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkRuntimeError
from pyspark.sql.connect.dataframe import DataFrame
from pyspark.sql.connect.plan import CachedRemoteRelation
from pyspark.sql.connect.session import SparkSession as ConnectSession
from pyspark.sql.session import SparkSession as ClassicSession

from pyrite.connect.application_service import service_of
from pyrite.connect.channel import InProcessChannelBuilder
from pyrite.connect.java_names import JavaSession
from pyrite.connect.local_reader import LocalReader
from pyrite.connect.plans import relation_of
from pyrite.connect.query_rdd import QueryRDD
from pyrite.connect.rdd_scan import relation_of_rdd
from pyrite.connect.rdd_schema import described
from pyrite.core.rdd.rdd import RDD
from pyrite.sql.query_execution import QueryExecution

if TYPE_CHECKING:
    from pyrite.connect.session import SessionHolder
    from pyrite.core.context import SparkContext
    from pyrite.sql.session_state import SessionState

__all__ = ["LocalSession"]

_logger = logging.getLogger("pyrite")
_USER = {"user_id": "local"}


class LocalSession(ConnectSession, ClassicSession):  # type: ignore[misc]
    """A session over a running SparkContext.

    Args:
        sparkContext: Its engine.
        jsparkSession: Accepted for compatibility; there is no JVM.
        options: Settings of the session.

    Example:
        >>> spark = SparkSession.builder.master("local[2]").getOrCreate()  # doctest: +SKIP
        >>> spark.range(3).rdd.map(lambda row: row.id).sum()  # doctest: +SKIP
        3
    """

    # Programs see the class under the name they import it by.
    __module__ = "pyspark.sql.session"
    __qualname__ = "SparkSession"

    Builder: Any = ClassicSession.Builder

    def __init__(
        self,
        sparkContext: SparkContext,
        jsparkSession: None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        if "_client" not in self.__dict__:
            self._sc: SparkContext = sparkContext
            channel: Any = InProcessChannelBuilder(service_of(sparkContext), dict(_USER))
            super().__init__(channel)
            # An answer that is a function call away cannot get lost.
            self._client.disable_reattachable_execute()
            _let_go_of_stopped()
            ConnectSession._set_default_and_active_session(self)
        self.set_options(options or {})

    @property
    def state(self) -> SessionState:
        """What the engine knows of this session."""
        return self._holder.state

    @property
    def _holder(self) -> SessionHolder:
        sessions = service_of(self._sc).sessions
        return sessions.session(_USER["user_id"], self._session_id)

    def set_options(self, options: Mapping[str, Any]) -> None:
        """Take over a builder's settings; those that cannot change any more are passed over."""
        kept = self.state.conf.take({key: str(value) for key, value in options.items()})
        if kept:
            _logger.warning(
                "Using an existing Spark session; only runtime SQL configurations will take "
                "effect. Not changed: %s. Stop the session first to change them.",
                ", ".join(sorted(kept)),
            )

    def _repr_html_(self) -> str:
        catalog = self.conf.get("spark.sql.catalogImplementation", "in-memory")
        context = self._sc._repr_html_()
        return f"<div><p><b>SparkSession - {catalog}</b></p>{context}</div>"

    @property
    def read(self) -> LocalReader:  # type: ignore[override]
        """Reads files and other sources; see ``DataFrameReader``."""
        return LocalReader(self)

    @property
    def sparkContext(self) -> SparkContext:
        """The context that this session and its kin share."""
        return self._sc

    @property
    def _jsc(self) -> Any:
        return self._sc._jsc

    @property
    def _jvm(self) -> Any:
        return self._sc._jvm

    @property
    def _jsparkSession(self) -> JavaSession:
        return JavaSession(self)

    def execution_of(self, frame: Any) -> QueryExecution:
        """Return the query behind a DataFrame of this session, its names resolved."""
        plan = frame._plan.to_proto(self._client)
        self._client.schema(plan)  # asked for as by any client: users know its errors
        holder = self._holder
        return QueryExecution(holder.state, holder.planner.relation(relation_of(plan)))

    def rdd_of(self, frame: Any) -> RDD[Any]:
        """Return the rows of a DataFrame of this session as an RDD."""
        execution = self.execution_of(frame)
        context = self._sc
        node = QueryRDD(context.next_rdd_id(), execution, context.local_dir)
        return RDD(node, context)

    def createDataFrame(  # type: ignore[override]
        self,
        data: Any,
        schema: Any = None,
        samplingRatio: float | None = None,
        verifySchema: bool | None = None,
    ) -> Any:
        """Make a DataFrame of an RDD, a list, a pandas DataFrame or an Arrow table.

        Args:
            data: The rows.
            schema: Their types or names; inferred where it says nothing.
            samplingRatio: The share of an RDD's elements to infer types from; by default the
                first ones are looked at.
            verifySchema: Whether the elements of an RDD are checked against ``schema``.

        Raises:
            PySparkValueError: If the types cannot be found.
            PySparkTypeError: If ``data`` or ``schema`` is not such a thing.
        """
        if not isinstance(data, RDD):
            return super().createDataFrame(data, schema)
        if isinstance(schema, str):
            schema = self._client._analyze(method="ddl_parse", ddl_string=schema).parsed
        verify = verifySchema is not False
        rows = described(data, schema, samplingRatio, verify, self.state.conf)
        relation_id = str(uuid.uuid4())
        self.state.held_relations[relation_id] = relation_of_rdd(*rows)
        return DataFrame(CachedRemoteRelation(relation_id, self), self)

    def newSession(self) -> LocalSession:
        """Return a session with settings, views and functions of its own on the same context."""
        return LocalSession(self._sc)

    def cloneSession(self, new_session_id: str | None = None) -> LocalSession:
        """Return a session that starts with a copy of this one's settings, views and functions.

        Args:
            new_session_id: A UUID; a new one by default.
        """
        clone: LocalSession = object.__new__(LocalSession)
        clone._sc = self._sc
        clone._client = self._client.clone(new_session_id)
        clone._client.disable_reattachable_execute()
        clone._session_id = clone._client._session_id
        clone.release_session_on_close = True
        return clone

    def __reduce__(self) -> Any:
        """Refuse to be pickled, alone or with a DataFrame: tasks have no session.

        Raises:
            PySparkRuntimeError: Always.
        """
        raise PySparkRuntimeError(errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})

    def stop(self) -> None:
        """Stop the session, and the context with it, for all sessions that share it."""
        super().stop()
        self._sc.stop()

    @property
    def is_stopped(self) -> bool:
        """Whether this session or its context was stopped."""
        return self._client.is_closed or self._sc.is_stopped


def _let_go_of_stopped() -> None:
    """Forget the default and the active session where their context was stopped under them."""
    if ConnectSession._get_default_session() is None:
        ConnectSession._default_session = None
    if ConnectSession.getActiveSession() is None:
        ConnectSession._active_session.session = None


def _to_frame(self: RDD[Any], schema: Any = None, sampleRatio: float | None = None) -> Any:
    """Make a DataFrame of the elements, by the active session.

    Args:
        self: The RDD.
        schema: The columns' names or types; see ``SparkSession.createDataFrame``.
        sampleRatio: Share of the rows to look at to find the types.

    Example:
        >>> sc.parallelize([(1, "a")]).toDF(["id", "name"])  # doctest: +SKIP
        DataFrame[id: bigint, name: string]

    Raises:
        PySparkRuntimeError: CALL_BEFORE_INITIALIZE, if there is no session.
    """
    session: Any = LocalSession.getActiveSession() or LocalSession._get_default_session()
    if session is None:
        _refuse_to_frame(self)
    return session.createDataFrame(self, schema, sampleRatio)


_refuse_to_frame = RDD.toDF
RDD.toDF = _to_frame  # type: ignore[method-assign]
