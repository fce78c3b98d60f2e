"""However a driver ends, no process, no scratch directory, no thread and no socket stays."""

import contextlib
import gc
import os
import random
import signal
import socket
import threading

import psutil
import pytest

BUSY = """
    sc = SparkContext(conf=conf)
    def work(element):
        import subprocess
        subprocess.Popen(["sleep", "600"], cwd=conf_dir)
        time.sleep(600)
    conf_dir = conf.get("spark.local.dir")
"""
RUN = BUSY + "    sc.parallelize(range(2), 2).foreach(work)\n"


def is_busy(scratch):
    """Wait until both tasks of a busy driver run, and say whether they do."""
    return scratch.waits_until(lambda: len(scratch.children()) == 2)


ENDINGS = {
    "stop": ("sc.stop()", 0),
    "end of the program": ("pass", 0),
    "exception": ("raise ValueError('mine')", 1),
    "sys.exit": ("sys.exit(3)", 3),
    "os._exit": ("os._exit(4)", 4),
    "exception in a thread": (
        "t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()",
        0,
    ),
    "stop in atexit": ("import atexit; atexit.register(sc.stop)", 0),
    "stop twice": ("sc.stop(); sc.stop()", 0),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_driver_that_ends_by_itself(drive, scratch, ending):
    code, status = ENDINGS[ending]
    driver = drive(f"""
    sc = SparkContext(conf=conf)
    rdd = sc.parallelize(range(100), 4).map(lambda x: (x % 3, x)).groupByKey().cache()
    say(rdd.count())
    {code}
    """)
    returned, out, errors = driver.ends()
    assert (returned, out.strip()) == (status, "3"), errors
    assert ("Traceback" in errors) == ("exception" in ending), errors
    # The scratch fixture looks for what is left.


SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGHUP]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_a_job_runs(drive, scratch, number):
    driver = drive(RUN)
    assert is_busy(scratch)
    driver.process.send_signal(number)
    status, _, errors = driver.ends()
    assert status == -number, errors
    if number == signal.SIGINT:
        assert "KeyboardInterrupt" in errors
        assert "Exception ignored" not in errors
    assert scratch.empties()


def test_ctrl_c_twice(drive, scratch):
    driver = drive(RUN)
    assert is_busy(scratch)
    driver.process.send_signal(signal.SIGINT)
    threading.Event().wait(0.05)
    driver.process.send_signal(signal.SIGINT)
    driver.ends()
    assert scratch.empties()


def test_ctrl_c_ends_the_job_and_not_the_context(drive, scratch):
    driver = drive(
        BUSY
        + """
    try:
        sc.parallelize(range(2), 2).foreach(work)
    except KeyboardInterrupt:
        say("interrupted")
    say(sc.parallelize(range(10), 2).sum())
    sc.stop()
    say(len(os.listdir(conf_dir)))
    """
    )
    assert is_busy(scratch)
    driver.process.send_signal(signal.SIGINT)
    status, out, errors = driver.ends()
    assert (status, out.split()) == (0, ["interrupted", "45", "0"]), errors
    assert scratch.empties()


def test_ctrl_c_ends_the_query_and_not_the_session(drive, scratch):
    driver = drive(
        BUSY
        + """
    from pyspark.sql import SparkSession
    from pyspark.sql.functions import udf
    spark = SparkSession.builder.getOrCreate()
    try:
        spark.range(2, numPartitions=2).select(udf(work)("id")).collect()
    except KeyboardInterrupt:
        say("interrupted")
    say(spark.range(10).selectExpr("sum(id)").first()[0])
    spark.stop()
    """
    )
    assert scratch.waits_until(lambda: len(scratch.children()) >= 1)
    driver.process.send_signal(signal.SIGINT)
    status, out, errors = driver.ends()
    assert (status, out.split()) == (0, ["interrupted", "45"]), errors
    assert scratch.empties()


def test_a_driver_killed_while_a_process_it_forked_lives(drive, scratch):
    driver = drive(
        """
    import multiprocessing
    sc = SparkContext(conf=conf)
    sc.parallelize(range(4), 2).count()
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))
    child.start()
    say(child.pid)
    sc.parallelize(range(2), 2).foreach(lambda x: time.sleep(600))
    """
    )
    child = psutil.Process(int(driver.hears()))
    try:
        driver.process.kill()
        assert scratch.empties()
    finally:
        child.kill()


def test_stop_while_a_process_the_driver_forked_lives(drive, scratch):
    driver = drive(
        """
    import multiprocessing
    sc = SparkContext(conf=conf)
    child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))
    child.start()
    sc.stop()
    say(child.is_alive())
    child.kill()
    """
    )
    status, out, errors = driver.ends()
    assert (status, out.strip()) == (0, "True"), errors


def descriptors():
    """How many there are; those that tests before have left may go at any time."""
    gc.collect()
    process = psutil.Process()
    return {
        "descriptors": process.num_fds(),
        "threads": threading.active_count(),
        "processes": len(process.children()),
    }


def has_no_more_than(before):
    now = descriptors()
    return all(now[kind] <= count for kind, count in before.items())


def test_thirty_contexts_leave_no_descriptor_thread_or_process(start, scratch):
    start().stop()
    before = descriptors()
    for round_ in range(30):
        sc = start("local[1]", {"spark.ui.enabled": str(round_ % 10 == 0)})
        assert sc.parallelize(range(4), 2).map(lambda x: (x % 2, x)).groupByKey(1).count() == 2
        sc.stop()
        assert os.listdir(scratch.path) == []
    assert scratch.waits_until(lambda: has_no_more_than(before)), (before, descriptors())


def free_port():
    """A port that nobody has, and that no connection is given by chance."""
    for port in random.sample(range(20_000, 32_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("", port)):
            return port
    raise AssertionError("no port is free")


def test_the_port_of_the_status_page_is_free_again(start):
    port = free_port()
    for _ in range(2):
        sc = start(settings={"spark.ui.enabled": "true", "spark.ui.port": str(port)})
        assert sc.uiWebUrl.endswith(f":{port}")
        sc.stop()
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 1):
        pass


@pytest.mark.parametrize(
    "setting",
    [
        ("spark.scheduler.listenerbus.eventqueue.capacity", "many"),
        ("spark.speculation.interval", "soon"),
        ("spark.stage.maxConsecutiveAttempts", "none"),
        ("spark.files", "/no/such/file"),
        ("spark.eventLog.dir", "/proc/no/such/directory"),
    ],
    ids=lambda setting: setting[0],
)
def test_a_context_that_cannot_start_leaves_nothing(start, scratch, tmp_path, setting):
    before = descriptors()
    switches = {"spark.speculation": "true", "spark.eventLog.enabled": "true"}
    with pytest.raises(Exception, match=r"many|soon|none|no/such"):
        start(settings={"spark.eventLog.dir": str(tmp_path), **switches, **dict([setting])})
    assert scratch.waits_until(lambda: has_no_more_than(before)), (before, descriptors())
    assert scratch.empties()
    sc = start()
    assert sc.parallelize([1]).count() == 1
