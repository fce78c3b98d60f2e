"""A task that failed for good can be repeated by hand, and a script may look at it first."""

import os
import subprocess

import pytest

from pyrite.mapreduce.hadoop_streaming import failed_task
from pyrite.mapreduce.hadoop_streaming.child_process import ChildProcess, StreamTaskError
from pyrite.mapreduce.hadoop_streaming.debug_script import run_debug_script
from pyrite.mapreduce.hadoop_streaming.failed_task import KEPT_TASKS, kept_tasks, run_and_keep
from pyrite.mapreduce.hadoop_streaming.job_conf import JobConf
from pyrite.mapreduce.hadoop_streaming.task_environment import TaskId
from pyrite.mapreduce.hadoop_streaming.working_directory import WorkingDirectory

TASK = TaskId("job_202601011200_0001", is_map=True, task=3, attempt=1)
PATH = os.environ.get("PATH", "/usr/bin:/bin")


@pytest.fixture(autouse=True)
def one_machine(monkeypatch):
    monkeypatch.setattr(failed_task, "_here", lambda: "")


@pytest.fixture
def shipped(tmp_path):
    shipped = tmp_path / "shipped"
    shipped.mkdir()
    script = shipped / "count.sh"
    script.write_text('#!/bin/sh\nwc -l; echo "$NAME in $PWD"; cat words; echo bad >&2; exit 3\n')
    script.chmod(0o755)
    (shipped / "words").write_text("some words\n")
    return str(shipped)


@pytest.fixture
def directory(tmp_path, shipped):
    with WorkingDirectory(str(tmp_path), shipped) as directory:
        yield directory


def child(directory, *command, **variables):
    env = {"PATH": f"{directory.path}:{PATH}", "PWD": directory.path, **variables}
    return ChildProcess(command, env=env, cwd=directory.path)


def run(command, pieces, directory, tmp_path):
    return b"".join(run_and_keep(command, pieces, TASK, directory, str(tmp_path / "kept")))


def script_of(error):
    (line,) = [line for line in str(error).splitlines() if line.startswith("Repeat it ")]
    return line.split(": sh ")[1]


def test_the_command_can_be_repeated_on_the_whole_input(directory, tmp_path):
    command = child(directory, "count.sh", "an 'argument'", NAME="it's $HOME\n")
    pieces = (f"line {i}\n".encode() for i in range(100))
    with pytest.raises(StreamTaskError, match="subprocess failed with code 3") as caught:
        run(command, pieces, directory, tmp_path)
    script = script_of(caught.value)
    directory.remove()
    again = subprocess.run(["sh", script], capture_output=True, text=True)
    place = os.path.dirname(script)
    assert again.stdout.split("\n", 1)[0].strip() == "100"
    assert again.stdout.endswith(f"it's $HOME\n in {place}/work\nsome words\n")
    assert (again.returncode, again.stderr) == (3, "bad\n")
    assert caught.value.exit_code == 3
    assert caught.value.stderr_tail == "bad"


def test_what_the_command_never_read_is_saved_too(directory, tmp_path):
    pieces = (b"x" * 1_000_000 for _ in range(5))
    with pytest.raises(StreamTaskError) as caught:
        run(child(directory, "false"), pieces, directory, tmp_path)
    saved = os.path.join(os.path.dirname(script_of(caught.value)), "input")
    assert os.path.getsize(saved) == 5_000_000


def test_only_its_owner_can_read_it(directory, tmp_path):
    with pytest.raises(StreamTaskError) as caught:
        run(child(directory, "false"), [], directory, tmp_path)
    assert os.stat(os.path.dirname(script_of(caught.value))).st_mode & 0o077 == 0


def test_nothing_is_left_of_a_task_that_succeeds(directory, tmp_path):
    assert run(child(directory, "cat"), [b"a\n"], directory, tmp_path) == b"a\n"
    assert os.listdir(tmp_path / "kept") == []


def test_nothing_is_left_where_something_else_failed(directory, tmp_path):
    def pieces():
        yield b"a\n"
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        run(child(directory, "cat"), pieces(), directory, tmp_path)
    assert os.listdir(tmp_path / "kept") == []


def test_input_that_cannot_be_saved_is_no_other_failure(directory, tmp_path):
    (tmp_path / "kept").write_text("a file is where the directory should be")
    assert run(child(directory, "cat"), [b"a\n"], directory, tmp_path) == b"a\n"
    with pytest.raises(StreamTaskError, match=r"failed with code 3[\s\S]*could not be kept"):
        run(child(directory, "count.sh"), [b"a\n"], directory, tmp_path)


def test_where_failed_tasks_are_kept_is_a_property():
    assert kept_tasks(JobConf({KEPT_TASKS: "/data/failed"})) == "/data/failed"
    assert "pyrite-failed-tasks" in kept_tasks(JobConf())


class TestDebugScript:
    def test_it_gets_what_is_known_of_the_failure(self, directory):
        script = """sh -c 'for f in "$@"; do echo "== $f"; head -1 $f; echo; done; pwd' debug"""
        error = StreamTaskError("it failed", 3, "the tail")
        conf = JobConf({"my.own": "a < b"})
        told = run_debug_script(script, child(directory, "cat"), error, directory, conf)
        assert (told.exit_code, told.stderr_tail) == (3, "the tail")
        lines = str(told).splitlines()
        names = [os.path.basename(line) for line in lines if line.startswith("== ")]
        assert names == ["stdout", "stderr", "syslog", "job.xml"]
        assert lines[0] == "it failed"
        assert "the tail" in lines
        assert "<configuration>" in lines
        assert lines[-1] == directory.path
        with open(os.path.join(directory.temporary, "job.xml")) as file:
            text = file.read()
        assert "<name>my.own</name>\n    <value>a &lt; b</value>" in text

    def test_its_own_failure_is_told_and_hides_nothing(self, directory):
        error = StreamTaskError("it failed", 3)
        told = run_debug_script("false", child(directory, "cat"), error, directory, JobConf())
        assert str(told).startswith("it failed\n")
        assert "subprocess failed with code 1: false" in str(told)
