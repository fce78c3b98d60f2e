import errno
import os
import shutil
import subprocess
import sys

import fsspec
import pytest

from pyrite.core.errors import (
    InvalidInputException,
    SparkException,
    SparkIllegalArgumentException,
)
from pyrite.core.hadoop.filesystem import file_system, qualify
from pyrite.core.hadoop.input_paths import list_input_files, split_paths

RECURSIVE = {"mapreduce.input.fileinputformat.input.dir.recursive": "true"}


@pytest.fixture
def tree(tmp_path):
    for name in ("d/a.txt", "d/b.txt", "d/_h", "d/.h", "e/a.txt", "nest/x", "nest/sub/y"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True, parents=True)
        file.write_text(name)
    return tmp_path


def names(tree, paths, conf=None):
    prefix = f"file:{tree}/"
    return [f.path.removeprefix(prefix) for f in list_input_files(paths, conf or {})]


def test_directory_stands_for_its_visible_files(tree):
    assert sorted(names(tree, f"{tree}/d")) == ["d/a.txt", "d/b.txt"]


def test_directory_keeps_the_order_of_the_disk(tree):
    on_disk = [name for name in os.listdir(tree / "d") if name[0] not in "_."]
    assert names(tree, f"{tree}/d") == ["d/" + name for name in on_disk]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("d/*", ["d/a.txt", "d/b.txt"]),
        ("d/{b,a}.txt,e/a.txt", ["d/a.txt", "d/b.txt", "e/a.txt"]),
        ("{d/b,e/a}.txt", ["d/b.txt", "e/a.txt"]),
        ("d/[a-b].txt", ["d/a.txt", "d/b.txt"]),
        ("d/[^a].txt", ["d/b.txt"]),
        ("d/[!a].txt", ["d/b.txt"]),
        ("?/a.t{xt,}", ["d/a.txt", "e/a.txt"]),
        ("d/b.txt,d/a.txt", ["d/b.txt", "d/a.txt"]),
        ("[de]", ["d/a.txt", "d/b.txt", "e/a.txt"]),
    ],
)
def test_globs(tree, pattern, expected):
    paths = ",".join(f"{tree}/{part}" for part in split_paths(pattern))
    got = names(tree, paths)
    assert (sorted(got) if pattern == "[de]" else got) == expected


def test_missing_paths_are_all_named(tree):
    with pytest.raises(InvalidInputException) as error:
        list_input_files(f"{tree}/nope,{tree}/zip*,{tree}/d/_h", {})
    assert str(error.value).split("\n") == [
        f"Input path does not exist: file:{tree}/nope",
        f"Input Pattern file:{tree}/zip* matches 0 files",
        f"Input path does not exist: file:{tree}/d/_h",
    ]


def test_nested_directory_needs_the_recursive_setting(tree):
    with pytest.raises(SparkException, match=r"/nest/sub is a directory, which is not supported"):
        list_input_files(f"{tree}/nest", {})
    assert sorted(names(tree, f"{tree}/nest", RECURSIVE)) == ["nest/sub/y", "nest/x"]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("[a", "Unclosed character class at pos 2: `[a`"),
        ("{a", "Unclosed group at pos 2: `{a`"),
    ],
)
def test_malformed_glob(tree, pattern, message):
    with pytest.raises(SparkException) as error:
        list_input_files(f"{tree}/{pattern}", {})
    assert str(error.value) == f"Illegal file pattern: error parsing regexp: {message}"


def test_unknown_scheme():
    with pytest.raises(SparkException, match='No FileSystem for scheme "zzz"'):
        list_input_files("zzz://a/b", {})


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(SparkException, match="Install the package s3fs"):
        list_input_files("s3a://a/b", {})


def test_empty_path():
    with pytest.raises(SparkIllegalArgumentException, match="Can not create a Path from an empty"):
        list_input_files("", {})


def test_memory_files():
    memory = fsspec.filesystem("memory")
    memory.pipe({"/in/a": b"1", "/in/_b": b"2", "/in/c": b"333"})
    try:
        files = list_input_files("memory://in", {})
        assert [(f.path, f.length) for f in files] == [("memory://in/a", 1), ("memory://in/c", 3)]
        assert [f.name for f in list_input_files("memory://in/[a-b]", {})] == ["a"]
    finally:
        memory.rm("/in", recursive=True)


@pytest.mark.parametrize("root", ["file", "memory"])
def test_narrow_interface(root, tmp_path):
    base = f"memory://{tmp_path.name}" if root == "memory" else qualify(str(tmp_path))
    fs = file_system(base)
    with fs.create(f"{base}/x/y/one") as file:
        file.write(b"hello")
    assert fs.status(f"{base}/x/y/one").length == 5
    assert fs.status(f"{base}/x/y").is_directory
    assert fs.status(f"{base}/nope") is None
    fs.rename(f"{base}/x/y", f"{base}/x/z")
    assert [s.path for s in fs.list_status(f"{base}/x")] == [f"{base}/x/z"]
    with fs.open(f"{base}/x/z/one") as file:
        file.seek(1)
        assert file.read() == b"ello"
    fs.delete(f"{base}/x")
    fs.delete(f"{base}/x")
    assert fs.status(f"{base}/x/z/one") is None


def test_delete_goes_on_when_a_directory_is_still_written_to(tmp_path, monkeypatch):
    (tmp_path / "d").mkdir()
    real, calls = shutil.rmtree, []

    def busy_once(name):
        calls.append(name)
        if len(calls) == 1:
            raise OSError(errno.ENOTEMPTY, "Directory not empty")
        real(name)

    monkeypatch.setattr(shutil, "rmtree", busy_once)
    file_system("file:/").delete(f"file:{tmp_path}/d")
    assert len(calls) == 2
    assert not (tmp_path / "d").exists()


def test_qualify_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert qualify("a//b/./c/") == f"file:{tmp_path}/a/b/c"


def test_local_paths_do_not_import_fsspec(tmp_path):
    code = (
        "import sys; from pyrite.core.hadoop.input_paths import list_input_files as f;"
        f"f({str(tmp_path)!r}, {{}}); assert 'fsspec' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
