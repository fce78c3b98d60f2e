"""What every application does, wherever its executors are."""

import collections
import os
import threading
import time
import zlib

import pytest
from pyspark import TaskContext
from pyspark.resource import ResourceProfileBuilder, TaskResourceRequests
from pyspark.storagelevel import StorageLevel

from pyrite.core.errors import SparkException
from tests.clusters.conftest import meeting, wait_until


def test_shuffles_join_and_sort(sc):
    numbers = sc.parallelize(range(1000), 6)
    sums = numbers.map(lambda x: (x % 7, x)).reduceByKey(lambda a, b: a + b, 5)
    assert dict(sums.collect()) == {k: sum(range(k, 1000, 7)) for k in range(7)}
    joined = sums.join(numbers.map(lambda x: (x % 7, 1)).groupByKey().mapValues(len))
    assert sorted(joined.mapValues(lambda pair: pair[1]).collect())[0] == (0, 143)
    assert numbers.sortBy(lambda x: -x).take(3) == [999, 998, 997]


def test_values_of_a_key_come_in_the_order_of_map_tasks(sc):
    pairs = sc.parallelize([("k", n) for n in range(60)], 6)
    assert list(pairs.groupByKey(1).collect()[0][1]) == list(range(60))


def test_work_runs_on_both_executors(sc, tmp_path):
    meet = meeting(tmp_path / "executors")
    assert sc.parallelize(range(40), 40).map(lambda _: meet()).count() == 40


def test_broadcasts_large_and_small(sc):
    table = sc.broadcast({n: str(n) for n in range(100_000)})
    assert sc.parallelize([1, 99_999], 2).map(lambda n: table.value[n]).collect() == ["1", "99999"]
    other = sc.broadcast([1])
    assert sc.parallelize(range(4), 4).map(lambda n: other.value[0] + len(table.value)).sum() == (
        4 * 100_001
    )


def test_a_broadcast_that_machines_send_each_other(sc):
    data = sc.broadcast(os.urandom(10 << 20))
    expected = zlib.crc32(data.value)

    def check(_):
        time.sleep(0.1)  # so that both machines get some
        return zlib.crc32(data.value)

    for _ in range(2):
        assert set(sc.parallelize(range(6), 6).map(check).collect()) == {expected}
        data.unpersist()


def test_large_slices_and_large_results(sc):
    words = [str(n) * 20 for n in range(60_000)]
    assert sc.parallelize(words, 2).map(lambda word: word + "!").collect() == [
        word + "!" for word in words
    ]


def test_accumulators_and_caches(sc):
    computed = sc.accumulator(0)

    def compute(x):
        computed.add(1)
        return x

    rdd = sc.parallelize(range(100), 4).map(compute).persist(StorageLevel.MEMORY_AND_DISK)
    assert [rdd.sum(), rdd.sum(), rdd.count()] == [4950, 4950, 100]
    assert computed.value == 100


def test_classes_of_the_program_travel(sc):
    Point = collections.namedtuple("Point", "x y")
    points = sc.parallelize([Point(n % 3, n) for n in range(30)], 4)
    largest = points.keyBy(lambda p: p.x).reduceByKey(lambda a, b: a if a.y > b.y else b)
    assert sorted(largest.values().collect()) == [Point(0, 27), Point(1, 28), Point(2, 29)]


def test_added_files_and_modules_reach_every_machine(sc, tmp_path):
    (tmp_path / "numbers.txt").write_text("7")
    (tmp_path / "made_for_this_test.py").write_text("def double(x):\n    return 2 * x\n")
    sc.addFile(str(tmp_path / "numbers.txt"))
    sc.addPyFile(str(tmp_path / "made_for_this_test.py"))

    def use(x):
        from made_for_this_test import double
        from pyspark import SparkFiles

        with open(SparkFiles.get("numbers.txt")) as file:
            return double(x) + int(file.read())

    assert sc.parallelize(range(4), 4).map(use).collect() == [7, 9, 11, 13]


def test_the_users_own_error_is_shown(sc):
    def divide(x):
        return 1 // (x - 3)

    with pytest.raises(SparkException, match="ZeroDivisionError") as failure:
        sc.parallelize(range(8), 4).map(divide).collect()
    assert "in divide" in str(failure.value)


def test_a_worker_that_dies_is_replaced(sc, tmp_path):
    flag = str(tmp_path / "died")

    def die_once(x):
        if x == 5 and not os.path.exists(flag):
            with open(flag, "w"):
                pass
            os.kill(os.getpid(), 9)
        return x

    assert sc.parallelize(range(10), 5).map(die_once).sum() == 45


def test_barrier_tasks_meet(sc):
    def meet(_):
        from pyspark import BarrierTaskContext

        yield BarrierTaskContext.get().allGather(os.environ.get("HOME", ""))

    gathered = sc.parallelize(range(2), 2).barrier().mapPartitions(meet).collect()
    assert [len(names) for names in gathered] == [2, 2]


def test_cancelled_jobs_end(sc, tmp_path):
    meet = meeting(tmp_path / "executors")

    def cancel():
        wait_until(lambda: len(os.listdir(tmp_path / "executors")) == 2)
        sc.cancelAllJobs()

    threading.Thread(target=cancel).start()
    with pytest.raises(SparkException, match="cancelled"):
        sc.parallelize(range(2), 2).map(lambda _: (meet(), time.sleep(600))).count()
    assert sc.parallelize(range(4), 2).count() == 4


def test_checkpoints_are_read_by_every_machine(sc, tmp_path):
    sc.setCheckpointDir(str(tmp_path / "checkpoints"))
    for cut in ("checkpoint", "localCheckpoint"):
        rdd = sc.parallelize(range(100), 4).map(lambda x: x * 2)
        getattr(rdd, cut)()
        assert rdd.sum() == 9900
        rdd.unpersist()
        assert rdd.repartition(3).sum() == 9900
        assert b"Checkpoint" in rdd.toDebugString()


def test_the_map_side_of_a_shuffle_alone(sc):
    computed = sc.accumulator(0)

    def pair(x):
        computed.add(1)
        return x % 3, "x" * (1000 if x % 3 == 1 else 1)

    grouped = sc.parallelize(range(300), 4).map(pair).partitionBy(3)
    (dependency,) = grouped.node.dependencies
    written = sc.submit_map_stage(dependency).result()
    assert len(written.sizes) == 4
    assert written.bytes_by_partition[1] == max(written.bytes_by_partition) > 100
    assert grouped.countByKey() == {0: 100, 1: 100, 2: 100}
    assert computed.value == 300


def test_tasks_take_what_their_profile_says(sc):
    def profile(cpus):
        return ResourceProfileBuilder().require(TaskResourceRequests().cpus(cpus)).build

    one = sc.range(4, numSlices=4).withResources(profile(1))
    assert one.map(lambda _: TaskContext.get().cpus()).collect() == [1] * 4
    with pytest.raises(SparkException, match=r"number of cores per executor \(=1\)"):
        sc.range(4).withResources(profile(2))
