"""Several RDDs of pairs brought together by key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pyspark.resultiterable import ResultIterable

from pyrite.core.rdd.dependency import OneToOneDependency
from pyrite.core.rdd.handle import require_rdd
from pyrite.core.rdd.lineage import Dependency
from pyrite.core.rdd.pair import PairOperations
from pyrite.core.rdd.shuffled import CoGroupedRDD, JoinedRDD
from pyrite.core.shuffle import JoinType, Partitioner

if TYPE_CHECKING:
    from pyrite.core.rdd.rdd import RDD

__all__ = ["Joins"]

T_co = TypeVar("T_co", covariant=True)
K = TypeVar("K")
V = TypeVar("V")
W = TypeVar("W")

#: A key with the list of its values in each of two RDDs.
_Groups = Iterator[tuple[Any, tuple[list[Any], list[Any]]]]


class Joins(PairOperations[T_co]):
    """Joins, cogroups, and the set operations made of them.

    The result has as many partitions as all inputs together, unless they share a partitioner,
    ``spark.default.parallelism`` is set, or the caller names a number.
    """

    def join(
        self: Joins[tuple[K, V]], other: RDD[tuple[K, W]], numPartitions: int | None = None
    ) -> RDD[tuple[K, tuple[V, W]]]:
        """Pair the values of the keys that both RDDs have.

        Args:
            other: Pairs with the same kind of key.
            numPartitions: How many partitions to make.

        Example:
            >>> x, y = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2), ("a", 3)])
            >>> sorted(x.join(y).collect())
            [('a', (1, 2)), ('a', (1, 3))]
        """
        return self._joined(other, numPartitions, JoinType())

    def leftOuterJoin(
        self: Joins[tuple[K, V]], other: RDD[tuple[K, W]], numPartitions: int | None = None
    ) -> RDD[tuple[K, tuple[V, W | None]]]:
        """Join, keeping the keys that ``other`` lacks with None.

        Args:
            other: Pairs with the same kind of key.
            numPartitions: How many partitions to make.

        Example:
            >>> x, y = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2)])
            >>> sorted(x.leftOuterJoin(y).collect())
            [('a', (1, 2)), ('b', (4, None))]
        """
        return self._joined(other, numPartitions, JoinType(keeps_left=True))

    def rightOuterJoin(
        self: Joins[tuple[K, V]], other: RDD[tuple[K, W]], numPartitions: int | None = None
    ) -> RDD[tuple[K, tuple[V | None, W]]]:
        """Join, keeping the keys that only ``other`` has with None.

        Args:
            other: Pairs with the same kind of key.
            numPartitions: How many partitions to make.

        Example:
            >>> x, y = sc.parallelize([("a", 2)]), sc.parallelize([("a", 1), ("b", 4)])
            >>> sorted(x.rightOuterJoin(y).collect())
            [('a', (2, 1)), ('b', (None, 4))]
        """
        return self._joined(other, numPartitions, JoinType(keeps_right=True))

    def fullOuterJoin(
        self: Joins[tuple[K, V]], other: RDD[tuple[K, W]], numPartitions: int | None = None
    ) -> RDD[tuple[K, tuple[V | None, W | None]]]:
        """Join, keeping the keys that either RDD lacks with None.

        Args:
            other: Pairs with the same kind of key.
            numPartitions: How many partitions to make.

        Example:
            >>> x, y = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2), ("c", 8)])
            >>> sorted(x.fullOuterJoin(y).collect())
            [('a', (1, 2)), ('b', (4, None)), ('c', (None, 8))]
        """
        return self._joined(other, numPartitions, JoinType(keeps_left=True, keeps_right=True))

    def cogroup(
        self: Joins[tuple[K, V]], other: RDD[tuple[K, W]], numPartitions: int | None = None
    ) -> RDD[tuple[K, tuple[Iterable[V], Iterable[W]]]]:
        """Bring together the values that each key has in both RDDs.

        Args:
            other: Pairs with the same kind of key.
            numPartitions: How many partitions to make.

        Example:
            >>> x, y = sc.parallelize([("a", 1), ("b", 4)]), sc.parallelize([("a", 2)])
            >>> rdd = x.cogroup(y).mapValues(lambda both: tuple(map(list, both)))
            >>> sorted(rdd.collect())
            [('a', ([1], [2])), ('b', ([4], []))]
        """
        grouped: RDD[Any] = self._cogrouped([other], numPartitions)
        return grouped.mapValues(_as_result_iterables)

    def groupWith(
        self: Joins[tuple[Any, Any]], other: RDD[tuple[Any, Any]], *others: RDD[tuple[Any, Any]]
    ) -> RDD[tuple[Any, tuple[Iterable[Any], ...]]]:
        """Bring together the values that each key has in any number of RDDs.

        Example:
            >>> w, x = sc.parallelize([("a", 5)]), sc.parallelize([("a", 1)])
            >>> rdd = w.groupWith(x, x).mapValues(lambda all: tuple(map(list, all)))
            >>> rdd.collect()
            [('a', ([5], [1], [1]))]
        """
        return self._cogrouped([other, *others], None).mapValues(_as_result_iterables)

    def subtractByKey(
        self: Joins[tuple[K, V]], other: RDD[tuple[K, Any]], numPartitions: int | None = None
    ) -> RDD[tuple[K, V]]:
        """Keep the pairs whose key ``other`` has not.

        Args:
            other: Pairs with the same kind of key.
            numPartitions: How many partitions to make.

        Example:
            >>> x, y = sc.parallelize([("a", 1), ("b", 4), ("b", 5)]), sc.parallelize([("a", 3)])
            >>> sorted(x.subtractByKey(y).collect())
            [('b', 4), ('b', 5)]
        """
        return self._compared(other, numPartitions, _left_only)

    def subtract(self, other: RDD[T_co], numPartitions: int | None = None) -> RDD[T_co]:
        """Keep the elements that ``other`` has not; duplicates stay.

        Args:
            other: Elements of the same kind.
            numPartitions: How many partitions to make.

        Example:
            >>> sorted(sc.parallelize([1, 2, 3, 3]).subtract(sc.parallelize([2])).collect())
            [1, 3, 3]
        """
        require_rdd(other, "subtract")
        return (
            self.map(_with_true)._compared(other.map(_with_true), numPartitions, _left_only).keys()
        )

    def intersection(self, other: RDD[T_co]) -> RDD[T_co]:
        """Keep one of each element that both RDDs have.

        Example:
            >>> x, y = sc.parallelize([1, 10, 2, 2]), sc.parallelize([2, 10, 7])
            >>> sorted(x.intersection(y).collect())
            [2, 10]
        """
        require_rdd(other, "intersection")
        return self.map(_with_true)._compared(other.map(_with_true), None, _in_both).keys()

    def _joined(self, other: RDD[Any], num_partitions: int | None, join_type: JoinType) -> RDD[Any]:
        dependencies, partitioner = self._brought_together([other], num_partitions)
        rdd_id = self.ctx.next_rdd_id()
        return self._derive(JoinedRDD(rdd_id, dependencies, partitioner, join_type))

    def _compared(
        self,
        other: RDD[Any],
        num_partitions: int | None,
        loop: Callable[[_Groups], Iterator[Any]],
    ) -> RDD[Any]:
        return self._cogrouped([other], num_partitions)._per_partition(partial(_run, loop), True)

    def _cogrouped(self, others: list[RDD[Any]], num_partitions: int | None) -> RDD[Any]:
        dependencies, partitioner = self._brought_together(others, num_partitions)
        return self._derive(CoGroupedRDD(self.ctx.next_rdd_id(), dependencies, partitioner))

    def _brought_together(
        self, others: list[RDD[Any]], num_partitions: int | None
    ) -> tuple[list[Dependency], Partitioner]:
        """Give all RDDs one partitioner; one that has it already stays in place."""
        for other in others:
            require_rdd(other, "cogroup")
        handles: list[PairOperations[Any]] = [self, *others]
        partitioner = self._common_partitioner(handles, num_partitions)
        dependencies: list[Dependency] = [
            OneToOneDependency(handle.node)
            if handle.node.partitioner == partitioner
            else handle._shuffle_dependency(partitioner)
            for handle in handles
        ]
        return dependencies, partitioner

    def _common_partitioner(
        self, handles: list[PairOperations[Any]], num_partitions: int | None
    ) -> Partitioner:
        if num_partitions is None and "spark.default.parallelism" not in self.ctx.conf:
            shared = handles[0].node.partitioner
            if shared is not None and all(h.node.partitioner == shared for h in handles):
                num_partitions = shared.numPartitions
            else:
                num_partitions = sum(handle.getNumPartitions() for handle in handles)
        return self._new_partitioner(num_partitions)


def _run(loop: Callable[[_Groups], Iterator[Any]], _index: int, groups: Any) -> Iterator[Any]:
    return loop(groups)


def _left_only(groups: _Groups) -> Iterator[Any]:
    for key, (left, right) in groups:
        if not right:
            for v in left:
                yield key, v


def _in_both(groups: _Groups) -> Iterator[Any]:
    for key, (left, right) in groups:
        if left and right:
            yield key, True


def _as_result_iterables(groups: tuple[list[Any], ...]) -> tuple[Any, ...]:
    return tuple(map(ResultIterable, groups))


def _with_true(element: Any) -> tuple[Any, bool]:
    return element, True
