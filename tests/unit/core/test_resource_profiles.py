"""``RDD.withResources``: what the tasks of one stage take, on real workers."""

import time

import pytest
from pyspark import SparkConf, SparkContext, TaskContext
from pyspark.resource import (
    ExecutorResourceRequests,
    ResourceProfileBuilder,
    TaskResourceRequests,
)

from pyrite.core.errors import SparkException, SparkIllegalArgumentException


def profile(*requests):
    builder = ResourceProfileBuilder()
    for request in requests:
        builder = builder.require(request)
    return builder.build


def cpus(number):
    return profile(TaskResourceRequests().cpus(number))


def start(master, **settings):
    conf = SparkConf(loadDefaults=False).set("spark.ui.enabled", "false")
    conf.setAll([(key.replace("_", "."), value) for key, value in settings.items()])
    return SparkContext(master, "tests", conf=conf)


@pytest.fixture(params=["local[4]", "local-cluster[1,4,1024]"])
def sc(request):
    with start(request.param) as sc:
        yield sc


def spans(_):
    """When a task ran, and what it had."""
    began = time.time()
    time.sleep(0.2)
    context = TaskContext.get()
    yield began, time.time(), context.cpus()


def most_at_once(rows):
    return max(sum(a <= began < b for a, b, _ in rows) for began, _, _ in rows)


@pytest.mark.parametrize(("wanted", "most"), [(2, 2), (3, 1), (4, 1)])
def test_fewer_tasks_that_take_more_run_at_once(sc, wanted, most):
    rows = sc.range(5, numSlices=5).withResources(cpus(wanted)).mapPartitions(spans).collect()
    assert most_at_once(rows) <= most
    assert {row[2] for row in rows} == {wanted}


def test_other_stages_are_as_ever(sc):
    large = sc.range(4, numSlices=4).map(lambda x: (x, TaskContext.get().cpus()))
    grouped = large.withResources(cpus(3)).groupByKey(2)
    rows = grouped.map(lambda pair: (*pair[1], TaskContext.get().cpus())).collect()
    assert rows == [(3, 1)] * 4


def test_the_profile_holds_for_what_is_computed_from_it_in_the_same_stage(sc):
    two = cpus(2)
    rdd = sc.range(2).withResources(two)
    assert rdd.getResourceProfile() is two
    mapped = rdd.map(lambda x: TaskContext.get().cpus())
    assert mapped.getResourceProfile() is None
    assert mapped.union(sc.range(0)).distinct().collect() == [2]


def test_more_cpus_than_executors_have_are_refused(sc):
    with pytest.raises(SparkException, match="number of cores per executor"):
        sc.range(1).withResources(cpus(5))


def test_executors_of_its_own_are_refused(sc):
    with pytest.raises(SparkException, match="with dynamic allocation enabled"):
        sc.range(1).withResources(profile(ExecutorResourceRequests().cores(2)))


def test_profiles_that_conflict_raise_where_the_result_is_asked_for(sc):
    both = sc.range(2).withResources(cpus(1)).union(sc.range(2).withResources(cpus(2)))
    with pytest.raises(SparkIllegalArgumentException, match="Multiple ResourceProfiles"):
        both.count()
    assert sc.range(3).count() == 3


def test_profiles_are_merged_where_that_is_allowed():
    with start("local[3]", spark_scheduler_resource_profileMergeConflicts="true") as sc:
        both = sc.range(2).withResources(cpus(1)).union(sc.range(2).withResources(cpus(2)))
        assert both.map(lambda _: TaskContext.get().cpus()).distinct().collect() == [2]


def test_tasks_of_a_profile_have_gpus_of_their_own(tmp_path):
    script = tmp_path / "gpus"
    script.write_text("""#!/bin/sh\necho '{"name": "gpu", "addresses": ["0", "1", "2", "3"]}'\n""")
    script.chmod(0o755)

    def used(_):
        began = time.time()
        time.sleep(0.2)
        given = TaskContext.get().resources().get("gpu")
        yield began, time.time(), tuple(given.addresses) if given else ()

    settings = {
        "spark_executor_resource_gpu_amount": "4",
        "spark_executor_resource_gpu_discoveryScript": str(script),
    }
    with start("local-cluster[1,4,1024]", **settings) as sc:
        tasks = sc.range(4, numSlices=4)
        assert {row[2] for row in tasks.mapPartitions(used).collect()} == {()}
        two = tasks.withResources(profile(TaskResourceRequests().resource("gpu", 2)))
        rows = two.mapPartitions(used).collect()
        assert {row[2] for row in rows} <= {("0", "1"), ("2", "3")}
        for began, _, addresses in rows:
            at_once = [other for a, b, other in rows if a <= began < b]
            assert at_once.count(addresses) == 1
        with pytest.raises(SparkException, match="for the following task configs: fpga"):
            tasks.withResources(profile(TaskResourceRequests().resource("fpga", 1)))
