"""One batch of records as a frame of bytes, and files made of frames.

    frame = tag (1 byte) | length of payload (8 bytes, little endian) | payload

A batch is written in the first of these forms that keeps it exactly: two columns of numbers, a
pickle without a memo (for plain scalars), a pickle, a cloudpickle (for lambdas and classes of the
main program). Skipping the memo halves a pickle's time, but finding out whether nested tuples
and lists can do without one costs as much as it saves.
The three kinds of pickle are read back the same way and share one tag.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, BinaryIO, cast

import cloudpickle

from pyrite.core.serializers.columns import PAIRS, Columns, to_columns

__all__ = [
    "BATCH_SIZE",
    "Frame",
    "dump_batch",
    "dump_batches",
    "dump_columns",
    "frame_header",
    "iter_frames",
    "load_batches",
    "pickle_batch",
    "pickle_records",
]

BATCH_SIZE = 16384
"""Records per frame where the caller has no reason for another number."""

_HEADER = struct.Struct("<cQ")
_PICKLED = b"P"
_BUFFER = b"B"
_COLUMN_TAGS = {"q": b"q", "d": b"d", PAIRS: b"p"}
_COLUMN_TYPECODES = {tag: typecode for typecode, tag in _COLUMN_TAGS.items()}
_PROTOCOL = 5
_MEMOIZED = frozenset({str, bytes})
"""The scalars that pickle keeps a memo of, which costs more than the rest."""
_PIECE = 8192
"""Records that are pickled with one memo."""
_FIRST = 100
"""How many records tell whether a batch repeats the same objects."""
_SCALARS = frozenset({str, bytes, int, float, bool, type(None)})

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class Frame:
    """A batch still in its bytes.

    Attributes:
        tag: Which form the payload has.
        payload: The bytes of the batch; a view, valid while its buffer lives.
    """

    tag: bytes
    payload: memoryview

    def columns(self) -> Columns | None:
        """Return the batch as columns, without copying, or None when it is a pickle."""
        typecode = _COLUMN_TYPECODES.get(self.tag)
        if typecode is None:
            return None
        half = len(self.payload) // 2
        keys, values = self.payload[:half], cast(Any, self.payload[half:])
        return Columns(keys.cast("q"), values.cast("d" if typecode == "d" else "q"), typecode)

    def records(self) -> list[Any]:
        """Return the batch as a list of records."""
        columns = self.columns()
        if columns is not None:
            return columns.records()
        batch: list[Any] = pickle.loads(self.payload)
        return batch


def dump_batch(batch: list[Any], file: BinaryIO) -> int:
    """Append one batch to ``file`` as a frame.

    Returns:
        The bytes written.

    Raises:
        pickle.PicklingError: If some record cannot be pickled in any way (TypeError and
            AttributeError from a record's own hooks pass through as they are).
    """
    columns = to_columns(batch)
    if columns is not None:
        return dump_columns(columns, file)
    payload = pickle_batch(batch)
    file.write(_HEADER.pack(_PICKLED, len(payload)))
    file.write(payload)
    return _HEADER.size + len(payload)


def frame_header(payload: Buffer) -> bytes:
    """Return what stands before bytes that are not records here, to make a frame of them."""
    return _HEADER.pack(_BUFFER, len(payload))


def dump_columns(columns: Columns, file: BinaryIO) -> int:
    """Append columns to ``file`` as a frame and return the bytes written.

    The columns may be arrays of any kind that has a contiguous buffer of 64-bit numbers.
    """
    length = 16 * len(columns)
    file.write(_HEADER.pack(_COLUMN_TAGS[columns.typecode], length))
    file.write(memoryview(columns.keys).cast("B"))
    file.write(memoryview(columns.values).cast("B"))
    return _HEADER.size + length


def dump_batches(records: Iterable[Any], file: BinaryIO, batch_size: int = BATCH_SIZE) -> int:
    """Append records to ``file`` in batches.

    Args:
        records: What to write, in order.
        file: A binary file open for writing.
        batch_size: Records per frame.

    Returns:
        The number of records written.

    Example:
        >>> file = io.BytesIO()
        >>> dump_batches(range(5), file, batch_size=2)
        5
        >>> list(load_batches(file.getvalue()))
        [[0, 1], [2, 3], [4]]
    """
    if isinstance(records, list) and len(records) <= batch_size:
        if records:
            dump_batch(records, file)
        return len(records)
    count = 0
    iterator = iter(records)
    while batch := list(islice(iterator, batch_size)):
        dump_batch(batch, file)
        count += len(batch)
    return count


def iter_frames(buffer: Buffer) -> Iterator[Frame]:
    """Split a buffer into its frames without decoding them.

    Raises:
        ValueError: If the buffer ends inside a frame.
    """
    view = memoryview(buffer)
    position, end = 0, len(view)
    while position < end:
        if end - position < _HEADER.size:
            raise ValueError(f"a frame's header is cut off at byte {end}")
        tag, length = _HEADER.unpack_from(view, position)
        position += _HEADER.size
        if end - position < length:
            raise ValueError(f"a frame of {length} bytes is cut off at byte {end}")
        yield Frame(tag, view[position : position + length])
        position += length


def load_batches(source: Buffer | BinaryIO) -> Iterator[list[Any]]:
    """Read batches back, one list each.

    Args:
        source: A whole buffer, or a binary file read frame by frame from where it stands.

    Raises:
        ValueError: If the source ends inside a frame.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        for frame in iter_frames(source):
            yield frame.records()
        return
    while header := source.read(_HEADER.size):
        if len(header) < _HEADER.size:
            raise ValueError("a frame's header is cut off at the end of the file")
        tag, length = _HEADER.unpack(header)
        payload = source.read(length)
        if len(payload) < length:
            raise ValueError(f"a frame of {length} bytes is cut off at the end of the file")
        yield Frame(tag, memoryview(payload)).records()


def pickle_batch(batch: list[Any]) -> bytes:
    """Pickle one batch in the fastest way that keeps it exactly; ``pickle.loads`` reads it.

    Raises:
        pickle.PicklingError: If some record cannot be pickled in any way (TypeError and
            AttributeError from a record's own hooks pass through as they are).
    """
    if batch and type(batch[0]) in _MEMOIZED and not _repeats(batch) and _is_flat(batch):
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer, _PROTOCOL)
        pickler.fast = True
        pickler.dump(batch)
        return buffer.getvalue()
    try:
        return pickle.dumps(batch, _PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError):
        by_value: bytes = cloudpickle.dumps(batch, _PROTOCOL)
        return by_value


def pickle_records(records: list[Any]) -> bytes:
    """Pickle a list of any length; ``pickle.loads`` gives the list back.

    A long one is pickled in pieces: a pickle's memo slows down the more it holds.
    """
    if len(records) <= _PIECE:
        return pickle_batch(records)
    starts = range(0, len(records), _PIECE)
    pieces = _Pieces([pickle_batch(records[start : start + _PIECE]) for start in starts])
    return pickle.dumps(pieces, _PROTOCOL)


class _Pieces:
    """A list in pieces, which becomes that list when unpickled."""

    def __init__(self, pickles: list[bytes]) -> None:
        self._pickles = pickles

    def __reduce__(self) -> tuple[Any, ...]:
        return _join, tuple(self._pickles)


def _join(*pickles: bytes) -> list[Any]:
    return list(chain.from_iterable(map(pickle.loads, pickles)))


def _is_flat(batch: list[Any]) -> bool:
    return _SCALARS.issuperset(map(type, batch))


def _repeats(batch: list[Any]) -> bool:
    """Tell whether one object comes again and again: a memo writes its bytes once."""
    first = batch[:_FIRST]
    return len(set(map(id, first))) * 2 < len(first)
