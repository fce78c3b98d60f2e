"""Pickle files: the records of saveAsPickleFile, readable by PySpark and written by it.

A record is a Java object stream that holds an array of byte arrays; each of them is a pickled
list of elements.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import cloudpickle

from pyrite.core.errors import SparkException
from pyrite.core.serializers.pyspark_batches import in_batches

__all__ = ["pickle_batches", "read_batches", "write_batches"]

#: Java's stream header, and the descriptions of the classes byte[][] and byte[] with the
#: fingerprints the Java language gives them.
_HEADER = b"\xac\xed\x00\x05"
_ARRAY, _REFERENCE_TO_BYTES = b"u", b"q\x00\x7e\x00\x02"
_ARRAY_OF_BYTES_CLASS = b"r\x00\x03[[BK\xfd\x19\x15gg\xdb7\x02\x00\x00xp"
_BYTES_CLASS = b"r\x00\x02[B\xac\xf3\x17\xf8\x06\x08T\xe0\x02\x00\x00xp"


def pickle_batches(elements: Iterable[Any], batch_size: int) -> Iterator[bytes]:
    """Return pickled lists of at most ``batch_size`` elements.

    Args:
        elements: What to write.
        batch_size: Elements in a list; 0 chooses by the size of what was pickled.
    """
    return map(_dumps, in_batches(elements, batch_size))


def _dumps(batch: list[Any]) -> bytes:
    try:
        return pickle.dumps(batch, protocol=5)
    except (pickle.PicklingError, AttributeError, TypeError):
        # Classes of the user's main program have no module a reader could import.
        return bytes(cloudpickle.dumps(batch, protocol=5))


def write_batches(batches: Sequence[bytes]) -> bytes:
    """Return the record that holds these byte arrays."""
    parts = [_HEADER, _ARRAY, _ARRAY_OF_BYTES_CLASS, len(batches).to_bytes(4, "big")]
    class_or_reference = _BYTES_CLASS
    for batch in batches:
        parts += [_ARRAY, class_or_reference, len(batch).to_bytes(4, "big"), batch]
        class_or_reference = _REFERENCE_TO_BYTES
    return b"".join(parts)


def read_batches(record: bytes | bytearray) -> list[bytes]:
    """Return the byte arrays of a record.

    Raises:
        SparkException: If the record is of another kind.
    """
    start = _HEADER + _ARRAY + _ARRAY_OF_BYTES_CLASS
    if not record.startswith(start):
        raise SparkException(
            "This is not a pickle file: its records are not arrays of byte arrays as "
            "saveAsPickleFile writes them."
        )
    position = len(start)
    count = int.from_bytes(record[position : position + 4], "big")
    position += 4
    batches = []
    for _ in range(count):
        for prefix in (_ARRAY + _BYTES_CLASS, _ARRAY + _REFERENCE_TO_BYTES):
            if record.startswith(prefix, position):
                position += len(prefix)
                break
        else:
            raise SparkException("A record of this pickle file is corrupt.")
        length = int.from_bytes(record[position : position + 4], "big")
        position += 4
        batches.append(bytes(record[position : position + length]))
        position += length
    return batches
