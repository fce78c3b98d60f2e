"""Records of a block to bytes and back, a bounded number of records at a time."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Iterator
from itertools import chain
from typing import Any

import cloudpickle

__all__ = ["decode", "encode"]

_LENGTH = struct.Struct("<Q")
_UNPICKLABLE = (pickle.PicklingError, AttributeError, TypeError)


def encode(records: list[Any]) -> bytes:
    """Turn records into a self-delimiting piece of bytes; pieces may be joined end to end.

    Raises:
        pickle.PicklingError: A record cannot be pickled, as when PySpark caches it.
    """
    try:
        data = pickle.dumps(records, 5)
    except _UNPICKLABLE:
        # Classes and functions defined in the user's script live in no importable module.
        data = cloudpickle.dumps(records)
    return _LENGTH.pack(len(data)) + data


def decode(data: bytes | memoryview) -> Iterator[Any]:
    """Return the records of any number of joined pieces, each time as new objects."""
    return chain.from_iterable(_batches(memoryview(data)))


def _batches(data: memoryview) -> Iterator[list[Any]]:
    start = 0
    while start < len(data):
        (length,) = _LENGTH.unpack_from(data, start)
        start += _LENGTH.size
        yield pickle.loads(data[start : start + length])
        start += length
