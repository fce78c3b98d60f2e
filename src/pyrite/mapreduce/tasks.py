"""Mapper, Reducer and Combiner: the classes that programs write."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from pyrite.mapreduce.errors import MapReduceError

__all__ = ["Combiner", "Mapper", "Reducer", "Reporter", "Task", "TaskFacts", "make_task"]

InKey = TypeVar("InKey")
InValue = TypeVar("InValue")
OutKey = TypeVar("OutKey")
OutValue = TypeVar("OutValue")


class Reporter(Protocol):
    """Where the counters and the status of a task go."""

    def count(self, group: str, name: str, amount: int) -> None:
        """Add to a counter."""

    def status(self, message: str) -> None:
        """Show what the task is doing."""


class _Nobody:
    """The reporter of an object that no runner has made."""

    def count(self, group: str, name: str, amount: int) -> None:
        """Count nothing."""

    def status(self, message: str) -> None:
        """Show nothing."""


@dataclass(frozen=True)
class TaskFacts:
    """What a runner tells a task of itself.

    Attributes:
        reporter: Where counters and status go.
        input_file: URI of the file that is being mapped, where there is one.
        settings: The job's settings.
        files: The local paths of the job's cache files, by name.
    """

    reporter: Reporter = field(default_factory=_Nobody)
    input_file: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


class Task:
    """What mappers, reducers and combiners have in common.

    Each task makes an object of its own: what it keeps in itself is not seen by other tasks.
    """

    _facts: TaskFacts = TaskFacts()

    def setup(self) -> None:
        """Prepare for the first record. Does nothing unless a program defines it."""

    def counter(self, group: str, name: str, amount: int = 1) -> None:
        """Count up one of the job's counters.

        Args:
            group: The heading it stands under.
            name: Its name.
            amount: How much to add.

        Example:
            >>> Mapper().counter("lines", "empty")
        """
        self._facts.reporter.count(group, name, amount)

    def status(self, message: str) -> None:
        """Say what the task is doing, for those who watch the job.

        Example:
            >>> Mapper().status("reading the dictionary")
        """
        self._facts.reporter.status(message)

    def setting(self, name: str, default: str | None = None) -> str | None:
        """Return one of the job's settings: ``-D name=value`` on the command line.

        Example:
            >>> Mapper().setting("minimum.length", "3")
            '3'
        """
        return self._facts.settings.get(name, default)

    def cache_file(self, name: str) -> str:
        """Return the local path of a file that was given to the job: ``--files path``.

        Args:
            name: The file's name, or what stands after ``#`` in ``--files path#name``.

        Raises:
            MapReduceError: If the job has no file of that name; the message lists those it has.
        """
        path = self._facts.files.get(name)
        if path is not None:
            return path
        known = ", ".join(sorted(self._facts.files)) or "none"
        raise MapReduceError(
            f"{type(self).__name__} asks for the file '{name}', which the job does not have. "
            f"Its files: {known}. Give it one with files=['path/{name}'], or with "
            f"--files path/{name} on the command line (-files for Hadoop Streaming)."
        )


class Mapper(Task, Generic[InKey, InValue, OutKey, OutValue]):
    """Makes pairs of each record.

    What ``map`` is given depends on what the job reads: of text the key is None and the value a
    line without its end. In later steps they are the pairs of the step before.

    Example:
        >>> class Words(Mapper[None, str, str, int]):
        ...     def map(self, key, line):
        ...         for word in line.split():
        ...             yield word, 1
        >>> list(Words().map(None, "to be or not to be"))[:2]
        [('to', 1), ('be', 1)]
    """

    def map(self, key: InKey, value: InValue) -> Iterable[tuple[OutKey, OutValue]] | None:
        """Yield any number of pairs for a record; by default the record itself."""
        return [(key, value)]  # type: ignore[list-item]

    def cleanup(self) -> Iterable[tuple[OutKey, OutValue]] | None:
        """Yield pairs after the last record, such as what was gathered in the object."""
        return None

    @property
    def input_file(self) -> str | None:
        """Name of the file the record is from, as a URI or path; None where it is from no file."""
        return self._facts.input_file

    @property
    def input_name(self) -> str:
        """The last part of ``input_file``; empty where there is none.

        Example:
            >>> Mapper().input_name
            ''
        """
        return os.path.basename(self.input_file or "")


class Reducer(Task, Generic[InKey, InValue, OutKey, OutValue]):
    """Makes pairs of each key and its values.

    Example:
        >>> class Sum(Reducer[str, int, str, int]):
        ...     def reduce(self, word, counts):
        ...         yield word, sum(counts)
        >>> list(Sum().reduce("be", iter([1, 1])))
        [('be', 2)]
    """

    def reduce(
        self, key: InKey, values: Iterator[InValue]
    ) -> Iterable[tuple[OutKey, OutValue]] | None:
        """Yield any number of pairs for a key; by default one with each value.

        Args:
            key: The key; where the step groups by a part of it, the group's first key.
            values: All its values, once and one after the other: there may be more of them
                than fit into memory. Those that are not read are passed over.
        """
        return ((key, value) for value in values)  # type: ignore[misc]

    def cleanup(self) -> Iterable[tuple[OutKey, OutValue]] | None:
        """Yield pairs after the last key, such as what was gathered in the object."""
        return None


Key = TypeVar("Key")
Value = TypeVar("Value")


class Combiner(Reducer[Key, Value, Key, Value]):
    """A reducer of some values of a key, which runs where they were mapped.

    It saves work and must not change the answer: what it yields is like what it was given, and
    it may run any number of times on a key's values, also on those it has made itself. A reducer
    of which that is true, such as a sum, serves as the combiner as it is.
    """


T = TypeVar("T", bound=Task)


def make_task(made_from: type[T] | T, facts: TaskFacts) -> T:
    """Return a mapper or reducer of its own for a task.

    Args:
        made_from: Its class, or an object to copy.
        facts: What it is to know of the task.
    """
    task = made_from() if isinstance(made_from, type) else copy.deepcopy(made_from)
    task._facts = facts
    return task
