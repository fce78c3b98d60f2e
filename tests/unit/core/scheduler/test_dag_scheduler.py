"""The state machine of jobs and stages: events in, instructions out, nothing else."""

from itertools import count

import pytest

from pyrite.core import events
from pyrite.core.errors import SparkException
from pyrite.core.scheduler import dag_events as dag
from pyrite.core.scheduler.dag_scheduler import DAGScheduler
from pyrite.core.shuffle import MapOutputTracker


class Driver:
    """A DAG scheduler with its instructions kept and a few words to drive it by."""

    def __init__(self, lineage):
        self.lineage = lineage
        self.map_outputs = MapOutputTracker()
        self.cached = {}
        self.instructions = []
        self.scheduler = DAGScheduler(
            self.map_outputs,
            lambda rdd_id, partition: self.cached.get((rdd_id, partition), ()),
            count(1).__next__,
        )

    def tell(self, event):
        """Return what one event leads to."""
        instructions = self.scheduler.handle(event)
        self.instructions += instructions
        return instructions

    def submit(self, rdd, partitions=None, **properties):
        job = self.lineage.job(rdd, partitions, **properties)
        return job, self.tell(dag.JobSubmitted(job))

    def complete(self, task_set, *indices, accumulators=None):
        """Let tasks of a task set succeed: all of them unless told which."""
        instructions = []
        for index in indices or [spec.index for spec in task_set.tasks]:
            is_map = type(task_set.task).__name__ == "ShuffleMapTask"
            result = self.lineage.output(index) if is_map else b"value"
            instructions += self.tell(
                dag.TaskCompleted(
                    task_set.stage_id, task_set.attempt, index, result, accumulators or {}
                )
            )
        return instructions

    def fetch_fails(self, task_set, shuffle_id, map_id, reason="gone"):
        return self.tell(
            dag.FetchFailure(task_set.stage_id, task_set.attempt, shuffle_id, map_id, reason)
        )

    def resubmit(self):
        return self.tell(dag.ResubmitFailedStages())

    @property
    def left(self):
        return {name: number for name, number in self.scheduler.snapshot().items() if number}


@pytest.fixture
def driver(lineage):
    return Driver(lineage)


def of(instructions, kind):
    return [do for do in instructions if isinstance(do, kind)]


def task_sets(instructions):
    return [do.task_set for do in of(instructions, dag.SubmitTaskSet)]


def the_task_set(instructions):
    (task_set,) = task_sets(instructions)
    return task_set


def indices(task_set):
    return [spec.index for spec in task_set.tasks]


def finished(instructions):
    return {do.job_id: do.error for do in of(instructions, dag.FinishJob)}


def announced(instructions):
    return [type(do.event).__name__[13:] for do in of(instructions, dag.Announce)]


# ------------------------------------------------------------------------------------- jobs run


def test_a_job_without_shuffles_is_one_stage(driver, lineage):
    job, first = driver.submit(lineage.narrow(lineage.source(3)))
    stage = the_task_set(first)
    assert indices(stage) == [0, 1, 2]
    last = driver.complete(stage)
    assert [(do.position, do.result) for do in of(last, dag.DeliverResult)] == [
        (0, b"value"),
        (1, b"value"),
        (2, b"value"),
    ]
    assert finished(last) == {job.job_id: None}
    assert driver.left == {}


def test_only_the_wanted_partitions_are_computed_in_the_wanted_order(driver, lineage):
    _, first = driver.submit(lineage.source(5), partitions=[4, 1])
    stage = the_task_set(first)
    assert [(spec.index, spec.partition.index) for spec in stage.tasks] == [(0, 4), (1, 1)]


def test_a_stage_runs_when_all_map_outputs_it_reads_exist(driver, lineage):
    job, first = driver.submit(lineage.shuffled(lineage.source(3)))
    maps = the_task_set(first)
    assert type(maps.task).__name__ == "ShuffleMapTask"
    assert task_sets(driver.complete(maps, 0, 1)) == []
    result = the_task_set(driver.complete(maps, 2))
    assert result.reads == (0,)
    assert finished(driver.complete(result)) == {job.job_id: None}
    assert driver.left == {}


def test_both_sides_of_a_join_run_at_once(driver, lineage):
    _, first = driver.submit(lineage.shuffled(lineage.source(), lineage.source()))
    left, right = task_sets(first)
    assert task_sets(driver.complete(left)) == []
    assert the_task_set(driver.complete(right)).reads == (0, 1)


def test_a_shared_ancestor_of_a_diamond_runs_once(driver, lineage):
    top = lineage.shuffled(lineage.source())
    bottom = lineage.shuffled(lineage.narrow(top), lineage.narrow(top))
    _, first = driver.submit(bottom)
    ancestor = the_task_set(first)
    sides = task_sets(driver.complete(ancestor))
    assert len(sides) == 2
    for side in sides:
        last = driver.complete(side)
    driver.complete(the_task_set(last))
    assert driver.left == {}
    assert len(task_sets(driver.instructions)) == 4


def test_a_job_over_no_partitions_succeeds_at_once(driver, lineage):
    job, instructions = driver.submit(lineage.source(3), partitions=[])
    assert finished(instructions) == {job.job_id: None}
    assert announced(instructions) == ["JobStart", "JobEnd"]
    assert driver.left == {}


def test_a_shuffle_of_an_empty_rdd_needs_no_map_stage(driver, lineage):
    _, instructions = driver.submit(lineage.shuffled(lineage.source(0)))
    assert type(the_task_set(instructions).task).__name__ == "ResultTask"


def test_existing_map_outputs_are_not_computed_again(driver, lineage):
    rdd = lineage.shuffled(lineage.source())
    _, first = driver.submit(rdd)
    driver.complete(the_task_set(driver.complete(the_task_set(first))))
    _, again = driver.submit(rdd)
    assert type(the_task_set(again).task).__name__ == "ResultTask"


def test_what_is_above_cached_partitions_is_not_computed(driver, lineage):
    middle = lineage.cached(lineage.shuffled(lineage.source()))
    rdd = lineage.narrow(middle)
    driver.cached = {(middle.id(), 0): ("driver/1",), (middle.id(), 1): ("driver/0",)}
    _, instructions = driver.submit(rdd)
    stage = the_task_set(instructions)
    assert [spec.locations for spec in stage.tasks] == [("driver/1",), ("driver/0",)]


def test_a_partly_cached_rdd_needs_its_parents(driver, lineage):
    middle = lineage.cached(lineage.shuffled(lineage.source()))
    driver.cached = {(middle.id(), 0): ("driver/1",)}
    _, instructions = driver.submit(middle)
    assert type(the_task_set(instructions).task).__name__ == "ShuffleMapTask"


def test_two_jobs_share_a_running_map_stage(driver, lineage):
    edge = lineage.edge(lineage.source())
    one, first = driver.submit(lineage.read(edge))
    two, second = driver.submit(lineage.read(edge))
    assert task_sets(second) == []
    results = task_sets(driver.complete(the_task_set(first)))
    ended = [finished(driver.complete(result)) for result in results]
    assert ended == [{one.job_id: None}, {two.job_id: None}]
    assert driver.left == {}


def test_the_earliest_job_gives_a_shared_stage_its_priority_and_properties(driver, lineage):
    edge = lineage.edge(lineage.source())
    one, first = driver.submit(lineage.read(edge), spark_scheduler_pool="night")
    driver.submit(lineage.read(edge))
    maps = the_task_set(first)
    assert maps.priority == one.job_id
    assert maps.properties == {"spark.scheduler.pool": "night"}


def test_a_lineage_of_thousands_of_shuffles_is_no_recursion(driver, lineage):
    rdd = lineage.source(1)
    for _ in range(3000):
        rdd = lineage.shuffled(rdd, size=1)
    job, instructions = driver.submit(rdd)
    for _ in range(3000):
        instructions = driver.complete(the_task_set(instructions))
    assert finished(driver.complete(the_task_set(instructions))) == {job.job_id: None}
    assert driver.left == {}


def test_a_deep_lineage_whose_steps_read_the_two_before_is_no_recursion(driver, lineage):
    before, rdd = lineage.source(1), lineage.shuffled(lineage.source(1), size=1)
    for _ in range(1500):
        before, rdd = rdd, lineage.shuffled(rdd, before, size=1)
    _, instructions = driver.submit(rdd)
    assert len(driver.scheduler.stages) == 3002
    assert len(task_sets(instructions)) >= 1
    driver.tell(dag.JobsCancelled(lambda job: True, "by test"))
    assert driver.left == {}


# ------------------------------------------------------------------------------- lost map outputs


def test_a_lost_output_is_computed_again_and_then_its_reader(driver, lineage):
    job, first = driver.submit(lineage.shuffled(lineage.source(3)))
    maps = the_task_set(first)
    result = the_task_set(driver.complete(maps))
    driver.complete(result, 0)
    failing = driver.fetch_fails(result, 0, 1)
    assert of(failing, dag.AbandonTaskSet) == [dag.AbandonTaskSet(result.stage_id, 0)]
    assert of(failing, dag.CallLater)[0].event == dag.ResubmitFailedStages()
    repair = the_task_set(driver.resubmit())
    assert (repair.stage_id, repair.attempt, indices(repair)) == (maps.stage_id, 1, [1])
    retry = the_task_set(driver.complete(repair))
    assert (retry.attempt, indices(retry)) == (1, [1])
    assert finished(driver.complete(retry)) == {job.job_id: None}
    assert driver.left == {}


def test_failures_found_before_the_resubmission_are_repaired_together(driver, lineage):
    _, first = driver.submit(lineage.shuffled(lineage.source(3)))
    result = the_task_set(driver.complete(the_task_set(first)))
    first_failure = driver.fetch_fails(result, 0, 0)
    second_failure = driver.fetch_fails(result, 0, 2)
    assert len(of(first_failure + second_failure, dag.CallLater)) == 1
    assert indices(the_task_set(driver.resubmit())) == [0, 2]


def test_a_fetch_that_lost_the_whole_shuffle_runs_every_map_again(driver, lineage):
    _, first = driver.submit(lineage.shuffled(lineage.source(3)))
    result = the_task_set(driver.complete(the_task_set(first)))
    driver.fetch_fails(result, 0, -1)
    assert indices(the_task_set(driver.resubmit())) == [0, 1, 2]


def test_a_failed_fetch_of_an_older_attempt_is_old_news(driver, lineage):
    _, first = driver.submit(lineage.shuffled(lineage.source(3)))
    old = the_task_set(driver.complete(the_task_set(first)))
    driver.fetch_fails(old, 0, 0)
    driver.complete(the_task_set(driver.resubmit()))
    assert driver.fetch_fails(old, 0, 0) == []
    assert driver.map_outputs.missing_maps(0) == []


def test_a_stage_that_keeps_losing_its_input_ends_the_job(driver, lineage):
    job, instructions = driver.submit(lineage.shuffled(lineage.source()))
    instructions = driver.complete(the_task_set(instructions))
    for _ in range(3):
        driver.fetch_fails(the_task_set(instructions), 0, 0)
        instructions = driver.complete(the_task_set(driver.resubmit()))
    last = driver.fetch_fails(the_task_set(instructions), 0, 0, "disk on fire")
    assert str(finished(last)[job.job_id]) == (
        "Job aborted due to stage failure: ResultStage 1 (collect at app.py:1) has failed the "
        "maximum allowable number of times: 4. Most recent failure reason:\ndisk on fire"
    )
    assert driver.left == {}


def test_an_output_missed_by_a_task_is_computed_even_above_cached_partitions(driver, lineage):
    middle = lineage.cached(lineage.shuffled(lineage.source()))
    driver.cached = {(middle.id(), index): ("driver/1",) for index in range(2)}
    _, first = driver.submit(lineage.narrow(middle))
    driver.fetch_fails(the_task_set(first), 0, 1)  # it ran on another worker than driver/1
    assert indices(the_task_set(driver.resubmit())) == [0, 1]


def test_success_in_between_resets_the_count_of_lost_attempts(driver, lineage):
    middle = lineage.shuffled(lineage.source())
    _, instructions = driver.submit(lineage.shuffled(middle))
    instructions = driver.complete(the_task_set(instructions))
    for _ in range(2):
        for _ in range(3):
            driver.fetch_fails(the_task_set(instructions), 0, 0)
            instructions = driver.complete(the_task_set(driver.resubmit()))
        result = the_task_set(driver.complete(the_task_set(instructions)))
        driver.fetch_fails(result, 1, -1)
        instructions = driver.resubmit()
    assert finished(driver.instructions) == {}


def test_a_fetch_failure_for_a_shuffle_of_no_stage_is_bounded_too(driver, lineage):
    job, instructions = driver.submit(lineage.shuffled(lineage.source()))
    instructions = driver.complete(the_task_set(instructions))
    for _ in range(4):
        failing = driver.fetch_fails(the_task_set(instructions), 77, 0)
        instructions = driver.resubmit()
    assert "maximum allowable number of times: 4" in str(finished(failing)[job.job_id])
    assert driver.left == {}


def test_a_late_result_of_an_abandoned_attempt_counts(driver, lineage):
    _, first = driver.submit(lineage.shuffled(lineage.source(3)))
    result = the_task_set(driver.complete(the_task_set(first)))
    driver.fetch_fails(result, 0, 1)
    assert len(of(driver.complete(result, 1), dag.DeliverResult)) == 1
    retry = the_task_set(driver.complete(the_task_set(driver.resubmit())))
    assert indices(retry) == [0]
    assert of(driver.complete(retry, 1), dag.DeliverResult) == []


def test_a_late_map_output_is_kept_and_its_accumulators_merged_once(driver, lineage):
    middle = lineage.shuffled(lineage.source())
    _, first = driver.submit(lineage.shuffled(middle))
    old = the_task_set(driver.complete(the_task_set(first)))
    driver.fetch_fails(old, 0, 0)
    retry = the_task_set(driver.complete(the_task_set(driver.resubmit())))
    late = driver.complete(old, 0, accumulators={1: 10})
    duplicate = driver.complete(retry, 0, accumulators={1: 10})
    assert of(late + duplicate, dag.MergeAccumulators) == [dag.MergeAccumulators({1: 10})]


def test_a_late_last_result_ends_the_stage_once(driver, lineage):
    job, first = driver.submit(lineage.shuffled(lineage.source()))
    result = the_task_set(driver.complete(the_task_set(first)))
    driver.complete(result, 1)
    driver.fetch_fails(result, 0, 0)
    last = driver.complete(result, 0)  # a speculative duplicate of the task that failed
    assert finished(last) == {job.job_id: None}
    assert announced(last) == ["JobEnd"]
    assert driver.resubmit() == []
    assert driver.left == {}


def test_outputs_lost_with_their_machine_are_computed_for_the_next_job(driver, lineage):
    rdd = lineage.shuffled(lineage.source())
    _, first = driver.submit(rdd)
    driver.complete(the_task_set(driver.complete(the_task_set(first))))
    driver.tell(dag.OutputsLost(""))
    _, again = driver.submit(rdd)
    assert indices(the_task_set(again)) == [0, 1]


def test_outputs_lost_while_the_stage_runs_are_computed_before_its_reader(driver, lineage):
    _, first = driver.submit(lineage.shuffled(lineage.source()))
    maps = the_task_set(first)
    driver.complete(maps, 0)
    driver.tell(dag.OutputsLost(""))
    again = the_task_set(driver.complete(maps, 1))
    assert (again.stage_id, again.attempt, indices(again)) == (maps.stage_id, 1, [0])


def test_outputs_that_were_moved_are_not_computed_again(driver, lineage):
    rdd = lineage.shuffled(lineage.source())
    _, first = driver.submit(rdd)
    reader = the_task_set(driver.complete(the_task_set(first)))
    moved = {f"/shuffle/{n}": ("m2:1", f"/other/{n}") for n in (0, 1)}
    driver.tell(dag.OutputsMoved("", moved))
    shuffle_id = reader.reads[0]
    out = driver.tell(dag.FetchFailure(reader.stage_id, 0, shuffle_id, 0, "the machine is gone"))
    driver.tell(dag.OutputsLost(""))
    assert any(isinstance(do, dag.CallLater) for do in out)
    again = the_task_set(driver.tell(dag.ResubmitFailedStages()))
    assert (again.stage_id, again.attempt) == (reader.stage_id, 1)
    out = driver.tell(dag.FetchFailure(reader.stage_id, 1, shuffle_id, 0, "gone there too"))
    maps = the_task_set(driver.tell(dag.ResubmitFailedStages()))
    assert (maps.stage_id, indices(maps)) == (the_task_set(first).stage_id, [0])


# --------------------------------------------------------------------------- failures and cancels


def test_a_failed_task_set_ends_its_job_with_the_users_error_as_cause(driver, lineage):
    job, first = driver.submit(lineage.shuffled(lineage.source()))
    cause = ZeroDivisionError("oops")
    last = driver.tell(dag.TaskSetFailed(the_task_set(first).stage_id, 0, "Task 0 failed", cause))
    error = finished(last)[job.job_id]
    assert isinstance(error, SparkException)
    assert str(error) == "Job aborted due to stage failure: Task 0 failed"
    assert error.__cause__ is cause
    assert driver.left == {}


def test_a_failed_shared_stage_ends_both_jobs_and_no_other(driver, lineage):
    edge = lineage.edge(lineage.source())
    one, first = driver.submit(lineage.read(edge))
    two, _ = driver.submit(lineage.read(edge))
    other, third = driver.submit(lineage.source())
    last = driver.tell(dag.TaskSetFailed(the_task_set(first).stage_id, 0, "no"))
    assert set(finished(last)) == {one.job_id, two.job_id}
    assert finished(driver.complete(the_task_set(third))) == {other.job_id: None}
    assert driver.left == {}


def test_the_failure_of_an_older_attempt_ends_nothing(driver, lineage):
    _, first = driver.submit(lineage.shuffled(lineage.source()))
    old = the_task_set(driver.complete(the_task_set(first)))
    driver.fetch_fails(old, 0, 0)
    assert driver.tell(dag.TaskSetFailed(old.stage_id, 0, "late")) == []


def test_a_task_that_does_not_pickle_ends_the_job_with_that_very_error(driver, lineage):
    job, first = driver.submit(lineage.source())
    error = TypeError("cannot pickle 'socket'")
    last = driver.tell(dag.TaskSetUnsendable(the_task_set(first).stage_id, 0, error))
    assert finished(last)[job.job_id] is error
    assert driver.left == {}


def test_places_that_cannot_be_found_end_the_job_and_not_the_scheduler(driver, lineage):
    class Unreachable(type(lineage.source())):
        def _preferred_locations(self, partition):
            raise OSError("name node is down")

    sides = [Unreachable(100, (), 1), Unreachable(101, (), 1)]
    job, instructions = driver.submit(lineage.shuffled(*sides))
    error = finished(instructions)[job.job_id]
    assert "Task creation failed: name node is down" in str(error)
    assert isinstance(error.__cause__, OSError)
    assert driver.left == {}


@pytest.mark.parametrize("between_attempts", [False, True])
def test_cancelling_a_job_stops_its_tasks(driver, lineage, between_attempts):
    job, first = driver.submit(lineage.shuffled(lineage.source()), spark_jobGroup_id="g")
    result = the_task_set(driver.complete(the_task_set(first)))
    if between_attempts:
        driver.fetch_fails(result, 0, 0)
    selected = dag.JobsCancelled(
        lambda job: job.properties["spark.jobGroup.id"] == "g", "part of cancelled job group g"
    )
    last = driver.tell(selected)
    assert result.stage_id in {do.stage_id for do in of(last, dag.CancelTaskSet)}
    assert str(finished(last)[job.job_id]) == (
        "[SPARK_JOB_CANCELLED] Job 0 cancelled part of cancelled job group g SQLSTATE: XXKDA"
    )
    assert driver.complete(result) == []
    assert driver.left == {}


def test_a_stage_that_another_job_needs_survives_the_cancel(driver, lineage):
    edge = lineage.edge(lineage.source())
    one, first = driver.submit(lineage.read(edge))
    two, _ = driver.submit(lineage.read(edge))
    last = driver.tell(dag.JobsCancelled(lambda job: job is one, "by test"))
    assert of(last, dag.CancelTaskSet) == []
    assert set(finished(last)) == {one.job_id}
    result = the_task_set(driver.complete(the_task_set(first)))
    assert finished(driver.complete(result)) == {two.job_id: None}
    assert driver.left == {}


def test_cancelling_what_is_not_there_does_nothing(driver):
    assert driver.tell(dag.JobsCancelled(lambda job: True, "")) == []


# ------------------------------------------------------------------------------------- barriers


def test_a_failed_barrier_map_stage_runs_as_a_whole_again(driver, lineage):
    _, first = driver.submit(lineage.shuffled(lineage.barrier(lineage.source(3))))
    maps = the_task_set(first)
    assert maps.barrier
    driver.complete(maps, 0)
    failing = driver.tell(dag.BarrierTaskFailed(maps.stage_id, 0, "boom"))
    assert len(of(failing, dag.CancelTaskSet)) == 1
    assert driver.complete(maps, 1) == []  # the attempt is over, whatever its tasks say
    again = the_task_set(driver.resubmit())
    assert indices(again) == [0, 1, 2]
    assert len(task_sets(driver.complete(again))) == 1


def test_a_barrier_result_stage_with_results_cannot_run_again(driver, lineage):
    job, first = driver.submit(lineage.barrier(lineage.source(2)))
    result = the_task_set(first)
    driver.complete(result, 0)
    last = driver.tell(dag.BarrierTaskFailed(result.stage_id, 0, "boom"))
    assert "Could not recover from a failed barrier ResultStage" in str(finished(last)[job.job_id])
    assert driver.left == {}


def test_barrier_tasks_that_wait_are_stopped_when_one_loses_its_input(driver, lineage):
    rdd = lineage.barrier(lineage.shuffled(lineage.source()))
    _, first = driver.submit(rdd)
    result = the_task_set(driver.complete(the_task_set(first)))
    failing = driver.fetch_fails(result, 0, 1)
    assert [do.stage_id for do in of(failing, dag.CancelTaskSet)] == [result.stage_id]
    retry = the_task_set(driver.complete(the_task_set(driver.resubmit())))
    assert indices(retry) == [0, 1]


def test_one_lost_output_of_a_barrier_stage_means_all_its_tasks(driver, lineage):
    _, first = driver.submit(lineage.shuffled(lineage.barrier(lineage.source(3))))
    result = the_task_set(driver.complete(the_task_set(first)))
    driver.fetch_fails(result, 0, 1)
    assert indices(the_task_set(driver.resubmit())) == [0, 1, 2]


# ------------------------------------------------------------------------------------ listeners


def test_listeners_hear_of_everything_in_order(driver, lineage):
    _, first = driver.submit(lineage.shuffled(lineage.source()))
    driver.complete(the_task_set(driver.complete(the_task_set(first))))
    assert announced(driver.instructions) == [
        "JobStart",
        "StageSubmitted",
        "StageCompleted",
        "StageSubmitted",
        "StageCompleted",
        "JobEnd",
    ]


def test_a_job_start_lists_skipped_stages_too(driver, lineage):
    rdd = lineage.shuffled(lineage.source())
    _, first = driver.submit(rdd)
    driver.complete(the_task_set(driver.complete(the_task_set(first))))
    _, again = driver.submit(rdd)
    start = of(again, dag.Announce)[0].event
    assert [(info.stage_id, info.parent_ids) for info in start.stage_infos] == [(2, ()), (3, (2,))]


def test_a_failed_stage_says_why_and_when(driver, lineage):
    _, first = driver.submit(lineage.source())
    last = driver.tell(dag.TaskSetFailed(the_task_set(first).stage_id, 0, "no"))
    completed, end = (do.event for do in of(last, dag.Announce))
    info = completed.stage_info
    assert info.failure_reason == "no"
    assert info.completion_time > info.submission_time
    assert isinstance(end.result, events.JobFailed)
