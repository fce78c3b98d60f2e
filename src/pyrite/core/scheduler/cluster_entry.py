"""What a driver needs before a cluster lets it in: its token, and a node on this machine.

Ray connects programs through the node of their own machine. Where there is none, one without
CPUs is started, which ends with the driver.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pyrite.core.ray_head import admission
from pyrite.core.ray_node import LENT, StartedNode, has_node, node_command, start_node

__all__ = ["ClusterEntry"]

#: All that a driver puts into Ray's object store are calls of actors.
_STORE_BYTES = 100 << 20


class ClusterEntry:
    """The way into one cluster.

    Args:
        url: The master as the user wrote it.
        address: ``host:port`` of the cluster's head.
        conf: The application's settings.

    Raises:
        SparkException: If nothing answers there, it asks for another token, or this machine
            cannot be made a node.
    """

    def __init__(self, url: str, address: str, conf: Mapping[str, str]) -> None:
        os.environ.update(admission(url, address, conf))
        self._node: StartedNode | None = None
        #: By which Ray knows the node that is for this program alone; None if there is none.
        self.temp_dir: str | None = None
        if not has_node(address):
            # Ray's sockets are in there, and their paths must be short.
            self.temp_dir = tempfile.mkdtemp(prefix=LENT, dir="/tmp")
            self._node = _start_node(address, self.temp_dir)

    def close(self) -> None:
        """Take the machine out of the cluster, if it was not in it before."""
        if self._node is not None:
            with contextlib.suppress(OSError):
                self._node.stop()
            self._node = None


def _start_node(address: str, folder: str) -> StartedNode:
    command = node_command(
        {
            "address": address,
            "num-cpus": 0,
            "num-gpus": 0,
            "object-store-memory": _STORE_BYTES,
            "min-worker-port": 0,
            "max-worker-port": 0,
            "dashboard-agent-listen-port": 0,
            "temp-dir": folder,
        }
    )
    return start_node(command, Path(folder, "node.out"), {}, is_lent=True)
