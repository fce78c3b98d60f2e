"""Users' functions do as they please with their process; the engine goes on."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from pyrite.core.errors import SparkException


def test_functions_that_write_a_lot(drive):
    driver = drive(
        """
    sc = SparkContext(conf=conf)
    def shout(x):
        for _ in range(2000):
            print("o" * 200)
            print("e" * 200, file=sys.stderr)
        os.write(1, b"raw" * 1000)
        subprocess = __import__("subprocess")
        subprocess.run(["sh", "-c", "yes | head -100000"])
        return x
    say(sc.parallelize(range(4), 4).map(shout).sum())
    """
    )
    status, out, errors = driver.ends()
    assert status == 0, errors
    assert out.splitlines().count("6") == 1
    assert out.count("o" * 200) == errors.count("e" * 200) == 8000
    assert out.count("y\n") == 400_000


def test_standard_input_is_empty_in_tasks(drive):
    driver = drive(
        """
    sc = SparkContext(conf=conf)
    say(sc.parallelize([1], 1).map(lambda x: sys.stdin.read()).collect())
    say(sc.parallelize([1], 1).map(lambda x: os.read(0, 10)).collect())
    say(sys.stdin.readline().strip())
    """
    )
    driver.process.stdin.write("for the driver\n")
    driver.process.stdin.flush()
    assert [driver.hears() for _ in range(3)] == ["['']", "[b'']", "for the driver"]
    status, _, errors = driver.ends()
    assert status == 0, errors


def closes_stdout(x):
    sys.stdout.close()
    return x


def closes_descriptors(x):
    os.closerange(0, 3)
    return x


def closes_everything(x):
    os.closerange(3, 1000)
    return x


def takes_signals(x):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_IGN)
    return x


def moves_away(x):
    os.chdir("/")
    os.environ.clear()
    return x


def starts_threads(x):
    for _ in range(3):
        threading.Thread(target=time.sleep, args=(60,)).start()
    return x


def starts_processes(x):
    subprocess.Popen(["sleep", "60"])
    return x


def forks(x):
    if os.fork() == 0:
        time.sleep(60)
        os._exit(0)
    return x


def uses_multiprocessing(x):
    import multiprocessing

    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.map(abs, [x])[0]


def empties_sys_path(x):
    sys.path.clear()
    return x


def changes_the_limits(x):
    sys.setrecursionlimit(200)
    threading.stack_size(1 << 20)
    return x


def closes_the_garbage_collector(x):
    import gc

    gc.disable()
    gc.set_threshold(1, 1, 1)
    return x


def raises_an_alarm(x):
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    return x


RUDE = (
    closes_stdout,
    closes_descriptors,
    takes_signals,
    moves_away,
    starts_threads,
    starts_processes,
    forks,
    uses_multiprocessing,
    empties_sys_path,
    changes_the_limits,
    closes_the_garbage_collector,
    raises_an_alarm,
)


@pytest.mark.parametrize("rude", RUDE)
def test_functions_that_do_as_they_please(start, rude):
    sc = start()
    numbers = sc.parallelize(range(8), 4)
    assert numbers.map(lambda x: rude(x)).collect() == list(range(8))
    counts = numbers.map(lambda x: (x % 2, 1)).reduceByKey(lambda a, b: a + b)
    assert dict(counts.collect()) == {0: 4, 1: 4}
    # The start fixture looks for what is left.


def test_a_function_that_closes_the_engines_sockets(start):
    sc = start(settings={"spark.task.maxFailures": "2"})
    with pytest.raises(SparkException, match="failed 2 times"):
        sc.parallelize([1], 1).map(lambda x: closes_everything(x)).collect()
    assert sc.parallelize([1]).count() == 1
