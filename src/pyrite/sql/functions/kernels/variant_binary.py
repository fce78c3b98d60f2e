"""Variants in bytes: the binary encoding of the Parquet and Spark formats.

A variant is two binaries. The value is a tree of headers, sizes and offsets, all little-endian;
the metadata is the dictionary of all objects' keys, which the value names by their places. Here
a tree is made of Python's values: None, bool, int, float, Decimal, str, bytes, date, datetime
(with a time zone: an instant), time, UUID, list and dict; ``Float32`` is a narrow float.
"""

from __future__ import annotations

import datetime
import struct
import uuid
from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

__all__ = ["Float32", "children", "decode", "encode"]


class Float32(float):
    """A floating point number of 32 bits."""

    __slots__ = ()


_VERSION = 1
_EPOCH = datetime.datetime(1970, 1, 1)
_UTC_EPOCH = _EPOCH.replace(tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)

_PRIMITIVE, _SHORT_STRING, _OBJECT, _ARRAY = range(4)
_LONGEST_SHORT_STRING = 63
(
    _NULL, _TRUE, _FALSE, _INT1, _INT2, _INT4, _INT8, _DOUBLE, _DECIMAL4, _DECIMAL8, _DECIMAL16,
    _DATE, _TIMESTAMP, _TIMESTAMP_NTZ, _FLOAT, _BINARY, _STRING, _TIME, _, _, _UUID,
) = range(21)  # fmt: skip


def encode(tree: Any) -> tuple[bytes, bytes]:
    """Return the value and the metadata of a tree.

    Example:
        >>> encode({"a": 1})[0].hex(), encode({"a": 1})[1].hex()
        ('02010000020c01', '0101000161')
    """
    names: dict[str, int] = {}
    return _write(tree, names), _metadata(list(names))


def _width(number: int) -> int:
    return 1 if number < 1 << 8 else 2 if number < 1 << 16 else 3 if number < 1 << 24 else 4


def _packed(numbers: Sequence[int], width: int) -> bytes:
    return b"".join(number.to_bytes(width, "little") for number in numbers)


def _metadata(names: list[str]) -> bytes:
    encoded = [name.encode() for name in names]
    width = _width(max(len(names), sum(map(len, encoded))))
    header = bytes([_VERSION | width - 1 << 6])
    return header + _packed([len(names), *_offsets(encoded)], width) + b"".join(encoded)


def _offsets(parts: Sequence[bytes]) -> list[int]:
    offsets = [0]
    for part in parts:
        offsets.append(offsets[-1] + len(part))
    return offsets


def _primitive(kind: int, payload: bytes = b"") -> bytes:
    return bytes([kind << 2 | _PRIMITIVE]) + payload


def _signed(kind: int, number: int, size: int) -> bytes:
    return _primitive(kind, number.to_bytes(size, "little", signed=True))


def _write(tree: Any, names: dict[str, int]) -> bytes:
    match tree:
        case None:
            return _primitive(_NULL)
        case bool():
            return _primitive(_TRUE if tree else _FALSE)
        case int():
            bits = (tree if tree >= 0 else ~tree).bit_length() + 1
            kind, size = next(
                (kind, size)
                for kind, size in ((_INT1, 1), (_INT2, 2), (_INT4, 4), (_INT8, 8))
                if bits <= 8 * size or size == 8
            )
            return _signed(kind, tree, size)
        case Float32():
            return _primitive(_FLOAT, struct.pack("<f", tree))
        case float():
            return _primitive(_DOUBLE, struct.pack("<d", tree))
        case Decimal():
            return _decimal(tree)
        case str():
            text = tree.encode()
            if len(text) <= _LONGEST_SHORT_STRING:
                return bytes([len(text) << 2 | _SHORT_STRING]) + text
            return _primitive(_STRING, len(text).to_bytes(4, "little") + text)
        case bytes():
            return _primitive(_BINARY, len(tree).to_bytes(4, "little") + tree)
        case datetime.datetime():
            if tree.tzinfo is None:
                return _signed(_TIMESTAMP_NTZ, (tree - _EPOCH) // _MICROSECOND, 8)
            return _signed(_TIMESTAMP, (tree - _UTC_EPOCH) // _MICROSECOND, 8)
        case datetime.date():
            return _signed(_DATE, (tree - _EPOCH.date()).days, 4)
        case datetime.time():
            moment = datetime.datetime.combine(_EPOCH, tree)
            return _signed(_TIME, (moment - _EPOCH) // _MICROSECOND, 8)
        case uuid.UUID():
            return _primitive(_UUID, tree.bytes)
        case list():
            return _array([_write(item, names) for item in tree])
        case _:
            parts = []
            for name, item in tree.items():
                place = names.setdefault(name, len(names))
                parts.append((name, place, _write(item, names)))
            return _object(parts)


def _decimal(number: Decimal) -> bytes:
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int), "a variant has no NaN that is a decimal"
    scale = max(0, -exponent)
    unscaled = int("".join(map(str, digits))) * 10 ** max(0, exponent)
    most = max(len(str(unscaled)), scale)
    kind, size = next(
        (kind, size)
        for kind, size, limit in ((_DECIMAL4, 4, 9), (_DECIMAL8, 8, 18), (_DECIMAL16, 16, 38))
        if most <= limit
    )
    number_bytes = (-unscaled if sign else unscaled).to_bytes(size, "little", signed=True)
    return _primitive(kind, bytes([scale]) + number_bytes)


def _counted(kind: int, bits: int, shift: int, count: int) -> bytes:
    """Return the header and the size of an object or an array."""
    large = count > 255
    header = (large << shift | bits) << 2 | kind
    return bytes([header]) + count.to_bytes(4 if large else 1, "little")


def _array(parts: list[bytes]) -> bytes:
    offsets = _offsets(parts)
    width = _width(offsets[-1])
    start = _counted(_ARRAY, width - 1, 2, len(parts))
    return start + _packed(offsets, width) + b"".join(parts)


def _object(parts: list[tuple[str, int, bytes]]) -> bytes:
    """Put the fields' places in the order of their names, and their data in the given one."""
    data = [part for _, _, part in parts]
    *starts, end = _offsets(data)
    fields = sorted((name, place, start) for (name, place, _), start in zip(parts, starts))  # noqa: B905
    id_width = _width(max((place for _, place, _ in fields), default=0))
    width = _width(end)
    return b"".join(
        (
            _counted(_OBJECT, id_width - 1 << 2 | width - 1, 4, len(fields)),
            _packed([place for _, place, _ in fields], id_width),
            _packed([*(start for _, _, start in fields), end], width),
            *data,
        )
    )


def _unsigned(data: bytes, start: int, width: int) -> int:
    return int.from_bytes(data[start : start + width], "little")


def _integer(data: bytes, start: int, size: int) -> int:
    return int.from_bytes(data[start : start + size], "little", signed=True)


def _names(metadata: bytes) -> list[str]:
    if not metadata or metadata[0] & 0x0F != _VERSION:
        raise ValueError("the metadata of a variant is of an unknown version")
    width = (metadata[0] >> 6) + 1
    count = _unsigned(metadata, 1, width)
    first = 1 + width * (count + 2)
    bounds = [first + _unsigned(metadata, 1 + width * (1 + i), width) for i in range(count + 1)]
    return [metadata[a:b].decode() for a, b in pairwise(bounds)]


def decode(value: bytes, metadata: bytes) -> Any:
    """Return the tree of a value and its metadata.

    Raises:
        ValueError: If they are no variant.

    Example:
        >>> decode(*encode({"b": [1, 2.5], "a": None}))
        {'a': None, 'b': [1, 2.5]}
    """
    return _read(value, 0, _names(metadata))


def children(value: bytes, metadata: bytes) -> list[tuple[str | None, bytes]] | None:
    """Return the fields of an object or the elements of an array, None for anything else.

    Each comes with its name, or None, and with a value of its own for the same metadata.
    """
    if value[0] & 3 not in (_OBJECT, _ARRAY):
        return None
    found = _fields(value, 0, _names(metadata))
    starts = sorted(start for _, start in found)
    ends = dict(zip(starts, [*starts[1:], len(value)]))  # noqa: B905
    return [(name, value[start : ends[start]]) for name, start in found]


def _fields(value: bytes, start: int, names: list[str]) -> list[tuple[str | None, int]]:
    """Return the name, or None, and the start of each part of an object or an array."""
    bits = value[start] >> 2
    is_object = value[start] & 3 == _OBJECT
    width = (bits & 3) + 1
    id_width = (bits >> 2 & 3) + 1 if is_object else 0
    size_width = 4 if bits >> (4 if is_object else 2) & 1 else 1
    count = _unsigned(value, start + 1, size_width)
    ids = start + 1 + size_width
    offsets = ids + id_width * count
    data = offsets + width * (count + 1)
    return [
        (
            names[_unsigned(value, ids + id_width * i, id_width)] if is_object else None,
            data + _unsigned(value, offsets + width * i, width),
        )
        for i in range(count)
    ]


def _read(value: bytes, start: int, names: list[str]) -> Any:
    kind, bits = value[start] & 3, value[start] >> 2
    if kind == _SHORT_STRING:
        return value[start + 1 : start + 1 + bits].decode()
    if kind == _OBJECT:
        return {name: _read(value, at, names) for name, at in _fields(value, start, names)}
    if kind == _ARRAY:
        return [_read(value, at, names) for _, at in _fields(value, start, names)]
    return _read_primitive(bits, value, start + 1)


def _read_primitive(kind: int, value: bytes, start: int) -> Any:
    match kind:
        case 0:
            return None
        case 1 | 2:
            return kind == _TRUE
        case 3 | 4 | 5 | 6:
            return _integer(value, start, 1 << kind - _INT1)
        case 7:
            return struct.unpack_from("<d", value, start)[0]
        case 8 | 9 | 10:
            unscaled = _integer(value, start + 1, 4 << kind - _DECIMAL4)
            digits = tuple(map(int, str(abs(unscaled))))
            return Decimal((unscaled < 0, digits, -value[start]))
        case 11:
            return _EPOCH.date() + datetime.timedelta(days=_integer(value, start, 4))
        case 12:
            return _UTC_EPOCH + _MICROSECOND * _integer(value, start, 8)
        case 13:
            return _EPOCH + _MICROSECOND * _integer(value, start, 8)
        case 14:
            return Float32(struct.unpack_from("<f", value, start)[0])
        case 15 | 16:
            size = _unsigned(value, start, 4)
            data = value[start + 4 : start + 4 + size]
            return data if kind == _BINARY else data.decode()
        case 17:
            return (_EPOCH + _MICROSECOND * _integer(value, start, 8)).time()
        case 18 | 19:  # nanoseconds: what Spark's timestamps have no place for is cut off
            epoch = _UTC_EPOCH if kind == 18 else _EPOCH
            return epoch + _MICROSECOND * (_integer(value, start, 8) // 1000)
        case 20:
            return uuid.UUID(bytes=value[start : start + 16])
        case _:
            raise ValueError(f"a variant of the unknown type {kind}")
