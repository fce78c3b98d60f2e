"""What the driver, the writers and the readers of one shuffle agree on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import Any

from pyrite.core.shuffle.partitioner import Partitioner

__all__ = ["Aggregator", "AggregatorKind", "KeyOrdering", "ShuffleHandle"]


class AggregatorKind(StrEnum):
    """What shape an aggregation has; the first two have faster loops than the last."""

    REDUCE = "reduce"
    GROUP = "group"
    GENERAL = "general"


@dataclass(frozen=True)
class Aggregator:
    """How the values of one key become one combiner.

    Attributes:
        create_combiner: From a key's first value to its combiner.
        merge_value: From a combiner and one more value to the combiner with it.
        merge_combiners: From two combiners, the earlier one first, to one.
        kind: REDUCE promises that the first function is the identity and the other two are the
            same; GROUP promises that combiners are lists of the values in order.
    """

    create_combiner: Callable[[Any], Any]
    merge_value: Callable[[Any, Any], Any]
    merge_combiners: Callable[[Any, Any], Any]
    kind: AggregatorKind = AggregatorKind.GENERAL

    @classmethod
    def reduce(cls, function: Callable[[Any, Any], Any]) -> Aggregator:
        """Return the aggregator of ``reduceByKey(function)``."""
        return cls(_same, function, function, AggregatorKind.REDUCE)

    @classmethod
    def group(cls) -> Aggregator:
        """Return the aggregator of ``groupByKey()``."""
        return cls(_list_of_one, _appended, _extended, AggregatorKind.GROUP)


def _same(value: Any) -> Any:
    return value


def _list_of_one(value: Any) -> list[Any]:
    return [value]


def _appended(values: list[Any], value: Any) -> list[Any]:
    values.append(value)
    return values


def _extended(values: list[Any], more: list[Any]) -> list[Any]:
    values.extend(more)
    return values


@dataclass(frozen=True)
class KeyOrdering:
    """The order of records inside each reduce partition.

    Attributes:
        key_function: From a record's key to what is compared; None compares the key itself.
        ascending: Whether small comes first. Equal keys keep their order either way.
    """

    key_function: Callable[[Any], Any] | None = None
    ascending: bool = True

    def sort_key(self) -> Callable[[tuple[Any, Any]], Any]:
        """Return the function from a record to what is compared."""
        function = self.key_function
        if function is None:
            return itemgetter(0)
        return lambda record: function(record[0])


@dataclass
class ShuffleHandle:
    """One shuffle.

    Attributes:
        shuffle_id: Its number in the application.
        num_maps: How many map tasks write to it.
        partitioner: Which reduce partition a key belongs to.
        aggregator: How values of one key are combined, or None to pass records through.
        map_side_combine: Whether the writers combine already; needs an aggregator. Where they
            do, what crosses the shuffle are combiners, otherwise values.
        key_ordering: The order inside reduce partitions, or None for the order of arrival.
        of_buffers: Whether records are bytes that are written and read as they are.
    """

    shuffle_id: int
    num_maps: int
    partitioner: Partitioner
    aggregator: Aggregator | None = None
    map_side_combine: bool = False
    key_ordering: KeyOrdering | None = None
    of_buffers: bool = False
