"""What the fault tests share: contexts that are checked for what they leave behind."""

import contextlib
import os
import subprocess
import sys
import textwrap
import threading
import time

import psutil
import pytest

from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext

#: Seconds; only ever waited for when something is broken.
PATIENCE = 60.0


def wait_until(condition, seconds=PATIENCE):
    """Wait for a condition and return its last value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value


def _is_one_of(pid, processes):
    return any(process.pid == pid for process in processes)


class Scratch:
    """A scratch directory, and the processes of the applications that use it."""

    def __init__(self, path):
        self.path = path

    def processes(self):
        """The launchers and workers: an argument of theirs is the scratch directory."""
        return list(self._parents())

    def launchers(self):
        parents = self._parents()
        return [process for process, parent in parents.items() if not _is_one_of(parent, parents)]

    def workers(self):
        parents = self._parents()
        return [process for process, parent in parents.items() if _is_one_of(parent, parents)]

    def _parents(self):
        """Each process and the id of its parent, as one look finds them: they come and go."""
        return {
            process: process.info["ppid"]
            for process in psutil.process_iter(["cmdline", "ppid"])
            if any(str(self.path) in word for word in (process.info["cmdline"] or ())[3:])
        }

    def kill(self, processes):
        """Kill processes, some of which may have ended meanwhile."""
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def watch(self, size, action):
        """Run an action; return its result and the largest size that a worker had meanwhile.

        ``size`` returns the size of a process that is a worker, in bytes.
        """
        over = threading.Event()
        largest = [0]

        def look():
            while not over.wait(0.02):
                for worker in self.workers():
                    with contextlib.suppress(psutil.Error):
                        largest[0] = max(largest[0], size(worker))

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            return action(), largest[0]
        finally:
            over.set()
            watcher.join()

    def children(self):
        """What tasks started: processes that work in the scratch directory."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.cwd() == str(self.path):
                    found.append(process)
        return found

    def is_clean(self):
        return not self.processes() and not self.children() and not os.listdir(self.path)

    def waits_until(self, condition):
        """Wait for a condition; say whether it came to be."""
        return bool(wait_until(condition))

    def empties(self):
        """Wait for all of it to go; say whether it did."""
        return self.waits_until(self.is_clean)


@pytest.fixture
def scratch(tmp_path):
    path = tmp_path / "scratch"
    path.mkdir()
    scratch = Scratch(path)
    yield scratch
    assert scratch.empties(), (scratch.processes(), scratch.children(), os.listdir(path))


@pytest.fixture
def start(scratch):
    """Start a context; it is stopped at the end, and must leave nothing behind."""

    def start(master="local[2]", settings=(), **named):
        conf = SparkConf(loadDefaults=False).setMaster(master).setAppName("faults")
        defaults = {"spark.local.dir": str(scratch.path), "spark.ui.enabled": "false"}
        conf.setAll(list({**defaults, **dict(settings)}.items()))
        return SparkContext(conf=conf, **named)

    yield start
    if SparkContext._active_spark_context is not None:
        SparkContext._active_spark_context.stop()


@pytest.fixture
def sc(start):
    return start()


class Driver:
    """A program that runs in a process of its own."""

    def __init__(self, source, scratch):
        prelude = f"""
            import os, signal, sys, threading, time
            from pyrite.core.conf import SparkConf
            from pyrite.core.context import SparkContext
            conf = SparkConf().setMaster("local[2]").setAppName("driver")
            conf.set("spark.local.dir", {str(scratch.path)!r}).set("spark.ui.enabled", "false")
            def say(*words):
                print(*words, flush=True)
        """
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(prelude) + textwrap.dedent(source)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def hears(self):
        """Wait for a line of output."""
        return self.process.stdout.readline().strip()

    def ends(self, seconds=2 * PATIENCE):
        """Wait for the end; return the exit status, the rest of the output, and the errors."""
        out, errors = self.process.communicate(timeout=seconds)
        return self.process.returncode, out, errors


@pytest.fixture
def drive(scratch):
    """Start a driver program in a process of its own, with ``conf`` and ``say`` at hand."""
    drivers = []

    def drive(source):
        drivers.append(Driver(source, scratch))
        return drivers[-1]

    yield drive
    for driver in drivers:
        if driver.process.poll() is None:
            driver.process.kill()
        driver.process.communicate()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One context for the tests of a module that leave it as it was."""
    conf = SparkConf(loadDefaults=False).setMaster("local[2]").setAppName("faults")
    conf.set("spark.ui.enabled", "false")
    conf.set("spark.local.dir", str(tmp_path_factory.mktemp("shared")))
    with SparkContext(conf=conf) as sc:
        yield sc
