"""Element by element and partition by partition: the transformations that need no shuffle."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pyrite.core.codegen import OperatorKind
from pyrite.core.rdd.coalesced import CoalescedRDD
from pyrite.core.rdd.handle import RDDHandle, require_rdd
from pyrite.core.rdd.pair_nodes import CartesianRDD, ZippedRDD
from pyrite.core.rdd.pipe import pipe_through
from pyrite.core.rdd.union import union_of

if TYPE_CHECKING:
    from pyrite.core.rdd.rdd import RDD

__all__ = ["Transformations", "ignore_index"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
K = TypeVar("K")
U = TypeVar("U")


class Transformations(RDDHandle[T_co]):
    """What makes a new RDD without moving elements between partitions."""

    def map(self, f: Callable[[T_co], U], preservesPartitioning: bool = False) -> RDD[U]:
        """Pass each element through a function.

        Args:
            f: From an element to the new one.
            preservesPartitioning: Whether ``f`` leaves the keys of pairs alone.

        Example:
            >>> sc.parallelize(["b", "a"]).map(lambda x: (x, 1)).collect()
            [('b', 1), ('a', 1)]
        """
        return self._operate(OperatorKind.MAP, f, preservesPartitioning)

    def flatMap(
        self, f: Callable[[T_co], Iterable[U]], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Pass each element through a function that gives any number of new ones.

        Args:
            f: From an element to the new ones.
            preservesPartitioning: Whether ``f`` leaves the keys of pairs alone.

        Example:
            >>> sc.parallelize([2, 3]).flatMap(range).collect()
            [0, 1, 0, 1, 2]
        """
        return self._operate(OperatorKind.FLAT_MAP, f, preservesPartitioning)

    def filter(self, f: Callable[[T_co], bool]) -> RDD[T_co]:
        """Keep the elements for which ``f`` is true.

        Example:
            >>> sc.parallelize([1, 2, 3]).filter(lambda x: x % 2 == 1).collect()
            [1, 3]
        """
        return self._operate(OperatorKind.FILTER, f, True)

    def mapPartitions(
        self, f: Callable[[Iterable[T_co]], Iterable[U]], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Pass each partition through a function.

        Args:
            f: From an iterator over a partition to its new elements.
            preservesPartitioning: Whether ``f`` leaves the keys of pairs alone.

        Example:
            >>> sc.parallelize([1, 2, 3, 4], 2).mapPartitions(lambda part: [sum(part)]).collect()
            [3, 7]
        """
        return self._per_partition(partial(ignore_index, f), preservesPartitioning)

    def mapPartitionsWithIndex(
        self, f: Callable[[int, Iterable[T_co]], Iterable[U]], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Pass each partition, and its index, through a function.

        Args:
            f: From the index and an iterator over the partition to its new elements.
            preservesPartitioning: Whether ``f`` leaves the keys of pairs alone.

        Example:
            >>> rdd = sc.parallelize([1, 2, 3, 4], 2)
            >>> rdd.mapPartitionsWithIndex(lambda index, part: [(index, sum(part))]).collect()
            [(0, 3), (1, 7)]
        """
        return self._per_partition(f, preservesPartitioning)

    def mapPartitionsWithSplit(
        self, f: Callable[[int, Iterable[T_co]], Iterable[U]], preservesPartitioning: bool = False
    ) -> RDD[U]:
        """Do what ``mapPartitionsWithIndex`` does; kept under its old name.

        Example:
            >>> sc.parallelize([1, 2], 2).mapPartitionsWithSplit(lambda i, part: [i]).collect()
            [0, 1]
        """
        return self.mapPartitionsWithIndex(f, preservesPartitioning)

    def glom(self) -> RDD[list[T_co]]:
        """Make each partition one element: the list of its elements.

        Example:
            >>> sc.parallelize([1, 2, 3, 4], 2).glom().collect()
            [[1, 2], [3, 4]]
        """
        return self._per_partition(_as_one_list)

    def keyBy(self, f: Callable[[T_co], K]) -> RDD[tuple[K, T_co]]:
        """Pair each element with a key made from it.

        Example:
            >>> sc.parallelize(["a", "bb"]).keyBy(len).collect()
            [(1, 'a'), (2, 'bb')]
        """
        return self._operate(OperatorKind.KEY_BY, f)

    def union(self, other: RDD[U]) -> RDD[T_co | U]:
        """Put the partitions of ``other`` behind this RDD's; duplicates stay.

        Where both have the same partitioner the result has it too, and partition *i* is both
        partitions *i*.

        Example:
            >>> rdd = sc.parallelize([1, 1, 2])
            >>> rdd.union(rdd).collect()
            [1, 1, 2, 1, 1, 2]
        """
        require_rdd(other, "union")
        return self._derive(union_of(self.ctx.next_rdd_id(), [self.node, other.node]))

    def __add__(self, other: RDD[U]) -> RDD[T_co | U]:
        """Return ``self.union(other)``.

        Example:
            >>> (sc.parallelize([1]) + sc.parallelize([2])).collect()
            [1, 2]
        """
        if not isinstance(other, RDDHandle):
            raise TypeError(f"an RDD can only be added to an RDD, not to {type(other).__name__}")
        return self.union(other)

    def cartesian(self, other: RDD[U]) -> RDD[tuple[T_co, U]]:
        """Pair every element with every element of ``other``.

        Example:
            >>> rdd = sc.parallelize([1, 2])
            >>> sorted(rdd.cartesian(rdd).collect())
            [(1, 1), (1, 2), (2, 1), (2, 2)]
        """
        require_rdd(other, "cartesian")
        return self._derive(CartesianRDD(self.ctx.next_rdd_id(), self.node, other.node))

    def zip(self, other: RDD[U]) -> RDD[tuple[T_co, U]]:
        """Pair the elements at the same places of two RDDs of the same shape.

        Raises:
            ValueError: If the numbers of partitions differ. Partitions of different lengths
                fail the job.

        Example:
            >>> a, b = sc.parallelize(range(3), 2), sc.parallelize("xyz", 2)
            >>> a.zip(b.map(str.upper)).collect()
            [(0, 'X'), (1, 'Y'), (2, 'Z')]
        """
        require_rdd(other, "zip")
        if self.getNumPartitions() != other.getNumPartitions():
            raise ValueError("Can only zip with RDD which has the same number of partitions")
        return self._derive(ZippedRDD(self.ctx.next_rdd_id(), self.node, other.node))

    def zipWithIndex(self) -> RDD[tuple[T_co, int]]:
        """Pair each element with its position in the whole RDD.

        With more than one partition this runs a job, to count the elements of each.

        Example:
            >>> sc.parallelize(["a", "b", "c", "d"], 3).zipWithIndex().collect()
            [('a', 0), ('b', 1), ('c', 2), ('d', 3)]
        """
        starts = [0]
        if self.getNumPartitions() > 1:
            for count in self._run_per_partition(_length)[:-1]:
                starts.append(starts[-1] + count)
        return self._per_partition(partial(_number_from, starts))

    def zipWithUniqueId(self) -> RDD[tuple[T_co, int]]:
        """Pair each element with a number no other element has, without running a job.

        The elements of partition *k* of *n* get *k*, *k + n*, *k + 2n*, ...

        Example:
            >>> sc.parallelize(["a", "b", "c", "d", "e"], 3).zipWithUniqueId().collect()
            [('a', 0), ('b', 1), ('c', 4), ('d', 2), ('e', 5)]
        """
        return self._per_partition(partial(_number_by, self.getNumPartitions()))

    def _coalesced(self, numPartitions: int) -> RDD[T_co]:
        return self._derive(CoalescedRDD(self.ctx.next_rdd_id(), self.node, numPartitions))

    def pipe(
        self, command: str, env: dict[str, str] | None = None, checkCode: bool = False
    ) -> RDD[str]:
        """Pass each partition through an external program, a line per element.

        Args:
            command: The program and its arguments; quotes are understood, other shell syntax
                is not.
            env: The program's environment variables.
            checkCode: Whether to fail where the program ends with another code than 0.

        Example:
            >>> sc.parallelize(["1", "2", "", "3"]).pipe("cat").collect()
            ['1', '2', '', '3']
        """
        return self._per_partition(
            partial(pipe_through, shlex.split(command), dict(env or {}), checkCode, command)
        )


def ignore_index(
    function: Callable[[Iterable[Any]], Iterable[Any]], _index: int, elements: Iterator[Any]
) -> Iterable[Any]:
    """Call a function of a partition's elements, as one that is also given the index."""
    return function(elements)


def _as_one_list(_index: int, elements: Iterator[Any]) -> Iterable[Any]:
    return [list(elements)]


def _length(elements: Iterator[Any]) -> int:
    return sum(1 for _ in elements)


def _number_from(starts: list[int], index: int, elements: Iterator[Any]) -> Iterable[Any]:
    return ((element, number) for number, element in enumerate(elements, starts[index]))


def _number_by(step: int, index: int, elements: Iterator[Any]) -> Iterable[Any]:
    return ((element, number * step + index) for number, element in enumerate(elements))
