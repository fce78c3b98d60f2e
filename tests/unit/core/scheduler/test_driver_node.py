"""How the driver gets into a cluster, and on which machine of it it is."""

import pytest
import ray

from pyrite.core.errors import SparkException
from pyrite.core.scheduler import ray_cluster
from pyrite.core.scheduler.master import parse_master
from pyrite.core.scheduler.ray_cluster import RayCluster


def test_a_driver_that_came_through_the_client_server_is_on_none(monkeypatch):
    monkeypatch.setattr(ray.util.client.ray, "is_connected", lambda: True)
    cluster = object.__new__(RayCluster)  # joining one takes seconds
    node_id, address = cluster.driver_node()
    assert node_id == ""
    assert address


@pytest.fixture
def found(monkeypatch):
    """The cluster of this machine, which Ray is not to be asked to join."""
    monkeypatch.setattr(ray, "init", lambda **options: pytest.fail("Ray was asked"))
    return lambda address: monkeypatch.setattr(
        ray_cluster, "canonicalize_bootstrap_address", lambda _: address
    )


def test_the_cluster_of_this_machine_is_asked_before_ray_tries_for_long(monkeypatch, found):
    def refuse(url, address, conf):
        raise SparkException(f"{url} at {address} wants its token")

    monkeypatch.setattr(ray_cluster, "admission", refuse)
    found("10.0.0.7:6379")
    with pytest.raises(SparkException, match=r"ray:auto at 10\.0\.0\.7:6379 wants its token"):
        RayCluster(parse_master("ray:auto"), {})


@pytest.mark.parametrize("address", [None, "ray://10.0.0.7:10001"])
def test_what_only_ray_can_find_is_left_to_it(monkeypatch, found, address):
    found(address)
    joined = []

    def init(**options):
        joined.append(options["address"])
        raise ConnectionError("nobody there")

    monkeypatch.setattr(ray, "init", init)
    with pytest.raises(SparkException, match="'ray:auto' cannot be joined: nobody there"):
        RayCluster(parse_master("ray:auto"), {})
    assert joined == ["auto"]
