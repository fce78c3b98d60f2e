"""A standalone cluster from its first command to its last, and a driver that runs in it."""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import pyrite
from tests.clusters.conftest import wait_until

SOURCES = str(Path(pyrite.__file__).parents[1])

APP = """
import os, sys
from pyspark import SparkContext, SparkFiles
import helper

sc = SparkContext()

def read(x):
    return helper.double(x), open(SparkFiles.get("rules.txt")).read()

print(sc.parallelize(range(2), 2).map(read).collect(), sys.argv[1:], flush=True)
print(sc.appName, sc.getConf().get("spark.submit.deployMode"), flush=True)
if not os.path.exists(sys.argv[1]):
    open(sys.argv[1], "w").close()
    sys.exit(7)
sc.stop()
"""


def free_port():
    """A port that nobody has, and that no connection is given by chance."""
    for port in random.sample(range(20_000, 32_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("", port)):
            return port
    raise AssertionError("no port is free")


@pytest.fixture
def folder():
    # Ray's sockets are in it, and their paths must be short.
    folder = Path("/tmp", f"pyrite-standalone-{os.getpid()}")
    folder.mkdir()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def pyrite_command(folder):
    """Run a command as people do, on a machine that has nothing of this cluster yet."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("RAY_", "SPARK"))}
    environment = clean | {
        "PYTHONPATH": SOURCES,
        "RAY_TMPDIR": str(folder),
        "RAY_AUTH_TOKEN_PATH": str(folder / "token"),
        "SPARK_PID_DIR": str(folder),
        "SPARK_LOCAL_DIRS": str(folder),
    }

    def run(*words, **extra):
        result = subprocess.run(
            [sys.executable, "-m", "pyrite", *words],
            cwd=folder,
            env=environment | extra,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        return result.returncode, result.stdout, result.stderr

    yield run
    run("stop-all")


def of_the_cluster(folder):
    """The processes that have the cluster's folder among their arguments."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in word for word in process.info["cmdline"] or ())
    ]


def test_a_cluster_of_ones_own_runs_a_driver_and_leaves_nothing(pyrite_command, folder):
    port = free_port()
    master = f"spark://127.0.0.1:{port}"
    code, out, err = pyrite_command(
        "start-master", "--port", str(port), "--webui-port", str(free_port())
    )
    assert code == 0, err
    assert str(folder / "token") in out
    code, out, err = pyrite_command("start-worker", master, "-c", "2", "-m", "1g")
    assert code == 0, err

    (folder / "app.py").write_text(APP)
    (folder / "helper.py").write_text("def double(x):\n    return 2 * x\n")
    (folder / "rules.txt").write_text("rule")
    submit = ["submit", "--master", master]
    code, _, err = pyrite_command(*submit, "app.py", RAY_AUTH_TOKEN_PATH=str(folder / "none"))
    assert (code, "wants its token, and this machine has none" in err) == (1, True)

    code, out, err = pyrite_command(
        *submit,
        *("--deploy-mode", "cluster", "--supervise", "--py-files", "helper.py"),
        *("--files", "rules.txt", "--conf", "spark.standalone.submit.waitAppCompletion=true"),
        *("app.py", str(folder / "flag"), "b c"),
    )
    line = f"[(0, 'rule'), (2, 'rule')] ['{folder / 'flag'}', 'b c']\napp.py cluster\n"
    assert (code, out.count(line)) == (0, 2), out + err
    assert "exit code 7; it starts again in 1 s" in out

    (folder / "sleep.py").write_text("import time\ntime.sleep(300)")
    code, out, err = pyrite_command(*submit, "--deploy-mode", "cluster", "sleep.py")
    driver = out.strip()
    assert f"--status {driver}" in err
    assert "Kill request" in pyrite_command(*submit, "--kill", driver)[1]
    assert pyrite_command(*submit, "--logs", driver)[0] == 1
    killed = f"State of {driver} is KILLED\n"
    assert wait_until(lambda: pyrite_command(*submit, "--status", driver)[1] == killed)
    for action in ("--status", "--kill", "--logs"):
        code, _, err = pyrite_command(*submit, action, "other")
        assert (code, f"Error: The cluster '{master}' knows no driver 'other'.\n") == (1, err)

    code, out, err = pyrite_command("stop-all")
    assert (code, out.count("Stopping the")) == (0, 2)
    assert wait_until(lambda: not of_the_cluster(folder))
