"""Jobs that end with a map stage, in the state machine: events in, instructions out."""

from array import array
from itertools import count

import pytest

from pyrite.core import events
from pyrite.core.scheduler import dag_events as dag
from pyrite.core.scheduler.dag_scheduler import DAGScheduler
from pyrite.core.shuffle import MapOutputStatistics, MapOutputTracker


class Driver:
    def __init__(self, lineage):
        self.lineage = lineage
        self.map_outputs = MapOutputTracker()
        self.scheduler = DAGScheduler(self.map_outputs, lambda *_: (), count(1).__next__)
        self.tell = self.scheduler.handle

    def submit(self, edge):
        job = self.lineage.map_stage_job(edge)
        return job, self.tell(dag.JobSubmitted(job))

    def read(self, *edges):
        job = self.lineage.job(self.lineage.read(*edges))
        return job, self.tell(dag.JobSubmitted(job))

    def complete(self, task_set, location=""):
        done = []
        for spec in task_set.tasks:
            is_map = type(task_set.task).__name__ == "ShuffleMapTask"
            output = self.lineage.output(spec.index, location=location) if is_map else b"value"
            done += self.tell(
                dag.TaskCompleted(task_set.stage_id, task_set.attempt, spec.index, output)
            )
        return done


@pytest.fixture
def driver(lineage):
    driver = Driver(lineage)
    yield driver
    assert not any(driver.scheduler.snapshot().values())
    assert driver.scheduler.map_stages == {}


def the_task_set(instructions):
    (task_set,) = [do.task_set for do in instructions if isinstance(do, dag.SubmitTaskSet)]
    return task_set


def task_kinds(instructions):
    sets = [do.task_set for do in instructions if isinstance(do, dag.SubmitTaskSet)]
    return [type(task_set.task).__name__ for task_set in sets]


def ended(instructions):
    return {do.job_id: do.error for do in instructions if isinstance(do, dag.FinishJob)}


def statistics(instructions):
    return {do.job_id: do.result for do in instructions if isinstance(do, dag.DeliverResult)}


def announced(instructions):
    return [do.event for do in instructions if isinstance(do, dag.Announce)]


def test_it_ends_with_the_sizes_of_its_outputs(driver, lineage):
    edge = lineage.edge(lineage.source(3))
    job, first = driver.submit(edge)
    maps = the_task_set(first)
    assert type(maps.task).__name__ == "ShuffleMapTask"
    last = driver.complete(maps)
    assert ended(last) == {job.job_id: None}
    assert statistics(last) == {
        job.job_id: MapOutputStatistics(job.shuffle_id, 2, (array("Q", [1, 1]),) * 3, 0)
    }
    assert task_kinds(last) == []


def test_listeners_hear_of_a_job_with_a_stage(driver, lineage):
    _, first = driver.submit(lineage.edge(lineage.source()))
    said = announced(first) + announced(driver.complete(the_task_set(first)))
    assert [type(event).__name__[13:] for event in said] == [
        "JobStart",
        "StageSubmitted",
        "StageCompleted",
        "JobEnd",
    ]
    assert [info.is_shuffle_map for info in said[0].stage_infos] == [True]
    assert said[-1].result == events.JobSucceeded()


def test_stages_before_it_run_first(driver, lineage):
    job, first = driver.submit(lineage.edge(lineage.shuffled(lineage.source(3))))
    ancestor = the_task_set(first)
    assert len(ancestor.tasks) == 3
    own = the_task_set(driver.complete(ancestor))
    assert own.reads == (0,)
    assert ended(driver.complete(own)) == {job.job_id: None}


def test_a_later_job_skips_the_stage(driver, lineage):
    edge = lineage.edge(lineage.source())
    _, first = driver.submit(edge)
    driver.complete(the_task_set(first))
    job, then = driver.read(edge)
    assert task_kinds(then) == ["ResultTask"]
    assert ended(driver.complete(the_task_set(then))) == {job.job_id: None}


def test_outputs_that_are_there_already_end_it_at_once(driver, lineage):
    edge = lineage.edge(lineage.shuffled(lineage.source()))
    _, first = driver.submit(edge)
    driver.complete(the_task_set(driver.complete(the_task_set(first))))
    job, again = driver.submit(edge)
    assert task_kinds(again) == []
    assert ended(again) == {job.job_id: None}
    assert statistics(again)[job.job_id].bytes_by_partition == (2, 2)
    assert [type(event).__name__[13:] for event in announced(again)] == ["JobStart", "JobEnd"]


def test_without_map_tasks_it_ends_at_once(driver, lineage):
    job, first = driver.submit(lineage.edge(lineage.source(0), size=3))
    assert ended(first) == {job.job_id: None}
    assert statistics(first)[job.job_id].bytes_by_partition == (0, 0, 0)


def test_what_was_lost_since_is_computed_for_the_next_job(driver, lineage):
    edge = lineage.edge(lineage.source(3))
    _, first = driver.submit(edge)
    driver.complete(the_task_set(first), location="m1:1")
    driver.map_outputs.register_map_output(0, 2, lineage.output(2, location="m2:1"))
    driver.tell(dag.OutputsLost("m1:1"))
    job, then = driver.read(edge)
    maps = the_task_set(then)
    assert [spec.index for spec in maps.tasks] == [0, 1]
    result = the_task_set(driver.complete(maps))
    assert ended(driver.complete(result)) == {job.job_id: None}


def test_what_is_lost_before_the_last_output_is_computed_again(driver, lineage):
    job, first = driver.submit(lineage.edge(lineage.source(2)))
    maps = the_task_set(first)
    driver.tell(dag.TaskCompleted(0, 0, 0, lineage.output(0, location="m1:1")))
    driver.tell(dag.OutputsLost("m1:1"))
    then = driver.tell(dag.TaskCompleted(0, 0, 1, lineage.output(1, location="m2:1")))
    assert ended(then) == {}
    again = the_task_set(then)
    assert (again.stage_id, again.attempt) == (maps.stage_id, 1)
    assert [spec.index for spec in again.tasks] == [0]
    assert ended(driver.complete(again)) == {job.job_id: None}


def test_a_lost_ancestor_runs_again_before_it_does(driver, lineage):
    job, first = driver.submit(lineage.edge(lineage.shuffled(lineage.source())))
    own = the_task_set(driver.complete(the_task_set(first)))
    driver.tell(dag.FetchFailure(own.stage_id, own.attempt, 0, 1, "gone"))
    ancestor = the_task_set(driver.tell(dag.ResubmitFailedStages()))
    assert [spec.index for spec in ancestor.tasks] == [1]
    again = the_task_set(driver.complete(ancestor))
    assert ended(driver.complete(again)) == {job.job_id: None}


def test_a_failure_ends_it(driver, lineage):
    job, first = driver.submit(lineage.edge(lineage.source()))
    maps = the_task_set(first)
    cause = ValueError("no")
    last = driver.tell(dag.TaskSetFailed(maps.stage_id, maps.attempt, "Task 0 failed", cause))
    error = ended(last)[job.job_id]
    assert "Task 0 failed" in str(error)
    assert error.__cause__ is cause
    assert statistics(last) == {}


def test_cancelling_it_stops_its_tasks(driver, lineage):
    job, _ = driver.submit(lineage.edge(lineage.source()))
    last = driver.tell(dag.JobsCancelled(lambda other: other is job, "by its caller"))
    assert f"Job {job.job_id} cancelled by its caller" in str(ended(last)[job.job_id])
    assert any(isinstance(do, dag.CancelTaskSet) for do in last)


def test_it_shares_a_running_stage_with_other_jobs(driver, lineage):
    edge = lineage.edge(lineage.source())
    reading, first = driver.read(edge)
    job, second = driver.submit(edge)
    other, third = driver.submit(edge)
    assert task_kinds(second + third) == []
    driver.tell(dag.JobsCancelled(lambda each: each is other, "by its caller"))
    then = driver.complete(the_task_set(first))
    assert ended(then) == {job.job_id: None}
    assert ended(driver.complete(the_task_set(then))) == {reading.job_id: None}
