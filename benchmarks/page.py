"""docs/benchmarks.md: the table, how it was measured, on what, and how to repeat it."""

import os
import platform
import subprocess
from pathlib import Path

from benchmarks.engines import ROOT, Engine

PAGE = ROOT / "docs" / "benchmarks.md"

_TEXT = """\
# Pyrite against PySpark

The same plain PySpark programs ([benchmarks/programs](../benchmarks/programs)) on both engines: how
many times longer PySpark takes. This page is written by

```sh
{command}
```

{table}

Seconds are medians over {rounds} rounds. A ratio is the median of the rounds' ratios, with the
lowest and the highest in brackets.

Measured on {machine}.

## How it is measured

- Each run is a fresh process with `{master}`; the two engines take turns, and who goes first
  changes with each round. Both have their default settings, and must give the same result.
- A section begins when the context is up and one tiny job has warmed it, and ends with the last
  action's result. The JVM warms further in the measured section, as it does for its users. Only
  start-up is measured as a whole: from the start of the process until it has ended.
- CPU time is that of the driver and everything below it: Python workers, and the JVM. It is read
  from the kernel's clock of each process when a section begins and when it ends. On a machine that
  does other work too, it is the fairer of the two ratios.
- Memory is the highest sum of proportional set sizes (PSS) over all these processes from the start
  until the end of the section, looked at every 20 ms in one run more that is not timed.
- The input is made from a seed, and the same everywhere.
"""


def versions(engine: Engine) -> str:
    """The names and versions of an engine and its Python, as ``Pyrite 0.1.0 on Python 3.11.7``."""
    module = engine.name.lower()
    statement = (
        f"import platform, {module}; "
        f"print('{engine.name}', {module}.__version__, 'on Python', platform.python_version())"
    )
    return subprocess.run(
        engine.command(statement),
        env=engine.environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def machine() -> str:
    """This machine without its name: processors, memory, system."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    system = f"{platform.system()} {platform.machine()}"
    return f"{cores} cores, {memory:.0f} GiB of memory, {system}"


def write(
    table: str, engines: tuple[Engine, Engine], command: str, rounds: int, master: str
) -> Path:
    """Write the page and return its path."""
    where = f"{machine()}, with {' and '.join(map(versions, engines))}"
    PAGE.write_text(
        _TEXT.format(table=table, machine=where, command=command, rounds=rounds, master=master),
        encoding="utf-8",
    )
    return PAGE
