"""A context that runs every job in this process, task after task."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import cloudpickle
import pytest

from pyrite.core.codegen import Sink, fuse
from pyrite.core.env import SparkEnv
from pyrite.core.events import TaskMetrics
from pyrite.core.local_dirs import LocalDirs
from pyrite.core.network import Network
from pyrite.core.rdd.dependency import ShuffleDependency
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.parallel_collection import EmptyRDD, ParallelCollectionRDD
from pyrite.core.rdd.rdd import RDD
from pyrite.core.shuffle import MapOutputTracker, ShuffleWriter
from pyrite.core.storage.block_manager import BlockManager
from pyrite.core.task_context import TaskContext


class FinishedJob:
    """A job that ran when it was submitted; ``late`` partitions never came."""

    def __init__(self, results: list[Any], late: bool) -> None:
        self._results = results
        self._late = late
        self.cancelled = False

    def result(self, timeout: float | None = None) -> list[Any]:
        if self._late:
            raise TimeoutError
        return self._results

    def cancel(self) -> None:
        self.cancelled = True


class InProcessContext:
    """What ``SparkContext`` does for RDDs, with tasks that are pickled as if sent away."""

    def __init__(self, directory: str, parallelism: int) -> None:
        self.default_parallelism = parallelism
        self.default_min_partitions = min(parallelism, 2)
        self.conf: Mapping[str, str] = {}
        self.local_dir = directory
        self.checkpoint_dir: str | None = None
        self.jobs: list[tuple[BaseRDD, list[int]]] = []
        self.map_tasks = 0
        self.unpersisted: list[int] = []
        self.late_partitions: set[int] = set()
        self.properties: dict[str, str | None] = {}
        self.job_groups: list[str | None] = []
        self._rdd_ids = itertools.count()
        self._shuffle_ids = itertools.count()
        self._attempts = itertools.count()

    def parallelize(self, collection: Any, num_slices: int | None = None) -> RDD[Any]:
        count = num_slices or self.default_parallelism
        node = ParallelCollectionRDD(self.next_rdd_id(), collection, count, self.local_dir)
        return RDD(node, self)

    def empty(self) -> RDD[Any]:
        return RDD(EmptyRDD(self.next_rdd_id()), self)

    def next_rdd_id(self) -> int:
        return next(self._rdd_ids)

    def next_shuffle_id(self) -> int:
        return next(self._shuffle_ids)

    def run_job(
        self,
        rdd: BaseRDD,
        func: Any,
        partitions: Sequence[int] | None = None,
        on_result: Callable[[int, Any], None] | None = None,
    ) -> list[Any]:
        indexes = list(range(len(rdd.partitions)) if partitions is None else partitions)
        self.jobs.append((rdd, indexes))
        self.job_groups.append(self.properties.get("spark.jobGroup.id"))
        self._write_shuffles(rdd)
        results = []
        for index in indexes:
            if index in self.late_partitions:
                continue
            results.append(self._run_task((rdd, func), rdd.partitions[index], _result))
            if on_result is not None:
                on_result(index, results[-1])
        return results

    def submit_job(self, *args: Any, **kwargs: Any) -> FinishedJob:
        results = self.run_job(*args, **kwargs)
        return FinishedJob(results, bool(self.late_partitions))

    def persist_rdd(self, rdd: BaseRDD) -> None:
        pass

    def unpersist_rdd(self, rdd_id: int, blocking: bool = False) -> None:
        SparkEnv.get().block_manager.remove_rdd(rdd_id)
        self.unpersisted.append(rdd_id)

    def clean_shuffle(self, shuffle_id: int) -> None:
        SparkEnv.get().map_output_tracker.unregister_shuffle(shuffle_id)

    def getLocalProperty(self, key: str) -> str | None:
        return self.properties.get(key)

    def setLocalProperty(self, key: str, value: str | None) -> None:
        self.properties[key] = value

    def setJobGroup(self, groupId: str, description: str, interruptOnCancel: bool = False) -> None:
        self.properties["spark.jobGroup.id"] = groupId

    def _write_shuffles(self, root: BaseRDD) -> None:
        tracker = SparkEnv.get().map_output_tracker
        pending, seen = [root], {root}
        while pending:
            for edge in pending.pop().dependencies:
                if isinstance(edge, ShuffleDependency):
                    if not tracker.contains(edge.handle.shuffle_id):
                        self._write_shuffle(edge, tracker)
                elif edge.rdd not in seen:
                    seen.add(edge.rdd)
                    pending.append(edge.rdd)

    def _write_shuffle(self, edge: ShuffleDependency, tracker: MapOutputTracker) -> None:
        self._write_shuffles(edge.rdd)
        shuffle_id = edge.handle.shuffle_id
        tracker.register_shuffle(shuffle_id, edge.handle.num_maps)
        for partition in edge.rdd.partitions:
            self.map_tasks += 1
            status = self._run_task((edge.rdd, edge.handle), partition, _map_output)
            tracker.register_map_output(shuffle_id, partition.index, status)

    def _run_task(self, binary: Any, partition: Any, run: Callable[..., Any]) -> Any:
        sent = cloudpickle.dumps((*binary, partition))
        rdd, what, partition = pickle.loads(sent)
        task = TaskContext(
            stage_id=0,
            partition_id=partition.index,
            attempt_number=0,
            task_attempt_id=next(self._attempts),
            metrics=TaskMetrics(),
        )
        TaskContext.set_active(task)
        try:
            return run(rdd, what, partition, task)
        finally:
            TaskContext.set_active(None)


def _result(rdd: BaseRDD, func: Any, partition: Any, task: TaskContext) -> Any:
    source, operators = rdd.pipeline(partition, task)
    if isinstance(func, Sink):
        return fuse(operators, func)(source)
    return func(task, iter(fuse(operators)(source) if operators else source))


def _map_output(rdd: BaseRDD, handle: Any, partition: Any, task: TaskContext) -> Any:
    env = SparkEnv.get()
    source, operators = rdd.pipeline(partition, task)
    writer = ShuffleWriter(
        handle, partition.index, env.shuffle_dir, "driver", env.memory_limit, env.spill_dir
    )
    return writer.write(source, operators)


@pytest.fixture
def make_context(tmp_path_factory: Any) -> Iterator[Callable[[int], InProcessContext]]:
    """Return a function from a parallelism to the one context of this process."""
    directory = tmp_path_factory.mktemp("local")
    for name in ("shuffle", "spill", "blocks"):
        (directory / name).mkdir()

    def make(parallelism: int) -> InProcessContext:
        SparkEnv.set(
            SparkEnv(
                conf={},
                executor_id="driver",
                host="localhost",
                local_dirs=LocalDirs([str(directory)]),
                block_manager=BlockManager(1 << 28, str(directory / "blocks")),
                network=Network.of_one_machine(str(directory)),
                map_output_tracker=MapOutputTracker(),
                memory_limit=1 << 28,
            )
        )
        return InProcessContext(str(directory), parallelism)

    yield make
    SparkEnv.set(None)


@pytest.fixture
def sc(make_context: Callable[[int], InProcessContext]) -> InProcessContext:
    """A context with a parallelism of 4."""
    return make_context(4)
