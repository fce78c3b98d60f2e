import pytest

from pyrite.core.errors import SparkException
from pyrite.core.hadoop.default_fs import configured_default_fs, in_default_fs
from pyrite.core.hadoop.filesystem import file_system, qualify
from pyrite.core.hadoop.input_paths import list_input_files
from pyrite.core.hadoop.output_job import make_committer


@pytest.fixture(autouse=True)
def no_hadoop(monkeypatch, tmp_path):
    monkeypatch.delenv("HADOOP_CONF_DIR", raising=False)
    monkeypatch.setenv("PYRITE_HDFS_DIR", str(tmp_path / "hdfs"))
    monkeypatch.setenv("HADOOP_USER_NAME", "ann")


def configure(monkeypatch, directory, value):
    directory.mkdir(exist_ok=True)
    (directory / "core-site.xml").write_text(
        '<?xml version="1.0"?>\n<configuration>\n'
        "<property><name>io.file.buffer.size</name><value>1</value></property>\n"
        f"<property><name>fs.defaultFS</name><value>{value}</value></property>\n</configuration>\n"
    )
    monkeypatch.setenv("HADOOP_CONF_DIR", str(directory))


@pytest.mark.parametrize(
    ("path", "below"),
    [
        ("hdfs:///a/b.txt", "/a/b.txt"),
        ("hdfs:/a/b.txt", "/a/b.txt"),
        ("HDFS:///a//b/", "/a/b"),
        ("hdfs:///a/*.{x,y}", "/a/*.{x,y}"),
        ("hdfs:///", ""),
    ],
)
def test_hdfs_without_a_host_is_a_directory_of_this_machine(tmp_path, path, below):
    assert qualify(path) == f"file:{tmp_path}/hdfs{below}"


def test_a_host_is_kept():
    assert qualify("hdfs://namenode:8020/a") == "hdfs://namenode:8020/a"


def test_the_default_directory_is_in_the_users_home(monkeypatch, tmp_path):
    monkeypatch.delenv("PYRITE_HDFS_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert qualify("hdfs:///a") == f"file:{tmp_path}/.pyrite/hdfs/a"


def test_a_configured_hadoop_is_the_host(monkeypatch, tmp_path):
    configure(monkeypatch, tmp_path / "conf", "hdfs://namenode:8020/")
    assert configured_default_fs() == "hdfs://namenode:8020/"
    assert qualify("hdfs:///a") == "hdfs://namenode:8020/a"
    assert qualify("/a") == "file:/a"


def test_a_configured_default_that_is_no_hdfs_leaves_the_directory(monkeypatch, tmp_path):
    configure(monkeypatch, tmp_path / "conf", "file:///")
    assert qualify("hdfs:///a") == f"file:{tmp_path}/hdfs/a"


def test_a_broken_site_file_is_named(monkeypatch, tmp_path):
    configure(monkeypatch, tmp_path / "conf", "<")
    with pytest.raises(SparkException, match=r"core-site\.xml.*HADOOP_CONF_DIR"):
        qualify("hdfs:///a")


@pytest.mark.parametrize(
    ("path", "default", "uri"),
    [
        ("/a", "hdfs://nn:8020", "hdfs://nn:8020/a"),
        ("a/b", "hdfs://nn:8020/", "hdfs://nn:8020/user/ann/a/b"),
        ("hdfs:///a", "hdfs://nn:8020", "hdfs://nn:8020/a"),
        ("hdfs://other/a", "hdfs://nn:8020", "hdfs://other/a"),
        ("file:/a", "hdfs://nn:8020", "file:/a"),
        ("/a", "file:///", "file:/a"),
        ("a", "s3a://bucket", "s3a://bucket/user/ann/a"),
    ],
)
def test_paths_without_a_scheme_are_on_the_default_file_system(path, default, uri):
    assert qualify(path, default) == uri


def test_the_default_may_be_the_directory_of_this_machine(tmp_path):
    assert qualify("a", "hdfs:///") == f"file:{tmp_path}/hdfs/user/ann/a"
    assert in_default_fs("a", None) == "a"


def test_files_are_written_and_read_there(tmp_path):
    uri = qualify("hdfs:///logs/day.txt")
    with file_system(uri).create(uri) as file:
        file.write(b"x")
    assert (tmp_path / "hdfs/logs/day.txt").read_bytes() == b"x"


def test_jobs_find_their_input_and_output_there(tmp_path):
    conf = {"fs.defaultFS": "hdfs:///"}
    (tmp_path / "hdfs/user/ann").mkdir(parents=True)
    (tmp_path / "hdfs/user/ann/in.txt").touch()
    (found,) = list_input_files("in.*", conf)
    assert found.path == f"file:{tmp_path}/hdfs/user/ann/in.txt"
    assert make_committer("/out", conf).output == f"file:{tmp_path}/hdfs/out"
