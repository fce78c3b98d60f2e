"""SparkConnectService: the RPCs of Spark Connect, each a few lines over its own module."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from itertools import chain
from typing import Any, NoReturn, TypeVar

from grpc_status import rpc_status
from pyspark.sql.connect import proto
from pyspark.sql.connect.proto.base_pb2_grpc import SparkConnectServiceServicer

from pyrite.connect import analysis, config, errors
from pyrite.connect.execution import OperationState
from pyrite.connect.session import SessionHolder, SessionManager
from pyrite.core.rdd.call_site import call_site
from pyrite.sql.errors import SparkError, requirement_failed, runtime_error, unsupported
from pyrite.sql.session_state import SharedState

__all__ = ["SparkConnectService"]

_logger = logging.getLogger("pyrite")

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
        #: The application's settings.
        self.conf = shared.conf

    def abort(self, request: Any, context: Any, error: Exception) -> NoReturn:
        """End a call with an error that the client understands."""
        if errors.is_bug(error):
            _logger.error("This is a mistake of Pyrite's; please report it.", exc_info=error)
        log = None
        session_id = getattr(request, "session_id", "")
        if session_id:
            session = self.sessions.find(request.user_context.user_id, session_id)
            log = session.errors if session else None
        context.abort_with_status(rpc_status.to_status(errors.to_status(error, log)))
        raise error

    @_streams
    def ExecutePlan(
        self, request: proto.ExecutePlanRequest, context: Any
    ) -> Iterator[proto.ExecutePlanResponse]:
        """Run a plan, and stream its answers."""
        session = self._session(request)
        site = None if getattr(context, "is_remote", True) else call_site()
        operation = session.execute(request, site)
        if operation.reattachable:
            yield from operation.responses(context)
            return
        # The answers of others cannot be had twice: without a listener, they are of no use.
        context.add_callback(operation.interrupt)
        try:
            yield from operation.responses(context)
        finally:
            session.end(operation)

    @_streams
    def ReattachExecute(
        self, request: proto.ReattachExecuteRequest, context: Any
    ) -> Iterator[proto.ExecutePlanResponse]:
        """Go on with the answers of an operation."""
        session = self._existing_session(request)
        operation = session.operation(request.operation_id)
        yield from operation.responses(context, request.last_response_id)

    @_answers
    def ReleaseExecute(
        self, request: proto.ReleaseExecuteRequest, context: Any
    ) -> proto.ReleaseExecuteResponse:
        """Forget answers that the client has, or a whole operation."""
        session = self._existing_session(request)
        response = proto.ReleaseExecuteResponse()
        if request.WhichOneof("release") is None:
            raise unsupported("a ReleaseExecute that says neither release_all nor release_until")
        until = request.release_until.response_id if request.HasField("release_until") else None
        if session.release(request.operation_id, until):
            response.operation_id = request.operation_id
        return _signed(session, response)

    @_answers
    def AnalyzePlan(
        self, request: proto.AnalyzePlanRequest, context: Any
    ) -> proto.AnalyzePlanResponse:
        """Say something of a plan without running it."""
        session = self._session(request)
        return _signed(session, analysis.analyze(session, request))

    @_answers
    def Config(self, request: proto.ConfigRequest, context: Any) -> proto.ConfigResponse:
        """Read or change settings."""
        session = self._session(request)
        return _signed(session, config.configure(session, request))

    @_answers
    def AddArtifacts(
        self, requests: Iterator[proto.AddArtifactsRequest], context: Any
    ) -> proto.AddArtifactsResponse:
        """Store what the client uploads."""
        first = next(requests, None)
        if first is None:
            raise requirement_failed("AddArtifacts has no request.")
        session = self._session(first)
        summaries = session.artifacts.receive(chain([first], requests))
        return _signed(session, proto.AddArtifactsResponse(artifacts=summaries))

    @_answers
    def ArtifactStatus(
        self, request: proto.ArtifactStatusesRequest, context: Any
    ) -> proto.ArtifactStatusesResponse:
        """Say which artifacts are there."""
        session = self._session(request)
        response = proto.ArtifactStatusesResponse()
        for name in request.names:
            response.statuses[name].exists = session.artifacts.exists(name)
        return _signed(session, response)

    @_answers
    def Interrupt(self, request: proto.InterruptRequest, context: Any) -> proto.InterruptResponse:
        """Stop operations: all, those with a tag, or one."""
        session = self._session(request)
        kinds = proto.InterruptRequest.InterruptType
        wanted = session.operations
        match request.interrupt_type:
            case kinds.INTERRUPT_TYPE_ALL:
                pass
            case kinds.INTERRUPT_TYPE_TAG:
                if not request.operation_tag:
                    raise _without("operation_tag", "TAG_REQUIRES_TAG")
                wanted = [each for each in wanted if request.operation_tag in each.tags]
            case kinds.INTERRUPT_TYPE_OPERATION_ID:
                if not request.operation_id:
                    raise _without("operation_id", "OPERATION_ID_REQUIRES_ID")
                wanted = [each for each in wanted if each.operation_id == request.operation_id]
            case kind:
                name = kinds.Name(kind) if kind in kinds.values() else str(kind)
                raise runtime_error("UNSUPPORTED_FEATURE.INTERRUPT_TYPE", interruptType=name)
        ids = [operation.operation_id for operation in wanted if operation.interrupt()]
        return _signed(session, proto.InterruptResponse(interrupted_ids=ids))

    @_answers
    def GetStatus(self, request: proto.GetStatusRequest, context: Any) -> proto.GetStatusResponse:
        """Say where operations stand."""
        session = self._session(request)
        response = proto.GetStatusResponse()
        if request.HasField("operation_status"):
            statuses: Mapping[str, OperationState | None] = session.statuses()
            if request.operation_status.operation_ids:
                ids = request.operation_status.operation_ids
                statuses = {operation_id: session.status(operation_id) for operation_id in ids}
            for operation_id, state in statuses.items():
                name = f"OPERATION_STATE_{state.value if state else 'UNKNOWN'}"
                response.operation_statuses.add(
                    operation_id=operation_id,
                    state=proto.GetStatusResponse.OperationStatus.OperationState.Value(name),
                )
        return _signed(session, response)

    @_answers
    def CloneSession(
        self, request: proto.CloneSessionRequest, context: Any
    ) -> proto.CloneSessionResponse:
        """Make a session like another."""
        # A session that has not spoken yet can be cloned, too: it is as new as its clone.
        session = self._session(request)
        new = self.sessions.clone(session, request.new_session_id)
        response = proto.CloneSessionResponse(
            new_session_id=new.session_id,
            new_server_side_session_id=new.server_side_session_id,
        )
        return _signed(session, response)

    @_answers
    def ReleaseSession(
        self, request: proto.ReleaseSessionRequest, context: Any
    ) -> proto.ReleaseSessionResponse:
        """Close a session."""
        return proto.ReleaseSessionResponse(
            session_id=request.session_id,
            server_side_session_id=self.sessions.release(
                request.user_context.user_id, request.session_id, request.allow_reconnect
            ),
        )

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
        return _signed(session, response)

    def _session(self, request: Any) -> SessionHolder:
        return self.sessions.session(
            request.user_context.user_id,
            request.session_id,
            request.client_observed_server_side_session_id,
        )

    def _existing_session(self, request: Any) -> SessionHolder:
        return self.sessions.existing(
            request.user_context.user_id,
            request.session_id,
            request.client_observed_server_side_session_id,
        )


def _without(parameter: str, reason: str) -> SparkError:
    """Make the error of an interrupt that does not say of what."""
    condition = f"INVALID_PARAMETER_VALUE.INTERRUPT_TYPE_{reason}"
    return runtime_error(condition, parameter=parameter, functionName="interrupt")


def _signed(session: SessionHolder, response: Answer) -> Answer:
    """Name the session in an answer to it."""
    response.session_id = session.session_id
    response.server_side_session_id = session.server_side_session_id
    return response
