"""What a process and all its descendants use: CPU time and memory, read from Linux itself.

Standard library only, since PySpark's environment has nothing more.
"""

import os
import time

_CPU_CLOCK = 2  # CPUCLOCK_SCHED: nanoseconds on a CPU, all threads of a process together


def descendants(root: int) -> list[int]:
    """The process ``root`` and everything below it, parents before children."""
    found = [root]
    for pid in found:  # grows while it is walked
        try:
            threads = os.listdir(f"/proc/{pid}/task")
        except FileNotFoundError:
            continue
        for thread in threads:
            try:
                with open(f"/proc/{pid}/task/{thread}/children") as children:
                    found.extend(map(int, children.read().split()))
            except FileNotFoundError:
                continue
    return found


def cpu_seconds(root: int) -> float:
    """CPU time used so far by the tree below ``root``: processes alive, and those waited for."""
    total = 0.0
    ticks = os.sysconf("SC_CLK_TCK")
    for pid in descendants(root):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
            # The tick counters are too coarse for a millisecond's job; the clock is exact.
            total += time.clock_gettime(~pid << 3 | _CPU_CLOCK)
        except OSError:
            continue  # ended meanwhile; its parent's counters have it once it is waited for
        total += (int(fields[13]) + int(fields[14])) / ticks
    return total


def memory_bytes(root: int) -> int:
    """Memory of the tree below ``root``: the sum of proportional set sizes (PSS).

    A page that n processes share counts 1/n for each, so that forked workers are not charged
    twice for what they have in common.
    """
    total = 0
    for pid in descendants(root):
        try:
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                sizes = [line.split()[1] for line in rollup if line.startswith("Pss:")]
        except OSError:
            continue
        total += 1024 * sum(map(int, sizes))
    return total
