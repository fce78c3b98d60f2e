"""Where elements lie: sorting, and changing the number of partitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from pyrite.core.rdd.combine import sort_in_place
from pyrite.core.rdd.joins import Joins
from pyrite.core.rdd.pipelined import RepartitionedRDD
from pyrite.core.rdd.sampling import Sampling, count_and_sample
from pyrite.core.rdd.xor_shift import first_int
from pyrite.core.shuffle import KeyOrdering, Partitioner, RangePlacement, portable_hash

if TYPE_CHECKING:
    from pyrite.core.rdd.rdd import RDD

__all__ = ["Ordering"]

T_co = TypeVar("T_co", covariant=True)
K = TypeVar("K")
V = TypeVar("V")

#: ``repartition`` moves elements in batches of this size, as PySpark does.
_DEALT_TOGETHER = 10

#: How many elements per partition are sampled to find the bounds of a sort.
_SAMPLES_PER_PARTITION = 20.0


def _itself(key: Any) -> Any:
    return key


class Ordering(Sampling[T_co], Joins[T_co]):
    """What decides in which partition, and in which order, elements are."""

    def sortByKey(
        self: Ordering[tuple[K, V]],
        ascending: bool | None = True,
        numPartitions: int | None = None,
        keyfunc: Callable[[Any], Any] = _itself,
    ) -> RDD[tuple[K, V]]:
        """Sort pairs by key.

        With more than one partition this runs a job, to find where the partitions' bounds lie.
        Pairs of equal keys keep their order.

        Args:
            ascending: Whether small comes first.
            numPartitions: How many partitions to make.
            keyfunc: From a key to what is compared.

        Example:
            >>> pairs = [("b", 1), ("a", 2), ("C", 3)]
            >>> sc.parallelize(pairs).sortByKey(True, 2, keyfunc=str.lower).collect()
            [('a', 2), ('b', 1), ('C', 3)]
        """
        count = self._new_partitioner(numPartitions).numPartitions
        bounds = self._bounds(count, partial(_key_of_pair, keyfunc)) if count > 1 else []
        ordering = KeyOrdering(None if keyfunc is _itself else keyfunc, bool(ascending))
        return self._sorted_between(bounds, count, ordering)

    def sortBy(
        self,
        keyfunc: Callable[[T_co], Any],
        ascending: bool = True,
        numPartitions: int | None = None,
    ) -> RDD[T_co]:
        """Sort elements by what a function makes of them.

        Args:
            keyfunc: From an element to what is compared.
            ascending: Whether small comes first.
            numPartitions: How many partitions to make.

        Example:
            >>> sc.parallelize([("a", 3), ("b", 1), ("c", 2)]).sortBy(lambda x: x[1]).collect()
            [('b', 1), ('c', 2), ('a', 3)]
        """
        count = self._new_partitioner(numPartitions).numPartitions
        bounds = self._bounds(count, keyfunc) if count > 1 else []
        keyed: RDD[Any] = self.keyBy(keyfunc)
        return keyed._sorted_between(bounds, count, KeyOrdering(None, bool(ascending))).values()

    def _bounds(self, count: int, key: Callable[[T_co], Any]) -> list[Any] | None:
        """Return where to cut the sorted keys into ``count`` parts; None without elements."""
        most = _SAMPLES_PER_PARTITION * count
        parts = self._run(partial(count_and_sample, most, key))
        size = sum(seen for seen, _ in parts)
        if size == 0:
            return None
        fraction = min(most / size, 1.0)
        sampled = sorted(
            found for _, picked in parts for drawn, found in picked if drawn < fraction
        )
        return [sampled[int(len(sampled) * (i + 1) / count)] for i in range(count - 1)]

    def _sorted_between(
        self, bounds: list[Any] | None, count: int, ordering: KeyOrdering
    ) -> RDD[Any]:
        if bounds is None:
            return self._derive(self.node)
        if count == 1 and self.getNumPartitions() == 1:
            return self._per_partition(partial(sort_in_place, ordering), True)
        place = RangePlacement(bounds, ordering.key_function, ordering.ascending)
        return self._derive(self._shuffled(Partitioner(count, place), key_ordering=ordering))

    def repartitionAndSortWithinPartitions(
        self: Ordering[tuple[Any, Any]],
        numPartitions: int | None = None,
        partitionFunc: Callable[[Any], int] = portable_hash,
        ascending: bool = True,
        keyfunc: Callable[[Any], Any] = _itself,
    ) -> RDD[tuple[Any, Any]]:
        """Bring the pairs of a key into one partition and sort each partition by key.

        Args:
            numPartitions: How many partitions to make.
            partitionFunc: Which partition a key goes to.
            ascending: Whether small comes first.
            keyfunc: From a key to what is compared.

        Example:
            >>> rdd = sc.parallelize([(0, 5), (3, 8), (2, 6), (0, 8), (3, 8), (1, 3)])
            >>> rdd.repartitionAndSortWithinPartitions(2, lambda x: x % 2).glom().collect()
            [[(0, 5), (0, 8), (2, 6)], [(1, 3), (3, 8), (3, 8)]]
        """
        ordering = KeyOrdering(None if keyfunc is _itself else keyfunc, ascending)
        partitioner = self._new_partitioner(numPartitions, partitionFunc)
        if self.node.partitioner == partitioner:
            return self._per_partition(partial(sort_in_place, ordering), True)
        return self._derive(self._shuffled(partitioner, key_ordering=ordering))

    def repartition(self, numPartitions: int) -> RDD[T_co]:
        """Spread the elements over a number of partitions, through a shuffle.

        Args:
            numPartitions: How many partitions to make.

        Example:
            >>> rdd = sc.parallelize(range(100), 4)
            >>> rdd.repartition(10).getNumPartitions()
            10
        """
        return self.coalesce(numPartitions, shuffle=True)

    def coalesce(self, numPartitions: int, shuffle: bool = False) -> RDD[T_co]:
        """Reduce the number of partitions.

        Without a shuffle neighbouring partitions are read one after another, and the number
        cannot grow.

        Args:
            numPartitions: How many partitions to make.
            shuffle: Whether to spread the elements anew.

        Raises:
            ValueError: If ``numPartitions`` is not positive.

        Example:
            >>> sc.parallelize([1, 2, 3, 4, 5], 3).coalesce(1).glom().collect()
            [[1, 2, 3, 4, 5]]
        """
        if not numPartitions > 0:
            raise ValueError("Number of partitions must be positive.")
        if not shuffle:
            return self._coalesced(numPartitions)
        dealt = self._batches()._per_partition(partial(_deal, numPartitions))
        moved = self._derive(dealt._shuffled(Partitioner(numPartitions, _itself)))
        return self._derive(RepartitionedRDD(self.ctx.next_rdd_id(), moved.values().node))

    def _batches(self) -> RDD[list[T_co]]:
        """Return what ``repartition`` deals out: batches, those of the last one as they came."""
        if isinstance(self.node, RepartitionedRDD) and not self.is_cached:
            return self._derive(self.node.batches_node)
        return self._per_partition(_in_batches)


def _key_of_pair(function: Callable[[Any], Any], pair: tuple[Any, Any]) -> Any:
    return function(pair[0])


def _in_batches(index: int, elements: Iterator[Any]) -> Iterable[list[Any]]:
    while batch := list(islice(elements, _DEALT_TOGETHER)):
        yield batch


def _deal(count: int, index: int, batches: Iterator[Any]) -> Iterable[tuple[int, list[Any]]]:
    return enumerate(batches, first_int(index, count) + 1)
