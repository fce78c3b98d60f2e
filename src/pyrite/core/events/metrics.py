"""TaskMetrics: the counters of one task, filled where the task runs."""

from __future__ import annotations

from dataclasses import dataclass, fields

__all__ = ["TaskMetrics"]


@dataclass(slots=True)
class TaskMetrics:
    """Counters of one task attempt; the worker adds to them, listeners read them.

    Times are milliseconds, except the three that end in ``_ns``; sizes are bytes.

    Attributes:
        executor_deserialize_time: Unpickling the task and its partition.
        executor_deserialize_cpu_time_ns: CPU time of the same.
        executor_run_time: The rest, without pickling the result.
        executor_cpu_time_ns: CPU time of the same.
        peak_execution_memory: Most memory the task's process has had so far.
        result_size: Bytes of the pickled result.
        gc_time: Spent in Python's cyclic garbage collector.
        result_serialization_time: Pickling the result.
        memory_bytes_spilled: Size in memory of what was spilled.
        disk_bytes_spilled: Size on disk of what was spilled.
        input_bytes_read: Read from files or from cached blocks.
        input_records_read: Records of the same.
        output_bytes_written: Written to the job's output files.
        output_records_written: Records of the same.
        shuffle_read_remote_blocks: Map outputs fetched from other nodes.
        shuffle_read_local_blocks: Map outputs read on this node.
        shuffle_read_remote_bytes: Bytes fetched from other nodes.
        shuffle_read_remote_bytes_to_disk: The part of these that went through a file.
        shuffle_read_local_bytes: Bytes read on this node.
        shuffle_read_fetch_wait_time: Spent blocked, waiting for remote blocks.
        shuffle_read_remote_requests_duration: Sum of the durations of remote requests.
        shuffle_read_records: Records read from the shuffle.
        shuffle_write_bytes: Bytes of this task's map output.
        shuffle_write_time_ns: Spent writing them.
        shuffle_write_records: Records of the same.

    Example:
        >>> total = TaskMetrics(result_size=10)
        >>> total.add(TaskMetrics(result_size=5, gc_time=1))
        >>> total.result_size, total.gc_time
        (15, 1)
    """

    executor_deserialize_time: int = 0
    executor_deserialize_cpu_time_ns: int = 0
    executor_run_time: int = 0
    executor_cpu_time_ns: int = 0
    peak_execution_memory: int = 0
    result_size: int = 0
    gc_time: int = 0
    result_serialization_time: int = 0
    memory_bytes_spilled: int = 0
    disk_bytes_spilled: int = 0
    input_bytes_read: int = 0
    input_records_read: int = 0
    output_bytes_written: int = 0
    output_records_written: int = 0
    shuffle_read_remote_blocks: int = 0
    shuffle_read_local_blocks: int = 0
    shuffle_read_remote_bytes: int = 0
    shuffle_read_remote_bytes_to_disk: int = 0
    shuffle_read_local_bytes: int = 0
    shuffle_read_fetch_wait_time: int = 0
    shuffle_read_remote_requests_duration: int = 0
    shuffle_read_records: int = 0
    shuffle_write_bytes: int = 0
    shuffle_write_time_ns: int = 0
    shuffle_write_records: int = 0

    def add(self, other: TaskMetrics) -> None:
        """Add every counter of ``other`` to this one, to total the tasks of a stage."""
        for name in _NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))


_NAMES = tuple(field.name for field in fields(TaskMetrics))
