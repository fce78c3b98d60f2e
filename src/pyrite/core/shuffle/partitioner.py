"""Which partition a key belongs to, equal to PySpark's placement for every key.

PySpark's workers hash text with ``PYTHONHASHSEED=0``, and so do Pyrite's. The driver's own seed
is random as a rule, yet it must sometimes place a key as well (``lookup``), so there the hash
is found without the interpreter's seed.
"""

from __future__ import annotations

import base64
import pickle
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import index
from typing import Any

import cloudpickle

__all__ = [
    "TUPLE_FACTOR",
    "TUPLE_SEED",
    "Partitioner",
    "RangePlacement",
    "portable_hash",
    "seed_zero_hash",
]

_MASK = 0xFFFFFFFFFFFFFFFF
_MAX_INT = (1 << 63) - 1
TUPLE_SEED = 0x345678
"""What the hash of a tuple starts from."""
TUPLE_FACTOR = 1000003
"""What it is multiplied by with each element."""
_SEED_FREE_TYPES = frozenset({int, float, bool, complex})


def _rotate(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (64 - bits))) & _MASK


def _sip_round(a: int, b: int, c: int, d: int) -> tuple[int, int, int, int]:
    a = (a + b) & _MASK
    c = (c + d) & _MASK
    b = _rotate(b, 13) ^ a
    d = _rotate(d, 16) ^ c
    a = _rotate(a, 32)
    c = (c + b) & _MASK
    a = (a + d) & _MASK
    b = _rotate(b, 17) ^ c
    d = _rotate(d, 21) ^ a
    c = _rotate(c, 32)
    return a, b, c, d


def _sip_hash_13(data: bytes) -> int:
    """SipHash-1-3 with the all-zero key, as CPython hashes bytes when its seed is 0."""
    if not data:
        return 0
    state = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
    whole = len(data) & ~7
    words = [int.from_bytes(data[i : i + 8], "little") for i in range(0, whole, 8)]
    words.append(((len(data) & 0xFF) << 56) | int.from_bytes(data[whole:], "little"))
    for word in words:
        a, b, c, d = state
        a, b, c, d = _sip_round(a, b, c, d ^ word)
        state = (a ^ word, b, c, d)
    a, b, c, d = state
    state = (a, b, c ^ 0xFF, d)
    for _ in range(3):
        state = _sip_round(*state)
    a, b, c, d = state
    unsigned = a ^ b ^ c ^ d
    signed = unsigned - (1 << 64) if unsigned >> 63 else unsigned
    return -2 if signed == -1 else signed


def _text_bytes(text: str) -> bytes:
    """The bytes CPython hashes for a string: its most compact fixed-width form."""
    widest = max(text, default="\0")
    if widest < "\u0100":
        return text.encode("latin-1")
    encoding = "utf-16" if widest < "\U00010000" else "utf-32"
    return text.encode(f"{encoding}-{sys.byteorder[0]}e", "surrogatepass")


def seed_zero_hash(key: Any) -> int:
    """Return what ``hash(key)`` is in an interpreter whose hash seed is 0.

    Numbers do not depend on the seed; text is computed here; any other key is sent to a short
    Python process that has the seed.

    Raises:
        TypeError: If the key cannot be hashed.

    Example:
        >>> seed_zero_hash("a"), seed_zero_hash(-1)
        (4644417185603328019, -2)
    """
    kind = type(key)
    if kind in _SEED_FREE_TYPES:
        return hash(key)
    if sys.hash_info.algorithm == "siphash13":
        if kind is str:
            return _sip_hash_13(_text_bytes(key))
        if kind is bytes:
            return _sip_hash_13(key)
    hash(key)  # an unhashable key must fail here, with its own message
    program = (
        "import base64, pickle, sys; sys.path[:] = pickle.loads(base64.b64decode(sys.argv[1])); "
        "print(hash(pickle.loads(sys.stdin.buffer.read())))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program, base64.b64encode(pickle.dumps(sys.path)).decode()],
        input=cloudpickle.dumps(key),
        env={"PYTHONHASHSEED": "0"},
        capture_output=True,
        check=True,
    )
    return int(answer.stdout.split()[-1])


# Decided once per process: workers, whose seed is 0, pay for the builtin alone.
_HASH_PROBE = "pyrite"
_SEED_IS_ZERO = hash(_HASH_PROBE) == _sip_hash_13(_HASH_PROBE.encode())
_hash: Callable[[Any], int] = hash if _SEED_IS_ZERO else seed_zero_hash

# Keys of these exact types hash alike by the builtin where the seed is 0.
_BUILTIN_HASHED = frozenset({int, float, bool, str, bytes})


def portable_hash(key: Any) -> int:
    """Return the hash PySpark places a key by: the same in every process and every run.

    ``None`` hashes to 0, tuples by their elements' portable hashes, everything else as in an
    interpreter whose hash seed is 0. Unlike PySpark's it works in a driver without
    ``PYTHONHASHSEED``.

    Raises:
        TypeError: If the key cannot be hashed.

    Example:
        >>> portable_hash(None), portable_hash((None, 1)) & 0xFFFFFFFF
        (0, 219750521)
    """
    if key is None:
        return 0
    if isinstance(key, tuple):
        mixed = TUPLE_SEED
        for element in key:
            hashed = _hash(element) if type(element) in _BUILTIN_HASHED else portable_hash(element)
            mixed = ((mixed ^ hashed) * TUPLE_FACTOR) & sys.maxsize
        return mixed ^ len(key)
    return _hash(key)


@dataclass(frozen=True, eq=False)
class RangePlacement:
    """Sends a key to the partition between whose bounds it lies; for sorting.

    Attributes:
        bounds: Where to cut, ascending: one less than there are partitions.
        key_function: From a key to what is compared; None compares the key itself.
        ascending: Whether the first partition has the smallest keys.

    Example:
        >>> list(map(RangePlacement([10, 20]), [5, 10, 11, 25]))
        [0, 0, 1, 2]
    """

    bounds: list[Any]
    key_function: Callable[[Any], Any] | None = None
    ascending: bool = True

    def __call__(self, key: Any) -> int:
        """Return the partition of ``key``."""
        function = self.key_function
        below = bisect_left(self.bounds, key if function is None else function(key))
        return below if self.ascending else len(self.bounds) - below

    def integers(self) -> list[int] | None:
        """Return the bounds if keys are compared with 64-bit integers as they are, or None."""
        if self.key_function is not None or not set(map(type, self.bounds)) <= {int}:
            return None
        return self.bounds if all(-_MAX_INT <= bound <= _MAX_INT for bound in self.bounds) else None

    def of_all(self, keys: Sequence[Any]) -> list[int]:
        """Return the partition of each key."""
        if self.key_function is not None:
            keys = list(map(self.key_function, keys))
        below = list(map(partial(bisect_left, self.bounds), keys))
        return below if self.ascending else [len(self.bounds) - place for place in below]


@dataclass(frozen=True)
class Partitioner:
    """How many partitions, and the function that sends a key to one of them.

    Two partitioners are equal when both parts are; RDDs with equal partitioners join without a
    shuffle.

    Attributes:
        numPartitions: How many partitions there are, at least 1.
        partitionFunc: From a key to any integer, taken modulo ``numPartitions``.

    Example:
        >>> Partitioner(4)(7), Partitioner(4)(-1)
        (3, 2)
    """

    numPartitions: int  # noqa: N815 - PySpark's name
    partitionFunc: Callable[[Any], int] = portable_hash  # noqa: N815 - PySpark's name

    def __call__(self, key: Any) -> int:
        """Return the partition of ``key``, from 0 up to ``numPartitions``."""
        return self.partitionFunc(key) % self.numPartitions

    def place(self, keys: Sequence[Any]) -> list[int]:
        """Return the partition of each key; the same as calling per key, and faster."""
        count, function = self.numPartitions, self.partitionFunc
        if count == 1 and function is portable_hash:
            return [0] * len(keys)
        if function is portable_hash and _SEED_IS_ZERO:
            types = set(map(type, keys))
            if types <= _BUILTIN_HASHED:
                return [hashed % count for hashed in map(hash, keys)]
        if isinstance(function, RangePlacement):
            return function.of_all(keys)
        placed = [hashed % count for hashed in map(function, keys)]
        if not set(map(type, placed)) <= {int}:
            placed = list(map(_as_index, placed, keys))
        return placed


def _as_index(partition: Any, key: Any) -> int:
    try:
        return index(partition)
    except TypeError:
        raise TypeError(
            f"partitionFunc must return an int; for key {key!r:.100} it led to partition "
            f"{partition!r:.100}"
        ) from None
