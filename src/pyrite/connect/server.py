"""SparkConnectService: the RPCs of Spark Connect, each a few lines over its own module."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, NoReturn, TypeVar

from grpc_status import rpc_status
from pyspark.sql.connect import proto
from pyspark.sql.connect.proto.base_pb2_grpc import SparkConnectServiceServicer

from pyrite.connect import analysis, config, errors
from pyrite.connect.execution import ExecuteHolder
from pyrite.connect.session import SessionHolder, SessionManager, check_uuid, invalid_handle
from pyrite.sql.session_state import SharedState

__all__ = ["SparkConnectService"]

Answer = TypeVar("Answer", bound=Any)


def _answers(handler: Callable[..., Any]) -> Any:
    """Let an RPC's handler end its call with the client's kind of error."""

    @wraps(handler)
    def answer(service: SparkConnectService, request: Any, context: Any) -> Any:
        try:
            return handler(service, request, context)
        except Exception as error:
            service.abort(request, context, error)

    return answer


def _streams(handler: Callable[..., Any]) -> Any:
    """Do the same for a handler whose answers come one by one."""

    @wraps(handler)
    def stream(service: SparkConnectService, request: Any, context: Any) -> Iterator[Any]:
        try:
            yield from handler(service, request, context)
        except Exception as error:
            service.abort(request, context, error)

    return stream


class SparkConnectService(SparkConnectServiceServicer):
    """The service, for the in-process channel and for gRPC.

    Args:
        shared: What its sessions share.
    """

    def __init__(self, shared: SharedState) -> None:
        self.sessions = SessionManager(shared)

    def abort(self, request: Any, context: Any, error: Exception) -> NoReturn:
        """End a call with an error that the client understands."""
        log = None
        session_id = getattr(request, "session_id", "")
        if session_id:
            session = self.sessions.find(request.user_context.user_id, session_id)
            log = session.errors if session else None
        context.abort_with_status(rpc_status.to_status(errors.to_status(error, log)))
        raise error

    def _session(self, request: Any) -> SessionHolder:
        return self.sessions.session(
            request.user_context.user_id,
            request.session_id,
            request.client_observed_server_side_session_id,
        )

    @_streams
    def ExecutePlan(
        self, request: proto.ExecutePlanRequest, context: Any
    ) -> Iterator[proto.ExecutePlanResponse]:
        """Run a plan, and stream its answers."""
        session = self._session(request)
        operation_id = request.operation_id or str(uuid.uuid4())
        check_uuid(operation_id)
        operation = ExecuteHolder(session, operation_id, request)
        if session.operations.setdefault(operation_id, operation) is not operation:
            raise invalid_handle("OPERATION_ALREADY_EXISTS", operation_id)
        operation.start()
        yield from operation.responses()

    @_answers
    def AnalyzePlan(
        self, request: proto.AnalyzePlanRequest, context: Any
    ) -> proto.AnalyzePlanResponse:
        """Say something of a plan without running it."""
        session = self._session(request)
        return self._signed(session, analysis.analyze(session, request))

    @_answers
    def Config(self, request: proto.ConfigRequest, context: Any) -> proto.ConfigResponse:
        """Read or change settings."""
        session = self._session(request)
        return self._signed(session, config.configure(session, request))

    @_answers
    def FetchErrorDetails(
        self, request: proto.FetchErrorDetailsRequest, context: Any
    ) -> proto.FetchErrorDetailsResponse:
        """Return an earlier error in full."""
        session = self._session(request)
        response = proto.FetchErrorDetailsResponse()
        error = session.errors.take(request.error_id)
        if error is not None:
            response.root_error_idx = 0
            response.errors.extend(errors.error_details(error))
        return self._signed(session, response)

    def _signed(self, session: SessionHolder, response: Answer) -> Answer:
        """Name the session in an answer to it."""
        response.session_id = session.session_id
        response.server_side_session_id = session.server_side_session_id
        return response
