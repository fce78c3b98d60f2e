"""Run one command to its very end, and tell what it and everything it started cost.

Run as ``python -m benchmarks.supervise REPORT INTERVAL COMMAND...``. It adopts the processes that
the command leaves behind (PySpark's JVM outlives its driver for a moment), so that their CPU time
counts too. With an interval above 0 it also samples memory, in a thread: timed runs do without,
since reading a JVM's page tables takes time.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

from benchmarks.process_tree import descendants, memory_bytes

_PR_SET_CHILD_SUBREAPER = 36
_LINGER = 30.0  # seconds that processes may outlive the command


def sample_memory(interval: float, samples: list[tuple[float, int]], done: threading.Event) -> None:
    """Note (monotonic time, bytes) of everything below this process until ``done``."""
    own = os.getpid()
    while not done.wait(interval):
        samples.append((time.monotonic(), memory_bytes(own) - _own_memory()))


def _own_memory() -> int:
    with open("/proc/self/smaps_rollup") as rollup:
        return 1024 * sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))


def wait_for_orphans() -> bool:
    """Wait until no process is left; return False when some had to be killed."""
    deadline = time.monotonic() + _LINGER
    clean = True
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return clean
        if not ended:
            if time.monotonic() > deadline:
                clean = False
                for pid in descendants(os.getpid())[1:]:
                    os.kill(pid, 9)
            time.sleep(0.01)


def supervise(report: Path, interval: float, command: list[str]) -> int:
    """Run ``command`` and write what it cost to ``report``, as JSON."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    samples: list[tuple[float, int]] = []
    done = threading.Event()
    sampler = threading.Thread(target=sample_memory, args=(interval, samples, done))
    if interval:
        sampler.start()
    begin = time.monotonic()
    code = subprocess.call(command)
    wall = time.monotonic() - begin
    clean = wait_for_orphans()
    done.set()
    if interval:
        sampler.join()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime
    report.write_text(
        json.dumps({"wall": wall, "cpu": cpu, "clean": clean, "begin": begin, "memory": samples})
    )
    return code


if __name__ == "__main__":
    sys.exit(supervise(Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
