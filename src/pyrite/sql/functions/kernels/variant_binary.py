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
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

__all__ = ["Float32", "decode", "encode"]


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
    if width == 1:
        return bytes(numbers)
    return b"".join(number.to_bytes(width, "little") for number in numbers)


def _metadata(names: list[str]) -> bytes:
    encoded = [name.encode() for name in names]
    width = _width(max(len(names), sum(map(len, encoded))))
    header = bytes([_VERSION | width - 1 << 6])
    return header + _packed([len(names), *_offsets(encoded)], width) + b"".join(encoded)


def _offsets(parts: Sequence[bytes]) -> list[int]:
    return list(accumulate(map(len, parts), initial=0))


def _primitive(kind: int, payload: bytes = b"") -> bytes:
    return bytes([kind << 2 | _PRIMITIVE]) + payload


def _signed(kind: int, number: int, size: int) -> bytes:
    return _primitive(kind, number.to_bytes(size, "little", signed=True))


def _write(tree: Any, names: dict[str, int]) -> bytes:
    return _WRITERS[type(tree)](tree, names)


def _whole(number: int) -> bytes:
    bits = (number if number >= 0 else ~number).bit_length()
    for kind, size in ((_INT1, 1), (_INT2, 2), (_INT4, 4)):
        if bits < 8 * size:
            return _signed(kind, number, size)
    return _signed(_INT8, number, 8)


def _text(text: str) -> bytes:
    data = text.encode()
    if len(data) <= _LONGEST_SHORT_STRING:
        return bytes([len(data) << 2 | _SHORT_STRING]) + data
    return _counted_bytes(_STRING, data)


def _counted_bytes(kind: int, data: bytes) -> bytes:
    return _primitive(kind, len(data).to_bytes(4, "little") + data)


def _moment(moment: datetime.datetime) -> bytes:
    if moment.tzinfo is None:
        return _signed(_TIMESTAMP_NTZ, (moment - _EPOCH) // _MICROSECOND, 8)
    return _signed(_TIMESTAMP, (moment - _UTC_EPOCH) // _MICROSECOND, 8)


def _time(time: datetime.time) -> bytes:
    since_midnight = datetime.datetime.combine(_EPOCH, time) - _EPOCH
    return _signed(_TIME, since_midnight // _MICROSECOND, 8)


def _fields_of(tree: dict[str, Any], names: dict[str, int]) -> bytes:
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


_WRITERS: dict[type, Callable[[Any, dict[str, int]], bytes]] = {
    type(None): lambda tree, names: _primitive(_NULL),
    bool: lambda tree, names: _primitive(_TRUE if tree else _FALSE),
    int: lambda tree, names: _whole(tree),
    Float32: lambda tree, names: _primitive(_FLOAT, struct.pack("<f", tree)),
    float: lambda tree, names: _primitive(_DOUBLE, struct.pack("<d", tree)),
    Decimal: lambda tree, names: _decimal(tree),
    str: lambda tree, names: _text(tree),
    bytes: lambda tree, names: _counted_bytes(_BINARY, tree),
    datetime.datetime: lambda tree, names: _moment(tree),
    datetime.date: lambda tree, names: _signed(_DATE, (tree - _EPOCH.date()).days, 4),
    datetime.time: lambda tree, names: _time(tree),
    uuid.UUID: lambda tree, names: _primitive(_UUID, tree.bytes),
    list: lambda tree, names: _array([_write(item, names) for item in tree]),
    dict: _fields_of,
}


def _unsigned(data: bytes, start: int, width: int) -> int:
    return int.from_bytes(data[start : start + width], "little")


def _integer(data: bytes, start: int, size: int) -> int:
    return int.from_bytes(data[start : start + size], "little", signed=True)


@lru_cache(maxsize=1024)
def _names(metadata: bytes) -> Sequence[str]:
    """Return all objects' keys; documents of one kind have them all alike."""
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


def _fields(value: bytes, start: int, names: Sequence[str]) -> list[tuple[str | None, int]]:
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


def _read(value: bytes, start: int, names: Sequence[str]) -> Any:
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
