"""RayBackend: executors as actors of a Ray cluster.

    driver    RayBackend ──actor calls──> ExecutorHost (an actor; Ray chose its machine)
                  │                            └── LocalBackend ── zygote ── workers
                  └─────────────────────> NodeHost (an actor for each machine with executors):
                                               scratch directories, block server

Ray places processes and carries calls. What an executor's end means is decided here and in the
schedulers, so actors are never restarted by Ray: a lost executor gets a successor with an id of
its own, and what was lost with it is computed again.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import pickle
import queue
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from typing import Any

from pyrite.core.conf import ConfigEntry, parse_bool, parse_seconds
from pyrite.core.errors import SparkException
from pyrite.core.executor.messages import ForgetBinaries, TaskBinary, TaskDescription
from pyrite.core.local_dirs import LocalDirs
from pyrite.core.network import BlockServer
from pyrite.core.scheduler.backend import (
    BackendEvent,
    ExecutorsDecommissioned,
    MessageReceived,
    NoExecutors,
    WorkerLost,
    WorkerReady,
)
from pyrite.core.scheduler.executor_host import (
    ExecutorSettings,
    KillTask,
    NodePlace,
)
from pyrite.core.scheduler.heartbeat_receiver import HeartbeatPolicy
from pyrite.core.scheduler.janitor import Janitor
from pyrite.core.scheduler.local_backend import ExecutorShape
from pyrite.core.scheduler.node_keeper import DriverPlace, NodeKeeper, first_line
from pyrite.core.scheduler.placement import PlacementWatch
from pyrite.core.scheduler.ray_actors import RayActor, start_executor, start_node
from pyrite.core.scheduler.ray_cluster import RayCluster
from pyrite.core.scheduler.task_scheduler import Worker

__all__ = ["RayBackend"]

logger = logging.getLogger(__name__)

_RATIO = ConfigEntry("spark.scheduler.minRegisteredResourcesRatio", "0.8", float)
_WAITING_TIME = ConfigEntry(
    "spark.scheduler.maxRegisteredResourcesWaitingTime", "30s", lambda text: parse_seconds(text)
)
_DYNAMIC = ConfigEntry("spark.dynamicAllocation.enabled", "false", parse_bool)
_DECOMMISSION = ConfigEntry("spark.decommission.enabled", "false", parse_bool)
_MOVE_BLOCKS = ConfigEntry("spark.storage.decommission.enabled", "false", parse_bool)

#: How long executors may take to end their workers at the end; one that is stopped never does.
_EXECUTORS_STOP_SECONDS = 3.0
#: Machines are asked this often whether they will go.
_WATCH_SECONDS = 2.0
#: How many executors in a row may end before they take tasks.
_MAX_FAILED_STARTS = 10

Then = Callable[[Any], None]
"""What happens with the answer to a call, in the thread that polls."""


@dataclass
class _RemoteExecutor:
    """An executor as the driver sees it.

    Attributes:
        executor_id: Its name.
        actor: Its ExecutorHost.
        node_id: Its machine; None until Ray has placed it.
        workers: Those that are ready, by id.
        known_binaries: The stage attempts it was sent.
        orders: What it is to be told next, and which worker; None for all of them.
        seen: The number of its latest report.
        heard_at: When that came.
        is_started: Whether it takes orders.
        will_report: Whether it was called and has not answered yet.
        leaving: Whether it was told to go.
    """

    executor_id: str
    actor: RayActor
    node_id: str | None = None
    workers: dict[str, Worker] = field(default_factory=dict)
    known_binaries: set[int] = field(default_factory=set)
    orders: list[tuple[str | None, object]] = field(default_factory=list)
    seen: int = 0
    heard_at: float = 0.0
    is_started: bool = False
    will_report: bool = False
    leaving: bool = False


class RayBackend:
    """Runs executors on the machines of a Ray cluster.

    Args:
        cluster: The cluster, which this process has joined; left when the backend stops.
        shape: What executors are like.
        application_id: The application's id.
        conf: The application's settings.
        local_dirs: The driver's scratch directories.
        environment: Extra environment variables for workers.
        heartbeat: When a process that does not answer is given up.
    """

    def __init__(
        self,
        cluster: RayCluster,
        shape: ExecutorShape,
        *,
        application_id: str,
        conf: Mapping[str, str],
        local_dirs: LocalDirs,
        environment: Mapping[str, str],
        heartbeat: HeartbeatPolicy,
    ) -> None:
        self._cluster = cluster
        self._shape = shape
        self._application_id = application_id
        self._conf = conf
        self._local_dirs = local_dirs
        self._environment = environment
        self._heartbeat = heartbeat
        self._secret = secrets.token_bytes(32)
        self._server: BlockServer | None = None
        self._janitor: Janitor | None = None
        self._nodes: NodeKeeper | None = None
        self._executors: dict[str, _RemoteExecutor] = {}
        self._next_number = 0
        #: How many executors there should be.
        self._total = 0
        self._events: list[BackendEvent] = []
        self._answers: queue.SimpleQueue[tuple[Then, Then, Any] | None] = queue.SimpleQueue()
        self._placement = PlacementWatch(
            patience=_WAITING_TIME.read(conf), may_grow=_DYNAMIC.read(conf)
        )
        self._failed_starts = 0

    # -------------------------------------------------------------------------- start and stop

    def start(self) -> None:
        """Serve the driver's files and ask Ray for the first executors."""
        node_id, address = self._cluster.driver_node()
        self._server = BlockServer(
            self._local_dirs.paths, self._secret, address, self._conf, is_driver=True
        )
        root = self._local_dirs.first
        self._nodes = NodeKeeper(
            lambda node: start_node(node, self._application_id, self._conf, self._secret),
            DriverPlace(node_id, self._server.location, root, self._secret),
            self,
            self._when,
            lambda event: self._events.append(event),
            watch_seconds=min(self._heartbeat.interval, _WATCH_SECONDS),
            decommissions=_DECOMMISSION.read(self._conf),
            moves_blocks=_MOVE_BLOCKS.read(self._conf),
        )
        self._janitor = Janitor(self._local_dirs.paths)
        self.request_executors(len(self._shape.names))
        self._wait_for_executors()

    def _wait_for_executors(self) -> None:
        """Wait until most executors are there, or long enough, as SparkContext does in Spark.

        Those for which there is no room are not waited for, unless there is none at all.

        Raises:
            SparkException: If there can be none.
        """
        expected = min(self._total, max(self._cluster.room(), 1))
        wanted = math.ceil(_RATIO.read(self._conf) * expected * self._shape.slots)
        self._judge_placement()
        until = time.monotonic() + _WAITING_TIME.read(self._conf)
        patience = self._heartbeat.interval
        while self._workers() < wanted and patience > 0:
            self._flush()
            patience = until - time.monotonic()
            with contextlib.suppress(queue.Empty):
                wait_seconds = max(min(patience, self._heartbeat.interval), 0.0)
                self._take(self._answers.get(timeout=wait_seconds))
            self._judge_placement()
            self._raise_if_hopeless()
        if 0 < (there := self._started_count()) < self._total:
            logger.warning(
                "%d of %d executors are there; the others start when the cluster has room for "
                "them. Each takes %s.",
                there,
                self._total,
                self._cluster.plan.description,
            )

    def _raise_if_hopeless(self) -> None:
        for event in self._events:
            if isinstance(event, NoExecutors):
                raise SparkException(event.reason)

    def _started_count(self) -> int:
        return sum(executor.is_started for executor in self._executors.values())

    @property
    def _keeper(self) -> NodeKeeper:
        assert self._nodes is not None  # no executor was asked for before
        return self._nodes

    def _workers(self) -> int:
        return sum(len(executor.workers) for executor in self._executors.values())

    def stop(self) -> None:
        """End every executor, have the machines remove their files, and leave the cluster."""
        # Executors first: what still writes would make directories again that are removed.
        started = [executor for executor in self._executors.values() if executor.is_started]
        wait([executor.actor.call("stop") for executor in started], _EXECUTORS_STOP_SECONDS)
        for executor in self._executors.values():
            executor.actor.kill()
        self._executors.clear()
        if self._nodes is not None:
            self._nodes.stop()
        if self._server is not None:
            self._server.stop()
        if self._janitor is not None:
            self._janitor.stop()
        self._cluster.leave()

    # ------------------------------------------------------------------------------ executors

    def request_executors(self, total: int) -> None:
        """Bring the number of executors to ``total``; Ray starts them as it finds room.

        Those that wait for room are what Ray's autoscaler sees: it adds machines for them.
        """
        self._total = total
        while len(self._staying()) < total:
            self._add_executor()
        unplaced = [executor for executor in self._staying() if executor.node_id is None]
        for executor in unplaced[::-1][: max(len(self._staying()) - total, 0)]:
            executor.leaving = True
            self._end(executor, "it is not needed any more")

    def kill_executors(self, executor_ids: Sequence[str], *, replace: bool = False) -> None:
        """End executors; what they wrote stays readable."""
        for executor_id in executor_ids:
            if executor := self._executors.get(executor_id):
                self._total -= not executor.leaving
                executor.leaving = True
                self._end(executor, "it was told to end")
        if replace:
            self.request_executors(self._total + len(executor_ids))

    def _staying(self) -> list[_RemoteExecutor]:
        return [executor for executor in self._executors.values() if not executor.leaving]

    def _add_executor(self) -> None:
        executor_id = str(self._next_number)
        self._next_number += 1
        settings = ExecutorSettings(
            shape=replace(self._shape, names=(executor_id,)),
            application_id=self._application_id,
            conf=self._conf,
            environment=self._environment,
            heartbeat=self._heartbeat,
            python_path=tuple(sys.path),
            working_directory=os.getcwd(),
        )
        actor = start_executor(settings, executor_id, self._cluster.plan.demand)
        executor = _RemoteExecutor(executor_id, actor)
        self._executors[executor_id] = executor
        self._ask(executor, actor.call("where"), lambda where: self._placed(executor, *where))

    def _placed(self, executor: _RemoteExecutor, node_id: str, address: str) -> None:
        executor.node_id = node_id
        self._keeper.settle(node_id, address, lambda place: self._start_executor(executor, place))

    def _start_executor(self, executor: _RemoteExecutor, place: NodePlace) -> None:
        self._ask(executor, executor.actor.call("start", place), lambda _: self._started(executor))

    def _started(self, executor: _RemoteExecutor) -> None:
        executor.is_started = True
        executor.heard_at = time.monotonic()
        self._failed_starts = 0

    def _reported(self, executor: _RemoteExecutor, report: bytes) -> None:
        executor.will_report = False
        executor.heard_at = time.monotonic()
        executor.seen, events = pickle.loads(report)
        for event in events:
            if isinstance(event, WorkerReady):
                executor.workers[event.worker.worker_id] = event.worker
            elif isinstance(event, WorkerLost):
                del executor.workers[event.worker_id]
            elif isinstance(event, MessageReceived):
                self._read(executor, event)
                continue
            self._events.append(event)

    def _read(self, executor: _RemoteExecutor, event: MessageReceived) -> None:
        try:
            message = pickle.loads(event.message)  # type: ignore[arg-type]
        except Exception as error:  # a user's value that only the worker can make
            self._end(executor, f"what it reported cannot be read: {error!r}")
            return
        self._events.append(MessageReceived(event.worker_id, message))

    def _end(self, executor: _RemoteExecutor, reason: str, *, by_task: bool = True) -> None:
        """Let go of an executor; one that was not told to go gets a successor.

        Args:
            executor: Which one.
            reason: Why it ends, for people.
            by_task: Whether its tasks may be to blame.
        """
        if self._executors.pop(executor.executor_id, None) is None:
            return
        executor.actor.kill()
        for worker_id in executor.workers:
            self._events.append(
                WorkerLost(
                    worker_id,
                    reason,
                    expected=executor.leaving,
                    executor_gone=True,
                    by_task=by_task,
                )
            )
            self._keeper.remove_leftovers(executor.node_id or "", worker_id)
        if not executor.leaving:
            self._count_start(executor, reason)
            self.request_executors(self._total)

    def _count_start(self, executor: _RemoteExecutor, reason: str) -> None:
        """Give up jobs when executors end again and again before they can take tasks."""
        if executor.node_id is not None and not executor.is_started:
            self._failed_starts += 1
            if self._failed_starts % _MAX_FAILED_STARTS == 0:
                self._events.append(
                    NoExecutors(
                        f"{self._failed_starts} executors in a row ended before they could take "
                        f"tasks; the last one said: {reason}"
                    )
                )

    # ----------------------------------------------------------------------------------- nodes

    def are_on(self, node_id: str) -> bool:
        """See ``Residents``."""
        return any(executor.node_id == node_id for executor in self._executors.values())

    def staying(self) -> Iterator[tuple[str, str]]:
        """See ``Residents``."""
        for executor in self._staying():
            for worker_id in executor.workers:
                yield worker_id, executor.node_id or ""

    def leave(self, node_id: str) -> list[str]:
        """See ``Residents``."""
        there = [executor for executor in self._staying() if executor.node_id == node_id]
        for executor in there:
            executor.leaving = True
        names = tuple(executor.executor_id for executor in there)
        self._events.append(ExecutorsDecommissioned(names, "their machine is decommissioned"))
        self.request_executors(self._total)
        return [worker_id for executor in there for worker_id in executor.workers]

    def lose(self, node_id: str, reason: str) -> None:
        """See ``Residents``."""
        for executor in [e for e in self._executors.values() if e.node_id == node_id]:
            self._end(executor, reason, by_task=False)

    def remove_shuffle(self, shuffle_id: int) -> None:
        """Delete a shuffle's map outputs on every machine."""
        self._keeper.remove_shuffle(shuffle_id)

    def remove_copies(self, path: str) -> None:
        """Delete what other machines keep of a scratch file of the driver."""
        assert self._server is not None
        self._server.copies.drop(path)
        self._keeper.remove_copies(path)

    # -------------------------------------------------------------------------------- sending

    def launch(self, worker_id: str, task: TaskDescription, binary: TaskBinary) -> None:
        """Send a task, and its binary if the worker does not have it yet."""
        executor = self._executors.get(_executor_of(worker_id))
        if executor is None:
            return  # its end is among the events to come
        if binary.binary_id not in executor.known_binaries:
            executor.known_binaries.add(binary.binary_id)
            executor.orders.append((None, binary))
        executor.orders.append((worker_id, task))

    def tell(self, worker_id: str, message: object) -> None:
        """Send a message to one worker; a worker that is gone is no error."""
        if executor := self._executors.get(_executor_of(worker_id)):
            executor.orders.append((worker_id, message))

    def kill_task(self, worker_id: str, task_id: int) -> None:
        """Interrupt a worker's task, and end the worker if the task does not give way."""
        self.tell(worker_id, KillTask(task_id))

    def tell_all(self, message: object) -> None:
        """Send a message to every worker."""
        for executor in self._executors.values():
            if isinstance(message, ForgetBinaries):
                executor.known_binaries.difference_update(message.binary_ids)
            executor.orders.append((None, message))

    def _flush(self) -> None:
        """Send each executor what it is to be told, and have it report, in one call."""
        for executor in self._executors.values():
            if not executor.is_started or (executor.will_report and not executor.orders):
                continue
            orders = pickle.dumps((executor.seen, executor.orders), pickle.HIGHEST_PROTOCOL)
            executor.orders.clear()
            if executor.will_report:
                executor.actor.tell("send", orders)
            else:
                executor.will_report = True
                self._expect_report(executor, executor.actor.call("exchange", orders))

    def _expect_report(self, executor: _RemoteExecutor, call: Future[Any]) -> None:
        self._ask(executor, call, lambda report: self._reported(executor, report))

    # ------------------------------------------------------------------------------- receiving

    def poll(self, timeout: float | None) -> Sequence[BackendEvent]:
        """Wait for events, at most ``timeout`` seconds (None: until there is one)."""
        self._flush()
        patience = self._heartbeat.interval if timeout is None else timeout
        if self._events:
            patience = 0
        with contextlib.suppress(queue.Empty):
            self._take(self._answers.get(timeout=min(patience, self._heartbeat.interval)))
            while True:
                self._take(self._answers.get_nowait())
        self._give_up_the_silent()
        self._judge_placement()
        events, self._events = self._events, []
        return events

    def wake(self) -> None:
        """Make a waiting ``poll`` return now; may be called from any thread."""
        self._answers.put(None)

    def _take(self, answer: tuple[Then, Then, Any] | None) -> None:
        if answer is None:
            return
        then, failed, future = answer
        error = future.exception()
        if error is None:
            then(future.result())
        else:
            failed(error)

    def _when(self, call: Future[Any], then: Then, failed: Then) -> None:
        """Have ``then`` called with the answer to a call, or ``failed`` with its error."""
        call.add_done_callback(lambda done: self._answers.put((then, failed, done)))

    def _ask(self, executor: _RemoteExecutor, call: Future[Any], then: Then) -> None:
        """Have ``then`` called with an executor's answer; an error is the executor's end."""
        self._when(call, then, lambda error: self._end(executor, first_line(error)))

    def _give_up_the_silent(self) -> None:
        now = time.monotonic()
        for executor in list(self._executors.values()):
            if executor.is_started and now - executor.heard_at > self._heartbeat.timeout:
                late = int(self._heartbeat.timeout * 1000)
                self._end(executor, f"Executor heartbeat timed out after {late} ms")

    def _judge_placement(self) -> None:
        """Say that there is no executor, and give up when there is no room for any."""
        missing = self._total > 0 and not self._started_count()
        verdict = self._placement.look(time.monotonic(), missing, self._cluster.room)
        if verdict is not None:
            takes = self._cluster.plan.description
            if verdict.hopeless:
                self._events.append(NoExecutors(verdict.text(takes)))
            else:
                logger.warning(verdict.text(takes))


def _executor_of(worker_id: str) -> str:
    return worker_id.partition("/")[0]
