"""Small jobs of Hadoop Streaming make here what they make on Hadoop.

``tests/oracle/record_hadoop_streaming.py`` records that.
"""

import bz2
import gzip
import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark import SparkConf, SparkContext

import pyrite
from pyrite.core.errors import SparkException, SparkIllegalArgumentException
from pyrite.mapreduce.hadoop_streaming.options import read_options
from pyrite.mapreduce.hadoop_streaming.runner import run_stream_job

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location(
    "record_hadoop_streaming", HERE.parent / "oracle" / "record_hadoop_streaming.py"
)
assert _spec is not None
assert _spec.loader is not None
record = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(record)

JOBS = record.load_jobs().JOBS
RECORDED = json.loads(record.RECORDED.read_text())

#: Hadoop's local job runner has one map task, unless blocks are small.
_AS_LOCAL = ["-D", "mapreduce.job.maps=1"]

_UNPACKED: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.decompress, ".bz2": bz2.decompress}


@pytest.fixture(scope="module")
def sc() -> Iterator[SparkContext]:
    assert pyrite.__version__  # it is its import that gives programs their SparkContext
    conf = SparkConf().setMaster("local[2]").setAppName("jobs").set("spark.ui.enabled", "false")
    context = SparkContext(conf=conf)
    yield context
    context.stop()


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name.replace(" ", "-"))
def test_a_job_makes_what_it_makes_on_hadoop(job: Any, sc: SparkContext, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    record.lay_out(job.files, folder)
    expected = RECORDED[job.name]
    outputs = [tmp_path / "first", tmp_path / "second"]
    try:
        for options, output in zip(job.steps, outputs, strict=False):
            words = record.words_of(options, folder, output, outputs[0])
            result = run_stream_job(read_options([*_AS_LOCAL, *words]).job(), sc)
    except (SparkException, SparkIllegalArgumentException):
        assert "exit code" in expected
        assert not output.exists()
        return

    files = record.files_in(output, folder)
    assert "exit code" not in expected, files
    assert list(files) == list(expected["files"])
    for name, text in expected["files"].items():
        assert _lines(name, files[name], job) == _lines(name, text, job), name
    assert record.counters_in(result.counters.to_dict()) == expected["counters"]


def _lines(name: str, text: str, job: Any) -> list[str]:
    data = _UNPACKED.get(Path(name).suffix, bytes)(text.encode("latin-1"))
    lines = data.decode("latin-1").split("\n")
    return sorted(lines) if job.any_order else lines
