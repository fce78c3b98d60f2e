"""What is lost with executors and machines is computed again, and only that."""

import contextlib
import os
import shutil
import signal
import threading
import time

import psutil
import pytest

from pyrite.core.task_context import BarrierTaskContext
from tests.clusters.conftest import PATIENCE, meeting


@pytest.fixture
def sc(start, ray_nodes):
    ray_nodes.restore()
    return start(ray_nodes.master)


@pytest.fixture
def counted(sc, tmp_path):
    """An RDD of which both machines compute some, and how often its partitions were computed."""
    computed = sc.accumulator(0)
    meet = meeting(tmp_path / "executors")

    def compute(index, elements):
        computed.add(1)
        meet()
        return ((x % 5, x) for x in elements)

    return sc.parallelize(range(1000), 8).mapPartitionsWithIndex(compute), computed


EXPECTED = {k: sum(range(k, 1000, 5)) for k in range(5)}


def add(a, b):
    return a + b


def test_a_lost_shuffle_directory_is_computed_again_and_nothing_else(sc, counted, tmp_path):
    rdd, computed = counted
    sums = rdd.reduceByKey(add, 4)
    assert dict(sums.collect()) == EXPECTED
    assert computed.value == 8
    directories = [path for path in tmp_path.glob("*/shuffle") if any(path.iterdir())]
    assert len(directories) == 2  # one for each machine
    lost = len(list(directories[0].glob("*.data")))
    shutil.rmtree(directories[0])
    assert dict(sums.collect()) == EXPECTED
    assert computed.value == 8 + lost


def test_what_an_executor_wrote_outlives_it(sc, counted, ray_nodes):
    rdd, computed = counted
    sums = rdd.reduceByKey(add, 4)
    assert dict(sums.collect()) == EXPECTED
    ray_nodes.executors()[0].send_signal(signal.SIGKILL)
    assert dict(sums.collect()) == EXPECTED
    assert computed.value == 8


def test_executors_killed_in_the_middle(sc, tmp_path):
    flag = str(tmp_path / "killed")

    def kill_own_executor(x):
        if x == 500 and not os.path.exists(flag):
            with open(flag, "w"):
                pass
            # This worker was forked by the launcher, and that was started by the executor.
            psutil.Process(psutil.Process(os.getppid()).ppid()).kill()
            time.sleep(600)
        return x

    sums = sc.parallelize(range(1000), 8).map(kill_own_executor).map(lambda x: (x % 5, x))
    assert dict(sums.reduceByKey(add, 4).collect()) == EXPECTED


def test_a_barrier_stage_waits_for_the_successor_of_an_executor(sc):
    def meet(elements):
        task = BarrierTaskContext.get()
        task.barrier()
        if task.stageAttemptNumber() == task.partitionId() == 0:
            psutil.Process(psutil.Process(os.getppid()).ppid()).kill()
            time.sleep(600)
        task.barrier()
        return [(task.partitionId(), task.stageAttemptNumber())]

    rows = sc.parallelize(range(2), 2).barrier().mapPartitions(meet).collect()
    assert rows == [(0, 1), (1, 1)]


def test_a_machine_is_come_back_to_while_its_last_host_ends(sc):
    import ray

    from pyrite.core.scheduler.ray_actors import start_node

    node_id = next(node["NodeID"] for node in ray.nodes() if node["Resources"].get("CPU"))
    hosts = [start_node(node_id, sc.applicationId, {}, b"secret") for _ in range(2)]
    locations = [host.call("place").result(PATIENCE)[0] for host in hosts]
    assert len(set(locations)) == 2
    for host in hosts:
        host.call("stop").result(PATIENCE)
        host.kill()


def test_a_machine_lost_between_two_jobs(sc, counted, ray_nodes):
    rdd, computed = counted
    sums = rdd.reduceByKey(add, 4)
    assert dict(sums.collect()) == EXPECTED
    ray_nodes.kill()
    assert dict(sums.collect()) == EXPECTED
    assert 8 < computed.value < 16


def test_a_machine_lost_after_a_map_stage_of_its_own(sc, counted, ray_nodes):
    rdd, computed = counted
    sums = rdd.reduceByKey(add, 4)
    (dependency,) = sums.node.dependencies
    before = sc.submit_map_stage(dependency).result()
    ray_nodes.kill()
    assert sc.submit_map_stage(dependency).result() == before
    assert dict(sums.collect()) == EXPECTED
    assert 8 < computed.value < 16


@contextlib.contextmanager
def losing_a_machine(ray_nodes, tmp_path):
    """Kill a machine once the function that this yields has been called; it takes its time."""
    flag = tmp_path / "started"
    path = str(flag)

    def slow(x):
        if x % 125 == 60:
            with open(path, "a"):
                pass
            time.sleep(0.5)
        return (x % 5, x)

    def kill():
        while not flag.exists():
            time.sleep(0.02)
        ray_nodes.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    yield slow
    killer.join()


def test_a_machine_lost_in_the_middle_of_map_tasks(sc, ray_nodes, tmp_path):
    with losing_a_machine(ray_nodes, tmp_path) as slow:
        sums = sc.parallelize(range(1000), 8).map(slow).reduceByKey(add, 4)
        assert dict(sums.collect()) == EXPECTED


def test_output_is_committed_once_though_a_machine_was_lost_in_the_middle(sc, ray_nodes, tmp_path):
    output = tmp_path / "output"
    with losing_a_machine(ray_nodes, tmp_path) as slow:
        sc.parallelize(range(1000), 8).map(slow).saveAsTextFile(str(output))
    parts = sorted(path.name for path in output.iterdir() if path.name[0] not in "._")
    assert parts == [f"part-{index:05d}" for index in range(8)]
    lines = [line for part in parts for line in (output / part).read_text().splitlines()]
    assert lines == [str((x % 5, x)) for x in range(1000)]
    assert not (output / "_temporary").exists()


def test_cached_partitions_lost_with_a_machine(sc, counted, ray_nodes):
    rdd, computed = counted
    cached = rdd.cache()
    assert cached.count() == 1000
    ray_nodes.kill()
    assert dict(cached.reduceByKey(add).collect()) == EXPECTED
    assert 8 < computed.value < 16
