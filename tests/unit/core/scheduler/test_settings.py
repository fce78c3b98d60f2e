"""From an application's configuration to the policies that decide."""

import math
from dataclasses import replace

import pytest

from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.core.scheduler import settings
from pyrite.core.scheduler.master import parse_master

LOCAL = parse_master("local[4]")
CLUSTER = parse_master("local-cluster[3,2,1024]")
DYNAMIC = "spark.dynamicAllocation."


def dynamic(**conf):
    named = {DYNAMIC + key: value for key, value in conf.items()}
    return settings.allocation_policy({DYNAMIC + "enabled": "true", **named}, CLUSTER)


def test_the_master_or_the_setting_decides_how_often_a_task_may_fail():
    conf = {"spark.task.maxFailures": "7"}
    assert settings.task_policy({}, LOCAL).max_failures == 1
    assert settings.task_policy(conf, LOCAL).max_failures == 1
    assert settings.task_policy({}, parse_master("local[4,3]")).max_failures == 3
    assert settings.task_policy({}, CLUSTER).max_failures == 4
    assert settings.task_policy(conf, CLUSTER).max_failures == 7


def test_a_lost_worker_does_not_fail_a_local_job_at_once():
    assert settings.task_policy({}, LOCAL).max_losses == 4


def test_the_wait_for_a_worker_has_sparks_keys():
    assert settings.task_policy({}, LOCAL).locality_wait == 3.0
    assert settings.task_policy({"spark.locality.wait": "1s"}, LOCAL).locality_wait == 1.0
    both = {"spark.locality.wait": "1s", "spark.locality.wait.process": "20"}
    assert settings.task_policy(both, LOCAL).locality_wait == pytest.approx(0.02)


def test_speculation_is_off_unless_asked_for():
    assert settings.task_policy({}, LOCAL).speculation is None
    assert settings.speculation_interval({}) is None
    conf = {"spark.speculation": "true", "spark.speculation.quantile": "0.5"}
    speculation = settings.task_policy(conf, LOCAL).speculation
    assert (speculation.multiplier, speculation.quantile, speculation.min_seconds) == (3, 0.5, 0.1)
    assert settings.speculation_interval(conf) == pytest.approx(0.1)


def test_slots_are_cores_divided_by_the_cpus_of_a_task():
    assert settings.executor_shape({}, LOCAL).slots == 4
    assert settings.executor_shape({"spark.task.cpus": "2"}, LOCAL).slots == 2
    assert settings.executor_shape({"spark.task.cpus": "3"}, LOCAL).slots == 1


def test_the_driver_is_the_only_executor_of_local_mode():
    assert settings.executor_shape({}, LOCAL).names == ("driver",)
    assert settings.executor_shape({}, CLUSTER).names == ("0", "1", "2")


def test_an_executors_memory_is_divided_among_its_workers():
    gibibyte = 1 << 30
    conf = {"spark.memory.fraction": "0.5"}
    assert settings.executor_shape(conf, LOCAL).storage_memory == gibibyte // 2 // 4
    larger = {**conf, "spark.driver.memory": "4g"}
    assert settings.executor_shape(larger, LOCAL).storage_memory == 2 * gibibyte // 4
    assert settings.executor_shape(conf, CLUSTER).storage_memory == gibibyte // 2 // 2


def test_executors_are_fixed_unless_asked_for():
    assert settings.allocation_policy({}, CLUSTER) is None
    assert settings.allocation_policy({DYNAMIC + "enabled": "true"}, LOCAL) is None


def test_dynamic_allocation_has_sparks_defaults_within_the_cluster():
    policy = dynamic()
    assert (policy.min_executors, policy.initial_executors, policy.max_executors) == (0, 0, 3)
    assert (policy.idle_seconds, policy.cached_idle_seconds) == (60.0, math.inf)
    assert (policy.backlog_seconds, policy.sustained_backlog_seconds) == (1.0, 1.0)
    assert policy.slots == 2


def test_more_executors_than_the_cluster_has_are_never_started():
    policy = dynamic(initialExecutors="9", minExecutors="5")
    assert (policy.min_executors, policy.initial_executors, policy.max_executors) == (3, 3, 3)
    conf = {DYNAMIC + "enabled": "true", DYNAMIC + "initialExecutors": "9"}
    assert settings.executor_shape(conf, CLUSTER).names == ("0", "1", "2")


def test_the_first_number_of_executors_is_at_least_the_minimum_and_at_most_the_maximum():
    assert dynamic(minExecutors="2").initial_executors == 2
    assert dynamic(initialExecutors="1", minExecutors="2").initial_executors == 2
    assert dynamic(initialExecutors="3", maxExecutors="2").initial_executors == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("spark.task.maxFailures", "0"),
        ("spark.task.maxFailures", "many"),
        ("spark.locality.wait", "soon"),
        ("spark.scheduler.mode", "LIFO"),
        ("spark.speculation", "perhaps"),
        ("spark.scheduler.allocation.file", "/no/such/file.xml"),
        ("spark.task.cpus", "0"),
        ("spark.executor.memory", "much"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_setting(key, value):
    def read(conf):
        return settings.task_policy(conf, CLUSTER), settings.executor_shape(conf, CLUSTER)

    with pytest.raises(SparkIllegalArgumentException) as refused:
        read({key: value})
    assert key in str(refused.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("minExecutors", "-1"),
        ("maxExecutors", "0"),
        ("executorAllocationRatio", "0"),
        ("executorAllocationRatio", "1.5"),
        ("executorIdleTimeout", "never"),
    ],
)
def test_a_bad_allocation_setting_is_refused_by_its_name(key, value):
    with pytest.raises(SparkIllegalArgumentException) as refused:
        dynamic(**{key: value})
    assert DYNAMIC + key in str(refused.value)


def test_a_minimum_above_the_maximum_is_refused():
    with pytest.raises(SparkIllegalArgumentException, match=r"minExecutors \(2\)"):
        dynamic(minExecutors="2", maxExecutors="1")


def test_a_stopped_worker_is_given_up_as_spark_gives_up_one_without_heartbeats():
    policy = settings.heartbeat_policy({})
    assert (policy.interval, policy.timeout) == (10.0, 120.0)
    conf = {"spark.network.timeout": "2", "spark.executor.heartbeatInterval": "100"}
    assert settings.heartbeat_policy(conf).interval == pytest.approx(0.1)
    assert settings.heartbeat_policy(conf).timeout == 2.0


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        ("10s", "spark.network.timeout=5000ms must be greater than .*Interval=10000ms"),
        ("0", "spark.executor.heartbeatInterval: '0' must be more than 0"),
    ],
)
def test_heartbeats_that_could_never_be_in_time_are_refused(interval, text):
    conf = {"spark.network.timeout": "5s", "spark.executor.heartbeatInterval": interval}
    with pytest.raises(SparkIllegalArgumentException, match=text):
        settings.heartbeat_policy(conf)


def test_exclusion_is_off_unless_asked_for():
    assert settings.task_policy({}, CLUSTER).exclusion is None
    conf = {"spark.excludeOnFailure.enabled": "true", "spark.excludeOnFailure.timeout": "5min"}
    policy = settings.task_policy(conf, CLUSTER).exclusion
    assert (policy.timeout, policy.task_attempts_per_node, policy.replaces) == (300, 2, True)
    assert settings.task_policy(conf, LOCAL).exclusion.replaces is False


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("timeout", "0", "spark.excludeOnFailure.timeout was 0, but must be > 0."),
        (
            "stage.maxFailedTasksPerExecutor",
            "0",
            "spark.excludeOnFailure.stage.maxFailedTasksPerExecutor was 0, but must be > 0.",
        ),
        (
            "task.maxTaskAttemptsPerNode",
            "4",
            r"maxTaskAttemptsPerNode \( = 4\) was >= spark.task.maxFailures \( = 4 \)",
        ),
    ],
)
def test_exclusion_that_cannot_work_is_refused(key, value, says):
    conf = {"spark.excludeOnFailure.enabled": "true", f"spark.excludeOnFailure.{key}": value}
    with pytest.raises(SparkIllegalArgumentException, match=says):
        settings.task_policy(conf, CLUSTER)


def test_a_ray_cluster_may_grow_up_to_the_maximum_or_the_cores():
    ray = replace(parse_master("ray:auto"), executors=2, cores=2)
    conf = {DYNAMIC + "enabled": "true"}
    assert settings.allocation_policy(conf, ray).max_executors == math.inf
    assert (
        settings.allocation_policy({**conf, DYNAMIC + "maxExecutors": "7"}, ray).max_executors == 7
    )
    assert settings.allocation_policy({**conf, "spark.cores.max": "5"}, ray).max_executors == 2


def test_executors_of_a_cluster_must_have_the_cpus_of_a_task():
    with pytest.raises(SparkException, match=r"per executor \(=2\) has to be >= .* task = 3\."):
        settings.executor_shape({"spark.task.cpus": "3"}, CLUSTER)
