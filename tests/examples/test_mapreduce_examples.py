"""Every MapReduce example with every runner and as stages of a pipeline: one answer."""

import io
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import pyrite
from pyrite.core.context import SparkContext

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROGRAMS = EXAMPLES / "mapreduce"
SOURCES = str(Path(pyrite.__file__).parents[1])

ORDERS, REQUESTS, RHYMES = ["orders.csv"], ["requests.json"], ["rhymes/*.txt"]
HOSTS_AND_LOG = ["hosts.txt", "log.txt"]

#: Program -> its inputs, further arguments, and the last lines of the answer when it is sorted.
ANSWERS = {
    "word_count.py": (RHYMES, [], ["what\t1", "wonder\t1", "world\t1", "you\t1", "your\t1"]),
    "combiner.py": (
        ORDERS,
        [],
        ["Chile\t668.64", "Denmark\t712.62", "Kenya\t336.42", "Korea, South\t419.34"],
    ),
    "mean.py": (REQUESTS, [], ["/\t16.9", "/cart\t23.0", "/help\t18.0", "/search\t111.3"]),
    "secondary_sort.py": (
        REQUESTS,
        [],
        [
            "ada\t/ /search /help /cart /search",
            "bob\t/ /search /cart /search /",
            "eve\t/ /search / /search /help / /search /cart /search",
        ],
    ),
    "inverted_index.py": (
        RHYMES,
        [],
        [
            "up\tstar.txt",
            "wall\twall.txt",
            "what\tstar.txt",
            "wonder\tstar.txt",
            "world\tstar.txt",
            "you\tstar.txt",
            "your\tboat.txt",
        ],
    ),
    "tf_idf.py": (
        RHYMES,
        ["-D", "documents=3"],
        [
            "wall.txt not\t0.0407",
            "wall.txt on\t0.0407",
            "wall.txt put\t0.0407",
            "wall.txt sat\t0.0407",
            "wall.txt together\t0.0407",
            "wall.txt wall\t0.0407",
        ],
    ),
    "csv_columns.py": (
        ORDERS,
        ["-D", "column=item"],
        [
            'a "good" pen\t2637.26 from 11 orders',
            "chair, oak\t1864.32 from 6 orders",
            "desk\t2233.45 from 12 orders",
            "lamp\t1594.73 from 11 orders",
        ],
    ),
    "join_two_inputs.py": (
        HOSTS_AND_LOG,
        [],
        [
            "storefront web-2\tconnection refused",
            "storefront web-2\tconnection refused",
            "storefront web-2\tconnection refused",
            "storefront web-2\tqueue is long | 42 waiting",
        ],
    ),
    "distributed_cache.py": (
        ["log.txt"],
        [],
        ["messages\t16", "no team\t7", "payments\t19", "storefront\t19"],
    ),
}
STEPS = {"tf_idf.py": 3}
COMBINERS = {"tf_idf.py": {1}, "secondary_sort.py": set(), "join_two_inputs.py": set()}


@pytest.fixture(scope="module")
def context():
    """The context in which the programs run that ask for ``local``."""
    with SparkContext("local[2]", "examples") as sc:
        yield sc


@pytest.fixture
def call(monkeypatch, capsysbinary):
    """Run a program in this process and return the lines it prints."""

    def call(name, *arguments, stdin=b""):
        capsysbinary.readouterr()
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        runpy.run_path(str(PROGRAMS / name), run_name="__main__")
        return capsysbinary.readouterr().out.decode().splitlines()

    return call


def files(inputs):
    return sorted(path for pattern in inputs for path in (EXAMPLES / "data").glob(pattern))


def test_every_example_has_its_answer():
    assert sorted(ANSWERS) == sorted(path.name for path in PROGRAMS.glob("*.py"))


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("runner", ["inline", "local"])
def test_by_the_command_line(name, runner, call, request, tmp_path):
    inputs, arguments, answer = ANSWERS[name]
    if runner == "local":
        request.getfixturevalue("context")
    asked = [*files(inputs), *arguments, "-r", runner, "--reduces", 3]
    printed = sorted(call(name, *asked))
    assert printed[-len(answer) :] == answer
    call(name, *asked, "-o", tmp_path / "out")
    parts = sorted((tmp_path / "out").glob("part-*"))
    assert [part.name for part in parts] == ["part-00000", "part-00001", "part-00002"]
    assert sorted(line for part in parts for line in part.read_text().splitlines()) == printed


@pytest.mark.parametrize("name", ANSWERS)
def test_as_stages_of_a_pipeline(name, call, monkeypatch):
    inputs, arguments, answer = ANSWERS[name]
    expected = sorted(call(name, *files(inputs), *arguments, "-r", "inline"))
    assert expected[-len(answer) :] == answer

    def stage(kind, step, lines):
        text = "".join(line + "\n" for line in lines).encode()
        return call(name, f"--{kind}", "--step", step, *arguments, stdin=text)

    lines = []
    for step in range(1, STEPS.get(name, 1) + 1):
        mapped = []
        for path in files(inputs) if step == 1 else [None]:
            if path is not None:
                monkeypatch.setenv("mapreduce_map_input_file", path.as_uri())
                lines = path.read_text().splitlines()
            of_task = stage("mapper", step, lines)
            if step in COMBINERS.get(name, {1}):
                of_task = stage("combiner", step, sorted(of_task))
            mapped += of_task
        lines = stage("reducer", step, sorted(mapped))
    assert sorted(lines) == expected


@pytest.mark.parametrize(
    "name",
    ["csv_columns.py", "secondary_sort.py", "join_two_inputs.py", "distributed_cache.py"],
)
def test_under_hadoop_streaming(name, tmp_path):
    inputs, arguments, answer = ANSWERS[name]
    program = f"{sys.executable} {name}"
    options = [*arguments, "-D", "mapreduce.job.reduces=2"]
    options += ["-files", f"{PROGRAMS / name},{EXAMPLES / 'data' / 'hosts.txt'}"]
    options += [word for path in files(inputs) for word in ("-input", str(path))]
    options += ["-mapper", f"{program} --mapper", "-reducer", f"{program} --reducer"]
    if 1 in COMBINERS.get(name, {1}):
        options += ["-combiner", f"{program} --combiner"]
    done = subprocess.run(
        [sys.executable, "-m", "pyrite", "mapreduce", *options, "-output", tmp_path / "out"],
        env=os.environ | {"PYTHONPATH": SOURCES, "SPARK_LOCAL_DIRS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    parts = sorted((tmp_path / "out").glob("part-*"))
    assert len(parts) == 2
    lines = sorted(line for part in parts for line in part.read_text().splitlines())
    assert lines[-len(answer) :] == answer


def test_word_count_in_a_shell(tmp_path):
    text = (EXAMPLES / "data" / "rhymes" / "boat.txt").read_text()
    program = f"{sys.executable} {PROGRAMS / 'word_count.py'}"
    printed = subprocess.run(
        f"{program} --mapper | LC_ALL=C sort | {program} --reducer",
        shell=True,
        input=text,
        env=os.environ | {"PYTHONPATH": SOURCES},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert printed.stderr == ""
    assert printed.stdout.splitlines()[:3] == ["Gently\t1", "Life\t1", "Merrily,\t1"]


def test_word_count_is_ten_lines_long_and_in_the_documents():
    program = (PROGRAMS / "word_count.py").read_text().split('"""')[2].strip()
    assert len([line for line in program.splitlines() if line]) == 10
    assert program in (EXAMPLES.parent / "docs" / "mapreduce.md").read_text()
