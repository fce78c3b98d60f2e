"""Reading and saving through an RDD, with a context that runs tasks one after another."""

import itertools
import pickle
from pathlib import Path

import cloudpickle
import fsspec
import pytest

from pyrite.core.errors import (
    FileAlreadyExistsException,
    InvalidInputException,
    PySparkNotImplementedError,
    SparkException,
    SparkIllegalArgumentException,
)
from pyrite.core.events import TaskMetrics
from pyrite.core.rdd.input_methods import InputMethods
from pyrite.core.rdd.parallel_collection import ParallelCollectionRDD
from pyrite.core.rdd.rdd import RDD
from pyrite.core.task_context import TaskContext

OLD, NEW = "org.apache.hadoop.mapred.", "org.apache.hadoop.mapreduce.lib."
IO = "org.apache.hadoop.io."
LONG, TEXT = IO + "LongWritable", IO + "Text"


class SerialContext(InputMethods):
    default_parallelism = 2
    default_min_partitions = 2
    checkpoint_dir = None
    local_dir = ""

    def __init__(self, **conf):
        self.conf = {key.replace("__", "."): value for key, value in conf.items()}
        self.metrics = []
        self._ids = itertools.count()
        self._attempts = itertools.count()

    def next_rdd_id(self):
        return next(self._ids)

    def parallelize(self, elements, num_slices=2):
        node = ParallelCollectionRDD(self.next_rdd_id(), elements, num_slices, self.local_dir)
        return RDD(node, self)

    def run_job(self, node, func, partitions=None, on_result=None):
        indices = range(len(node.partitions)) if partitions is None else partitions
        return [self._run_task(node, func, node.partitions[i]) for i in indices]

    def _run_task(self, node, func, partition):
        node, func, partition = pickle.loads(cloudpickle.dumps((node, func, partition)))
        context = TaskContext(
            stage_id=0,
            partition_id=partition.index,
            attempt_number=0,
            task_attempt_id=next(self._attempts),
            metrics=TaskMetrics(),
        )
        self.metrics.append(context.metrics)
        return func(context, iter(node.iterator(partition, context)))


@pytest.fixture(autouse=True)
def env(make_context):
    """What tasks find in a worker: a scratch directory."""
    make_context(2)


@pytest.fixture
def sc():
    return SerialContext()


def glom(rdd):
    return rdd.ctx.run_job(rdd.node, lambda context, elements: list(elements))


def elements_of(rdd):
    return sorted(itertools.chain.from_iterable(glom(rdd)))


def listing(path):
    return sorted(entry.name for entry in Path(path).iterdir())


@pytest.fixture
def out(tmp_path):
    return str(tmp_path / "out")


def test_text_round_trip(sc, out):
    sc.parallelize(["a", "b\nc", "é", 1, b"d", None, (1, 2)]).saveAsTextFile(out)
    assert listing(out) == ["_SUCCESS", "part-00000", "part-00001"]
    assert glom(sc.textFile(f"{out}/part-00000,{out}/part-00001", 1)) == [
        ["a", "b", "c", "é"],
        ["1", "d", "None", "(1, 2)"],
    ]


def test_lineage_looks_like_sparks(sc, tmp_path):
    (tmp_path / "a").write_text("x\ny\n")
    lines = sc.textFile(f"{tmp_path}/a")
    first, second = lines.toDebugString().decode().splitlines()
    assert first.startswith(f"(2) {tmp_path}/a MapPartitionsRDD[1] at textFile at test_input_me")
    assert second.startswith(f" |  {tmp_path}/a HadoopRDD[0] at textFile at ")
    assert lines.getNumPartitions() == 2
    assert sc.textFile(f"{tmp_path}/a", 1).getNumPartitions() == 1


def test_metrics_count_what_was_read_and_written(sc, tmp_path, out):
    (tmp_path / "a").write_text("x\ny\n")
    sc.textFile(f"{tmp_path}/a", 1).saveAsTextFile(out)
    (metrics,) = sc.metrics
    assert (metrics.input_records_read, metrics.input_bytes_read) == (2, 4)
    assert (metrics.output_records_written, metrics.output_bytes_written) == (2, 4)


def test_compressed_text(sc, out):
    sc.parallelize(["a", "b"]).saveAsTextFile(out, IO + "compress.GzipCodec")
    assert listing(out) == ["_SUCCESS", "part-00000.gz", "part-00001.gz"]
    assert elements_of(sc.textFile(out)) == ["a", "b"]


def test_unknown_codec_writes_nothing(sc, out):
    with pytest.raises(SparkIllegalArgumentException, match="NoCodec was not found"):
        sc.parallelize(["a"]).saveAsTextFile(out, "NoCodec")
    assert not Path(out).exists()


@pytest.mark.parametrize("batch_size", [10, 1, 0])
def test_pickle_round_trip(sc, out, batch_size):
    values = [0, 1.5, "a", None, (1, [2]), {"k": b"v"}] * 30
    sc.parallelize(values, 1).saveAsPickleFile(out, batch_size)
    assert glom(sc.pickleFile(out)) == [values]


@pytest.mark.parametrize("codec", [None, "gzip"])
def test_sequence_round_trip(sc, out, codec):
    pairs = [(1, "a"), (2, "é")]
    sc.parallelize(pairs).saveAsSequenceFile(out, codec)
    assert listing(out) == ["_SUCCESS", "part-00000", "part-00001"]
    assert elements_of(sc.sequenceFile(out)) == pairs


def test_sequence_needs_pairs_and_a_first_one(sc, out):
    with pytest.raises(SparkException, match=r"^empty collection$"):
        sc.parallelize([]).saveAsSequenceFile(out)
    with pytest.raises(SparkException, match=r"^RDD element of type int cannot be used$"):
        sc.parallelize([1]).saveAsSequenceFile(out)
    assert not Path(out).exists()


def test_empty_partitions_have_files_with_headers(sc, out):
    sc.parallelize([(1, "a")], 3).saveAsSequenceFile(out)
    assert listing(out) == ["_SUCCESS", "part-00000", "part-00001", "part-00002"]
    assert elements_of(sc.sequenceFile(out)) == [(1, "a")]


def test_old_format_with_codec_and_settings(sc, out):
    sc.parallelize([(1, "a"), (2, None)]).saveAsHadoopFile(
        out,
        OLD + "TextOutputFormat",
        conf={"mapred.textoutputformat.separator": "|"},
        compressionCodecClass="BZip2Codec",
    )
    assert listing(out) == ["_SUCCESS", "part-00000.bz2", "part-00001.bz2"]
    assert elements_of(sc.textFile(out)) == ["1|a", "2"]


def test_new_format_and_its_message(sc, out):
    pairs = sc.parallelize([(1, "a")], 1)
    pairs.saveAsNewAPIHadoopFile(out, NEW + "output.TextOutputFormat")
    assert listing(out) == ["_SUCCESS", "part-r-00000"]
    with pytest.raises(FileAlreadyExistsException) as error:
        pairs.saveAsNewAPIHadoopFile(out, NEW + "output.TextOutputFormat")
    assert str(error.value) == f"Output directory {out} already exists"
    with pytest.raises(FileAlreadyExistsException) as error:
        pairs.saveAsTextFile(out)
    assert str(error.value) == f"Output directory file:{out} already exists"


def test_declared_classes_need_no_first_element(sc, out):
    sc.parallelize([], 1).saveAsHadoopFile(out, OLD + "SequenceFileOutputFormat", LONG, TEXT)
    assert b"LongWritable" in Path(out, "part-00000").read_bytes()
    assert glom(sc.sequenceFile(out)) == [[]]


def test_datasets(sc, tmp_path):
    directory = "mapreduce.output.fileoutputformat.outputdir"
    pairs = sc.parallelize([(1, "a")], 1)
    pairs.saveAsHadoopDataset({directory: f"{tmp_path}/old"})
    pairs.saveAsNewAPIHadoopDataset({directory: f"{tmp_path}/new"})
    assert listing(tmp_path / "old") == ["_SUCCESS", "part-00000"]
    assert listing(tmp_path / "new") == ["_SUCCESS", "part-r-00000"]
    with pytest.raises(SparkException, match=r"^Output directory not set in JobConf\.$"):
        pairs.saveAsHadoopDataset({})
    with pytest.raises(SparkException, match=r"^Output directory not set\.$"):
        pairs.saveAsNewAPIHadoopDataset({})


def test_null_output_runs_the_job(sc):
    pairs = sc.parallelize([(1, 0)]).map(lambda pair: 1 / pair[1])
    with pytest.raises(ZeroDivisionError):
        pairs.saveAsHadoopFile("", OLD + "lib.NullOutputFormat")


def test_failed_job_leaves_nothing(sc, tmp_path, out):
    with pytest.raises(ZeroDivisionError):
        sc.parallelize([1, 0]).map(lambda x: 1 / x).saveAsTextFile(out)
    assert listing(tmp_path) == []


def test_memory_files_travel_with_tasks(sc, tmp_path):
    uri = f"memory://{tmp_path.name}/out"
    sc.parallelize(["x", "y"]).saveAsTextFile(uri)
    files = fsspec.filesystem("memory").find(f"/{tmp_path.name}")
    read = sc.textFile(uri)
    parts = read.node.partitions
    fsspec.filesystem("memory").rm(f"/{tmp_path.name}", recursive=True)
    assert [name.rpartition("/")[2] for name in files] == ["_SUCCESS", "part-00000", "part-00001"]
    assert len(parts) == 2
    assert elements_of(read) == ["x", "y"]
    fsspec.filesystem("memory").rm(f"/{tmp_path.name}", recursive=True)


def test_whole_and_binary_files(sc, tmp_path):
    (tmp_path / "a").write_bytes(b"x\n\xff")
    uri = f"file:{tmp_path}/a"
    assert glom(sc.wholeTextFiles(str(tmp_path))) == [[(uri, "x\n\ufffd")]]
    assert glom(sc.binaryFiles(str(tmp_path))) == [[(uri, b"x\n\xff")]]


def test_binary_records(sc, tmp_path):
    (tmp_path / "a").write_bytes(b"aabbcc")
    assert glom(sc.binaryRecords(f"{tmp_path}/a", 2)) == [[b"aa", b"bb", b"cc"]]
    with pytest.raises(SparkIllegalArgumentException, match="recordLength must be a positive"):
        sc.binaryRecords(f"{tmp_path}/a", 0)


def test_input_formats(sc, tmp_path):
    (tmp_path / "a").write_text("k\tv\nw\n")
    path = f"{tmp_path}/a"
    old = sc.hadoopFile(path, OLD + "KeyValueTextInputFormat", TEXT, TEXT)
    new = sc.newAPIHadoopFile(path, NEW + "input.TextInputFormat", LONG, TEXT)
    assert (elements_of(old), elements_of(new)) == (
        [("k", "v"), ("w", "")],
        [(0, "k\tv"), (4, "w")],
    )
    conf = {"mapred.input.dir": path}
    assert elements_of(sc.hadoopRDD(OLD + "TextInputFormat", LONG, TEXT, conf=conf)) == [
        (0, "k\tv"),
        (4, "w"),
    ]
    conf = {"mapreduce.input.fileinputformat.inputdir": path}
    assert glom(sc.newAPIHadoopRDD(NEW + "input.TextInputFormat", LONG, TEXT, conf=conf)) == [
        [(0, "k\tv"), (4, "w")]
    ]


def test_settings_of_the_application_count(tmp_path):
    sc = SerialContext(spark__hadoop__textinputformat__record__delimiter="|")
    (tmp_path / "a").write_text("x|y")
    assert glom(sc.textFile(f"{tmp_path}/a", 1)) == [["x", "y"]]


def test_settings_may_ask_for_compression(out):
    sc = SerialContext(spark__hadoop__mapreduce__output__fileoutputformat__compress="true")
    sc.parallelize(["a"], 1).saveAsTextFile(out)
    assert listing(out) == ["_SUCCESS", "part-00000.deflate"]
    assert elements_of(sc.textFile(out)) == ["a"]


def test_refusals(sc):
    with pytest.raises(SparkException, match=r"no\.Such not found"):
        sc.hadoopFile("x", "no.Such", LONG, TEXT)
    with pytest.raises(SparkException, match=r"^No input paths specified in job$"):
        sc.newAPIHadoopRDD(NEW + "input.TextInputFormat", LONG, TEXT)
    with pytest.raises(PySparkNotImplementedError, match=r"valueConverter='a\.B' is a Java class"):
        sc.sequenceFile("x", valueConverter="a.B")
    with pytest.raises(PySparkNotImplementedError, match=r"keyConverter='a\.B' is a Java class"):
        sc.parallelize([(1, 2)]).saveAsHadoopDataset({}, keyConverter="a.B")


def test_missing_input_is_reported_when_needed(sc):
    lines = sc.textFile("/nope/a")
    with pytest.raises(InvalidInputException, match=r"^Input path does not exist: file:/nope/a$"):
        lines.getNumPartitions()
