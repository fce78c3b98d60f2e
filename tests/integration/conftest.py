"""Servers and their clients, each a process of its own, as they are in use."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psutil
import pytest
from pyspark.sql.connect.session import SparkSession

import pyrite

_SERVE = "from pyrite.deploy.cli import main; main()"
_LONGEST = 300.0  # seconds; only ever waited for when something is broken


def wait_until(condition, seconds=_LONGEST):
    """Wait for a condition and return its last value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return value


def environment(**more):
    """The environment without settings of Spark's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK", "PYSPARK"))}
    return {**kept, **more}


@pytest.fixture
def waits_until():
    """Wait for a condition; say whether it came to be."""
    return lambda condition: bool(wait_until(condition))


class Server:
    """``pyrite connect`` in a directory of its own.

    Attributes:
        url: What clients connect to.
        scratch: Its ``spark.local.dir``.
        output: The lines it has written.
    """

    def __init__(self, directory, flags, settings):
        self.scratch = directory / "scratch"
        self.scratch.mkdir()
        fixed = {
            "spark.local.dir": self.scratch,
            "spark.sql.warehouse.dir": directory / "warehouse",
            "spark.ui.enabled": "false",
        }
        words = ["connect", "--port", "0", "--master", "local[2]", *flags]
        for key, value in {**fixed, **settings}.items():
            words += ["--conf", f"{key}={value}"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _SERVE, *words],
            cwd=directory,
            env=environment(PYTHONPATH=str(Path(pyrite.__file__).parents[1])),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.output = []
        self.url = self._greeting()
        self.port = int(re.search(r":(\d+)", self.url)[1])
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.process = psutil.Process(self._process.pid)

    def _greeting(self):
        for line in self._process.stdout:
            self.output.append(line)
            if line.startswith("  sc://"):
                return line.strip()
        raise AssertionError("".join(self.output))

    def _read(self):
        self.output.extend(self._process.stdout)

    @property
    def is_running(self):
        return self._process.poll() is None

    def cpu_seconds(self):
        times = self.process.cpu_times()
        return times.user + times.system

    def is_idle(self):
        """Whether it does next to nothing for a moment."""
        before = self.cpu_seconds()
        time.sleep(0.3)
        return self.cpu_seconds() - before < 0.05

    def spilled(self):
        """Bytes of its scratch files."""
        total = 0
        for path in self.scratch.rglob("*"):
            try:
                total += path.stat().st_size if path.is_file() else 0
            except FileNotFoundError:
                continue
        return total

    def stop(self, number=signal.SIGTERM):
        """Send a signal; return the exit status once nothing of it is left."""
        family = [self.process, *self.process.children(recursive=True)]
        if self.is_running:
            self._process.send_signal(number)
        try:
            status = self._process.wait(_LONGEST)
        finally:
            for process in family:
                try:
                    process.wait(_LONGEST)
                except psutil.TimeoutExpired:
                    process.kill()
                    raise AssertionError(f"{process} was left behind") from None
            self._reader.join()
            self._process.stdout.close()
        return status


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """Start servers; all of them end cleanly and leave no process and no scratch file."""
    servers = []

    def serve(*flags, settings=None):
        servers.append(Server(tmp_path_factory.mktemp("server"), flags, settings or {}))
        return servers[-1]

    yield serve
    for server in servers:
        if server.is_running:
            assert server.stop() == 0, server.output
        assert list(server.scratch.iterdir()) == []


class Client:
    """A program with the client package alone, and ``spark``."""

    def __init__(self, path, url, source):
        prelude = f"""\
            import os, sys, threading, time
            from pyspark.sql import SparkSession, functions as F
            spark = SparkSession.builder.remote({url!r}).getOrCreate()
            def say(*words):
                print(*words, flush=True)
            """
        path.write_text(textwrap.dedent(prelude) + textwrap.dedent(source))
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(path)],
            cwd=path.parent,
            env=environment(PYTHONPATH=""),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def hears(self):
        """Wait for a line of output."""
        return self.process.stdout.readline().strip()

    def go_on(self):
        """Let it come back from ``input()``."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def kill(self):
        self.process.kill()
        self.close()

    def close(self):
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            stream.close()

    def ends(self):
        """Wait for the end; return the lines it has said since."""
        out, errors = self.process.communicate(timeout=_LONGEST)
        assert self.process.returncode == 0, errors
        return out.splitlines()


@pytest.fixture
def program(tmp_path):
    """Start client programs."""
    clients = []

    def program(url, source):
        clients.append(Client(tmp_path / f"program{len(clients)}.py", url, source))
        return clients[-1]

    yield program
    for client in clients:
        client.kill()


@pytest.fixture
def connect():
    """Connect to servers from this process."""
    sessions = []

    def connect(url):
        session = SparkSession(connection=url, userId="tester")
        SparkSession._set_default_and_active_session(session)
        sessions.append(session)
        return session

    yield connect
    for session in sessions:
        if not session.client.is_closed:
            session.stop()
