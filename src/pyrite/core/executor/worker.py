"""The loop of one worker: receive a task, run it, answer.

A worker runs one task at a time in its main thread, so a user's function never meets another
one in its process, and interrupting the process interrupts exactly that task.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from pyspark.resource import ResourceInformation

from pyrite.core import events
from pyrite.core.codegen import explain_failure
from pyrite.core.env import SparkEnv
from pyrite.core.errors import CertainFailure, FetchFailed, PySparkRuntimeError, TaskKilled
from pyrite.core.executor import messages
from pyrite.core.executor.messages import TaskBinary, TaskDescription, WorkerSettings
from pyrite.core.executor.progress import ProgressSender
from pyrite.core.hadoop.hadoop_conf import HADOOP_PREFIX
from pyrite.core.hadoop.storage_options import use_settings
from pyrite.core.local_dirs import LocalDirs
from pyrite.core.network import Network
from pyrite.core.serializers import pickle_records
from pyrite.core.shared import accumulator, broadcast
from pyrite.core.shared.files import SparkFiles, put_on_sys_path
from pyrite.core.shuffle import MapOutputTracker
from pyrite.core.storage import BlockManager, move_blocks
from pyrite.core.task_context import BarrierTaskContext, TaskContext

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["run_worker"]

#: The collector looks at young objects this rarely while tasks run: decoding a million tuples
#: under Python's own threshold costs several times the decoding.
_GC_THRESHOLDS = (1_000_000, 50, 100)


def run_worker(settings: WorkerSettings, channel: socket.socket) -> None:
    """Serve the driver until it closes the connection."""
    os.environ.update(settings.environment)
    os.chdir(settings.working_directory)
    sys.path[:] = settings.python_path
    if settings.address_space is not None:
        resource.setrlimit(resource.RLIMIT_AS, (settings.address_space,) * 2)
    local_dirs = LocalDirs(settings.local_dirs)
    network = (
        Network.from_settings(settings.network, local_dirs.first)
        if settings.network
        else Network.of_one_machine(local_dirs.first)
    )
    SparkEnv.set(
        SparkEnv(
            conf=settings.conf,
            executor_id=settings.executor_id,
            host=settings.host,
            local_dirs=local_dirs,
            block_manager=BlockManager(
                settings.storage_memory, *local_dirs.blocks_of(settings.worker_id)
            ),
            network=network,
            map_output_tracker=MapOutputTracker(),
            memory_limit=settings.aggregation_memory,
        )
    )
    files = network.driver_files.place(os.path.join(network.driver_files.root, "files"))
    os.makedirs(files, exist_ok=True)
    SparkFiles._use(files)
    gc.set_threshold(*_GC_THRESHOLDS)
    _Worker(messages.connection_over(channel), settings.worker_id, settings.resources).serve()


class _Worker:
    def __init__(
        self,
        connection: Connection[Any, Any],
        worker_id: str,
        resources: Mapping[str, Mapping[str, tuple[str, ...]]],
    ) -> None:
        self.connection = connection
        #: A task's progress is sent by another thread than its result.
        self.sending = threading.Lock()
        self.worker_id = worker_id
        self.resources = resources
        self.env = SparkEnv.get()
        #: Large results are the driver's files.
        self.driver_dirs = LocalDirs((self.env.network.driver_files.root,))
        #: The stage attempts known here: each one's pickled task.
        self.binaries: dict[int, bytes] = {}
        #: The shuffles each of them reads.
        self.reads: dict[int, set[int]] = {}
        self.running: TaskDescription | None = None
        #: How many of the files that the program adds are known here.
        self.files_version = 0
        self.collecting = _CollectorClock()
        self.handlers: dict[type, Callable[[Any], None]] = {
            TaskBinary: self._keep_binary,
            TaskDescription: self._run,
            messages.ForgetBinaries: self._forget_binaries,
            messages.DropRdd: self._drop_rdd,
            messages.CancelTask: self._cancel,
            messages.MoveBlocks: self._move_blocks,
            messages.AdoptBlocks: self._adopt_blocks,
        }
        signal.signal(signal.SIGINT, self._interrupted)
        # An actor of Ray, which started our launcher, lets no thread of its own be interrupted.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})

    def serve(self) -> None:
        while True:
            try:
                message = messages.receive(self.connection)
                self.handlers[type(message)](message)
            except (EOFError, ConnectionError):
                return

    def _interrupted(self, signum: int, frame: FrameType | None) -> None:
        if self.running is not None:
            raise TaskKilled

    # ------------------------------------------------------------------------- small messages

    def _keep_binary(self, binary: TaskBinary) -> None:
        self.binaries[binary.binary_id] = binary.payload
        map_outputs = pickle.loads(binary.map_outputs)
        self.reads[binary.binary_id] = set(map_outputs)
        for shuffle_id, statuses in map_outputs.items():
            # The newest stage attempt knows best where map outputs are; it may have come first.
            if binary.binary_id == max(self._readers(shuffle_id)):
                self.env.map_output_tracker.set_statuses(shuffle_id, statuses)

    def _readers(self, shuffle_id: int) -> list[int]:
        return [binary_id for binary_id, reads in self.reads.items() if shuffle_id in reads]

    def _forget_binaries(self, message: messages.ForgetBinaries) -> None:
        for binary_id in message.binary_ids:
            self.binaries.pop(binary_id, None)
            for shuffle_id in self.reads.pop(binary_id, ()):
                if not self._readers(shuffle_id):
                    self.env.map_output_tracker.unregister_shuffle(shuffle_id)

    def _drop_rdd(self, message: messages.DropRdd) -> None:
        self.env.block_manager.remove_rdd(message.rdd_id)

    def _move_blocks(self, message: messages.MoveBlocks) -> None:
        network = self.env.network
        if network.client is None:
            return  # there is no other machine
        blocks = move_blocks(
            self.env.block_manager,
            network.client,
            message.location,
            message.directories,
            self.env.local_dirs.first,
        )
        self._send(messages.BlocksMoved(message.worker_id, tuple(blocks)))

    def _adopt_blocks(self, message: messages.AdoptBlocks) -> None:
        self.env.block_manager.adopt(message.blocks)

    def _cancel(self, message: messages.CancelTask) -> None:
        if self.running is not None and self.running.task_id == message.task_id:
            raise TaskKilled

    def _send(self, report: object) -> None:
        with self.sending:
            messages.send_report(self.connection, report)

    # ------------------------------------------------------------------------------ one task

    def _run(self, description: TaskDescription) -> None:
        metrics = events.TaskMetrics()
        started = time.monotonic_ns()
        cpu_started = time.process_time_ns()
        collecting = self.collecting.nanoseconds
        accumulator.start_task()
        broadcast.drop_stale()
        progress = ProgressSender(
            lambda values: self._send(messages.TaskProgress(description.task_id, values))
        )
        reply: messages.TaskSucceeded | messages.TaskFailed
        try:
            self.running = description
            signal.signal(signal.SIGINT, self._interrupted)  # a function may have changed it
            self._heed_what_arrived()
            TaskContext.set_active(self._context(description, metrics, progress))
            value = self._compute(description, metrics)
            self.running = None
            pickling = time.monotonic_ns()
            payload = self._pickle_result(description, value)
            metrics.result_serialization_time = _milliseconds_since(pickling)
            reply = messages.TaskSucceeded(
                description.task_id,
                payload,
                accumulator.take_updates(),
                tuple(self.env.block_manager.take_updates()),
                metrics,
            )
            metrics.result_size = len(payload) if isinstance(payload, bytes) else payload.size
            if reply.accumulators:
                # Values that cannot be sent fail the task, here.
                messages.pickle_by_value(reply.accumulators)
        except BaseException as error:
            self.running = None
            with contextlib.suppress(OSError):  # no result goes with a failure
                os.unlink(self.driver_dirs.result_of(description.task_id))
            reply = self._failure(description, error, metrics)
        finally:
            self.running = None
            TaskContext.set_active(None)
        around = metrics.executor_deserialize_time + metrics.result_serialization_time
        metrics.executor_run_time = max(_milliseconds_since(started) - around, 0)
        cpu_time = time.process_time_ns() - cpu_started
        metrics.executor_cpu_time_ns = cpu_time - metrics.executor_deserialize_cpu_time_ns
        metrics.gc_time = (self.collecting.nanoseconds - collecting) // 1_000_000
        metrics.peak_execution_memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        for stream in (sys.stdout, sys.stderr):
            # The user's function may have closed or replaced it, or nobody reads it any more.
            with contextlib.suppress(AttributeError, ValueError, OSError):
                stream.flush()
        progress.finish()
        self._send(reply)

    def _heed_what_arrived(self) -> None:
        """Take messages sent after the task's own: it may have been cancelled before it began."""
        while self.connection.poll():
            message = messages.receive(self.connection)
            self.handlers[type(message)](message)

    def _compute(self, description: TaskDescription, metrics: events.TaskMetrics) -> Any:
        started, cpu_started = time.monotonic_ns(), time.process_time_ns()
        self._heed_added_files(description.added_files)
        task = self._task(description.binary_id)
        partition = pickle.loads(description.partition)
        metrics.executor_deserialize_time = _milliseconds_since(started)
        metrics.executor_deserialize_cpu_time_ns = time.process_time_ns() - cpu_started
        context = TaskContext.get()
        assert context is not None
        try:
            return task.run(partition, context)
        except StopIteration as error:
            raise PySparkRuntimeError(
                errorClass="STOP_ITERATION_OCCURRED", messageParameters={"exc": str(error)}
            ) from error

    def _heed_added_files(self, added: messages.AddedFiles) -> None:
        if added.version <= self.files_version:
            return
        files = self.env.network.driver_files
        files.directory(os.path.join(files.root, "files"), added.version)
        put_on_sys_path([files.place(entry) for entry in added.python_path])
        self.files_version = added.version

    def _task(self, binary_id: int) -> Any:
        # Anew for every task: what one task's functions keep for themselves, another must not see.
        return pickle.loads(self.binaries[binary_id])

    def _heed_settings(self, properties: Mapping[str, str]) -> None:
        """Use the Hadoop settings that the program has changed since this worker began."""
        if any(key.startswith(HADOOP_PREFIX) for key in properties):
            use_settings({**self.env.conf, **properties})

    def _context(
        self,
        description: TaskDescription,
        metrics: events.TaskMetrics,
        progress: ProgressSender,
    ) -> TaskContext:
        self._heed_settings(description.properties)
        facts: dict[str, Any] = {
            "stage_id": description.stage_id,
            "stage_attempt_number": description.stage_attempt,
            "partition_id": description.index,
            "attempt_number": description.attempt,
            "task_attempt_id": description.task_id,
            "metrics": metrics,
            "cpus": description.cpus,
            "local_properties": description.properties,
            "resources": self._resources(description),
            "report_progress": progress.report,
        }
        if description.barrier_addresses is None:
            return TaskContext(**facts)
        return BarrierTaskContext(
            **facts, addresses=description.barrier_addresses, rendezvous=self._meet
        )

    def _resources(self, description: TaskDescription) -> dict[str, ResourceInformation]:
        """Return what the task may use, of what this worker and those beside it have."""
        slots = [self.resources[name] for name in sorted((self.worker_id, *description.beside))]
        return {
            name: ResourceInformation(name, _several(slots, name)[:amount])
            for name, amount in description.resources.items()
        }

    def _meet(self, message: str) -> Sequence[str]:
        """Tell the driver that a barrier task arrived, and wait for the others."""
        assert self.running is not None
        self._send(messages.BarrierArrived(self.running.task_id, message))
        while True:
            reply = messages.receive(self.connection)
            if isinstance(reply, messages.BarrierReleased):
                if reply.broken:
                    raise PySparkRuntimeError(
                        "A task of this barrier stage ended without meeting the others. Call "
                        "barrier() and allGather() equally often in every task."
                    )
                return reply.messages
            self.handlers[type(reply)](reply)

    def _pickle_result(
        self, description: TaskDescription, value: object
    ) -> bytes | messages.LargeResult:
        payload = pickle_records(value) if type(value) is list else messages.pickle_by_value(value)
        if len(payload) <= messages.INLINE_RESULT_BYTES:
            return payload
        path = self.driver_dirs.result_of(description.task_id)
        try:
            with self.env.network.driver_files.writing(path) as here, open(here, "wb") as file:
                file.write(payload)
        except OSError as error:
            raise OSError(
                error.errno, f"{error.strerror}; set spark.local.dir to a larger disk", path
            ) from None
        return messages.LargeResult(path, len(payload))

    def _failure(
        self, description: TaskDescription, error: BaseException, metrics: events.TaskMetrics
    ) -> messages.TaskFailed:
        accumulator.take_updates()  # a failed attempt adds nothing
        blocks = tuple(self.env.block_manager.take_updates())
        if isinstance(error, TaskKilled):
            return messages.TaskFailed(
                description.task_id, b"", "TaskKilled", "", "", None, blocks, metrics, killed=True
            )
        if isinstance(error, FetchFailed):
            return messages.TaskFailed(
                description.task_id,
                b"",
                "FetchFailed",
                error.reason,
                "",
                None,
                blocks,
                metrics,
                fetch_failure=(
                    error.shuffle_id,
                    error.map_id,
                    error.reduce_id,
                    error.executor_id,
                    error.reason,
                ),
                also_lost=error.also_lost,
            )
        failure = explain_failure(error)
        return messages.TaskFailed(
            description.task_id,
            _pickle_error(error),
            f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins."),
            _text(error),
            failure.traceback,
            failure.element,
            blocks,
            metrics,
            certain=isinstance(error, CertainFailure),
        )


class _CollectorClock:
    """Counts the nanoseconds that the garbage collector has taken in this process."""

    def __init__(self) -> None:
        self.nanoseconds = 0
        self._started = 0
        gc.callbacks.append(self)

    def __call__(self, phase: str, info: Mapping[str, int]) -> None:
        now = time.monotonic_ns()
        if phase == "start":
            self._started = now
        else:
            self.nanoseconds += now - self._started


def _milliseconds_since(start_ns: int) -> int:
    return (time.monotonic_ns() - start_ns) // 1_000_000


def _pickle_error(error: BaseException) -> bytes:
    try:
        return messages.pickle_by_value(error)
    except Exception:
        return b""


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return f"<{type(error).__name__} whose text cannot be made>"


def _several(slots: Sequence[Mapping[str, tuple[str, ...]]], name: str) -> list[str]:
    """Return the different addresses of a resource that some slots have."""
    return list(dict.fromkeys(address for slot in slots for address in slot[name]))
