"""Executors on Ray come and go: with the backlog, with the machines, and not at all."""

import gc
import logging
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pyrite.core.errors import SparkException
from tests.clusters.conftest import wait_until


@pytest.fixture
def nodes(ray_nodes):
    ray_nodes.restore()
    return ray_nodes


def test_executors_come_with_the_backlog_and_go_when_idle(start, nodes, tmp_path):
    sc = start(
        nodes.master,
        dynamicAllocation_enabled="true",
        dynamicAllocation_maxExecutors="4",
        dynamicAllocation_schedulerBacklogTimeout="100ms",
        dynamicAllocation_executorIdleTimeout="500ms",
    )
    assert nodes.executors() == []
    here, enough = tmp_path / "here", tmp_path / "enough"
    here.mkdir()
    computed = sc.accumulator(0)

    def compute(x):
        from pyrite.core.env import SparkEnv

        computed.add(1)
        (here / SparkEnv.get().executor_id).touch()
        while not enough.exists():
            time.sleep(0.02)
        return (x % 2, x)

    sums = sc.parallelize(range(8), 8).map(compute).reduceByKey(lambda a, b: a + b, 2)
    with ThreadPoolExecutor(1) as thread:
        answer = thread.submit(sums.collect)
        # Two have room; a third one waits in Ray's queue, and a machine comes for it.
        assert wait_until(lambda: len(list(here.iterdir())) == 2)
        nodes.add()
        assert wait_until(lambda: len(list(here.iterdir())) == 3)
        enough.touch()
        assert sorted(answer.result()) == [(0, 12), (1, 16)]
    assert wait_until(lambda: not nodes.executors())
    # What executors wrote outlives them: their machines serve it on.
    assert sorted(sums.collect()) == [(0, 12), (1, 16)]
    assert computed.value == 8
    nodes.kill()
    assert sorted(sums.collect()) == [(0, 12), (1, 16)]
    # When nobody can read it any more, the machines are free.
    del sums
    gc.collect()
    assert wait_until(lambda: not nodes.hosts())


def test_an_executor_that_fits_nowhere_is_a_clear_error(start, nodes):
    with pytest.raises(SparkException, match=r"Each takes 64 CPU\. No machine .* spark.executor.c"):
        start(
            nodes.master,
            executor_cores="64",
            scheduler_maxRegisteredResourcesWaitingTime="1s",
        )


def test_too_few_machines_are_enough(start, nodes, caplog):
    settings = {
        "executorEnv_COLOUR": "blue",
        # Ray may need longer than usual; the third one is not waited for.
        "scheduler_maxRegisteredResourcesWaitingTime": "300s",
    }
    with caplog.at_level(logging.WARNING):
        sc = start(nodes.master, executor_instances="3", **settings)
    assert "2 of 3 executors are there" in caplog.text

    def colour(x):
        import os

        return os.environ["COLOUR"]

    assert sc.parallelize(range(4), 4).map(colour).collect() == ["blue"] * 4


def test_executors_take_memory_and_accelerators_of_ray(start, nodes):
    nodes.add(num_gpus=2, resources={"fpga": 4})  # the only machine that has room
    nodes.wait()
    sc = start(
        nodes.master,
        executor_memory="64m",
        executor_resource_gpu_amount="2",
        executor_resource_fpga_amount="4",
        task_resource_gpu_amount="0.5",
        task_resource_fpga_amount="1",
    )

    def mine(_):
        from pyspark import TaskContext

        given = TaskContext.get().resources()
        return given["gpu"].addresses, given["fpga"].addresses

    assert sc.parallelize([0], 1).map(mine).collect() == [(["0"], ["0"])]
    nodes.kill()
