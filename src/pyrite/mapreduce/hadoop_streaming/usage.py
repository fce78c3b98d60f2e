"""What ``-help`` and ``-info`` say: the options, examples, and the properties worth knowing."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from itertools import groupby

from pyrite.mapreduce.hadoop_streaming.options import OPTIONS, Option

__all__ = ["usage"]

_WIDTH = 100

_WHAT = """\
Runs any two executables as a MapReduce job. The mapper gets lines on its stdin and writes
key<TAB>value lines; these are sorted by key; the reducer gets all lines of a key together.
The output directory gets a part file for each reducer, and _SUCCESS when all is well."""

_EXAMPLES = """\
Count words, in one line:

  {program} -input 'books/*.txt' -output counts \\
    -mapper "tr -s ' ' '\\n'" -reducer "uniq -c"

With two scripts of your own, on four reducers:

  {program} -files mapper.py,reducer.py -input logs -output report \\
    -mapper "python3 mapper.py" -combiner "python3 reducer.py" \\
    -reducer "python3 reducer.py" -numReduceTasks 4

Only a mapper, nothing sorted:

  {program} -input logs -output errors -mapper "grep ERROR" -reducer NONE \\
    -D stream.non.zero.exit.is.failure=false

Before you start a job, try its scripts: cat input | ./mapper | sort | ./reducer"""

_MORE = """\
-info tells about properties, and how scripts report counters."""

#: What -info tells of properties: name, and what it is for.
_PROPERTIES = (
    ("mapreduce.job.name", "What the job is called."),
    ("mapreduce.job.reduces", "How many reducers; 0 for none."),
    ("mapreduce.job.maps", "How many mappers, as a hint."),
    ("mapreduce.input.fileinputformat.split.minsize", "The least bytes of a mapper's input."),
    ("mapreduce.task.timeout", "Milliseconds after which a silent task is killed; 0 for never."),
    ("mapreduce.map.maxattempts", "How often a map task is tried; 4."),
    ("mapreduce.reduce.maxattempts", "How often a reduce task is tried; 4."),
    ("stream.map.output.field.separator", "What ends the key in the mapper's output; a tab."),
    ("stream.num.map.output.key.fields", "How many fields are the key there; 1."),
    ("stream.reduce.output.field.separator", "The same for the reducer's output."),
    ("stream.num.reduce.output.key.fields", "The same for the reducer's output."),
    ("mapreduce.map.output.key.field.separator", "What divides fields of keys for -k options."),
    ("mapreduce.partition.keypartitioner.options", "Which fields choose the reducer: -k1,2."),
    ("mapreduce.job.output.key.comparator.class", "KeyFieldBasedComparator, to sort by fields."),
    ("mapreduce.partition.keycomparator.options", "Which fields these are, and how: -k2,2nr."),
    ("stream.non.zero.exit.is.failure", "Whether an exit code other than 0 fails a task; true."),
    ("spark.master", "Where the job runs: local[*], local[4], spark://head:7077."),
)

_PROTOCOL = """\
What a command writes to stderr goes to its task's log, but for lines such as

  reporter:counter:GROUP,NAME,AMOUNT    count something; shown at the job's end
  reporter:status:MESSAGE               say how far the task is; it counts as life

Commands find the job's properties in their environment, with _ for all but letters and digits:
mapreduce_map_input_file, mapreduce_task_id, mapreduce_task_partition, mapreduce_job_id."""


def usage(program: str, *, in_full: bool = False) -> str:
    """Return what to show who asks how to call the command.

    Args:
        program: What is called, such as ``pyrite mapreduce``.
        in_full: Whether to tell of properties and the protocol of stderr, too.
    """
    parts = [f"Usage: {program} -input PATH -output DIR [OPTIONS]", _WHAT]
    shown = [option for option in OPTIONS if option.section]
    for section, options in groupby(shown, key=lambda option: option.section):
        parts.append("\n".join([f"{section}:", *_rows(map(_row, options))]))
    parts.append(_EXAMPLES.format(program=program))
    if in_full:
        parts += ["\n".join(["Properties (-D NAME=VALUE):", *_rows(_PROPERTIES)]), _PROTOCOL]
    else:
        parts.append(_MORE)
    return "\n\n".join(parts)


def _row(option: Option) -> tuple[str, str]:
    return f"-{option.name} {option.metavar}".rstrip(), option.help


def _rows(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    rows = list(rows)
    column = max(len(name) for name, _ in rows) + 2
    for name, help_text in rows:
        first, *rest = textwrap.wrap(help_text, _WIDTH - column - 2)
        yield f"  {name:{column}}{first}"
        yield from (" " * (column + 2) + line for line in rest)
