"""Files that the driver shares with machines that see none of its directories."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import pyrite
from tests.clusters.conftest import wait_until


@pytest.fixture
def sc(start, ray_nodes):
    ray_nodes.restore()
    return start(ray_nodes.master, files_overwrite="true")


def everywhere(sc, function):
    """Call a function in a task on each of two machines; return the answers."""
    return sc.parallelize(range(2), 2).barrier().mapPartitions(lambda _: [function()]).collect()


def copies(tmp_path):
    """The copies of broadcasts that machines have."""
    return list(tmp_path.glob("*/driver/broadcasts/*"))


def test_broadcasts_leave_no_copies_behind(sc, tmp_path):
    def kind():
        from pyrite.core.env import SparkEnv

        return type(SparkEnv.get().network.driver_files).__name__

    assert everywhere(sc, kind) == ["FetchedFiles", "FetchedFiles"]
    for number in range(30):
        value = sc.broadcast([number])
        assert everywhere(sc, lambda value=value: value.value[0]) == [number] * 2
        {0: value.destroy, 1: value.unpersist, 2: int}[number % 3]()
    del value
    assert wait_until(lambda: not copies(tmp_path)), copies(tmp_path)
    kept = sc.broadcast(["again"])
    for _ in range(3):
        assert everywhere(sc, lambda: kept.value) == [["again"]] * 2
        kept.unpersist()
    assert everywhere(sc, lambda: kept.value) == [["again"]] * 2


def test_files_are_added_replaced_and_unpacked_on_every_machine(sc, tmp_path):
    def read(name):
        def function():
            from pyspark import SparkFiles

            with open(SparkFiles.get(name)) as file:
                return file.read()

        return everywhere(sc, function)

    def names():
        from pyspark import SparkFiles

        return sorted(os.listdir(SparkFiles.getRootDirectory()))

    assert everywhere(sc, names) == [[], []]
    source = tmp_path / "settings.txt"
    for text in ("first", "second"):
        source.write_text(text)
        directory = tmp_path / text
        directory.mkdir()
        source.rename(directory / "settings.txt")
        sc.addFile(str(directory / "settings.txt"))
        assert read("settings.txt") == [text] * 2
    (tmp_path / "tree" / "inner").mkdir(parents=True)
    (tmp_path / "tree" / "inner" / "leaf").write_text("leaf")
    sc.addFile(str(tmp_path / "tree"), recursive=True)
    assert read("tree/inner/leaf") == ["leaf"] * 2
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.writestr("model/weights.txt", "1.5")
    sc.addArchive(f"{tmp_path}/packed.zip#unpacked")
    assert read("unpacked/model/weights.txt") == ["1.5"] * 2
    assert everywhere(sc, names) == [["settings.txt", "tree", "unpacked"]] * 2


PROGRAM = """
import signal

from pyspark import SparkFiles
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()

def use(n):
    import sent_with_program
    with open(SparkFiles.get("factor.txt")) as factor, open(SparkFiles.get("box/addend")) as addend:
        return sent_with_program.double(n) * int(factor.read()) + int(addend.read())

print("rows", spark.sparkContext.parallelize([1, 2, 3], 3).map(use).collect())
print("master", spark.sparkContext.master)
print("at SIGTERM", signal.getsignal(signal.SIGTERM))
"""


def test_what_a_program_is_submitted_with_reaches_every_machine(ray_nodes, tmp_path):
    ray_nodes.restore()
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "sent_with_program.py").write_text("def double(n):\n    return 2 * n\n")
    (tmp_path / "factor.txt").write_text("10")
    with zipfile.ZipFile(tmp_path / "box.zip", "w") as archive:
        archive.writestr("addend", "7")
    command = [sys.executable, "-m", "pyrite", "submit", "--master", ray_nodes.master]
    command += ["--py-files", "sent_with_program.py", "--files", "factor.txt"]
    command += ["--archives", "box.zip#box", "--conf", f"spark.local.dir={tmp_path}", "program.py"]
    environment = {**os.environ, "PYTHONPATH": str(Path(pyrite.__file__).parents[1])}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600
    )
    assert "rows [27, 47, 67]" in done.stdout, done.stderr
    assert f"master {ray_nodes.master}" in done.stdout
    assert "at SIGTERM 0" in done.stdout  # as without Ray
    assert wait_until(lambda: not list(tmp_path.glob("pyrite-*")))
