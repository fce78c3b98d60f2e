import os
import zipfile

import pytest

from pyrite.deploy import hadoop_command, mapreduce_command
from pyrite.deploy.hadoop_command import run, streaming_jar

STREAMING = "org.apache.hadoop.streaming.HadoopStreaming"


@pytest.fixture(autouse=True)
def no_hadoop(monkeypatch, tmp_path):
    monkeypatch.delenv("HADOOP_CONF_DIR", raising=False)
    monkeypatch.setenv("PYRITE_HDFS_DIR", str(tmp_path / "hdfs"))


@pytest.fixture
def streamed(monkeypatch):
    """The command lines of jobs that would have run."""
    calls = []

    def run_streaming(words):
        calls.append(list(words))
        return 7

    monkeypatch.setattr(mapreduce_command, "run", run_streaming)
    return calls


OPTIONS = ["-input", "in", "-output", "out", "-mapper", "cat"]


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("hadoop", ["jar", "/nowhere/hadoop-streaming-2.7.3.jar"]),
        ("hadoop", ["jar", "hadoop-streaming.jar", STREAMING]),
        ("hadoop", ["jar", "contrib/streaming/hadoop-0.20.2-streaming.jar", "streamjob"]),
        ("mapred", ["streaming"]),
    ],
)
def test_jobs_of_the_streaming_jar(streamed, program, words):
    assert run(program, [*words, *OPTIONS]) == 7
    assert streamed == [OPTIONS]


def test_jobs_know_the_configured_file_system(capsys, tmp_path):
    (tmp_path / "core-site.xml").write_text(
        "<configuration><property><name>fs.defaultFS</name><value>hdfs:///</value></property>"
        "</configuration>"
    )
    job = ["-input", "/nothing", "-output", "/out"]
    try:
        code = run("hadoop", ["--config", str(tmp_path), "jar", "hadoop-streaming.jar", *job])
    finally:
        assert os.environ.pop("HADOOP_CONF_DIR") == str(tmp_path)
    assert code == 5
    assert f"Input path does not exist: file:{tmp_path}/hdfs/nothing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("program", "words", "message"),
    [
        ("hadoop", ["jar"], "name a jar"),
        ("hadoop", ["jar", "wordcount.jar", "in"], "wordcount.jar: there is no JVM here"),
        ("hadoop", ["jar", "hadoop-streaming.jar", "org.x.Main"], "org.x.Main: there is no JVM"),
        ("hadoop", ["jr", "x"], "Did you mean 'hadoop jar'?"),
        ("hadoop", ["namenode"], "fs, dfs, jar, version, classpath, envvars"),
        ("hadoop", ["streaming"], "'streaming' is a command of 'mapred streaming'"),
        ("hdfs", ["jar", "x.jar"], "'jar' is a command of 'hadoop jar'"),
        ("hadoop", ["--config"], "--config needs a value"),
        ("hadoop", ["fs", "-fs"], "-fs needs a value"),
    ],
)
def test_mistakes_are_told_with_what_would_work(capsys, program, words, message):
    assert run(program, words) == 255
    out, err = capsys.readouterr()
    assert (out, err.startswith(f"{program}: "), message in err) == ("", True, True)


def test_the_version_is_where_tools_read_it(capsys):
    for words in (["version"], ["-version"], ["--version"]):
        assert run("hadoop", words) == 0
        assert capsys.readouterr().out.splitlines()[0] == "Hadoop 3.4.2"


def test_the_streaming_jar_is_found_and_harmless(capsys):
    assert run("hadoop", ["classpath"]) == 0
    path = capsys.readouterr().out.strip()
    assert path == streaming_jar()
    assert zipfile.ZipFile(path).namelist() == ["META-INF/MANIFEST.MF"]


def test_where_things_are(capsys, tmp_path):
    assert run("hdfs", ["envvars"]) == 0
    variables = dict(line.split("=", 1) for line in capsys.readouterr().out.splitlines())
    assert variables["PYRITE_HDFS_DIR"] == f"'{tmp_path}/hdfs'"
    home = variables["HADOOP_HOME"].strip("'")
    assert streaming_jar().startswith(f"{home}/share/hadoop/tools/lib/")


@pytest.mark.parametrize("program", ["hadoop", "hdfs", "mapred"])
def test_help_teaches(capsys, program):
    assert run(program, ["--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"Usage: {program} ")
    assert run(program, []) == 1


def test_the_scripts_end_with_the_exit_code(monkeypatch, capsys):
    for script in (hadoop_command.hadoop, hadoop_command.hdfs, hadoop_command.mapred):
        monkeypatch.setattr("sys.argv", ["x", "nothing"])
        with pytest.raises(SystemExit, match="255"):
            script()
    assert capsys.readouterr().err.count("is not among") == 3
