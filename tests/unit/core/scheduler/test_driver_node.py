"""On which machine of a cluster the driver is."""

import ray

from pyrite.core.scheduler.ray_cluster import RayCluster


def test_a_driver_that_came_through_the_client_server_is_on_none(monkeypatch):
    monkeypatch.setattr(ray.util.client.ray, "is_connected", lambda: True)
    cluster = object.__new__(RayCluster)  # joining one takes seconds
    node_id, address = cluster.driver_node()
    assert node_id == ""
    assert address
