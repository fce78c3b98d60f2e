"""ExecuteHolder: one ExecutePlan, run in a thread of its own, answered through a buffer."""

from __future__ import annotations

import enum
import math
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pyspark.sql.connect import proto

from pyrite.connect.commands import run_command
from pyrite.connect.deep_plans import room_for_deep_plans
from pyrite.connect.job_names import job_properties
from pyrite.connect.operation_threads import run_in_thread
from pyrite.connect.planner import SparkConnectPlanner
from pyrite.connect.plans import uncompressed
from pyrite.connect.response_buffer import ResponseBuffer
from pyrite.connect.results import observed_responses, query_responses
from pyrite.core.conf import ConfigEntry, parse_bytes, parse_seconds
from pyrite.core.inheritable_thread import inheritable_thread_target
from pyrite.sql.errors import SparkError, runtime_error
from pyrite.sql.execution.operation import Operation
from pyrite.sql.query_execution import QueryExecution

if TYPE_CHECKING:
    from pyrite.connect.session import SessionHolder

__all__ = ["ExecuteHolder", "OperationState"]


def _parse_limit(text: str) -> float:
    return parse_seconds(text) or math.inf  # 0 stands for none


KEPT_BYTES = ConfigEntry(
    "spark.connect.execute.reattachable.observerRetryBufferSize", "10m", parse_bytes
)
STREAM_SECONDS = ConfigEntry(
    "spark.connect.execute.reattachable.senderMaxStreamDuration", "2m", _parse_limit
)
PROGRESS_SECONDS = ConfigEntry("spark.connect.progress.reportInterval", "2s", _parse_limit)

Response = proto.ExecutePlanResponse


class OperationState(enum.Enum):
    """Where an operation stands; the values are those of ``GetStatus``."""

    RUNNING = "RUNNING"
    TERMINATING = "TERMINATING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class ExecuteHolder:
    """One operation of a session.

    Args:
        session: Whose.
        operation_id: Its id.
        request: What to run.
        call_site: Where the program asked for it, if that is this process's.
    """

    def __init__(
        self,
        session: SessionHolder,
        operation_id: str,
        request: proto.ExecutePlanRequest,
        call_site: str | None = None,
    ) -> None:
        self.session = session
        self.operation_id = operation_id
        self.request = request
        self._call_site = call_site
        self.tags = frozenset(request.tags)
        self.reattachable = False
        self.chunking: proto.ResultChunkingOptions | None = None
        for option in request.request_options:
            kind = option.WhichOneof("request_option")
            if kind == "reattach_options":
                self.reattachable = option.reattach_options.reattachable
            elif kind == "result_chunking_options":
                self.chunking = option.result_chunking_options
        self.state = OperationState.RUNNING
        self.started = time.monotonic()
        self._settings = session.state.conf.explicit()
        self._buffer = ResponseBuffer(self.reattachable, KEPT_BYTES.read(self._settings))
        self._operation = Operation()

    def start(self) -> None:
        """Run it."""
        try:
            # In one process with the client: its job group and properties reach a query's jobs.
            run_in_thread(inheritable_thread_target(self._run))
        except RuntimeError:
            # From Python 3.12 on, the functions of atexit can start no threads; clients have some.
            self._buffer.ahead = math.inf
            self._run()

    def responses(self, context: Any, after: str = "") -> Iterator[Response]:
        """Return the answers after one, as they come; an error ends them.

        Args:
            context: The call that wants them; once it is over, nobody waits for them.
            after: The id of the last answer the client has.
        """
        left = threading.Event()

        def leave() -> None:
            left.set()
            self._buffer.wake()

        if not context.add_callback(leave):
            left.set()
        return self._buffer.stream(
            after,
            left=left.is_set,
            idle=self._progress,
            idle_seconds=PROGRESS_SECONDS.read(self._settings),
            seconds=STREAM_SECONDS.read(self._settings) if self.reattachable else math.inf,
        )

    def release(self, response_id: str | None = None) -> None:
        """Forget the answers up to one; all of them, and stop the operation, without one."""
        self._buffer.release(response_id)
        if response_id is None:
            self.interrupt()

    def interrupt(self) -> bool:
        """Stop it, and return whether it was running."""
        if self.state is not OperationState.RUNNING:
            return False
        self.state = OperationState.CANCELLED
        self._operation.cancel()
        # The client need not wait for the engine to come to a stop.
        self._buffer.end(_canceled())
        return True

    @property
    def planner(self) -> SparkConnectPlanner:
        """Translates the messages of its plan."""
        return self.session.planner

    @property
    def client_state(self) -> OperationState:
        """Where it stands for its client: one whose answers are still kept has not ended."""
        ended = self.state in (OperationState.SUCCEEDED, OperationState.FAILED)
        return OperationState.TERMINATING if ended else self.state

    @property
    def detached_seconds(self) -> float:
        """How long no client has listened."""
        since = self._buffer.detached_since
        return 0.0 if since is None else time.monotonic() - since

    def response(self) -> Response:
        """Return an answer without content."""
        return Response(
            session_id=self.session.session_id,
            server_side_session_id=self.session.server_side_session_id,
            operation_id=self.operation_id,
        )

    def _run(self) -> None:
        try:
            self._name_jobs()
            with self._operation.is_current(), room_for_deep_plans():
                for response in self._answers():
                    if not self._buffer.append(response, len(response.arrow_batch.data)):
                        return
            complete = self.response()
            complete.result_complete.SetInParent()
            if self.state is OperationState.RUNNING:
                self.state = OperationState.SUCCEEDED
            self._buffer.end(last=complete)
        except BaseException as error:
            if self.state is OperationState.RUNNING:
                self.state = OperationState.FAILED
            self._buffer.end(error)

    def _name_jobs(self) -> None:
        """Let the jobs that this thread submits be known as the operation's."""
        thread = self.session.state.shared.context.job_properties
        thread.inherit(
            job_properties(thread.snapshot(), self.request, self.operation_id, self._call_site)
        )

    def _answers(self) -> Iterator[Response]:
        """Run the plan, and return its answers as they come."""
        plan = uncompressed(self.request.plan)
        if plan.WhichOneof("op_type") == "command":
            self.session.checked.forget()
            yield from run_command(self, plan.command)
        else:
            execution = self.session.checked.take(plan.root)
            if execution is None:
                execution = QueryExecution(self.session.state, self.planner.relation(plan.root))
            yield from query_responses(self, execution.execute())
        yield from observed_responses(self, self._operation.observed)

    def _progress(self) -> Response | None:
        progress = self._operation.progress()
        if progress is None or self._buffer.ended:
            return None
        response = self.response()
        share = int(100 * progress)
        response.execution_progress.num_inflight_tasks = 1
        response.execution_progress.stages.add(
            stage_id=0, num_tasks=100, num_completed_tasks=share, done=False
        )
        return response


def _canceled() -> SparkError:
    return runtime_error("OPERATION_CANCELED")
