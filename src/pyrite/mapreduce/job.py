"""Step and Job: which classes run one after the other, on what, and what comes of it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypeVar

from pyrite.mapreduce.counters import Counters
from pyrite.mapreduce.encodings import Encoding, Json, Text
from pyrite.mapreduce.errors import MapReduceError
from pyrite.mapreduce.tasks import Mapper, Reducer, Task, TaskFacts

if TYPE_CHECKING:
    from pyrite.core.context import SparkContext

__all__ = ["REDUCES", "Job", "Result", "Step", "make_task", "run"]

#: Hadoop's name of the number of reduce tasks.
REDUCES = "mapreduce.job.reduces"

Key = Any
AnyMapper = Mapper[Any, Any, Any, Any]
AnyReducer = Reducer[Any, Any, Any, Any]
T = TypeVar("T", bound=Task)


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
class Job:
    """Steps that run one after the other, each on what the one before made, in memory.

    Attributes:
        steps: The steps.
        reads: How the input is written; lines of text by default.
        writes: How the output is written: ``key<TAB>value`` by default.
        between: How pairs are written between mapper and reducer, and between steps, where
            these are programs by themselves, as under Hadoop Streaming.
        files: Cache files: paths that every task can open by name, with ``path#name`` under
            another one.
        settings: What ``self.setting(name)`` finds; those of Hadoop count, too, such as
            ``mapreduce.job.reduces`` and ``mapreduce.output.fileoutputformat.compress``.

    Example:
        >>> class Words(Mapper[None, str, str, int]):
        ...     def map(self, key, line):
        ...         for word in line.split():
        ...             yield word, 1
        >>> class Sum(Reducer[str, int, str, int]):
        ...     def reduce(self, word, counts):
        ...         yield word, sum(counts)
        >>> job = Job([Step(Words, Sum, combiner=Sum)])
        >>> job.run(records=[(None, "to be or"), (None, "not to be")], runner="inline").records
        [('be', 2), ('not', 1), ('or', 1), ('to', 2)]
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

    def run(
        self,
        inputs: str | Iterable[str] = (),
        *,
        records: Iterable[tuple[Any, Any]] | None = None,
        output: str | None = None,
        runner: str | SparkContext = "local",
    ) -> Result:
        """Run the job.

        Args:
            inputs: Paths of what to read; each may be a URI, a directory or a glob, and files
                may be compressed.
            records: Pairs to map instead of files.
            output: The directory to write, which must not be there yet. It appears whole or
                not at all, with a file ``part-00000`` and so on for each task, and ``_SUCCESS``.
                Without it the result holds the pairs.
            runner: ``inline`` runs all in this process, one task after the other, where a
                debugger works; ``local`` in a SparkContext: the active one, or one of its own
                with a worker for each core; a master, such as ``local[4]`` or
                ``spark://head:7077``, in one of its own there; a SparkContext in that.

        Raises:
            MapReduceError: If the classes do what cannot be, such as yielding no pairs.
            InvalidInputException: If an input does not exist.
            FileAlreadyExistsException: If the output is there already.
            SparkException: If a task failed; its cause is the program's own error.

        Example:
            >>> job = Job([Step(Mapper, Reducer)])
            >>> job.run("logs/*.gz", output="/tmp/sorted")  # doctest: +SKIP
        """
        from pyrite.mapreduce.runners import run_job

        paths = (inputs,) if isinstance(inputs, str) else tuple(inputs)
        return run_job(self, paths, records, output, runner)

    def main(self, arguments: Sequence[str] | None = None) -> None:
        """Run the job as the program's command line says; ``--help`` explains it.

        Args:
            arguments: The command line without the program; that of this process by default.
        """
        from pyrite.mapreduce.command_line import main

        main(self, arguments)

    def with_settings(self, settings: Mapping[str, str], files: Sequence[str] = ()) -> Job:
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


def run(
    mapper: type[AnyMapper] | AnyMapper | Mapping[str, type[AnyMapper] | AnyMapper],
    reducer: type[AnyReducer] | AnyReducer | None = None,
    *,
    combiner: type[AnyReducer] | AnyReducer | None = None,
    group_by: Callable[[Key], Any] | None = None,
    sort_by: Callable[[Key], Any] | None = None,
    reduces: int | None = None,
    reads: Encoding | None = None,
    writes: Encoding | None = None,
    between: Encoding | None = None,
    files: Sequence[str] = (),
) -> None:
    """Run a job of one step as the program's command line says: the last line of a program.

    The arguments are those of ``Step`` and ``Job``, which also run jobs without a command line.

    Example:
        >>> run(Mapper, Reducer)  # doctest: +SKIP
    """
    step = Step(mapper, reducer, combiner, group_by, sort_by, reduces)
    Job(
        [step],
        reads=reads or Text(),
        writes=writes or Text(),
        between=between or Json(),
        files=files,
    ).main()


def make_task(made_from: type[T] | T, facts: TaskFacts) -> T:
    """Return a mapper or reducer of its own for a task.

    Args:
        made_from: Its class, or an object to copy.
        facts: What it is to know of the task.
    """
    task = made_from() if isinstance(made_from, type) else copy.deepcopy(made_from)
    task._facts = facts
    return task


def _itself(key: Key) -> Key:
    return key


def _class_name(made_from: object) -> str:
    kind = made_from if isinstance(made_from, type) else type(made_from)
    return kind.__name__


def _require(given: object, base: type, role: str) -> None:
    kind = given if isinstance(given, type) else type(given)
    if not issubclass(kind, base):
        raise MapReduceError(
            f"{role} is a class that inherits {base.__name__}, or an object of one, but "
            f"{_class_name(given)} does not: write 'class {_class_name(given)}({base.__name__}):'."
        )
