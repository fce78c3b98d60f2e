"""What a master URL asks for."""

import pytest

from pyrite.core.errors import SparkException
from pyrite.core.scheduler.master import available_cores, parse_master


@pytest.mark.parametrize(
    ("url", "cores", "failures"),
    [("local", 1, 1), ("local[3]", 3, 1), ("local[3,2]", 3, 2), ("local[4, 5 ]", 4, 5)],
)
def test_local_masters(url, cores, failures):
    master = parse_master(url)
    assert (master.executors, master.cores, master.max_failures) == (1, cores, failures)
    assert master.in_driver
    assert master.memory is None


@pytest.mark.parametrize("url", ["local[*]", "local[*,3]"])
def test_a_star_is_every_core_of_the_process(url):
    assert parse_master(url).cores == available_cores()


def test_a_local_cluster_has_executors_of_its_own():
    master = parse_master("local-cluster[2, 3, 512]")
    assert (master.executors, master.cores, master.memory) == (2, 3, 512 << 20)
    assert not master.in_driver
    assert master.max_failures is None


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("ray", "local"),
        ("ray:auto", "auto"),
        ("ray://head:10001", "ray://head:10001"),
        ("spark://10.0.0.1:7077", "10.0.0.1:7077"),
    ],
)
def test_clusters_are_known_by_what_ray_joins(url, address):
    master = parse_master(url)
    assert master.ray_address == address
    assert not master.in_driver


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("local[0]", "Asked to run locally with 0 threads"),
        ("local[-1]", "Could not parse Master URL: 'local[-1]'"),
        ("local[two]", "Could not parse Master URL: 'local[two]'"),
        ("local[2]x", "Could not parse Master URL: 'local[2]x'"),
        ("local-cluster[0,1,512]", "its numbers start at 1"),
        ("local-cluster[1,1]", "Could not parse"),
        ("spark://host", "Could not parse Master URL: 'spark://host'"),
        ("ray://host", "Could not parse Master URL: 'ray://host'"),
        ("yarn", "running on YARN is not supported yet"),
        ("k8s://https://host", "running on Kubernetes is not supported yet"),
        ("mesos://host", "Spark itself removed Mesos in 4.0"),
        ("", "Could not parse Master URL: ''"),
    ],
)
def test_other_masters_are_refused_with_what_to_write(url, said):
    with pytest.raises(SparkException) as refused:
        parse_master(url)
    assert said in str(refused.value)
