"""One engine in a process of its own: reads names of cases, answers with costs and results.

Run as ``python -m benchmarks.frames.worker ENGINE SCALE THREADS``; a line in is a case's name, a
line out is JSON.
"""

import contextlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.frames.cases import CASES, Given, Run
from benchmarks.process_tree import cpu_seconds
from benchmarks.sessions import SESSIONS


def serve(engine: str, scale: str, threads: str) -> None:
    """Answer until the input ends."""
    cases = {case.name: case for case in CASES}
    ready: dict[str, Run] = {}
    with tempfile.TemporaryDirectory(prefix="frames-") as folder:
        os.chdir(folder)  # engines leave things where they are started
        spark = SESSIONS[engine](int(threads))
        preamble = "import pyrite\n" if engine == "pyrite" else ""
        given = Given(spark, Path(folder), float(scale), preamble)
        print(json.dumps({"ready": engine}), flush=True)
        for line in sys.stdin:
            name = line.strip()
            if name not in ready:
                ready[name] = cases[name].prepare(given)
            print(json.dumps(measured(ready[name])), flush=True)
        getattr(spark, "stop_server", spark.stop)()


def measured(run: Run) -> dict[str, object]:
    """Run something, and say what it gave and what it took: wall and CPU seconds of all."""
    own = os.getpid()
    cpu, begin = cpu_seconds(own), time.perf_counter()
    with contextlib.redirect_stderr(None):
        result = run()
    wall = time.perf_counter() - begin
    return {"result": result, "wall": wall, "cpu": cpu_seconds(own) - cpu}


if __name__ == "__main__":
    serve(*sys.argv[1:])
