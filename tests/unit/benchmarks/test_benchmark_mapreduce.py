import subprocess
import sys

from benchmarks.mapreduce.__main__ import cells, distinct_lines, parse
from benchmarks.mapreduce.commands import SCRIPTS, Run, digest


def script(name, text):
    command = [sys.executable, SCRIPTS / name]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


def test_the_scripts_count_words():
    mapped = script("mapper.py", "b a\n\na b a\n")
    assert mapped == "b\t1\na\t1\na\t1\nb\t1\na\t1\n"
    ordered = "".join(sorted(mapped.splitlines(keepends=True)))
    assert script("reducer.py", ordered) == "a\t3\nb\t2\n"
    assert script("reducer.py", "") == ""


def test_outputs_are_the_same_whatever_the_order_of_their_lines(tmp_path):
    parts = tmp_path / "parts"
    parts.mkdir()
    (parts / "part-00000").write_text("b\t1\n")
    (parts / "part-00001").write_text("a\t2\n")
    (parts / "_SUCCESS").write_text("")
    (tmp_path / "whole").write_text("a\t2\nb\t1\n")
    (tmp_path / "other").write_text("a\t1\nb\t2\n")
    assert digest(parts) == digest(tmp_path / "whole")
    assert digest(parts) != digest(tmp_path / "other")


def test_distinct_lines_are_as_many_as_asked_for(tmp_path):
    path = distinct_lines(tmp_path, 1)
    lines = path.read_text().splitlines(keepends=True)
    assert len(lines) == len(set(lines)) == 1_000_000 // 64
    assert {len(line) for line in lines} == {64}
    assert distinct_lines(tmp_path, 1) == path


def test_a_ratio_is_how_many_times_longer_the_shell_takes():
    mine, shell = Run(2.0, 3.0, 0, 1, 1), Run(6.0, 3.0, 0, 1, 1)
    wall, cpu = cells("in blocks", [(mine, shell)])
    assert wall == ("in blocks", "Wall time", "2.00 s", "6.00 s", "3.0x (3.0..3.0)")
    assert cpu[-1] == "1.0x (1.0..1.0)"


def test_the_command_line_has_defaults():
    assert parse([]).megabytes == 200
