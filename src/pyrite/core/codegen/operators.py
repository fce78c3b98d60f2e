"""The vocabulary of a stage's loop: narrow operators, and the sink that ends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any, Final


class OperatorKind(StrEnum):
    """What an operator does with each element."""

    MAP = "map"
    FILTER = "filter"
    FLAT_MAP = "flatMap"
    MAP_VALUES = "mapValues"
    FLAT_MAP_VALUES = "flatMapValues"
    KEYS = "keys"
    VALUES = "values"
    KEY_BY = "keyBy"


@dataclass(frozen=True, slots=True)
class Operator:
    """One narrow transformation, to be fused with its neighbours.

    Attributes:
        kind: What is done with each element.
        function: The user's function; None for ``KEYS`` and ``VALUES``, which need none.
    """

    kind: OperatorKind
    function: Callable[..., Any] | None = None


class SinkKind(StrEnum):
    """What becomes of the elements at the end of the loop.

    The name says what the fused function returns:

    ============ ===========================================================================
    ``COLLECT``   a list of the elements
    ``COUNT``     their number
    ``SUM``       what the built-in ``sum`` gives
    ``FOREACH``   None; ``function(element)`` was called for each
    ``REDUCE``    ``function`` folded from the left, or ``EMPTY`` when there was no element
    ``FOLD``      the same, starting from a fresh copy of ``zero``
    ``AGGREGATE`` the same as ``FOLD``: ``function(accumulator, element)``
    ``COMBINE``   None; pairs are merged by key into the dict given as second argument
    ``GROUP``     None; values are appended to lists by key in the dict given as second argument
    ============ ===========================================================================
    """

    COLLECT = "collect"
    COUNT = "count"
    SUM = "sum"
    FOREACH = "foreach"
    REDUCE = "reduce"
    FOLD = "fold"
    AGGREGATE = "aggregate"
    COMBINE = "combine"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Sink:
    """The end of a fused loop.

    Attributes:
        kind: What becomes of the elements.
        function: ``FOREACH``'s action, the merging function of ``REDUCE``, ``FOLD`` and
            ``AGGREGATE``, or ``COMBINE``'s merge_value.
        zero: Where ``FOLD`` and ``AGGREGATE`` start. Each run of the loop gets its own copy.
        create: ``COMBINE``'s create_combiner; None when a key's first value is its combiner.

    Example:
        >>> from pyrite.core.codegen import Operator, OperatorKind, Sink, SinkKind, fuse
        >>> double = Operator(OperatorKind.MAP, lambda x: x * 2)
        >>> fuse((double,), Sink(SinkKind.COLLECT))(range(3))
        [0, 2, 4]
    """

    kind: SinkKind
    function: Callable[..., Any] | None = None
    zero: Any = None
    create: Callable[..., Any] | None = None


class Empty(Enum):
    """The type of ``EMPTY``; an enum, so that the value survives pickling as itself."""

    EMPTY = "EMPTY"

    def __repr__(self) -> str:
        return "EMPTY"


EMPTY: Final = Empty.EMPTY
"""What ``REDUCE`` gives for no elements; no user value is ever this object."""
