"""Jobs of Hadoop Streaming on machines that see none of the driver's directories."""

import zipfile

from pyrite.mapreduce.hadoop_streaming.job_conf import JobConf
from pyrite.mapreduce.hadoop_streaming.runner import run_stream_job
from pyrite.mapreduce.hadoop_streaming.stream_job import Command, StreamJob

MAPPER = """#!/bin/sh
cat known/words.txt >/dev/null || exit 4
echo reporter:counter:mine,tasks,1 >&2
if mkdir "$MARK" 2>/dev/null; then exit 5; fi
tr ' ' '\\n'
"""


def test_a_job_ships_its_files_and_is_tried_again(start, ray_nodes, tmp_path):
    ray_nodes.restore()
    sc = start(ray_nodes.master)
    (tmp_path / "in").mkdir()
    for name in "abcd":
        (tmp_path / "in" / name).write_text("the cat\nthe dog\n")
    (tmp_path / "split.sh").write_text(MAPPER)
    with zipfile.ZipFile(tmp_path / "words.zip", "w") as archive:
        archive.writestr("words.txt", "the")
    job = StreamJob(
        (f"{tmp_path}/in",),
        f"{tmp_path}/out",
        Command(("mapper",)),
        Command(("uniq", "-c")),
        num_reduces=2,
        files=(f"{tmp_path}/split.sh#mapper",),
        archives=(f"{tmp_path}/words.zip#known",),
        environment=(("MARK", f"{tmp_path}/failed-once"),),
        conf=JobConf({"mapreduce.job.maps": "4"}),
    )
    result = run_stream_job(job, sc)
    lines = sorted(
        tuple(line.split())
        for part in (tmp_path / "out").glob("part-*")
        for line in part.read_text().splitlines()
    )
    assert lines == [("4", "cat"), ("4", "dog"), ("8", "the")]
    assert (tmp_path / "failed-once").exists()
    assert result.counters.get("mine", "tasks") == 4
