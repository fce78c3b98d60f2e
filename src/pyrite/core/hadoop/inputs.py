"""Inputs: what each of SparkContext's input methods reads, planned and read split by split.

An ``Input`` goes to the tasks with the RDD: ``plan`` runs in the driver, ``read`` in the tasks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pyrite.core.hadoop.codecs import codec_for_path
from pyrite.core.hadoop.filesystem import file_system
from pyrite.core.hadoop.input_format import (
    SPILL_DIRECTORY,
    find_input_format,
    fixed_length_splits,
    open_split,
    read_fixed_length,
    record_delimiter,
    text_splits,
)
from pyrite.core.hadoop.input_paths import list_input_files
from pyrite.core.hadoop.line_reader import read_line_bytes, read_lines
from pyrite.core.hadoop.splits import (
    CombinedSplit,
    FileSplit,
    binary_split_size,
    combined_splits,
    whole_text_split_size,
)

__all__ = [
    "BinaryFilesInput",
    "BinaryRecordsInput",
    "FormatInput",
    "Input",
    "Split",
    "TextInput",
    "WholeTextInput",
]

Split = FileSplit | CombinedSplit
Conf = Mapping[str, str]


class Input(Protocol):
    """Files, and how to read them."""

    def plan(self) -> Sequence[Split]:
        """Find the files and cut them into splits, one per partition.

        Raises:
            InvalidInputException: If a path does not exist.
        """

    def read(self, split: Any, spill_directory: str | None = None) -> Iterator[Sequence[Any]]:
        """Yield the records of a split, many at once.

        Args:
            split: One of those planned.
            spill_directory: Where what is too large for memory goes; the system's by default.
        """


@dataclass(frozen=True)
class TextInput:
    """Lines of text files.

    Attributes:
        paths: A path expression.
        conf: Hadoop settings.
        min_partitions: The least number of splits wanted; a hint.
        use_unicode: Whether lines are strings; otherwise UTF-8 bytes.
    """

    paths: str
    conf: Conf
    min_partitions: int
    use_unicode: bool = True

    def plan(self) -> Sequence[FileSplit]:
        """Cut files at goal or block size; compressed ones stay whole."""
        return text_splits(list_input_files(self.paths, self.conf), self.min_partitions, self.conf)

    def read(self, split: FileSplit, spill_directory: str | None = None) -> Iterator[Sequence[Any]]:
        """Yield lists of lines."""
        delimiter = record_delimiter(self.conf)
        with open_split(split, delimiter, spill_directory) as (file, start, end):
            if self.use_unicode:
                yield from read_lines(file, start, end, delimiter)
            else:
                yield from read_line_bytes(file, start, end, delimiter)


@dataclass(frozen=True)
class FormatInput:
    """The (key, value) records of files of an input format.

    Attributes:
        paths: A path expression.
        conf: Hadoop settings.
        format_class: The input format's Java class.
        is_new_api: Which of Hadoop's two APIs it is of.
        min_partitions: The least number of splits wanted, a hint; the new API ignores it.
    """

    paths: str
    conf: Conf
    format_class: str
    is_new_api: bool = False
    min_partitions: int = 1

    def plan(self) -> Sequence[FileSplit]:
        """Cut files as the format does."""
        input_format = find_input_format(self.format_class, self.is_new_api)
        files = list_input_files(self.paths, self.conf)
        return input_format.plan(files, self.min_partitions, self.conf)

    def read(self, split: FileSplit, spill_directory: str | None = None) -> Iterator[Sequence[Any]]:
        """Yield lists of (key, value)."""
        conf = self.conf
        if spill_directory is not None:
            conf = {**conf, SPILL_DIRECTORY: spill_directory}
        return find_input_format(self.format_class, self.is_new_api).read(split, conf)


@dataclass(frozen=True)
class BinaryRecordsInput:
    """Records of one length.

    Attributes:
        paths: A path expression.
        conf: Hadoop settings.
        record_length: Bytes of each record.
    """

    paths: str
    conf: Conf
    record_length: int

    def plan(self) -> Sequence[FileSplit]:
        """Cut files at block size, between records."""
        files = list_input_files(self.paths, self.conf)
        return fixed_length_splits(files, self.record_length, self.conf)

    def read(self, split: FileSplit, spill_directory: str | None = None) -> Iterator[Sequence[Any]]:
        """Yield lists of bytes."""
        return read_fixed_length(split, self.record_length)


@dataclass(frozen=True)
class WholeTextInput:
    """Whole text files: (URI, content).

    Attributes:
        paths: A path expression.
        conf: Hadoop settings.
        min_partitions: The least number of splits wanted; a hint.
        use_unicode: Whether both are strings; otherwise UTF-8 bytes.
    """

    paths: str
    conf: Conf
    min_partitions: int
    use_unicode: bool = True

    def plan(self) -> Sequence[CombinedSplit]:
        """Pack files into groups of about the same size."""
        files = list_input_files(self.paths, self.conf)
        return combined_splits(files, whole_text_split_size(files, self.min_partitions))

    def read(
        self, split: CombinedSplit, spill_directory: str | None = None
    ) -> Iterator[Sequence[Any]]:
        """Yield one (URI, content) at a time."""
        for file in split.files:
            data = _read_whole(file.path)
            codec = codec_for_path(file.path)
            text = (codec.decompress(data) if codec else data).decode("utf-8", "replace")
            if self.use_unicode:
                yield [(file.path, text)]
            else:
                yield [(file.path.encode(), text.encode())]


@dataclass(frozen=True)
class BinaryFilesInput:
    """Whole files: (URI, bytes).

    Attributes:
        paths: A path expression.
        conf: Hadoop settings.
        spark_conf: Spark's settings; ``spark.files.maxPartitionBytes`` and
            ``spark.files.openCostInBytes`` count.
        parallelism: The larger of the default parallelism and the partitions asked for.
    """

    paths: str
    conf: Conf
    spark_conf: Conf
    parallelism: int

    def plan(self) -> Sequence[CombinedSplit]:
        """Pack files into groups that are worth a task."""
        files = list_input_files(self.paths, self.conf)
        size = binary_split_size(files, self.parallelism, self.spark_conf)
        return combined_splits(files, size)

    def read(
        self, split: CombinedSplit, spill_directory: str | None = None
    ) -> Iterator[Sequence[Any]]:
        """Yield one (URI, bytes) at a time."""
        for file in split.files:
            yield [(file.path, _read_whole(file.path))]


def _read_whole(uri: str) -> bytes:
    with file_system(uri).open(uri) as file:
        return file.read()
