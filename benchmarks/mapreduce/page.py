"""docs/mapreduce-benchmarks.md: word count beside the shell, and data larger than memory."""

from benchmarks.engines import ROOT
from benchmarks.page import machine

__all__ = ["PAGE", "write"]

PAGE = ROOT / "docs" / "mapreduce-benchmarks.md"

_TEXT = """\
# `pyrite mapreduce` against the shell

Word count by two Python scripts over {megabytes:.0f} MB of text: the classic pair, which everybody
writes, and a pair that works on whole blocks
([benchmarks/mapreduce/scripts](../benchmarks/mapreduce/scripts)). This page is written by

```sh
python -m benchmarks.mapreduce --rounds {rounds} --write
```

{speed}

Measured on {machine}. Seconds are medians over {rounds} rounds. A ratio is the median of the
rounds' ratios, with the lowest and the highest in brackets.

- `pyrite mapreduce -D spark.master='local[2]' -D mapreduce.job.reduces=6` is measured as a whole:
  from the start of the process until it has ended.
- The shell runs `cat | mapper | LC_ALL=C sort | reducer`, whose processes share the same two cores.
- Both run the same scripts with the same Python, take turns, and must write the same lines.
- On a machine that does other work too, the ratio of CPU time is the fairer one.
- What the two scripts themselves compute is most of the work, and the same for both. "At most" is
  the ratio that they would leave to an engine that costs nothing: half of their time on two cores.
- Python prints in blocks where it writes to a pipe. `PYTHONUNBUFFERED=1`, which many container
  images set, makes it write each line at once; tasks of `pyrite mapreduce` do not inherit that.

## More data than memory

A job that sorts as much data as one worker may hold (`spark.python.worker.memory`), and ten times
as much, no two lines of it the same, with one reducer. The peak is the highest sum of proportional
set sizes (PSS) of the driver, the workers and the commands, looked at every 50 ms. It has the files
of the shuffle in it, as far as they are mapped.

{memory}
"""


def write(rounds: int, megabytes: float, speed: str, memory: str) -> None:
    """Write the page.

    Args:
        rounds: How many there were.
        megabytes: The size of the text.
        speed: The table of times.
        memory: The table of the job that is larger than memory.
    """
    text = _TEXT.format(
        rounds=rounds, megabytes=megabytes, speed=speed, memory=memory, machine=machine()
    )
    PAGE.write_text(text, encoding="utf-8")
