"""A machine that will go: it gets no more tasks, and takes nothing with it."""

import pytest

from tests.clusters.conftest import meeting, wait_until


@pytest.fixture
def nodes(ray_nodes):
    ray_nodes.restore()
    return ray_nodes


def test_what_a_machine_that_goes_has_written_is_not_computed_again(start, nodes, tmp_path):
    sc = start(
        nodes.master,
        decommission_enabled="true",
        storage_decommission_enabled="true",
        executor_heartbeatInterval="500ms",
    )
    computed = sc.accumulator(0)

    def pairs(name):
        meet = meeting(tmp_path / name)

        def compute(x):
            computed.add(1)
            meet()
            return (x % 5, x)

        return sc.parallelize(range(8), 8).map(compute)

    sums = pairs("of the shuffle").reduceByKey(lambda a, b: a + b, 4)
    assert sum(sums.values().collect()) == 28
    kept = pairs("of the cache").cache()
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
