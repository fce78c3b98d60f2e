r"""Inputs: files cut into splits as Hadoop cuts them, and what the mappers get of each.

A split of lines goes to a mapper as it is in the file, a block of some megabyte at a time; only
endings that are not ``\n`` are changed. Formats whose keys mappers see as well are read as records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.core.hadoop.input_format import (
    SPILL_DIRECTORY,
    find_input_format,
    open_split,
    record_delimiter,
)
from pyrite.core.hadoop.input_paths import list_input_files
from pyrite.core.hadoop.java_text import java_text
from pyrite.core.hadoop.line_reader import BYTE_ORDER_MARK, read_line_blocks
from pyrite.core.hadoop.splits import FileSplit
from pyrite.mapreduce.hadoop_streaming.blocks import with_newlines
from pyrite.mapreduce.hadoop_streaming.key_value_text import KeyValueText
from pyrite.mapreduce.hadoop_streaming.records import Records

__all__ = ["StreamInput"]

_MAPS = "mapreduce.job.maps"
_DELIMITER = "textinputformat.record.delimiter"
_KEY_SEPARATOR = "mapreduce.input.keyvaluelinerecordreader.key.value.separator"

#: The last part of a format's name -> how its records are read.
_LINES = frozenset({"TextInputFormat", "NLineInputFormat"})
_KEY_VALUE_LINES = frozenset({"KeyValueTextInputFormat"})
#: Those that cut files by lines: of an empty file they make no split.
_CUT_BY_LINES = frozenset({"NLineInputFormat"})

_ENDING = re.compile(rb"\r\n|\r|\n")

Pairs = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class StreamInput:
    """The input of a job; it goes to the tasks with the RDD.

    Attributes:
        paths: Path expressions; each may hold commas and globs.
        format_class: The input format's Java class.
        conf: Hadoop settings.
    """

    paths: tuple[str, ...]
    format_class: str
    conf: Mapping[str, str]

    @property
    def _kind(self) -> str:
        return self.format_class.rpartition(".")[2]

    @property
    def is_text(self) -> bool:
        """Whether records are lines, whose keys are their offsets."""
        return self._kind in _LINES

    @property
    def _settings(self) -> Mapping[str, str]:
        """The settings that the format heeds: only one has delimiters other than newlines."""
        if self._kind == "TextInputFormat":
            return self.conf
        return {name: self.conf[name] for name in self.conf if name != _DELIMITER}

    def plan(self) -> list[FileSplit]:
        """Find the files and cut them, the largest split first: one for each map task.

        Raises:
            InvalidInputException: If a path does not exist.
            SparkException: If there is no such input format.
        """
        is_new_api = ".mapreduce." in self.format_class
        input_format = find_input_format(self.format_class, is_new_api)
        files = list_input_files(",".join(self.paths), self.conf)
        splits = input_format.plan(files, int(self.conf.get(_MAPS, "2")), self._settings)
        if self._kind not in _CUT_BY_LINES:
            splits = [*splits, *_empty_splits(files)]
        return sorted(splits, key=lambda split: -split.length)

    def lines(
        self, split: FileSplit, spill_directory: str | None = None
    ) -> Iterator[tuple[bytes, int]]:
        r"""Yield the lines of a split, many at once, each ended by ``\n``.

        Args:
            split: One of those planned, of a format of lines.
            spill_directory: Where what is too large for memory goes; the system's by default.

        Returns:
            Blocks of lines, and how many lines are in each.
        """
        delimiter = record_delimiter(self._settings)
        for position, block in self._blocks(split, spill_directory):
            if position == 0:
                block = block.removeprefix(BYTE_ORDER_MARK)
            if delimiter is not None:
                records = block.split(delimiter)
                if not records[-1]:
                    records.pop()
                yield b"".join(record + b"\n" for record in records), len(records)
                continue
            block = with_newlines(block)
            yield block, block.count(b"\n")

    def records(self, split: FileSplit, spill_directory: str | None = None) -> Iterator[Records]:
        """Yield the records of a split, with the keys that the format gives them.

        Args:
            split: One of those planned.
            spill_directory: Where what is too large for memory goes; the system's by default.
        """
        if self._kind in _KEY_VALUE_LINES:
            separator = self.conf.get(_KEY_SEPARATOR, "\t")[:1].encode()
            blocks = (block for block, _ in self.lines(split, spill_directory))
            return KeyValueText(separator, 1).read(blocks)
        pairs = self._numbered_lines if self.is_text else self._text_of_records
        return map(Records.of, pairs(split, spill_directory))

    def _blocks(self, split: FileSplit, spill_directory: str | None) -> Iterator[tuple[int, bytes]]:
        delimiter = record_delimiter(self._settings)
        with open_split(split, delimiter, spill_directory) as (file, start, end):
            yield from read_line_blocks(file, start, end, delimiter)

    def _numbered_lines(self, split: FileSplit, spill_directory: str | None) -> Iterator[Pairs]:
        """Yield lines behind their offsets in the file."""
        delimiter = record_delimiter(self._settings)
        ending = _ENDING if delimiter is None else re.compile(re.escape(delimiter))
        for position, block in self._blocks(split, spill_directory):
            pairs = []
            start = 0
            for match in ending.finditer(block):
                pairs.append((b"%d" % (position + start), block[start : match.start()]))
                start = match.end()
            if start < len(block):
                pairs.append((b"%d" % (position + start), block[start:]))
            if position == 0:
                pairs[0] = (b"0", pairs[0][1].removeprefix(BYTE_ORDER_MARK))
            yield pairs

    def _text_of_records(self, split: FileSplit, spill_directory: str | None) -> Iterator[Pairs]:
        """Yield what Java prints for the keys and values of a format that is not of lines."""
        input_format = find_input_format(self.format_class, ".mapreduce." in self.format_class)
        conf = dict(self._settings)
        if spill_directory is not None:
            conf[SPILL_DIRECTORY] = spill_directory
        for batch in input_format.read(split, conf):
            yield [(_text(key), _text(value)) for key, value in batch]


def _text(value: Any) -> bytes:
    return java_text(value).encode()


def _empty_splits(files: Sequence[FileStatus]) -> list[FileSplit]:
    return [FileSplit(file.path, 0, 0) for file in files if not file.length]
