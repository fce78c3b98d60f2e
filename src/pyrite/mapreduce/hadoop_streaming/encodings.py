"""How records are written for the commands of a job, and read from them: ``-io``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from pyrite.mapreduce.hadoop_streaming.byte_columns import bytes_of, interleaved, offsets_of
from pyrite.mapreduce.hadoop_streaming.key_value_text import KeyValueText
from pyrite.mapreduce.hadoop_streaming.raw_bytes import RawBytes, raw_text
from pyrite.mapreduce.hadoop_streaming.stream_job import Command
from pyrite.mapreduce.hadoop_streaming.typed_bytes import TypedBytes, typed_text

if TYPE_CHECKING:
    from pyrite.mapreduce.hadoop_streaming.byte_columns import ByteStrings
    from pyrite.mapreduce.hadoop_streaming.records import Records
    from pyrite.mapreduce.hadoop_streaming.stream_job import StreamJob

__all__ = [
    "RAW",
    "TEXT",
    "TYPED",
    "CommandEncodings",
    "Encoding",
    "lines_of",
    "of_mapper",
    "of_reducer",
    "text_of",
    "written_as",
]

TEXT, RAW, TYPED = "text", "rawbytes", "typedbytes"


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
    io, conf = job.io, job.conf
    numbered = job.input_has_offsets
    stdin: Mapping[str, Encoding] = {
        TEXT: KeyValueText(
            conf["stream.map.input.field.separator"].encode(), with_keys=job.mapper_gets_keys
        ),
        RAW: RawBytes(numbered, has_lengths=True),
        TYPED: TypedBytes(TEXT, numbered),
    }
    # Where there are reducers, the order is the sort's
    stdout = _stdout(job, "map", counting=job.num_reduces > 0)
    return CommandEncodings(stdin[io.map_input], stdout[io.map_output])


def of_reducer(job: StreamJob) -> CommandEncodings:
    """Return the encodings of the reducer's command, and of the combiner's."""
    io, conf = job.io, job.conf
    stdin: Mapping[str, Encoding] = {
        TEXT: KeyValueText(conf["stream.reduce.input.field.separator"].encode()),
        RAW: RawBytes(job.keys_are_offsets, has_lengths=_mapped_as(job) == TEXT),
        TYPED: TypedBytes(_mapped_as(job), job.keys_are_offsets),
    }
    return CommandEncodings(stdin[io.reduce_input], _stdout(job, "reduce")[io.reduce_output])


def lines_of(strings: ByteStrings) -> Any:
    """Return strings as lines of text: an object with the buffer protocol."""
    lines = interleaved(strings, b"\n")
    return bytes_of(lines)[: int(offsets_of(lines)[-1])]


def written_as(job: StreamJob) -> str:
    """Return what a job's output records are: ``text``, ``rawbytes`` or ``typedbytes``."""
    if not job.num_reduces or job.reducer is None:
        return _mapped_as(job)
    return job.io.reduce_output if isinstance(job.reducer, Command) else TEXT


def text_of(strings: ByteStrings, form: str) -> ByteStrings:
    """Return what Java prints for keys or values.

    Args:
        strings: The keys or values.
        form: What they are: ``text``, ``rawbytes`` or ``typedbytes``.
    """
    return _TEXTS[form](strings)


def _mapped_as(job: StreamJob) -> str:
    return TEXT if job.mapper is None else job.io.map_output


def _stdout(job: StreamJob, side: str, counting: bool = False) -> Mapping[str, Encoding]:
    conf = job.conf
    separator = conf[f"stream.{side}.output.field.separator"].encode()
    # Hadoop takes the first field for the key where it is told of none
    key_fields = max(conf.integer(f"stream.num.{side}.output.key.fields", 1), 1)
    return {
        TEXT: KeyValueText(separator, key_fields, counting),
        RAW: RawBytes(),
        TYPED: TypedBytes(),
    }


_TEXTS: Mapping[str, Callable[[ByteStrings], ByteStrings]] = MappingProxyType(
    {TEXT: lambda strings: strings, RAW: raw_text, TYPED: typed_text}
)
