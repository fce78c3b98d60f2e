"""Mistakes end in an error that names them, never in silence or a hang."""

import pickle
import re
import threading
import warnings

import pytest

from pyrite.core.context import SparkContext
from pyrite.core.env import SparkEnv
from pyrite.core.errors import PySparkException, SparkException

ONLY_ON_DRIVER = "ONLY_VALID_ON_DRIVER"


def test_rdds_inside_of_tasks(shared):
    other = shared.parallelize([1, 2, 3])
    rdd = shared.parallelize([1, 2])
    for action in (
        rdd.map(lambda x: other.count()).collect,
        rdd.map(lambda x: other.map(lambda y: x + y).collect()).collect,
        rdd.map(lambda x: shared.parallelize([x]).collect()).collect,
        lambda: rdd.foreach(lambda x: other.take(1)),
        lambda: shared.broadcast(other),
        lambda: shared.parallelize([other]).count(),
        rdd.map(lambda x: SparkContext("local[1]", "inner")).collect,
        rdd.map(lambda x: shared.broadcast(x)).collect,
    ):
        with pytest.raises((PySparkException, pickle.PicklingError, RuntimeError)) as caught:
            action()
        assert re.search(ONLY_ON_DRIVER, str(caught.value)), caught.value


def test_a_context_inside_of_a_task_leaves_its_worker_as_it_was(shared):
    def attempt(_):
        env = SparkEnv.get()
        with pytest.raises(PySparkException, match=ONLY_ON_DRIVER):
            SparkContext("local[1]", "inner")
        return SparkEnv.get() is env, SparkContext._active_spark_context

    assert shared.parallelize([1]).map(attempt).collect() == [(True, None)]


def test_closures_that_do_not_pickle_are_named(shared):
    lock = threading.Lock()

    def helper(x):
        return lock and x

    for name, action in {
        "lock": lambda: shared.parallelize([1]).map(lambda x: lock and x).collect(),
        "'lock' of type lock in .*helper": lambda: (
            shared.parallelize([1]).map(lambda x: helper(x)).collect()
        ),
        "'lock'": lambda: (
            shared.parallelize([(1, 1)]).reduceByKey(lambda a, b: lock and a).collect()
        ),
        "'lock' ": lambda: shared.parallelize([1]).sortBy(lambda a: (lock, a)).collect(),
        "'lock'  ?": lambda: shared.parallelize([1]).foreach(lambda a: print(lock)),
    }.items():
        with pytest.raises(pickle.PicklingError, match=name.strip()) as caught:
            action()
        assert "Could not serialize object" in str(caught.value)
        assert "test_clear_errors.py" in str(caught.value)


def test_data_that_does_not_pickle(shared):
    with pytest.raises((pickle.PicklingError, TypeError), match="lock"):
        shared.parallelize([threading.Lock()]).count()
    with pytest.raises((pickle.PicklingError, TypeError), match="lock"):
        shared.broadcast(threading.Lock())
    assert shared.parallelize([1]).count() == 1


def test_missing_input(shared, tmp_path):
    missing = tmp_path / "missing"
    for rdd in (shared.textFile(str(missing)), shared.wholeTextFiles(str(missing))):
        for action in (rdd.count, rdd.collect, rdd.getNumPartitions, rdd.map(len).distinct):
            with pytest.raises(PySparkException, match=r"does not exist: .*missing"):
                action()


def test_input_that_vanishes_between_listing_and_reading(shared, tmp_path):
    path = tmp_path / "input"
    path.write_text("a\nb\n")
    rdd = shared.textFile(str(path))
    assert rdd.count() == 2
    path.unlink()
    with pytest.raises(SparkException, match=re.escape(str(path))):
        rdd.count()


def test_an_output_that_exists(shared, tmp_path):
    with pytest.raises(PySparkException, match="already exists"):
        shared.parallelize([1]).saveAsTextFile(str(tmp_path))


def test_a_second_context(shared):
    with pytest.raises(ValueError, match="Cannot run multiple SparkContexts at once"):
        SparkContext("local[1]", "second")
    assert SparkContext.getOrCreate() is shared


def test_wrong_arguments(shared):
    rdd = shared.parallelize([1, 2, 3])
    with pytest.raises(TypeError, match="buckets"):
        rdd.histogram("many")
    with pytest.raises((TypeError, ValueError, PySparkException)):
        rdd.coalesce(0).collect()
    with pytest.raises((TypeError, ValueError, PySparkException)):
        rdd.repartition(-1).collect()
    with pytest.raises(SparkException, match="non-existent partition: 99"):
        shared.runJob(rdd, lambda part: part, [99])
    with pytest.raises(SparkException):
        rdd.map(lambda x: x).reduceByKey(lambda a, b: a).collect()  # no pairs
    with pytest.raises(ValueError, match="empty"):
        shared.emptyRDD().reduce(lambda a, b: a)
    with pytest.raises(ValueError, match="empty"):
        shared.emptyRDD().first()


def test_multiprocessing_in_the_driver(shared):
    import multiprocessing

    context = multiprocessing.get_context("fork")
    results = context.SimpleQueue()

    def child():
        try:
            results.put(shared.parallelize([1]).count())
        except Exception as error:
            results.put(str(error))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork beside threads, since 3.12
        process = context.Process(target=child)
        process.start()
    process.join(10)
    assert process.exitcode == 0
    assert "process" in results.get()
    assert shared.parallelize(range(10), 3).sum() == 45


# --------------------------------------------------------------------- after the context's end


def test_everything_on_a_stopped_context(shared, tmp_path):
    """The last test of the module: it stops the shared context."""
    rdd = shared.parallelize(range(4), 2)
    pairs = rdd.map(lambda x: (x, x))
    cached = rdd.map(lambda x: x).cache()
    broadcast = shared.broadcast([1])
    total = shared.accumulator(0)
    shared.stop()
    for action in (
        lambda: shared.parallelize([1]),
        lambda: shared.range(3),
        lambda: shared.textFile(str(tmp_path)),
        lambda: shared.broadcast(1),
        lambda: shared.addFile(__file__),
        lambda: shared.runJob(rdd, list),
        lambda: rdd.map(lambda x: x),
        lambda: rdd.union(rdd),
        lambda: pairs.reduceByKey(lambda a, b: a),
        lambda: rdd.repartition(3),
        rdd.collect,
        rdd.count,
        rdd.first,
        lambda: rdd.foreach(print),
        cached.count,
        lambda: rdd.saveAsTextFile(str(tmp_path / "out")),
        lambda: list(rdd.toLocalIterator()),
        shared.cancelAllJobs,
        shared.emptyRDD,
    ):
        with pytest.raises((PySparkException, RuntimeError), match="stopped SparkContext"):
            action()
    cached.unpersist()
    broadcast.unpersist()
    broadcast.destroy()
    assert total.value == 0
    shared.stop()
    assert repr(shared)
