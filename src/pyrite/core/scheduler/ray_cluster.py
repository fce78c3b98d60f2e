"""RayCluster: joining a Ray cluster, and what the driver must know of it before anything runs."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import ray
from ray._private.services import canonicalize_bootstrap_address
from ray._raylet import Config  # type: ignore[attr-defined]

from pyrite.core.cluster_token import use_token
from pyrite.core.errors import SparkException
from pyrite.core.ray_head import admission
from pyrite.core.scheduler.cluster_entry import ClusterEntry
from pyrite.core.scheduler.executor_plan import plan_executors, room_for
from pyrite.core.scheduler.master import Master, available_cores

__all__ = ["RayCluster"]


class RayCluster:
    """A Ray cluster that this process has joined.

    Args:
        master: Which one: ``ray`` starts one on this machine, ``ray:auto`` finds the one this
            machine belongs to, ``spark://host:port`` and ``ray://host:port`` name one.
        conf: The application's settings.

    Raises:
        SparkException: If there is no such cluster.
        SparkIllegalArgumentException: If a setting cannot be used; the message names it.
    """

    def __init__(self, master: Master, conf: Mapping[str, str]) -> None:
        #: A program that uses Ray itself keeps its connection.
        self._joined_here = not ray.is_initialized()
        self._entry: ClusterEntry | None = None
        if self._joined_here:
            self._join(master, conf)
        try:
            #: What executors take of its machines.
            self.plan = plan_executors(_machines(), conf)
        except BaseException:
            self.leave()
            raise

    def _join(self, master: Master, conf: Mapping[str, str]) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        options: dict[str, Any] = {"logging_level": "warning", "configure_logging": False}
        if master.ray_address == "local":
            options |= {"num_cpus": available_cores(), "include_dashboard": False}
        if master.url.startswith("spark://"):
            assert master.ray_address is not None
            self._entry = ClusterEntry(master.url, master.ray_address, conf)
            options["_temp_dir"] = self._entry.temp_dir
        address = master.ray_address
        if address == "auto" and (found := _address_of_this_machine()):
            # Ray would try for twenty seconds before it says that it did not get in.
            os.environ.update(admission(master.url, found, conf))
            address = found
        try:
            if master.ray_address == "local":
                use_token(os.environ)
            Config.initialize("")  # Ray has read the environment when it was imported
            with _own_signal_handler():
                ray.init(address=address, **options)
        except Exception as error:
            if self._entry is not None:
                self._entry.close()
            raise SparkException(
                f"The Ray cluster of the master '{master.url}' cannot be joined: "
                f"{str(error).strip() or type(error).__name__}"
            ) from error

    def driver_node(self) -> tuple[str, str]:
        """Return the id and the address of the machine this process runs on.

        The id is empty where this process came in through Ray's client server: its machine is
        then none of the cluster's, and Ray would name the head.
        """
        if ray.util.client.ray.is_connected():
            return "", ray.util.get_node_ip_address()
        return ray.get_runtime_context().get_node_id(), ray.util.get_node_ip_address()

    def room(self) -> int:
        """Return how many executors the machines that are there could hold if they were idle."""
        return room_for(self.plan.demand, _machines())

    def leave(self) -> None:
        """Leave the cluster; one that was started for this application ends."""
        if self._joined_here:
            with contextlib.suppress(Exception):
                ray.shutdown()
            if self._entry is not None:
                self._entry.close()


@contextlib.contextmanager
def _own_signal_handler() -> Iterator[None]:
    """Let a program end at SIGTERM as it does without Ray, which installs a handler of its own."""
    handler = signal.getsignal(signal.SIGTERM)
    yield
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)


def _address_of_this_machine() -> str | None:
    """Return the head of the cluster that Ray would join by itself; None if Ray is to say."""
    with contextlib.suppress(Exception):
        address = canonicalize_bootstrap_address("auto")
        return None if address is None or "://" in address else address
    return None


def _machines() -> list[dict[str, float]]:
    return [node["Resources"] for node in ray.nodes() if node.get("Alive")]
