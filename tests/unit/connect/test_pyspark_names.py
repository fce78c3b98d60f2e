"""What ``import pyrite`` gives to ``pyspark``, seen from fresh interpreters."""

import importlib
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import pyrite
from pyrite.connect import pyspark_names

SOURCES = str(Path(pyrite.__file__).parents[1])
HEAVY = ("numpy", "pandas", "pyarrow", "duckdb", "grpc", "ray", "rich", "fsspec", "IPython")


def run_python(program: str, *path: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a new interpreter that finds Pyrite, and ``path`` before the rest."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={"PYTHONPATH": ":".join([*path, SOURCES])},
        capture_output=True,
        text=True,
        check=False,
    )


def test_importing_pyrite_loads_nothing_heavy() -> None:
    result = run_python(
        f"""
        import sys, pyrite
        print([name for name in {HEAVY} if name in sys.modules])
        print(sorted(name for name in sys.modules if name.startswith("pyrite.core.")))
        """
    )
    light = "['pyrite.core.errors', 'pyrite.core.inheritable_thread', 'pyrite.core.task_context']"
    assert result.stdout == f"[]\n{light}\n", result.stderr


def test_the_client_stays_remote_only() -> None:
    result = run_python(
        """
        import pyrite, pyspark.core
        from pyspark.sql import is_remote
        from pyspark.util import is_remote_only
        print(is_remote_only(), is_remote())
        """
    )
    assert result.stdout == "True True\n", result.stderr


def test_it_does_not_matter_which_package_is_imported_first() -> None:
    result = run_python(
        """
        import pyspark, pyrite, pyspark.rdd, pyspark.core.rdd
        print(pyspark.rdd is pyspark.core.rdd, "SparkContext" in dir(pyspark))
        """
    )
    assert result.stdout == "True True\n", result.stderr


@pytest.mark.parametrize("name", sorted(pyspark_names._CORE_MODULES))
def test_old_and_new_paths_are_one_module_that_holds_our_names(name: str) -> None:
    old = importlib.import_module(f"pyspark.{name}")
    new = importlib.import_module(f"pyspark.core.{name}")
    assert old is new
    for public, home in pyspark_names._CORE_MODULES[name].items():
        ours = getattr(old, public)
        assert ours is getattr(importlib.import_module(home), public)
        assert public in dir(old)


@pytest.mark.parametrize("name", importlib.import_module("pyspark").__all__)
def test_everything_public_in_pyspark_can_be_imported(name: str) -> None:
    assert getattr(importlib.import_module("pyspark"), name) is not None


@pytest.mark.parametrize("name", ["TaskContext", "BarrierTaskContext", "BarrierTaskInfo"])
def test_task_contexts_are_ours(name: str) -> None:
    ours = getattr(importlib.import_module("pyrite.core.task_context"), name)
    assert getattr(importlib.import_module("pyspark"), name) is ours
    assert getattr(importlib.import_module("pyspark.taskcontext"), name) is ours


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"module 'pyspark\.core\.rdd' has no attribute 'RDE'"):
        importlib.import_module("pyspark.rdd").RDE  # noqa: B018
    with pytest.raises(ImportError, match="cannot import name 'Sparkle' from 'pyspark'"):
        exec("from pyspark import Sparkle")


def test_installing_again_changes_nothing() -> None:
    import pyspark

    before = pyspark.core
    pyspark_names.install(dict)
    assert pyspark.core is before


def test_a_full_pyspark_is_refused_with_the_way_out(tmp_path: Path) -> None:
    package = tmp_path / "pyspark"
    (package / "jars").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('imported')")
    result = run_python("import pyrite", str(tmp_path))
    assert result.returncode == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("ImportError: The full PySpark, with its own JVM engine, is in")
    assert "pip uninstall --yes pyspark" in last
    assert str(package) in last


START = """
    import pyrite, atexit, sys, threading, time
    from pyspark.sql import SparkSession
    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    spark = builder.getOrCreate()
"""


@pytest.mark.parametrize(
    ("ending", "code", "message"),
    [
        ("print(spark.range(2).count())", 0, ""),
        ("rows = spark.range(1_000_000).toLocalIterator(); next(rows); print(2)", 0, ""),
        ("print(spark.range(2).rdd.count()); sys.exit(3)", 3, ""),
        ("atexit.register(lambda: print(spark.range(2).count()))", 0, ""),
        ("print(spark.range(2).count()); raise ValueError('x')", 1, "ValueError: x"),
        (
            "threading.Thread(target=time.sleep, args=(100,), daemon=True).start(); "
            "print(spark.range(2).count())",
            0,
            "",
        ),
    ],
)
def test_a_program_that_stops_nothing_ends(ending: str, code: int, message: str) -> None:
    result = run_python(textwrap.dedent(START) + ending)
    assert (result.returncode, result.stdout) == (code, "2\n"), result.stderr
    assert result.stderr.strip().endswith(message)
    assert message or not result.stderr
