"""NodeKeeper: the machines where an application has executors, as its driver sees them.

On each there is one `NodeHost`, which keeps the scratch directories and serves the files. It
outlives the executors: their map outputs are readable as long as it answers. The keeper starts
it, watches it, and leaves the machine when nobody needs it any more; where the machine will go,
it has map outputs and cached blocks copied to those that stay. How calls get to a machine is not
its business.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from dataclasses import dataclass, field
from typing import Any, Protocol

from pyrite.core.executor.messages import MoveBlocks
from pyrite.core.local_dirs import LocalDirs
from pyrite.core.network import NetworkSettings
from pyrite.core.scheduler.backend import BackendEvent, NodeLost, OutputsMoved
from pyrite.core.scheduler.executor_host import NodePlace, NodeReport
from pyrite.core.scheduler.map_output_mover import Refuge

__all__ = ["DriverPlace", "NodeKeeper", "Remote", "Residents", "When", "first_line"]

#: How long the machines may take to remove an application's files when it ends.
_STOP_SECONDS = 15.0

When = Callable[[Future[Any], Callable[[Any], None], Callable[[BaseException], None]], None]
"""Has one of two functions called, in the thread that polls, when a call is answered: the first
with the answer, or the second with the error."""


class Remote(Protocol):
    """An object on another machine."""

    def call(self, method: str, *arguments: Any) -> Future[Any]:
        """Call a method; the future has its answer, or the error that the object is lost."""
        ...

    def tell(self, method: str, *arguments: Any) -> None:
        """Call a method whose answer nobody waits for."""
        ...

    def kill(self) -> None:
        """End its process; one that is gone is no error."""
        ...


class Residents(Protocol):
    """The executors, as far as their machines concern them."""

    def are_on(self, node_id: str) -> bool:
        """Tell whether a machine has executors."""
        ...

    def staying(self) -> Iterable[tuple[str, str]]:
        """Yield the workers of executors that were not told to go, and their machines."""
        ...

    def leave(self, node_id: str) -> list[str]:
        """Give a machine's executors no more tasks, and start others; return their workers."""
        ...

    def lose(self, node_id: str, reason: str) -> None:
        """Let go of a machine's executors, which cannot go on without its files."""
        ...

    def tell(self, worker_id: str, message: object) -> None:
        """Send a message to a worker."""
        ...


@dataclass(frozen=True)
class DriverPlace:
    """Where the driver is, as other machines are told.

    Attributes:
        node_id: Its machine's name; empty if that is none of the cluster's.
        location: Its block server.
        root: Its scratch directory.
        secret: The application's secret.
    """

    node_id: str
    location: str
    root: str
    secret: bytes


@dataclass
class _Node:
    """A machine.

    Attributes:
        host: Its NodeHost.
        place: What executors there are told; None until it has answered.
        waiting: What is called with that then.
        is_draining: Whether it will go.
        is_offloading: Whether it is copying map outputs to others.
        unmoved: Its workers whose cached blocks are to be copied to others.
    """

    host: Remote
    place: NodePlace | None = None
    waiting: list[Callable[[NodePlace], None]] = field(default_factory=list)
    is_draining: bool = False
    is_offloading: bool = False
    unmoved: list[str] = field(default_factory=list)


class NodeKeeper:
    """Keeps one host on each machine that has, or had, executors.

    Args:
        start_host: Starts the NodeHost of a machine.
        driver: Where the driver is.
        residents: The executors.
        when: Waits for answers.
        report: Takes what the schedulers are to know.
        watch_seconds: How often machines are asked whether they will go.
        decommissions: Whether those that will go are left in time (``spark.decommission.enabled``).
        moves_blocks: Whether what is there is copied to others then
            (``spark.storage.decommission.enabled``).
    """

    def __init__(
        self,
        start_host: Callable[[str], Remote],
        driver: DriverPlace,
        residents: Residents,
        when: When,
        report: Callable[[BackendEvent], None],
        *,
        watch_seconds: float = 2.0,
        decommissions: bool = False,
        moves_blocks: bool = False,
    ) -> None:
        self._start_host = start_host
        self._driver = driver
        self._residents = residents
        self._when = when
        self._report = report
        self._watch_seconds = watch_seconds
        self._decommissions = decommissions
        self._moves_blocks = moves_blocks
        self._nodes: dict[str, _Node] = {}

    def settle(self, node_id: str, address: str, then: Callable[[NodePlace], None]) -> None:
        """Have ``then`` called with what an executor on a machine is to be told.

        Args:
            node_id: The machine, on which a host is started if there is none.
            address: By which others reach it.
            then: Called at once, or when the host is ready; never if the machine is lost first.
        """
        node = self._nodes.get(node_id)
        if node is None:
            node = self._nodes[node_id] = _Node(self._start_host(node_id))
            self._when(
                node.host.call("place"),
                lambda place: self._ready(node_id, address, *place),
                lambda error: self._lost(node_id, error),
            )
        if node.place is None:
            node.waiting.append(then)
        else:
            then(node.place)

    def _ready(
        self, node_id: str, address: str, location: str, local_dirs: tuple[str, ...]
    ) -> None:
        node = self._nodes[node_id]
        driver = self._driver
        network = NetworkSettings(
            secret=driver.secret,
            location=location,
            driver_location=driver.location,
            driver_root=driver.root,
            is_driver_machine=node_id == driver.node_id,
        )
        node.place = NodePlace(address, local_dirs, network)
        for then in node.waiting:
            then(node.place)
        node.waiting.clear()
        self._watch(node_id, node)

    # ------------------------------------------------------------------------- while it is there

    def _watch(self, node_id: str, node: _Node) -> None:
        self._when(
            node.host.call("watch", self._watch_seconds),
            lambda report: self._watched(node_id, node, report),
            lambda error: self._lost(node_id, error),
        )

    def _watched(self, node_id: str, node: _Node, report: NodeReport) -> None:
        if not report.has_outputs and not self._residents.are_on(node_id):
            self._release(node_id, node)
            return
        if report.is_draining and self._decommissions:
            if not node.is_draining:
                node.is_draining = True
                node.unmoved = self._residents.leave(node_id)
            if self._moves_blocks:
                self._offload(node)
                self._move_cached_blocks(node)
        self._watch(node_id, node)

    def _release(self, node_id: str, node: _Node) -> None:
        """Leave a machine that nobody needs any more, so that an autoscaler may take it."""
        del self._nodes[node_id]
        self._when(
            node.host.call("stop"),
            lambda _: node.host.kill(),
            lambda error: None,  # it is gone already
        )

    def _lost(self, node_id: str, error: BaseException) -> None:
        node = self._nodes.pop(node_id, None)
        if node is None:
            return
        node.host.kill()
        self._residents.lose(node_id, f"its machine was lost: {first_line(error)}")
        if node.place is not None:
            self._report(NodeLost(node.place.network.location, first_line(error)))

    # -------------------------------------------------------------------------- when it will go

    def _offload(self, node: _Node) -> None:
        """Have a machine that will go copy its map outputs to those that stay."""
        refuges = [
            Refuge(other.place.network.location, other.place.local_dirs)
            for other in self._nodes.values()
            if other.place is not None and not other.is_draining
        ]
        if refuges and not node.is_offloading:
            node.is_offloading = True
            self._when(
                node.host.call("offload", refuges),
                lambda moved: self._offloaded(node, moved),
                lambda error: self._offloaded(node, {}),
            )

    def _offloaded(self, node: _Node, moved: Mapping[str, tuple[str, str]]) -> None:
        node.is_offloading = False
        if moved and node.place is not None:
            self._report(OutputsMoved(node.place.network.location, moved))
            self._offload(node)

    def _move_cached_blocks(self, node: _Node) -> None:
        """Have workers that will go copy their cached blocks to those that stay, by turns."""
        staying = [
            (worker_id, other.place)
            for worker_id, node_id in self._residents.staying()
            for other in [self._nodes.get(node_id)]
            if other is not None and other.place is not None and not other.is_draining
        ]
        if not staying:
            return  # until an executor has started elsewhere
        for number, worker_id in enumerate(node.unmoved):
            target, place = staying[number % len(staying)]
            directories = tuple(LocalDirs(place.local_dirs).blocks_of(target))
            self._residents.tell(worker_id, MoveBlocks(target, place.network.location, directories))
        node.unmoved = []

    # ------------------------------------------------------------------------- what is kept there

    def remove_leftovers(self, node_id: str, worker_id: str) -> None:
        """Remove what only a worker that is gone could read."""
        if node := self._nodes.get(node_id):
            node.host.tell("remove_leftovers", worker_id)

    def remove_shuffle(self, shuffle_id: int) -> None:
        """Delete a shuffle's map outputs on every machine."""
        for node in self._nodes.values():
            node.host.tell("remove_shuffle", shuffle_id)

    def remove_copies(self, path: str) -> None:
        """Delete what other machines keep of a scratch file of the driver."""
        name = os.path.relpath(path, self._driver.root)
        for node_id, node in self._nodes.items():
            if node_id != self._driver.node_id:
                node.host.tell("remove_copy", name)

    def stop(self) -> None:
        """Have the machines remove their files, and leave them."""
        nodes = list(self._nodes.values())
        self._nodes.clear()
        wait_for([node.host.call("stop") for node in nodes], _STOP_SECONDS)
        for node in nodes:
            node.host.kill()


def first_line(error: BaseException) -> str:
    """Return the first line of what an error says; of Ray's the rest is about its processes."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0]
