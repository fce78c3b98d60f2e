"""RDDs of (key, value) pairs: bringing the values of a key together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pyspark.resultiterable import ResultIterable

from pyrite.core.codegen import OperatorKind, Sink, SinkKind
from pyrite.core.errors import PySparkTypeError
from pyrite.core.rdd.actions import Actions, nothing_to_reduce
from pyrite.core.rdd.combine import combine_in_place
from pyrite.core.rdd.dependency import ShuffleDependency
from pyrite.core.rdd.lineage import BaseRDD
from pyrite.core.rdd.shuffled import ShuffledRDD
from pyrite.core.shuffle import (
    Aggregator,
    KeyOrdering,
    Partitioner,
    ShuffleHandle,
    portable_hash,
)

if TYPE_CHECKING:
    from pyrite.core.rdd.rdd import RDD

__all__ = ["PairOperations"]

T_co = TypeVar("T_co", covariant=True)
K = TypeVar("K")
V = TypeVar("V")
U = TypeVar("U")


class PairOperations(Actions[T_co]):
    """What needs elements to be pairs, or brings equal elements together."""

    def keys(self: PairOperations[tuple[K, V]]) -> RDD[K]:
        """Keep the key of each pair.

        Example:
            >>> sc.parallelize([(1, 2), (3, 4)]).keys().collect()
            [1, 3]
        """
        return self._operate(OperatorKind.KEYS)

    def values(self: PairOperations[tuple[K, V]]) -> RDD[V]:
        """Keep the value of each pair.

        Example:
            >>> sc.parallelize([(1, 2), (3, 4)]).values().collect()
            [2, 4]
        """
        return self._operate(OperatorKind.VALUES)

    def mapValues(self: PairOperations[tuple[K, V]], f: Callable[[V], U]) -> RDD[tuple[K, U]]:
        """Pass each value through a function; keys stay, and so does their partitioning.

        Example:
            >>> sc.parallelize([("a", [1, 2]), ("b", [3])]).mapValues(len).collect()
            [('a', 2), ('b', 1)]
        """
        return self._operate(OperatorKind.MAP_VALUES, f, True)

    def flatMapValues(
        self: PairOperations[tuple[K, V]], f: Callable[[V], Iterable[U]]
    ) -> RDD[tuple[K, U]]:
        """Make of each value any number of them, each with the key.

        Example:
            >>> sc.parallelize([("a", "xy"), ("b", "z")]).flatMapValues(list).collect()
            [('a', 'x'), ('a', 'y'), ('b', 'z')]
        """
        return self._operate(OperatorKind.FLAT_MAP_VALUES, f, True)

    def partitionBy(
        self: PairOperations[tuple[K, V]],
        numPartitions: int | None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, V]]:
        """Bring the pairs of a key into one partition.

        Args:
            numPartitions: How many partitions to make; None for the default.
            partitionFunc: From a key to a number, taken modulo ``numPartitions``.

        Example:
            >>> pairs = sc.parallelize([1, 2, 3, 4, 2, 4, 1]).map(lambda x: (x, x))
            >>> sets = pairs.partitionBy(2).glom().collect()
            >>> set(sets[0]) & set(sets[1])
            set()
        """
        partitioner = self._new_partitioner(numPartitions, partitionFunc)
        if self.node.partitioner == partitioner:
            return self._derive(self.node)
        return self._derive(self._shuffled(partitioner))

    def combineByKey(
        self: PairOperations[tuple[K, V]],
        createCombiner: Callable[[V], U],
        mergeValue: Callable[[U, V], U],
        mergeCombiners: Callable[[U, U], U],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, U]]:
        """Combine the values of each key into one of another type.

        Values are combined on both sides of the shuffle.

        Args:
            createCombiner: From a key's first value to its combiner.
            mergeValue: Takes one more value into a combiner; may change and return it.
            mergeCombiners: Merges two combiners; may change and return the first.
            numPartitions: How many partitions to make.
            partitionFunc: Which partition a key goes to.

        Example:
            >>> pairs = sc.parallelize([("a", 1), ("b", 1), ("a", 2)])
            >>> rdd = pairs.combineByKey(lambda v: [v], lambda c, v: c + [v], lambda a, b: a + b)
            >>> sorted(rdd.collect())
            [('a', [1, 2]), ('b', [1])]
        """
        aggregator = Aggregator(createCombiner, mergeValue, mergeCombiners)
        return self._combined(aggregator, numPartitions, partitionFunc)

    def reduceByKey(
        self: PairOperations[tuple[K, V]],
        func: Callable[[V, V], V],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, V]]:
        """Merge the values of each key, on both sides of the shuffle.

        Args:
            func: Merges two values; must be associative and commutative.
            numPartitions: How many partitions to make.
            partitionFunc: Which partition a key goes to.

        Example:
            >>> from operator import add
            >>> rdd = sc.parallelize([("a", 1), ("b", 1), ("a", 1)])
            >>> sorted(rdd.reduceByKey(add).collect())
            [('a', 2), ('b', 1)]
        """
        return self._combined(Aggregator.reduce(func), numPartitions, partitionFunc)

    def aggregateByKey(
        self: PairOperations[tuple[K, V]],
        zeroValue: U,
        seqFunc: Callable[[U, V], U],
        combFunc: Callable[[U, U], U],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, U]]:
        """Gather the values of each key into a result, then merge the results.

        Args:
            zeroValue: The empty result; each key starts with its own copy.
            seqFunc: Takes one value into a result.
            combFunc: Merges two results.
            numPartitions: How many partitions to make.
            partitionFunc: Which partition a key goes to.

        Example:
            >>> rdd = sc.parallelize([("a", 1), ("b", 1), ("a", 2)])
            >>> add = lambda acc, value: (acc[0] + value, acc[1] + 1)
            >>> merge = lambda a, b: (a[0] + b[0], a[1] + b[1])
            >>> sorted(rdd.aggregateByKey((0, 0), add, merge).collect())
            [('a', (3, 2)), ('b', (1, 1))]
        """
        create = _starting_from(zeroValue, seqFunc)
        return self.combineByKey(create, seqFunc, combFunc, numPartitions, partitionFunc)

    def foldByKey(
        self: PairOperations[tuple[K, V]],
        zeroValue: V,
        func: Callable[[V, V], V],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, V]]:
        """Merge the values of each key, starting from a neutral value.

        Args:
            zeroValue: What changes nothing when merged; each key starts with its own copy.
            func: Merges two values.
            numPartitions: How many partitions to make.
            partitionFunc: Which partition a key goes to.

        Example:
            >>> rdd = sc.parallelize([("a", 1), ("b", 1), ("a", 1)])
            >>> sorted(rdd.foldByKey(0, lambda a, b: a + b).collect())
            [('a', 2), ('b', 1)]
        """
        create = _starting_from(zeroValue, func)
        return self.combineByKey(create, func, func, numPartitions, partitionFunc)

    def groupByKey(
        self: PairOperations[tuple[K, V]],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, Iterable[V]]]:
        """Bring the values of each key together.

        To sum or count them, ``reduceByKey`` moves far less through the shuffle.

        Args:
            numPartitions: How many partitions to make.
            partitionFunc: Which partition a key goes to.

        Example:
            >>> rdd = sc.parallelize([("a", 1), ("b", 1), ("a", 2)])
            >>> sorted(rdd.groupByKey().mapValues(list).collect())
            [('a', [1, 2]), ('b', [1])]
        """
        grouped = self._combined(
            Aggregator.group(), numPartitions, partitionFunc, map_side_combine=False
        )
        return grouped.mapValues(ResultIterable)

    def groupBy(
        self,
        f: Callable[[T_co], K],
        numPartitions: int | None = None,
        partitionFunc: Callable[[K], int] = portable_hash,
    ) -> RDD[tuple[K, Iterable[T_co]]]:
        """Bring together the elements that a function gives the same key.

        Args:
            f: From an element to its key.
            numPartitions: How many partitions to make.
            partitionFunc: Which partition a key goes to.

        Example:
            >>> rdd = sc.parallelize([1, 1, 2, 3, 5, 8]).groupBy(lambda x: x % 2)
            >>> sorted((key, sorted(group)) for key, group in rdd.collect())
            [(0, [2, 8]), (1, [1, 1, 3, 5])]
        """
        keyed: RDD[Any] = self.keyBy(f)
        return keyed.groupByKey(numPartitions, partitionFunc)

    def distinct(self, numPartitions: int | None = None) -> RDD[T_co]:
        """Keep one of each set of equal elements.

        Args:
            numPartitions: How many partitions to make.

        Example:
            >>> sorted(sc.parallelize([1, 1, 2, 3]).distinct().collect())
            [1, 2, 3]
        """
        return self.map(_with_none).reduceByKey(_first, numPartitions).keys()

    def countByKey(self: PairOperations[tuple[K, V]]) -> dict[K, int]:
        """Return how many pairs each key has.

        Example:
            >>> sorted(sc.parallelize([("a", 1), ("b", 1), ("a", 1)]).countByKey().items())
            [('a', 2), ('b', 1)]
        """
        return self.keys().countByValue()

    def collectAsMap(self: PairOperations[tuple[K, V]]) -> dict[K, V]:
        """Return all pairs as a dictionary; of a key's values the last one stays.

        Example:
            >>> sc.parallelize([(1, 2), (3, 4)]).collectAsMap()
            {1: 2, 3: 4}
        """
        return dict(self.collect())

    def reduceByKeyLocally(
        self: PairOperations[tuple[K, V]], func: Callable[[V, V], V]
    ) -> dict[K, V]:
        """Merge the values of each key, in the partitions and then in the driver.

        Args:
            func: Merges two values.

        Raises:
            ValueError: If the RDD has no partitions.

        Example:
            >>> rdd = sc.parallelize([("a", 1), ("b", 1), ("a", 1)])
            >>> sorted(rdd.reduceByKeyLocally(lambda a, b: a + b).items())
            [('a', 2), ('b', 1)]
        """
        parts = self._run_per_partition(partial(_reduce_to_dict, func))
        if not parts:
            raise nothing_to_reduce()
        merged: dict[K, V] = parts[0]
        for part in parts[1:]:
            for key, value in part.items():
                merged[key] = func(merged[key], value) if key in merged else value
        return merged

    def lookup(self: PairOperations[tuple[K, V]], key: K) -> list[V]:
        """Return the values of a key.

        Where the partitioner is known, only the key's partition is searched.

        Example:
            >>> sc.parallelize([("a", 1), ("b", 2), ("a", 3)]).lookup("a")
            [1, 3]
        """
        values = self.filter(partial(_has_key, key)).values()
        partitioner = self.node.partitioner
        if partitioner is None:
            return values.collect()
        found: list[list[V]] = values._run(Sink(SinkKind.COLLECT), [partitioner(key)])
        return found[0]

    # Shuffles.

    def _new_partitioner(
        self, num_partitions: int | None, partition_func: Callable[[Any], int] = portable_hash
    ) -> Partitioner:
        if num_partitions is None:
            num_partitions = self._default_reduce_partitions()
        elif not isinstance(num_partitions, int):
            raise PySparkTypeError(
                f"numPartitions must be an int, not {type(num_partitions).__name__}"
            )
        return Partitioner(num_partitions, partition_func)

    def _shuffled(
        self,
        partitioner: Partitioner,
        aggregator: Aggregator | None = None,
        map_side_combine: bool = False,
        key_ordering: KeyOrdering | None = None,
    ) -> BaseRDD:
        return ShuffledRDD(
            self.ctx.next_rdd_id(),
            self._shuffle_dependency(partitioner, aggregator, map_side_combine, key_ordering),
        )

    def _shuffle_dependency(
        self,
        partitioner: Partitioner,
        aggregator: Aggregator | None = None,
        map_side_combine: bool = False,
        key_ordering: KeyOrdering | None = None,
    ) -> ShuffleDependency:
        handle = ShuffleHandle(
            self.ctx.next_shuffle_id(),
            len(self.node.partitions),
            partitioner,
            aggregator,
            map_side_combine,
            key_ordering,
        )
        return ShuffleDependency(self.node, handle)

    def _combined(
        self,
        aggregator: Aggregator,
        num_partitions: int | None,
        partition_func: Callable[[Any], int],
        map_side_combine: bool = True,
    ) -> RDD[Any]:
        """Combine the values of each key; in place where the keys are partitioned so already."""
        partitioner = self._new_partitioner(num_partitions, partition_func)
        if self.node.partitioner == partitioner:
            return self._per_partition(partial(combine_in_place, aggregator), True)
        return self._derive(self._shuffled(partitioner, aggregator, map_side_combine))


def _starting_from(zero: Any, function: Callable[[Any, Any], Any]) -> Callable[[Any], Any]:
    """Return the function from a key's first value to its combiner."""
    # What cannot change need not be copied for every key.
    return partial(function, zero) if _is_constant(zero) else partial(_copy_first, zero, function)


def _is_constant(value: Any) -> bool:
    if type(value) is tuple:
        return all(map(_is_constant, value))
    return value is None or type(value) in (int, float, bool, str, bytes, complex)


def _copy_first(zero: Any, function: Callable[[Any, Any], Any], value: Any) -> Any:
    return function(deepcopy(zero), value)


def _with_none(element: Any) -> tuple[Any, None]:
    return element, None


def _first(first: Any, _second: Any) -> Any:
    return first


def _has_key(key: Any, pair: tuple[Any, Any]) -> bool:
    return bool(pair[0] == key)


def _reduce_to_dict(
    function: Callable[[Any, Any], Any], elements: Iterator[tuple[Any, Any]]
) -> dict[Any, Any]:
    merged: dict[Any, Any] = {}
    for key, value in elements:
        merged[key] = function(merged[key], value) if key in merged else value
    return merged
