"""JobLoop: the one thread that feeds the state machines and carries out what they say.

    threads of the driver ──post()──> inbox ┐
                                            ├──> DAGScheduler ──instructions──> TaskScheduler
    workers ──SchedulerBackend.poll()───────┘          │                             │
                                                  waiters, bus              backend.launch / kill

All decisions are in the pure modules; all effects on the backend happen in this thread.
"""

from __future__ import annotations

import itertools
import logging
import pickle
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from pyrite.core import events
from pyrite.core.errors import SparkException
from pyrite.core.events import now_ms
from pyrite.core.executor import messages
from pyrite.core.executor.messages import TaskBinary, TaskDescription, read_result
from pyrite.core.scheduler import backend as backend_events
from pyrite.core.scheduler import dag_events as dag
from pyrite.core.scheduler import task_scheduler as tasks
from pyrite.core.scheduler.allocation import ExecutorAllocationManager
from pyrite.core.scheduler.backend import SchedulerBackend
from pyrite.core.scheduler.cached_blocks import CachedBlocks
from pyrite.core.scheduler.closure import pickle_partition, pickle_task
from pyrite.core.scheduler.dag_scheduler import DAGScheduler
from pyrite.core.scheduler.job import AnyJob, JobWaiter
from pyrite.core.scheduler.stage import TaskSet
from pyrite.core.scheduler.task import ProfiledTask, ShuffleMapTask
from pyrite.core.scheduler.task_request import TaskResources
from pyrite.core.shuffle import MapOutputTracker, MapStatus
from pyrite.core.storage import BlockUpdate

if TYPE_CHECKING:
    from pyspark.profiler import Profiler

__all__ = ["JobLoop"]

logger = logging.getLogger(__name__)

#: A full disk or a broken network must not keep the interpreter from ending.
_JOIN_SECONDS = 15.0


class JobLoop:
    """Runs jobs.

    Args:
        backend: Where tasks run.
        policy: The settings that decide about tasks.
        map_outputs: The driver's table of map outputs.
        bus: Where listeners hear of everything.
        merge_accumulators: Adds a successful task's updates to the driver's accumulators.
        added_files: Returns what the program has added to the application.
        allocation: Decides the number of executors; None when it is fixed.
        speculation_interval: Seconds between looks for stragglers; None for never.
        max_stage_attempts: Attempts in a row a stage may lose to missing map outputs.
        profiler_for: Returns the profiler of an RDD's tasks; None when none are wanted.
        resources: What an executor has for its tasks.
        executor_cores: Tasks an executor runs at once, as listeners are told.
        storage_memory: Bytes an executor may use for cached blocks, as listeners are told.
    """

    def __init__(
        self,
        backend: SchedulerBackend,
        *,
        policy: tasks.TaskPolicy,
        map_outputs: MapOutputTracker,
        bus: events.ListenerBus,
        merge_accumulators: Callable[[Mapping[int, Any]], None],
        added_files: Callable[[], messages.AddedFiles],
        allocation: ExecutorAllocationManager | None = None,
        speculation_interval: float | None = None,
        max_stage_attempts: int = 4,
        profiler_for: Callable[[int], Profiler] | None = None,
        resources: TaskResources | None = None,
        executor_cores: int = 1,
        storage_memory: int = 0,
    ) -> None:
        self.cached_blocks = CachedBlocks()
        self._backend = backend
        self._map_outputs = map_outputs
        self._bus = bus
        self._merge_accumulators = merge_accumulators
        self._added_files = added_files
        self._allocation = allocation
        self._speculation_interval = speculation_interval
        self._profiler_for = profiler_for
        self._executor_cores = executor_cores
        self._storage_memory = storage_memory
        self._dag = DAGScheduler(
            map_outputs, self.cached_blocks.locations, now_ms, max_stage_attempts, resources
        )
        self._tasks = tasks.TaskScheduler(policy)
        self._waiters: dict[int, JobWaiter] = {}
        self._binaries: dict[tuple[int, int], TaskBinary] = {}
        self._binary_ids = itertools.count()
        self._job_ids = itertools.count()
        self._executors: dict[str, set[str]] = {}
        #: How many executors the backend was last asked for.
        self._requested = None if allocation is None else allocation.target
        #: Executors that were told to end.
        self._leaving: set[str] = set()
        self._timers: list[tuple[float, dag.SchedulerEvent]] = []
        self._next_speculation = 0.0
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._todo: deque[Any] = deque()
        self._stopping = False
        self._dead: BaseException | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="pyrite-job-loop", daemon=True)

    # ----------------------------------------------------------------------- from any thread

    def start(self) -> None:
        """Start the backend and the thread."""
        self._backend.start()
        self._thread.start()

    def submit(
        self,
        make_job: Callable[[int], AnyJob],
        on_result: Callable[[int, Any], None] | None = None,
    ) -> JobWaiter:
        """Submit a job.

        Args:
            make_job: Makes the job once its id is known.
            on_result: See ``JobWaiter``.

        Raises:
            SparkException: If the scheduler has ended.
        """
        job = make_job(next(self._job_ids))
        waiter = JobWaiter(
            job,
            lambda: self.cancel(lambda other: other is job, "by its caller"),
            on_result,
        )
        with self._lock:
            if self._dead is not None:
                raise SparkException(f"The scheduler has ended: {self._dead}")
            self._waiters[job.job_id] = waiter
        self.tell(dag.JobSubmitted(job))
        return waiter

    def cancel(self, select: Callable[[AnyJob], bool], reason: str) -> None:
        """Cancel jobs: stop their running tasks, and raise in the threads that wait for them."""
        self.tell(dag.JobsCancelled(select, reason))

    def tell(self, event: dag.SchedulerEvent) -> None:
        """Hand an event to the DAG scheduler."""
        self.call(lambda: self._todo.extend(self._dag.handle(event)))

    def call(self, action: Callable[[], None]) -> None:
        """Run an action in the loop's thread, soon."""
        self._inbox.put(action)
        self._backend.wake()

    def remove_rdd(self, rdd_id: int) -> None:
        """Drop an RDD's cached blocks everywhere."""

        def remove() -> None:
            self.cached_blocks.remove_rdd(rdd_id)
            self._backend.tell_all(messages.DropRdd(rdd_id))
            self._bus.post(events.SparkListenerUnpersistRDD(rdd_id))

        self.call(remove)

    def remove_shuffle(self, shuffle_id: int) -> None:
        """Forget a shuffle and delete its map outputs."""

        def remove() -> None:
            if self._map_outputs.contains(shuffle_id):
                self._map_outputs.unregister_shuffle(shuffle_id)
                self._backend.remove_shuffle(shuffle_id)

        self.call(remove)

    def remove_copies(self, path: str) -> None:
        """Delete what other machines keep of a scratch file of the driver."""
        self.call(lambda: self._backend.remove_copies(path))

    def stop(self) -> None:
        """Cancel all jobs, end the workers, and wait for the thread."""

        def stop() -> None:
            self._todo.extend(
                self._dag.handle(
                    dag.JobsCancelled(lambda job: True, "because SparkContext was shut down")
                )
            )
            self._stopping = True

        self.call(stop)
        if self._thread.ident is None:  # starting failed, and what had started must end too
            self._backend.stop()
        else:
            self._thread.join(_JOIN_SECONDS)

    # --------------------------------------------------------------------------------- the loop

    def _run(self) -> None:
        failure: BaseException | None = None
        try:
            while not self._stopping:
                self._step()
        except BaseException as error:  # a bug here must end waiting threads, not hang them
            logger.exception("the scheduler failed")
            failure = error
        with self._lock:
            self._dead = failure or SparkException("SparkContext was stopped")
            waiters = list(self._waiters.values())
        for waiter in waiters:
            waiter.finish(SparkException(f"The scheduler has ended: {self._dead}"))
        self._backend.stop()

    def _step(self) -> None:
        while not self._inbox.empty():
            self._inbox.get()()
            self._work_off()
        self._ring_timers()
        self._todo.extend(self._tasks.assign(time.monotonic(), now_ms()))
        self._work_off()
        self._allocate()
        for event in self._backend.poll(self._patience()):
            _ON_EVENT[type(event)](self, event)
            self._work_off()

    def _work_off(self) -> None:
        while self._todo:
            instruction = self._todo.popleft()
            _CARRY_OUT[type(instruction)](self, instruction)
        self._forget_binaries()

    def _patience(self) -> float | None:
        """Return how long nothing needs to be done, if nothing happens."""
        if self._stopping or not self._inbox.empty():
            return 0
        times = [due for due, _ in self._timers]
        if (waiting := self._tasks.wakes_at()) is not None:
            times.append(waiting)
        if self._speculation_interval is not None and self._tasks.running:
            times.append(self._next_speculation)
        if self._allocation is not None:
            deadline = self._allocation.wakes_at(self._cached_executors())
            times += [] if deadline is None else [deadline]
        return max(min(times) - time.monotonic(), 0) if times else None

    def _ring_timers(self) -> None:
        now = time.monotonic()
        due = [event for at, event in self._timers if at <= now]
        self._timers = [(at, event) for at, event in self._timers if at > now]
        for event in due:
            self._todo.extend(self._dag.handle(event))
        self._work_off()
        if self._speculation_interval is not None and now >= self._next_speculation:
            self._next_speculation = now + self._speculation_interval
            self._todo.extend(self._tasks.find_stragglers(now))

    # ---------------------------------------------------------------------- what workers report

    def _worker_ready(self, event: backend_events.WorkerReady) -> None:
        worker = event.worker
        known = self._executors.setdefault(worker.executor_id, set())
        if not known:
            self._announce_executor(worker)
        known.add(worker.worker_id)
        self._tasks.worker_ready(worker)
        if worker.executor_id in self._leaving:
            self._tasks.retire(worker.executor_id)

    def _announce_executor(self, worker: tasks.Worker) -> None:
        where = events.BlockManagerId(worker.executor_id, worker.host)
        info = events.ExecutorInfo(worker.host, self._executor_cores)
        self._bus.post(events.SparkListenerExecutorAdded(now_ms(), worker.executor_id, info))
        self._bus.post(events.SparkListenerBlockManagerAdded(where, self._storage_memory, now_ms()))

    def _worker_lost(self, event: backend_events.WorkerLost) -> None:
        worker = self._tasks.workers.get(event.worker_id)
        self.cached_blocks.worker_lost(event.worker_id)
        if not event.expected:
            logger.warning("Lost worker %s: %s", event.worker_id, event.reason)
        lost = self._tasks.worker_lost(
            event.worker_id, event.reason, now_ms(), by_task=event.by_task and not event.expected
        )
        self._todo.extend(lost)
        if worker is None:
            return
        members = self._executors[worker.executor_id]
        members.discard(event.worker_id)
        if event.executor_gone and not members:
            del self._executors[worker.executor_id]
            self._leaving.discard(worker.executor_id)
            self._bus.post(
                events.SparkListenerExecutorRemoved(now_ms(), worker.executor_id, event.reason)
            )

    def _node_lost(self, event: backend_events.NodeLost) -> None:
        logger.warning("Lost the machine of %s: %s", event.location, event.reason)
        self._todo.extend(self._dag.handle(dag.OutputsLost(event.location)))

    def _decommissioned(self, event: backend_events.ExecutorsDecommissioned) -> None:
        names = ", ".join(event.executor_ids)
        logger.warning("Executors %s get no more tasks: %s", names, event.reason)
        self._retire(event.executor_ids)
        for executor_id in event.executor_ids:
            for worker_id in self._executors.get(executor_id, ()):
                self.cached_blocks.worker_lost(worker_id)  # no task will meet them again

    def _no_executors(self, event: backend_events.NoExecutors) -> None:
        logger.warning("There are no executors: %s", event.reason)
        self.cancel(lambda job: True, f"because {event.reason}")

    def _message_received(self, event: backend_events.MessageReceived) -> None:
        _ON_MESSAGE[type(event.message)](self, event.worker_id, event.message)

    def _blocks_changed(self, worker_id: str, updates: tuple[BlockUpdate, ...]) -> None:
        worker = self._tasks.workers[worker_id]
        if worker.executor_id not in self._leaving:
            self.cached_blocks.update(worker_id, updates)
        for update in updates:
            info = events.BlockUpdatedInfo(
                events.BlockManagerId(worker.executor_id, worker.host),
                str(update.block_id),
                update.level,
                update.memory_size,
                update.disk_size,
            )
            self._bus.post(events.SparkListenerBlockUpdated(info))

    def _blocks_moved(self, worker_id: str, message: messages.BlocksMoved) -> None:
        if message.worker_id in self._tasks.workers:
            self._backend.tell(message.worker_id, messages.AdoptBlocks(message.blocks))
            self._blocks_changed(message.worker_id, message.blocks)

    def _task_succeeded(self, worker_id: str, message: messages.TaskSucceeded) -> None:
        self._blocks_changed(worker_id, message.blocks)
        key = self._tasks.running.get(message.task_id)
        if key is None:
            return
        result: MapStatus | bytes | messages.LargeResult = message.result
        if isinstance(self._tasks.managers[key].task_set.task, ShuffleMapTask):
            result = read_result(message.result)
        self._todo.extend(self._tasks.succeeded(message, result, time.monotonic(), now_ms()))

    def _task_failed(self, worker_id: str, message: messages.TaskFailed) -> None:
        self._blocks_changed(worker_id, message.blocks)
        self._todo.extend(self._tasks.failed(message, now_ms()))

    def _task_progressed(self, worker_id: str, message: messages.TaskProgress) -> None:
        self._todo.extend(self._tasks.progressed(message))

    def _barrier_arrived(self, worker_id: str, message: messages.BarrierArrived) -> None:
        self._todo.extend(self._tasks.arrived(message.task_id, message.message))

    # ------------------------------------------------------------------------- what is to be done

    def _submit_task_set(self, do: dag.SubmitTaskSet) -> None:
        task_set = do.task_set
        task = task_set.task
        if self._profiler_for is not None:
            task = ProfiledTask(task, self._profiler_for(task.rdd.id()))
        try:
            binary = TaskBinary(
                next(self._binary_ids), pickle_task(task), self._pickle_reads(task_set)
            )
        except Exception as error:
            failure = dag.TaskSetUnsendable(task_set.stage_id, task_set.attempt, error)
            self._todo.extend(self._dag.handle(failure))
            return
        self._binaries[task_set.stage_id, task_set.attempt] = binary
        self._tasks.submit(task_set)

    def _pickle_reads(self, task_set: TaskSet) -> bytes:
        return pickle.dumps(
            {shuffle_id: self._map_outputs.statuses(shuffle_id) for shuffle_id in task_set.reads},
            pickle.HIGHEST_PROTOCOL,
        )

    def _launch_task(self, do: tasks.LaunchTask) -> None:
        task_set = do.task_set
        try:
            partition = pickle_partition(do.spec.partition)
        except pickle.PicklingError as error:
            self._give_back(do)
            failure = dag.TaskSetUnsendable(task_set.stage_id, task_set.attempt, error)
            self._todo.extend(self._dag.handle(failure))
            return
        description = TaskDescription(
            task_id=do.task_id,
            attempt=do.attempt,
            stage_id=task_set.stage_id,
            stage_attempt=task_set.attempt,
            binary_id=self._binaries[task_set.stage_id, task_set.attempt].binary_id,
            index=do.spec.partition.index,
            partition=partition,
            properties=task_set.properties,
            cpus=task_set.request.cpus,
            resources=task_set.request.resources,
            beside=do.beside,
            barrier_addresses=do.barrier_addresses,
            added_files=self._added_files(),
        )
        binary = self._binaries[task_set.stage_id, task_set.attempt]
        self._backend.launch(do.worker_id, description, binary)

    def _give_back(self, do: tasks.LaunchTask) -> None:
        """Free the worker of a task that was never sent to it."""
        unsent = messages.TaskFailed(
            do.task_id, b"", "", "", "", None, (), events.TaskMetrics(), killed=True
        )
        self._todo.extend(self._tasks.failed(unsent, now_ms()))

    def _cancel_task_set(self, do: dag.CancelTaskSet) -> None:
        self._todo.extend(self._tasks.cancel(do.stage_id, do.reason))

    def _replace_executors(self, do: tasks.ReplaceExecutors) -> None:
        present = [name for name in do.executor_ids if name in self._executors]
        self._retire(present)
        self._backend.kill_executors(present, replace=True)

    def _retire(self, executor_ids: Collection[str]) -> None:
        """Give no more tasks to executors on their way out."""
        self._leaving.update(executor_ids)
        for executor_id in executor_ids:
            self._tasks.retire(executor_id)

    def _release_barrier(self, do: tasks.ReleaseBarrier) -> None:
        self._backend.tell(do.worker_id, messages.BarrierReleased(do.messages, do.broken))

    def _deliver_result(self, do: dag.DeliverResult) -> None:
        self._waiters[do.job_id].deliver(do.position, do.result)

    def _finish_job(self, do: dag.FinishJob) -> None:
        with self._lock:
            waiter = self._waiters.pop(do.job_id)
        waiter.finish(do.error)

    def _call_later(self, do: dag.CallLater) -> None:
        self._timers.append((time.monotonic() + do.seconds, do.event))

    def _forget_binaries(self) -> None:
        over = [key for key in self._binaries if key not in self._tasks.managers]
        if over:
            ids = tuple(self._binaries.pop(key).binary_id for key in over)
            self._backend.tell_all(messages.ForgetBinaries(ids))

    # --------------------------------------------------------------------------------- executors

    def _cached_executors(self) -> set[str]:
        return {worker_id.partition("/")[0] for worker_id in self.cached_blocks.workers()}

    def _allocate(self) -> None:
        if self._allocation is None:
            return
        busy = {self._tasks.workers[worker_id].executor_id for worker_id in self._tasks.worker_of()}
        staying = self._executors.keys() - self._leaving
        wanted, ended = self._allocation.update(
            time.monotonic(),
            waiting=self._tasks.backlog(),
            running=self._tasks.slots_taken(),
            idle=staying - busy,
            cached=self._cached_executors(),
            executors=len(staying),
        )
        if ended:
            self._retire(ended)
            self._backend.kill_executors(ended)
        if wanted != self._requested:
            self._requested = wanted
            self._backend.request_executors(wanted)


_ON_EVENT: dict[type, Callable[[JobLoop, Any], None]] = {
    backend_events.WorkerReady: JobLoop._worker_ready,
    backend_events.WorkerLost: JobLoop._worker_lost,
    backend_events.NodeLost: JobLoop._node_lost,
    backend_events.ExecutorsDecommissioned: JobLoop._decommissioned,
    backend_events.OutputsMoved: lambda loop, event: loop._todo.extend(
        loop._dag.handle(dag.OutputsMoved(event.location, event.moved))
    ),
    backend_events.NoExecutors: JobLoop._no_executors,
    backend_events.MessageReceived: JobLoop._message_received,
}

_ON_MESSAGE: dict[type, Callable[[JobLoop, str, Any], None]] = {
    messages.TaskSucceeded: JobLoop._task_succeeded,
    messages.TaskFailed: JobLoop._task_failed,
    messages.TaskProgress: JobLoop._task_progressed,
    messages.BarrierArrived: JobLoop._barrier_arrived,
    messages.BlocksMoved: JobLoop._blocks_moved,
}

#: What each instruction of the state machines comes to.
_CARRY_OUT: dict[type, Callable[[JobLoop, Any], None]] = {
    dag.Announce: lambda loop, do: loop._bus.post(do.event),
    dag.SubmitTaskSet: JobLoop._submit_task_set,
    dag.AbandonTaskSet: lambda loop, do: loop._tasks.abandon(do.stage_id, do.attempt),
    dag.CancelTaskSet: JobLoop._cancel_task_set,
    dag.DeliverResult: JobLoop._deliver_result,
    dag.MergeAccumulators: lambda loop, do: loop._merge_accumulators(do.updates),
    dag.FinishJob: JobLoop._finish_job,
    dag.CallLater: JobLoop._call_later,
    tasks.LaunchTask: JobLoop._launch_task,
    tasks.KillTask: lambda loop, do: loop._backend.kill_task(do.worker_id, do.task_id),
    tasks.ReleaseBarrier: JobLoop._release_barrier,
    tasks.ReplaceExecutors: JobLoop._replace_executors,
    tasks.Tell: lambda loop, do: loop._todo.extend(loop._dag.handle(do.event)),
}
