import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import process_tree, supervise

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

BURN = "import time\nwhile time.process_time() < 0.2: pass\n"


def test_the_tree_holds_children_and_grandchildren() -> None:
    nested = "import subprocess, sys; subprocess.run(['sh', '-c', 'read line; true'])"
    child = subprocess.Popen(
        [sys.executable, "-c", nested], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert child.stdin is not None
    try:
        while len(process_tree.descendants(child.pid)) < 2:
            assert child.poll() is None
        tree = process_tree.descendants(os.getpid())
        assert tree[0] == os.getpid()
        assert set(process_tree.descendants(child.pid)) <= set(tree)
        assert process_tree.memory_bytes(os.getpid()) > process_tree.memory_bytes(child.pid) > 0
    finally:
        child.stdin.close()
        child.wait()


def test_cpu_time_of_children_counts_once_they_have_ended() -> None:
    before = process_tree.cpu_seconds(os.getpid())
    subprocess.run([sys.executable, "-c", BURN], check=True)
    assert process_tree.cpu_seconds(os.getpid()) - before >= 0.15


def test_processes_left_behind_are_waited_for_and_counted(tmp_path: Path) -> None:
    orphan = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BURN!r}])"
    report = tmp_path / "report.json"
    subprocess.run(
        [sys.executable, supervise.__file__, report, "0.01", sys.executable, "-c", orphan],
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(supervise.__file__).parents[1])},
    )
    seen = json.loads(report.read_text())
    assert seen["clean"]
    assert seen["cpu"] >= 0.15
    assert max(size for _, size in seen["memory"]) > 0
