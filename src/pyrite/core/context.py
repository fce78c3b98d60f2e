"""SparkContext: where a program meets the engine.

The path of an action is on this page: ``RDD.collect`` calls ``SparkContext.run_job``, which hands
the lineage to the application's scheduler and waits for the results.
"""

from __future__ import annotations

import getpass
import logging
import os
import sys
import threading
import uuid
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from pyspark.profiler import (
    BasicProfiler,
    MemoryProfiler,
    Profiler,
    ProfilerCollector,
    UDFBasicProfiler,
)
from pyspark.version import __version__ as spark_version

from pyrite.core.application import Application
from pyrite.core.codegen import Sink
from pyrite.core.conf import ConfigEntry, SparkConf, parse_bool
from pyrite.core.errors import (
    PySparkRuntimeError,
    PySparkValueError,
    SparkIllegalArgumentException,
    not_expected_type,
)
from pyrite.core.hadoop.hadoop_conf import HADOOP_PREFIX
from pyrite.core.java_view import ContextView
from pyrite.core.job_control import JobControl
from pyrite.core.rdd.call_site import call_site
from pyrite.core.rdd.dependency import ShuffleDependency
from pyrite.core.rdd.input_methods import InputMethods
from pyrite.core.rdd.job_context import TaskFunction
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.parallel_collection import EmptyRDD, ParallelCollectionRDD
from pyrite.core.rdd.rdd import RDD
from pyrite.core.rdd.union import union_of
from pyrite.core.scheduler.job import JobWaiter, MapStageHandle
from pyrite.core.shared.accumulator import create_accumulator
from pyrite.core.shared.broadcast import Broadcast
from pyrite.core.task_context import TaskContext

if TYPE_CHECKING:
    from types import TracebackType

    from pyspark.accumulators import Accumulator, AccumulatorParam
    from pyspark.resource import ResourceInformation, ResourceProfile

    from pyrite.core.events.listener_bus import ListenerBus
    from pyrite.core.scheduler.master import ClusterShape
    from pyrite.core.shared.files import UserFiles

__all__ = ["SparkContext"]

T = TypeVar("T")
U = TypeVar("U")

_PROFILE = ConfigEntry("spark.python.profile", "false", parse_bool)
_PROFILE_MEMORY = ConfigEntry("spark.python.profile.memory", "false", parse_bool)
_LOG_LEVELS = {
    "ALL": 1,
    "TRACE": 5,
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERROR": logging.ERROR,
    "FATAL": logging.CRITICAL,
    "OFF": logging.CRITICAL + 10,
}


class SparkContext(JobControl, InputMethods):
    """The entry to RDDs: one per process, from creation to ``stop()``.

    Args:
        master: Where to run: ``local``, ``local[4]``, ``local[*]``, ``local[4,2]`` or
            ``local-cluster[2,1,1024]``; ``local[*]`` where nothing else says.
        appName: The application's name.
        sparkHome: Accepted for compatibility; Pyrite needs no installation directory.
        pyFiles: Python files and archives to give to workers.
        environment: Environment variables for workers.
        batchSize: Accepted for compatibility; batches are chosen by the engine.
        serializer: Accepted for compatibility; records are written as the engine sees fit.
        conf: Settings; ``master`` and ``appName`` override it.
        gateway: Accepted for compatibility; there is no JVM.
        jsc: Accepted for compatibility; there is no JVM.
        profiler_cls: Measures tasks when ``spark.python.profile`` is true.
        udf_profiler_cls: Measures user-defined functions of SQL.
        memory_profiler_cls: Measures the memory of user-defined functions of SQL.

    Raises:
        ValueError: If another context is running.
        PySparkRuntimeError: If this is a task.
        SparkException: If the master cannot be used.

    Example:
        >>> with SparkContext("local[2]", "example") as sc:  # doctest: +SKIP
        ...     sc.parallelize(range(4)).map(lambda x: x * x).collect()
        [0, 1, 4, 9]
    """

    _active_spark_context: ClassVar[SparkContext | None] = None
    _lock: ClassVar[threading.RLock] = threading.RLock()
    _system_properties: ClassVar[dict[str, str]] = {"SPARK_SUBMIT": "true"}
    _gateway = ContextView()
    _jvm = ContextView()
    _jsc = ContextView()

    PACKAGE_EXTENSIONS: Iterable[str] = (".zip", ".egg", ".jar")

    def __init__(
        self,
        master: str | None = None,
        appName: str | None = None,
        sparkHome: str | None = None,
        pyFiles: list[str] | None = None,
        environment: dict[str, Any] | None = None,
        batchSize: int = 0,
        serializer: Any = None,
        conf: SparkConf | None = None,
        gateway: Any = None,
        jsc: Any = None,
        profiler_cls: type[BasicProfiler] = BasicProfiler,
        udf_profiler_cls: type[UDFBasicProfiler] = UDFBasicProfiler,
        memory_profiler_cls: type[MemoryProfiler] = MemoryProfiler,
    ) -> None:
        _refuse_in_task()
        with SparkContext._lock:
            self._refuse_second()
            self._callsite = call_site()
            self._conf = _effective_conf(conf, master, appName, sparkHome)
            self.environment = {"PYTHONHASHSEED": "0", **(environment or {})}
            settings = dict(self._conf.getAll())
            self.profiler_collector = _profiler_collector(
                settings, profiler_cls, udf_profiler_cls, memory_profiler_cls
            )
            self._profilers: dict[int, Profiler] = {}
            self._application = Application(
                settings,
                {key: str(value) for key, value in (environment or {}).items()},
                None if self.profiler_collector is None else self._profiler_for,
            )
            SparkContext._active_spark_context = self
        self.master = settings["spark.master"]
        self.appName = settings["spark.app.name"]
        self.sparkHome = sparkHome
        self.pythonExec = os.environ.get("PYSPARK_PYTHON", "python3")
        self.pythonVer = f"{sys.version_info[0]}.{sys.version_info[1]}"
        self._conf.set("spark.app.id", self.applicationId)
        self._checkpoint_dir: str | None = None
        self._rdd_ids = _Counter()
        self._shuffle_ids = _Counter()
        self._persistent: weakref.WeakValueDictionary[int, BaseRDD] = weakref.WeakValueDictionary()
        self._add_configured_files(settings, pyFiles)

    def _add_configured_files(
        self, settings: Mapping[str, str], py_files: list[str] | None
    ) -> None:
        listed = {
            self.addPyFile: [*(py_files or []), *_paths(settings.get("spark.submit.pyFiles"))],
            self.addFile: _paths(settings.get("spark.files")),
            self.addArchive: _paths(settings.get("spark.archives")),
        }
        try:
            for add, paths in listed.items():
                for path in paths:
                    add(path)
        except BaseException:
            self.stop()
            raise

    def _profiler_for(self, rdd_id: int) -> Profiler:
        """Return the profiler that measures an RDD's tasks, made when they first run."""
        assert self.profiler_collector is not None
        if rdd_id not in self._profilers:
            profiler = self.profiler_collector.new_profiler(self)
            self.profiler_collector.add_profiler(rdd_id, profiler)
            self._profilers[rdd_id] = profiler
        return self._profilers[rdd_id]

    @classmethod
    def _refuse_second(cls) -> None:
        running = cls._active_spark_context
        if running is None:
            return
        method, _, where = running._callsite.partition(" at ")
        method = "__init__" if method == "SparkContext" else method
        raise ValueError(
            "Cannot run multiple SparkContexts at once; existing "
            f"SparkContext(app={running.appName}, master={running.master}) created by "
            f"{method} at {where} "
        )

    # ------------------------------------------------------------------------- life and identity

    def __repr__(self) -> str:
        return f"<SparkContext master={self.master} appName={self.appName}>"

    def _repr_html_(self) -> str:
        return (
            "<div><p><b>SparkContext</b></p><dl>"
            f"<dt>Version</dt><dd><code>v{self.version}</code></dd>"
            f"<dt>Master</dt><dd><code>{self.master}</code></dd>"
            f"<dt>AppName</dt><dd><code>{self.appName}</code></dd></dl></div>"
        )

    def __reduce__(self) -> Any:
        """Refuse to be pickled: a context means nothing inside a task.

        Raises:
            PySparkRuntimeError: Always.
        """
        raise _only_on_driver()

    def __enter__(self) -> SparkContext:
        """Return the context, for ``with SparkContext(...) as sc``."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the context at the end of a ``with`` block."""
        self.stop()

    @classmethod
    def getOrCreate(cls, conf: SparkConf | None = None) -> SparkContext:
        """Return the running context, or create one with ``conf``.

        Example:
            >>> SparkContext.getOrCreate() is SparkContext.getOrCreate()  # doctest: +SKIP
            True
        """
        with SparkContext._lock:
            return SparkContext._active_spark_context or SparkContext(conf=conf or SparkConf())

    def stop(self) -> None:
        """End the application: running jobs fail, workers end, scratch files go."""
        with SparkContext._lock:
            self._application.stop()
            if SparkContext._active_spark_context is self:
                SparkContext._active_spark_context = None

    def on_stop(self, close: Callable[[], None]) -> None:
        """Have ``close`` called when the context stops, while all of it is still there."""
        self._application.on_stop(close)

    def stop_first_at_exit(self) -> None:
        """Let the program's end stop the context before the libraries it uses end."""
        self._application.stop_first_at_exit()

    @property
    def is_stopped(self) -> bool:
        """Whether ``stop`` was called."""
        return self._application.is_stopped

    @property
    def version(self) -> str:
        """The version of Spark whose API this is."""
        return str(spark_version)

    @property
    def applicationId(self) -> str:
        """The application's unique id, such as ``local-1433865536131``."""
        return self._application.application_id

    @property
    def bus(self) -> ListenerBus:
        """Where the application's events are posted, and listeners added."""
        return self._application.bus

    @property
    def startTime(self) -> int:
        """When the context was started, in milliseconds since the epoch."""
        return self._application.start_time

    @property
    def uiWebUrl(self) -> str | None:
        """The address of the application's status page; None if ``spark.ui.enabled`` is false."""
        return self._application.web_url

    def sparkUser(self) -> str:
        """Return the name of the user who runs the application."""
        return os.environ.get("SPARK_USER") or getpass.getuser()

    def getConf(self) -> SparkConf:
        """Return a copy of the settings."""
        conf = SparkConf(loadDefaults=False)
        conf.setAll(self._conf.getAll())
        return conf

    @property
    def resources(self) -> dict[str, ResourceInformation]:
        """The driver's own resources, such as GPUs, by name."""
        return self._application.resources

    @property
    def defaultParallelism(self) -> int:
        """Number of partitions where neither the user nor the input decides."""
        return self._application.default_parallelism

    @property
    def defaultMinPartitions(self) -> int:
        """Least number of partitions of an input file where the user does not say."""
        return min(self.defaultParallelism, 2)

    @classmethod
    def setSystemProperty(cls, key: str, value: str) -> None:
        """Set a property that contexts created from now on take as a setting.

        Args:
            key: Such as ``spark.executor.memory``.
            value: Its text.
        """
        SparkContext._system_properties[key] = str(value)

    @classmethod
    def getSystemProperty(cls, key: str) -> str | None:
        """Return a property set by ``setSystemProperty``, or None."""
        return SparkContext._system_properties.get(key)

    def setLogLevel(self, logLevel: str) -> None:
        """Choose how much the engine logs; overrides the program's logging settings.

        Args:
            logLevel: ALL, DEBUG, ERROR, FATAL, INFO, OFF, TRACE or WARN.

        Raises:
            SparkIllegalArgumentException: If it is none of them.
        """
        level = _LOG_LEVELS.get(logLevel.upper())
        if level is None:
            raise SparkIllegalArgumentException(
                f"requirement failed: Supplied level {logLevel} did not match one of: "
                + ",".join(_LOG_LEVELS)
            )
        logging.getLogger("pyrite").setLevel(level)

    # ---------------------------------------------------------------------------- making RDDs

    def parallelize(self, c: Iterable[T], numSlices: int | None = None) -> RDD[T]:
        """Distribute a collection. A ``range`` is never written out.

        Args:
            c: The elements.
            numSlices: How many partitions; ``defaultParallelism`` by default.

        Example:
            >>> sc.parallelize([0, 2, 3, 4, 6], 5).glom().collect()
            [[0], [2], [3], [4], [6]]
        """
        count = self.defaultParallelism if numSlices is None else int(numSlices)
        return RDD(ParallelCollectionRDD(self.next_rdd_id(), c, count, self.local_dir), self)

    def range(
        self, start: int, end: int | None = None, step: int = 1, numSlices: int | None = None
    ) -> RDD[int]:
        """Distribute the integers from ``start`` to ``end``, which is excluded, by ``step``.

        Args:
            start: The first integer; with ``end`` left out, the end, counting from 0.
            end: Where to stop.
            step: The distance between two.
            numSlices: How many partitions.

        Example:
            >>> sc.range(2, 4).collect()
            [2, 3]
        """
        if end is None:
            start, end = 0, start
        return self.parallelize(range(start, end, step), numSlices)

    def emptyRDD(self) -> RDD[Any]:
        """Make an RDD without partitions or elements.

        Example:
            >>> sc.emptyRDD().isEmpty()
            True
        """
        return RDD(EmptyRDD(self.next_rdd_id()), self)

    def union(self, rdds: list[RDD[T]]) -> RDD[T]:
        """Put RDDs one after another.

        Args:
            rdds: At least one.

        Example:
            >>> sc.union([sc.parallelize([1]), sc.parallelize([2])]).collect()
            [1, 2]
        """
        nodes = [rdd.node for rdd in rdds]
        return RDD(union_of(self.next_rdd_id(), nodes), self)

    # ----------------------------------------------------------------------------------- jobs

    def runJob(
        self,
        rdd: RDD[T],
        partitionFunc: Callable[[Iterable[T]], Iterable[U]],
        partitions: Sequence[int] | None = None,
        allowLocal: bool = False,
    ) -> list[U]:
        """Apply a function to some partitions and return all it yields in one list.

        Args:
            rdd: Whose partitions.
            partitionFunc: From a partition's elements to results.
            partitions: Which ones; all by default.
            allowLocal: Accepted for compatibility.

        Example:
            >>> rdd = sc.parallelize(range(6), 3)
            >>> sc.runJob(rdd, lambda part: [x * x for x in part], [0, 2])
            [0, 1, 16, 25]
        """

        def run(_: TaskContext, elements: Iterator[T]) -> list[U]:
            return list(partitionFunc(elements))

        results = self.run_job(rdd.node, run, partitions)
        return [element for part in results for element in part]

    def run_job(
        self,
        rdd: BaseRDD,
        func: TaskFunction | Sink,
        partitions: Sequence[int] | None = None,
        on_result: Callable[[int, Any], None] | None = None,
    ) -> list[Any]:
        """Run a function over an RDD's partitions and return its results in their order."""
        return self._application.run(rdd, func, partitions, on_result)

    def submit_job(
        self,
        rdd: BaseRDD,
        func: TaskFunction | Sink,
        partitions: Sequence[int] | None = None,
        on_result: Callable[[int, Any], None] | None = None,
    ) -> JobWaiter:
        """Like ``run_job``, but return at once; the result is waited for by the caller."""
        return self._application.submit(rdd, func, partitions, on_result)

    def submit_map_stage(self, dependency: ShuffleDependency) -> MapStageHandle:
        """Run the map side of a shuffle alone, for the sizes of what it writes; return at once.

        A later job that reads the shuffle finds the outputs there and skips the stage.

        Args:
            dependency: The shuffle; its outputs are deleted when nothing refers to it any more.

        Returns:
            Whose ``result()`` waits for a ``MapOutputStatistics``.
        """
        return self._application.submit_map_stage(dependency)

    # ------------------------------------------------------------------- shared with the tasks

    def broadcast(self, value: T) -> Broadcast[T]:
        """Send a read-only value to every worker once.

        Args:
            value: Anything that can be pickled.

        Example:
            >>> table = sc.broadcast({1: "one"})
            >>> sc.parallelize([1]).map(lambda x: table.value[x]).collect()
            ['one']
        """
        self._application.check_running()
        return Broadcast(self, value)

    def accumulator(
        self, value: T, accum_param: AccumulatorParam[T] | None = None
    ) -> Accumulator[T]:
        """Make a sum that tasks add to and the driver reads.

        Args:
            value: What it starts from.
            accum_param: How to add; not needed for int, float and complex.

        Raises:
            TypeError: If ``value`` is of another type and ``accum_param`` is missing.
        """
        return create_accumulator(value, accum_param)

    @property
    def user_files(self) -> UserFiles:
        """The files that were added for all tasks."""
        self._application.check_running()
        return self._application.files

    def addFile(self, path: str, recursive: bool = False) -> None:
        """Give a file to every task, which finds it by ``SparkFiles.get``.

        Args:
            path: A path or URL.
            recursive: Whether a directory may be given.
        """
        self.user_files.add_file(path, recursive)

    def addPyFile(self, path: str) -> None:
        """Give a .py, .zip or .egg to every task, ready to be imported.

        Args:
            path: A path or URL.
        """
        self.user_files.add_py_file(path)

    def addArchive(self, path: str) -> None:
        """Give an archive to every task, unpacked.

        Args:
            path: A path or URL of a .zip, .tar, .tar.gz, .tgz or .jar; ``#name`` at its end
                names the directory it is unpacked to.
        """
        self.user_files.add_archive(path)

    @property
    def listFiles(self) -> list[str]:
        """The files added by ``addFile`` and ``addPyFile``."""
        return self._application.files.list_files()

    @property
    def listArchives(self) -> list[str]:
        """The archives added by ``addArchive``."""
        return self._application.files.list_archives()

    def setCheckpointDir(self, dirName: str) -> None:
        """Say where ``RDD.checkpoint`` writes.

        Args:
            dirName: A directory, which gets a subdirectory of this application's own.
        """
        from pyrite.core.hadoop.filesystem import file_system, qualify

        path = f"{qualify(dirName)}/{uuid.uuid4()}"
        file_system(path).mkdirs(path)
        self._checkpoint_dir = path

    def getCheckpointDir(self) -> str | None:
        """Return where checkpoints go, or None."""
        return self._checkpoint_dir

    def show_profiles(self) -> None:
        """Print what the profiler found in tasks, per RDD.

        Raises:
            PySparkRuntimeError: If ``spark.python.profile`` is not true.
        """
        self._collected_profiles().show_profiles()

    def dump_profiles(self, path: str) -> None:
        """Write what the profiler found in tasks, a file per RDD.

        Args:
            path: A directory.

        Raises:
            PySparkRuntimeError: If ``spark.python.profile`` is not true.
        """
        self._collected_profiles().dump_profiles(path)

    def _collected_profiles(self) -> ProfilerCollector:
        if self.profiler_collector is None:
            raise PySparkRuntimeError(errorClass="INCORRECT_CONF_FOR_PROFILE", messageParameters={})
        return self.profiler_collector

    # ------------------------------------------------------- what RDDs ask for (``JobContext``)

    @property
    def default_parallelism(self) -> int:
        """See ``defaultParallelism``."""
        return self.defaultParallelism

    @property
    def cluster_shape(self) -> ClusterShape | None:
        """The executors there are, or may be; None where the driver is the only one."""
        return self._application.cluster_shape

    @property
    def default_min_partitions(self) -> int:
        """See ``defaultMinPartitions``."""
        return self.defaultMinPartitions

    @property
    def conf(self) -> Mapping[str, str]:
        """The settings as they were at the start."""
        return self._application.conf

    def set_hadoop(self, key: str, value: str | None) -> None:
        """Change one of Hadoop's settings, such as a store's credentials, from now on.

        Args:
            key: Its name in Hadoop.
            value: Its text; None for Hadoop's default.
        """
        self._application.set_hadoop(HADOOP_PREFIX + key, value)

    @property
    def local_dir(self) -> str:
        """The application's scratch directory; the first, where there are several."""
        return self._application.local_dirs.first

    def remove_copies(self, path: str) -> None:
        """Delete what other machines keep of a scratch file of the driver."""
        self._application.remove_copies(path)

    @property
    def checkpoint_dir(self) -> str | None:
        """See ``getCheckpointDir``."""
        return self._checkpoint_dir

    def next_rdd_id(self) -> int:
        """Return an RDD id not used before.

        Raises:
            SparkException: If the context is stopped.
        """
        self._application.check_running()
        return self._rdd_ids.next()

    def next_shuffle_id(self) -> int:
        """Return a shuffle id not used before."""
        return self._shuffle_ids.next()

    def check_profile(self, profile: ResourceProfile) -> None:
        """Refuse a resource profile that no executor can meet."""
        self._application.check_profile(profile)

    def persist_rdd(self, rdd: BaseRDD) -> None:
        """Drop an RDD's blocks when the program no longer refers to it."""
        if rdd.id() not in self._persistent:
            self._persistent[rdd.id()] = rdd
            weakref.finalize(rdd, self._application.unpersist, rdd.id()).atexit = False

    def unpersist_rdd(self, rdd_id: int, blocking: bool = False) -> None:
        """Drop an RDD's blocks everywhere, soon."""
        self._persistent.pop(rdd_id, None)
        self._application.unpersist(rdd_id)

    def clean_shuffle(self, shuffle_id: int) -> None:
        """Delete the map outputs of a shuffle."""
        self._application.clean_shuffle(shuffle_id)


class _Counter:
    """Hands out the numbers from 0, safely to several threads."""

    def __init__(self) -> None:
        self._next = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        with self._lock:
            self._next += 1
            return self._next - 1


def _refuse_in_task() -> None:
    # It would take the place of what the worker has at hand for all its later tasks.
    if TaskContext.get() is not None:
        raise _only_on_driver()


def _only_on_driver() -> PySparkRuntimeError:
    return PySparkRuntimeError(errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})


def _profiler_collector(
    settings: Mapping[str, str],
    profiler_cls: type[BasicProfiler],
    udf_profiler_cls: type[UDFBasicProfiler],
    memory_profiler_cls: type[MemoryProfiler],
) -> ProfilerCollector | None:
    if not any(entry.read(settings) for entry in (_PROFILE, _PROFILE_MEMORY)):
        return None
    return ProfilerCollector(
        profiler_cls,
        udf_profiler_cls,
        memory_profiler_cls,
        settings.get("spark.python.profile.dump"),
    )


def _effective_conf(
    conf: SparkConf | None, master: str | None, app_name: str | None, spark_home: str | None
) -> SparkConf:
    """Return the settings of a new context; the caller's conf stays as it is.

    Raises:
        PySparkTypeError: If ``conf`` is not a SparkConf.
        PySparkValueError: If ``master`` is not text.
    """
    if conf is not None and not isinstance(conf, SparkConf):
        raise not_expected_type("conf", "SparkConf", conf)
    if master is not None and not isinstance(master, str):
        raise PySparkValueError(message=f"master must be a string such as 'local[*]', not {master}")
    effective = SparkConf(loadDefaults=False)
    effective.setAll(
        [item for item in SparkContext._system_properties.items() if item[0].startswith("spark.")]
    )
    effective.setAll((conf or SparkConf()).getAll())
    if master is not None:
        effective.setMaster(master)
    if app_name is not None:
        effective.setAppName(app_name)
    if spark_home is not None:
        effective.setSparkHome(spark_home)
    effective.setIfMissing("spark.master", "local[*]")
    effective.setIfMissing("spark.app.name", "pyspark-shell")
    return effective


def _paths(listed: str | None) -> list[str]:
    return [path for path in (listed or "").split(",") if path]
