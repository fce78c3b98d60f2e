"""Programs of others, in environments of their own, and Pyrite's commands as they find them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

_COMMAND = """#!{python}
import sys
sys.path[:0] = {paths!r}
from pyrite.deploy.hadoop_command import {name}
{name}()
"""


@pytest.fixture(scope="session")
def commands(tmp_path_factory):
    """A directory with Pyrite's `hadoop`, `hdfs` and `mapred`, as an installation has them."""
    directory = tmp_path_factory.mktemp("installed") / "bin"
    directory.mkdir()
    for name in ("hadoop", "hdfs", "mapred"):
        file = directory / name
        file.write_text(_COMMAND.format(python=sys.executable, paths=sys.path, name=name))
        file.chmod(0o755)
    package = directory.parent / "lib/site-packages/pyrite/deploy/hadoop_home"
    shutil.copytree(ROOT / "src/pyrite/deploy/hadoop_home", package)
    return directory


@pytest.fixture(scope="session")
def mrjob_python(tmp_path_factory):
    """The Python of an environment that has mrjob and nothing of Pyrite."""
    directory = tmp_path_factory.mktemp("mrjob")
    subprocess.run([sys.executable, "-m", "venv", directory], check=True)
    python = directory / "bin/python"
    lock = HERE / "mrjob.lock"
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", lock]
    done = subprocess.run([*install, "--require-hashes"], capture_output=True, text=True)
    if done.returncode and "CI" not in os.environ:
        pytest.skip(f"mrjob cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return python
