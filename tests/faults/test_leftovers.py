"""What attempts leave in the scratch directories goes when they are over, not at the end."""

import gc
import os
import signal
import time

import pytest
from pyspark import StorageLevel
from pyspark.accumulators import AccumulatorParam

from pyrite.core.errors import SparkException

LARGE = 3 << 20  # a result that goes through a file


def files_below(scratch, kind):
    return sorted(p.name for p in scratch.path.glob(f"*/{kind}/**/*") if p.is_file())


def test_large_results_of_a_cancelled_job(start, scratch, tmp_path):
    sc = start("local[3]")

    def slow_after(element):
        if element == 2:
            while not os.path.exists(tmp_path / "cancel"):
                time.sleep(0.01)
            time.sleep(600)
        return bytes(LARGE)

    job = sc.submit_job(
        sc.parallelize(range(3), 3).map(slow_after).node, lambda context, part: list(part)
    )
    assert scratch.waits_until(lambda: len(files_below(scratch, "results")) == 2)
    (tmp_path / "cancel").touch()
    job.cancel()
    with pytest.raises(SparkException, match="cancelled"):
        job.result()
    del job
    gc.collect()
    assert scratch.waits_until(lambda: files_below(scratch, "results") == [])


def test_large_results_that_nobody_asks_for_any_more(start, scratch):
    sc = start("local[2]")
    rdd = sc.parallelize(range(2), 2).map(lambda x: bytes(LARGE))
    job = sc.submit_job(rdd.node, lambda context, part: list(part))
    assert scratch.waits_until(lambda: len(files_below(scratch, "results")) == 2)
    del job
    gc.collect()
    assert scratch.waits_until(lambda: files_below(scratch, "results") == [])


def test_a_large_result_whose_accumulators_cannot_be_sent(start, scratch):
    sc = start("local[1]")

    class Unsendable:
        def __reduce__(self):
            raise TypeError("stays here")

    class Stubborn(AccumulatorParam):
        def zero(self, value):
            return 0

        def addInPlace(self, one, other):
            return Unsendable()

    total = sc.accumulator(0, Stubborn())

    def add(element):
        total.add(element)
        return bytes(LARGE)

    with pytest.raises(SparkException, match="stays here"):
        sc.parallelize([1], 1).map(add).collect()
    assert scratch.waits_until(lambda: files_below(scratch, "results") == [])


def test_unfinished_files_and_blocks_of_killed_workers(start, scratch, tmp_path):
    sc = start("local[1]")

    class Deadly:
        """Kills the process that pickles it: the shuffle writer's."""

        def __reduce__(self):
            if not os.path.exists(tmp_path / "x"):
                (tmp_path / "x").touch()
                os.kill(os.getpid(), signal.SIGKILL)
            return str, ("harmless",)

    numbers = sc.parallelize(range(1000), 2).map(str).persist(StorageLevel.DISK_ONLY)
    assert numbers.count() == 1000
    assert files_below(scratch, "blocks") == ["rdd_1_0", "rdd_1_1"]
    pairs = sc.parallelize(range(40000), 1).map(lambda x: (x, Deadly() if x == 39999 else x))
    grouped = pairs.partitionBy(2)
    assert grouped.count() == 40000
    assert os.path.exists(tmp_path / "x")
    assert files_below(scratch, "blocks") == []  # nobody could read them any more
    assert [name for name in files_below(scratch, "shuffle") if name.endswith(".tmp")] == []
    assert numbers.count() == 1000


def test_several_local_directories_share_the_files(start, scratch):
    roots = [scratch.path / name for name in "ab"]
    sc = start("local[2]", {"spark.local.dir": ",".join(map(str, roots))})
    rdd = sc.parallelize(range(1000), 8).persist(StorageLevel.DISK_ONLY)
    sums = rdd.map(lambda x: (x % 10, x)).reduceByKey(lambda a, b: a + b, 4)
    assert sum(sums.values().collect()) == 499500
    for root in roots:
        (app,) = root.iterdir()
        assert list((app / "shuffle").iterdir())
        assert list((app / "blocks").glob("*/rdd_*"))
    del sums
    gc.collect()
    assert scratch.waits_until(lambda: not list(scratch.path.glob("*/*/shuffle/*")))
    sc.stop()
    assert [list(root.iterdir()) for root in roots] == [[], []]
    for root in roots:
        root.rmdir()
