"""Records of a block to bytes and back, a bounded number of records at a time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import chain
from typing import Any

from pyrite.core.serializers import dump_batch, load_batches

__all__ = ["decode", "encode"]


def encode(records: list[Any]) -> bytes:
    """Turn records into a self-delimiting piece of bytes; pieces may be joined end to end.

    Raises:
        pickle.PicklingError: A record cannot be pickled, as when PySpark caches it.
    """
    piece = io.BytesIO()
    dump_batch(records, piece)
    return piece.getvalue()


def decode(data: bytes | memoryview) -> Iterator[Any]:
    """Return the records of any number of joined pieces, each time as new objects."""
    return chain.from_iterable(load_batches(data))
