"""Job and run: a job in the hands of a program."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.mapreduce.encodings import Encoding, Json, Text
from pyrite.mapreduce.plan import AnyMapper, AnyReducer, JobPlan, Result, Step

if TYPE_CHECKING:
    from pyrite.core.context import SparkContext

__all__ = ["Job", "run"]


class Job(JobPlan):
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
        >>> from pyrite.mapreduce import Mapper, Reducer
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
            >>> from pyrite.mapreduce import Mapper, Reducer
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


def run(
    mapper: type[AnyMapper] | AnyMapper | Mapping[str, type[AnyMapper] | AnyMapper],
    reducer: type[AnyReducer] | AnyReducer | None = None,
    *,
    combiner: type[AnyReducer] | AnyReducer | None = None,
    group_by: Callable[[Any], Any] | None = None,
    sort_by: Callable[[Any], Any] | None = None,
    reduces: int | None = None,
    reads: Encoding | None = None,
    writes: Encoding | None = None,
    between: Encoding | None = None,
    files: Sequence[str] = (),
) -> None:
    """Run a job of one step as the program's command line says: the last line of a program.

    The arguments are those of ``Step`` and ``Job``, which also run jobs without a command line.

    Example:
        >>> from pyrite.mapreduce import Mapper, Reducer
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
