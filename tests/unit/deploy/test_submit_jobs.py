"""Programs with jobs, started as people start them: what tasks get, and how failures look."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

import pyrite

SOURCES = str(Path(pyrite.__file__).parents[1])
COMMAND = [sys.executable, "-m", "pyrite", "submit", "--master", "local[2]"]


def environment(scratch: Path) -> dict[str, str]:
    """A clean environment, whose temporary files go to ``scratch``."""
    scratch.mkdir(exist_ok=True)
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK", "PYSPARK"))}
    return clean | {"PYTHONPATH": SOURCES, "TMPDIR": str(scratch)}


def submit(folder: Path, app: str, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    (folder / "app.py").write_text(app)
    return subprocess.run(
        [*COMMAND, *flags, "app.py"],
        cwd=folder,
        env=environment(folder / "scratch"),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=180,
        check=False,
    )


def empties(folder: Path) -> bool:
    """Wait until a folder is empty, which may be a moment after the program's end."""
    deadline = time.monotonic() + 60
    while (names := list(folder.iterdir())) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not names


def test_files_modules_and_archives_reach_the_tasks(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "helper.py").write_text("def shout(text): return text.upper()")
    (tmp_path / "rules.txt").write_text("rule one")
    (tmp_path / "packed").mkdir()
    (tmp_path / "packed" / "inner.txt").write_text("from the archive")
    shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "packed")
    app = """
from pyspark import SparkContext, SparkFiles
import helper

def read(_):
    from pathlib import Path
    rules = Path(SparkFiles.get("rules.txt")).read_text()
    inner = Path(SparkFiles.get("unpacked"), "inner.txt").read_text()
    return helper.shout(rules), inner

with SparkContext() as sc:
    print(sc.range(2).map(read).distinct().collect())
    print(sc.appName, sc.getConf().get("spark.submit.deployMode"))
"""
    result = submit(
        tmp_path,
        app,
        *("--py-files", "library/helper.py", "--files", "rules.txt"),
        *("--archives", "packed.zip#unpacked", "--name", "shouting"),
    )
    assert result.stdout == "[('RULE ONE', 'from the archive')]\nshouting client\n", result.stderr
    assert empties(tmp_path / "scratch")


def test_settings_in_code_win_over_flags(tmp_path: Path) -> None:
    app = """
from pyspark import SparkConf, SparkContext
conf = SparkConf().setAppName("code").setMaster("local[1]")
with SparkContext(conf=conf) as sc:
    print(sc.appName, sc.master, sc.getConf().get("spark.a"))
"""
    result = submit(tmp_path, app, "--name", "flag", "--conf", "spark.a=flag")
    assert result.stdout == "code local[1] flag\n", result.stderr


def test_a_failing_task_shows_the_lines_of_the_program(tmp_path: Path) -> None:
    app = """
from pyspark import SparkContext
def divide(n):
    return 1 // n
sc = SparkContext()
sc.parallelize([2, 1, 0], 1).map(divide).collect()
"""
    result = submit(tmp_path, app)
    assert result.returncode == 1
    assert 'File "app.py", line 6, in <module>' in result.stderr
    assert "line 4, in divide" in result.stderr
    assert "ZeroDivisionError" in result.stderr
    assert "Job aborted due to stage failure" in result.stderr
    assert f"{SOURCES}{os.sep}pyrite" not in result.stderr
    assert empties(tmp_path / "scratch")


def test_ctrl_c_ends_the_program_its_tasks_and_its_files(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        """
import os, sys, time
from pyspark import SparkContext
def wait(n):
    with open(f"started-{os.getpid()}", "w"):
        time.sleep(600)
SparkContext().range(2, numSlices=2).foreach(wait)
"""
    )
    with subprocess.Popen(
        [*COMMAND, "app.py"],
        cwd=tmp_path,
        env=environment(tmp_path / "scratch"),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 120
        while len(started := list(tmp_path.glob("started-*"))) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=120)
    assert process.returncode == 130
    assert error.rstrip().endswith("KeyboardInterrupt")
    while any(psutil.pid_exists(int(path.name.partition("-")[2])) for path in started):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert empties(tmp_path / "scratch")
