"""A task's command is fed and read, watched, and never left behind."""

import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from pyrite.mapreduce.hadoop_streaming import child_process
from pyrite.mapreduce.hadoop_streaming.child_process import (
    ChildProcess,
    StreamTaskError,
)

ENV = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}


def child(*command, cwd="/", **settings):
    return ChildProcess(command, env=ENV, cwd=str(cwd), **settings)


def output(*command, pieces=(), **settings):
    return b"".join(child(*command, **settings).run(pieces))


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def wait_until(condition):
    until = time.monotonic() + 60
    while not (value := condition()) and time.monotonic() < until:
        time.sleep(0.01)
    return value


class TestStreams:
    def test_what_goes_in_comes_out(self):
        assert output("cat", pieces=[b"a\n", b"", b"b\n"]) == b"a\nb\n"

    def test_more_than_all_pipes_hold_goes_through_in_large_chunks(self):
        pieces = [bytes([65 + i]) * 1_000_000 for i in range(16)]
        chunks = list(child("cat").run(iter(pieces)))
        assert b"".join(chunks) == b"".join(pieces)
        assert len(chunks) < 8

    def test_views_are_pieces_too(self):
        assert output("cat", pieces=[memoryview(b"abc")[1:]]) == b"bc"

    def test_a_command_need_not_read_its_input(self):
        assert output("echo", "x", pieces=[b"y" * 3_000_000]) == b"x\n"

    def test_a_lot_of_stderr_does_not_block(self):
        lines = []
        script = "i=0; while [ $i -lt 20000 ]; do echo line $i >&2; i=$((i+1)); done; echo done"
        assert output("sh", "-c", script, log=lines.append) == b"done\n"
        assert len(lines) == 20000
        assert lines[-1] == b"line 19999"

    def test_counters_status_and_log_are_told_apart(self):
        counters, statuses, lines = [], [], []
        script = (
            "echo reporter:counter:g,n,2 >&2; echo reporter:status:half >&2; printf 'the end' >&2"
        )
        child_ = child(
            "sh",
            "-c",
            script,
            on_counter=lambda *counter: counters.append(counter),
            on_status=statuses.append,
            log=lines.append,
        )
        assert list(child_.run([])) == []
        assert (counters, statuses, lines) == ([("g", "n", 2)], ["half"], [b"the end"])

    def test_without_a_prefix_all_of_stderr_is_for_the_log(self):
        lines = []
        output("sh", "-c", "echo reporter:status:x >&2", log=lines.append, reporter_prefix=None)
        assert lines == [b"reporter:status:x"]


class TestPrograms:
    def test_a_program_of_the_tasks_directory_is_found_before_all_others(self, tmp_path):
        script = tmp_path / "cat"
        script.write_text("#!/bin/sh\necho mine\n")
        script.chmod(0o755)
        assert output("cat", cwd=tmp_path) == b"mine\n"

    def test_it_runs_in_the_tasks_directory_with_its_environment_alone(self, tmp_path):
        command = ["/bin/sh", "-c", "pwd; echo $A-$HOME"]
        run = ChildProcess(command, env={"A": "1"}, cwd=str(tmp_path)).run([])
        assert b"".join(run).decode().split() == [str(tmp_path), "1-"]

    def test_no_shell_sees_the_words(self):
        assert output("printf", "%s\n", "$HOME;*") == b"$HOME;*\n"

    def test_a_missing_program_is_named_with_the_remedy(self):
        with pytest.raises(StreamTaskError, match=r"'no_such.py'.*-files no_such.py"):
            output("no_such.py", "-x")

    def test_a_program_that_may_not_be_run(self, tmp_path):
        (tmp_path / "script").write_text("#!/bin/sh\n")
        (tmp_path / "script").chmod(0o644)
        with pytest.raises(StreamTaskError, match=r"chmod \+x"):
            output("script", cwd=tmp_path)

    def test_a_script_without_a_first_line(self, tmp_path):
        (tmp_path / "script").write_text("print('x')\n")
        (tmp_path / "script").chmod(0o755)
        with pytest.raises(StreamTaskError, match=r"#!/usr/bin/env python3"):
            output("script", cwd=tmp_path)


class TestFailures:
    def test_the_error_has_the_exit_code_and_the_tail_of_stderr(self):
        with pytest.raises(StreamTaskError, match="subprocess failed with code 3") as caught:
            output("sh", "-c", "echo what went wrong >&2; exit 3", pieces=[b"x" * 3_000_000])
        assert caught.value.exit_code == 3
        assert caught.value.stderr_tail == "what went wrong"
        assert "what went wrong" in str(caught.value)

    def test_the_tail_is_short(self):
        script = "i=0; while [ $i -lt 1000 ]; do echo line $i >&2; i=$((i+1)); done; exit 1"
        with pytest.raises(StreamTaskError) as caught:
            output("sh", "-c", script)
        assert caught.value.stderr_tail.startswith("line 960\n")
        assert caught.value.stderr_tail.endswith("line 999")

    def test_a_signal_is_named(self):
        with pytest.raises(StreamTaskError, match=r"code 143 \(SIGTERM\)") as caught:
            output("sh", "-c", "kill -TERM $$")
        assert caught.value.exit_code == 128 + signal.SIGTERM

    def test_an_exit_code_may_be_no_failure(self):
        script = "echo x; exit 1"
        assert output("sh", "-c", script, nonzero_exit_fails=False) == b"x\n"

    def test_an_error_of_the_input_is_raised_and_the_command_never_sees_an_end(self, tmp_path):
        def pieces():
            yield b"a\n"
            raise OSError("the disk is gone")

        script = f"cat > /dev/null; touch {tmp_path}/ended"
        with pytest.raises(OSError, match="the disk is gone"):
            output("sh", "-c", script, pieces=pieces())
        assert not (tmp_path / "ended").exists()

    def test_an_error_of_a_callback_is_raised(self):
        def log(line):
            raise ValueError("the log is full")

        with pytest.raises(ValueError, match="the log is full"):
            output("sh", "-c", "echo x >&2; exec sleep 1000", log=log)

    def test_the_error_travels(self):
        error = pickle.loads(pickle.dumps(StreamTaskError("it failed", 3, "tail")))
        assert (str(error), error.exit_code, error.stderr_tail) == ("it failed", 3, "tail")


class TestSilence:
    def test_a_silent_command_is_killed(self, tmp_path):
        def pieces():  # until it has spoken, it waits for its input
            assert wait_until((tmp_path / "spoken").exists)
            yield b"x"

        script = f"echo hm >&2; touch {tmp_path}/spoken; exec sleep 1000"
        with pytest.raises(StreamTaskError, match=r"mapreduce\.task\.timeout") as caught:
            output("sh", "-c", script, pieces=pieces(), timeout=0.2)
        assert caught.value.exit_code is None
        assert caught.value.stderr_tail == "hm"

    def test_one_that_has_closed_its_output_is_watched_on(self):
        with pytest.raises(StreamTaskError, match=r"mapreduce\.task\.timeout"):
            output("sh", "-c", "exec >&-; exec sleep 1000", timeout=0.2)

    def test_reading_writing_and_reporting_are_signs_of_life(self):
        def run(sign):
            script = f"i=0; while [ $i -lt 30 ]; do {sign}; sleep 0.1; i=$((i+1)); done"
            output("sh", "-c", script, pieces=[b"line\n" * 100], timeout=2.5)

        with ThreadPoolExecutor() as pool:
            list(pool.map(run, ["echo reporter:status:x >&2", "echo x", "read line"]))

    def test_a_command_that_waits_for_its_input_is_not_silent(self):
        def pieces():
            yield b"a\n"
            time.sleep(2)
            yield b"b\n"

        assert output("cat", pieces=pieces(), timeout=1.5) == b"a\nb\n"

    def test_a_command_whose_reader_is_slow_is_not_silent(self):
        chunks = child("cat", timeout=1.5).run([b"x" * 12_000_000])
        size = len(next(chunks))
        time.sleep(2)
        assert size + sum(map(len, chunks)) == 12_000_000

    def test_nobody_is_killed_since_the_machine_stood_still(self, monkeypatch):
        pause = time.monotonic() + 0.6

        def now():
            real = time.monotonic()
            return real + 3600 if real > pause else real

        clock = SimpleNamespace(monotonic=now, sleep=time.sleep)
        monkeypatch.setattr(child_process, "time", clock)
        assert output("sh", "-c", "sleep 1.5; echo x", timeout=4) == b"x\n"


class TestTheEnd:
    def test_all_it_started_ends_with_it(self, tmp_path):
        output("sh", "-c", f"sleep 1000 >&- & echo $! > {tmp_path}/pid")
        pid = int((tmp_path / "pid").read_text())
        assert wait_until(lambda: not is_running(pid))

    def test_a_reader_that_stops_ends_it(self):
        chunks = child("sh", "-c", "echo $$; cat; exec sleep 1000").run([b"x" * 5_000_000])
        pid = int(next(chunks).split(b"\n")[0])
        assert is_running(pid)
        chunks.close()
        assert not is_running(pid)

    def test_closing_again_does_nothing(self):
        with child("cat") as it:
            assert b"".join(it.run([b"x"])) == b"x"
            it.close()

    def test_it_ends_when_this_process_is_killed(self, tmp_path):
        program = f"""
            from pyrite.mapreduce.hadoop_streaming.child_process import ChildProcess
            command = ["sh", "-c", "sleep 1000 & echo $! $$ > {tmp_path}/pids; exec sleep 1000"]
            list(ChildProcess(command, env={ENV!r}, cwd="/").run([]))
        """
        path = os.pathsep.join(sys.path)
        worker = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(program)], env={**os.environ, "PYTHONPATH": path}
        )
        try:
            pids = tmp_path / "pids"
            assert wait_until(lambda: pids.exists() and pids.read_text().endswith("\n"))
            started = [int(pid) for pid in pids.read_text().split()]
            assert all(map(is_running, started))
        finally:
            worker.kill()
            worker.wait()
        assert wait_until(lambda: not any(map(is_running, started)))
