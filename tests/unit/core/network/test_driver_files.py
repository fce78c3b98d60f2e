import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pyrite.core.network import (
    BlockClient,
    BlockServer,
    FetchedFiles,
    SharedFiles,
    remove_copy,
)

SECRET = b"secret"


@pytest.fixture
def driver(tmp_path):
    root = tmp_path / "driver"
    root.mkdir()
    server = BlockServer([str(root)], SECRET, "127.0.0.1")
    yield root, server.location
    server.stop()


@pytest.fixture
def fetched(driver, tmp_path):
    root, location = driver
    copies = tmp_path / "copies"
    client = BlockClient(SECRET, str(tmp_path))
    yield FetchedFiles(client, location, str(root), str(copies))
    client.close()


def contents(directory):
    """The texts of the files below a directory."""
    files = [path for path in Path(directory).rglob("*") if path.is_file()]
    return {str(path.relative_to(directory)): path.read_text() for path in files}


def test_on_the_drivers_machine_files_are_where_they_are(tmp_path):
    files = SharedFiles(str(tmp_path))
    assert files.local(f"{tmp_path}/x") == files.place(f"{tmp_path}/x") == f"{tmp_path}/x"
    assert files.directory(f"{tmp_path}/x", 1) == f"{tmp_path}/x"
    with files.writing(f"{tmp_path}/results/1") as path, open(path, "w") as file:
        file.write("result")
    assert (tmp_path / "results" / "1").read_text() == "result"


def test_a_file_is_fetched_once_and_kept(driver, fetched):
    root, _ = driver
    (root / "broadcasts").mkdir()
    (root / "broadcasts" / "b0").write_text("value")
    path = fetched.local(f"{root}/broadcasts/b0")
    assert path == fetched.place(f"{root}/broadcasts/b0") != f"{root}/broadcasts/b0"
    (root / "broadcasts" / "b0").unlink()
    with open(fetched.local(f"{root}/broadcasts/b0")) as file:
        assert file.read() == "value"


def test_a_directory_gets_what_was_added_to_it(driver, fetched, tmp_path):
    root, _ = driver
    (root / "files" / "package").mkdir(parents=True)
    (root / "files" / "package" / "__init__.py").write_text("x = 1")
    here = fetched.directory(f"{root}/files", 1)
    (root / "files" / "later.py").write_text("y = 2")
    assert fetched.directory(f"{root}/files", 1) == here
    assert contents(here) == {"package/__init__.py": "x = 1"}
    assert fetched.directory(f"{root}/files", 2) == here
    assert contents(here) == {"package/__init__.py": "x = 1", "later.py": "y = 2"}


def test_a_directory_gets_what_was_changed_in_it_and_nothing_else(driver, fetched):
    root, _ = driver
    archive = root / "files" / "archive"
    (archive / "bin").mkdir(parents=True)
    (archive / "empty").mkdir()
    (archive / "bin" / "run").write_text("old")
    (archive / "bin" / "run").chmod(0o755)
    (archive / "same").write_text("same")
    (archive / "latest").symlink_to("bin")
    copy = Path(fetched.directory(f"{root}/files", 1)) / "archive"
    assert (copy / "empty").is_dir()
    assert os.readlink(copy / "latest") == "bin"
    assert (copy / "latest" / "run").stat().st_mode & 0o777 == 0o755
    untouched = (copy / "same").stat().st_ino
    (archive / "bin" / "run").write_text("new")
    (archive / "latest").unlink()
    (archive / "latest").write_text("a file now")
    shutil.rmtree(archive / "empty")
    fetched.directory(f"{root}/files", 2)
    assert contents(copy) == {"bin/run": "new", "same": "same", "latest": "a file now"}
    assert (copy / "same").stat().st_ino == untouched
    assert not (copy / "empty").exists()


def test_a_fetch_that_is_cut_off_leaves_nothing_that_is_taken_for_whole(driver, fetched, tmp_path):
    root, _ = driver
    (root / "large").write_bytes(b"x" * 3_000_000)

    def killed(self, location, path, target, span=None):
        target.write(b"half")
        raise SystemExit

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BlockClient, "copy_into", killed)
        with pytest.raises(SystemExit):
            fetched.local(f"{root}/large")
    assert os.path.getsize(fetched.local(f"{root}/large")) == 3_000_000


def test_processes_that_need_a_file_at_once_fetch_it_once(driver, tmp_path, monkeypatch):
    root, location = driver
    (root / "large").write_bytes(b"x" * 3_000_000)
    clients = [BlockClient(SECRET, str(tmp_path)) for _ in range(4)]
    processes = [FetchedFiles(c, location, str(root), str(tmp_path / "copies")) for c in clients]
    fetches, copy_into = [], BlockClient.copy_into

    def counted(self, *args):
        fetches.append(args)
        copy_into(self, *args)

    monkeypatch.setattr(BlockClient, "copy_into", counted)
    with ThreadPoolExecutor(4) as pool:
        (path,) = set(pool.map(lambda files: files.local(f"{root}/large"), processes))
    assert os.path.getsize(path) == 3_000_000
    assert len(fetches) == 1
    for client in clients:
        client.close()


def test_a_copy_is_removed_and_fetched_again(driver, fetched, tmp_path):
    root, _ = driver
    (root / "broadcasts").mkdir()
    (root / "broadcasts" / "b0").write_text("value")
    remove_copy(str(tmp_path / "copies"), "broadcasts/b0")  # there is none yet
    path = fetched.local(f"{root}/broadcasts/b0")
    for _ in range(2):
        remove_copy(str(tmp_path / "copies"), "broadcasts/b0")
    assert not os.path.exists(path)
    assert fetched.local(f"{root}/broadcasts/b0") == path
    assert os.path.exists(path)


def test_a_file_that_the_driver_does_not_have(driver, fetched):
    root, _ = driver
    with pytest.raises(FileNotFoundError, match="nothing"):
        fetched.local(f"{root}/nothing")


def test_of_a_file_that_is_read_once_no_copy_is_kept(driver, fetched, tmp_path):
    root, _ = driver
    (root / "collection").write_bytes(b"0123456789")
    with fetched.open(f"{root}/collection") as file:
        assert file.read() == b"0123456789"
    with fetched.open(f"{root}/collection", (3, 4)) as file:
        assert file.read() == b"3456"
    with SharedFiles(str(root)).open(f"{root}/collection", (3, 4)) as file:
        assert file.read(4) == b"3456"
    assert list((tmp_path / "copies").iterdir()) == []
    with pytest.raises(FileNotFoundError, match="nothing"):
        fetched.open(f"{root}/nothing")


def test_paths_that_are_not_the_drivers_own_are_left_alone(fetched):
    assert fetched.local("/data/input.csv") == "/data/input.csv"
    with fetched.open(__file__) as file:
        assert file.name == __file__
    with fetched.writing("/data/output.csv") as path:
        assert path == "/data/output.csv"


def test_what_is_written_for_the_driver_reaches_it_whole_or_not_at_all(driver, fetched, tmp_path):
    root, _ = driver
    with fetched.writing(f"{root}/results/7") as path:
        with open(path, "w") as file:
            file.write("result")
        # By this name it is found if the worker is killed.
        assert f"/.sending-{os.getpid()}-" in path
        assert not (root / "results" / "7").exists()
    assert (root / "results" / "7").read_text() == "result"

    def fail_half_way():
        with fetched.writing(f"{root}/results/8") as path, open(path, "w") as file:
            file.write("half a res")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert not (root / "results" / "8").exists()
    assert list((tmp_path / "copies").rglob("*")) == []
