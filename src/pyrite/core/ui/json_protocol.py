"""From an event to Spark's JSON form of it: same keys, nesting and order.

One encoder per event class, chosen by ``event_to_json``. Spark's history server reads the
result, so a key may be added here only when Spark has it too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import singledispatch
from typing import Any, TypeAlias

from pyspark.storagelevel import StorageLevel

from pyrite.core.events import (
    AccumulableInfo,
    BlockManagerId,
    ExceptionFailure,
    ExecutorLostFailure,
    FetchFailedReason,
    JobFailed,
    JobResult,
    RDDInfo,
    SparkListenerApplicationEnd,
    SparkListenerApplicationStart,
    SparkListenerBlockManagerAdded,
    SparkListenerBlockManagerRemoved,
    SparkListenerBlockUpdated,
    SparkListenerEnvironmentUpdate,
    SparkListenerEvent,
    SparkListenerExecutorAdded,
    SparkListenerExecutorExcluded,
    SparkListenerExecutorRemoved,
    SparkListenerExecutorUnexcluded,
    SparkListenerJobEnd,
    SparkListenerJobStart,
    SparkListenerResourceProfileAdded,
    SparkListenerSpeculativeTaskSubmitted,
    SparkListenerStageCompleted,
    SparkListenerStageSubmitted,
    SparkListenerTaskEnd,
    SparkListenerTaskGettingResult,
    SparkListenerTaskStart,
    SparkListenerUnpersistRDD,
    StackTraceElement,
    StageInfo,
    TaskCommitDenied,
    TaskEndReason,
    TaskInfo,
    TaskKilledReason,
    TaskMetrics,
)

__all__ = ["Json", "event_to_json", "event_to_line", "log_start"]

Json: TypeAlias = dict[str, Any]

# Spark samples these from a JVM; the reader wants every key, and there is nothing to sample.
_EXECUTOR_METRICS = (
    "JVMHeapMemory", "JVMOffHeapMemory", "OnHeapExecutionMemory", "OffHeapExecutionMemory",
    "OnHeapStorageMemory", "OffHeapStorageMemory", "OnHeapUnifiedMemory", "OffHeapUnifiedMemory",
    "DirectPoolMemory", "MappedPoolMemory", "ProcessTreeJVMVMemory", "ProcessTreeJVMRSSMemory",
    "ProcessTreePythonVMemory", "ProcessTreePythonRSSMemory", "ProcessTreeOtherVMemory",
    "ProcessTreeOtherRSSMemory", "MinorGCCount", "MinorGCTime", "MajorGCCount", "MajorGCTime",
    "TotalGCTime", "ConcurrentGCCount", "ConcurrentGCTime",
)  # fmt: skip
# Pyrite has no push-based shuffle; the counters are part of the form all the same.
_PUSH_BASED_SHUFFLE = (
    "Corrupt Merged Block Chunks", "Merged Fetch Fallback Count", "Merged Remote Blocks Fetched",
    "Merged Local Blocks Fetched", "Merged Remote Chunks Fetched", "Merged Local Chunks Fetched",
    "Merged Remote Bytes Read", "Merged Local Bytes Read", "Merged Remote Requests Duration",
)  # fmt: skip


def event_to_line(event: SparkListenerEvent) -> bytes:
    """Return the event as one line of a Spark event log, with its newline."""
    return _line(event_to_json(event))


def log_start(spark_version: str) -> bytes:
    """Return the line every event log begins with."""
    return _line({"Event": "SparkListenerLogStart", "Spark Version": spark_version})


def _line(value: Json) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # A lone surrogate (undecodable file name) becomes its JSON escape.
    return text.encode("utf-8", "backslashreplace") + b"\n"


@singledispatch
def event_to_json(event: SparkListenerEvent) -> Json:
    """Return the event as Spark's JSON object.

    Raises:
        TypeError: If Spark has no form for this class of events.
    """
    raise TypeError(f"{type(event).__name__} has no JSON form in a Spark event log.")


@event_to_json.register
def _(event: SparkListenerApplicationStart) -> Json:
    return {
        "Event": "SparkListenerApplicationStart",
        "App Name": event.app_name,
        "App ID": event.app_id,
        "Timestamp": event.timestamp,
        "User": event.user,
    }


@event_to_json.register
def _(event: SparkListenerApplicationEnd) -> Json:
    return {
        "Event": "SparkListenerApplicationEnd",
        "Timestamp": event.timestamp,
        **_present("ExitCode", event.exit_code),
    }


@event_to_json.register
def _(event: SparkListenerJobStart) -> Json:
    return {
        "Event": "SparkListenerJobStart",
        "Job ID": event.job_id,
        "Submission Time": event.submission_time,
        "Stage Infos": [_stage_info(info) for info in event.stage_infos],
        "Stage IDs": list(event.stage_ids),
        "Properties": dict(event.properties),
    }


@event_to_json.register
def _(event: SparkListenerJobEnd) -> Json:
    return {
        "Event": "SparkListenerJobEnd",
        "Job ID": event.job_id,
        "Completion Time": event.completion_time,
        "Job Result": _job_result(event.result),
    }


@event_to_json.register
def _(event: SparkListenerStageSubmitted) -> Json:
    return {
        "Event": "SparkListenerStageSubmitted",
        "Stage Info": _stage_info(event.stage_info),
        "Properties": dict(event.properties),
    }


@event_to_json.register
def _(event: SparkListenerStageCompleted) -> Json:
    return {"Event": "SparkListenerStageCompleted", "Stage Info": _stage_info(event.stage_info)}


@event_to_json.register
def _(event: SparkListenerTaskStart) -> Json:
    return {
        "Event": "SparkListenerTaskStart",
        "Stage ID": event.stage_id,
        "Stage Attempt ID": event.stage_attempt_id,
        "Task Info": _task_info(event.task_info),
    }


@event_to_json.register
def _(event: SparkListenerTaskGettingResult) -> Json:
    return {"Event": "SparkListenerTaskGettingResult", "Task Info": _task_info(event.task_info)}


@event_to_json.register
def _(event: SparkListenerTaskEnd) -> Json:
    return {
        "Event": "SparkListenerTaskEnd",
        "Stage ID": event.stage_id,
        "Stage Attempt ID": event.stage_attempt_id,
        "Task Type": event.task_type,
        "Task End Reason": _end_reason(event.reason),
        "Task Info": _task_info(event.task_info),
        "Task Executor Metrics": dict.fromkeys(_EXECUTOR_METRICS, 0),
        **({} if event.metrics is None else {"Task Metrics": _task_metrics(event.metrics)}),
    }


@event_to_json.register
def _(event: SparkListenerExecutorAdded) -> Json:
    info = event.executor_info
    return {
        "Event": "SparkListenerExecutorAdded",
        "Timestamp": event.timestamp,
        "Executor ID": event.executor_id,
        "Executor Info": {
            "Host": info.host,
            "Total Cores": info.total_cores,
            "Log Urls": dict(info.log_urls),
            "Attributes": dict(info.attributes),
            "Resources": {
                name: {"name": name, "addresses": list(addresses)}
                for name, addresses in info.resources.items()
            },
            "Resource Profile Id": info.resource_profile_id,
        },
    }


@event_to_json.register
def _(event: SparkListenerExecutorRemoved) -> Json:
    return {
        "Event": "SparkListenerExecutorRemoved",
        "Timestamp": event.timestamp,
        "Executor ID": event.executor_id,
        "Removed Reason": event.reason,
    }


# Spark writes these three through a generic mapper, hence the full class name and camelCase.


@event_to_json.register
def _(event: SparkListenerExecutorExcluded) -> Json:
    return {
        "Event": "org.apache.spark.scheduler.SparkListenerExecutorExcluded",
        "time": event.timestamp,
        "executorId": event.executor_id,
        "taskFailures": event.task_failures,
    }


@event_to_json.register
def _(event: SparkListenerExecutorUnexcluded) -> Json:
    return {
        "Event": "org.apache.spark.scheduler.SparkListenerExecutorUnexcluded",
        "time": event.timestamp,
        "executorId": event.executor_id,
    }


@event_to_json.register
def _(event: SparkListenerSpeculativeTaskSubmitted) -> Json:
    return {
        "Event": "org.apache.spark.scheduler.SparkListenerSpeculativeTaskSubmitted",
        "stageId": event.stage_id,
        "stageAttemptId": event.stage_attempt_id,
    }


@event_to_json.register
def _(event: SparkListenerBlockManagerAdded) -> Json:
    return {
        "Event": "SparkListenerBlockManagerAdded",
        "Block Manager ID": _block_manager_id(event.block_manager_id),
        "Maximum Memory": event.maximum_memory,
        "Timestamp": event.timestamp,
        **_present("Maximum Onheap Memory", event.maximum_onheap_memory),
        **_present("Maximum Offheap Memory", event.maximum_offheap_memory),
    }


@event_to_json.register
def _(event: SparkListenerBlockManagerRemoved) -> Json:
    return {
        "Event": "SparkListenerBlockManagerRemoved",
        "Block Manager ID": _block_manager_id(event.block_manager_id),
        "Timestamp": event.timestamp,
    }


@event_to_json.register
def _(event: SparkListenerBlockUpdated) -> Json:
    info = event.block_updated_info
    return {
        "Event": "SparkListenerBlockUpdated",
        "Block Updated Info": {
            "Block Manager ID": _block_manager_id(info.block_manager_id),
            "Block ID": info.block_id,
            "Storage Level": _storage_level(info.storage_level),
            "Memory Size": info.memory_size,
            "Disk Size": info.disk_size,
        },
    }


@event_to_json.register
def _(event: SparkListenerUnpersistRDD) -> Json:
    return {"Event": "SparkListenerUnpersistRDD", "RDD ID": event.rdd_id}


@event_to_json.register
def _(event: SparkListenerEnvironmentUpdate) -> Json:
    return {
        "Event": "SparkListenerEnvironmentUpdate",
        "JVM Information": dict(event.runtime_information),
        "Spark Properties": dict(event.spark_properties),
        "Hadoop Properties": dict(event.hadoop_properties),
        "System Properties": dict(event.system_properties),
        "Metrics Properties": dict(event.metrics_properties),
        "Classpath Entries": dict(event.classpath_entries),
    }


@event_to_json.register
def _(event: SparkListenerResourceProfileAdded) -> Json:
    profile = event.resource_profile
    return {
        "Event": "SparkListenerResourceProfileAdded",
        "Resource Profile Id": profile.resource_profile_id,
        "Executor Resource Requests": {
            request.resource_name: {
                "Resource Name": request.resource_name,
                "Amount": request.amount,
                "Discovery Script": request.discovery_script,
                "Vendor": request.vendor,
            }
            for request in profile.executor_requests
        },
        "Task Resource Requests": {
            name: {"Resource Name": name, "Amount": amount}
            for name, amount in profile.task_requests.items()
        },
    }


def _present(key: str, value: object) -> Json:
    return {} if value is None else {key: value}


def _stage_info(info: StageInfo) -> Json:
    return {
        "Stage ID": info.stage_id,
        "Stage Attempt ID": info.attempt_number,
        "Stage Name": info.name,
        "Number of Tasks": info.num_tasks,
        "RDD Info": [_rdd_info(rdd) for rdd in info.rdd_infos],
        "Parent IDs": list(info.parent_ids),
        "Details": info.details,
        **_present("Submission Time", info.submission_time),
        **_present("Completion Time", info.completion_time),
        **_present("Failure Reason", info.failure_reason),
        "Accumulables": _accumulables(info.accumulables),
        "Resource Profile Id": info.resource_profile_id,
        "Shuffle Push Enabled": False,
        "Shuffle Push Mergers Count": 0,
    }


def _rdd_info(info: RDDInfo) -> Json:
    return {
        "RDD ID": info.rdd_id,
        "Name": info.name,
        **_present("Scope", info.scope),
        "Callsite": info.callsite,
        "Parent IDs": list(info.parent_ids),
        "Storage Level": _storage_level(info.storage_level),
        "Barrier": info.barrier,
        "DeterministicLevel": info.deterministic_level,
        "Number of Partitions": info.num_partitions,
        "Number of Cached Partitions": info.num_cached_partitions,
        "Memory Size": info.memory_size,
        "Disk Size": info.disk_size,
    }


def _task_info(info: TaskInfo) -> Json:
    return {
        "Task ID": info.task_id,
        "Index": info.index,
        "Attempt": info.attempt,
        "Partition ID": info.partition_id,
        "Launch Time": info.launch_time,
        "Executor ID": info.executor_id,
        "Host": info.host,
        "Locality": info.locality,
        "Speculative": info.speculative,
        "Getting Result Time": info.getting_result_time,
        "Finish Time": info.finish_time,
        "Failed": info.failed,
        "Killed": info.killed,
        "Accumulables": _accumulables(info.accumulables),
    }


def _task_metrics(metrics: TaskMetrics) -> Json:
    return {
        "Executor Deserialize Time": metrics.executor_deserialize_time,
        "Executor Deserialize CPU Time": metrics.executor_deserialize_cpu_time_ns,
        "Executor Run Time": metrics.executor_run_time,
        "Executor CPU Time": metrics.executor_cpu_time_ns,
        "Peak Execution Memory": metrics.peak_execution_memory,
        "Peak On Heap Execution Memory": metrics.peak_execution_memory,
        "Peak Off Heap Execution Memory": 0,
        "Result Size": metrics.result_size,
        "JVM GC Time": metrics.gc_time,
        "Result Serialization Time": metrics.result_serialization_time,
        "Memory Bytes Spilled": metrics.memory_bytes_spilled,
        "Disk Bytes Spilled": metrics.disk_bytes_spilled,
        "Shuffle Read Metrics": {
            "Remote Blocks Fetched": metrics.shuffle_read_remote_blocks,
            "Local Blocks Fetched": metrics.shuffle_read_local_blocks,
            "Fetch Wait Time": metrics.shuffle_read_fetch_wait_time,
            "Remote Bytes Read": metrics.shuffle_read_remote_bytes,
            "Remote Bytes Read To Disk": metrics.shuffle_read_remote_bytes_to_disk,
            "Local Bytes Read": metrics.shuffle_read_local_bytes,
            "Total Records Read": metrics.shuffle_read_records,
            "Remote Requests Duration": metrics.shuffle_read_remote_requests_duration,
            "Push Based Shuffle": dict.fromkeys(_PUSH_BASED_SHUFFLE, 0),
        },
        "Shuffle Write Metrics": {
            "Shuffle Bytes Written": metrics.shuffle_write_bytes,
            "Shuffle Write Time": metrics.shuffle_write_time_ns,
            "Shuffle Records Written": metrics.shuffle_write_records,
        },
        "Input Metrics": {
            "Bytes Read": metrics.input_bytes_read,
            "Records Read": metrics.input_records_read,
        },
        "Output Metrics": {
            "Bytes Written": metrics.output_bytes_written,
            "Records Written": metrics.output_records_written,
        },
        "Updated Blocks": [],
    }


def _accumulables(infos: tuple[AccumulableInfo, ...]) -> list[Json]:
    return [
        {
            "ID": info.id,
            **_present("Name", info.name),
            **_present("Update", _accumulator_value(info, info.update)),
            **_present("Value", _accumulator_value(info, info.value)),
            "Internal": info.internal,
            "Count Failed Values": info.count_failed_values,
        }
        for info in infos
    ]


def _accumulator_value(info: AccumulableInfo, value: object) -> object:
    """The engine's own metrics stay numbers, users' accumulators become text."""
    return value if info.internal or value is None else str(value)


def _end_reason(reason: TaskEndReason) -> Json:
    return {"Reason": reason.name, **_end_reason_details(reason)}


def _end_reason_details(reason: TaskEndReason) -> Json:
    match reason:
        case FetchFailedReason():
            address = reason.block_manager
            return {
                **_present("Block Manager Address", address and _block_manager_id(address)),
                "Shuffle ID": reason.shuffle_id,
                "Map ID": reason.map_id,
                "Map Index": reason.map_index,
                "Reduce ID": reason.reduce_id,
                "Message": reason.message,
            }
        case ExceptionFailure():
            return {
                "Class Name": reason.class_name,
                "Description": reason.description,
                "Stack Trace": _stack_trace(reason.stack_trace),
                "Full Stack Trace": reason.full_stack_trace,
                "Accumulator Updates": _accumulables(reason.accumulator_updates),
            }
        case TaskKilledReason():
            return {
                "Kill Reason": reason.reason,
                "Accumulator Updates": _accumulables(reason.accumulator_updates),
            }
        case ExecutorLostFailure():
            return {
                "Executor ID": reason.executor_id,
                "Exit Caused By App": reason.exit_caused_by_app,
                **_present("Loss Reason", reason.loss_reason),
            }
        case TaskCommitDenied():
            return {
                "Job ID": reason.job_id,
                "Partition ID": reason.partition_id,
                "Attempt Number": reason.attempt_number,
            }
        case _:
            return {}


def _stack_trace(frames: tuple[StackTraceElement, ...]) -> list[Json]:
    return [
        {
            "Declaring Class": frame.declaring_class,
            "Method Name": frame.method_name,
            "File Name": frame.file_name,
            "Line Number": frame.line_number,
        }
        for frame in frames
    ]


def _job_result(result: JobResult) -> Json:
    if isinstance(result, JobFailed):
        return {
            "Result": "JobFailed",
            "Exception": {
                "Message": result.message,
                "Stack Trace": _stack_trace(result.stack_trace),
            },
        }
    return {"Result": "JobSucceeded"}


def _block_manager_id(address: BlockManagerId) -> Json:
    return {
        "Executor ID": address.executor_id,
        "Host": address.host,
        # Spark's reader gives up on the whole log at port 0, "serves none" in ours.
        "Port": max(address.port, 1),
    }


def _storage_level(level: StorageLevel) -> Mapping[str, bool | int]:
    return {
        "Use Disk": level.useDisk,
        "Use Memory": level.useMemory,
        "Use Off Heap": level.useOffHeap,
        "Deserialized": level.deserialized,
        "Replication": level.replication,
    }
