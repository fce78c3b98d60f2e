"""Commands see the job's properties and their task as Hadoop names them."""

import subprocess

import pytest

from pyrite.mapreduce.hadoop_streaming.job_conf import JobConf
from pyrite.mapreduce.hadoop_streaming.stream_job import Command, StreamJob
from pyrite.mapreduce.hadoop_streaming.task_environment import (
    TaskId,
    TaskPlace,
    task_environment,
)

MAP = TaskId("job_202601011200_0001", is_map=True, task=3, attempt=1)
REDUCE = TaskId("job_202601011200_0001", is_map=False, task=0, attempt=0)
PLACE = TaskPlace("/work", "/tmp/own", "file:/out/_temporary/0/x", ("file:/in/a.txt", 10, 20))


def environment(properties=None, task=MAP, place=PLACE, inherited=None, **job):
    conf = JobConf({"mapreduce.job.name": "a job", **(properties or {})})
    job = StreamJob(("/in",), "/out", Command(("cat",)), conf=conf, **job)
    return task_environment(job, task, place, {"PATH": "/bin"} if inherited is None else inherited)


# What a real Hadoop sets for a map task, in its names and the old ones.
@pytest.mark.parametrize(
    ("variables", "value"),
    [
        ("mapreduce_job_id mapred_job_id", "job_202601011200_0001"),
        ("mapreduce_task_id mapred_tip_id", "task_202601011200_0001_m_000003"),
        ("mapreduce_task_attempt_id mapred_task_id", "attempt_202601011200_0001_m_000003_1"),
        ("mapreduce_task_partition mapred_task_partition", "3"),
        ("mapreduce_task_ismap mapred_task_is_map", "true"),
        ("mapreduce_map_input_file map_input_file", "file:/in/a.txt"),
        ("mapreduce_map_input_start map_input_start", "10"),
        ("mapreduce_map_input_length map_input_length", "20"),
        ("mapreduce_task_output_dir mapred_work_output_dir", "file:/out/_temporary/0/x"),
        ("mapreduce_job_name mapred_job_name", "a job"),
        ("mapreduce_job_reduces mapred_reduce_tasks", "1"),
        ("mapreduce_input_fileinputformat_inputdir mapred_input_dir", "file:/in"),
        ("mapreduce_output_fileoutputformat_outputdir mapred_output_dir", "file:/out"),
        ("mapreduce_task_timeout", "600000"),
        ("stream_num_map_output_key_fields", "1"),
        ("PWD", "/work"),
        ("TMPDIR", "/tmp/own"),
        ("PATH", "/work:/bin"),
    ],
)
def test_the_facts_of_a_map_task(variables, value):
    seen = environment()
    assert {seen[variable] for variable in variables.split()} == {value}


def test_a_reduce_task_reads_no_split():
    seen = environment(task=REDUCE, place=TaskPlace("/work", "/tmp/own"))
    assert seen["mapreduce_task_id"] == "task_202601011200_0001_r_000000"
    assert seen["mapreduce_task_ismap"] == "false"
    assert not [name for name in seen if name.startswith(("map_input", "mapreduce_map_input"))]


def test_properties_of_ones_own_with_what_no_variable_may_have_replaced():
    seen = environment({"my.own-prop": "${mapreduce.job.name}!", "mapred.reduce.tasks": "5"})
    assert seen["my_own_prop"] == "a job!"


def test_variables_of_the_command_line_win_over_all_but_the_path():
    seen = environment(environment=(("mapreduce_job_id", "mine"), ("PATH", "/mine"), ("A", "1")))
    assert (seen["mapreduce_job_id"], seen["PATH"], seen["A"]) == ("mine", "/work:/mine", "1")


def test_the_workers_variables_are_there():
    assert environment(inherited={"HOME": "/home/ada"})["HOME"] == "/home/ada"


def test_shipped_files_are_named_by_their_uris():
    seen = environment(files=("/a/b.py", "hdfs://host/c#d"), archives=("/e.zip",))
    assert seen["mapreduce_job_cache_files"] == "file:/a/b.py,hdfs://host/c#d"
    assert seen["mapreduce_job_cache_archives"] == "file:/e.zip"


def test_inputs_are_named_by_their_uris():
    conf = JobConf({"mapreduce.job.name": "a job"})
    job = StreamJob(("/a,/b", "/c/{1,2}*"), "/out", conf=conf)
    seen = task_environment(job, MAP, PLACE, {})
    assert seen["mapreduce_input_fileinputformat_inputdir"] == "file:/a,file:/b,file:/c/{1,2}*"


def test_values_are_cut_to_the_limit():
    properties = {"stream.jobconf.truncate.limit": "3", "my.own": "abcdef"}
    assert environment(properties)["my_own"] == "abc"


def test_a_value_that_no_program_could_be_started_with_is_cut():
    seen = environment({"my.own": "ä" * 100_000, "my.other": "a\0b"})
    done = subprocess.run(["/usr/bin/env"], env=seen, capture_output=True, check=True)
    assert b"\nmy_own=" + "ä".encode() * 65_000 in done.stdout
    assert b"\nmy_other=ab\n" in done.stdout
