"""LocalBackend: workers as forked processes of this machine.

An executor is a group of workers: ``driver`` with N of them for ``local[N]``; for
``local-cluster[n,c,m]`` executors ``0`` to ``n-1`` with c each. A worker that dies is replaced at
once; its shuffle files stay, since they belong to the application and not to the process.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import pickle
import selectors
import signal
import socket
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from pyrite.core.errors import SparkException
from pyrite.core.executor import messages, zygote
from pyrite.core.executor.messages import TaskBinary, TaskDescription, WorkerSettings
from pyrite.core.local_dirs import LocalDirs
from pyrite.core.network import NetworkSettings
from pyrite.core.scheduler.backend import BackendEvent, MessageReceived, WorkerLost, WorkerReady
from pyrite.core.scheduler.heartbeat_receiver import HeartbeatPolicy, HeartbeatReceiver
from pyrite.core.scheduler.resources import ExecutorResources
from pyrite.core.scheduler.task_scheduler import Worker
from pyrite.core.shuffle import remove_map_files

__all__ = ["ExecutorShape", "LocalBackend"]

#: A task that was told to stop has this long before its process is killed.
KILL_GRACE_SECONDS = 2.0
#: The zygote kills its workers and deletes the scratch directories within this time, or is killed.
STOP_SECONDS = 10.0
#: The zygote may end this often before a task ends again; then something is wrong for good.
MAX_RESTARTS = 10

_SIGNAL_NAMES = {int(number): number.name for number in signal.Signals}

_START_ZYGOTE = (
    "import gc, json, sys; gc.disable(); sys.path[:] = json.loads(sys.argv[2]); "
    "import pyrite.core.scheduler.task; "  # what workers unpickle, imported once for all of them
    "from pyrite.core.executor.zygote import main; main(int(sys.argv[1]), sys.argv[3:])"
)


@dataclass(frozen=True)
class ExecutorShape:
    """What every executor of the application is like.

    Attributes:
        names: The ids of the first executors; more are numbered on from there.
        slots: Workers per executor, each running one task at a time.
        storage_memory: Bytes for cached blocks, per worker.
        aggregation_memory: Bytes an aggregation or sort may hold before it spills.
        address_space: Hard limit on a worker's address space in bytes, or None.
        resources: What each executor has of GPUs and the like.
    """

    names: tuple[str, ...]
    slots: int
    storage_memory: int
    aggregation_memory: int
    address_space: int | None = None
    resources: ExecutorResources = field(default_factory=lambda: ExecutorResources({}, {}, {}))


@dataclass
class _Process:
    """One worker as the backend sees it.

    Attributes:
        worker: Its names.
        connection: The way to it.
        pid: Its process id, once the zygote has told it.
        task_id: The task it runs.
        unsent: Messages for when it has no task. A worker reads nothing while a task runs, and
            a full socket would stop the sender, who is the driver's only scheduling thread.
        known_binaries: The stage attempts it was sent.
        kill_at: When it is killed, if its task has not ended by then.
        kill_reason: Why it was killed from here, for people.
        closed: Whether the connection is closed.
        leaving: Whether it was told to go, so that nobody is to take its place.
    """

    worker: Worker
    connection: Connection[Any, Any]
    pid: int | None = None
    task_id: int | None = None
    unsent: list[object] = field(default_factory=list)
    known_binaries: set[int] = field(default_factory=set)
    kill_at: float | None = None
    kill_reason: str | None = None
    closed: bool = False
    leaving: bool = False


class LocalBackend:
    """Runs workers on this machine through a zygote.

    Args:
        shape: What executors are like.
        application_id: The application's id.
        conf: The application's settings.
        local_dirs: The application's scratch directories; they are gone after ``stop``.
        environment: Extra environment variables for workers.
        heartbeat: When a process that was stopped is given up.
        network: How workers reach other machines; None if there is one machine only.
        owns_local_dirs: Whether the scratch directories are removed with the workers.
        host: This machine's name, if not what it calls itself.
        read_report: Makes of a worker's report what ``MessageReceived`` carries.
    """

    def __init__(
        self,
        shape: ExecutorShape,
        *,
        application_id: str,
        conf: Mapping[str, str],
        local_dirs: LocalDirs,
        environment: Mapping[str, str],
        heartbeat: HeartbeatPolicy,
        network: NetworkSettings | None = None,
        owns_local_dirs: bool = True,
        read_report: Callable[[memoryview], object] = pickle.loads,
        host: str = "",
    ) -> None:
        self.shape = shape
        self._application_id = application_id
        self._host = host or socket.gethostname()
        self._conf = conf
        self._local_dirs = local_dirs
        self._environment = environment
        self._network = network
        self._owns_local_dirs = owns_local_dirs
        self._read_report = read_report
        self._processes: dict[str, _Process] = {}
        self._executors: dict[str, set[str]] = {}
        self._executor_numbers = itertools.count(len(shape.names))
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._unread = bytearray()
        self._events: list[BackendEvent] = []
        self._restarts = 0
        self._heartbeat = heartbeat
        self._heartbeats = HeartbeatReceiver(heartbeat, self._pids, self._heartbeat_expired)
        os.register_at_fork(after_in_child=_ClosesInChild(self))

    # -------------------------------------------------------------------------- start and stop

    def start(self) -> None:
        """Start the zygote and ask for the first executors' workers."""
        self._start_zygote()
        for name in self.shape.names:
            self._add_executor(name)
        self._heartbeats.start()

    def stop(self) -> None:
        """End every worker and the zygote, which deletes the scratch directories."""
        self._heartbeats.stop()
        for process in list(self._processes.values()):
            process.connection.close()
        self._processes.clear()
        if self._control is not None:
            with contextlib.suppress(OSError):
                self._control.shutdown(socket.SHUT_RDWR)  # though a forked child may hold it too
            self._control.close()
            self._control = None
        if self._zygote is not None:
            try:
                self._zygote.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._zygote.kill()
                self._zygote.wait()
            if self._zygote.returncode and self._owns_local_dirs:
                self._local_dirs.remove()  # the zygote did not live to do it
        self._selector.close()
        self._wake_read.close()
        self._wake_write.close()

    def forget(self) -> None:
        """Close this process's ends of all sockets, and nothing else: it was forked."""
        if self._control is not None:
            self._control.close()
        for process in self._processes.values():
            process.connection.close()

    def _start_zygote(self) -> None:
        control, inherited = socket.socketpair()
        try:
            self._zygote = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    _START_ZYGOTE,
                    str(inherited.fileno()),
                    json.dumps(sys.path),
                    *(self._local_dirs.paths if self._owns_local_dirs else ()),
                ],
                pass_fds=[inherited.fileno()],
                stdin=subprocess.DEVNULL,
                # Equal strings must hash alike in all workers, or a key would have two reducers.
                env={**os.environ, **self._environment, "PYTHONHASHSEED": "0"},
                start_new_session=True,
            )
        except OSError as error:
            raise SparkException(f"The worker launcher cannot be started: {error}") from error
        finally:
            inherited.close()
        self._control = control
        self._unread = bytearray()
        self._selector.register(control, selectors.EVENT_READ, None)

    # ------------------------------------------------------------------------------ executors

    def request_executors(self, total: int) -> None:
        """Bring the number of executors to ``total`` by starting new ones."""
        while len(self._executors) < total:
            self._add_executor(str(next(self._executor_numbers)))

    def kill_executors(self, executor_ids: Sequence[str], *, replace: bool = False) -> None:
        """End executors' workers; their shuffle files stay."""
        total = len(self._executors)
        for executor_id in executor_ids:
            for worker_id in sorted(self._executors.pop(executor_id, ())):
                process = self._processes[worker_id]
                process.leaving = True
                self._kill(process)
        if replace:
            self.request_executors(total)

    def _add_executor(self, executor_id: str) -> None:
        self._executors[executor_id] = set()
        for slot in range(self.shape.slots):
            self._add_worker(Worker(f"{executor_id}/{slot}", executor_id, self._host))

    def _add_worker(self, worker: Worker) -> None:
        assert self._control is not None
        ours, theirs = socket.socketpair()
        settings = WorkerSettings(
            worker_id=worker.worker_id,
            executor_id=worker.executor_id,
            host=worker.host,
            application_id=self._application_id,
            conf=self._conf,
            local_dirs=self._local_dirs.paths,
            storage_memory=self.shape.storage_memory,
            aggregation_memory=self.shape.aggregation_memory,
            address_space=self.shape.address_space,
            python_path=tuple(sys.path),
            working_directory=os.getcwd(),
            environment=self._environment,
            resources=self._resources_of(worker.executor_id),
            network=self._network,
        )
        with contextlib.suppress(OSError):  # a dead zygote is found by poll, and replaced there
            zygote.request_worker(self._control, settings, theirs)
        process = _Process(worker, messages.connection_over(ours))
        self._processes[worker.worker_id] = process
        self._executors[worker.executor_id].add(worker.worker_id)
        self._selector.register(process.connection, selectors.EVENT_READ, process)
        self._events.append(WorkerReady(worker))

    def _resources_of(self, executor_id: str) -> dict[str, dict[str, tuple[str, ...]]]:
        number = 0 if executor_id == "driver" else int(executor_id)
        return {
            f"{executor_id}/{slot}": self.shape.resources.of_slot(number, slot, self.shape.slots)
            for slot in range(self.shape.slots)
        }

    # -------------------------------------------------------------------------------- sending

    def launch(self, worker_id: str, task: TaskDescription, binary: TaskBinary) -> None:
        """Send a task, and its binary if the worker does not have it yet."""
        process = self._processes[worker_id]
        if binary.binary_id not in process.known_binaries:
            process.known_binaries.add(binary.binary_id)
            self.tell(worker_id, binary)
        self.tell(worker_id, task)
        process.task_id = task.task_id

    def tell(self, worker_id: str, message: object) -> None:
        """Send a message to one worker; a worker that is gone is no error."""
        process = self._processes.get(worker_id)
        if process is not None and not process.closed:
            with contextlib.suppress(OSError):  # poll will see its end
                messages.send(process.connection, message)

    def tell_all(self, message: object) -> None:
        """Send a message to every worker, at the latest when its task is over."""
        for worker_id, process in list(self._processes.items()):
            if isinstance(message, messages.ForgetBinaries):
                process.known_binaries.difference_update(message.binary_ids)
            if process.task_id is None:
                self.tell(worker_id, message)
            else:
                process.unsent.append(message)

    def kill_task(self, worker_id: str, task_id: int) -> None:
        """Interrupt a worker's task, and end the worker if the task does not give way."""
        process = self._processes.get(worker_id)
        if process is None or process.task_id != task_id:
            return  # it ended by itself, and the worker may have been given another one
        process.kill_at = time.monotonic() + KILL_GRACE_SECONDS
        # The interrupt is lost on a worker that has not begun the task; the message is not.
        self.tell(worker_id, messages.CancelTask(task_id))
        self._interrupt(process)

    def _interrupt(self, process: _Process) -> None:
        if process.pid is not None:  # else it is done when the zygote tells the number
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGINT)

    def remove_shuffle(self, shuffle_id: int) -> None:
        """Delete a shuffle's map outputs."""
        for directory in self._local_dirs.every("shuffle"):
            remove_map_files(directory, shuffle_id)

    def remove_copies(self, path: str) -> None:
        """Do nothing: workers read the file itself."""

    def _kill(self, process: _Process) -> None:
        if process.pid is None:  # the zygote will tell us whom to kill
            self._close(process)
            return
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(process.pid, signal.SIGKILL)

    def _pids(self) -> list[int]:
        launcher = [] if self._zygote is None else [self._zygote.pid]
        return launcher + [p.pid for p in list(self._processes.values()) if p.pid is not None]

    def _heartbeat_expired(self, pid: int) -> None:
        """Kill a process that stays stopped, which frees the scheduling thread if it waits for it.

        ``poll`` reports its end as it does any other.
        """
        for process in list(self._processes.values()):
            if process.pid == pid:
                late = int(self._heartbeat.timeout * 1000)
                process.kill_reason = f"Executor heartbeat timed out after {late} ms"
                self._kill(process)
        if self._zygote is not None and self._zygote.pid == pid:
            self._zygote.kill()

    def _close(self, process: _Process) -> None:
        if not process.closed:
            self._selector.unregister(process.connection)
            process.connection.close()
            process.closed = True

    # ------------------------------------------------------------------------------- receiving

    def poll(self, timeout: float | None) -> Sequence[BackendEvent]:
        """Wait for events, at most ``timeout`` seconds (None: until there is one)."""
        if self._events:
            timeout = 0
        deadline = min((p.kill_at for p in self._processes.values() if p.kill_at), default=None)
        if deadline is not None:
            left = max(deadline - time.monotonic(), 0)
            timeout = left if timeout is None else min(timeout, left)
        for key, _ in self._selector.select(timeout):
            if key.fileobj is self._wake_read:
                with contextlib.suppress(BlockingIOError):
                    self._wake_read.recv(4096)
            elif key.fileobj is self._control:
                self._read_reports()
            elif not key.data.closed:  # a report just read may have told of its end
                self._read_worker(key.data)
        self._kill_the_stubborn()
        events, self._events = self._events, []
        return events

    def wake(self) -> None:
        """Make a waiting ``poll`` return now; may be called from any thread."""
        with contextlib.suppress(BlockingIOError, OSError):
            self._wake_write.send(b"\0")

    def _read_worker(self, process: _Process) -> None:
        try:
            task_ended, message = self._receive(process)
        except (EOFError, OSError):
            self._close(process)
            self._kill(process)  # it may live on without its socket; its exit is reported next
            return
        except Exception as error:  # a user's value that only the worker can make
            process.kill_reason = f"what it reported cannot be read: {error!r}"
            self._kill(process)
            return
        self._received(process, task_ended, message)
        if process.task_id is None:
            unsent, process.unsent = process.unsent, []
            for held_back in unsent:
                self.tell(process.worker.worker_id, held_back)

    def _receive(self, process: _Process) -> tuple[bool, object]:
        task_ended, report = messages.receive_report(process.connection)
        return task_ended, self._read_report(report)

    def _received(self, process: _Process, task_ended: bool, message: object) -> None:
        if task_ended:
            process.kill_at = process.task_id = None
            self._restarts = 0
        self._events.append(MessageReceived(process.worker.worker_id, message))

    def _read_reports(self) -> None:
        assert self._control is not None
        try:
            for report in zygote.read_reports(self._control, self._unread):
                process = self._processes.get(report.worker_id)
                if process is None:
                    continue
                if isinstance(report, zygote.WorkerForked):
                    process.pid = report.pid
                    if process.kill_at is not None:
                        self._interrupt(process)
                    if process.leaving or process.closed:
                        self._kill(process)
                elif process.pid == report.pid:
                    self._exited(process, _ending(report.status))
        except (EOFError, OSError):
            self._replace_zygote()

    def _exited(self, process: _Process, reason: str) -> None:
        worker = process.worker
        reason = process.kill_reason or reason
        if not process.closed:
            self._drain(process)
            self._close(process)
        del self._processes[worker.worker_id]
        self._local_dirs.remove_leftovers(worker.worker_id, process.pid, process.task_id)
        self._events.append(WorkerLost(worker.worker_id, reason, process.leaving, process.leaving))
        if not process.leaving:
            self._add_worker(worker)

    def _drain(self, process: _Process) -> None:
        """Read what a worker still said before it died: a finished task need not run again."""
        with contextlib.suppress(Exception):  # half a message, or one that cannot be read
            while process.connection.poll():
                self._received(process, *self._receive(process))

    def _replace_zygote(self) -> None:
        """Go on after the zygote's death, which its workers share."""
        assert self._control is not None
        assert self._zygote is not None
        self._selector.unregister(self._control)
        self._control.close()
        status = self._zygote.wait()
        self._restarts += 1
        if self._restarts > MAX_RESTARTS:
            raise SparkException(
                f"The worker launcher ends again and again (last exit status {status}). "
                "Its output above says why."
            )
        self._start_zygote()
        for process in list(self._processes.values()):
            self._kill(process)  # Linux did it already; what the user's functions started lives on
            self._exited(process, f"the worker launcher ended with exit status {status}")

    def _kill_the_stubborn(self) -> None:
        now = time.monotonic()
        for process in self._processes.values():
            if process.kill_at is not None and process.kill_at <= now:
                process.kill_at = None
                process.kill_reason = "its task did not stop when it was told to"
                self._kill(process)


class _ClosesInChild:
    """Closes a backend's sockets in a process that was forked from the driver.

    Else the zygote and the workers would not see the driver's end while such a process lives.
    """

    def __init__(self, backend: LocalBackend) -> None:
        self._backend = weakref.ref(backend)

    def __call__(self) -> None:
        backend = self._backend()
        if backend is not None:
            backend.forget()


def _ending(status: int) -> str:
    """Say how a process ended, from its wait status."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        name = _SIGNAL_NAMES.get(number, "")
        hint = " (often the machine ran out of memory)" if number == signal.SIGKILL else ""
        return f"worker process killed by signal {number} {name}{hint}"
    return f"worker process ended with exit status {os.WEXITSTATUS(status)}"
