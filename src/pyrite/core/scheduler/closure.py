"""Pickling a stage's task, and saying what was wrong when that fails."""

from __future__ import annotations

import builtins
import pickle
from collections.abc import Iterator
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

import cloudpickle

from pyrite.core.errors import PySparkException
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.partition import Partition
from pyrite.core.scheduler.task import Task

__all__ = ["pickle_partition", "pickle_task"]


def pickle_task(task: Task) -> bytes:
    """Pickle a task with the user's functions in it.

    Raises:
        pickle.PicklingError: If something a function refers to cannot be pickled, as an RDD or
            the context cannot; the message names the function and the variable.
    """
    try:
        return bytes(cloudpickle.dumps(task, pickle.HIGHEST_PROTOCOL))
    except Exception as error:
        text = f"Could not serialize object: {type(error).__name__}: {error}"
        culprit = _culprit(task)
        if culprit is not None:
            text += f"\nIt is the variable {culprit}."
            if not isinstance(error, PySparkException):  # those say what to do by themselves
                text += (
                    " Create it inside the function, for example once per partition with "
                    "mapPartitions."
                )
        raise pickle.PicklingError(text) from error


def pickle_partition(partition: Partition) -> bytes:
    """Pickle a partition with the data it carries, which may be of the program's own classes.

    Raises:
        pickle.PicklingError: If an element cannot be pickled; the message names it.
    """
    try:
        return bytes(cloudpickle.dumps(partition, pickle.HIGHEST_PROTOCOL))
    except Exception as error:
        text = f"Could not serialize object: {type(error).__name__}: {error}"
        for position, element in enumerate(getattr(partition, "elements", ())):
            if not _pickles(element):
                text += (
                    f"\nIt is element {position} of partition {partition.index}, "
                    f"of type {type(element).__name__}."
                )
                break
        raise pickle.PicklingError(text) from error


def _culprit(task: Task) -> str | None:
    """Name the first variable of a user's function that does not pickle.

    A function that does not pickle has a variable of its own to blame, so those come last.
    """
    found = [
        (isinstance(value, FunctionType), name, value, function)
        for function in _functions(task)
        for name, value in _variables(function)
        if not _pickles(value)
    ]
    if not found:
        return None
    _, name, value, function = min(found, key=lambda entry: entry[0])
    code = function.__code__
    return (
        f"'{name}' of type {type(value).__name__} in {function.__qualname__} "
        f"({code.co_filename}:{code.co_firstlineno})"
    )


def _functions(task: Any) -> Iterator[FunctionType]:
    seen: set[int] = set()
    pending: list[Any] = list(vars(task).values())
    while pending:
        value = pending.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, FunctionType):
            yield value
            pending.extend(inner for _, inner in _variables(value))
        elif isinstance(value, BaseRDD):
            pending.extend(vars(value).values())
            pending.extend(dependency.rdd for dependency in value.dependencies)
        elif isinstance(value, tuple | list):
            pending.extend(value)
        elif isinstance(value, partial):
            pending.extend((value.func, *value.args, *value.keywords.values()))
        elif isinstance(value, MethodType):
            pending.extend((value.__func__, value.__self__))
        elif type(value).__module__.startswith("pyrite."):
            slots = getattr(type(value), "__slots__", ())
            pending.extend(getattr(value, slot, None) for slot in slots)
            pending.extend(getattr(value, "__dict__", {}).values())


def _variables(function: FunctionType) -> Iterator[tuple[str, Any]]:
    names = function.__code__.co_freevars
    for name, cell in zip(names, function.__closure__ or (), strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:
            continue  # not assigned yet
    for name in sorted(_global_names(function.__code__)):
        if name in function.__globals__ and not hasattr(builtins, name):
            yield name, function.__globals__[name]


def _global_names(code: CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _global_names(constant)
    return names


def _pickles(value: object) -> bool:
    try:
        cloudpickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except Exception:
        return False
    return True
