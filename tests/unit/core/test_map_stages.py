"""``SparkContext.submit_map_stage``: the map side of a shuffle as a job of its own."""

import os
import time

import pytest
from pyspark import SparkConf, SparkContext

from pyrite.core.errors import SparkException
from pyrite.core.rdd.dependency import ShuffleDependency
from pyrite.core.rdd.rdd import RDD
from pyrite.core.rdd.shuffled import ShuffledPartsRDD, ShuffledRDD, ShufflePart
from pyrite.core.shuffle import Partitioner, ShuffleHandle


@pytest.fixture
def sc():
    conf = SparkConf(loadDefaults=False).set("spark.ui.enabled", "false")
    with SparkContext("local[2]", "tests", conf=conf) as context:
        yield context


@pytest.fixture
def shuffle(sc):
    def shuffle(pairs, partitions=3):
        maps = len(pairs.node.partitions)
        handle = ShuffleHandle(sc.next_shuffle_id(), maps, Partitioner(partitions))
        return ShuffleDependency(pairs.node, handle)

    return shuffle


def read(sc, dependency):
    return RDD(ShuffledRDD(sc.next_rdd_id(), dependency), sc)


def test_sizes_come_first_and_the_reader_finds_the_outputs(sc, shuffle):
    ran = sc.accumulator(0)

    def pair(x):
        ran.add(1)
        return x % 3, "x" * (1000 if x % 3 == 1 else 1)

    dependency = shuffle(sc.range(300, numSlices=4).map(pair))
    written = sc.submit_map_stage(dependency).result()
    small, large, other = written.bytes_by_partition
    assert large > 10 * small > 0
    assert other > 0
    assert written.total_bytes == small + large + other
    assert written.records == 300
    assert sum(written.bytes_by_map(1)) == large
    assert len(written.bytes_by_map(1)) == 4
    assert read(sc, dependency).countByKey() == {0: 100, 1: 100, 2: 100}
    assert ran.value == 300


def test_parts_chosen_by_the_sizes(sc, shuffle):
    dependency = shuffle(sc.range(400, numSlices=4).map(lambda x: (x % 8, x)), partitions=8)
    sc.submit_map_stage(dependency).result()
    parts = [
        ShufflePart(0, range(3)),
        ShufflePart(1, range(3, 4), range(2)),
        ShufflePart(2, range(3, 4), range(2, 4)),
        ShufflePart(3, range(4, 8)),
    ]
    rdd = RDD(ShuffledPartsRDD(sc.next_rdd_id(), dependency, parts), sc)
    found = rdd.glom().collect()
    assert [sorted({key for key, _ in pairs}) for pairs in found] == [
        [0, 1, 2],
        [3],
        [3],
        [4, 5, 6, 7],
    ]
    assert [value for _, value in found[1]] == list(range(3, 200, 8))
    assert [value for _, value in found[2]] == list(range(203, 400, 8))
    assert sorted(rdd.values().collect()) == list(range(400))


def test_a_part_whose_outputs_are_lost_has_them_computed_again(sc, shuffle):
    ran = sc.accumulator(0)

    def pair(x):
        ran.add(1)
        return x % 2, x

    dependency = shuffle(sc.range(4, numSlices=4).map(pair), partitions=2)
    sc.submit_map_stage(dependency).result()
    directory = os.path.join(sc.local_dir, "shuffle")
    for name in os.listdir(directory):
        if name.startswith(f"shuffle_{dependency.handle.shuffle_id}_2_"):
            os.unlink(os.path.join(directory, name))
    parts = [ShufflePart(0, range(2), range(2)), ShufflePart(1, range(2), range(2, 4))]
    rdd = RDD(ShuffledPartsRDD(sc.next_rdd_id(), dependency, parts), sc)
    assert rdd.glom().collect() == [[(0, 0), (1, 1)], [(0, 2), (1, 3)]]
    assert ran.value == 5


def test_the_outputs_go_with_the_dependency(sc, shuffle):
    dependency = shuffle(sc.range(10).map(lambda x: (x, x)))
    sc.submit_map_stage(dependency).result()
    directory = os.path.join(sc.local_dir, "shuffle")
    assert os.listdir(directory)
    del dependency
    sc.range(1).count()
    deadline = time.monotonic() + 60
    while os.listdir(directory) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert os.listdir(directory) == []


def test_errors_of_the_program_are_raised_where_it_waits(sc, shuffle):
    handle = sc.submit_map_stage(shuffle(sc.range(2).map(lambda x: (1 // (x - 1), x))))
    with pytest.raises(SparkException, match="ZeroDivisionError"):
        handle.result()


def test_it_can_be_cancelled_by_its_handle_and_by_its_group(sc, shuffle):
    def wait(x):
        time.sleep(600)
        return x, x

    slow = sc.range(2).map(wait)
    handle = sc.submit_map_stage(shuffle(slow))
    with pytest.raises(TimeoutError):
        handle.result(timeout=0.05)
    handle.cancel()
    with pytest.raises(SparkException, match="SPARK_JOB_CANCELLED"):
        handle.result()
    sc.setJobGroup("mine", "a group")
    handle = sc.submit_map_stage(shuffle(slow))
    sc.cancelJobGroup("mine")
    with pytest.raises(SparkException, match="cancelled job group mine"):
        handle.result()
