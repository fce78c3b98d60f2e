"""The interactive session, spoken to through a pipe."""

import os
import subprocess
import sys
from pathlib import Path

import pyrite

SOURCES = str(Path(pyrite.__file__).parents[1])


def talk(text: str, *flags: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start the shell, say ``text`` and leave."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK", "PYSPARK"))}
    return subprocess.run(
        [sys.executable, "-m", "pyrite", "shell", "--master", "local[2]", *flags],
        cwd=cwd,
        env=inherited | {"PYTHONPATH": SOURCES, "HOME": str(cwd), **environment},
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_greets_with_a_context_and_runs_what_is_typed(tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("OFFSET = 1")
    result = talk(
        "import neighbour\n"
        "def add(n):\n"
        "    return n + neighbour.OFFSET\n"
        "\n"
        "print('sum', sc.range(10).map(add).sum())\n"
        "print('name', sc.appName, SparkContext is type(sc))\n"
        "print('rows', spark.range(3).count(), isinstance(spark, SparkSession))\n",
        cwd=tmp_path,
    )
    assert result.returncode == 0, result.stderr
    assert "sum 55" in result.stdout
    assert "name PySparkShell True" in result.stdout
    assert "rows 3 True" in result.stdout
    greeting = result.stderr.splitlines()
    assert greeting[0].startswith(f"Welcome to Pyrite {pyrite.__version__}: PySpark 4.2")
    assert any("'sc' (master = local[2], app id = local-" in line for line in greeting)


def test_a_mistake_does_not_end_the_session(tmp_path: Path) -> None:
    result = talk("1 / 0\nprint('still', 'here')\nexit(3)\n", cwd=tmp_path)
    assert "ZeroDivisionError" in result.stderr
    assert "still here" in result.stdout
    assert result.returncode == 3


def test_the_startup_file_is_run_and_may_fail(tmp_path: Path) -> None:
    startup = tmp_path / "startup.py"
    startup.write_text("count = sc.range(4).count()\nraise RuntimeError('the end')")
    result = talk("print('counted', count)\n", cwd=tmp_path, PYTHONSTARTUP=str(startup))
    assert "counted 4" in result.stdout
    assert "RuntimeError: the end" in result.stderr


def test_flags_reach_the_context(tmp_path: Path) -> None:
    result = talk(
        "print(sc.getConf().get('spark.a'), sc.appName)\n",
        *("--conf", "spark.a=1", "--name", "chat"),
        cwd=tmp_path,
    )
    assert "1 chat" in result.stdout
