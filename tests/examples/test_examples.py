"""Every example, run as a person runs it, with its whole output.

The expected texts are what the same programs print on PySpark.
"""

import importlib.util
import os
import re
import subprocess
import sys
import sysconfig
from collections import Counter
from pathlib import Path

import pytest

import pyrite

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SOURCES = str(Path(pyrite.__file__).parents[1])


def run(name: str, *arguments: str | Path, master: str = "local[2]") -> str:
    """Run an example with ``pyrite submit`` and return what it prints."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SPARK", "PYSPARK"))}
    result = subprocess.run(
        [sys.executable, "-m", "pyrite", "submit", "--master", master, EXAMPLES / name, *arguments],
        env=environment | {"PYTHONPATH": SOURCES, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""  # no progress bar and no warning, since nobody watches
    return result.stdout


def test_every_example_is_tested() -> None:
    tests = Path(__file__).read_text(encoding="utf-8")
    assert [path.name for path in EXAMPLES.glob("*.py") if f'"{path.name}"' not in tests] == []


def test_word_count_of_files_named(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.py").write_text("def walk(): run\n" * 3)
    (tmp_path / "inner" / "b.py").write_text("def run(x): run  # x is short\n")
    (tmp_path / "inner" / "c.txt").write_text("not counted")
    assert run("word_count.py", tmp_path).splitlines() == [
        "14 words, 5 of them different, in 2 files",
        "",
        "  run           5  ████████████████████████████████",
        "  def           4  █████████████████████████",
        "  walk          3  ███████████████████",
        "  is            1  ██████",
        "  short         1  ██████",
    ]


def test_word_count_of_the_standard_library() -> None:
    counted: Counter[str] = Counter()
    files = 0
    for path in Path(sysconfig.get_paths()["stdlib"]).rglob("*.py"):
        if "site-packages" not in path.parts and path.name[0] not in "_.":
            files += 1
            counted.update(re.findall(r"[A-Za-z_]\w+", path.read_text("utf-8", "replace")))
    lines = run("word_count.py").splitlines()
    assert lines[0] == (
        f"{counted.total():,} words, {len(counted):,} of them different, in {files:,} files"
    )
    top = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:15]
    assert [tuple(line.split()[:2]) for line in lines[2:]] == [(w, f"{n:,}") for w, n in top]


def test_log_analyzer() -> None:
    assert run("log_analyzer.py").splitlines() == [
        "payments        9",
        "storefront      7",
        "messages        4",
        "no team: test-9",
    ]


def test_csv_mapreduce() -> None:
    assert run("csv_mapreduce.py").splitlines() == [
        "country           revenue  orders      mean",
        "Chile             2924.63      10    292.46",
        "Denmark           1692.38       8    211.55",
        "Kenya             1186.37       9    131.82",
        "Korea, South      2526.38      13    194.34",
    ]


def test_pi() -> None:
    assert run("pi.py") == "Pi is roughly 3.1423\n"


def test_sort() -> None:
    numbers = [int(word) for word in (EXAMPLES / "data" / "numbers.txt").read_text().split()]
    assert [int(line) for line in run("sort.py").splitlines()] == sorted(numbers)


def test_stats() -> None:
    assert run("stats.py").splitlines() == [
        "10000 values from 0.5 to 99.4",
        "mean 53.371, standard deviation 20.438",
        "   0 to 20      617  ███████",
        "  20 to 40     2011  ████████████████████████",
        "  40 to 60     3317  ████████████████████████████████████████",
        "  60 to 80     3070  █████████████████████████████████████",
        "  80 to 100     985  ███████████",
    ]


def test_kmeans() -> None:
    assert run("kmeans.py").splitlines() == [
        "3 rounds",
        "centre (  0.01,  -0.01) with 1001 points",
        "centre (  2.99,   8.96) with 1000 points",
        "centre (  8.02,   0.91) with 999 points",
    ]


def test_pagerank_of_three_modules(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import b, c")
    (tmp_path / "b.py").write_text("import c.d\nfrom a import x")
    (tmp_path / "c.py").write_text("from a import y\nfrom . import z")
    assert run("pagerank.py", tmp_path).splitlines() == [
        "a                   1.298",
        "c                   1.000",
        "b                   0.702",
    ]


def test_pagerank_of_the_standard_library() -> None:
    ranks = {name: float(rank) for name, rank in map(str.split, run("pagerank.py").splitlines())}
    assert len(ranks) == 10
    assert list(ranks.values()) == sorted(ranks.values(), reverse=True)
    assert {"sys", "os", "re"} <= set(ranks)


@pytest.mark.skipif(importlib.util.find_spec("sklearn") is None, reason="needs scikit-learn")
def test_sgd_with_scikit_learn() -> None:
    lines = run("sgd_sklearn.py", "3").splitlines()
    assert [line.split(",")[0] for line in lines] == [
        "round 1: 4 models averaged",
        "round 2: 4 models averaged",
        "round 3: 4 models averaged",
    ]
    assert all(float(line.split()[-1]) > 0.85 for line in lines)


def test_sales_report() -> None:
    assert run("sales_report.py").splitlines() == [
        "+-------------+------------+-------+------+-------+-------+",
        "|    continent|     country|revenue|orders|largest|percent|",
        "+-------------+------------+-------+------+-------+-------+",
        "|South America|       Chile|2924.63|    10| 668.64|   35.1|",
        "|         Asia|Korea, South|2526.38|    13| 419.34|   30.3|",
        "|       Europe|     Denmark|1692.38|     8| 712.62|   20.3|",
        "|       Africa|       Kenya|1186.37|     9| 336.42|   14.2|",
        "+-------------+------------+-------+------+-------+-------+",
        "",
        "+------------+------------+-------+----+",
        "|     country|        item|revenue|rank|",
        "+------------+------------+-------+----+",
        "|       Chile|  chair, oak|1239.72|   1|",
        "|       Chile|        desk| 798.57|   2|",
        '|     Denmark|a "good" pen|  960.9|   1|',
        "|     Denmark|        lamp| 679.32|   2|",
        "|       Kenya|        lamp|  560.9|   1|",
        "|       Kenya|        desk| 377.57|   2|",
        "|Korea, South|        desk|1005.15|   1|",
        '|Korea, South|a "good" pen| 848.37|   2|',
        "+------------+------------+-------+----+",
        "",
    ]


def test_sql_over_requests() -> None:
    assert run("requests_sql.py").splitlines() == [
        "+-------+--------+------+-----+-----+",
        "|   page|requests|failed| mean|worst|",
        "+-------+--------+------+-----+-----+",
        "|/search|      11|     1|111.3|  192|",
        "|  /cart|       3|     2| 23.0|   33|",
        "|      /|       8|     3| 16.9|   40|",
        "+-------+--------+------+-----+-----+",
        "",
        "ada: 6 pages in 2 visits: /, /cart, /help, /search",
        "bob: 8 pages in 4 visits: /, /cart, /search",
        "eve: 10 pages in 2 visits: /, /cart, /help, /search",
    ]


def test_from_rdd_to_frame_and_back() -> None:
    assert run("frames_and_rdds.py").splitlines() == [
        "root",
        " |-- name: string (nullable = true)",
        " |-- hour: long (nullable = true)",
        " |-- fruit: string (nullable = true)",
        " |-- change: long (nullable = true)",
        "",
        "1 apples, 4 pears, 6 plums (rare)",
        "+----+-----+----+",
        "|name|fruit|peak|",
        "+----+-----+----+",
        "| bob| plum|   4|",
        "| eve| pear|   5|",
        "| eve| plum|   2|",
        "+----+-----+----+",
        "",
    ]
