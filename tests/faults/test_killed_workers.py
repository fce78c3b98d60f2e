"""Workers may be killed at any moment: the answer is the same."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from operator import add
from pathlib import Path

import pytest

from pyrite.core.errors import SparkException


def test_answers_survive_killing_at_random():
    program = Path(__file__).with_name("kill_workers.py")
    run = subprocess.run(
        [sys.executable, program, "8"], capture_output=True, text=True, timeout=600, check=False
    )
    assert re.findall(r"(\d+) of (\d+) right", run.stdout) == [("8", "8")] * 3, run
    assert run.returncode == 0, run


def once(path):
    """Return a function that is true in one task only, whatever process asks."""

    def is_first():
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return True

    return is_first


def suicidal(is_first, after=0):
    def pass_on(elements):
        for position, element in enumerate(elements):
            if position == after and is_first():
                os.kill(os.getpid(), signal.SIGKILL)
            yield element

    return pass_on


@pytest.mark.parametrize("after", [0, 500])
def test_a_worker_killed_in_the_middle_of_a_map_task(sc, tmp_path, after):
    rdd = sc.parallelize(range(4000), 4).mapPartitions(suicidal(once(tmp_path / "x"), after))
    counts = rdd.map(lambda x: (x % 7, 1)).reduceByKey(add, 3).collectAsMap()
    assert sum(counts.values()) == 4000
    assert os.path.exists(tmp_path / "x")


def test_a_worker_killed_while_it_reads_a_shuffle(sc, tmp_path):
    counts = sc.parallelize(range(4000), 4).map(lambda x: (x % 70, 1)).reduceByKey(add, 3)
    assert counts.mapPartitions(suicidal(once(tmp_path / "x"), 5)).count() == 70
    assert os.path.exists(tmp_path / "x")


def test_a_worker_killed_while_it_writes_its_map_output(sc, tmp_path):
    is_first = once(tmp_path / "x")

    class Deadly:
        """Kills the process that pickles it: the shuffle writer's."""

        def __reduce__(self):
            if is_first():
                os.kill(os.getpid(), signal.SIGKILL)
            return str, ("harmless",)

    pairs = sc.parallelize(range(100), 4).map(lambda x: (x, Deadly()))
    assert pairs.groupByKey(2).mapValues(list).collectAsMap() == {
        x: ["harmless"] for x in range(100)
    }
    assert os.path.exists(tmp_path / "x")


def test_a_worker_killed_while_it_sends_its_result(sc, tmp_path):
    is_first = once(tmp_path / "x")

    def stop_soon(elements):
        if is_first():
            pid, data = os.getpid(), bytes(900_000)  # just small enough to travel in a message
            subprocess.Popen(["sh", "-c", f"sleep 0.3; kill -9 {pid}"], start_new_session=True)
            time.sleep(0.29)
            return [data]
        return [bytes(900_000)]

    sizes = sc.parallelize(range(4), 4).mapPartitions(stop_soon).collect()
    assert [len(data) for data in sizes] == [900_000] * 4


def test_a_task_that_always_kills_its_worker_ends_in_one_error(start):
    sc = start(settings={"spark.task.maxFailures": "3"})
    with pytest.raises(SparkException) as caught:
        sc.parallelize(range(4), 2).foreach(lambda x: os.kill(os.getpid(), signal.SIGKILL))
    first, *_ = str(caught.value).splitlines()
    assert re.match(
        r"Job aborted due to stage failure: Task \d in stage 0\.0 failed 3 times, most recent "
        r"failure: Lost task \d\.2 in stage 0\.0 \(TID \d\) \(.* executor driver\): "
        r".*SIGKILL.*ran out of memory",
        first,
    )
    assert sc.parallelize(range(4), 2).sum() == 6


def test_os_exit_in_a_task_is_one_error_that_tells_the_status(sc):
    with pytest.raises(SparkException, match=r"failed 4 times.*exit status 17"):
        sc.parallelize([1], 1).foreach(lambda x: os._exit(17))
    assert sc.parallelize([1, 2]).count() == 2


def test_a_dead_worker_takes_what_it_started_along(sc, scratch, tmp_path):
    is_first = once(tmp_path / "x")

    def start_and_die(element):
        if is_first():
            subprocess.Popen(["sleep", f"{scratch.path}/../600"])
            child = subprocess.Popen(["sleep", "600"], cwd=scratch.path)
            (tmp_path / "pid").write_text(str(child.pid))
            os.kill(os.getpid(), signal.SIGKILL)
        return element

    assert sc.parallelize([1, 2], 2).map(start_and_die).collect() == [1, 2]
    pid = int((tmp_path / "pid").read_text())
    assert scratch.waits_until(lambda: not os.path.exists(f"/proc/{pid}/cwd"))


def test_the_launcher_can_be_killed_many_times(sc, scratch):
    for _ in range(12):  # more often than it may fail in a row
        scratch.kill(scratch.launchers())
        assert sc.parallelize(range(10), 2).sum() == 45


def test_all_workers_killed_again_and_again_from_outside(sc, scratch):
    over = threading.Event()

    def kill_all():
        for _ in range(3):
            over.wait(0.15)
            scratch.kill(scratch.workers())

    killer = threading.Thread(target=kill_all)
    killer.start()
    result = sc.parallelize(range(20), 10).map(lambda x: time.sleep(0.05) or x).collect()
    over.set()
    killer.join()
    assert result == list(range(20))


def test_a_worker_killed_while_it_saves(sc, tmp_path):
    out = tmp_path / "out"
    rdd = sc.parallelize(range(40), 4).mapPartitions(suicidal(once(tmp_path / "x"), 5))
    rdd.saveAsTextFile(str(out))
    parts = sorted(name for name in os.listdir(out) if not name.startswith("."))
    assert parts == ["_SUCCESS", "part-00000", "part-00001", "part-00002", "part-00003"]
    lines = [line for part in parts for line in (out / part).read_text().split()]
    assert lines == [str(x) for x in range(40)]


def test_a_worker_killed_at_a_barrier(sc, tmp_path):
    is_first = once(tmp_path / "x")

    def meet(elements):
        from pyrite.core.task_context import BarrierTaskContext

        context = BarrierTaskContext.get()
        context.barrier()
        if context.partitionId() == 1 and is_first():
            os.kill(os.getpid(), signal.SIGKILL)
        return context.allGather(str(sum(elements)))

    assert sc.parallelize(range(4), 2).barrier().mapPartitions(meet).collect() == ["1", "5"] * 2


def test_a_task_that_kills_the_launcher(sc, tmp_path):
    is_first = once(tmp_path / "x")

    def kill_parent(element):
        if is_first():
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
        return element

    assert sc.parallelize(range(4), 4).map(kill_parent).sum() == 6


def test_results_of_many_kilobytes_under_fire(sc, scratch):
    """Large results travel in files; a killed worker's half-written one is never read."""
    over = threading.Event()

    def kill_one():
        for _ in range(3):
            over.wait(0.1)
            scratch.kill(scratch.workers()[:1])

    killer = threading.Thread(target=kill_one)
    killer.start()
    results = sc.parallelize(range(8), 8).map(lambda x: bytes([x]) * 4_000_000).collect()
    over.set()
    killer.join()
    assert [(len(data), data[0]) for data in results] == [(4_000_000, x) for x in range(8)]
