"""Files that the driver shares with machines that see none of its directories."""

import pytest


@pytest.fixture
def sc(start, ray_nodes):
    ray_nodes.restore()
    return start(ray_nodes.master)


def everywhere(sc, function):
    """Call a function in a task on each of two machines; return the answers."""
    return sc.parallelize(range(2), 2).barrier().mapPartitions(lambda _: [function()]).collect()


def test_no_executor_sees_the_files_of_the_driver(sc):
    def kind():
        from pyrite.core.env import SparkEnv

        return type(SparkEnv.get().network.driver_files).__name__

    assert everywhere(sc, kind) == ["FetchedFiles", "FetchedFiles"]
