"""Examples run as people run them: only the master is another one, and the output is the same."""

import os
import subprocess
import sys
from pathlib import Path

import pyrite
from tests.clusters.conftest import wait_until

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROGRAM = "frames_and_rdds.py"  # both APIs at once
SOURCES = str(Path(pyrite.__file__).parents[1])


def run(name, master, scratch):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK", "PYSPARK"))}
    result = subprocess.run(
        [sys.executable, "-m", "pyrite", "submit", "--master", master, EXAMPLES / name],
        env=kept | {"PYTHONPATH": SOURCES, "SPARK_LOCAL_DIRS": str(scratch)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=600,
        check=False,
    )
    return result.returncode, result.stdout, result.stderr


def test_only_the_master_is_another_one(ray_nodes, tmp_path):
    ray_nodes.restore()
    code, printed, said = run(PROGRAM, ray_nodes.master, tmp_path)
    assert (code, said) == (0, "")
    assert printed == run(PROGRAM, "local[2]", tmp_path)[1]
    assert wait_until(lambda: not list(tmp_path.iterdir()))
