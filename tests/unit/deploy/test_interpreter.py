"""The Python that runs a program may be chosen, as with spark-submit."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import pyrite
from pyrite.deploy.interpreter import wanted_python

SOURCES = str(Path(pyrite.__file__).parents[1])
SUBMIT = "from pyrite.deploy.cli import spark_submit; spark_submit()"
APP = "import os, sys\nprint(sys.argv, sys.executable, 'PYRITE_IS_WANTED_PYTHON' in os.environ)"


def submit(tmp_path, *words, **variables):
    (tmp_path / "app.py").write_text(APP)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK", "PYSPARK"))}
    return subprocess.run(
        [sys.executable, "-c", SUBMIT, *words],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": SOURCES, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def wrapper(tmp_path):
    """A program that is Python under another name, and says that it was called."""
    path = tmp_path / "my python"
    path.write_text(f'#!/bin/sh\necho wrapped\nexec "{sys.executable}" "$@"\n')
    path.chmod(0o755)
    return str(path)


def test_settings_win_over_the_environment_and_the_drivers_own_over_the_others():
    variables = {"PYSPARK_PYTHON": "d", "PYSPARK_DRIVER_PYTHON": "c"}
    settings = {"spark.pyspark.python": "b", "spark.pyspark.driver.python": "a"}
    assert wanted_python(settings, variables) == ("spark.pyspark.driver.python", "a")
    del settings["spark.pyspark.driver.python"]
    assert wanted_python(settings, variables) == ("spark.pyspark.python", "b")
    assert wanted_python({}, variables) == ("PYSPARK_DRIVER_PYTHON", "c")
    assert wanted_python({}, {"PYSPARK_PYTHON": "d"}) == ("PYSPARK_PYTHON", "d")
    assert wanted_python({}, {"PYSPARK_PYTHON": ""}) is None


@pytest.mark.parametrize("variable", ["PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON"])
def test_another_python_runs_the_program_once(tmp_path, wrapper, variable):
    result = submit(tmp_path, "-c", "spark.a=b c", "app.py", "x y", "--z", **{variable: wrapper})
    expected = f"wrapped\n{['app.py', 'x y', '--z']} {sys.executable} False\n"
    assert (result.stdout, result.stderr, result.returncode) == (expected, "", 0)


def test_a_setting_chooses_too(tmp_path, wrapper):
    words = ["--jars", "x.jar", "-c", f"spark.pyspark.python={wrapper}", "app.py"]
    result = submit(tmp_path, *words, PYSPARK_PYTHON="/nowhere/python")
    assert result.stdout.startswith("wrapped\n['app.py']")
    assert result.stderr.count("is for the JVM") == 1


def test_this_python_goes_on_by_itself(tmp_path):
    result = submit(tmp_path, "app.py", PYSPARK_PYTHON=sys.executable)
    assert result.stdout == f"['app.py'] {sys.executable} False\n"


def test_a_python_that_is_not_there_is_named(tmp_path):
    result = submit(tmp_path, "app.py", PYSPARK_DRIVER_PYTHON="/nowhere/python")
    assert result.returncode == 1
    assert 'Cannot run program "/nowhere/python", which PYSPARK_DRIVER_PYTHON' in result.stderr


def test_a_python_without_pyrite_is_named(tmp_path):
    venv.create(tmp_path / "bare", symlinks=True)
    python = str(tmp_path / "bare" / "bin" / "python")
    result = submit(tmp_path, "app.py", PYSPARK_PYTHON=python)
    assert result.returncode == 1
    assert result.stderr.startswith(
        f"Error: PYSPARK_PYTHON is {python}, which cannot import Pyrite"
    )
