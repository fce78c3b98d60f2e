"""Peer: an engine in a process of its own, which is asked line by line and answers in JSON."""

import json
import os
import subprocess
import threading
from types import TracebackType
from typing import Any

from benchmarks.sessions import path_of

__all__ = ["Peer", "PeerEnded"]


class PeerEnded(SystemExit):
    """The process of a peer is no more."""


class Peer:
    """A worker process.

    Args:
        engine: What it runs; its worker's first argument.
        python: An interpreter that has it.
        worker: The module to run; it answers one line when it is ready, and one for each line.
        arguments: What else the worker is told.

    Attributes:
        ready: What it said when it was ready.
    """

    def __init__(self, engine: str, python: str, worker: str, arguments: list[str]) -> None:
        self.engine = engine
        self._worker = worker
        self._process = subprocess.Popen(
            [python, "-W", "ignore", "-m", worker, engine, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": path_of(engine), "PYSPARK_PYTHON": python},
        )
        self.ready = self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                answer: dict[str, Any] = json.loads(line)
                return answer
        raise PeerEnded(f"{self.engine} ended; run {self._worker} by hand to see why.")

    def ask(self, question: object, within: float | None = None) -> dict[str, Any]:
        """Send a line, and return the answer.

        Args:
            question: The line.
            within: Seconds after which the process is ended instead.

        Raises:
            PeerEnded: There is no answer.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(f"{question}\n")
        self._process.stdin.flush()
        if within is None:
            return self._answer()
        ending = threading.Timer(within, self._process.kill)
        ending.start()
        try:
            return self._answer()
        finally:
            ending.cancel()

    def __enter__(self) -> "Peer":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
