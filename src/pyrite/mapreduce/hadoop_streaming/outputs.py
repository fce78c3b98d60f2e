"""Outputs: how batches of records become the files of a job's output directory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from pyrite.core.hadoop.output_format import (
    KEY_CLASS,
    VALUE_CLASS,
    find_output_format,
    output_codec,
)
from pyrite.core.hadoop.output_job import OutputJob, make_committer
from pyrite.mapreduce.hadoop_streaming.encodings import RAW, TEXT, TYPED, text_of, written_as
from pyrite.mapreduce.hadoop_streaming.key_value_text import KeyValueText
from pyrite.mapreduce.hadoop_streaming.records import Records
from pyrite.mapreduce.hadoop_streaming.stream_job import NULL_OUTPUT

if TYPE_CHECKING:
    from pyrite.mapreduce.hadoop_streaming.stream_job import StreamJob

__all__ = ["make_output", "to_write"]

_TEXT_FORMAT = "TextOutputFormat"
_SEPARATOR = "mapreduce.output.textoutputformat.separator"
#: What records are -> the class their keys and values have in files that say it.
_CLASSES = {
    TEXT: "org.apache.hadoop.io.Text",
    RAW: "org.apache.hadoop.io.BytesWritable",
    TYPED: "org.apache.hadoop.typedbytes.TypedBytesWritable",
}


def make_output(job: StreamJob, job_id: str) -> OutputJob:
    """Return what writes a job's output: part files, but for the format that makes none of them.

    Args:
        job: The job.
        job_id: Its id, after which the directories of unfinished output are named.

    Raises:
        SparkException: If there is no such output format.
    """
    output_format = find_output_format(job.output_format)
    committer = replace(
        make_committer(job.output, job.conf),
        job_id=job_id.removeprefix("job_"),
        task_type="r" if job.num_reduces else "m",
    )
    codec = output_codec(job.conf)
    is_text = job.output_format.endswith("." + _TEXT_FORMAT)
    return OutputJob(
        committer,
        partial(output_format.file_name, codec=codec),
        partial(_write_text, job.conf[_SEPARATOR].encode(), written_as(job))
        if is_text
        else partial(_write_records, job),
        codec if output_format.compresses_whole else None,
        is_lazy=job.lazy_output or output_format.write is None,
    )


def to_write(job: StreamJob, batches: Iterator[Records]) -> Iterator[Records]:
    """Return those records of a task that are written: none where the format writes nothing."""
    return filter(_is_nothing, batches) if job.output_format == NULL_OUTPUT else batches


def _is_nothing(batch: Records) -> bool:
    return False


def _write_text(separator: bytes, form: str, file: BinaryIO, batches: Iterable[Records]) -> int:
    """Write records as lines, and return how many there were."""
    text = KeyValueText(separator, 1)
    count = 0
    for batch in batches:
        keys, values = text_of(batch.keys, form), text_of(batch.values, form)
        file.write(text.write(Records(keys, values, batch.counts)))
        count += batch.total
    return count


def _write_records(job: StreamJob, file: BinaryIO, batches: Iterable[Records]) -> int:
    """Write records of a format that is not text."""
    write = find_output_format(job.output_format).write
    assert write is not None
    form = written_as(job)
    conf = {**job.conf, KEY_CLASS: _CLASSES[form], VALUE_CLASS: _CLASSES[form]}
    pairs = (pair for batch in batches for pair in batch.pairs())
    if form != TEXT:
        return write(file, pairs, conf)
    texts = (
        (key.decode("utf-8", "replace"), value.decode("utf-8", "replace")) for key, value in pairs
    )
    return write(file, texts, conf)
