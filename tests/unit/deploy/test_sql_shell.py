"""The SQL shell: rows for scripts, messages for people."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

import pyrite
from pyrite.deploy.sql_shell import SqlShell, SqlShellOptions

SOURCES = str(Path(pyrite.__file__).parents[1])


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    session = (
        SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    )
    yield session
    session.stop()


def run(spark: Any, **options: Any) -> tuple[int, str, str]:
    output, messages = io.StringIO(), io.StringIO()
    code = SqlShell(spark, SqlShellOptions(**options), output, messages).run()
    return code, output.getvalue(), messages.getvalue()


def test_rows_are_separated_by_tabs_as_hive_writes_them(spark: Any) -> None:
    statement = (
        "SELECT 1, NULL, 'a b', true, 1.50, 1e10D, DATE'2020-01-02', X'41', "
        "array(1, NULL), array('a', NULL), map('k', 1), named_struct('x', 'y', 'z', NULL)"
    )
    code, output, messages = run(spark, statements=(statement,))
    assert code == 0
    assert output == (
        "1\tNULL\ta b\ttrue\t1.50\t1.0E10\t2020-01-02\tA\t"
        '[1,null]\t["a",null]\t{"k":1}\t{"x":"y","z":null}\n'
    )
    assert messages.startswith("Time taken: ")
    assert messages.endswith(" seconds, Fetched 1 row(s)\n")


def test_a_failure_ends_it_with_one(spark: Any) -> None:
    code, output, messages = run(
        spark, statements=("SELECT 1; SELECT nothing; SELECT 2",), silent=True
    )
    assert (code, output) == (1, "1\n")
    assert "UNRESOLVED_COLUMN" in messages


def test_silent_says_nothing_of_time(spark: Any) -> None:
    assert run(spark, statements=("SELECT 1; SELECT 2",), silent=True) == (0, "1\n2\n", "")


def test_names_of_columns_when_asked_for(spark: Any) -> None:
    spark.conf.set("spark.sql.cli.print.header", "true")
    try:
        assert run(spark, statements=("SELECT 1 AS a, 2 AS b",))[1] == "a\tb\n1\t2\n"
    finally:
        spark.conf.unset("spark.sql.cli.print.header")


def test_files_and_variables(spark: Any, tmp_path: Path) -> None:
    first, second = tmp_path / "first.sql", tmp_path / "second.sql"
    first.write_text("SELECT 'first' -- a file's last statement needs no semicolon")
    second.write_text(f"source {first};\nSELECT ${{n}};")
    code, output, _ = run(spark, file=str(second), variables={"n": "5"})
    assert (code, output) == (0, "first\n5\n")
    code, _, messages = run(spark, file=str(tmp_path / "none.sql"))
    assert code == 1
    assert "none.sql" in messages


def test_variables_are_settings_of_the_session(spark: Any) -> None:
    statement = "SELECT '${n}', '${hivevar:n}', '${hiveconf:n}', '${none}'; SET n"
    assert run(spark, statements=(statement,), variables={"n": "a=b"}, silent=True) == (
        0,
        "a=b\ta=b\ta=b\t\nn\ta=b\n",
        "",
    )
    spark.conf.unset("n")
    statement = "SET hivevar:n=7; SELECT '${n}', '${hivevar:n}'"
    assert run(spark, statements=(statement,), silent=True)[1] == "hivevar:n\t7\n7\t7\n"
    spark.conf.unset("n")
    fixed = "spark.executor.memory"
    code, output, messages = run(spark, statements=("SELECT 1",), variables={fixed: "1g"})
    assert (code, output) == (1, "")
    assert fixed in messages


def test_quit_leaves_the_rest(spark: Any) -> None:
    assert run(spark, statements=("SELECT 1; quit; SELECT 2",))[1] == "1\n"


def test_statements_come_through_a_pipe_and_go_on_after_a_mistake(tmp_path: Path) -> None:
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK", "PYSPARK"))}
    result = subprocess.run(
        [sys.executable, "-m", "pyrite", "sql", "--master", "local[2]", "-S"],
        cwd=tmp_path,
        env=inherited | {"PYTHONPATH": SOURCES, "HOME": str(tmp_path)},
        input="SELECT 'one;\ntwo';\nSELECT nothing;\nSELECT 3",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.stdout == "one;\ntwo\n3\n"
    assert result.stderr.count("UNRESOLVED_COLUMN") == 1
    assert result.returncode == 0
