"""A task finds what the job ships in a directory of its own."""

import os
import zipfile

import pytest

from pyrite.core.errors import SparkException
from pyrite.mapreduce.hadoop_streaming.working_directory import ShippedFiles, WorkingDirectory


@pytest.fixture
def source(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.py").write_text("#!/bin/sh\necho a\n")
    (source / "words.txt").write_text("a b")
    (source / "lib").mkdir()
    (source / "lib" / "b.py").write_text("b = 1")
    with zipfile.ZipFile(source / "data.zip", "w") as archive:
        archive.writestr("inner/c.txt", "c")
    return source


def ship(tmp_path, files=(), archives=()):
    return ShippedFiles.fetch(
        str(tmp_path / "shipped"), [str(path) for path in files], [str(path) for path in archives]
    )


def test_files_are_there_under_their_names_and_can_be_run(source, tmp_path):
    shipped = ship(tmp_path, [source / "a.py", f"{source}/words.txt#dictionary", source / "lib"])
    assert shipped.files == ("a.py", "dictionary", "lib")
    with WorkingDirectory(str(tmp_path), shipped.root) as directory:
        assert sorted(os.listdir(directory.path)) == ["a.py", "dictionary", "lib"]
        assert os.access(os.path.join(directory.path, "a.py"), os.X_OK)
        with open(os.path.join(directory.path, "dictionary")) as file:
            assert file.read() == "a b"
        assert os.path.exists(os.path.join(directory.path, "lib", "b.py"))


def test_one_file_may_have_two_names(source, tmp_path):
    path = f"{source}/words.txt"
    assert ship(tmp_path, [path, f"{path}#other", path]).files == ("words.txt", "other")


def test_archives_are_unpacked(source, tmp_path):
    shipped = ship(tmp_path, archives=[source / "data.zip", f"{source}/data.zip#d"])
    assert shipped.archives == ("data.zip", "d")
    with WorkingDirectory(str(tmp_path), shipped.root) as directory:
        for name in shipped.archives:
            assert os.listdir(os.path.join(directory.path, name, "inner")) == ["c.txt"]


def test_what_a_task_leaves_in_it_goes_and_what_is_shipped_stays(source, tmp_path):
    shipped = ship(tmp_path, [source / "lib"])
    with WorkingDirectory(str(tmp_path), shipped.root) as directory:
        with open(os.path.join(directory.path, "left"), "w") as file:
            file.write("x")
        assert os.path.isdir(directory.temporary)
    assert not os.path.exists(directory.path)
    assert not os.path.exists(directory.temporary)
    assert os.path.exists(os.path.join(shipped.root, "lib", "b.py"))


def test_a_job_that_ships_nothing_makes_no_directory(tmp_path):
    shipped = ship(tmp_path)
    assert shipped.here() is None
    with WorkingDirectory(str(tmp_path), shipped.here()) as directory:
        assert os.listdir(directory.path) == []
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("files", "archives", "message"),
    [
        (["missing.py"], [], "-files .*missing.py.* does not exist"),
        ([], ["missing.zip"], "-archives .*missing.zip.* does not exist"),
        (["words.txt", "a.py#words.txt"], [], "-files .*a.py#words.txt.*another name"),
    ],
)
def test_what_cannot_be_shipped_is_named(source, tmp_path, files, archives, message):
    with pytest.raises(SparkException, match=message):
        ship(tmp_path, [source / name for name in files], [source / name for name in archives])
