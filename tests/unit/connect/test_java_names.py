"""What programs reach for in PySpark's JVM, where it has a meaning without one."""

import logging
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest
from fsspec.implementations.memory import MemoryFileSystem
from pyspark import SparkContext
from pyspark.errors import PySparkAttributeError
from pyspark.sql.types import (
    ArrayType,
    IntegerType,
    StringType,
    StructType,
    _parse_datatype_json_string,
)

#: Of the session.
SETTINGS = {"spark.hadoop.fs.s3a.endpoint": "store:9000"}


class Store(MemoryFileSystem):
    """A store that remembers what it is told."""

    protocol = "s3"
    cachable = False
    told: ClassVar[dict[str, Any]] = {}

    def __init__(self, **options: Any) -> None:
        super().__init__()
        Store.told = options

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.replace("s3://", "memory://")))


def test_hadoop_settings_can_be_read_and_changed(local_spark: Any) -> None:
    conf = local_spark.sparkContext._jsc.hadoopConfiguration()
    assert conf.get("fs.s3a.endpoint") == "store:9000"
    assert conf.get("fs.defaultFS") == "file:///"
    assert (conf.get("none"), conf.get("none", "other")) == (None, "other")
    conf.set("mapred.min.split.size", 7)
    conf.setBoolean("yes", True)
    assert conf.getInt("mapreduce.input.fileinputformat.split.minsize", 1) == 7
    assert conf.get("mapred.min.split.size") == "7"
    assert conf.getBoolean("yes", False) is True
    assert local_spark._jsparkSession.sessionState().newHadoopConf().get("yes") == "true"
    assert local_spark.sparkContext.getConf().get("spark.hadoop.yes") is None
    conf.unset("yes")
    conf.unset("mapreduce.input.fileinputformat.split.minsize")
    conf.unset("mapred.min.split.size")
    assert conf.getBoolean("yes", False) is False


def test_stores_are_told_the_credentials_that_a_program_sets(
    local_spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules["fsspec.registry"]._registry, "s3", Store)
    conf = local_spark._jsc.hadoopConfiguration()
    path = local_spark._jvm.org.apache.hadoop.fs.Path("s3a://bucket/rows")
    files = path.getFileSystem(conf)
    for key in ("access.key", "secret.key"):
        conf.set(f"fs.s3a.{key}", f"my-{key}")
    assert not files.exists(path)
    expected = {"key": "my-access.key", "secret": "my-secret.key"}
    assert Store.told == {**expected, "endpoint_url": "https://store:9000"}
    conf.set("fs.s3a.bucket.bucket.secret.key", "its own")
    conf.unset("fs.s3a.access.key")
    assert not files.exists(path)
    assert Store.told == {"secret": "its own", "endpoint_url": "https://store:9000"}


def test_tasks_are_told_too(local_spark: Any) -> None:
    sc = local_spark.sparkContext
    assert sc.parallelize([1]).collect() == [1]  # a worker runs already
    sc._jsc.hadoopConfiguration().set("fs.s3a.session.token", "late")

    def told(_: int) -> Any:
        from pyrite.core.hadoop.storage_options import storage_options

        return storage_options("s3", "elsewhere").get("token")

    assert sc.parallelize([1, 2], 2).map(told).collect() == ["late", "late"]
    sc._jsc.hadoopConfiguration().unset("fs.s3a.session.token")


def test_hadoop_settings_reach_what_a_query_writes(local_spark: Any, tmp_path: Path) -> None:
    name = "mapreduce.fileoutputcommitter.marksuccessfuljobs"
    local_spark._jsc.hadoopConfiguration().set(name, "false")
    local_spark.range(1).write.parquet(str(tmp_path / "rows"))
    local_spark._jsc.hadoopConfiguration().unset(name)
    assert not (tmp_path / "rows" / "_SUCCESS").exists()


def test_files_are_reached_as_by_hadoop(local_spark: Any, tmp_path: Path) -> None:
    jvm = local_spark.sparkContext._gateway.jvm
    path_class = jvm.org.apache.hadoop.fs.Path
    files = jvm.org.apache.hadoop.fs.FileSystem.get(
        jvm.java.net.URI("file:///"), local_spark._jsc.hadoopConfiguration()
    )
    (tmp_path / "b.txt").write_text("four")
    (tmp_path / "a").mkdir()
    listed = files.listStatus(path_class(str(tmp_path)))
    assert [(s.getPath().getName(), s.isDirectory(), s.getLen()) for s in listed] == [
        ("a", True, 0),
        ("b.txt", False, 4),
    ]
    moved = path_class(str(tmp_path), "c.txt")
    assert files.rename(path_class(str(tmp_path / "b.txt")), moved)
    assert files.isFile(moved)
    assert moved.getParent().toString() == str(tmp_path)
    assert files.rename(moved, path_class(str(tmp_path / "a")))
    found = files.globStatus(path_class(f"{tmp_path}/*/*.txt"))
    assert [s.getPath().toString() for s in found] == [f"file:{tmp_path}/a/c.txt"]
    with pytest.raises(OSError, match="non empty"):
        files.delete(path_class(str(tmp_path / "a")), False)
    assert files.delete(path_class(str(tmp_path / "a")), True)
    assert not files.delete(moved)
    assert files.mkdirs(path_class(f"{tmp_path}/x/y"))
    with pytest.raises(FileNotFoundError, match="does not exist"):
        files.getFileStatus(moved)


def test_java_itself(local_spark: Any, caplog: Any) -> None:
    jvm = local_spark._jvm
    assert jvm.System.currentTimeMillis() > 1_700_000_000_000
    assert jvm.java.lang.System.getProperty("user.dir") == str(Path.cwd())
    assert jvm.java.net.URI.create("s3a://bucket/key").getHost() == "bucket"
    log4j = local_spark.sparkContext._jvm.org.apache.log4j
    logger = log4j.LogManager.getLogger("of.mine")
    logger.setLevel(log4j.Level.INFO)
    with caplog.at_level(logging.INFO, "of.mine"):
        logger.info("said")
    assert caplog.messages == ["said"]


def test_types_are_parsed_and_described(local_spark: Any) -> None:
    columns = StructType().add("a", IntegerType(), False).add("b", ArrayType(StringType()))
    parsed = local_spark._jsparkSession.parseDataType(columns.json())
    assert _parse_datatype_json_string(parsed.json()) == columns
    frame = local_spark.createDataFrame([], columns)
    assert frame._jdf.schema().treeString().startswith("root\n |-- a: integer (nullable = false)")
    assert frame._jdf.schema().toDDL() == "a INT NOT NULL,b ARRAY<STRING>"


def test_a_query_shows_its_plans(local_spark: Any) -> None:
    frame = local_spark.range(3).where("id > 1")
    execution = frame._jdf.queryExecution()
    assert "== Optimized Logical Plan ==" in execution.toString()
    assert execution.simpleString().startswith("== Physical Plan ==\n")
    assert execution.analyzed().toString().startswith("Filter (id#")
    assert execution.executedPlan().numberedTreeString().startswith("00 ")
    assert local_spark.range(3)._jdf.queryExecution().optimizedPlan().stats().sizeInBytes() == 24
    assert frame._jdf.showString(20, 20, False) == "+---+\n| id|\n+---+\n|  2|\n+---+\n"


def test_all_else_is_refused_by_name(local_spark: Any) -> None:
    with pytest.raises(PySparkAttributeError, match=r"`com` is Java.*no JVM here"):
        local_spark._jvm.com.amazonaws.auth()
    with pytest.raises(PySparkAttributeError, match=r"`_jsc.addJar` is Java"):
        local_spark.sparkContext._jsc.addJar("a.jar")
    assert not hasattr(local_spark.range(1)._jdf, "rdd")
    assert SparkContext._jvm is None
