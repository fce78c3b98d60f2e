import pickle

import cloudpickle
import fsspec
import pytest

from pyrite.core.errors import FileAlreadyExistsException
from pyrite.core.hadoop.codecs import find_codec
from pyrite.core.hadoop.committer import FileOutputCommitter
from pyrite.core.hadoop.output_format import write_lines
from pyrite.core.hadoop.output_job import OutputJob, make_committer


def part(index):
    return f"part-{index:05d}"


def failing(elements):
    yield from elements
    raise ValueError("no more")


def save(job, partitions, spark_conf=None):
    # A task works on a copy of the job, as in another process.
    copy = pickle.loads(cloudpickle.dumps(job))
    job.run(
        lambda: [copy.write_task(i, 100 + i, elements) for i, elements in enumerate(partitions)],
        spark_conf or {},
    )


def test_saves_one_file_per_partition(tmp_path):
    job = OutputJob(make_committer(f"{tmp_path}/out", {}), part, write_lines)
    save(job, [["a", "b"], []])
    files = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert files == {"_SUCCESS": "", "part-00000": "a\nb\n", "part-00001": ""}


def test_counts_what_a_task_wrote(tmp_path):
    job = OutputJob(make_committer(f"{tmp_path}/out", {}), part, write_lines)
    job.committer.setup_job()
    output = job.write_task(0, 1, ["a", "bc"])
    assert (output.records, output.size, output.contents) == (2, 5, {})


def test_codec_goes_around_the_file(tmp_path):
    codec = find_codec("gzip")
    save(OutputJob(make_committer(f"{tmp_path}/out", {}), part, write_lines, codec), [["x"]])
    assert codec.decompress((tmp_path / "out" / "part-00000").read_bytes()) == b"x\n"


def test_failed_task_fails_the_job_and_leaves_nothing(tmp_path):
    job = OutputJob(make_committer(f"{tmp_path}/out", {}), part, write_lines)
    with pytest.raises(ValueError, match="no more"):
        save(job, [["a"], failing(["b"])])
    assert list(tmp_path.iterdir()) == []


def test_interrupted_job_leaves_nothing(tmp_path):
    def interrupted():
        raise KeyboardInterrupt

    job = OutputJob(make_committer(f"{tmp_path}/out", {}), part, write_lines)
    with pytest.raises(KeyboardInterrupt):
        job.run(interrupted, {})
    assert list(tmp_path.iterdir()) == []


def test_existing_directory_is_refused_unless_allowed(tmp_path):
    (tmp_path / "mine").write_text("x")
    job = OutputJob(make_committer(str(tmp_path), {}), part, write_lines)
    with pytest.raises(FileAlreadyExistsException, match=f"file:{tmp_path} already exists"):
        save(job, [["a"]])
    save(job, [["a"]], {"spark.hadoop.validateOutputSpecs": "false"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["_SUCCESS", "mine", "part-00000"]


def test_private_files_travel_back_to_the_driver(tmp_path, monkeypatch):
    uri = f"memory://{tmp_path.name}/out"
    job = OutputJob(make_committer(uri, {}), part, write_lines)
    memory = fsspec.filesystem("memory")
    job.committer.setup_job()
    output = job.write_task(0, 5, ["a"])
    assert output.contents == {"part-00000": b"a\n"}
    job.run(lambda: [output], {"spark.hadoop.validateOutputSpecs": "false"})
    files = memory.find(f"/{tmp_path.name}")
    memory.rm(f"/{tmp_path.name}", recursive=True)
    assert [name.rpartition("/")[2] for name in files] == ["_SUCCESS", "part-00000"]


def test_settings_of_the_committer(tmp_path):
    prefix = "mapreduce.fileoutputcommitter."
    conf = {prefix + "algorithm.version": "2", prefix + "marksuccessfuljobs": "false"}
    committer = make_committer(str(tmp_path), conf, is_new_api=True)
    assert (committer.algorithm, committer.marks_success, committer.task_type) == (2, False, "r")
    assert isinstance(committer, FileOutputCommitter)


def test_lazy_job_writes_no_empty_files(tmp_path):
    job = OutputJob(make_committer(f"{tmp_path}/out", {}), part, write_lines, is_lazy=True)
    save(job, [[], ["a", "b"], iter(())])
    files = {path.name: path.read_text() for path in (tmp_path / "out").iterdir()}
    assert files == {"_SUCCESS": "", "part-00001": "a\nb\n"}
