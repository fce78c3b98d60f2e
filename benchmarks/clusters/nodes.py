"""Two Ray nodes of one core on this machine; also as a process, for an engine with its own Ray.

Run as ``python -m benchmarks.clusters.nodes ENGINE MEGABYTES``: one line of JSON with the address,
and the nodes last until the input ends.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator

__all__ = ["two_nodes"]

_STORE_BYTES = 200 << 20


@contextlib.contextmanager
def two_nodes(store_bytes: int = _STORE_BYTES) -> Iterator[str]:
    """Start a Ray cluster of a head that runs nothing and two nodes; give its address.

    Args:
        store_bytes: The size of each node's object store.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": _STORE_BYTES}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(2):
            cluster.add_node(num_cpus=1, object_store_memory=store_bytes, wait=False)
        cluster.wait_for_nodes()
        yield cluster.address
    finally:
        cluster.shutdown()


def serve(engine: str, megabytes: str) -> None:
    """Keep the nodes until the input ends."""
    with two_nodes(int(megabytes) << 20) as address:
        print(json.dumps({"ready": engine, "address": address}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    serve(*sys.argv[1:])
