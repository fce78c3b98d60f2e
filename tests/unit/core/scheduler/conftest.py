from array import array
from itertools import count

import pytest
from pyspark.storagelevel import StorageLevel

from pyrite.core.rdd.dependency import OneToOneDependency, ShuffleDependency
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition
from pyrite.core.scheduler.job import Job, MapStageJob
from pyrite.core.scheduler.stage import TaskSet, TaskSpec
from pyrite.core.scheduler.task import ResultTask
from pyrite.core.scheduler.task_request import TaskRequest
from pyrite.core.shuffle import MapStatus, Partitioner, ShuffleHandle


class Node(BaseRDD):
    def __init__(self, rdd_id, dependencies, size):
        super().__init__(rdd_id, dependencies)
        self.size = size

    def _make_partitions(self):
        return [Partition(index) for index in range(self.size)]

    def compute(self, partition, task_context):
        raise AssertionError("no scheduler test computes anything")


class Lineage:
    """Builds graphs of nodes, and jobs over them."""

    def __init__(self):
        self._rdds = count()
        self._shuffles = count()
        self._jobs = count()

    def source(self, size=2):
        return Node(next(self._rdds), (), size)

    def narrow(self, *parents):
        edges = [OneToOneDependency(parent) for parent in parents]
        return Node(next(self._rdds), edges, len(parents[0].partitions))

    def edge(self, parent, size=2):
        """A shuffle's dependency, which several children may share."""
        maps = len(parent.partitions)
        handle = ShuffleHandle(next(self._shuffles), maps, Partitioner(size))
        return ShuffleDependency(parent, handle)

    def read(self, *edges, size=2):
        return Node(next(self._rdds), edges, size)

    def shuffled(self, *parents, size=2):
        return self.read(*(self.edge(parent, size) for parent in parents), size=size)

    def cached(self, rdd):
        rdd.storage_level = StorageLevel.MEMORY_ONLY
        return rdd

    def barrier(self, rdd):
        rdd.is_barrier = True
        return rdd

    def job(self, rdd, partitions=None, **properties):
        if partitions is None:
            partitions = range(len(rdd.partitions))
        named = {key.replace("_", "."): value for key, value in properties.items()}
        return Job(next(self._jobs), rdd, len, tuple(partitions), named, "collect at app.py:1")

    def map_stage_job(self, edge, **properties):
        named = {key.replace("_", "."): value for key, value in properties.items()}
        return MapStageJob(next(self._jobs), edge, named, "collect at app.py:1")

    @staticmethod
    def output(map_id, executor="driver", location=""):
        return MapStatus(map_id, executor, f"/shuffle/{map_id}", array("Q", [1, 1]), location)


@pytest.fixture
def lineage():
    return Lineage()


@pytest.fixture
def make_task_set(lineage):
    """Make task sets of ``size`` tasks; ``locations`` has the preferred workers of some."""
    task = ResultTask(lineage.source(), len)

    def make(
        size,
        *,
        stage=0,
        attempt=0,
        job=0,
        locations=None,
        pool=None,
        barrier=False,
        slots=1,
        max_failures=None,
    ):
        locations = locations or {}
        properties = {"spark.scheduler.pool": pool, "spark.task.maxFailures": max_failures}
        return TaskSet(
            stage,
            attempt,
            job,
            task,
            (),
            tuple(TaskSpec(i, Partition(i), locations.get(i, ())) for i in range(size)),
            {key: str(value) for key, value in properties.items() if value is not None},
            barrier,
            TaskRequest(slots, slots),
        )

    return make
