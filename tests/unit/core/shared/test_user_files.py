"""Files, modules and archives added to an application."""

import http.server
import importlib
import io
import os
import stat
import sys
import tarfile
import threading
import zipfile

import pytest

from pyrite.core.errors import SparkException
from pyrite.core.shared.files import SparkFiles, UserFiles, put_on_sys_path


@pytest.fixture
def added(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    files = UserFiles(str(tmp_path / "root"))
    SparkFiles._use(files.root)
    yield files
    SparkFiles._use(None)


def write(path, text="text"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def read(name):
    with open(SparkFiles.get(name)) as file:
        return file.read()


def test_spark_files_needs_a_context():
    with pytest.raises(AssertionError):
        SparkFiles.get("x")
    with pytest.raises(NotImplementedError, match="Do not construct SparkFiles objects"):
        SparkFiles()


def test_an_added_file_is_found(added, tmp_path):
    path = write(tmp_path / "data.txt", "hello")
    assert added.add_file(path) == "data.txt"
    assert read("data.txt") == "hello"
    assert SparkFiles.getRootDirectory() == added.root
    assert added.list_files() == [f"file:{path}"]
    assert SparkFiles.get("missing") == os.path.join(added.root, "missing")


def test_file_urls_are_listed_as_given(added, tmp_path):
    path = write(tmp_path / "data.txt", "hello")
    added.add_file(f"file://{path}")
    assert added.list_files() == [f"file://{path}"]
    assert read("data.txt") == "hello"


def test_relative_paths(added, tmp_path, monkeypatch):
    path = write(tmp_path / "data.txt")
    monkeypatch.chdir(tmp_path)
    added.add_file("data.txt")
    assert added.list_files() == [f"file:{path}"]


def test_a_path_added_again_is_ignored(added, tmp_path):
    path = write(tmp_path / "data.txt", "old")
    added.add_file(path)
    write(tmp_path / "data.txt", "new")
    added.add_file(path)
    assert read("data.txt") == "old"
    assert len(added.list_files()) == 1


def test_another_file_of_the_same_name(added, tmp_path):
    added.add_file(write(tmp_path / "one" / "data.txt", "one"))
    added.add_file(write(tmp_path / "same" / "data.txt", "one"))
    other = write(tmp_path / "two" / "data.txt", "two")
    message = rf"File {added.root}/data.txt exists and does not match contents of file:{other}"
    with pytest.raises(SparkException, match=message):
        added.add_file(other)
    assert read("data.txt") == "one"
    assert len(added.list_files()) == 2
    assert os.listdir(added.root) == ["data.txt"]


def test_overwriting_when_asked_to(tmp_path):
    files = UserFiles(str(tmp_path / "root"), overwrite=True)
    for name in ("one", "two"):
        files.add_file(write(tmp_path / name / "data.txt", name))
    assert (tmp_path / "root" / "data.txt").read_text() == "two"


def test_directories_need_recursive(added, tmp_path):
    write(tmp_path / "dir" / "a" / "b.txt", "b")
    write(tmp_path / "dir" / "c.txt", "c")
    directory = str(tmp_path / "dir")
    with pytest.raises(SparkException, match=r"\[UNSUPPORTED_ADD_FILE.DIRECTORY\].*recursive"):
        added.add_file(directory)
    assert os.listdir(added.root) == []
    for _ in range(2):
        added.add_file(directory, recursive=True)
    assert added.list_files() == [f"file:{directory}/"]
    assert (read("dir/a/b.txt"), read("dir/c.txt")) == ("b", "c")


@pytest.mark.parametrize("add", ["add_file", "add_py_file", "add_archive"])
def test_missing_files(added, tmp_path, add):
    with pytest.raises(FileNotFoundError, match=rf"File file:{tmp_path}/nope does not exist"):
        getattr(added, add)(str(tmp_path / "nope"))
    assert added.list_files() == added.list_archives() == []


def test_unknown_schemes(added):
    with pytest.raises(SparkException, match='No FileSystem for scheme "zzz"'):
        added.add_file("zzz://host/file")


def test_other_file_systems(added):
    import fsspec

    with fsspec.open("memory://bucket/remote.txt", "w") as file:
        file.write("far")
    added.add_file("memory://bucket/remote.txt")
    assert read("remote.txt") == "far"
    assert added.list_files() == ["memory://bucket/remote.txt"]


def test_web_addresses(added, tmp_path):
    write(tmp_path / "site" / "page.txt", "web")

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(tmp_path / "site"))

        def log_message(self, *args):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            root = f"http://127.0.0.1:{server.server_port}"
            added.add_file(f"{root}/page.txt")
            with pytest.raises(FileNotFoundError, match="404"):
                added.add_file(f"{root}/nope.txt")
        finally:
            server.shutdown()
            thread.join()
    assert read("page.txt") == "web"


def test_python_modules_and_packages(added, tmp_path):
    added.add_py_file(write(tmp_path / "pyrite_test_module.py", "VALUE = 1"))
    package = tmp_path / "pyrite_test_package.zip"
    with zipfile.ZipFile(package, "w") as file:
        file.writestr("pyrite_test_package/__init__.py", "VALUE = 2")
    added.add_py_file(str(package))
    assert added.python_path() == [f"{added.root}/pyrite_test_package.zip", added.root]
    assert sys.path[1:3] == added.python_path()
    assert importlib.import_module("pyrite_test_module").VALUE == 1
    assert importlib.import_module("pyrite_test_package").VALUE == 2


def test_sys_path_gets_each_entry_once(monkeypatch):
    monkeypatch.setattr(sys, "path", ["here", "lib"])
    put_on_sys_path(["a.zip", "root"])
    put_on_sys_path(["a.zip", "root"])
    assert sys.path == ["here", "a.zip", "root", "lib"]


def zipped(path, entries):
    with zipfile.ZipFile(path, "w") as file:
        for name, text in entries.items():
            file.writestr(name, text)
    return str(path)


def tarred(path, entries, mode="w"):
    with tarfile.open(path, mode) as file:
        for entry, text in entries:
            if isinstance(entry, str):
                entry = tarfile.TarInfo(entry)
            entry.size = len(text)
            file.addfile(entry, io.BytesIO(text.encode()))
    return str(path)


@pytest.mark.parametrize("name", ["a.zip", "a.jar", "a.tar", "a.tar.gz", "a.tgz", "A.ZIP"])
@pytest.mark.parametrize("alias", ["", "env"])
def test_archives_are_unpacked(added, tmp_path, name, alias):
    path = tmp_path / name
    if name.lower().endswith(("zip", "jar")):
        zipped(path, {"in/x.txt": "x", "y.txt": "y"})
    else:
        tarred(path, [("in/x.txt", "x"), ("y.txt", "y")], "w" if name == "a.tar" else "w:gz")
    address = f"{path}#{alias}" if alias else str(path)
    for _ in range(2):
        assert added.add_archive(address) == (alias or name)
    assert added.list_archives() == [f"file:{address}"]
    assert added.list_files() == []
    assert read(f"{alias or name}/in/x.txt") == "x"
    assert read(f"{alias or name}/y.txt") == "y"
    assert os.listdir(added.root) == [alias or name]


def test_other_files_and_directories_may_be_added_as_archives(added, tmp_path):
    added.add_archive(write(tmp_path / "plain.txt", "p"))
    write(tmp_path / "dir" / "a.txt", "a")
    added.add_archive(str(tmp_path / "dir"))
    assert read("plain.txt") == "p"
    assert read("dir/a.txt") == "a"


def test_scripts_in_zips_stay_executable(added, tmp_path):
    entry = zipfile.ZipInfo("run.sh")
    entry.external_attr = (stat.S_IFREG | 0o755) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr(entry, "#!/bin/sh")
    added.add_archive(str(tmp_path / "a.zip"))
    assert os.access(SparkFiles.get("a.zip/run.sh"), os.X_OK)


def link(name, target):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    return entry


@pytest.mark.parametrize(
    "entries",
    [
        [("../evil.txt", "x")],
        [("in/../../evil.txt", "x")],
        [(link("out", "../.."), ""), ("out/evil.txt", "x")],
    ],
    ids=["parent", "hidden parent", "through a link"],
)
def test_tars_cannot_leave_their_directory(added, tmp_path, entries):
    path = tarred(tmp_path / "evil.tar", entries)
    with pytest.raises(SparkException, match=r"Cannot unpack archive evil\.tar"):
        added.add_archive(path)
    assert os.listdir(added.root) == []
    assert not list(tmp_path.rglob("evil.txt"))
    assert added.list_archives() == []


@pytest.mark.parametrize("name", ["../evil.txt", "/tmp/../evil.txt", "in/../../evil.txt"])
def test_zips_cannot_leave_their_directory(added, tmp_path, name):
    path = zipped(tmp_path / "evil.zip", {name: "x"})
    with pytest.raises(SparkException, match=r"Cannot unpack archive evil\.zip.*outside"):
        added.add_archive(path)
    assert os.listdir(added.root) == []
    assert not list(tmp_path.rglob("evil.txt"))


@pytest.mark.parametrize("name", ["bad.zip", "bad.tar", "bad.tgz"])
def test_damaged_archives(added, tmp_path, name):
    with pytest.raises(SparkException, match=rf"Cannot unpack archive {name}"):
        added.add_archive(write(tmp_path / name, "no archive at all"))
    assert os.listdir(added.root) == []


def test_links_to_elsewhere_inside_a_packed_environment_are_kept(added, tmp_path):
    path = tarred(tmp_path / "env.tar", [(link("bin/python", sys.executable), "")])
    added.add_archive(f"{path}#env")
    assert os.readlink(SparkFiles.get("env/bin/python")) == sys.executable
