"""SparkContext: its life, its settings, and what a program says of its jobs."""

import os
import pickle
import re
import subprocess
import sys
import textwrap
import threading
import time

import pytest
from pyspark import BarrierTaskContext, InheritableThread, SparkConf, SparkContext, SparkFiles
from pyspark.util import inheritable_thread_target

from pyrite.core.errors import (
    PySparkRuntimeError,
    PySparkTypeError,
    SparkException,
    SparkIllegalArgumentException,
)


def quiet(**settings):
    conf = SparkConf(loadDefaults=False).set("spark.ui.enabled", "false")
    return conf.setAll([(key.replace("_", "."), value) for key, value in settings.items()])


@pytest.fixture
def sc():
    with SparkContext("local[2]", "tests", conf=quiet()) as context:
        yield context


# ------------------------------------------------------------------------------------ life


def test_a_second_context_is_refused_and_the_first_one_named(sc):
    with pytest.raises(
        ValueError,
        match=r"Cannot run multiple SparkContexts at once; existing "
        r"SparkContext\(app=tests, master=local\[2\]\) created by __init__ at test_context.py:\d+",
    ):
        SparkContext("local")


def test_get_or_create_returns_the_running_one(sc):
    assert SparkContext.getOrCreate() is sc


def test_get_or_create_makes_one_with_the_conf_given():
    with SparkContext.getOrCreate(quiet().setMaster("local[3]").setAppName("made")) as sc:
        assert (sc.master, sc.appName, sc.defaultParallelism) == ("local[3]", "made", 3)


@pytest.mark.parametrize(
    ("master", "expected"),
    [("local[1]", 1), ("local-cluster[1,1,1024]", 2), ("local-cluster[3,1,1024]", 3)],
)
def test_on_clusters_data_is_cut_in_two_at_least(master, expected):
    with SparkContext(master, conf=quiet()) as sc:
        assert sc.defaultParallelism == sc.parallelize(range(9)).getNumPartitions() == expected


def test_after_stop_another_may_start_and_nothing_is_left():
    first = SparkContext("local[2]", conf=quiet())
    first.range(10).map(lambda x: (x, 1)).reduceByKey(lambda a, b: a + b).count()
    directory = first.local_dir
    first.stop()
    assert not os.path.exists(directory)
    with SparkContext("local[1]", conf=quiet()) as second:
        assert second.range(3).sum() == 3


def test_stopping_twice_is_harmless(sc):
    sc.stop()
    sc.stop()


@pytest.mark.parametrize(
    "use",
    [
        lambda sc, rdd: sc.parallelize([1]),
        lambda sc, rdd: sc.broadcast(1),
        lambda sc, rdd: sc.cancelAllJobs(),
        lambda sc, rdd: rdd.map(str),
        lambda sc, rdd: rdd.count(),
    ],
)
def test_a_stopped_context_says_so(use):
    sc = SparkContext("local[1]", conf=quiet())
    rdd = sc.parallelize([1])
    sc.stop()
    with pytest.raises(SparkException, match="Cannot call methods on a stopped SparkContext"):
        use(sc, rdd)


def test_a_failed_start_leaves_room_for_the_next(tmp_path):
    for conf in (
        quiet().setMaster("locl[2]"),
        quiet().setMaster("local").set("spark.executor.memory", "much"),
        quiet().setMaster("local").set("spark.files", str(tmp_path / "missing.txt")),
    ):
        with pytest.raises((SparkException, SparkIllegalArgumentException, FileNotFoundError)):
            SparkContext(conf=conf)
    with SparkContext("local", conf=quiet()) as sc:
        assert sc.range(2).count() == 2


@pytest.mark.parametrize("ending", ["", "raise SystemExit(3)", "1 / 0", "sc.stop()"])
def test_a_program_ends_with_its_own_exit_code_and_leaves_nothing(tmp_path, ending):
    program = f"""
        import pyrite
        from pyspark import SparkConf, SparkContext
        sc = SparkContext("local[2]", conf=SparkConf().set("spark.local.dir", {str(tmp_path)!r}))
        print(sc.range(4).sum())
        {ending}
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    expected = {"raise SystemExit(3)": 3, "1 / 0": 1}.get(ending, 0)
    assert (done.returncode, done.stdout) == (expected, "6\n"), done.stderr
    deadline = time.monotonic() + 60
    while list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert list(tmp_path.iterdir()) == []


# -------------------------------------------------------------------------------- settings


def test_arguments_win_over_the_conf_and_the_conf_stays_as_it_was():
    conf = quiet().setMaster("local[1]").setAppName("conf")
    with SparkContext("local[2]", "argument", conf=conf) as sc:
        assert (sc.master, sc.appName) == ("local[2]", "argument")
        assert sc.getConf().get("spark.app.name") == "argument"
        assert sc.getConf().get("spark.app.id") == sc.applicationId
    assert conf.get("spark.app.name") == "conf"


def test_system_properties_are_settings_of_later_contexts(monkeypatch):
    monkeypatch.setattr(SparkContext, "_system_properties", {})
    SparkContext.setSystemProperty("spark.default.parallelism", "5")
    assert SparkContext.getSystemProperty("spark.default.parallelism") == "5"
    with SparkContext("local[2]", conf=quiet()) as sc:
        assert sc.parallelize(range(10)).getNumPartitions() == 5


def test_a_conf_of_the_wrong_type_is_refused():
    with pytest.raises(PySparkTypeError, match="`conf` should be SparkConf, got dict"):
        SparkContext("local", conf={"spark.app.name": "x"})


def test_names_of_things(sc):
    assert repr(sc) == "<SparkContext master=local[2] appName=tests>"
    assert re.fullmatch(r"local-\d{13}", sc.applicationId)
    assert sc.uiWebUrl is None
    assert sc.defaultMinPartitions == 2
    assert sc.version.startswith("4.")


def test_log_levels(sc):
    sc.setLogLevel("error")
    sc.setLogLevel("WARN")
    with pytest.raises(SparkIllegalArgumentException, match="Supplied level LOUD did not match"):
        sc.setLogLevel("LOUD")


def test_environment_reaches_tasks():
    conf = quiet().setExecutorEnv("COLOUR", "red")
    with SparkContext("local[1]", environment={"SHAPE": "round"}, conf=conf) as sc:
        found = sc.range(1).map(lambda _: (os.environ["COLOUR"], os.environ["SHAPE"])).first()
    assert found == ("red", "round")


@pytest.mark.parametrize(
    ("settings", "threads"),
    [
        ({}, "1"),
        ({"spark.task.cpus": "2"}, "2"),
        ({"spark.task.cpus": "2", "spark.executorEnv.OMP_NUM_THREADS": "7"}, "7"),
    ],
)
def test_numerical_libraries_have_the_threads_of_a_task(settings, threads):
    conf = quiet().setAll(list(settings.items()))
    with SparkContext("local[2]", conf=conf) as sc:
        assert sc.range(1).map(lambda _: os.environ["OMP_NUM_THREADS"]).first() == threads


def test_files_and_modules_named_in_settings_reach_tasks(tmp_path):
    (tmp_path / "data.txt").write_text("some data")
    (tmp_path / "a_module_of_mine.py").write_text("VALUE = 7\n")
    conf = quiet().set("spark.files", str(tmp_path / "data.txt"))

    def use(_):
        import a_module_of_mine

        with open(SparkFiles.get("data.txt")) as file:
            return a_module_of_mine.VALUE, file.read()

    module = str(tmp_path / "a_module_of_mine.py")
    with SparkContext("local[1]", pyFiles=[module], conf=conf) as sc:
        assert sc.range(1).map(use).first() == (7, "some data")
        assert [os.path.basename(path) for path in sc.listFiles] == [
            "a_module_of_mine.py",
            "data.txt",
        ]


def test_a_module_added_later_reaches_running_workers(sc, tmp_path):
    assert sc.range(4, numSlices=2).count() == 4
    (tmp_path / "added_afterwards.py").write_text("VALUE = 9\n")
    sc.addPyFile(str(tmp_path / "added_afterwards.py"))

    def use(_):
        import added_afterwards

        return added_afterwards.VALUE

    assert sc.range(2).map(use).collect() == [9, 9]


# ------------------------------------------------------------------------------------ jobs


def test_run_job_takes_partitions_in_the_order_asked_for(sc):
    rdd = sc.parallelize(range(6), 3)
    assert sc.runJob(rdd, lambda part: [sum(part)], [2, 0]) == [9, 1]


def test_run_job_names_a_partition_that_is_not_there(sc):
    with pytest.raises(SparkException, match="non-existent partition: 7"):
        sc.runJob(sc.range(3, numSlices=3), list, [7])


def test_union_of_an_empty_list_is_refused(sc):
    with pytest.raises((ValueError, IndexError)):
        sc.union([])


def test_a_context_cannot_be_sent_to_tasks(sc):
    with pytest.raises(PySparkRuntimeError, match="CONTEXT_ONLY_VALID_ON_DRIVER"):
        pickle.dumps(sc)


def test_job_properties_belong_to_threads(sc):
    sc.setJobGroup("group", "what it does", interruptOnCancel=True)
    sc.addJobTag("one")
    sc.addJobTag("two")
    seen = []

    def look():
        seen.append((sc.getLocalProperty("spark.jobGroup.id"), sc.getJobTags()))

    for thread in (
        threading.Thread(target=look),
        InheritableThread(target=look),
        threading.Thread(target=inheritable_thread_target(look)),
    ):
        thread.start()
        thread.join()
    assert seen == [(None, set()), ("group", {"one", "two"}), ("group", {"one", "two"})]
    sc.removeJobTag("one")
    assert sc.getJobTags() == {"two"}
    sc.clearJobTags()
    assert sc.getJobTags() == set()


@pytest.mark.parametrize("tag", ["", "a,b"])
def test_tags_that_cannot_be(sc, tag):
    with pytest.raises(SparkIllegalArgumentException, match="Spark job tag cannot"):
        sc.addJobTag(tag)


@pytest.mark.parametrize(
    ("cancel", "text"),
    [
        (lambda sc: sc.cancelJobGroup("slow"), "part of cancelled job group slow"),
        (lambda sc: sc.cancelJobsWithTag("tagged"), "part of cancelled job tags tagged"),
        (lambda sc: sc.cancelAllJobs(), "as part of cancellation of all jobs"),
    ],
)
def test_cancelling_ends_the_job_and_the_context_goes_on(sc, cancel, text):
    errors = []

    def run():
        sc.setJobGroup("slow", "sleeps")
        sc.addJobTag("tagged")
        try:
            sc.range(4).foreach(lambda _: time.sleep(600))
        except SparkException as error:
            errors.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    while not sc.statusTracker().getActiveJobsIds():
        time.sleep(0.01)
    cancel(sc)
    thread.join(60)
    assert len(errors) == 1
    assert errors[0].startswith("[SPARK_JOB_CANCELLED] Job 0 cancelled " + text)
    assert sc.range(4).sum() == 6


def test_shuffle_files_go_when_nothing_can_read_them(sc):
    directory = os.path.join(sc.local_dir, "shuffle")
    pairs = sc.range(100).map(lambda x: (x % 5, x)).groupByKey()
    groups = pairs.count()
    assert groups == 5
    assert os.listdir(directory)
    del pairs
    deadline = time.monotonic() + 60
    while os.listdir(directory) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert os.listdir(directory) == []


def test_profiles_are_shown_where_asked_for(capsys):
    with SparkContext("local[1]", conf=quiet(spark_python_profile="true")) as sc:
        rdd = sc.range(10).map(lambda x: x)
        rdd.count()
        sc.show_profiles()
        assert f"Profile of RDD<id={rdd.id()}>" in capsys.readouterr().out


def test_profiles_without_the_setting_say_which_one(sc):
    with pytest.raises(PySparkRuntimeError, match=r"spark\.python\.profile"):
        sc.show_profiles()


def test_checkpoints_go_where_the_directory_was_set(sc, tmp_path):
    assert sc.getCheckpointDir() is None
    sc.setCheckpointDir(str(tmp_path))
    rdd = sc.range(4).map(lambda x: x + 1)
    rdd.checkpoint()
    assert rdd.collect() == [1, 2, 3, 4]
    assert rdd.isCheckpointed()
    assert rdd.getCheckpointFile().startswith(sc.getCheckpointDir())
    assert sc.getCheckpointDir().startswith(f"file:{tmp_path}")


def test_a_barrier_that_cannot_be_met_fails_and_does_not_hang(sc):
    def meet_or_not(index, elements):
        if index == 0:
            BarrierTaskContext.get().barrier()
        return elements

    rdd = sc.range(4, numSlices=2).barrier().mapPartitionsWithIndex(meet_or_not)
    with pytest.raises(SparkException, match="ended without meeting the others"):
        rdd.collect()
    assert sc.range(3).sum() == 3


def test_barrier_tasks_exchange_messages(sc):
    def exchange(index, elements):
        context = BarrierTaskContext.get()
        return [(context.allGather(f"from {index}"), len(context.getTaskInfos()))]

    rdd = sc.range(4, numSlices=2).barrier().mapPartitionsWithIndex(exchange)
    assert rdd.collect() == [(["from 0", "from 1"], 2)] * 2


def test_a_map_stage_is_named_after_the_call_that_needs_it(sc):
    sc.range(4).map(lambda x: (x, 1)).reduceByKey(lambda a, b: a + b).collect()
    sc._application.bus.wait_until_empty(10)
    names = [stage.info.name.split(" at ")[0] for stage in sc._application.status.stages()]
    assert sorted(names) == ["collect", "reduceByKey"]
