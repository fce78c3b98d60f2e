"""The batches in which PySpark moves a partition's elements, for where programs can see them.

PySpark pickles elements in batches. A parallelized list has batches of one size, lines of text
are moved one by one, and what Python functions make goes into batches of 1, 2, 4, ... elements
that grow until one fills 64 KiB. ``cartesian`` pairs batch with batch, so its order tells; pickle
files hold one batch after the other.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import cloudpickle

__all__ = ["BY_SIZE", "in_batches"]

#: The batch size that stands for: as many elements as fill a batch.
BY_SIZE = 0

_FULL = 1 << 16  # pickled bytes from which batches no longer grow
_TOO_FULL = 10 * _FULL  # and from which they shrink


def in_batches(elements: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Cut elements into batches of one size, or ``BY_SIZE``.

    Raises:
        pickle.PicklingError: If an element cannot be pickled; only ``BY_SIZE`` needs it.

    Example:
        >>> list(in_batches(range(5), BY_SIZE))
        [[0], [1, 2], [3, 4]]
    """
    iterator = iter(elements)
    wanted = size or 1
    while batch := list(islice(iterator, wanted)):
        if size == BY_SIZE and len(batch) == wanted:
            pickled = len(cloudpickle.dumps(batch, pickle.HIGHEST_PROTOCOL))
            if pickled < _FULL:
                wanted *= 2
            elif pickled > _TOO_FULL and wanted > 1:
                wanted //= 2
        yield batch
