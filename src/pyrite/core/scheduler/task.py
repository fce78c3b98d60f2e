"""What runs on a worker for one partition: the pickled half of a stage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pyrite.core.codegen import Sink, fuse
from pyrite.core.env import SparkEnv
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition
from pyrite.core.shuffle import BufferWriter, MapStatus, ShuffleHandle, ShuffleWriter
from pyrite.core.task_context import TaskContext

if TYPE_CHECKING:
    from pyspark.profiler import Profiler

__all__ = ["PartitionFunction", "ProfiledTask", "ResultTask", "ShuffleMapTask", "Task"]

#: What a job computes of each partition: a function of its elements, or a sink to fuse with.
PartitionFunction = Callable[[TaskContext, Iterator[Any]], Any] | Sink


class Task(Protocol):
    """One stage's work, the same for each of its partitions."""

    @property
    def rdd(self) -> BaseRDD:
        """The RDD whose partitions are computed."""
        ...

    def run(self, partition: Partition, context: TaskContext) -> Any:
        """Compute the partition and return the task's result."""
        ...


@dataclass(frozen=True)
class ResultTask:
    """Computes a partition of a job's own RDD and returns what the action asked for."""

    rdd: BaseRDD
    function: PartitionFunction

    def run(self, partition: Partition, context: TaskContext) -> Any:
        """Apply the action's function to the partition's elements."""
        source, operators = self.rdd.pipeline(partition, context)
        if isinstance(self.function, Sink):
            return fuse(operators, self.function)(source)
        return self.function(context, iter(fuse(operators)(source) if operators else source))


@dataclass(frozen=True)
class ShuffleMapTask:
    """Computes a partition and writes it, divided by reducer, to this machine's shuffle files."""

    rdd: BaseRDD
    handle: ShuffleHandle

    def run(self, partition: Partition, context: TaskContext) -> MapStatus:
        """Write the partition's map output and return where it is."""
        env = SparkEnv.get()
        source, operators = self.rdd.pipeline(partition, context)
        make_writer = BufferWriter if self.handle.of_buffers else ShuffleWriter
        writer = make_writer(
            self.handle,
            partition.index,
            directory=env.shuffle_dir,
            executor_id=env.executor_id,
            memory_limit=env.memory_limit,
            spill_directory=env.spill_dir,
            metrics=context.metrics,
            location=env.network.location,
        )
        return writer.write(source, operators)


@dataclass(frozen=True)
class ProfiledTask:
    """Another task, run under a profiler (``spark.python.profile``)."""

    task: Task
    profiler: Profiler

    @property
    def rdd(self) -> BaseRDD:
        """The RDD whose partitions are computed."""
        return self.task.rdd

    def run(self, partition: Partition, context: TaskContext) -> Any:
        """Run the task; the profiler sends what it measured home by its accumulator."""
        return self.profiler.profile(self.task.run, partition, context)
