"""Processes of an application on Ray that are stopped, and a driver that dies."""

import contextlib
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.clusters.conftest import wait_until


@pytest.fixture
def nodes(ray_nodes):
    ray_nodes.restore()
    return ray_nodes


def test_an_executor_that_is_stopped_is_given_up(start, nodes, tmp_path):
    sc = start(nodes.master, executor_heartbeatInterval="300ms", network_timeout="2s")

    def slow(x):
        time.sleep(0.3)
        return x

    stopped = nodes.executors()[0]
    stopped.send_signal(signal.SIGSTOP)
    try:
        assert sc.parallelize(range(8), 8).map(slow).sum() == 28
        # Ray ends it, and another one takes its place.
        assert wait_until(lambda: not stopped.is_running())
        assert wait_until(lambda: len(nodes.executors()) == 2)
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            stopped.send_signal(signal.SIGCONT)


PROGRAM = """
import sys, time
from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext

master, scratch, ready = sys.argv[1:]
conf = SparkConf().setMaster(master).setAppName("doomed").set("spark.local.dir", scratch)
sc = SparkContext(conf=conf)
sc.parallelize(range(4), 4).map(lambda x: (x, x)).groupByKey().count()
sc.parallelize(range(2), 2).map(lambda x: (open(ready + str(x), "w"), time.sleep(600))).count()
"""


def test_a_driver_that_dies_leaves_nothing_behind(nodes, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    ready = [tmp_path / "ready0", tmp_path / "ready1"]
    command = [sys.executable, "-c", PROGRAM, nodes.master, str(scratch), str(tmp_path / "ready")]
    driver = subprocess.Popen(command, env=os.environ)
    try:
        assert wait_until(lambda: all(path.exists() for path in ready))
        assert len(nodes.executors()) == 2
    finally:
        driver.kill()
        driver.wait()
    assert wait_until(lambda: not nodes.executors())
    assert wait_until(lambda: not list(scratch.iterdir())), list(scratch.iterdir())
