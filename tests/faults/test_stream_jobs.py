"""Hadoop Streaming jobs whose commands and workers fail: tried again, or no output at all."""

import os
import re
from collections import Counter

import pytest

from pyrite.core.errors import (
    FileAlreadyExistsException,
    SparkException,
    SparkIllegalArgumentException,
)
from pyrite.mapreduce.hadoop_streaming.job_conf import JobConf
from pyrite.mapreduce.hadoop_streaming.runner import run_stream_job
from pyrite.mapreduce.hadoop_streaming.stream_job import Command, StreamJob

WORDS = b"the cat and the dog\nand a bird\n" * 50
EXPECTED = {
    line.decode(): count * 50
    for line, count in Counter(b"the cat and the dog and a bird".split()).items()
}
SPLIT = "tr ' ' '\\n'"
COUNT = "uniq -c | awk '{ print $2 \"\\t\" $1 }'"


def shell(script):
    return Command(("sh", "-c", script))


@pytest.fixture
def run(start, tmp_path):
    """Run a job over the words; return its result and its lines."""
    (tmp_path / "in").mkdir()
    for name in ("a", "b"):
        (tmp_path / "in" / name).write_bytes(WORDS[: len(WORDS) // 2])
    sc = start("local[2]")

    def run(mapper=SPLIT, reducer=COUNT, reduces=2, **conf):
        properties = {key.replace("__", "."): value for key, value in conf.items()}
        job = StreamJob(
            (f"{tmp_path}/in",),
            f"{tmp_path}/out",
            shell(mapper),
            shell(reducer),
            num_reduces=reduces,
            conf=JobConf({"mapreduce.job.maps": "2", **properties}),
        )
        return run_stream_job(job, sc)

    return run


def counted(tmp_path):
    lines = [
        line.split("\t")
        for part in (tmp_path / "out").glob("part-*")
        for line in part.read_text().splitlines()
    ]
    assert (tmp_path / "out" / "_SUCCESS").exists()
    return {word: int(count) for word, count, *_ in lines}


def once(tmp_path, action):
    """A piece of shell that does something the first time only, whoever runs it."""
    return f"if mkdir {tmp_path}/done 2>/dev/null; then {action}; fi"


def attempts(tmp_path):
    return len((tmp_path / "attempts").read_text().splitlines())


def test_words_are_counted(run, tmp_path):
    result = run()
    assert counted(tmp_path) == EXPECTED
    framework = result.counters.group("Map-Reduce Framework")
    assert framework["Map input records"] == 100
    assert framework["Reduce input records"] == 400


@pytest.mark.parametrize("stage", ["mapper", "reducer"])
@pytest.mark.parametrize(
    "action",
    ["kill -9 $$", "kill -9 $PPID; sleep 60", "exit 3", "echo half; exit 3"],
    ids=["command killed", "worker killed", "exit code", "half of the output"],
)
def test_what_fails_once_is_tried_again(run, tmp_path, stage, action):
    commands = {"mapper": SPLIT, "reducer": COUNT}
    run(**{stage: f"{once(tmp_path, action)}; {commands[stage]}"})
    assert (tmp_path / "done").exists()
    assert counted(tmp_path) == EXPECTED


def test_a_silent_command_is_killed_and_tried_again(run, tmp_path):
    run(f"{once(tmp_path, 'sleep 600')}; {SPLIT}", mapreduce__task__timeout="2000")
    assert counted(tmp_path) == EXPECTED


def test_status_keeps_a_silent_command_alive(run, tmp_path):
    told = "for i in 1 2 3 4 5 6 7 8 9 10; do echo reporter:status:$i >&2; sleep 0.3; done"
    run(f"{told}; {SPLIT}", mapreduce__task__timeout="2000")
    assert counted(tmp_path) == EXPECTED


@pytest.mark.parametrize("stage", ["mapper", "reducer"])
def test_what_always_fails_fails_the_job_and_leaves_no_output(run, tmp_path, stage):
    script = f"echo try >> {tmp_path}/attempts; cat; echo the reason >&2; exit 7"
    limits = {f"mapreduce__{kind}__maxattempts": "2" for kind in ("map", "reduce")}
    with pytest.raises(SparkException, match=r"(?s)failed with code 7.*the reason"):
        run(**{stage: script}, reduces=1, **limits)
    assert attempts(tmp_path) >= 2
    assert not (tmp_path / "out").exists()


def test_four_attempts_are_made(run, tmp_path):
    with pytest.raises(SparkException, match="failed with code 1"):
        run(reducer=f"echo try >> {tmp_path}/attempts; exit 1", reduces=1)
    assert attempts(tmp_path) == 4


def test_output_that_is_there_already_is_left_alone(run, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    with pytest.raises(FileAlreadyExistsException):
        run()
    assert os.listdir(tmp_path / "out") == ["mine"]


def test_counters_of_failed_attempts_do_not_count(run, tmp_path):
    told = "echo reporter:counter:mine,tries,1 >&2"
    result = run(f"{told}; {once(tmp_path, 'exit 1')}; {SPLIT}")
    assert result.counters.get("mine", "tries") == 2


def test_commands_are_not_made_to_write_every_line_at_once(run, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    run("env | grep -c PYTHONUNBUFFERED | sed 's:$:\\t1:'", "cat")
    assert set(counted(tmp_path)) == {"0"}


@pytest.mark.parametrize(
    "setting",
    [
        "mapreduce.job.maps=many",
        "mapreduce.map.maxattempts=0",
        "mapreduce.task.timeout=soon",
        "stream.num.map.output.key.fields=x",
    ],
)
def test_settings_that_cannot_be_used_are_refused_before_there_are_tasks(run, tmp_path, setting):
    name, value = setting.split("=")
    with pytest.raises(SparkIllegalArgumentException, match=re.escape(setting)):
        run(f"echo try >> {tmp_path}/attempts", **{name.replace(".", "__"): value})
    assert not (tmp_path / "attempts").exists()
    assert not (tmp_path / "out").exists()


def test_files_beside_the_output_are_of_the_attempt_that_succeeds(run, tmp_path):
    beside = "cat > ${mapreduce_task_output_dir#file:}/beside-$mapreduce_task_partition"
    fails = once(tmp_path, "touch ${mapreduce_task_output_dir#file:}/half; exit 1")
    run(reducer=f"{fails}; {beside}")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"_SUCCESS", "part-00000", "part-00001", "beside-0", "beside-1"}
    texts = [(tmp_path / "out" / f"beside-{i}").read_text().split() for i in range(2)]
    assert Counter(texts[0] + texts[1]) == EXPECTED
