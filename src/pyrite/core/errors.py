"""Errors: what users catch, and the signals the engine passes between its own parts.

Users meet PySpark's own error classes; this module is the one place that names them for the
core. The signals (``FetchFailed``, ``TaskKilled``) never reach a user's ``except Exception``
as the final outcome of a job: the scheduler turns them into retries or a ``SparkException``.
"""

from __future__ import annotations

from pyspark.errors import (
    PySparkAssertionError,
    PySparkException,
    PySparkNotImplementedError,
    PySparkRuntimeError,
    PySparkTypeError,
    PySparkValueError,
)

__all__ = [
    "CertainFailure",
    "FetchFailed",
    "FileAlreadyExistsException",
    "InvalidInputException",
    "PySparkAssertionError",
    "PySparkException",
    "PySparkNotImplementedError",
    "PySparkRuntimeError",
    "PySparkTypeError",
    "PySparkValueError",
    "SparkException",
    "SparkIllegalArgumentException",
    "TaskKilled",
    "not_expected_type",
]


def not_expected_type(name: str, expected: str, value: object) -> PySparkTypeError:
    """Return PySpark's error for an argument of a wrong type.

    Args:
        name: The argument.
        expected: The type it should have.
        value: What was given.

    Example:
        >>> not_expected_type("jobId", "int", "3").getCondition()
        'NOT_EXPECTED_TYPE'
    """
    return PySparkTypeError(
        errorClass="NOT_EXPECTED_TYPE",
        messageParameters={
            "arg_name": name,
            "expected_type": expected,
            "arg_type": type(value).__name__,
        },
    )


class SparkException(PySparkRuntimeError):
    """A job, stage or block operation failed for good.

    Where a user's function was the reason, ``__cause__`` is the user's own exception.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message=message)


class SparkIllegalArgumentException(PySparkValueError):
    """An argument or setting has a value the engine cannot use; the message says which."""

    def __init__(self, message: str) -> None:
        super().__init__(message=message)


class InvalidInputException(SparkException):
    """Input files that do not exist; the message has one line for each path."""


class FileAlreadyExistsException(SparkException):
    """The output directory is there already; Pyrite, like Hadoop, never overwrites one."""


class CertainFailure(Exception):
    """What a task has met and would meet again however often it were tried: the job fails at once.

    For what follows from the data alone. Users' functions are tried again, as Spark does it.
    """


class FetchFailed(BaseException):
    """A reducer could not read a map output, so the map task must run again.

    A BaseException, so that a user's function that forgives errors does not take the end of
    what could be read for the end of the data.

    Attributes:
        shuffle_id: The shuffle the output belongs to.
        map_id: The map task's partition, or -1 when the whole shuffle is gone.
        reduce_id: The reducer that asked.
        executor_id: Where the output was recorded to be.
        reason: One sentence for people.
        also_lost: Other map tasks whose outputs the reducer would not be able to read.
    """

    def __init__(
        self,
        shuffle_id: int,
        map_id: int,
        reduce_id: int,
        executor_id: str,
        reason: str,
        also_lost: tuple[int, ...] = (),
    ) -> None:
        super().__init__(shuffle_id, map_id, reduce_id, executor_id, reason, also_lost)
        self.shuffle_id = shuffle_id
        self.map_id = map_id
        self.reduce_id = reduce_id
        self.executor_id = executor_id
        self.reason = reason
        self.also_lost = also_lost


class TaskKilled(BaseException):
    """Raised inside a running task to stop it; a BaseException, so user code lets it pass."""
