"""The same programs on executors of this machine and on a Ray cluster of two machines.

The cluster is made of Ray's own processes: a head that runs nothing, and two nodes of one CPU
each. Whatever one node has written, the other reads over the network, as between real machines.
"""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext

STORE_BYTES = 100 << 20
#: Seconds. Ray gives its processes the lowest priority: beside other tests they need long.
PATIENCE = 300.0


def wait_until(condition, seconds=PATIENCE):
    """Wait for a condition and return its last value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return value


def actors(kind):
    """The processes of actors of a class on the nodes started here, oldest first."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):  # it may end while it is looked at
            if _is(process, kind):
                found.append((process.create_time(), process.pid, process))
    return [process for _, _, process in sorted(found)]


def _is(process, kind):
    with contextlib.suppress(psutil.Error):
        return any(f"ray::{kind}" in word for word in process.cmdline())
    return False


def meeting(directory, count=2):
    """Return a function for tasks that waits until it was called on so many executors.

    It waits once: later tasks find the files of the first ones in the directory.
    """
    directory.mkdir()

    def meet():
        from pyrite.core.env import SparkEnv

        (directory / SparkEnv.get().executor_id).touch()
        while len(os.listdir(directory)) < count:
            time.sleep(0.02)

    return meet


class RayNodes:
    """A Ray cluster on this machine, whose nodes come and go."""

    def __init__(self):
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": STORE_BYTES}
        self._cluster = Cluster(initialize_head=True, head_node_args=head)
        self._nodes = []
        for _ in range(2):
            self.add()
        self.wait()

    @property
    def master(self):
        return f"spark://{self._cluster.address}"

    def add(self, **resources):
        node = self._cluster.add_node(
            num_cpus=1, object_store_memory=STORE_BYTES, wait=False, **resources
        )
        self._nodes.insert(0, node) if resources else self._nodes.append(node)

    def restore(self):
        """Have two nodes again."""
        while len(self._nodes) < 2:
            self.add()
        self.wait()

    def wait(self):
        """Wait until all nodes are there."""
        self._cluster.wait_for_nodes(PATIENCE)

    def kill(self):
        """Lose a node, and wait for the processes that Ray started there to notice it."""
        node = self._nodes.pop(0)
        (raylet,) = node.all_processes["raylet"]
        # Later these are nobody's children; there is none where no application has begun.
        below = psutil.Process(raylet.process.pid).children()
        hosts = [process for process in below if _is(process, "_Node")]
        self._cluster.remove_node(node, allow_graceful=False)
        assert wait_until(lambda: not any(process.is_running() for process in hosts))

    def drain(self):
        """Tell Ray that the node which ``kill`` takes next will go, as clouds do."""
        reason = ["--reason", "DRAIN_NODE_REASON_PREEMPTION", "--reason-message", "reclaimed"]
        node = ["--address", self._cluster.address, "--node-id", self._nodes[0].node_id]
        command = [sys.executable, "-m", "ray.scripts.scripts", "drain-node", *node, *reason]
        subprocess.run([*command, "--deadline-remaining-seconds", "600"], check=True)

    def hosts(self):
        """The processes that keep applications' files on the nodes."""
        return actors("_Node")

    def executors(self):
        """The processes of the executors, oldest first."""
        return actors("_Executor")

    def stop(self):
        self._cluster.shutdown()


@pytest.fixture(scope="session")
def ray_nodes():
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    with contextlib.ExitStack() as stack:
        nodes = RayNodes()
        stack.callback(nodes.stop)
        yield nodes


@pytest.fixture(params=["local-cluster", "ray"])
def master(request):
    if request.param == "ray":
        nodes = request.getfixturevalue("ray_nodes")
        nodes.restore()
        return nodes.master
    return "local-cluster[2,1,1024]"


@pytest.fixture
def start(tmp_path):
    """Start a context; at its stop nothing of it may be left."""
    started = []

    def start(master, **settings):
        conf = SparkConf().setMaster(master).setAppName("clusters")
        conf.set("spark.local.dir", str(tmp_path))
        for name, value in settings.items():
            conf.set(f"spark.{name.replace('_', '.')}", value)
        started.append(SparkContext(conf=conf))
        return started[-1]

    yield start
    for context in started:
        context.stop()
    assert wait_until(lambda: not list(tmp_path.glob("pyrite-*"))), list(tmp_path.iterdir())
    assert wait_until(lambda: not processes_of(tmp_path))


@pytest.fixture
def sc(start, master):
    return start(master)


def processes_of(path: Path):
    """The launchers, workers and janitors that have the scratch directory as an argument."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(path) in word for word in (process.info["cmdline"] or ())[3:])
    ]
