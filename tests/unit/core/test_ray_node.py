"""Nodes as processes: what starts them, what ends them, and what is read from their output."""

import subprocess
import sys

import psutil
import pytest

from pyrite.core.errors import SparkException
from pyrite.core.ray_node import has_node, node_command, start_node, stop_tree


def fake(program):
    """A command that behaves as ``ray start`` in one respect."""
    return [sys.executable, "-S", "-c", program]


STAYS = (
    "import sys, time; print('Local node IP: 10.0.0.9'); print('Ray runtime started.');"
    "sys.stdout.flush(); time.sleep(600)"
)


def test_switches_values_and_what_is_not_said():
    command = node_command({"head": True, "port": 1, "memory": None, "num-cpus": 0})
    assert command[-3:] == ["--head", "--port=1", "--num-cpus=0"]


def test_a_node_is_there_when_ray_says_so_and_ends_with_its_family(tmp_path):
    child = "import subprocess, sys; subprocess.Popen([sys.executable, '-S', '-c', "
    program = child + "'import time; time.sleep(600)']); " + STAYS
    node = start_node(fake(program), tmp_path / "log", {})
    family = psutil.Process(node.process.pid).children()
    assert (node.address, len(family)) == ("10.0.0.9", 1)
    node.stop()
    assert not psutil.wait_procs(family, timeout=60)[1]


def test_a_lent_node_ends_with_its_folder_when_its_owner_closes_the_line(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    node = start_node(fake(STAYS), folder / "log", {}, is_lent=True)
    family = psutil.Process(node.process.pid).children()
    node.process.stdin.close()
    assert node.process.wait(60) != 0
    assert not folder.exists()
    assert not psutil.wait_procs(family, timeout=60)[1]


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("raise ValueError('port taken')", "did not start: port taken"),
        ("print('only this')", "did not start: only this"),
        ("pass", "did not start: it said nothing"),
    ],
)
def test_a_node_that_does_not_start_says_why(program, said, tmp_path):
    with pytest.raises(SparkException, match=said):
        start_node(fake(program), tmp_path / "log", {})


def test_stopping_what_is_gone_is_no_error():
    gone = subprocess.Popen(fake("pass"))
    gone.wait()
    stop_tree(gone.pid)


def test_no_node_of_an_unknown_cluster_is_here():
    assert not has_node("127.0.0.1:1")
