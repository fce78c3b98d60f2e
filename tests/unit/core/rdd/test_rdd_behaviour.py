"""What the golden table cannot show: jobs run, lineage, refusals, and running programs."""

import math
import pickle
from collections import defaultdict
from functools import partial

import cloudpickle
import pytest
from pyspark.resultiterable import ResultIterable
from pyspark.storagelevel import StorageLevel

from pyrite.core.errors import PySparkRuntimeError, PySparkTypeError, SparkException
from pyrite.core.rdd.bounded_float import BoundedFloat, bounded_mean, bounded_sum
from pyrite.core.rdd.dependency import OneToOneDependency, ShuffleDependency
from pyrite.core.rdd.hyper_log_log import estimate, registers
from pyrite.core.rdd.sampling import count_and_sample
from pyrite.core.rdd.xor_shift import first_int

NAN = float("nan")


def add(a, b):
    return a + b


def fail_if_called(_):
    raise AssertionError("computed")


# ------------------------------------------------------------------------------- refusals


def test_an_rdd_is_refused_inside_a_task(sc):
    inner = sc.parallelize([1])
    with pytest.raises(PySparkRuntimeError, match="RDD_TRANSFORM_ONLY_VALID_ON_DRIVER"):
        sc.parallelize([1]).map(lambda x: inner.count()).collect()


def test_an_rdd_is_refused_by_pickle(sc):
    with pytest.raises(PySparkRuntimeError, match="RDD_TRANSFORM_ONLY_VALID_ON_DRIVER"):
        pickle.dumps(sc.parallelize([1]))


@pytest.mark.parametrize("method", ["union", "zip", "cartesian", "join", "cogroup", "subtract"])
def test_another_rdd_is_needed(sc, method):
    with pytest.raises(PySparkTypeError, match="needs an RDD, not list"):
        getattr(sc.parallelize([(1, 2)]), method)([1])


def test_number_of_partitions_must_be_an_int(sc):
    with pytest.raises(PySparkTypeError, match="numPartitions must be an int, not str"):
        sc.parallelize([(1, 2)]).reduceByKey(add, "3")


def test_storage_level_is_checked_and_stays(sc):
    rdd = sc.parallelize([1]).cache()
    with pytest.raises(PySparkTypeError, match="storageLevel must be of type"):
        rdd.persist(3)
    with pytest.raises(SparkException, match="Cannot change storage level"):
        rdd.persist(StorageLevel.DISK_ONLY)
    assert rdd.persist(StorageLevel.MEMORY_ONLY) is rdd


def test_zip_of_unequal_partitions_fails_on_either_side(sc):
    short, long = sc.parallelize(range(9), 3), sc.parallelize(range(10), 3)
    for left, right in ((short, long), (long, short)):
        with pytest.raises(SparkException, match="same number of elements in each partition"):
            left.zip(right).collect()


def test_to_df_needs_a_session(sc):
    with pytest.raises(PySparkRuntimeError, match="CALL_BEFORE_INITIALIZE"):
        sc.parallelize([(1,)]).toDF()


# -------------------------------------------------------------------------- jobs and lineage


def test_transformations_run_no_job(sc):
    pairs = sc.parallelize([(1, 2)], 2).map(fail_if_called)
    pairs.reduceByKey(add).join(pairs.distinct()).cogroup(pairs.groupByKey()).zipWithUniqueId()
    assert sc.jobs == []


def test_take_computes_no_more_partitions_than_needed(sc):
    rdd = sc.parallelize(range(100), 100)
    assert rdd.take(6) == [0, 1, 2, 3, 4, 5]
    assert [indexes for _, indexes in sc.jobs] == [[0], [1, 2, 3, 4], [5, 6, 7, 8]]
    sc.jobs.clear()
    assert rdd.filter(lambda x: x > 90).take(1) == [91]
    assert [len(indexes) for _, indexes in sc.jobs] == [1, 4, 20, 75]


def test_join_of_copartitioned_rdds_reads_them_in_place(sc):
    left = sc.parallelize([(i, i) for i in range(8)], 3).partitionBy(4)
    right = left.mapValues(str)
    joined = left.join(right)
    edges = joined.node.dependencies
    assert [type(edge) for edge in edges] == [OneToOneDependency, OneToOneDependency]
    assert joined.getNumPartitions() == 4
    assert sorted(joined.collect()) == [(i, (i, str(i))) for i in range(8)]
    assert sc.map_tasks == 3


def test_join_shuffles_only_the_side_that_needs_it(sc):
    left = sc.parallelize([(1, 1)], 3).partitionBy(4)
    joined = left.join(sc.parallelize([(1, 2)], 2), 4)
    edges = joined.node.dependencies
    assert [type(edge) for edge in edges] == [OneToOneDependency, ShuffleDependency]


@pytest.mark.parametrize(
    ("derive", "known"),
    [
        (lambda pairs: pairs.reduceByKey(add, 2), True),
        (lambda pairs: pairs.groupByKey(2).mapValues(list).filter(bool), True),
        (lambda pairs: pairs.distinct(2).partitionBy(2), False),
        (lambda pairs: pairs.reduceByKey(add, 3), False),
        (lambda pairs: pairs.reduceByKey(add, 2).flatMapValues(lambda v: [v, v]), False),
        (lambda pairs: pairs.reduceByKey(add, 2).mapPartitions(lambda p: [*p] * 2, True), False),
        (lambda pairs: pairs.partitionBy(2), False),
    ],
)
def test_joins_know_which_keys_come_once(sc, derive, known):
    left = derive(sc.parallelize([(i % 5, i) for i in range(20)], 3))
    other = sc.parallelize([(i, str(i)) for i in range(4)], 2)
    joined = left.join(other, 2)
    assert joined.node.left_is_unique is known
    expected = [(key, (value, str(key))) for key, value in left.collect() if key < 4]
    assert sorted(joined.collect()) == sorted(expected)


def test_combining_what_is_partitioned_already_needs_no_shuffle(sc):
    placed = sc.parallelize([(i % 3, i) for i in range(12)], 2).partitionBy(3)
    assert placed.partitionBy(3).node is placed.node
    placed.count()
    written = sc.map_tasks
    assert sorted(placed.reduceByKey(add).collect()) == [(0, 18), (1, 22), (2, 26)]
    assert sorted(placed.groupByKey(3).mapValues(sum).collect()) == [(0, 18), (1, 22), (2, 26)]
    assert placed.repartitionAndSortWithinPartitions(3, ascending=False).count() == 12
    assert sc.map_tasks == written


@pytest.mark.parametrize(
    ("derive", "kept"),
    [
        (lambda rdd: rdd.mapValues(str), True),
        (lambda rdd: rdd.flatMapValues(lambda v: [v]), True),
        (lambda rdd: rdd.filter(bool), True),
        (lambda rdd: rdd.sample(False, 0.5), True),
        (lambda rdd: rdd.map(lambda kv: kv, preservesPartitioning=True), True),
        (lambda rdd: rdd.mapPartitions(iter, preservesPartitioning=True), True),
        (lambda rdd: rdd.map(lambda kv: kv), False),
        (lambda rdd: rdd.keys(), False),
        (lambda rdd: rdd.glom(), False),
        (lambda rdd: rdd.coalesce(1), False),
    ],
)
def test_who_keeps_the_partitioner(sc, derive, kept):
    rdd = sc.parallelize([(1, 2)], 2).partitionBy(3)
    assert (derive(rdd).partitioner == rdd.partitioner) is kept


def test_default_parallelism_when_set_decides_the_partitions(sc):
    sc.conf = {"spark.default.parallelism": "4"}
    left, right = sc.parallelize([(1, 1)], 7), sc.parallelize([(1, 1)], 2)
    assert left.groupByKey().getNumPartitions() == 4
    assert left.join(right).getNumPartitions() == 4


def test_lookup_searches_only_the_partition_of_the_key(sc):
    rdd = sc.parallelize([("a", 1), ("b", 2), ("a", 3)], 2).partitionBy(5)
    assert rdd.lookup("a") == [1, 3]
    assert len(sc.jobs[-1][1]) == 1


def test_sortbykey_balances_by_the_key_function(sc):
    rdd = sc.parallelize([(i, i) for i in range(-50, 50)], 4)
    parts = rdd.sortByKey(True, 4, lambda key: -key).keys().glom().collect()
    assert [key for part in parts for key in part] == list(range(49, -51, -1))
    assert all(parts)


@pytest.mark.parametrize("size", [1, 39, 64, 200, 30_000])
def test_one_pass_picks_the_sample_that_a_count_and_a_sample_pick(sc, size):
    most, half = 40.0, size // 2
    rdd = sc.parallelize(range(half), 3).union(sc.parallelize(range(half, size), 1))
    parts = rdd._run(partial(count_and_sample, most, str))
    assert sum(seen for seen, _ in parts) == size
    fraction = min(most / size, 1.0)
    found = [key for _, picked in parts for drawn, key in picked if drawn < fraction]
    assert found == rdd.sample(False, fraction, 1).map(str).collect()
    assert sum(len(picked) for _, picked in parts) < 4 * (most * 10 + 64)


def test_sorting_nothing_gives_nothing(sc):
    assert sc.parallelize([], 1).coalesce(1).sortBy(str, numPartitions=3).collect() == []
    assert sc.parallelize([], 2).sortByKey(numPartitions=3).collect() == []


def test_group_results_are_result_iterables(sc):
    ((_, group),) = sc.parallelize([(1, 2), (1, 3)], 2).groupByKey().collect()
    assert isinstance(group, ResultIterable)
    assert list(group) == [2, 3]
    assert isinstance(sc.parallelize([1]).countByValue(), defaultdict)


def test_barrier_marks_its_stage_and_no_other(sc):
    rdd = sc.parallelize([(1, 2)], 2).barrier().mapPartitions(iter)
    assert rdd.node.is_barrier
    assert rdd.mapValues(str).node.is_barrier
    assert not rdd.groupByKey().node.dependencies[0].rdd.is_barrier


def test_collect_with_job_group_restores_the_properties(sc):
    sc.setLocalProperty("spark.jobGroup.id", "before")
    assert sc.parallelize([1, 2]).collectWithJobGroup("group", "what it does") == [1, 2]
    assert sc.job_groups == ["group"]
    assert sc.getLocalProperty("spark.jobGroup.id") == "before"


def test_local_iterator_fetches_partition_by_partition(sc):
    iterator = sc.parallelize(range(6), 3).toLocalIterator()
    assert sc.jobs == []
    assert next(iterator) == 0
    assert [indexes for _, indexes in sc.jobs] == [[0]]
    ahead = sc.parallelize(range(6), 3).toLocalIterator(prefetchPartitions=True)
    sc.jobs.clear()
    assert next(ahead) == 0
    assert [indexes for _, indexes in sc.jobs] == [[0], [1]]
    assert list(ahead) == [1, 2, 3, 4, 5]


def test_a_sampler_used_twice_in_one_task_keeps_its_own_sequence(sc):
    sampled = sc.parallelize(range(50), 2).sample(False, 0.5, 3)
    assert all(a == b for a, b in sampled.zip(sampled).collect())


def test_debug_string_indents_behind_shuffles(sc):
    a = sc.parallelize([(1, 1)], 12)
    rdd = a.partitionBy(2).union(a).setName("both")
    lines = [line.split(" at ")[0] for line in rdd.toDebugString().decode().splitlines()]
    assert lines == [
        f"(14) both UnionRDD[{rdd.id()}]",
        f" |   ShuffledRDD[{rdd.id() - 1}]",
        f" +-(12) ParallelCollectionRDD[{a.id()}]",
        f" |   ParallelCollectionRDD[{a.id()}]",
    ]


def test_repr_names_the_line_that_made_it(sc):
    rdd = sc.parallelize([1]).map(str)
    assert repr(rdd).startswith(f"PipelinedRDD[{rdd.id()}] at map at test_rdd_behaviour.py:")


# --------------------------------------------------------------------------------- programs


def test_pipe_does_not_deadlock_on_much_data(sc):
    lines = [f"{i} " + "x" * 200 for i in range(5000)]
    assert sc.parallelize(lines, 1).pipe("cat").collect() == lines


def test_pipe_reports_the_exit_code_only_when_asked(sc):
    rdd = sc.parallelize(["a"], 1)
    assert rdd.pipe("sh -c 'exit 3'").collect() == []
    with pytest.raises(PySparkRuntimeError, match="exited with error code 3"):
        rdd.pipe("sh -c 'exit 3'", checkCode=True).collect()


def test_pipe_passes_a_failure_of_its_input_on(sc):
    with pytest.raises(ZeroDivisionError):
        sc.parallelize([0], 1).map(lambda x: 1 / x).pipe("cat").collect()


def test_pipe_stops_a_program_nobody_listens_to(sc):
    assert sc.parallelize(["a"], 1).pipe("yes").take(2) == ["y", "y"]


# ------------------------------------------------------------------------------ approximation


def test_exact_when_all_partitions_came_in_time(sc):
    total = sc.parallelize(range(10), 5).sumApprox(1000)
    assert (total, total.confidence, total.low, total.high) == (45.0, 1.0, 45.0, 45.0)


def test_bounds_when_a_partition_is_late(sc):
    sc.late_partitions = {7}
    squares = sc.parallelize([float(i * i) for i in range(80)], 8)
    total = squares.sumApprox(10)
    assert (total, total.confidence) == (127880.0, 0.95)
    assert total.low == pytest.approx(81175.18165877779)
    assert total.high == pytest.approx(174584.8183412222)
    half = squares.sumApprox(10, 0.5)
    assert half.low == pytest.approx(114183.78728162801)
    mean = squares.meanApprox(10)
    assert (mean, mean.low) == (1598.5, pytest.approx(1252.387319053621))
    assert squares.countApprox(10) == 80


def test_nothing_in_time_bounds_nothing():
    for result in (bounded_sum([], 3, 0.9), bounded_mean([], 3, 0.9)):
        assert (result, result.low, result.high) == (0.0, float("-inf"), float("inf"))


def test_bounded_float_survives_pickling():
    copy = pickle.loads(cloudpickle.dumps(BoundedFloat(2.0, 0.9, 1.0, 3.0)))
    assert (copy, copy.confidence, copy.low, copy.high) == (2.0, 0.9, 1.0, 3.0)


def test_estimates_stay_near_the_truth():
    for count in (10, 700, 2000, 5000, 30000):
        assert estimate(9, registers(9, range(count))) == pytest.approx(count, rel=0.15)


def test_repartition_starts_where_spark_starts():
    starts = [[first_int(index, bound) for index in range(4)] for bound in (3, 4, 7)]
    assert starts == [[2, 0, 1, 2], [0, 0, 3, 2], [2, 5, 1, 6]]


# ------------------------------------------------------------------- found by comparing programs


def test_foreach_partition_runs_a_generator_to_its_end(sc, tmp_path):
    directory = tmp_path / "seen"
    directory.mkdir()

    def touch(part):
        for name in part:
            (directory / name).touch()
            yield name

    sc.parallelize(["a", "b", "c"], 2).foreachPartition(touch)
    assert sorted(path.name for path in directory.iterdir()) == ["a", "b", "c"]


def test_extremes_of_integers_are_shown_as_floats(sc):
    shown = "(count: 3, mean: 2.0, stdev: 0.816496580927726, max: 3.0, min: 1.0)"
    assert str(sc.parallelize([1, 2, 3], 2).stats()) == shown
    assert sc.parallelize([2**70, 1], 1).stats().max() == 2**70


@pytest.mark.parametrize("elements", [[NAN, 1.0, 2.0], [1.0, NAN, 2.0], [1.0, 2.0, NAN]])
@pytest.mark.parametrize("partitions", [1, 3])
def test_nan_is_the_extreme_of_all(sc, elements, partitions):
    stats = sc.parallelize(elements, partitions).stats()
    assert math.isnan(stats.max())
    assert math.isnan(stats.min())


def test_statistics_of_none_are_refused(sc):
    with pytest.raises(Exception, match="unsupported operand"):
        sc.parallelize([None, None], 1).stats()


def test_repartitioning_again_moves_the_batches_of_the_first_time(sc):
    # The lengths and first elements of PySpark's partitions: batches of 5 stay batches of 5.
    parts = sc.parallelize(range(95), 3).repartition(2).repartition(3).repartition(2).glom()
    assert [(len(part), part[0], part[-1]) for part in parts.collect()] == [
        (44, 61, 29),
        (51, 10, 82),
    ]
