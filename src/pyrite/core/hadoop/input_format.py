"""Input formats: how files are cut and what records they hold, by Java class name."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, BinaryIO, cast

from pyrite.core.errors import SparkException
from pyrite.core.hadoop.bzip2_blocks import read_blocks
from pyrite.core.hadoop.codecs import codec_for_path, find_codec
from pyrite.core.hadoop.filesystem import FileStatus, file_system
from pyrite.core.hadoop.java_text import java_text
from pyrite.core.hadoop.line_reader import read_lines_with_offsets, record_start
from pyrite.core.hadoop.sequence_file import SYNC_INTERVAL, SequenceFileReader
from pyrite.core.hadoop.splits import FileSplit, new_splits, old_splits

__all__ = [
    "SPILL_DIRECTORY",
    "InputFormat",
    "find_input_format",
    "fixed_length_splits",
    "is_splittable_text",
    "open_split",
    "read_fixed_length",
    "record_delimiter",
    "text_splits",
]

_OLD = "org.apache.hadoop.mapred."
_NEW = "org.apache.hadoop.mapreduce.lib.input."

_DELIMITER = "textinputformat.record.delimiter"
_SEPARATOR = "mapreduce.input.keyvaluelinerecordreader.key.value.separator"
_LINES_PER_SPLIT = "mapreduce.input.lineinputformat.linespermap"
_RECORD_LENGTH = "fixedlengthinputformat.record.length"

#: A setting of the task that reads, not of the user: where large pieces wait on disk.
SPILL_DIRECTORY = "pyrite.spill.directory"

#: Bytes of a bzip2 split's content that stay in memory; the rest goes to a temporary file.
_SPOOL_SIZE = 16 << 20

Conf = Mapping[str, str]
Records = Iterator[list[tuple[Any, Any]]]


@dataclass(frozen=True)
class InputFormat:
    """One kind of input file.

    Attributes:
        class_name: The Java class.
        is_new_api: Whether it is of ``org.apache.hadoop.mapreduce`` or of the older ``mapred``.
        plan: From files, the number of splits wanted (the old API's hint) and settings to splits.
        read: From a split and settings to lists of (key, value).
    """

    class_name: str
    is_new_api: bool
    plan: Callable[[Sequence[FileStatus], int, Conf], list[FileSplit]]
    read: Callable[[FileSplit, Conf], Records]


_BZIP2 = find_codec("bzip2")


def is_splittable_text(path: str) -> bool:
    """Return whether a text file can be read from its middle: plain and bzip2 files."""
    return codec_for_path(path) in (None, _BZIP2)


def record_delimiter(conf: Conf) -> bytes | None:
    """Return what ends a text record where the settings say so, else None."""
    delimiter = conf.get(_DELIMITER)
    return delimiter.encode() if delimiter else None


@contextmanager
def open_split(
    split: FileSplit, delimiter: bytes | None = None, spill_directory: str | None = None
) -> Iterator[tuple[BinaryIO, int, int | None]]:
    """Open a text file, through its codec if it has one; yield it with the range to read.

    Args:
        split: What to open.
        delimiter: What ends a record, if the settings say.
        spill_directory: Where what is too large for memory goes; the system's by default.
    """
    codec = codec_for_path(split.path)
    fs = file_system(split.path)
    with fs.open(split.path) as raw:
        if codec is None:
            yield raw, split.start, split.start + split.length
            return
        if codec is _BZIP2:
            status = fs.status(split.path)
            if status is None or status.length != split.length:
                with tempfile.SpooledTemporaryFile(_SPOOL_SIZE, dir=spill_directory) as blocks:
                    content = cast(BinaryIO, blocks)
                    yield (content, *_spool_blocks(raw, split, content, delimiter))
                return
        with codec.reader(raw) as content:
            yield content, 0, None


def _spool_blocks(
    raw: BinaryIO, split: FileSplit, out: BinaryIO, delimiter: bytes | None
) -> tuple[int, int]:
    """Write the content of the bzip2 blocks that begin in a split; return its range in ``out``.

    Later blocks follow until the last line is complete. In front of all but the file's first
    block stands one byte, so that the range does not begin at 0, where no line is skipped.
    """
    start = min(split.start, 1)
    out.write(b" " * start)
    end = size = start
    for position, content in read_blocks(raw, split.start):
        is_owned = position < split.start + split.length
        if not is_owned and (size == start or record_start(out, end, delimiter) < size):
            break
        out.seek(size)
        out.write(content)
        size += len(content)
        end = size if is_owned else end
    out.seek(start)
    return start, end


def _always(path: str) -> bool:
    return True


def text_splits(files: Sequence[FileStatus], num_splits: int, conf: Conf) -> list[FileSplit]:
    """Cut text files as the old API does."""
    return old_splits(files, num_splits, conf, is_splittable_text)


def _new_text_splits(files: Sequence[FileStatus], num_splits: int, conf: Conf) -> list[FileSplit]:
    return new_splits(files, conf, is_splittable_text)


def _with_sync_interval(conf: Conf) -> Conf:
    """A split of a sequence file must be able to hold a marker."""
    key = "mapreduce.input.fileinputformat.split.minsize"
    return {**conf, key: str(max(int(conf.get(key, "1")), SYNC_INTERVAL))}


def _sequence_splits(files: Sequence[FileStatus], num_splits: int, conf: Conf) -> list[FileSplit]:
    return old_splits(files, num_splits, _with_sync_interval(conf), _always)


def _new_sequence_splits(
    files: Sequence[FileStatus], num_splits: int, conf: Conf
) -> list[FileSplit]:
    return new_splits(files, _with_sync_interval(conf), _always)


def _n_line_splits(files: Sequence[FileStatus], num_splits: int, conf: Conf) -> list[FileSplit]:
    """Cut files every so many lines, which takes reading them."""
    per_split = int(conf.get(_LINES_PER_SPLIT, "1"))
    delimiter = record_delimiter(conf)
    splits = []
    for file in files:
        with file_system(file.path).open(file.path) as opened:
            chunks = read_lines_with_offsets(opened, delimiter=delimiter)
            starts = [offset for chunk in chunks for offset, _ in chunk][::per_split]
        # A split owns the lines that begin after its start, so it starts a byte earlier. In Hadoop
        # the last one also ends a byte earlier; the order of tasks hangs on its length.
        bounds = [max(start - 1, 0) for start in starts] + [max(file.length - 1, 1)]
        splits += [FileSplit(file.path, start, end - start) for start, end in pairwise(bounds)]
    return splits


def _read_text(split: FileSplit, conf: Conf) -> Records:
    delimiter = record_delimiter(conf)
    with open_split(split, delimiter, conf.get(SPILL_DIRECTORY)) as (file, start, end):
        yield from read_lines_with_offsets(file, start, end, delimiter)


def _read_key_value(split: FileSplit, conf: Conf) -> Records:
    """Cut each line at the first separator; without one the whole line is the key."""
    separator = conf.get(_SEPARATOR, "\t")[:1]
    for lines in _read_text(split, conf):
        yield [(key, value) for key, _, value in (line.partition(separator) for _, line in lines)]


def _read_sequence(split: FileSplit, conf: Conf) -> Records:
    with file_system(split.path).open(split.path) as file:
        reader = SequenceFileReader(file, split.path)
        yield from reader.read(split.start, split.start + split.length)


def _read_sequence_as_text(split: FileSplit, conf: Conf) -> Records:
    for batch in _read_sequence(split, conf):
        yield [(java_text(key), java_text(value)) for key, value in batch]


def _read_sequence_as_binary(split: FileSplit, conf: Conf) -> Records:
    with file_system(split.path).open(split.path) as file:
        reader = SequenceFileReader(file, split.path)
        for batch in reader.read_raw(split.start, split.start + split.length):
            yield [(bytearray(key), bytearray(value)) for key, value in batch]


def fixed_length_splits(
    files: Sequence[FileStatus], record_length: int, conf: Conf
) -> list[FileSplit]:
    """Cut files of records that all have ``record_length`` bytes."""
    return new_splits(files, conf, _always, record_length)


def read_fixed_length(split: FileSplit, record_length: int) -> Iterator[list[bytes]]:
    """Yield lists of the records of a split.

    Raises:
        SparkException: If the file ends in the middle of a record.
    """
    record = struct.Struct(f"{record_length}s")
    batch_size = max((1 << 20) // record_length, 1) * record_length
    with file_system(split.path).open(split.path) as file:
        file.seek(split.start)
        rest = split.length
        while rest > 0:
            data = file.read(min(batch_size, rest))
            if not data or len(data) % record_length:
                raise SparkException(
                    f"{split.path} does not hold whole records of {record_length} bytes: "
                    f"the last one is cut short."
                )
            rest -= len(data)
            yield [fields[0] for fields in record.iter_unpack(data)]


def _record_length(conf: Conf) -> int:
    length = int(conf.get(_RECORD_LENGTH, "0"))
    if length <= 0:
        raise SparkException(
            f"Fixed record length {length} is invalid. It should be set to a value greater than "
            f"zero, as {_RECORD_LENGTH}."
        )
    return length


def _plan_fixed_length(files: Sequence[FileStatus], num_splits: int, conf: Conf) -> list[FileSplit]:
    return fixed_length_splits(files, _record_length(conf), conf)


def _read_fixed_length(split: FileSplit, conf: Conf) -> Records:
    length = _record_length(conf)
    position = split.start
    for batch in read_fixed_length(split, length):
        yield [(position + i * length, bytearray(record)) for i, record in enumerate(batch)]
        position += len(batch) * length


_OLD_TEXT = InputFormat(_OLD + "TextInputFormat", False, text_splits, _read_text)
_NEW_TEXT = InputFormat(_NEW + "TextInputFormat", True, _new_text_splits, _read_text)
_OLD_SEQUENCE = InputFormat(
    _OLD + "SequenceFileInputFormat", False, _sequence_splits, _read_sequence
)
_NEW_SEQUENCE = InputFormat(
    _NEW + "SequenceFileInputFormat", True, _new_sequence_splits, _read_sequence
)
_FIXED = InputFormat(_OLD + "FixedLengthInputFormat", False, _plan_fixed_length, _read_fixed_length)

_FORMATS = {
    input_format.class_name: input_format
    for input_format in (
        _OLD_TEXT,
        _NEW_TEXT,
        replace(_OLD_TEXT, class_name=_OLD + "KeyValueTextInputFormat", read=_read_key_value),
        replace(_NEW_TEXT, class_name=_NEW + "KeyValueTextInputFormat", read=_read_key_value),
        replace(_OLD_TEXT, class_name=_OLD + "lib.NLineInputFormat", plan=_n_line_splits),
        replace(_NEW_TEXT, class_name=_NEW + "NLineInputFormat", plan=_n_line_splits),
        _OLD_SEQUENCE,
        _NEW_SEQUENCE,
        *(
            replace(base, class_name=f"{package}SequenceFileAs{kind}InputFormat", read=read)
            for base, package in ((_OLD_SEQUENCE, _OLD), (_NEW_SEQUENCE, _NEW))
            for kind, read in (
                ("Text", _read_sequence_as_text),
                ("Binary", _read_sequence_as_binary),
            )
        ),
        _FIXED,
        replace(_FIXED, class_name=_NEW + "FixedLengthInputFormat", is_new_api=True),
    )
}


def find_input_format(class_name: str, is_new_api: bool = False) -> InputFormat:
    """Return the input format of that Java class.

    Args:
        class_name: The class.
        is_new_api: Which of Hadoop's two APIs the calling method is for.

    Raises:
        SparkException: If Pyrite does not know it; the message lists those it knows.
    """
    input_format = _FORMATS.get(class_name)
    if input_format is None or input_format.is_new_api != is_new_api:
        known = ", ".join(
            name for name, known in _FORMATS.items() if known.is_new_api is is_new_api
        )
        raise SparkException(f"Input format class {class_name} not found. Known here: {known}.")
    return input_format
