"""Janitor: removes directories when the process that asked for it is gone, however it ended.

It is nobody's child and has no parent to wait for: it reads from a pipe whose other end only its
owner holds, and the system closes that.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence

__all__ = ["Janitor"]

#: Ray kills the children of an actor that ends, so this is none. Where the owner did not stop in
#: order, other processes may still write: for a while, what appears again is removed again.
_PROGRAM = """
import os, shutil, sys, time
if os.fork():
    os._exit(0)
os.setsid()
in_order = sys.stdin.read()
for _ in range(3 if in_order else 100):
    for path in sys.argv[1:]:
        shutil.rmtree(path, ignore_errors=True)
    time.sleep(0.1)
"""

#: It has done its work after this long.
_STOP_SECONDS = 10.0


class Janitor:
    """Removes directories after this process.

    Args:
        paths: The directories.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths
        self._process = subprocess.Popen(
            [sys.executable, "-S", "-c", _PROGRAM, *paths], stdin=subprocess.PIPE
        )
        self._process.wait()

    def stop(self) -> None:
        """Have the directories removed now, and wait for it."""
        assert self._process.stdin is not None
        if self._process.stdin.closed:
            return
        self._process.stdin.write(b"in order")
        self._process.stdin.close()
        until = time.monotonic() + _STOP_SECONDS
        while any(map(os.path.exists, self._paths)) and time.monotonic() < until:
            time.sleep(0.01)
