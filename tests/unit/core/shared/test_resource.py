"""PySpark's resource classes, as programs use them, without a JVM."""

from pyspark.resource import (
    ExecutorResourceRequests,
    ResourceInformation,
    ResourceProfileBuilder,
    TaskResourceRequests,
)

from pyrite.core.shared.resource import profile_id


def test_a_profile_is_built_and_numbered():
    executor = ExecutorResourceRequests().cores(2).memory("6g").resource("gpu", 2, "find", "nvidia")
    task = TaskResourceRequests().cpus(1).resource("gpu", 0.5)
    builder = ResourceProfileBuilder().require(executor).require(task)
    first, second = builder.build, builder.build
    assert first.taskResources["gpu"].amount == 0.5
    assert first.executorResources["memory"].amount == 6144
    assert profile_id(first) == profile_id(first) > 0
    assert profile_id(first) != profile_id(second)
    builder.clearTaskResourceRequests()
    assert builder.taskResources == {}


def test_resource_information():
    assert ResourceInformation("gpu", ["0"]).addresses == ["0"]
