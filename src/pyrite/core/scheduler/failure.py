"""What people read when a task fails: PySpark's first line, then the user's own traceback."""

from __future__ import annotations

import pickle

from pyrite.core import events
from pyrite.core.executor.messages import TaskFailed
from pyrite.core.scheduler.stage import TaskSet
from pyrite.core.scheduler.task_set_manager import Attempt

__all__ = ["describe_failure", "user_error"]


def describe_failure(
    attempt: Attempt, task_set: TaskSet, end: events.TaskEndReason, message: TaskFailed | None
) -> str:
    """Return the text of one attempt's failure, as PySpark words it."""
    info = attempt.info
    where = (
        f"Lost task {info.index}.{info.attempt} in stage {task_set.name} "
        f"(TID {info.task_id}) ({info.host} executor {info.executor_id})"
    )
    if message is None:
        return f"{where}: {end.error_text}"
    element = "" if message.element is None else f"\nwhile processing {message.element}"
    partition = (
        f"\nin partition {info.partition_id}"
        if not element
        else (f" of partition {info.partition_id}")
    )
    return f"{where}: {message.traceback.rstrip()}{element}{partition}"


def user_error(message: TaskFailed | None) -> BaseException | None:
    """Return the exception a task raised, as far as it can be brought back.

    The class of an exception may not exist in the driver, or its constructor may refuse; the
    text of the failure says it all the same, so that is no reason to fail here.
    """
    if message is None or not message.error:
        return None
    try:
        error = pickle.loads(message.error)
    except Exception:
        return None
    return error if isinstance(error, BaseException) else None
