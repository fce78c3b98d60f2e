"""How many bytes a Python value keeps alive, estimated without visiting all of it.

The estimate adds ``sys.getsizeof`` of everything reachable. A large container is sampled: a
few of its elements, evenly spaced, stand for the rest. Memory outside Python objects counts
by the value's own ``nbytes`` (numpy arrays, Arrow tables, memory views). A value reached
twice counts once; classes, modules, functions and singletons count nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

__all__ = ["estimate_size"]

_SAMPLE = 32
"""Elements of one container that are looked at; containers up to twice this are read whole."""

_LEAVES = frozenset({int, float, complex, str, bytes, bytearray})
_FREE = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)
_FREE_LEAVES = frozenset({bool, type(None), type(Ellipsis), type(NotImplemented)})
_SEQUENCES = frozenset({list, tuple})
_SETS = frozenset({set, frozenset})


def estimate_size(value: object) -> int:
    """Estimate the bytes that ``value`` and everything it refers to occupy.

    Example:
        >>> numbers = list(range(1000, 101000))
        >>> 3_500_000 < estimate_size(numbers) < 3_800_000
        True
    """
    return _size(value, set())


def _size(value: object, seen: set[int]) -> int:
    kind = type(value)
    if kind in _LEAVES:
        return sys.getsizeof(value)
    if kind in _FREE_LEAVES or isinstance(value, _FREE) or id(value) in seen:
        return 0
    seen.add(id(value))
    buffer = getattr(value, "nbytes", None)
    if isinstance(buffer, int):
        # getsizeof of an array that owns its data already contains the data.
        return max(sys.getsizeof(value), buffer + 112) + _objects_in_array(value, seen)
    total = sys.getsizeof(value)
    for children, count in _children(value, kind):
        looked_at = 0
        found = 0
        for child in children:
            looked_at += 1
            found += _size(child, seen)
        if looked_at:
            total += found * count // looked_at
    return total


def _children(value: Any, kind: type) -> Iterable[tuple[Iterable[object], int]]:
    """Yield groups of (children to look at, children there are)."""
    if kind in _SEQUENCES or isinstance(value, (list, tuple)):
        yield _sampled(value, len(value)), len(value)
    elif isinstance(value, dict):
        yield _sampled_iterator(value, len(value)), len(value)
        yield _sampled_iterator(value.values(), len(value)), len(value)
    elif kind in _SETS or isinstance(value, (set, frozenset)):
        yield _sampled_iterator(value, len(value)), len(value)
    attributes = getattr(value, "__dict__", None)
    if isinstance(attributes, dict) and attributes:
        yield [attributes], 1
    slots = [
        getattr(value, name)
        for base in kind.__mro__
        for name in _names(base.__dict__.get("__slots__", ()))
        if name not in ("__dict__", "__weakref__") and hasattr(value, name)
    ]
    if slots:
        yield slots, len(slots)


def _names(slots: str | Iterable[str]) -> Iterable[str]:
    return (slots,) if isinstance(slots, str) else slots


def _sampled(values: list[object] | tuple[object, ...], count: int) -> Iterable[object]:
    if count <= 2 * _SAMPLE:
        return values
    step = count // _SAMPLE
    return values[step // 2 :: step]


def _sampled_iterator(values: Iterable[object], count: int) -> Iterable[object]:
    if count <= 2 * _SAMPLE:
        return values
    step = count // _SAMPLE
    return (value for i, value in enumerate(values) if i % step == 0)


def _objects_in_array(value: Any, seen: set[int]) -> int:
    dtype = getattr(value, "dtype", None)
    if getattr(dtype, "hasobject", False) is True and getattr(value, "ndim", 0) == 1:
        elements = list(value[:: max(1, len(value) // _SAMPLE)])
        return sum(_size(e, seen) for e in elements) * len(value) // max(1, len(elements))
    return 0
