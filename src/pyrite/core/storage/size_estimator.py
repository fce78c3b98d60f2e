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
_ARRAY_HEADER = 112
_ATTRIBUTES_HEADER = 40


def estimate_size(value: object) -> int:
    """Estimate the bytes that ``value`` and everything it refers to occupy.

    Example:
        >>> numbers = list(range(1000, 101000))
        >>> 3_500_000 < estimate_size(numbers) < 3_800_000
        True
    """
    total = 0.0
    seen: set[int] = set()
    # (value, how many values like it there are): a list of its own, since data may be nested
    # deeper than Python calls may.
    pending: list[tuple[Any, float]] = [(value, 1.0)]
    while pending:
        value, weight = pending.pop()
        kind = type(value)
        if kind in _LEAVES:
            total += weight * sys.getsizeof(value)
            continue
        if kind in _FREE_LEAVES or isinstance(value, _FREE) or id(value) in seen:
            continue
        seen.add(id(value))
        total += weight * _own_size(value)
        for children, count in _children(value, kind):
            looked_at = list(children)
            share = weight * count / len(looked_at) if looked_at else 0.0
            pending.extend((child, share) for child in looked_at)
    return round(total)


def _own_size(value: Any) -> int:
    size = sys.getsizeof(value)
    buffer = getattr(value, "nbytes", None)
    if isinstance(buffer, int):
        # The size of an array that owns its data already contains the data.
        size = max(size, buffer + _ARRAY_HEADER)
    attributes = getattr(value, "__dict__", None)
    if isinstance(attributes, dict):
        # The names are shared by all objects of a class; a table of references is not.
        size += _ATTRIBUTES_HEADER + 8 * len(attributes)
    return size


def _children(value: Any, kind: type) -> Iterable[tuple[Iterable[object], int]]:
    """Yield groups of (children to look at, children there are)."""
    if kind in _SEQUENCES or isinstance(value, (list, tuple)):
        yield _sampled(value, len(value)), len(value)
        if kind in _SEQUENCES:
            return
    elif isinstance(value, dict):
        yield _sampled_iterator(value, len(value)), len(value)
        yield _sampled_iterator(value.values(), len(value)), len(value)
    elif isinstance(value, (set, frozenset)):
        yield _sampled_iterator(value, len(value)), len(value)
    elif getattr(getattr(value, "dtype", None), "hasobject", False) is True:
        flat = value.reshape(-1)
        yield flat[:: max(1, len(flat) // _SAMPLE)], len(flat)
    attributes = getattr(value, "__dict__", None)
    if isinstance(attributes, dict):
        yield attributes.values(), len(attributes)
    slots = [
        getattr(value, name)
        for base in kind.__mro__
        for name in _names(base.__dict__.get("__slots__", ()))
        if name not in ("__dict__", "__weakref__") and hasattr(value, name)
    ]
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
