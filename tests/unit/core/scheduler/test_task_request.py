"""What a resource profile makes of a stage's tasks."""

import pytest
from pyspark.resource import (
    ExecutorResourceRequests,
    ResourceProfileBuilder,
    TaskResourceRequests,
)

from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.core.scheduler import dag_events as dag
from pyrite.core.scheduler.dag_scheduler import DAGScheduler
from pyrite.core.scheduler.task_request import TaskRequest, TaskResources, profiles_of
from pyrite.core.shared.resource import profile_id
from pyrite.core.shuffle import MapOutputTracker


@pytest.fixture(autouse=True)
def numbered(monkeypatch):
    from pyspark.resource import ResourceProfile

    monkeypatch.setattr(ResourceProfile, "id", property(profile_id))


def profile(cpus=None, executors=None, **resources):
    tasks = TaskResourceRequests()
    if cpus is not None:
        tasks.cpus(cpus)
    for name, amount in resources.items():
        tasks.resource(name, amount)
    builder = ResourceProfileBuilder().require(tasks)
    return (builder if executors is None else builder.require(executors)).build


def offer(cores=4, slots=4, **facts):
    return TaskResources(cores, slots, **facts)


GPUS = {"per_executor": {"gpu": 4}, "per_task": {"gpu": 1}, "per_slot": {"gpu": 1}}


@pytest.mark.parametrize(
    ("cores", "slots", "cpus_per_task", "cpus", "expected"),
    [
        (4, 4, 1, 1, 1),
        (4, 4, 1, 2, 2),
        (4, 4, 1, 3, 3),
        (8, 4, 2, 2, 1),
        (8, 4, 2, 3, 2),
        (8, 4, 2, 1, 1),  # no more tasks at once than there are workers
        (8, 2, 1, 4, 1),  # GPUs make the slots few, and each has four cores
        (8, 2, 1, 5, 2),
        (5, 2, 2, 3, 2),
        (2, 2, 1, 0.5, 1),
    ],
)
def test_cpus_take_slots(cores, slots, cpus_per_task, cpus, expected):
    resources = TaskResources(cores, slots, cpus_per_task)
    request = resources.request([profile(cpus)])
    assert request.slots == expected
    assert request.cpus == max(int(cpus), 1)


def test_without_a_profile_the_settings_decide():
    assert offer(cpus_per_task=2, **GPUS).request([]) == TaskRequest(2, 1, {"gpu": 1})


def test_a_profile_without_cpus_takes_those_of_the_settings():
    request = offer(8, 4, cpus_per_task=2).request([profile()])
    assert (request.cpus, request.slots, request.resources) == (2, 1, {})


def test_gpus_take_slots_too():
    request = offer(**GPUS).request([profile(1, gpu=3)])
    assert (request.cpus, request.slots, request.resources) == (1, 3, {"gpu": 3})
    shared = offer(per_executor={"gpu": 2}, per_slot={"gpu": 0.5})
    assert shared.request([profile(gpu=1)]).slots == 2
    assert shared.request([profile(gpu=0.5)]).slots == 1


def test_conflicting_profiles_are_refused_unless_they_are_to_be_merged():
    profiles = [profile(1, gpu=2), profile(3)]
    with pytest.raises(SparkIllegalArgumentException, match="Multiple ResourceProfiles specified"):
        offer(**GPUS).request(profiles)
    merged = offer(merges_profiles=True, **GPUS).request(profiles)
    assert (merged.cpus, merged.slots, merged.resources) == (3, 3, {"gpu": 2})


def test_the_same_profile_twice_is_no_conflict():
    one = profile(2)
    assert profiles_of([None, one, None, one]) == [one]
    assert len(profiles_of([one, profile(2)])) == 2


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (profile(9), r"number of cores per executor \(=4\) has to be >= the number of cpus per ta"),
        (profile(fpga=1), "No executor resource configs were specified for the following task con"),
        (profile(gpu=5), r"resource: gpu, amount: 4 needs to be >= .* request amount of 5\.0"),
        (profile(executors=ExecutorResourceRequests().cores(2)), "with dynamic allocation enabled"),
    ],
)
def test_what_no_executor_can_meet_is_refused(wanted, text):
    with pytest.raises(SparkException, match=text):
        offer(**GPUS).check(wanted)


def test_no_cpus_are_refused():
    with pytest.raises(SparkIllegalArgumentException, match=r"The cpus amount 0\.0 must be at lea"):
        offer().check(profile(0))


def test_what_the_slots_cannot_give_is_refused():
    odd = offer(2, 2, per_executor={"gpu": 3}, per_slot={"gpu": 1})
    odd.check(profile(gpu=2))
    with pytest.raises(SparkException, match="takes more than an executor's 2 slots have"):
        odd.check(profile(gpu=3))


def test_executors_of_their_own_are_refused_with_dynamic_allocation_too():
    wanted = profile(executors=ExecutorResourceRequests().cores(2))
    with pytest.raises(SparkException, match="All executors of an application are alike"):
        offer(has_dynamic_allocation=True).check(wanted)


# ------------------------------------------------------------------------------ in stages


@pytest.fixture
def submit(lineage):
    scheduler = DAGScheduler(
        MapOutputTracker(), lambda *_: (), iter(range(1000)).__next__, resources=offer()
    )

    def submit(rdd):
        return scheduler.handle(dag.JobSubmitted(lineage.job(rdd)))

    submit.scheduler = scheduler
    return submit


def requests(instructions):
    return [do.task_set.request for do in instructions if isinstance(do, dag.SubmitTaskSet)]


def test_a_profile_counts_for_the_whole_stage_and_no_other(lineage, submit):
    source = lineage.narrow(lineage.source())
    source.dependencies[0].rdd.resource_profile = two = profile(2)
    first = submit(lineage.shuffled(source))
    assert requests(first) == [TaskRequest(2, 2, {}, two.id)]
    (maps,) = [do.task_set for do in first if isinstance(do, dag.SubmitTaskSet)]
    for index in range(2):
        done = dag.TaskCompleted(maps.stage_id, maps.attempt, index, lineage.output(index))
        last = submit.scheduler.handle(done)
    assert requests(last) == [TaskRequest()]


@pytest.mark.parametrize("behind_a_shuffle", [False, True])
def test_profiles_that_conflict_end_the_job_before_it_starts(lineage, submit, behind_a_shuffle):
    parents = lineage.source(), lineage.source()
    for parent in parents:
        parent.resource_profile = profile(2)
    rdd = lineage.narrow(*parents)
    if behind_a_shuffle:
        rdd = lineage.shuffled(lineage.source(), rdd)
    (finish,) = submit(rdd)
    assert isinstance(finish.error, SparkIllegalArgumentException)
    assert not any(submit.scheduler.snapshot().values())
    assert submit.scheduler.map_stages == {}
