"""A machine that will go: it gets no more tasks, and takes nothing with it."""

import time

import pytest

from tests.clusters.conftest import wait_until


@pytest.fixture
def nodes(ray_nodes):
    ray_nodes.restore()
    return ray_nodes


def test_what_a_machine_that_goes_has_written_is_not_computed_again(start, nodes):
    sc = start(
        nodes.master,
        decommission_enabled="true",
        storage_decommission_enabled="true",
        executor_heartbeatInterval="500ms",
    )
    computed = sc.accumulator(0)

    def compute(x):
        computed.add(1)
        time.sleep(0.1)  # so that both machines get some
        return (x % 5, x)

    sums = sc.parallelize(range(8), 8).map(compute).reduceByKey(lambda a, b: a + b, 4)
    assert sum(sums.values().collect()) == 28
    kept = sc.parallelize(range(8), 8).map(compute).cache()
    assert kept.count() == 8
    outputs = sc._application.map_outputs

    def locations():
        return {status.location for status in outputs.statuses(0)}

    def cached_on():
        blocks = sc._application._loop.cached_blocks
        held = [blocks.locations(kept.id(), partition) for partition in range(8)]
        return {worker for places in held for worker in places} if all(held) else ()

    assert len(locations()) == len(cached_on()) == 2
    nodes.drain()
    assert wait_until(lambda: len(locations()) == 1)
    assert wait_until(lambda: len(cached_on()) == 1)
    nodes.kill()
    assert sum(sums.values().collect()) == 28
    assert kept.values().sum() == 28
    assert computed.value == 16
