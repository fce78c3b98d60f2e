"""Application: everything that runs on behalf of one SparkContext, from its start to its stop.

It owns the scratch directory, the workers, the scheduler's thread, the listeners and the added
files, starts them in order and leaves nothing behind. ``SparkContext`` is its public face.
"""

from __future__ import annotations

import atexit
import contextlib
import getpass
import os
import socket
import threading
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pyspark.resource import ResourceInformation

from pyrite.core import events
from pyrite.core.conf import ConfigEntry, parse_bool
from pyrite.core.env import SparkEnv
from pyrite.core.errors import SparkException
from pyrite.core.events.local_properties import CALL_SITE
from pyrite.core.executor.messages import AddedFiles
from pyrite.core.hadoop.storage_options import use_settings
from pyrite.core.local_dirs import make_local_dirs
from pyrite.core.network import Network
from pyrite.core.rdd.call_site import call_site
from pyrite.core.rdd.dependency import ShuffleDependency
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.scheduler.allocation import ExecutorAllocationManager
from pyrite.core.scheduler.backends import choose_backend
from pyrite.core.scheduler.job import Job, JobWaiter, MapStageHandle, MapStageJob
from pyrite.core.scheduler.job_loop import JobLoop
from pyrite.core.scheduler.job_properties import JobProperties
from pyrite.core.scheduler.master import ClusterShape, parse_master
from pyrite.core.scheduler.resources import discover
from pyrite.core.scheduler.settings import SchedulerSettings
from pyrite.core.scheduler.task import PartitionFunction
from pyrite.core.shared import accumulator
from pyrite.core.shared.files import SparkFiles, UserFiles
from pyrite.core.shuffle import MapOutputTracker
from pyrite.core.storage import BlockManager
from pyrite.core.ui.environment import environment_update
from pyrite.core.ui.listeners import Listeners

if TYPE_CHECKING:
    from pyspark.profiler import Profiler
    from pyspark.resource import ResourceProfile

    from pyrite.core.scheduler.backend import SchedulerBackend

__all__ = ["Application"]

_OVERWRITE_FILES = ConfigEntry("spark.files.overwrite", "false", parse_bool)
_NO_BARRIER = (
    "[SPARK-24942]: Barrier execution mode does not support dynamic resource allocation for now. "
    "You can disable dynamic resource allocation by setting Spark conf "
    '"spark.dynamicAllocation.enabled" to "false".'
)
_EXECUTOR_ENVIRONMENT = "spark.executorEnv."


class Application:
    """A running application.

    Args:
        conf: Its settings; ``spark.master`` and ``spark.app.name`` are among them.
        environment: Extra environment variables for workers.
        profiler_for: Returns the profiler of an RDD's tasks; None when none are wanted.

    Raises:
        SparkException: If the master cannot be used.
        SparkIllegalArgumentException: If a setting cannot be used; the message names it.
    """

    def __init__(
        self,
        conf: Mapping[str, str],
        environment: Mapping[str, str],
        profiler_for: Callable[[int], Profiler] | None = None,
    ) -> None:
        master, make_backend = choose_backend(parse_master(conf["spark.master"]), conf)
        # All settings are read before anything is made: a bad one leaves nothing to be undone.
        scheduling = SchedulerSettings.of(conf, master)
        executors = scheduling.executors
        overwrite_files = _OVERWRITE_FILES.read(conf)
        self._listeners = Listeners(conf)
        self.status, self.bus = self._listeners.status, self._listeners.bus
        self.start_time = events.now_ms()
        self.application_id = _application_id(self.start_time, master.in_driver)
        self.conf = {**conf, "spark.app.id": self.application_id}
        self.resources = _resources_of_driver(conf)
        self.properties = JobProperties()
        #: What the program has set among Hadoop's settings; workers that run already learn it
        #: from the properties of the jobs that follow.
        self._hadoop_changes: dict[str, str] = {}
        #: What executors there are to be; None where the driver is the only one.
        self.cluster_shape = (
            None if master.in_driver else ClusterShape(master.executors, master.cores)
        )
        cores = executors.slots * master.executors
        # On clusters Spark cuts data in two at least.
        self.default_parallelism = _default_parallelism(
            conf, max(cores, 1 if master.in_driver else 2)
        )
        self.local_dirs = make_local_dirs(conf, self.application_id)
        self.files = UserFiles(os.path.join(self.local_dirs.first, "files"), overwrite_files)
        self.map_outputs = MapOutputTracker()
        self._pid = os.getpid()
        #: RDDs whose lineage needs no more preparation.
        self._planned: weakref.WeakSet[BaseRDD] = weakref.WeakSet()
        #: Shuffles whose map outputs are deleted once nothing refers to them.
        self._to_be_cleaned: weakref.WeakSet[ShuffleDependency] = weakref.WeakSet()
        self._has_dynamic_allocation = scheduling.allocation is not None
        self._stopped = False
        self._before_stop: list[Callable[[], None]] = []
        self._environment = {**_executor_environment(conf), **environment}
        backend = make_backend(
            executors,
            application_id=self.application_id,
            conf=self.conf,
            local_dirs=self.local_dirs,
            environment=self._environment,
            heartbeat=scheduling.heartbeat,
        )
        self._task_resources = scheduling.resources
        self._loop = self._make_loop(backend, scheduling, profiler_for)
        try:
            self._start(executors.storage_memory, executors.aggregation_memory)
        except BaseException:
            self.stop()
            raise

    def _make_loop(
        self,
        backend: SchedulerBackend,
        scheduling: SchedulerSettings,
        profiler_for: Callable[[int], Profiler] | None,
    ) -> JobLoop:
        executors, allocation = scheduling.executors, scheduling.allocation
        return JobLoop(
            backend,
            policy=scheduling.tasks,
            map_outputs=self.map_outputs,
            bus=self.bus,
            merge_accumulators=accumulator.merge_updates,
            added_files=lambda: AddedFiles(self.files.version, tuple(self.files.python_path())),
            allocation=ExecutorAllocationManager(allocation) if allocation else None,
            speculation_interval=scheduling.speculation_interval,
            max_stage_attempts=scheduling.max_stage_attempts,
            profiler_for=profiler_for,
            resources=scheduling.resources,
            executor_cores=executors.slots,
            storage_memory=executors.storage_memory * executors.slots,
        )

    def _start(self, storage_memory: int, aggregation_memory: int) -> None:
        SparkEnv.set(
            SparkEnv(
                conf=self.conf,
                executor_id="driver",
                host=socket.gethostname(),
                local_dirs=self.local_dirs,
                block_manager=BlockManager(storage_memory, *self.local_dirs.blocks_of("driver")),
                network=Network.of_one_machine(self.local_dirs.first),
                map_output_tracker=self.map_outputs,
                memory_limit=aggregation_memory,
            )
        )
        SparkFiles._use(self.files.root)
        self._listeners.start(self.application_id, self.conf)
        self._loop.start()
        atexit.register(self.stop)
        self._announce_start()

    def _announce_start(self) -> None:
        self.bus.post(environment_update(self.conf))
        self.bus.post(
            events.SparkListenerApplicationStart(
                self.conf["spark.app.name"],
                self.application_id,
                self.start_time,
                getpass.getuser(),
            )
        )

    @property
    def web_url(self) -> str | None:
        """The address of the status page, or None when ``spark.ui.enabled`` is false."""
        return self._listeners.url

    @property
    def is_stopped(self) -> bool:
        """Whether it has ended."""
        return self._stopped

    def on_stop(self, close: Callable[[], None]) -> None:
        """Have ``close`` called when the application ends, while all of it is still there."""
        self._before_stop.append(close)

    def stop_first_at_exit(self) -> None:
        """End before whatever has asked so far to be called at the program's end.

        A library loaded meanwhile may wait there for work that goes on until this ends.
        """
        # At the program's end itself, what is registered is called no more.
        if threading.main_thread().is_alive():
            atexit.unregister(self.stop)
            atexit.register(self.stop)

    def stop(self) -> None:
        """Cancel what runs, end every process, finish the logs, delete the scratch directory."""
        if self._stopped or os.getpid() != self._pid:  # a forked child owns nothing of it
            return
        self._stopped = True
        atexit.unregister(self.stop)
        for close in reversed(self._before_stop):
            with contextlib.suppress(Exception):  # the rest must end whatever happens
                close()
        self._loop.stop()
        self.bus.post(events.SparkListenerApplicationEnd(events.now_ms()))
        self._listeners.stop()
        SparkFiles._use(None)
        SparkEnv.set(None)
        self.local_dirs.remove()

    # -------------------------------------------------------------------------------------- jobs

    def submit(
        self,
        rdd: BaseRDD,
        function: PartitionFunction,
        partitions: Sequence[int] | None = None,
        on_result: Callable[[int, Any], None] | None = None,
    ) -> JobWaiter:
        """Submit a job and return at once.

        Args:
            rdd: Whose partitions to compute.
            function: What to compute of each.
            partitions: Which of them; all by default.
            on_result: Called with each position and value as it comes, while waiting.

        Raises:
            SparkException: If the application has ended, or there is no such partition.
        """
        self.check_running()
        count = len(rdd.partitions)
        wanted = tuple(range(count)) if partitions is None else tuple(partitions)
        for index in wanted:
            if not 0 <= index < count:
                raise SparkException(
                    f"Attempting to access a non-existent partition: {index}. "
                    f"Total number of partitions: {count}"
                )
        self._plan(rdd)
        properties, site = self._circumstances()
        return self._loop.submit(
            lambda job_id: Job(job_id, rdd, function, wanted, properties, site), on_result
        )

    def submit_map_stage(self, dependency: ShuffleDependency) -> MapStageHandle:
        """Submit a job that writes the map outputs of a shuffle, and return at once.

        Raises:
            SparkException: If the application has ended.
        """
        self.check_running()
        self._plan(dependency.rdd)
        self._clean_up_after(dependency)
        properties, site = self._circumstances()
        return MapStageHandle(
            self._loop.submit(lambda job_id: MapStageJob(job_id, dependency, properties, site))
        )

    def _circumstances(self) -> tuple[dict[str, str], str]:
        """Return the properties of a job that this thread submits, and where it does so."""
        properties = {**self.properties.snapshot(), **self._hadoop_changes}
        return properties, properties.get(CALL_SITE) or call_site()

    def check_profile(self, profile: ResourceProfile) -> None:
        """Refuse a resource profile that no executor can meet.

        Raises:
            SparkException: If it is one; the message says what is missing.
        """
        self._task_resources.check(profile)

    def set_hadoop(self, key: str, value: str | None) -> None:
        """Change one of Hadoop's settings for what is read and written from now on.

        Args:
            key: Its name, with ``spark.hadoop.`` before it.
            value: Its text; None for Hadoop's default.
        """
        if value is None:
            self.conf.pop(key, None)
            self._hadoop_changes.pop(key, None)
        else:
            self.conf[key] = self._hadoop_changes[key] = value
        use_settings(self.conf)

    def _plan(self, rdd: BaseRDD) -> None:
        """Lay out the partitions of a lineage, and have its shuffles cleaned up in the end.

        An RDD that was planned before, and with it all it is computed from, is passed over.

        Raises:
            SparkException: If there is a barrier stage and executors come and go.
        """
        pending = [rdd]
        planned: set[BaseRDD] = set()
        while pending:
            node = pending.pop()
            if node in planned or node in self._planned:
                continue
            if node.is_barrier and self._has_dynamic_allocation:
                raise SparkException(_NO_BARRIER)
            planned.add(node)
            node.partitions  # noqa: B018 (laid out here, where an error meets its user)
            node.prepare()
            for dependency in node.dependencies:
                pending.append(dependency.rdd)
                if isinstance(dependency, ShuffleDependency):
                    self._clean_up_after(dependency)
        self._planned.update(planned)

    def _clean_up_after(self, dependency: ShuffleDependency) -> None:
        """Have a shuffle's map outputs deleted when nothing refers to it any more."""
        if dependency not in self._to_be_cleaned:
            self._to_be_cleaned.add(dependency)
            shuffle_id = dependency.handle.shuffle_id
            weakref.finalize(dependency, self.clean_shuffle, shuffle_id).atexit = False

    def run(
        self,
        rdd: BaseRDD,
        function: PartitionFunction,
        partitions: Sequence[int] | None = None,
        on_result: Callable[[int, Any], None] | None = None,
    ) -> list[Any]:
        """Submit a job and wait for its results, in the order of the partitions."""
        try:
            return self.submit(rdd, function, partitions, on_result).result()
        finally:
            self._listeners.clear_progress()

    def cancel_jobs(self, select: Callable[[Mapping[str, str]], bool], reason: str) -> None:
        """Cancel the running jobs whose properties ``select`` accepts."""
        self.check_running()
        self._loop.cancel(lambda job: select(job.properties), reason)

    def check_running(self) -> None:
        """Raise if the application has ended, or belongs to another process.

        Raises:
            SparkException: If it has or does.
        """
        if os.getpid() != self._pid:
            raise SparkException(
                f"This SparkContext belongs to process {self._pid}, from which this process "
                f"{os.getpid()} was forked. Use it there, or start the process with the method "
                "'spawn' and create a SparkContext in it."
            )
        if self._stopped:
            raise SparkException(
                "Cannot call methods on a stopped SparkContext. Create a new one with "
                "SparkContext() or SparkContext.getOrCreate()."
            )

    # ------------------------------------------------------------------------- what jobs leave

    def unpersist(self, rdd_id: int) -> None:
        """Drop an RDD's cached blocks everywhere."""
        if not self._stopped:
            self._loop.remove_rdd(rdd_id)

    def clean_shuffle(self, shuffle_id: int) -> None:
        """Forget a shuffle and delete its map outputs."""
        if not self._stopped:
            self._loop.remove_shuffle(shuffle_id)

    def remove_copies(self, path: str) -> None:
        """Delete what other machines keep of a scratch file of the driver."""
        if not self._stopped:
            self._loop.remove_copies(path)


def _application_id(start_time: int, in_driver: bool) -> str:
    """Return an id as Spark makes it: of local mode, or of the standalone cluster's."""
    if in_driver:
        return f"local-{start_time}"
    started = time.strftime("%Y%m%d%H%M%S", time.localtime(start_time / 1000))
    return f"app-{started}-{start_time % 1000:04d}"


def _default_parallelism(conf: Mapping[str, str], cores: int) -> int:
    return ConfigEntry("spark.default.parallelism", str(cores), int).read(conf)


def _resources_of_driver(conf: Mapping[str, str]) -> dict[str, ResourceInformation]:
    return {
        name: ResourceInformation(name, list(addresses))
        for name, addresses in discover(conf, "driver").items()
    }


def _executor_environment(conf: Mapping[str, str]) -> dict[str, str]:
    """Return the environment variables that settings give to workers.

    Where they do not say how many threads numerical libraries are to start, those of a task get
    as many as it has CPUs: one for each core in each worker would only be in the others' way.
    """
    given = {
        key.removeprefix(_EXECUTOR_ENVIRONMENT): value
        for key, value in conf.items()
        if key.startswith(_EXECUTOR_ENVIRONMENT)
    }
    return {"OMP_NUM_THREADS": conf.get("spark.task.cpus", "1"), **given}
