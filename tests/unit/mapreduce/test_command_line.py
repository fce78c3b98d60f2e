import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pyrite
from pyrite.mapreduce import Job, Mapper, Reducer, Step


class Words(Mapper):
    def map(self, key, line):
        self.counter("words", "seen", len(line.split()))
        for word in line.split():
            yield word + self.setting("suffix", ""), 1


class Sum(Reducer):
    def reduce(self, word, counts):
        yield word, sum(counts)


class Fails(Mapper):
    def map(self, key, line):
        raise LookupError(f"no {line}")


JOB = Job([Step(Words, Sum)])


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("to be or\nnot to be\n")
    return str(path)


def test_the_answer_is_printed_and_counters_are_told(text, capsysbinary, runner):
    JOB.main([text, "-r", "inline" if runner == "inline" else "local", "-D", "suffix=!"])
    printed = capsysbinary.readouterr()
    assert sorted(printed.out.splitlines()) == [b"be!\t2", b"not!\t1", b"or!\t1", b"to!\t2"]
    assert printed.err.decode().splitlines() == [
        "Counters: 5",
        "\tMap-Reduce Framework",
        "\t\tMap input records=2",
        "\t\tMap output records=6",
        "\t\tReduce input records=6",
        "\t\tReduce output records=4",
        "\twords",
        "\t\tseen=6",
    ]


def test_standard_input(monkeypatch, capsysbinary, runner):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a b\na\n")))
    JOB.main(["-", "-r", "inline" if runner == "inline" else "local"])
    assert sorted(capsysbinary.readouterr().out.splitlines()) == [b"a\t2", b"b\t1"]


def test_output_and_number_of_reduces(text, tmp_path, capsysbinary):
    out = tmp_path / "out"
    JOB.main([text, "-o", str(out), "-r", "inline", "--reduces", "2"])
    assert capsysbinary.readouterr().out == b""
    assert sorted(path.name for path in out.iterdir()) == ["_SUCCESS", "part-00000", "part-00001"]


def test_the_program_s_own_error_keeps_its_traceback(text, context):
    job = Job([Step(Fails)])
    with pytest.raises(LookupError, match="no to be or"):
        job.main([text, "-r", "inline"])
    with pytest.raises(SystemExit) as raised:
        job.main([text])
    shown = str(raised.value)
    assert 'raise LookupError(f"no {line}")\nLookupError: no to be or\nIn Fails.map' in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name what to read"),
        (["-", "file"], "- stands alone"),
        (["file", "-D", "name"], "-D name: write -D name=value"),
        (["file", "--reducer"], "leave out file"),
        (["--mapper", "--reducer"], "not allowed with"),
    ],
)
def test_mistakes_are_told_with_the_usage(arguments, message, capsys):
    with pytest.raises(SystemExit) as raised:
        JOB.main(arguments)
    assert raised.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.txt"], "error: Input path does not exist: .*nowhere.txt"),
        (["{text}", "-o", "{text}"], "error: Output directory .* already exists"),
        (["{text}", "--reduces", "0"], "at least 1"),
    ],
)
def test_mistakes_are_told_in_a_line(arguments, message, text):
    with pytest.raises(SystemExit, match=message):
        JOB.main([argument.format(text=text) for argument in arguments] + ["-r", "inline"])


def test_a_reader_who_has_seen_enough(tmp_path):
    (tmp_path / "text.txt").write_text("".join(f"word{n}\n" for n in range(50_000)))
    (tmp_path / "job.py").write_text("from pyrite.mapreduce import Mapper, run\nrun(Mapper)\n")
    command = f"{sys.executable} job.py text.txt -r inline | head -n 1"
    done = subprocess.run(
        command,
        shell=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(pyrite.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("word0\n", "")


def test_help(capsys):
    with pytest.raises(SystemExit) as raised:
        JOB.main(["--help"])
    assert raised.value.code == 0
    shown = capsys.readouterr().out
    assert "--mapper | LC_ALL=C sort |" in shown
    assert "this job has 1" in shown
