"""ExecutorHost: an executor on another machine, and NodeHost: what a machine needs one of.

The driver's backend calls these through whatever carries calls to other machines. An executor
there is what it is here, a `LocalBackend` with its zygote and workers: the host hands it what the
driver says and hands back, unread, what its workers report.
"""

from __future__ import annotations

import os
import pickle
import queue
import re
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pyrite.core.executor.messages import ForgetBinaries, TaskBinary, TaskDescription
from pyrite.core.local_dirs import LocalDirs, make_local_dirs
from pyrite.core.network import BlockServer, NetworkSettings, copies_in, remove_copy
from pyrite.core.scheduler.backend import BackendEvent, WorkerLost
from pyrite.core.scheduler.heartbeat_receiver import HeartbeatPolicy
from pyrite.core.scheduler.janitor import Janitor
from pyrite.core.scheduler.local_backend import ExecutorShape, LocalBackend
from pyrite.core.scheduler.map_output_mover import MapOutputMover, Refuge
from pyrite.core.scheduler.resources import resources_of_executor
from pyrite.core.shuffle import remove_map_files

__all__ = ["ExecutorHost", "ExecutorSettings", "KillTask", "NodeHost", "NodePlace", "NodeReport"]


#: How long a machine that will go copies files before it tells which.
_OFFLOAD_SECONDS = 1.0


@dataclass(frozen=True)
class NodePlace:
    """What the executors of a machine are told about it.

    Attributes:
        host: The machine's name.
        local_dirs: The application's scratch directories there.
        network: How other machines are reached from there.
    """

    host: str
    local_dirs: tuple[str, ...]
    network: NetworkSettings


@dataclass(frozen=True, slots=True)
class NodeReport:
    """What a machine says of itself.

    Attributes:
        has_outputs: Whether there are map outputs, which others may read.
        is_draining: Whether it will be taken away.
    """

    has_outputs: bool
    is_draining: bool


@dataclass(frozen=True)
class ExecutorSettings:
    """What an executor is told when it is made, wherever it is placed then.

    Attributes:
        shape: What it is like; its only name is the executor's id.
        application_id: The application's id.
        conf: The application's settings.
        environment: Extra environment variables for its workers.
        heartbeat: When a process that was stopped is given up.
        python_path: The driver's ``sys.path``.
        working_directory: The driver's current directory, which is used if it is there.
    """

    shape: ExecutorShape
    application_id: str
    conf: Mapping[str, str]
    environment: Mapping[str, str]
    heartbeat: HeartbeatPolicy
    python_path: tuple[str, ...]
    working_directory: str


@dataclass(frozen=True, slots=True)
class KillTask:
    """The order to interrupt a worker's task."""

    task_id: int


class ExecutorHost:
    """Runs one executor.

    ``exchange`` is called by one thread, again and again; ``send`` by others.

    Args:
        settings: What the executor is like.
    """

    def __init__(self, settings: ExecutorSettings) -> None:
        self._settings = settings
        self._orders: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._backend: LocalBackend | None = None
        self._binaries: dict[int, TaskBinary] = {}
        #: How often there was something to report.
        self._reports = 0
        #: For each worker that was lost and replaced: which report said so.
        self._lost_in: dict[str, int] = {}

    def start(self, place: NodePlace) -> None:
        """Start the workers.

        Args:
            place: The machine this is.

        Raises:
            SparkException: If no worker can be started here.
        """
        settings = self._settings
        resources = resources_of_executor(
            settings.shape.resources, settings.conf, self.accelerators()
        )
        sys.path.extend(path for path in settings.python_path if path not in sys.path)
        if os.path.isdir(settings.working_directory):
            os.chdir(settings.working_directory)
        self._backend = LocalBackend(
            replace(settings.shape, resources=resources),
            application_id=settings.application_id,
            host=place.host,
            conf=settings.conf,
            local_dirs=LocalDirs(place.local_dirs),
            environment=settings.environment,
            heartbeat=settings.heartbeat,
            network=place.network,
            owns_local_dirs=False,
            read_report=bytes,
        )
        self._backend.start()

    def accelerators(self) -> Mapping[str, tuple[str, ...]]:
        """Return the addresses, by resource, that whoever placed the executor gave to it."""
        return {}

    def send(self, orders: bytes) -> None:
        """Take orders of the driver while it waits for a report.

        Args:
            orders: Pickled: the latest report the driver had seen when it gave them, and a list
                of a worker's id, or None for all, and what is meant for it.
        """
        self._orders.put(orders)
        assert self._backend is not None
        self._backend.wake()

    def exchange(self, orders: bytes) -> bytes:
        """Carry out orders until there is something to report.

        Args:
            orders: As for ``send``: a call for both is faster than two.

        Returns:
            Pickled: the report's number and the events, whose messages are pickled too. After a
            heartbeat's interval in which nothing happened there are none.
        """
        backend = self._backend
        assert backend is not None
        self._orders.put(orders)
        until = time.monotonic() + self._settings.heartbeat.interval
        events: list[BackendEvent] = []
        while not events and (patience := until - time.monotonic()) > 0:
            while not self._orders.empty():
                seen, told = pickle.loads(self._orders.get())
                for worker_id, order in told:
                    if self._lost_in.get(worker_id, 0) <= seen:
                        self._carry_out(backend, worker_id, order)
            events.extend(backend.poll(patience))
        self._reports += 1
        for event in events:
            if isinstance(event, WorkerLost):  # its successor must not get what was meant for it
                self._lost_in[event.worker_id] = self._reports
        return pickle.dumps((self._reports, events), pickle.HIGHEST_PROTOCOL)

    def _carry_out(self, backend: LocalBackend, worker_id: str | None, order: object) -> None:
        """Do what the driver's backend was told to do for a worker, or for all of them."""
        match order:
            case TaskBinary():
                self._binaries[order.binary_id] = order
            case TaskDescription() if worker_id is not None:
                backend.launch(worker_id, order, self._binaries[order.binary_id])
            case KillTask() if worker_id is not None:
                backend.kill_task(worker_id, order.task_id)
            case _ if worker_id is not None:
                backend.tell(worker_id, order)
            case _:
                if isinstance(order, ForgetBinaries):
                    for binary_id in order.binary_ids:
                        self._binaries.pop(binary_id, None)
                backend.tell_all(order)

    def stop(self) -> None:
        """End the workers."""
        if self._backend is not None:
            self._backend.stop()


class NodeHost:
    """Keeps an application's files on one machine, and serves them to the others.

    It outlives executors: what one wrote stays readable when it is gone.

    Args:
        application_id: The application's id.
        conf: The application's settings.
        secret: The application's secret.
        address: By which other machines reach this one.
    """

    def __init__(
        self, application_id: str, conf: Mapping[str, str], secret: bytes, address: str
    ) -> None:
        self._dirs = make_local_dirs(conf, application_id)
        self._janitor = Janitor(self._dirs.paths)
        self._server = BlockServer(self._dirs.paths, secret, address, conf)
        self._mover = MapOutputMover(self._dirs, secret, _file_name(self._server.location))
        self._ended = threading.Event()

    def place(self) -> tuple[str, tuple[str, ...]]:
        """Return where the machine's files are served, and the directories they are in."""
        return self._server.location, self._dirs.paths

    def watch(self, seconds: float) -> NodeReport:
        """Return after a while: as long as this does, the machine is there."""
        self._ended.wait(seconds)
        return NodeReport(self._mover.has_outputs(), is_draining=False)

    def offload(self, refuges: Sequence[Refuge]) -> dict[str, tuple[str, str]]:
        """Copy map outputs to machines that stay; see ``MapOutputMover.move``."""
        return self._mover.move(refuges, _OFFLOAD_SECONDS)

    def remove_shuffle(self, shuffle_id: int) -> None:
        """Delete a shuffle's map outputs."""
        for directory in self._dirs.every("shuffle"):
            remove_map_files(directory, shuffle_id)

    def remove_copy(self, name: str) -> None:
        """Delete the copy of a file of the driver, by its path in the driver's directory."""
        remove_copy(copies_in(self._dirs.first), name)

    def remove_leftovers(self, worker_id: str) -> None:
        """Remove what only a worker that is gone could read."""
        self._dirs.remove_leftovers(worker_id, None, None)

    def stop(self) -> None:
        """Serve no more, and remove the directories."""
        self._ended.set()
        self._server.stop()
        self._janitor.stop()


def _file_name(location: str) -> str:
    return re.sub(r"\W", "-", location)
