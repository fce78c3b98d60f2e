import os

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from pyrite.core.errors import FileAlreadyExistsException, SparkException
from pyrite.core.hadoop.committer import FileOutputCommitter
from pyrite.core.hadoop.filesystem import file_system


class FlatFileSystem(MemoryFileSystem):
    """Like an object store: keys, and no directories but those that keys suggest."""

    protocol = "flat"
    store = {}  # noqa: RUF012 - what the base class does
    pseudo_dirs = [""]  # noqa: RUF012

    def mkdir(self, path, create_parents=True, **kwargs):
        pass

    def makedirs(self, path, exist_ok=False):
        pass


@pytest.fixture
def flat():
    fsspec.register_implementation("flat", FlatFileSystem, clobber=True)
    yield "flat://bucket/out"
    FlatFileSystem.store.clear()


def files_below(uri):
    fs = file_system(uri)
    if fs.status(uri) is None:
        return None
    found = []
    for status in fs.list_status(uri):
        name = status.path.removeprefix(uri + "/")
        if status.is_directory:
            found += [f"{name}/{inner}" for inner in files_below(status.path)] or [name + "/"]
        else:
            found.append(name)
    return sorted(found)


def write(committer, task, attempt, text=b"x"):
    path = committer.attempt_path(task, attempt)
    with file_system(path).create(f"{path}/part-{task:05d}") as file:
        file.write(text)


def read(uri):
    with file_system(uri).open(uri) as file:
        return file.read()


@pytest.fixture(params=["file", "memory"])
def output(request, tmp_path):
    if request.param == "file":
        yield f"file:{tmp_path}/out"
    else:
        yield f"memory://{tmp_path.name}/out"
        memory = fsspec.filesystem("memory")
        if memory.exists(f"/{tmp_path.name}"):
            memory.rm(f"/{tmp_path.name}", recursive=True)


@pytest.mark.parametrize("algorithm", [1, 2])
def test_job_with_two_tasks(output, algorithm):
    committer = FileOutputCommitter(output, "20260101_0001", algorithm)
    committer.setup_job()
    for task in (0, 1):
        committer.setup_task(task, 7)
        write(committer, task, 7)
        committer.commit_task(task, 7)
    shown = {1: [], 2: ["part-00000", "part-00001"]}[algorithm]
    assert [name for name in files_below(output) if not name.startswith("_")] == shown
    committer.commit_job()
    assert files_below(output) == ["_SUCCESS", "part-00000", "part-00001"]


def test_names_are_hadoops(tmp_path):
    committer = FileOutputCommitter(f"file:{tmp_path}/out", "20260101_0001")
    committer.setup_job()
    committer.setup_task(3, 9)
    write(committer, 3, 9)
    attempt = "_temporary/0/_temporary/attempt_20260101_0001_m_000003_9/part-00003"
    assert files_below(committer.output) == [attempt]
    committer.commit_task(3, 9)
    assert "_temporary/0/task_20260101_0001_m_000003/part-00003" in files_below(committer.output)


def test_first_of_two_attempts_counts(tmp_path):
    committer = FileOutputCommitter(f"file:{tmp_path}/out", "j")
    committer.setup_job()
    for attempt in (1, 2):
        committer.setup_task(0, attempt)
        write(committer, 0, attempt, b"attempt %d" % attempt)
    committer.commit_task(0, 2)
    committer.commit_task(0, 1)
    committer.commit_job()
    assert files_below(committer.output) == ["_SUCCESS", "part-00000"]
    assert read(committer.output + "/part-00000") == b"attempt 2"


def test_two_attempts_without_atomic_renames_leave_one_file(tmp_path):
    committer = FileOutputCommitter(f"memory://{tmp_path.name}/out", "j")
    committer.setup_job()
    for attempt in (1, 2):
        committer.setup_task(0, attempt)
        write(committer, 0, attempt)
    committer.commit_task(0, 1)
    committer.commit_task(0, 2)
    committer.commit_job()
    assert files_below(committer.output) == ["_SUCCESS", "part-00000"]
    file_system(committer.output).delete(committer.output)


def test_killed_attempt_leaves_nothing_in_the_output(output):
    committer = FileOutputCommitter(output, "j")
    committer.setup_job()
    committer.setup_task(0, 1)
    write(committer, 0, 1)  # killed here: it neither commits nor aborts
    committer.setup_task(0, 2)
    write(committer, 0, 2)
    committer.commit_task(0, 2)
    committer.commit_job()
    assert files_below(output) == ["_SUCCESS", "part-00000"]


def test_aborted_attempt_is_removed(output):
    committer = FileOutputCommitter(output, "j")
    committer.setup_job()
    committer.setup_task(0, 1)
    write(committer, 0, 1)
    committer.abort_task(0, 1)
    assert not any("attempt" in name for name in files_below(output))


@pytest.mark.parametrize("algorithm", [1, 2])
def test_aborted_job_leaves_nothing(output, algorithm):
    committer = FileOutputCommitter(output, "j", algorithm)
    committer.setup_job()
    for task in (0, 1):
        committer.setup_task(task, 1)
        write(committer, task, 1)
    committer.commit_task(0, 1)
    committer.abort_job()
    assert files_below(output) is None


def test_aborted_job_keeps_a_directory_that_was_there(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("x")
    committer = FileOutputCommitter(f"file:{tmp_path}/out", "j")
    committer.setup_job()
    committer.setup_task(0, 1)
    write(committer, 0, 1)
    committer.abort_job()
    assert os.listdir(tmp_path / "out") == ["mine"]


def test_straggler_does_not_bring_the_directory_back(tmp_path):
    committer = FileOutputCommitter(f"file:{tmp_path}/out", "j")
    committer.setup_job()
    committer.commit_job()
    with pytest.raises(SparkException, match="is over"):
        committer.setup_task(0, 2)
    assert files_below(committer.output) == ["_SUCCESS"]


def test_existing_directory_is_refused(output):
    committer = FileOutputCommitter(output, "j")
    committer.check_output()
    committer.setup_job()
    with pytest.raises(FileAlreadyExistsException) as error:
        committer.check_output()
    assert str(error.value) == f"Output directory {output} already exists"


def test_no_success_file_when_not_wanted(output):
    committer = FileOutputCommitter(output, "j", marks_success=False)
    committer.setup_job()
    committer.setup_task(0, 0)
    write(committer, 0, 0)
    committer.commit_task(0, 0)
    committer.commit_job()
    assert files_below(output) == ["part-00000"]


@pytest.mark.parametrize("tasks", [0, 2])
@pytest.mark.parametrize("algorithm", [1, 2])
def test_object_store(flat, tasks, algorithm):
    committer = FileOutputCommitter(flat, "j", algorithm)
    committer.setup_job()
    for task in range(tasks):
        for attempt in (1, 2):
            committer.setup_task(task, attempt)
            write(committer, task, attempt)
        committer.commit_task(task, 2)
    committer.commit_job()
    parts = [f"part-{task:05d}" for task in range(tasks)]
    assert files_below(flat) == ["_SUCCESS", *parts]


def test_aborted_job_of_an_object_store(flat):
    committer = FileOutputCommitter(flat, "j")
    committer.setup_job()
    committer.setup_task(0, 1)
    write(committer, 0, 1)
    committer.abort_job()
    assert files_below(flat) is None


def test_replaced_file_loses_the_checksum_hadoop_wrote(tmp_path):
    (tmp_path / "part-00000").write_text("old")
    (tmp_path / ".part-00000.crc").write_text("sum of old")
    committer = FileOutputCommitter(f"file:{tmp_path}", "j")
    committer.setup_job()
    committer.setup_task(0, 1)
    write(committer, 0, 1)
    committer.commit_task(0, 1)
    committer.commit_job()
    assert sorted(os.listdir(tmp_path)) == ["_SUCCESS", "part-00000"]
