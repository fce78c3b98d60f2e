"""Finding resources and giving each worker its own."""

import pytest

from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.core.scheduler.resources import (
    ExecutorResources,
    discover,
    executor_resources,
    resources_of_executor,
)


@pytest.fixture
def script(tmp_path):
    def write(output):
        path = tmp_path / "discover.sh"
        path.write_text(f"#!/bin/sh\necho '{output}'\n")
        path.chmod(0o755)
        return str(path)

    return write


FOUR = '{"name": "gpu", "addresses": ["0", "1", "2", "3"]}'


def gpus(script, executor, task):
    return {
        "spark.executor.resource.gpu.amount": executor,
        "spark.executor.resource.gpu.discoveryScript": script,
        "spark.task.resource.gpu.amount": task,
    }


def test_a_script_finds_the_drivers_resources(script):
    conf = {
        "spark.driver.resource.gpu.amount": "2",
        "spark.driver.resource.gpu.discoveryScript": script(FOUR),
    }
    assert discover(conf, "driver") == {"gpu": ("0", "1", "2", "3")}


def test_nothing_is_found_where_nothing_is_asked_for():
    assert discover({"spark.app.name": "x"}, "driver") == {}


def test_each_worker_has_its_own(script):
    resources = executor_resources(gpus(script(FOUR), "2", "1"), executors=2)
    assert resources.slots(cores=8) == 2
    own = [resources.of_slot(executor, slot, 2)["gpu"] for executor in (0, 1) for slot in (0, 1)]
    assert own == [("0",), ("1",), ("2",), ("3",)]


def test_a_fraction_is_shared(script):
    resources = executor_resources(gpus(script(FOUR), "1", "0.5"), executors=1)
    assert resources.slots(cores=8) == 2
    assert [resources.of_slot(0, slot, 2)["gpu"] for slot in (0, 1)] == [("0",), ("0",)]


def test_without_resources_the_cores_decide():
    assert ExecutorResources({}, {}, {}).slots(cores=3) == 3


@pytest.mark.parametrize(
    ("output", "executor", "task", "error", "text"),
    [
        (FOUR, "8", "1", SparkException, "less than what the user requested: 8"),
        (FOUR, "1", "2", SparkException, "needs to be at least what a task asks for"),
        (FOUR, "4", "1.5", SparkIllegalArgumentException, "whole number"),
        (FOUR, "4", "many", SparkIllegalArgumentException, "'many' is not a number"),
        ("no json", "1", "1", SparkException, "must print JSON"),
        ('{"name": "gpu"}', "1", "1", SparkException, "must print JSON"),
    ],
)
def test_bad_settings_say_what_is_wrong(script, output, executor, task, error, text):
    with pytest.raises(error, match=text):
        executor_resources(gpus(script(output), executor, task), executors=1)


def test_more_executors_than_resources_are_refused(script):
    with pytest.raises(SparkException, match="2 executors with 4 gpu each need 8; there are 4"):
        executor_resources(gpus(script(FOUR), "4", "1"), executors=2)


def test_a_missing_script_is_named(tmp_path):
    conf = gpus(str(tmp_path / "nowhere"), "1", "1")
    with pytest.raises(SparkException, match=r"discovery script .*nowhere .* failed"):
        executor_resources(conf, executors=1)


def test_an_executor_elsewhere_has_what_it_was_given(script):
    conf = {**gpus(script(FOUR), "2", "1"), "spark.executor.resource.fpga.amount": "2"}
    conf["spark.task.resource.fpga.amount"] = "1"
    planned = executor_resources(conf, None)
    assert planned.slots(cores=8) == 2
    given = resources_of_executor(planned, conf, {"gpu": ("6", "7")})
    assert given.of_slot(5, 1, 2) == {"gpu": ("7",), "fpga": ("1",)}
    found = resources_of_executor(planned, conf, {})
    assert found.of_slot(5, 1, 2)["gpu"] == ("1",)
