"""How records are written for the commands of a job, and read from them: ``-io``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pyrite.mapreduce.hadoop_streaming.key_value_text import KeyValueText

if TYPE_CHECKING:
    from pyrite.mapreduce.hadoop_streaming.records import Records
    from pyrite.mapreduce.hadoop_streaming.stream_job import StreamJob

__all__ = ["CommandEncodings", "Encoding", "of_mapper", "of_reducer"]


class Encoding(Protocol):
    """How records are bytes."""

    def read(self, chunks: Iterable[Any]) -> Iterator[Records]:
        """Yield the records in chunks of bytes that are cut anywhere."""
        ...

    def write(self, records: Records) -> Any:
        """Return the bytes of records."""
        ...


@dataclass(frozen=True)
class CommandEncodings:
    """What a command reads and what it writes.

    Attributes:
        stdin: How records are written for it.
        stdout: How its own are read.
    """

    stdin: Encoding
    stdout: Encoding


def of_mapper(job: StreamJob) -> CommandEncodings:
    """Return the encodings of the mapper's command."""
    # Their order is the sort's where there are reducers
    counting = job.num_reduces > 0
    return _encodings(job, "map", job.io.map_input, job.io.map_output, counting)


def of_reducer(job: StreamJob) -> CommandEncodings:
    """Return the encodings of the reducer's command, and of the combiner's."""
    return _encodings(job, "reduce", job.io.reduce_input, job.io.reduce_output)


def _encodings(
    job: StreamJob, side: str, stdin: str, stdout: str, counting: bool = False
) -> CommandEncodings:
    conf = job.conf
    return CommandEncodings(
        _encoding(stdin, conf[f"stream.{side}.input.field.separator"], 1),
        _encoding(
            stdout,
            conf[f"stream.{side}.output.field.separator"],
            # Hadoop takes the first field for the key where it is told of none
            max(conf.integer(f"stream.num.{side}.output.key.fields", 1), 1),
            counting,
        ),
    )


def _encoding(name: str, separator: str, key_fields: int, counting: bool = False) -> Encoding:
    return KeyValueText(separator.encode(), key_fields, counting)
