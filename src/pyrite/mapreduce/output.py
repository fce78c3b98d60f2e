"""Pairs as lines: files of an output directory, and standard output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from pyrite.core.hadoop.output_format import output_codec
from pyrite.core.hadoop.output_job import OutputJob, make_committer
from pyrite.mapreduce.encodings import Encoding
from pyrite.mapreduce.errors import MapReduceError, shown

__all__ = ["PairWriter", "output_job"]

_BATCH_SIZE = 4096


@dataclass(frozen=True)
class PairWriter:
    """Writes pairs to open files.

    Attributes:
        line_of: From a key and a value to their line.
        encoding: What kind of line that is, for errors.
        made_by: The class that made the pairs, for errors.
    """

    line_of: Callable[[Any, Any], str]
    encoding: str
    made_by: str

    @classmethod
    def of(cls, encoding: Encoding, made_by: str) -> PairWriter:
        """Return what writes pairs in an encoding."""
        return cls(encoding.write, type(encoding).__name__, made_by)

    def write(self, file: BinaryIO, pairs: Iterable[tuple[Any, Any]]) -> int:
        """Write a line for each pair, and return how many there were.

        Raises:
            MapReduceError: If the encoding cannot hold a pair.
        """
        count = 0
        for batch in _batches(pairs):
            lines = self._lines(batch)
            lines.append("")
            file.write("\n".join(lines).encode("utf-8", "replace"))
            count += len(batch)
        return count

    def _lines(self, batch: list[tuple[Any, Any]]) -> list[str]:
        line_of = self.line_of
        lines: list[str] = []
        try:
            for key, value in batch:
                lines.append(line_of(key, value))
        except (TypeError, ValueError, RecursionError) as error:
            key, value = batch[len(lines)]
            name = self.encoding
            raise MapReduceError(
                f"{self.made_by} made the pair ({shown(key)}, {shown(value)}), which cannot be "
                f"written as {name}: {error}. Yield what {name} can hold, or choose another "
                "encoding, such as Pickle()."
            ) from error
        return lines


@dataclass(frozen=True)
class _PartName:
    suffix: str

    def __call__(self, partition: int) -> str:
        return f"part-{partition:05d}{self.suffix}"


def output_job(path: str, conf: Mapping[str, str], writer: PairWriter) -> OutputJob:
    """Return what writes the directory of a job.

    Args:
        path: The directory.
        conf: Hadoop settings; those of compression and of the committer count.
        writer: Writes pairs.
    """
    codec = output_codec(conf)
    part_name = _PartName(codec.extension if codec else "")
    return OutputJob(make_committer(path, conf), part_name, writer.write, codec)


def _batches(pairs: Iterable[tuple[Any, Any]]) -> Iterator[list[tuple[Any, Any]]]:
    iterator = iter(pairs)
    while batch := list(islice(iterator, _BATCH_SIZE)):
        yield batch
