"""Writables: Hadoop's value classes, their bytes, and the Python values they stand for.

Each class is one row of ``WRITABLES``: how to read it, how to write it, and which Python values
it can hold without loss. A value's own class (``writable_for``) is the one PySpark chooses.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyrite.core.errors import SparkException

__all__ = ["WRITABLES", "Writable", "encode_vint", "find_writable", "read_vint", "writable_for"]

_PACKAGE = "org.apache.hadoop.io."

_INT = struct.Struct(">i")
_Reader = Callable[[bytes, int], tuple[Any, int]]


@dataclass(frozen=True)
class Writable:
    """One class of values.

    Attributes:
        class_name: Hadoop's class, such as ``org.apache.hadoop.io.Text``.
        read: From bytes and a position to the value and the position after it.
        write: From the value to its bytes.
        accepts: Whether this class holds a Python value without loss.
    """

    class_name: str
    read: _Reader
    write: Callable[[Any], bytes]
    accepts: Callable[[Any], bool]


def encode_vint(value: int) -> bytes:
    """Write an integer in Hadoop's variable length: one byte for -112 to 127.

    Example:
        >>> encode_vint(100).hex(), encode_vint(1000).hex(), encode_vint(-200).hex()
        ('64', '8e03e8', '87c7')
    """
    if -112 <= value <= 127:
        return (value & 0xFF).to_bytes(1, "big")
    magnitude, base = (~value, -120) if value < 0 else (value, -112)
    length = (magnitude.bit_length() + 7) // 8
    return ((base - length) & 0xFF).to_bytes(1, "big") + magnitude.to_bytes(length, "big")


def read_vint(data: bytes, position: int) -> tuple[int, int]:
    """Read an integer of variable length; return it and the position after it."""
    first = data[position]
    position += 1
    if first <= 127:
        return first, position
    first -= 256
    if first >= -112:
        return first, position
    length = -first - (120 if first < -120 else 112)
    magnitude = int.from_bytes(data[position : position + length], "big")
    return (~magnitude if first < -120 else magnitude), position + length


def _read_text(data: bytes, position: int) -> tuple[str, int]:
    length, position = read_vint(data, position)
    end = position + length
    return data[position:end].decode("utf-8", "replace"), end


def _write_text(value: str) -> bytes:
    data = value.encode("utf-8", "replace")
    return encode_vint(len(data)) + data


def _read_bytes(data: bytes, position: int) -> tuple[bytearray, int]:
    start = position + 4
    end = start + _INT.unpack_from(data, position)[0]
    return bytearray(data[start:end]), end


def _write_bytes(value: bytes | bytearray) -> bytes:
    return _INT.pack(len(value)) + value


def _read_null(data: bytes, position: int) -> tuple[None, int]:
    return None, position


def _write_null(value: None) -> bytes:
    return b""


def _is_str(value: Any) -> bool:
    return isinstance(value, str)


def _is_bytes(value: Any) -> bool:
    return isinstance(value, bytes | bytearray)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_none(value: Any) -> bool:
    return value is None


def _is_float(value: Any) -> bool:
    return isinstance(value, float)


def _is_dict(value: Any) -> bool:
    return isinstance(value, dict)


def _is_int_of(bits: int) -> Callable[[Any], bool]:
    low, high = -(1 << (bits - 1)), 1 << (bits - 1)
    return lambda value: (
        isinstance(value, int) and not isinstance(value, bool) and low <= value < high
    )


def _fixed(name: str, code: str, accepts: Callable[[Any], bool]) -> Writable:
    """Return a class whose bytes are one struct field."""
    field = struct.Struct(">" + code)
    size = field.size

    def read(data: bytes, position: int) -> tuple[Any, int]:
        return field.unpack_from(data, position)[0], position + size

    return Writable(_PACKAGE + name, read, field.pack, accepts)


def _read_map(data: bytes, position: int) -> tuple[dict[Any, Any], int]:
    """Read a map: classes beyond the built-in ones, the number of entries, the entries."""
    classes = dict(_MAP_CLASSES)
    count = data[position]
    position += 1
    for _ in range(count):
        identifier = data[position]
        length = int.from_bytes(data[position + 1 : position + 3], "big")
        position += 3
        classes[identifier] = data[position : position + length].decode()
        position += length
    (size,) = _INT.unpack_from(data, position)
    position += 4
    entries = {}
    for _ in range(size):
        key, position = find_writable(classes[data[position]]).read(data, position + 1)
        value, position = find_writable(classes[data[position]]).read(data, position + 1)
        entries[key] = value
    return entries, position


def _write_map(value: dict[Any, Any]) -> bytes:
    identifiers = {name: identifier for identifier, name in _MAP_CLASSES.items()}
    new_classes = bytearray()
    entries = bytearray()
    added = 0
    for item in (part for entry in value.items() for part in entry):
        writable = writable_for(item)
        name = writable.class_name
        if name not in identifiers:
            added += 1
            identifiers[name] = added
            new_classes += added.to_bytes(1, "big") + len(name).to_bytes(2, "big") + name.encode()
        entries += identifiers[name].to_bytes(1, "big") + writable.write(item)
    return added.to_bytes(1, "big") + bytes(new_classes) + _INT.pack(len(value)) + bytes(entries)


def _read_array(data: bytes, position: int) -> tuple[tuple[Any, ...], int]:
    raise SparkException(
        "ArrayWritable cannot be read: its bytes do not say of which class its elements are, and "
        "Spark cannot read it either. Write tuples as maps, or use saveAsPickleFile."
    )


def _write_array(value: tuple[Any, ...]) -> bytes:
    return _INT.pack(len(value)) + b"".join(writable_for(item).write(item) for item in value)


#: The identifiers, as bytes, that a map's classes have without being named in it.
_MAP_CLASSES = {
    256 - 127 + index: _PACKAGE + name
    for index, name in enumerate(
        (
            "ArrayWritable",
            "BooleanWritable",
            "BytesWritable",
            "FloatWritable",
            "IntWritable",
            "LongWritable",
            "MapWritable",
            "MD5Hash",
            "NullWritable",
            "ObjectWritable",
            "SortedMapWritable",
            "Text",
            "TwoDArrayWritable",
            "VIntWritable",
            "VLongWritable",
        )
    )
}

_TEXT = Writable(_PACKAGE + "Text", _read_text, _write_text, _is_str)
_INT_WRITABLE = _fixed("IntWritable", "i", _is_int_of(32))
_LONG = _fixed("LongWritable", "q", _is_int_of(64))
_DOUBLE = _fixed("DoubleWritable", "d", _is_float)
_BOOLEAN = _fixed("BooleanWritable", "?", _is_bool)
_BYTES = Writable(_PACKAGE + "BytesWritable", _read_bytes, _write_bytes, _is_bytes)
_NULL = Writable(_PACKAGE + "NullWritable", _read_null, _write_null, _is_none)
_MAP = Writable(_PACKAGE + "MapWritable", _read_map, _write_map, _is_dict)
_ARRAY = Writable(
    _PACKAGE + "ArrayWritable",
    _read_array,
    _write_array,
    lambda value: isinstance(value, tuple) and len({writable_for(v) for v in value}) <= 1,
)

#: In the order in which a Python value is offered to them.
_NATURAL = (_TEXT, _BOOLEAN, _INT_WRITABLE, _LONG, _DOUBLE, _BYTES, _NULL, _MAP, _ARRAY)

_TYPED_BYTES = "org.apache.hadoop.typedbytes.TypedBytesWritable"

#: Every class, by its full name.
WRITABLES = {
    writable.class_name: writable
    for writable in (
        *_NATURAL,
        _fixed("FloatWritable", "f", _is_float),
        _fixed("ShortWritable", "h", _is_int_of(16)),
        _fixed("ByteWritable", "b", _is_int_of(8)),
        Writable(_PACKAGE + "VIntWritable", read_vint, encode_vint, _is_int_of(32)),
        Writable(_PACKAGE + "VLongWritable", read_vint, encode_vint, _is_int_of(64)),
        Writable(_PACKAGE + "SortedMapWritable", _read_map, _write_map, _is_dict),
        Writable(_TYPED_BYTES, _read_bytes, _write_bytes, _is_bytes),
    )
}


def find_writable(class_name: str) -> Writable:
    """Return the class of that Java name.

    Raises:
        SparkException: If Pyrite does not know it; the message lists those it knows.
    """
    writable = WRITABLES.get(class_name)
    if writable is None:
        known = ", ".join(sorted(name.removeprefix(_PACKAGE) for name in WRITABLES))
        raise SparkException(
            f"Class {class_name} not found. Known writables (of {_PACKAGE[:-1]}): {known}."
        )
    return writable


def writable_for(value: Any) -> Writable:
    """Return the class PySpark stores a Python value as.

    Raises:
        SparkException: If there is none for it, as for a list.

    Example:
        >>> writable_for(1).class_name, writable_for(1 << 40).class_name
        ('org.apache.hadoop.io.IntWritable', 'org.apache.hadoop.io.LongWritable')
    """
    for writable in _NATURAL:
        if writable.accepts(value):
            return writable
    raise SparkException(
        f"Data of type {type(value).__name__} cannot be used: {value!r:.100} is none of str, bool, "
        "int of 64 bits, float, bytes, bytearray, None, dict, or tuple of values of one such type."
    )
