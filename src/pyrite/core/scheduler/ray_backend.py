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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from pyrite.core.conf import ConfigEntry, parse_bool, parse_seconds
from pyrite.core.errors import SparkException
from pyrite.core.executor.messages import ForgetBinaries, MoveBlocks, TaskBinary, TaskDescription
from pyrite.core.local_dirs import LocalDirs
from pyrite.core.network import BlockServer, NetworkSettings
from pyrite.core.scheduler.backend import (
    BackendEvent,
    ExecutorsDecommissioned,
    MessageReceived,
    NodeLost,
    NoExecutors,
    OutputsMoved,
    WorkerLost,
    WorkerReady,
)
from pyrite.core.scheduler.executor_host import (
    ExecutorHost,
    ExecutorSettings,
    KillTask,
    NodeHost,
    NodePlace,
    NodeReport,
)
from pyrite.core.scheduler.heartbeat_receiver import HeartbeatPolicy
from pyrite.core.scheduler.janitor import Janitor
from pyrite.core.scheduler.local_backend import ExecutorShape
from pyrite.core.scheduler.map_output_mover import Refuge
from pyrite.core.scheduler.placement import PlacementWatch
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

#: How long the machines may take to remove an application's files when it ends.
_STOP_SECONDS = 15.0
#: How long executors may take to end their workers then; one that is stopped never does.
_EXECUTORS_STOP_SECONDS = 3.0
#: Machines are asked this often whether they will go.
_WATCH_SECONDS = 2.0
#: How many executors in a row may end before they take tasks.
_MAX_FAILED_STARTS = 10

Then = Callable[[Any], None]
"""What happens with the answer to a call, in the thread that polls."""


class _Executor(ExecutorHost):
    """An executor as a Ray actor."""

    def where(self) -> tuple[str, str]:
        """Return the id and the address of the machine that Ray chose."""
        return _this_node()

    def accelerators(self) -> Mapping[str, tuple[str, ...]]:
        """Return the addresses that Ray gave, by Spark's names."""
        given = ray.get_runtime_context().get_accelerator_ids()
        return {name.lower(): tuple(ids) for name, ids in given.items() if ids}

    @ray.method(concurrency_group="report")  # type: ignore[untyped-decorator]
    def exchange(self, orders: bytes) -> bytes:
        """See ``ExecutorHost.exchange``; in a thread of its own, so that orders arrive."""
        return super().exchange(orders)


class _Node(NodeHost):
    """A machine's files as a Ray actor."""

    def __init__(self, application_id: str, conf: Mapping[str, str], secret: bytes) -> None:
        super().__init__(application_id, conf, secret, _this_node()[1])

    @ray.method(concurrency_group="watch")  # type: ignore[untyped-decorator]
    def watch(self, seconds: float) -> NodeReport:
        """See ``NodeHost.watch``; in a thread of its own, so that other calls are served.

        Ray is told that a machine will go by its autoscaler, or by the cloud.
        """
        report = super().watch(seconds)
        draining: Mapping[str, int] = {}
        with contextlib.suppress(Exception):  # Ray's head may be restarting: the machine is there
            draining = ray._private.state.state.get_draining_nodes()
        return replace(report, is_draining=_this_node()[0] in draining)

    @ray.method(concurrency_group="offload")  # type: ignore[untyped-decorator]
    def offload(self, refuges: Sequence[Refuge]) -> dict[str, tuple[str, str]]:
        """See ``NodeHost.offload``; in a thread of its own too."""
        return super().offload(refuges)


def _this_node() -> tuple[str, str]:
    return ray.get_runtime_context().get_node_id(), ray.util.get_node_ip_address()


@dataclass
class _RemoteNode:
    """A machine as the driver sees it.

    Attributes:
        actor: Its NodeHost.
        place: What executors there are told; None until it has answered.
        waiting: Executors that start when it has.
        is_draining: Whether it will go.
        is_offloading: Whether it is copying map outputs to others.
        unmoved: Its workers whose cached blocks are to be copied to others.
    """

    actor: Any
    place: NodePlace | None = None
    waiting: list[_RemoteExecutor] = field(default_factory=list)
    is_draining: bool = False
    is_offloading: bool = False
    unmoved: list[str] = field(default_factory=list)


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
    actor: Any
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
        self._node_id = ""
        self._nodes: dict[str, _RemoteNode] = {}
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
        self._node_id, address = self._cluster.driver_node()
        self._server = BlockServer(
            self._local_dirs.paths, self._secret, address, self._conf, is_driver=True
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
        while self._workers() < wanted and (patience := until - time.monotonic()) > 0:
            self._flush()
            with contextlib.suppress(queue.Empty):
                self._take(self._answers.get(timeout=min(patience, self._heartbeat.interval)))
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

    def _workers(self) -> int:
        return sum(len(executor.workers) for executor in self._executors.values())

    def stop(self) -> None:
        """End every executor, have the machines remove their files, and leave the cluster."""
        # Executors first: what still writes would make directories again that are removed.
        started = [executor for executor in self._executors.values() if executor.is_started]
        _wait_for([executor.actor.stop.remote() for executor in started], _EXECUTORS_STOP_SECONDS)
        for executor in self._executors.values():
            ray.kill(executor.actor)
        nodes = self._nodes.values()
        _wait_for([node.actor.stop.remote() for node in nodes], _STOP_SECONDS)
        for node in nodes:
            ray.kill(node.actor)
        self._executors.clear()
        self._nodes.clear()
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
        demand = dict(self._cluster.plan.demand)
        actor = (
            ray.remote(concurrency_groups={"report": 1})(_Executor)
            .options(
                name=f"pyrite executor {executor_id} of {self._application_id}",
                num_cpus=demand.pop("CPU"),
                num_gpus=demand.pop("GPU", 0),
                memory=demand.pop("memory", None),
                resources=demand,
                max_restarts=0,
            )
            .remote(settings)
        )
        executor = _RemoteExecutor(executor_id, actor)
        self._executors[executor_id] = executor
        self._ask(executor, actor.where.remote(), lambda where: self._placed(executor, *where))

    def _placed(self, executor: _RemoteExecutor, node_id: str, address: str) -> None:
        executor.node_id = node_id
        node = self._nodes.get(node_id) or self._add_node(node_id, address)
        if node.place is None:
            node.waiting.append(executor)
        else:
            self._start_executor(executor, node.place)

    def _start_executor(self, executor: _RemoteExecutor, place: NodePlace) -> None:
        self._ask(executor, executor.actor.start.remote(place), lambda _: self._started(executor))

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
        with contextlib.suppress(Exception):
            ray.kill(executor.actor)
        node = self._nodes.get(executor.node_id or "")
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
            if node is not None:
                node.actor.remove_leftovers.remote(worker_id)
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

    def _add_node(self, node_id: str, address: str) -> _RemoteNode:
        actor = (
            ray.remote(concurrency_groups={"watch": 1, "offload": 1})(_Node)
            .options(
                name=f"pyrite node {node_id} of {self._application_id}",
                num_cpus=0,
                max_restarts=0,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node_id, soft=False),
            )
            .remote(self._application_id, self._conf, self._secret)
        )
        node = self._nodes[node_id] = _RemoteNode(actor)
        self._when(
            actor.place.remote(),
            lambda place: self._node_ready(node_id, address, *place),
            lambda error: self._node_lost(node_id, error),
        )
        return node

    def _node_ready(
        self, node_id: str, address: str, location: str, local_dirs: tuple[str, ...]
    ) -> None:
        assert self._server is not None
        node = self._nodes[node_id]
        network = NetworkSettings(
            secret=self._secret,
            location=location,
            driver_location=self._server.location,
            driver_root=self._local_dirs.first,
            is_driver_machine=node_id == self._node_id,
        )
        node.place = NodePlace(address, local_dirs, network)
        for executor in node.waiting:
            self._start_executor(executor, node.place)
        node.waiting.clear()
        self._watch(node_id, node)

    def _watch(self, node_id: str, node: _RemoteNode) -> None:
        self._when(
            node.actor.watch.remote(min(self._heartbeat.interval, _WATCH_SECONDS)),
            lambda report: self._watched(node_id, node, report),
            lambda error: self._node_lost(node_id, error),
        )

    def _watched(self, node_id: str, node: _RemoteNode, report: NodeReport) -> None:
        used = any(executor.node_id == node_id for executor in self._executors.values())
        if not used and not report.has_outputs:
            self._release(node_id, node)
            return
        if report.is_draining and _DECOMMISSION.read(self._conf):
            if not node.is_draining:
                self._decommission(node_id, node)
            if _MOVE_BLOCKS.read(self._conf):
                self._offload(node)
                self._move_cached_blocks(node)
        self._watch(node_id, node)

    def _release(self, node_id: str, node: _RemoteNode) -> None:
        """Leave a machine that nobody needs any more, so that Ray's autoscaler may take it."""
        del self._nodes[node_id]
        self._when(
            node.actor.stop.remote(),
            lambda _: ray.kill(node.actor),
            lambda error: None,  # it is gone already
        )

    def _decommission(self, node_id: str, node: _RemoteNode) -> None:
        """Start executors elsewhere in place of those on a machine that will go."""
        node.is_draining = True
        there = [executor for executor in self._staying() if executor.node_id == node_id]
        for executor in there:
            executor.leaving = True
        node.unmoved = [worker_id for executor in there for worker_id in executor.workers]
        names = tuple(executor.executor_id for executor in there)
        self._events.append(ExecutorsDecommissioned(names, "their machine is decommissioned"))
        self.request_executors(self._total)

    def _offload(self, node: _RemoteNode) -> None:
        """Have a machine that will go copy its map outputs to those that stay."""
        refuges = [
            Refuge(other.place.network.location, other.place.local_dirs)
            for other in self._nodes.values()
            if other.place is not None and not other.is_draining
        ]
        if refuges and not node.is_offloading:
            node.is_offloading = True
            self._when(
                node.actor.offload.remote(refuges),
                lambda moved: self._offloaded(node, moved),
                lambda error: self._offloaded(node, {}),
            )

    def _move_cached_blocks(self, node: _RemoteNode) -> None:
        """Have workers that will go copy their cached blocks to those that stay, by turns."""
        staying = [
            (worker_id, place)
            for executor in self._staying()
            for place in [self._place_of(executor)]
            if place is not None
            for worker_id in executor.workers
        ]
        if not staying:
            return  # until an executor has started elsewhere
        for number, worker_id in enumerate(node.unmoved):
            target, place = staying[number % len(staying)]
            directories = tuple(LocalDirs(place.local_dirs).blocks_of(target))
            self.tell(worker_id, MoveBlocks(target, place.network.location, directories))
        node.unmoved.clear()

    def _place_of(self, executor: _RemoteExecutor) -> NodePlace | None:
        node = self._nodes.get(executor.node_id or "")
        return None if node is None or node.is_draining else node.place

    def _offloaded(self, node: _RemoteNode, moved: Mapping[str, tuple[str, str]]) -> None:
        node.is_offloading = False
        if moved and node.place is not None:
            self._events.append(OutputsMoved(node.place.network.location, moved))
            self._offload(node)

    def _node_lost(self, node_id: str, error: Exception) -> None:
        node = self._nodes.pop(node_id, None)
        if node is None:
            return
        with contextlib.suppress(Exception):
            ray.kill(node.actor)
        # Without the machine's files its executors cannot go on either.
        for executor in [e for e in self._executors.values() if e.node_id == node_id]:
            self._end(executor, f"its machine was lost: {_first_line(error)}", by_task=False)
        if node.place is not None:
            self._events.append(NodeLost(node.place.network.location, _first_line(error)))

    def remove_shuffle(self, shuffle_id: int) -> None:
        """Delete a shuffle's map outputs on every machine."""
        for node in self._nodes.values():
            node.actor.remove_shuffle.remote(shuffle_id)

    def remove_copies(self, path: str) -> None:
        """Delete what other machines keep of a scratch file of the driver."""
        name = os.path.relpath(path, self._local_dirs.first)
        for node_id, node in self._nodes.items():
            if node_id != self._node_id:
                node.actor.remove_copy.remote(name)

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
                executor.actor.send.remote(orders)
            else:
                executor.will_report = True
                self._expect_report(executor, executor.actor.exchange.remote(orders))

    def _expect_report(self, executor: _RemoteExecutor, call: Any) -> None:
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

    def _when(self, call: Any, then: Then, failed: Then) -> None:
        """Have ``then`` called with the answer to a call, or ``failed`` with its error."""
        call.future().add_done_callback(lambda done: self._answers.put((then, failed, done)))

    def _ask(self, executor: _RemoteExecutor, call: Any, then: Then) -> None:
        """Have ``then`` called with an executor's answer; an error is the executor's end."""
        self._when(call, then, lambda error: self._end(executor, _first_line(error)))

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


def _wait_for(calls: Sequence[Any], seconds: float) -> None:
    """Wait for calls to end, but not for machines that are gone."""
    if calls:
        with contextlib.suppress(Exception):
            ray.wait(list(calls), num_returns=len(calls), timeout=seconds)


def _first_line(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0]
