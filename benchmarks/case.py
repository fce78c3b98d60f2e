"""One program inside its process: a context, a warm-up job, and the measured sections.

The same on either engine: which one it is depends on what ``pyspark`` is here. The standard library
is all it needs.
"""

import json
import os
import runpy
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.process_tree import cpu_seconds


class Case:
    """What a program gets beside the context: its input files, its size, and the stopwatch.

    Args:
        data: The folder of the input files.
        scale: 1.0 for the full size; the input files have been made for it already.
    """

    def __init__(self, data: Path, scale: float) -> None:
        self._data = data
        self._scale = scale
        self.sections: dict[str, dict[str, float]] = {}

    def file(self, name: str) -> str:
        """The path of an input file."""
        return str(self._data / name)

    def sized(self, count: int) -> int:
        """A number of elements, shrunk or grown by the scale."""
        return max(1, round(count * self._scale))

    @contextmanager
    def section(self, name: str) -> Iterator[None]:
        """Measure what is inside: wall time, and CPU time of the whole process tree."""
        own = os.getpid()
        cpu = cpu_seconds(own)
        begin = time.monotonic()
        yield
        end = time.monotonic()
        cpu = cpu_seconds(own) - cpu
        self.sections[name] = {"wall": end - begin, "cpu": cpu, "end": end}


def run(program: str, case: Case, master: str) -> Any:
    """Run a program on whichever engine ``pyspark`` is, and return its result."""
    # Under the name __main__ its functions travel to the workers as a user's own would.
    namespace = runpy.run_path(program, run_name="__main__")
    from pyspark import SparkContext

    with SparkContext(master, Path(program).stem) as sc:
        sc.setLogLevel("ERROR")
        sc.parallelize(range(8), 4).map(lambda n: n + 1).count()
        return namespace["run"](sc, case)


def main(report: str, program: str, data: str, scale: str, master: str) -> None:
    """Run one program and write its sections and its result to ``report``, as JSON."""
    case = Case(Path(data), float(scale))
    result = run(program, case, master)
    Path(report).write_text(json.dumps({"sections": case.sections, "result": result}))
