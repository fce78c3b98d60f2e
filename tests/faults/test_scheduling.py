"""Several jobs at once, retries, speculation, skipped stages, and executors that come and go."""

import json
import os
import threading
import time
from operator import add

import pytest

from pyrite.core.errors import SparkException


def events(directory, kind):
    """Read the event log of the application that just ended."""
    found = []
    for path in sorted(directory.rglob("events_*")):
        for line in path.read_text().splitlines():
            event = json.loads(line)
            if event["Event"] == f"SparkListener{kind}":
                found.append(event)
    return found


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log"
    path.mkdir()
    return path


def logging_to(log):
    return {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": str(log),
        "spark.eventLog.compress": "false",
    }


def in_threads(*actions):
    results = [None] * len(actions)

    def run(index):
        results[index] = actions[index]()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_jobs_from_many_threads_get_their_own_results(sc):
    shared = sc.parallelize(range(1000), 4).map(lambda x: (x % 10, x)).reduceByKey(add, 3).cache()

    def job(n):
        own = sc.parallelize(range(1000), 3).map(lambda x: (x % n, 1)).reduceByKey(add, 2)
        return sum(own.values().collect()), len(shared.collect())

    assert in_threads(*(lambda n=n: job(n) for n in range(1, 13))) == [(1000, 10)] * 12


def first_tasks(log):
    """The jobs in the order in which their tasks were started."""
    stage_of = {event["Stage IDs"][0]: event["Job ID"] for event in events(log, "JobStart")}
    return [stage_of[event["Stage ID"]] for event in events(log, "TaskStart")]


@pytest.mark.parametrize("mode", ["FIFO", "FAIR"])
def test_pools(start, log, tmp_path, mode):
    sc = start(settings={"spark.scheduler.mode": mode, **logging_to(log)})
    both = tmp_path / "both are submitted"

    def wait(x):
        while not both.exists():
            time.sleep(0.01)

    def job(pool):
        sc.setLocalProperty("spark.scheduler.pool", pool)
        return sc.parallelize(range(16), 16).map(lambda x: wait(x)).count()

    def until_active(count):
        while len(sc.statusTracker().getActiveStageIds()) < count:
            time.sleep(0.01)

    def later():
        until_active(1)
        return job("b")

    def last():
        until_active(2)
        both.touch()

    assert in_threads(lambda: job("a"), later, last) == [16, 16, None]
    sc.stop()
    order = first_tasks(log)
    interleaved = order != sorted(order)
    assert interleaved == (mode == "FAIR")


def test_stages_whose_outputs_exist_are_skipped(start, log):
    sc = start(settings=logging_to(log))
    counts = sc.parallelize(range(100), 4).map(lambda x: (x % 3, 1)).reduceByKey(add, 2)
    assert counts.count() == 3
    assert dict(counts.collect()) == {0: 34, 1: 33, 2: 33}
    sorted_ = counts.sortByKey()
    assert sorted_.keys().collect() == [0, 1, 2]
    sc.stop()
    submitted = [event["Stage Info"]["Stage ID"] for event in events(log, "StageSubmitted")]
    planned = [event["Stage IDs"] for event in events(log, "JobStart")]
    first, second = planned[:2]
    assert len(first) == len(second) == 2
    assert [stage for stage in second if stage in submitted] == second[-1:]
    kinds = [event["Task Type"] for event in events(log, "TaskEnd")]
    assert kinds.count("ShuffleMapTask") == 4 + 2


def test_speculation_beats_a_straggler(start, log, tmp_path):
    sc = start(
        settings={
            "spark.speculation": "true",
            "spark.speculation.quantile": "0.5",
            **logging_to(log),
        }
    )
    counter = sc.accumulator(0)

    def straggle(index, elements):
        for element in elements:
            counter.add(1)
            yield element
        try:
            os.close(os.open(tmp_path / "first", os.O_CREAT | os.O_EXCL)) if index == 3 else None
        except FileExistsError:
            return
        if index == 3:
            time.sleep(600)

    rdd = sc.parallelize(range(40), 4).mapPartitionsWithIndex(straggle)
    rdd.saveAsTextFile(str(tmp_path / "out"))
    assert counter.value == 40
    saved = sorted(name for name in os.listdir(tmp_path / "out") if not name.startswith("."))
    assert saved == ["_SUCCESS", *(f"part-0000{i}" for i in range(4))]
    lines = [(tmp_path / "out" / name).read_text().split() for name in saved[1:]]
    assert [int(line) for part in lines for line in part] == list(range(40))
    sc.stop()
    ends = events(log, "TaskEnd")
    assert sum(end["Task Info"]["Speculative"] for end in ends) >= 1
    assert sum(end["Task Info"]["Killed"] for end in ends) >= 1


def test_retries_of_local_with_failures(start, tmp_path):
    sc = start("local[2,3]")

    def fails_twice(index, elements):
        path = tmp_path / str(index)
        tries = len(path.read_text()) if path.exists() else 0
        path.write_text("x" * (tries + 1))
        if tries < 2:
            raise ValueError(f"try {tries}")
        return elements

    counter = sc.accumulator(0)
    rdd = sc.parallelize(range(10), 2).map(lambda x: counter.add(1) or x)
    assert rdd.mapPartitionsWithIndex(fails_twice).collect() == list(range(10))
    assert counter.value == 10

    with pytest.raises(SparkException, match=r"failed 3 times, .* Lost task 0\.2"):
        sc.parallelize([0], 1).map(lambda x: 1 // x).collect()


def meeting(directory, count):
    """Return a function that returns its argument when so many workers have called it."""
    directory.mkdir()

    def meet(x):
        (directory / str(os.getpid())).touch()
        while len(os.listdir(directory)) < count:
            time.sleep(0.01)
        return x

    return meet


def test_a_cluster_of_two_executors(start, log, tmp_path):
    sc = start("local-cluster[2,1,512]", logging_to(log))
    assert sc.defaultParallelism == 2
    meet = meeting(tmp_path / "workers", 2)
    assert sc.parallelize(range(8), 8).map(lambda x: meet(x)).collect() == list(range(8))
    counts = sc.parallelize(range(100), 4).map(lambda x: (x % 3, 1)).reduceByKey(add)
    assert dict(counts.collect()) == {0: 34, 1: 33, 2: 33}
    sc.stop()
    assert {event["Executor ID"] for event in events(log, "ExecutorAdded")} == {"0", "1"}


def test_an_executor_of_a_cluster_is_killed(start, scratch):
    sc = start("local-cluster[2,2,512]")
    counts = sc.parallelize(range(100), 4).map(lambda x: (x % 3, x)).groupByKey(3).cache()
    assert counts.count() == 3
    scratch.kill(scratch.workers())
    assert counts.mapValues(len).collectAsMap() == {0: 34, 1: 33, 2: 33}


def test_executors_come_with_the_backlog_and_go_when_idle(start, scratch, log, tmp_path):
    sc = start(
        "local-cluster[3,1,512]",
        {
            "spark.dynamicAllocation.enabled": "true",
            "spark.dynamicAllocation.minExecutors": "0",
            "spark.dynamicAllocation.maxExecutors": "3",
            "spark.dynamicAllocation.executorIdleTimeout": "1s",
            "spark.dynamicAllocation.schedulerBacklogTimeout": "100ms",
            **logging_to(log),
        },
    )
    assert scratch.workers() == []
    meet = meeting(tmp_path / "workers", 3)
    grouped = sc.parallelize(range(12), 12).map(lambda x: (meet(x) % 4, x)).groupByKey(2)
    assert grouped.count() == 4
    assert scratch.waits_until(lambda: scratch.workers() == [])
    assert grouped.mapValues(sum).collectAsMap() == {0: 12, 1: 15, 2: 18, 3: 21}
    sc.stop()
    added, removed = events(log, "ExecutorAdded"), events(log, "ExecutorRemoved")
    assert len(added) >= 3 + 1
    assert {event["Executor ID"] for event in removed} <= {e["Executor ID"] for e in added}
    assert len(removed) >= 3
    kinds = [event["Task Type"] for event in events(log, "TaskEnd")]
    assert kinds.count("ShuffleMapTask") == 12  # the files outlived the executors
