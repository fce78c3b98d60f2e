"""Accumulators: sums that tasks add to and the driver reads. Arithmetic is PySpark's own.

A worker keeps one `TaskAccumulator` per id and process; `start_task` sets all of them to zero
and `take_updates` returns what the task that just succeeded added. Updates of a failed attempt
are thus never sent. The driver adds them to its totals with `merge_updates`, once per task:
whether a task's success counts is the DAG scheduler's to know.

What Spark promises: an update made in an action counts once for each partition. An update made
in a transformation counts again whenever the partition is computed again, be it for a second
action or for a lost output.
"""

from __future__ import annotations

import itertools
import logging
import pickle
import threading
import weakref
from collections.abc import Mapping
from typing import Any, TypeVar

import cloudpickle
from pyspark.accumulators import (
    COMPLEX_ACCUMULATOR_PARAM,
    FLOAT_ACCUMULATOR_PARAM,
    INT_ACCUMULATOR_PARAM,
    AccumulatorParam,
)
from pyspark.accumulators import Accumulator as PySparkAccumulator

__all__ = [
    "Accumulator",
    "AccumulatorParam",
    "TaskAccumulator",
    "create_accumulator",
    "merge_updates",
    "start_task",
    "take_updates",
]

T = TypeVar("T")

_log = logging.getLogger(__name__)
_ids = itertools.count()

_DEFAULT_PARAMS: tuple[tuple[type, Any], ...] = (
    (int, INT_ACCUMULATOR_PARAM),
    (float, FLOAT_ACCUMULATOR_PARAM),
    (complex, COMPLEX_ACCUMULATOR_PARAM),
)


class Accumulator(PySparkAccumulator[T]):
    """The driver's side: holds the total.

    Adding and reading are safe from several threads.
    """

    def __init__(self, aid: int, value: T, accum_param: AccumulatorParam[T]) -> None:
        # PySpark's constructor would keep every accumulator of the process alive.
        self.aid = aid
        self.accum_param = accum_param
        self._value = value
        self._deserialized = False
        self._lock = threading.Lock()
        _driver_accumulators[aid] = self

    def add(self, term: T) -> None:
        """Add a term to the total."""
        with self._lock:
            self._value = self.accum_param.addInPlace(self._value, term)

    def __iadd__(self, term: T) -> Accumulator[T]:
        self.add(term)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        zero = self.accum_param.zero(self._value)
        return _from_pickle, (self.aid, zero, self.accum_param)


class TaskAccumulator(PySparkAccumulator[T]):
    """A worker's side: holds what the running task added; its value cannot be read."""

    def __init__(self, aid: int, zero: T, accum_param: AccumulatorParam[T]) -> None:
        self.aid = aid
        self.accum_param = accum_param
        self._value = zero
        self._deserialized = True
        # Zeros such as lists are added to in place: each task gets its own.
        self._zero = cloudpickle.dumps(zero)
        self._touched = False

    def add(self, term: T) -> None:
        """Add a term to what this task has added so far."""
        self._touched = True
        self._value = self.accum_param.addInPlace(self._value, term)

    def __iadd__(self, term: T) -> TaskAccumulator[T]:
        self.add(term)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _from_pickle, (self.aid, pickle.loads(self._zero), self.accum_param)

    def reset(self) -> None:
        """Go back to zero, for the next task."""
        if self._touched:
            self._value = pickle.loads(self._zero)
            self._touched = False


_driver_accumulators: weakref.WeakValueDictionary[int, Accumulator[Any]] = (
    weakref.WeakValueDictionary()
)
_task_accumulators: dict[int, TaskAccumulator[Any]] = {}


def create_accumulator(value: T, accum_param: AccumulatorParam[T] | None = None) -> Accumulator[T]:
    """Make an accumulator, choosing the arithmetic of numbers by itself.

    Raises:
        TypeError: The value is no number, and no param says how to add.

    Example:
        >>> total = create_accumulator(1)
        >>> total += 2
        >>> total.value
        3
    """
    if accum_param is None:
        for kind, param in _DEFAULT_PARAMS:
            if isinstance(value, kind):
                accum_param = param
                break
        else:
            raise TypeError(f"No default accumulator param for type {type(value)}")
    return Accumulator(next(_ids), value, accum_param)


def start_task() -> None:
    """Set the accumulators of this worker process to zero, whatever the last task did."""
    for accumulator in _task_accumulators.values():
        accumulator.reset()


def take_updates() -> dict[int, Any]:
    """Return what the task added, by accumulator id; untouched accumulators are left out."""
    return {
        aid: accumulator._value
        for aid, accumulator in _task_accumulators.items()
        if accumulator._touched
    }


def merge_updates(updates: Mapping[int, Any]) -> None:
    """Add what a successful task added to the driver's totals.

    Accumulators that nobody in the driver can read any more are passed over. An error in a
    user's ``addInPlace`` is logged and costs that update alone, as in Spark: the task's result
    is good.

    Args:
        updates: What `take_updates` returned in the worker.
    """
    for aid, term in updates.items():
        accumulator = _driver_accumulators.get(aid)
        if accumulator is None:
            continue
        try:
            accumulator.add(term)
        except Exception:
            _log.exception("Failed to update accumulator %d", aid)


def _from_pickle(aid: int, zero: T, accum_param: AccumulatorParam[T]) -> PySparkAccumulator[T]:
    known = _driver_accumulators.get(aid) or _task_accumulators.get(aid)
    if known is None:
        known = _task_accumulators[aid] = TaskAccumulator(aid, zero, accum_param)
    return known
