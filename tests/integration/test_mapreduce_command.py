"""``pyrite mapreduce`` as a process: its output, what it says, and its exit codes."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

_TIME = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ", re.MULTILINE)
_JOB = re.compile(r"job_\d+_\d{4}")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "pyrite", "mapreduce", "-D", "spark.master=local[2]", *words]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run the command in a folder that has a file ``in``."""
    (tmp_path / "in").write_text("the cat\nthe end\n")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            _command(*words), cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False
        )

    return run


def _said(log: str) -> list[str]:
    """Return the lines of a log without times and ids."""
    return _JOB.sub("JOB", _TIME.sub("", log)).splitlines()


def test_words_are_counted_in_one_line(run: Run, tmp_path: Path) -> None:
    ended = run(
        *("-input", "in", "-output", "out", "-mapper", "tr -s ' ' '\\n'", "-reducer", "uniq -c")
    )

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == ""
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["_SUCCESS", "part-00000"]
    lines = (tmp_path / "out" / "part-00000").read_text().splitlines()
    assert [line.split() for line in lines] == [["1", "cat"], ["1", "end"], ["2", "the"]]
    said = _said(ended.stderr)
    assert said[:3] == [
        "INFO mapreduce.JobSubmitter: number of splits:2",
        "INFO mapreduce.Job: Running job: JOB",
        "INFO mapreduce.Job:  map 0% reduce 0%",
    ]
    finished = said.index("INFO mapreduce.Job: Job JOB completed successfully")
    assert said[finished - 1] == "INFO mapreduce.Job:  map 100% reduce 100%"
    assert re.fullmatch(r"INFO mapreduce.Job: Counters: \d+", said[finished + 1])
    assert "\t\tReduce input groups=3" in said[finished + 2 :]
    assert said[-1] == "INFO streaming.StreamJob: Output directory: out"


def test_a_job_that_fails_says_why_and_leaves_nothing(run: Run, tmp_path: Path) -> None:
    ended = run(
        *("-D", "mapreduce.map.maxattempts=2", "-D", "mapreduce.job.maps=1"),
        *("-input", "in", "-output", "out", "-mapper", "sh -c 'echo oh no >&2; exit 7'"),
    )

    assert ended.returncode == 1
    said = _said(ended.stderr)
    attempts = [line for line in said if "Status : FAILED" in line]
    assert len(attempts) == 2
    assert all("_m_000000_" in line for line in attempts)
    assert "INFO mapreduce.Job: Job JOB failed with state FAILED due to: " in ended.stderr.replace(
        *(_JOB.findall(ended.stderr)[0], "JOB")
    )
    assert "subprocess failed with code 7" in ended.stderr
    assert "oh no" in said
    assert re.search(r"sh /\S+/repeat.sh", ended.stderr)
    assert said[-2:] == [
        "ERROR streaming.StreamJob: Job not successful!",
        "Streaming Command Failed!",
    ]
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["-input", "none", "-output", "out"], 5, "Input path does not exist: file:"),
        (["-input", "n*", "-output", "out"], 5, "matches 0 files"),
        (["-input", "in", "-output", "."], 5, "already exists"),
        (["-input", "in", "-output", "out", "-D", "spark.master=mars"], 1, "Master URL: 'mars'"),
        (["-input", "in", "-output", "out", "-mapper", "no-such-command"], 1, "Cannot run program"),
    ],
)
def test_what_cannot_be_done_ends_with_hadoops_code(
    run: Run, words: list[str], code: int, message: str
) -> None:
    ended = run("-D", "mapreduce.map.maxattempts=1", *words)

    assert ended.returncode == code, ended.stderr
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.splitlines()[-1] == "Streaming Command Failed!"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_its_commands_and_without_output(
    run: Run, tmp_path: Path, sent: signal.Signals
) -> None:
    words = _command(
        "-input", "in", "-output", "out", "-mapper", "sh -c 'echo $$ > pid; sleep 600'"
    )
    words = [word.replace("pid", str(tmp_path / "pid")) for word in words]
    with subprocess.Popen(
        words, cwd=tmp_path, stderr=subprocess.PIPE, text=True, process_group=0
    ) as process:
        _wait(lambda: (tmp_path / "pid").exists() and bool((tmp_path / "pid").read_text().strip()))
        pid = (tmp_path / "pid").read_text().strip()
        process.send_signal(sent)
        _, log = process.communicate(timeout=120)

    assert process.returncode == 130, log
    assert "Traceback" not in log
    assert not (tmp_path / "out").exists()
    _wait(lambda: not Path("/proc", pid).exists())


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
