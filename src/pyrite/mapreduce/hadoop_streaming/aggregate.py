r"""The reducer and combiner named ``aggregate``: sums and the like, with no program at all.

A mapper says in front of the key how its values are put together:

    LongValueSum:the\t1                       the\t2
    LongValueSum:the\t1       --aggregate-->  longest\tpyrite
    StringValueMax:longest\tpyrite

The combiner does the same with a map task's own records, and keeps the names: what it writes
can be put together again.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from math import sqrt
from operator import itemgetter
from types import MappingProxyType

from pyrite.core.hadoop.java_text import java_text
from pyrite.mapreduce.errors import MapReduceError, shown
from pyrite.mapreduce.hadoop_streaming.records import Records
from pyrite.mapreduce.hadoop_streaming.stream_job import AGGREGATE_COMBINER, AGGREGATE_REDUCER

__all__ = ["AGGREGATORS", "PROGRAMS", "Aggregator", "aggregated", "combined"]

BATCH_RECORDS = 1 << 14

_LONG = re.compile(r"[+-]?[0-9]+")
_DOUBLE = re.compile(
    r"[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?)"
)


class _Unreadable(ValueError):
    """A value is not what the aggregator adds; the argument says what that is."""


class Aggregator(ABC):
    """What the values of one key are put together in."""

    @abstractmethod
    def add(self, value: str, count: int) -> None:
        """Add a value, as often as it occurs.

        Raises:
            ValueError: If the text is none of the values that are added; says which are.
        """

    @abstractmethod
    def result(self) -> str:
        """Return what the reducer writes."""

    def parts(self) -> Iterable[str]:
        """Return what the combiner writes: values that stand for those added."""
        return [self.result()]


class LongValueSum(Aggregator):
    """The sum of whole numbers, in 64 bits."""

    def __init__(self) -> None:
        self._sum = 0

    def add(self, value: str, count: int) -> None:
        """Add a number."""
        self._sum += _long(value) * count

    def result(self) -> str:
        """Return the sum; past 64 bits it goes on from the other end, as in Java."""
        return str((self._sum + (1 << 63)) % (1 << 64) - (1 << 63))


class DoubleValueSum(Aggregator):
    """The sum of numbers with a fraction."""

    def __init__(self) -> None:
        self._sum = 0.0

    def add(self, value: str, count: int) -> None:
        """Add a number."""
        self._sum += _double(value) * count

    def result(self) -> str:
        """Return the sum, as Java writes it."""
        return java_text(self._sum)


class LongValueMax(Aggregator):
    """The largest whole number."""

    def __init__(self) -> None:
        self._max = -(1 << 63)

    def add(self, value: str, count: int) -> None:
        """Look at a number."""
        self._max = max(self._max, _long(value))

    def result(self) -> str:
        """Return the largest."""
        return str(self._max)


class LongValueMin(Aggregator):
    """The smallest whole number."""

    def __init__(self) -> None:
        self._min = (1 << 63) - 1

    def add(self, value: str, count: int) -> None:
        """Look at a number."""
        self._min = min(self._min, _long(value))

    def result(self) -> str:
        """Return the smallest."""
        return str(self._min)


class StringValueMax(Aggregator):
    """The last string in Java's order."""

    def __init__(self) -> None:
        self._max: str | None = None

    def add(self, value: str, count: int) -> None:
        """Look at a string."""
        if self._max is None or _java_order(value) > _java_order(self._max):
            self._max = value

    def result(self) -> str:
        """Return the last."""
        return self._max or ""


class StringValueMin(Aggregator):
    """The first string in Java's order."""

    def __init__(self) -> None:
        self._min: str | None = None

    def add(self, value: str, count: int) -> None:
        """Look at a string."""
        if self._min is None or _java_order(value) < _java_order(self._min):
            self._min = value

    def result(self) -> str:
        """Return the first."""
        return self._min or ""


class UniqValueCount(Aggregator):
    """How many different values there are."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def add(self, value: str, count: int) -> None:
        """Look at a value."""
        self._values.add(value)

    def result(self) -> str:
        """Return their number."""
        return str(len(self._values))

    def parts(self) -> Iterable[str]:
        """Return the values, each once."""
        return self._values


class ValueHistogram(Aggregator):
    r"""How often values occur; a value may say ``value\tcount`` itself."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, value: str, count: int) -> None:
        """Count a value."""
        item, tab, given = value.rpartition("\t")
        self._counts[item if tab else value] += (_long(given) if tab else 1) * count

    def result(self) -> str:
        """Return of all counts: their number, least, median, most, mean, standard deviation."""
        counts = sorted(self._counts.values())
        number = len(counts)
        mean = sum(counts) / number
        deviation = sqrt(sum((count - mean) ** 2 for count in counts) / number)
        numbers = (number, counts[0], counts[number // 2], counts[-1], mean, deviation)
        return "\t".join(map(java_text, numbers))

    def parts(self) -> Iterable[str]:
        """Return the values with their counts."""
        return [f"{item}\t{count}" for item, count in self._counts.items()]


AGGREGATORS: Mapping[str, type[Aggregator]] = MappingProxyType(
    {
        aggregator.__name__: aggregator
        for aggregator in (
            LongValueSum,
            LongValueMax,
            LongValueMin,
            DoubleValueSum,
            StringValueMax,
            StringValueMin,
            UniqValueCount,
            ValueHistogram,
        )
    }
)
"""The names that may stand in front of keys."""


def aggregated(batches: Iterable[Records]) -> Iterator[Records]:
    """Put the values of each key together: the reducer.

    Args:
        batches: Records in an order where equal keys are neighbours.

    Raises:
        MapReduceError: If a key does not begin with an aggregator's name and a colon, or a value
            is not of its kind.

    Example:
        >>> records = Records.of([(b"LongValueSum:a", b"1"), (b"LongValueSum:a", b"2")])
        >>> [batch.pairs() for batch in aggregated([records])]
        [[(b'a', b'3')]]
    """
    return _batches(
        (key.partition(b":")[2], aggregator.result()) for key, aggregator in _groups(batches)
    )


def combined(batches: Iterable[Records]) -> Iterator[Records]:
    """Put the values of each key together as far as that can go on later: the combiner.

    Args:
        batches: Records in an order where equal keys are neighbours.

    Raises:
        MapReduceError: As for ``aggregated``.
    """
    return _batches(
        (key, part) for key, aggregator in _groups(batches) for part in aggregator.parts()
    )


PROGRAMS: Mapping[str, Callable[[Iterable[Records]], Iterator[Records]]] = MappingProxyType(
    {AGGREGATE_REDUCER: aggregated, AGGREGATE_COMBINER: combined}
)
"""What the classes of this name do with sorted records."""


def _groups(batches: Iterable[Records]) -> Iterator[tuple[bytes, Aggregator]]:
    for key, rows in groupby(_rows(batches), key=itemgetter(0)):
        aggregator = _aggregator(key)
        for _, value, count in rows:
            text = value.decode("utf-8", "replace")
            try:
                aggregator.add(text, count)
            except _Unreadable as error:
                raise MapReduceError(
                    f"The aggregate reducer cannot add the value {shown(text)} of the key "
                    f"{shown(key.decode('utf-8', 'replace'))}: {type(aggregator).__name__} wants "
                    f"{error}. Let the mapper write it so, or choose another aggregator."
                ) from None
        yield key, aggregator


def _rows(batches: Iterable[Records]) -> Iterator[tuple[bytes, bytes, int]]:
    for batch in batches:
        counts = [1] * len(batch) if batch.counts is None else batch.counts.tolist()
        yield from zip(batch.keys.to_pylist(), batch.values.to_pylist(), counts, strict=True)


def _aggregator(key: bytes) -> Aggregator:
    name, colon, _ = key.decode("utf-8", "replace").partition(":")
    found = AGGREGATORS.get(name) if colon else None
    if found is None:
        raise MapReduceError(
            f"The aggregate reducer does not know what to do with the key "
            f"{shown(key.decode('utf-8', 'replace'))}. Let the mapper write keys as "
            f"LongValueSum:key, with one of {', '.join(AGGREGATORS)}."
        )
    return found()


def _batches(pairs: Iterable[tuple[bytes, str]]) -> Iterator[Records]:
    held: list[tuple[bytes, bytes]] = []
    for key, text in pairs:
        held.append((key, text.encode()))
        if len(held) == BATCH_RECORDS:
            yield Records.of(held)
            held = []
    if held:
        yield Records.of(held)


def _long(text: str) -> int:
    number = int(text) if _LONG.fullmatch(text) else 1 << 64
    if not -(1 << 63) <= number < 1 << 63:
        raise _Unreadable("a whole number of 64 bits")
    return number


def _double(text: str) -> float:
    text = text.strip()
    if not _DOUBLE.fullmatch(text):
        raise _Unreadable("a number")
    return float(text.rstrip("fFdD") if text[-1:] in "fFdD" else text)


def _java_order(text: str) -> bytes:
    return text.encode("utf-16-be")
