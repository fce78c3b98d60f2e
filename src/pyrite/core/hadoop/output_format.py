"""Output formats: what the files of a saved RDD look like, by Java class name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from pyrite.core.conf import parse_bool
from pyrite.core.errors import SparkException
from pyrite.core.hadoop.codecs import Codec, find_codec
from pyrite.core.hadoop.java_text import java_text
from pyrite.core.hadoop.sequence_file import SequenceFileWriter

__all__ = [
    "KEY_CLASS",
    "OUTPUT_DIRECTORY",
    "VALUE_CLASS",
    "OutputFormat",
    "compression_settings",
    "find_output_format",
    "output_codec",
    "write_lines",
]

OUTPUT_DIRECTORY = "mapreduce.output.fileoutputformat.outputdir"
KEY_CLASS = "mapreduce.job.output.key.class"
VALUE_CLASS = "mapreduce.job.output.value.class"

_COMPRESS = "mapreduce.output.fileoutputformat.compress"
_SEPARATOR = "mapreduce.output.textoutputformat.separator"
_BATCH_SIZE = 4096

_OLD = "org.apache.hadoop.mapred."
_NEW = "org.apache.hadoop.mapreduce.lib.output."

Records = Iterable[tuple[Any, Any]]


@dataclass(frozen=True)
class OutputFormat:
    """One kind of output file.

    Attributes:
        class_name: The Java class.
        is_new_api: Whether it is of ``org.apache.hadoop.mapreduce``, which names files
            ``part-r-00000``, or of ``org.apache.hadoop.mapred``: ``part-00000``.
        write: Writes (key, value) records to an open file, and returns how many there were;
            None for the format that writes nothing.
        compresses_whole: Whether a codec goes around the file, and its suffix on the name.
    """

    class_name: str
    is_new_api: bool
    write: Callable[[BinaryIO, Records, Mapping[str, str]], int] | None
    compresses_whole: bool = False

    def file_name(self, partition: int, codec: Codec | None) -> str:
        """Return the name of a partition's file.

        Example:
            >>> find_output_format("org.apache.hadoop.mapred.TextOutputFormat").file_name(3, None)
            'part-00003'
        """
        suffix = codec.extension if codec and self.compresses_whole else ""
        return f"part-{'r-' if self.is_new_api else ''}{partition:05d}{suffix}"


def compression_settings(codec: str) -> dict[str, str]:
    """Return the settings that a method's codec argument stands for.

    Raises:
        SparkIllegalArgumentException: If there is no such codec.
    """
    return {
        _COMPRESS: "true",
        _COMPRESS + ".codec": find_codec(codec).class_name,
        _COMPRESS + ".type": "BLOCK",
    }


def output_codec(conf: Mapping[str, str]) -> Codec | None:
    """Return the codec that the settings ask for, or None.

    Raises:
        SparkIllegalArgumentException: If there is none of that name.
    """
    if not parse_bool(conf.get(_COMPRESS, "false")):
        return None
    return find_codec(conf.get(_COMPRESS + ".codec", "DefaultCodec"))


def write_lines(file: BinaryIO, elements: Iterable[Any]) -> int:
    """Write each element as a line, as saveAsTextFile does, and return how many there were.

    Strings and bytes are written as they are (invalid UTF-8 becomes U+FFFD), anything else as
    ``str`` shows it.
    """
    count = 0
    for batch in _batches(elements):
        lines = [item if type(item) is str else _line(item) for item in batch]
        lines.append("")
        file.write("\n".join(lines).encode("utf-8"))
        count += len(batch)
    return count


def _line(item: Any) -> str:
    if isinstance(item, bytes):
        return item.decode("utf-8", "replace")
    # A subclass of str, such as a string enum, is written as the string it is.
    return str.__str__(item) if isinstance(item, str) else str(item)


def _batches(elements: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(elements)
    while batch := list(islice(iterator, _BATCH_SIZE)):
        yield batch


def _write_text(file: BinaryIO, records: Records, conf: Mapping[str, str]) -> int:
    """Write key, separator, value; a part that is None is left out, and with it the separator."""
    separator = conf.get(_SEPARATOR, "\t")
    count = 0
    for batch in _batches(records):
        lines = [
            separator.join(java_text(part) for part in (key, value) if part is not None)
            for key, value in batch
            if key is not None or value is not None
        ]
        lines.append("")
        file.write("\n".join(lines).encode("utf-8"))
        count += len(batch)
    return count


def _write_sequence(file: BinaryIO, records: Records, conf: Mapping[str, str]) -> int:
    in_blocks = conf.get(_COMPRESS + ".type", "RECORD").upper() == "BLOCK"
    key_class = conf.get(KEY_CLASS, "org.apache.hadoop.io.LongWritable")
    value_class = conf.get(VALUE_CLASS, "org.apache.hadoop.io.Text")
    with SequenceFileWriter(file, key_class, value_class, output_codec(conf), in_blocks) as writer:
        return writer.write_all(records)


_FORMATS = {
    output_format.class_name: output_format
    for output_format in (
        OutputFormat(_OLD + "TextOutputFormat", False, _write_text, compresses_whole=True),
        OutputFormat(_NEW + "TextOutputFormat", True, _write_text, compresses_whole=True),
        OutputFormat(_OLD + "SequenceFileOutputFormat", False, _write_sequence),
        OutputFormat(_NEW + "SequenceFileOutputFormat", True, _write_sequence),
        OutputFormat(_OLD + "lib.NullOutputFormat", False, None),
        OutputFormat(_NEW + "NullOutputFormat", True, None),
    )
}


def find_output_format(class_name: str, is_new_api: bool = False) -> OutputFormat:
    """Return the output format of that Java class.

    Args:
        class_name: The class.
        is_new_api: Which of Hadoop's two APIs the calling method is for.

    Raises:
        SparkException: If Pyrite does not know it; the message lists those it knows.
    """
    output_format = _FORMATS.get(class_name)
    if output_format is None or output_format.is_new_api != is_new_api:
        known = ", ".join(
            name for name, known in _FORMATS.items() if known.is_new_api is is_new_api
        )
        raise SparkException(f"Output format class {class_name} not found. Known here: {known}.")
    return output_format
