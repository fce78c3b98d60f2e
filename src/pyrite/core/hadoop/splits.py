"""Splits: how files are cut into partitions, so that Pyrite has as many of them as Spark.

Three rules exist in Hadoop, one per family of input methods: ``old_splits`` (textFile,
hadoopFile, sequenceFile), ``new_splits`` (newAPIHadoopFile, binaryRecords) and
``combined_splits`` (wholeTextFiles, binaryFiles), which packs whole files together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pyrite.core.conf import ConfigEntry, parse_bytes
from pyrite.core.hadoop.filesystem import FileStatus, scheme_of

__all__ = [
    "CombinedSplit",
    "FileSplit",
    "binary_split_size",
    "combined_splits",
    "new_splits",
    "old_splits",
    "whole_text_split_size",
]

#: The last split of a file may be this much larger than the others.
SPLIT_SLOP = 1.1

#: Scheme -> (setting, default in bytes) of the block size Hadoop assumes there.
_BLOCK_SIZES = {
    "hdfs": ("dfs.blocksize", 128 << 20),
    "webhdfs": ("dfs.blocksize", 128 << 20),
    "gs": ("fs.gs.block.size", 64 << 20),
    "abfs": ("fs.azure.block.size", 256 << 20),
    "abfss": ("fs.azure.block.size", 256 << 20),
    "s3a": ("fs.s3a.block.size", 32 << 20),
    "s3": ("fs.s3a.block.size", 32 << 20),
}
_DEFAULT_BLOCK_SIZE = ("fs.local.block.size", 32 << 20)

_LONG_MAX = (1 << 63) - 1
_MIN_SIZE = ConfigEntry("mapreduce.input.fileinputformat.split.minsize", "1", parse_bytes)
_MAX_SIZE = ConfigEntry("mapreduce.input.fileinputformat.split.maxsize", str(_LONG_MAX), int)


@dataclass(frozen=True, slots=True)
class FileSplit:
    """A range of bytes of one file.

    Attributes:
        path: The file's URI.
        start: Offset of the first byte.
        length: Number of bytes.
        hosts: Where the bytes are close; empty when that does not matter.
    """

    path: str
    start: int
    length: int
    hosts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}:{self.start}+{self.length}"


@dataclass(frozen=True, slots=True)
class CombinedSplit:
    """Several whole files that one task reads."""

    files: tuple[FileStatus, ...]


def block_size(uri: str, conf: Mapping[str, str]) -> int:
    """Return the block size, in bytes, of the storage that holds ``uri``."""
    key, default = _BLOCK_SIZES.get(scheme_of(uri), _DEFAULT_BLOCK_SIZE)
    return parse_bytes(conf[key]) if key in conf else default


def old_splits(
    files: Sequence[FileStatus],
    num_splits: int,
    conf: Mapping[str, str],
    is_splittable: Callable[[str], bool],
) -> list[FileSplit]:
    """Cut files so that there are about ``num_splits`` splits, none larger than a block.

    Args:
        files: What to cut; empty files give no split.
        num_splits: The number wanted; a hint.
        conf: Hadoop settings: block sizes and ``mapreduce.input.fileinputformat.split.minsize``.
        is_splittable: Whether the file of that URI can be read from its middle.
    """
    goal = sum(file.length for file in files) // max(num_splits, 1)
    least = max(_MIN_SIZE.read(conf), 1)

    def split_size(file: FileStatus) -> int:
        return max(least, min(goal, block_size(file.path, conf)))

    return _cut(files, split_size, is_splittable)


def new_splits(
    files: Sequence[FileStatus],
    conf: Mapping[str, str],
    is_splittable: Callable[[str], bool],
    record_length: int = 1,
) -> list[FileSplit]:
    """Cut files at block size, between the smallest and largest size of the settings.

    Args:
        files: What to cut; empty files give no split.
        conf: Hadoop settings: block sizes and ``mapreduce.input.fileinputformat.split.minsize``
            and ``.maxsize``.
        is_splittable: Whether the file of that URI can be read from its middle.
        record_length: Splits become a multiple of this many bytes.
    """
    least, most = max(_MIN_SIZE.read(conf), 1), _MAX_SIZE.read(conf)

    def split_size(file: FileStatus) -> int:
        size = max(least, min(most, block_size(file.path, conf)))
        return max(size // record_length, 1) * record_length

    return _cut(files, split_size, is_splittable)


def _cut(
    files: Iterable[FileStatus],
    split_size: Callable[[FileStatus], int],
    is_splittable: Callable[[str], bool],
) -> list[FileSplit]:
    splits = []
    for file in files:
        start, rest = 0, file.length
        if rest and is_splittable(file.path):
            size = split_size(file)
            while rest / size > SPLIT_SLOP:
                splits.append(FileSplit(file.path, start, size))
                start += size
                rest -= size
        if rest:
            splits.append(FileSplit(file.path, start, rest))
    return splits


def whole_text_split_size(files: Sequence[FileStatus], min_partitions: int) -> int:
    """Return the size at which wholeTextFiles closes a group of files, in bytes."""
    return math.ceil(sum(file.length for file in files) / max(min_partitions, 1))


_MAX_PARTITION_BYTES = ConfigEntry("spark.files.maxPartitionBytes", str(128 << 20), parse_bytes)
_OPEN_COST = ConfigEntry("spark.files.openCostInBytes", str(4 << 20), parse_bytes)


def binary_split_size(
    files: Sequence[FileStatus], parallelism: int, conf: Mapping[str, str]
) -> int:
    """Return the size at which binaryFiles closes a group of files, in bytes.

    Args:
        files: The input.
        parallelism: The larger of the default parallelism and the partitions asked for.
        conf: Spark's settings: ``spark.files.maxPartitionBytes``, ``spark.files.openCostInBytes``.
    """
    open_cost = _OPEN_COST.read(conf)
    total = sum(file.length + open_cost for file in files)
    return min(_MAX_PARTITION_BYTES.read(conf), max(open_cost, total // max(parallelism, 1)))


def combined_splits(files: Sequence[FileStatus], max_size: int) -> list[CombinedSplit]:
    """Pack whole files into groups of at least ``max_size`` bytes, as Hadoop does on one host.

    Files with bytes have a host, so they are packed first and as long as groups get full; what
    is left over, with the empty files, which have no host, is packed in the order of the input.

    Example:
        >>> sizes = {"a": 9, "b": 0, "c": 6}
        >>> files = [FileStatus(name, size, False) for name, size in sizes.items()]
        >>> [[file.path for file in split.files] for split in combined_splits(files, 8)]
        [['a'], ['b', 'c']]
    """
    full, _ = _pack([file for file in files if file.length], max_size)
    # By identity: a path may be given twice.
    placed = {id(file) for group in full for file in group}
    more, rest = _pack([file for file in files if id(file) not in placed], max_size)
    groups = full + more + ([rest] if rest else [])
    return [CombinedSplit(tuple(group)) for group in groups]


def _pack(
    files: Iterable[FileStatus], max_size: int
) -> tuple[list[list[FileStatus]], list[FileStatus]]:
    """Return the groups that reached ``max_size``, and the files that did not fill another."""
    full: list[list[FileStatus]] = []
    group: list[FileStatus] = []
    size = 0
    for file in files:
        group.append(file)
        size += file.length
        if max_size and size >= max_size:
            full.append(group)
            group, size = [], 0
    return full, group
