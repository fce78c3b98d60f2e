"""Step, and the plan of a job: which classes run one after the other, and what comes of it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Self

from pyrite.mapreduce.counters import Counters
from pyrite.mapreduce.encodings import Encoding, Json, Text
from pyrite.mapreduce.errors import MapReduceError
from pyrite.mapreduce.tasks import Mapper, Reducer

__all__ = ["REDUCES", "AnyMapper", "AnyReducer", "JobPlan", "Result", "Step"]

#: Hadoop's name of the number of reduce tasks.
REDUCES = "mapreduce.job.reduces"

Key = Any
AnyMapper = Mapper[Any, Any, Any, Any]
AnyReducer = Reducer[Any, Any, Any, Any]


@dataclass(frozen=True)
class Step:
    """A mapper, and a reducer of what it makes. Each may be left out, and is then the identity.

    All of them are classes, or objects of which each task gets a copy.

    Attributes:
        mapper: The mapper; or several, each for files whose name or URI matches a pattern as of
            the shell: the first that matches counts.
        reducer: The reducer; None ends the step with what the mapper makes, unsorted.
        combiner: Runs on what a map task made, before it is sent to reducers.
        group_by: From a key to the part of it that is grouped by: pairs of a group come to the
            same call of ``reduce``. By default the whole key.
        sort_by: From a key to what is sorted by: the order of the values in a group where
            ``group_by`` is given, otherwise the order of the groups. By default the key.
        reduces: How many reduce tasks, and thus output files; by default what the job's setting
            ``mapreduce.job.reduces`` says, or what the runner finds good.

    Example:
        >>> from operator import itemgetter
        >>> step = Step(Mapper, Reducer, group_by=itemgetter(0))  # keys (station, time)
        >>> Step(mapper={"users*": Mapper, "*.log.gz": Mapper}).mapper_for("file:/data/users.csv")
        <class 'pyrite.mapreduce.tasks.Mapper'>
    """

    mapper: type[AnyMapper] | AnyMapper | Mapping[str, type[AnyMapper] | AnyMapper] = Mapper
    reducer: type[AnyReducer] | AnyReducer | None = None
    combiner: type[AnyReducer] | AnyReducer | None = None
    group_by: Callable[[Key], Any] | None = None
    sort_by: Callable[[Key], Any] | None = None
    reduces: int | None = None

    def __post_init__(self) -> None:
        several = isinstance(self.mapper, Mapping)
        mappers = self.mapper.values() if isinstance(self.mapper, Mapping) else [self.mapper]
        for mapper in mappers:
            _require(mapper, Mapper, "A mapper")
        if several and not mappers:
            raise MapReduceError("The step has a table of mappers without any mapper in it.")
        for reducer, role in ((self.reducer, "A reducer"), (self.combiner, "A combiner")):
            if reducer is not None:
                _require(reducer, Reducer, role)
        if self.reducer is None:
            for name in ("combiner", "group_by", "sort_by", "reduces"):
                if getattr(self, name) is not None:
                    raise MapReduceError(
                        f"The step has {name}, but no reducer. Give it one, such as Reducer, "
                        "which passes on what it gets."
                    )
        if self.reduces is not None and self.reduces < 1:
            raise MapReduceError(
                f"reduces is {self.reduces}, but a step with a reducer needs at least 1. For none "
                "leave the reducer out."
            )

    def mapper_for(self, input_file: str | None) -> type[AnyMapper] | AnyMapper:
        """Return the mapper of a file.

        Args:
            input_file: Its URI or path; None where records are of no file.

        Raises:
            MapReduceError: If there are several and none is for that file.
        """
        if not isinstance(self.mapper, Mapping):
            return self.mapper
        name = (input_file or "").rpartition("/")[2]
        for pattern, mapper in self.mapper.items():
            if fnmatchcase(name, pattern) or fnmatchcase(input_file or "", pattern):
                return mapper
        patterns = ", ".join(map(repr, self.mapper))
        raise MapReduceError(
            f"No mapper is for the input {input_file!r}: the patterns are {patterns}. Add one that "
            "matches it, such as '*'."
        )

    def order(self) -> Callable[[Key], Any] | None:
        """Return the function from a key to what is compared; None compares the keys."""
        group_by, sort_by = self.group_by, self.sort_by
        if group_by is not None:
            within = sort_by or _itself
            return lambda key: (group_by(key), within(key))
        if sort_by is not None:
            return lambda key: (sort_by(key), key)
        return None

    @property
    def mapper_name(self) -> str:
        """The classes of the mappers, for errors."""
        mappers = self.mapper.values() if isinstance(self.mapper, Mapping) else [self.mapper]
        return " and ".join(dict.fromkeys(map(_class_name, mappers)))

    @property
    def last_name(self) -> str:
        """The class that makes what leaves the step, for errors."""
        return self.mapper_name if self.reducer is None else _class_name(self.reducer)


@dataclass(frozen=True)
class Result:
    """What a job has done.

    Attributes:
        counters: What its tasks counted.
        records: The pairs it made, where they were not written to a directory or printed; in
            the order of the output files.
        output: The directory it wrote, if any.
    """

    counters: Counters
    records: list[tuple[Any, Any]] = field(default_factory=list)
    output: str | None = None


@dataclass(frozen=True)
class JobPlan:
    """What a job is, for those who run it; its attributes are described where programs see them.

    Attributes:
        steps: As of ``Job``, like the others.
    """

    steps: Sequence[Step]
    reads: Encoding = field(default_factory=Text)
    writes: Encoding = field(default_factory=Text)
    between: Encoding = field(default_factory=Json)
    files: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.steps:
            raise MapReduceError("The job has no steps. Give it at least one: Job([Step(...)]).")
        for step in self.steps[1:]:
            if isinstance(step.mapper, Mapping):
                raise MapReduceError(
                    "Only a job's first step can have mappers for different inputs: what later "
                    "steps get is of no file."
                )

    def with_settings(self, settings: Mapping[str, str], files: Sequence[str] = ()) -> Self:
        """Return the job with more settings and files."""
        changed = copy.copy(self)
        object.__setattr__(changed, "settings", {**self.settings, **settings})
        object.__setattr__(changed, "files", (*self.files, *files))
        return changed

    def reduces_of(self, step: Step, default: int) -> int:
        """Return how many reduce tasks a step has.

        Args:
            step: One of the job's steps.
            default: How many where nothing says.

        Raises:
            MapReduceError: If the setting is no positive number.
        """
        if step.reduces is not None:
            return step.reduces
        given = self.settings.get(REDUCES)
        if given is None:
            return default
        if not given.isdecimal() or int(given) < 1:
            raise MapReduceError(
                f"{REDUCES} is '{given}', but must be at least 1: a step without reducers is one "
                "whose reducer is left out."
            )
        return int(given)

    def file_paths(self) -> dict[str, str]:
        """Return the paths of the cache files by the names that tasks know them by."""
        paths = {}
        for given in self.files:
            path, _, name = given.partition("#")
            paths[name or path.rstrip("/").rpartition("/")[2]] = path
        return paths


def _itself(key: Key) -> Key:
    return key


def _class_name(made_from: object) -> str:
    name = getattr(made_from, "__name__", None)
    return name if isinstance(name, str) else type(made_from).__name__


def _require(given: object, base: type, role: str) -> None:
    kind = given if isinstance(given, type) else type(given)
    if not issubclass(kind, base):
        raise MapReduceError(
            f"{role} is a class that inherits {base.__name__}, or an object of one, but "
            f"{_class_name(given)} does not: write 'class {_class_name(given)}({base.__name__}):'."
        )
