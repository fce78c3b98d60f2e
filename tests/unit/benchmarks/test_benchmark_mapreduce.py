import subprocess
import sys

import pytest

from benchmarks.mapreduce.__main__ import ALL_SCRIPTS, cells, distinct_lines, parse
from benchmarks.mapreduce.commands import SCRIPTS, Run, digest


def script(name, text):
    command = [sys.executable, SCRIPTS / name]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("scripts", ALL_SCRIPTS, ids=lambda scripts: scripts.title)
def test_the_scripts_count_words(scripts):
    mapped = script(scripts.mapper, "b a\n\na b a\n")
    assert mapped == "b\t1\na\t1\na\t1\nb\t1\na\t1\n"
    ordered = "".join(sorted(mapped.splitlines(keepends=True)))
    assert script(scripts.reducer, ordered) == "a\t3\nb\t2\n"
    assert script(scripts.reducer, "") == ""


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
    wall, cpu, scripts = cells("classic", [(mine, shell)], alone=3.0)
    assert wall == ("classic", "Wall time", "2.00 s", "6.00 s", "3.0x (3.0..3.0)")
    assert cpu[-1] == "1.0x (1.0..1.0)"
    assert scripts[2:] == ("3.00 s", "3.00 s", "4.0x at most")


def test_the_command_line_has_defaults():
    assert parse([]).megabytes == 200
