"""The engines of TPC-H on clusters: how each is started, and asked again after it broke down."""

import sys
from dataclasses import dataclass
from typing import Any

from benchmarks.peer import Peer, PeerEnded

__all__ = ["LOCAL", "NAMES", "RAY", "Engine", "Setup"]

#: What the table calls them, by their names on the command line.
NAMES = {
    "local": "local[2]",
    "ray": "Two Ray nodes",
    "daft": "Daft on Ray",
    "sail": "Sail's local cluster",
}
LOCAL, RAY = "local", "ray"
#: Sail's cluster of two; how many tasks a worker runs at once is left to Sail.
_SAIL = (
    "SAIL_CLUSTER__WORKER_INITIAL_COUNT=2",
    "SAIL_CLUSTER__WORKER_MAX_COUNT=2",
    "SAIL_EXECUTION__DEFAULT_PARALLELISM=2",
)
_WARM_UP = 6  # reads the largest table, and is quick


@dataclass(frozen=True)
class Setup:
    """How an engine is started.

    Attributes:
        name: One of `NAMES`.
        python: An interpreter that has the engine.
        address: Where its cluster is.
        settings: Each as ``NAME=VALUE``.
    """

    name: str
    python: str
    address: str
    settings: tuple[str, ...] = ()

    @classmethod
    def local(cls) -> "Setup":
        """Pyrite on two cores without a cluster."""
        return cls(LOCAL, sys.executable, "local[2]", ("spark.driver.memory=16g",))

    @classmethod
    def ray(cls, address: str, settings: tuple[str, ...]) -> "Setup":
        """Pyrite on a Ray cluster."""
        memory = ("spark.driver.memory=4g", "spark.executor.memory=4g")
        return cls(RAY, sys.executable, f"spark://{address}", memory + settings)

    @classmethod
    def sail(cls, python: str) -> "Setup":
        """Sail's local cluster of two workers."""
        return cls("sail", python, "", _SAIL)

    @classmethod
    def daft(cls, python: str, address: str) -> "Setup":
        """Daft on a Ray cluster of its own."""
        return cls("daft", python, address)


class Engine:
    """An engine in a process of its own, which is started anew when it has ended.

    Args:
        setup: How it is started.
        arguments: The folder of the tables and their scale.
        within: Seconds that a query may take.
    """

    def __init__(self, setup: Setup, arguments: tuple[str, str], within: float) -> None:
        self.name = setup.name
        self._setup = setup
        self._arguments = arguments
        self._within = within
        self._peer: Peer | None = None

    def ask(self, number: int) -> dict[str, Any]:
        """Run a query; return its ``seconds`` and ``rows``, or its ``error``."""
        answer = self._asked(number)
        if "error" in answer:
            self.stop()  # what is left of it might fail with the next query too
        return answer

    def _asked(self, number: int) -> dict[str, Any]:
        try:
            return self.start().ask(number, self._within)
        except PeerEnded:
            return {"error": f"the process ended, or {self._within:g} seconds were over"}

    def start(self) -> Peer:
        """Start the process if there is none, and have it run a query, so that all is loaded."""
        if self._peer is None:
            name = "pyrite" if self.name in (LOCAL, RAY) else self.name
            arguments = [*self._arguments, self._setup.address, *self._setup.settings]
            self._peer = Peer(name, self._setup.python, "benchmarks.clusters.worker", arguments)
            self._peer.ask(_WARM_UP, self._within)
        return self._peer

    def stop(self) -> None:
        """End the process."""
        if self._peer is not None:
            self._peer.__exit__(None, None, None)
            self._peer = None
