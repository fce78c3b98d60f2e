"""What brings results to the driver: collect, count, reduce, take and their kin."""

from __future__ import annotations

import heapq
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from functools import partial, reduce
from itertools import chain, islice
from math import ceil
from typing import TYPE_CHECKING, Any, TypeVar

from pyrite.core.codegen import EMPTY, Sink, SinkKind
from pyrite.core.errors import PySparkTypeError
from pyrite.core.events.local_properties import DESCRIPTION, GROUP, INTERRUPT
from pyrite.core.rdd.transformations import Transformations

if TYPE_CHECKING:
    from pyrite.core.rdd.job_context import JobHandle
    from pyrite.core.rdd.rdd import RDD
    from pyrite.core.task_context import TaskContext

__all__ = ["Actions", "nothing_to_reduce"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")


class Actions(Transformations[T_co]):
    """What runs a job and returns its result."""

    def collect(self) -> list[T_co]:
        """Return all elements as a list; they must fit in the driver's memory.

        Example:
            >>> sc.parallelize(range(3)).collect()
            [0, 1, 2]
        """
        results: list[list[T_co]] = self._run(Sink(SinkKind.COLLECT))
        return results[0] if len(results) == 1 else list(chain.from_iterable(results))

    def collectWithJobGroup(
        self, groupId: str, description: str, interruptOnCancel: bool = False
    ) -> list[T_co]:
        """Collect as part of a job group, so that other threads can cancel it.

        Args:
            groupId: The group, for ``SparkContext.cancelJobGroup``.
            description: What the group does, for the UI.
            interruptOnCancel: Whether cancelling stops tasks that are running.

        Example:
            >>> sc.parallelize([1, 2]).collectWithJobGroup("report", "monthly report")
            [1, 2]
        """
        keys = (GROUP, DESCRIPTION, INTERRUPT)
        before = [(key, self.ctx.getLocalProperty(key)) for key in keys]
        self.ctx.setJobGroup(groupId, description, interruptOnCancel)
        try:
            return self.collect()
        finally:
            for key, value in before:
                self.ctx.setLocalProperty(key, value)

    def toLocalIterator(self, prefetchPartitions: bool = False) -> Iterator[T_co]:
        """Iterate over all elements, fetching one partition at a time.

        Args:
            prefetchPartitions: Whether to compute the next partition while one is consumed.

        Example:
            >>> list(sc.parallelize(range(4), 2).toLocalIterator())
            [0, 1, 2, 3]
        """
        count = self.getNumPartitions()
        sink = Sink(SinkKind.COLLECT)
        if not prefetchPartitions:
            return chain.from_iterable(self._run(sink, [index])[0] for index in range(count))
        return self._prefetched(sink, count)

    def _prefetched(self, sink: Sink, count: int) -> Iterator[T_co]:
        ahead: JobHandle | None = None
        try:
            for index in range(count + 1):
                ready = ahead
                ahead = self.ctx.submit_job(self.node, sink, [index]) if index < count else None
                if ready is not None:
                    yield from ready.result()[0]
        finally:
            if ahead is not None:
                ahead.cancel()

    def count(self) -> int:
        """Return the number of elements.

        Example:
            >>> sc.parallelize([2, 3, 4]).count()
            3
        """
        return sum(self._run(Sink(SinkKind.COUNT)))

    def isEmpty(self) -> bool:
        """Tell whether there are no elements, looking at no more partitions than needed.

        Example:
            >>> sc.parallelize([]).isEmpty(), sc.parallelize([0]).isEmpty()
            (True, False)
        """
        return self.getNumPartitions() == 0 or not self.take(1)

    def take(self, num: int) -> list[T_co]:
        """Return the first ``num`` elements, computing only as many partitions as needed.

        One partition is tried first; then as many as the yield so far suggests, at most four
        times those already looked at.

        Example:
            >>> sc.parallelize([2, 3, 4, 5], 2).take(3)
            [2, 3, 4]
        """
        taken: list[T_co] = []
        total = self.getNumPartitions()
        scanned = 0
        while len(taken) < num and scanned < total:
            trying = 1
            if scanned:
                most = scanned * 4
                # Half as much again as the average so far says is needed.
                wanted = int(1.5 * num * scanned / len(taken)) - scanned if taken else most
                trying = min(max(wanted, 1), most)
            indexes = range(scanned, min(scanned + trying, total))
            for part in self._run(partial(_take, num - len(taken)), indexes):
                taken.extend(part[: num - len(taken)])
            scanned += trying
        return taken

    def first(self) -> T_co:
        """Return the first element.

        Raises:
            ValueError: If there is none.

        Example:
            >>> sc.parallelize([2, 3]).first()
            2
        """
        found = self.take(1)
        if not found:
            raise ValueError("RDD is empty")
        return found[0]

    def top(self, num: int, key: Callable[[T_co], Any] | None = None) -> list[T_co]:
        """Return the ``num`` greatest elements, greatest first.

        Args:
            num: How many.
            key: From an element to what is compared.

        Example:
            >>> sc.parallelize([10, 4, 2, 12, 3]).top(2)
            [12, 10]
        """
        parts = self._run_per_partition(partial(_extreme, heapq.nlargest, num, key))
        if not parts:
            raise nothing_to_reduce()
        return _two_by_two(partial(_extreme, heapq.nlargest, num, key), parts)

    def takeOrdered(self, num: int, key: Callable[[T_co], Any] | None = None) -> list[T_co]:
        """Return the ``num`` smallest elements, smallest first.

        Args:
            num: How many.
            key: From an element to what is compared.

        Raises:
            ValueError: If ``num`` is negative.

        Example:
            >>> sc.parallelize([10, 4, 2, 12, 3]).takeOrdered(2)
            [2, 3]
        """
        if num < 0:
            raise ValueError("top N cannot be negative.")
        if num == 0:
            return []
        parts = self._run_per_partition(partial(_extreme, heapq.nsmallest, num, key))
        return _two_by_two(partial(_extreme, heapq.nsmallest, num, key), parts) if parts else []

    def max(self, key: Callable[[T_co], Any] | None = None) -> T_co:
        """Return the greatest element.

        Args:
            key: From an element to what is compared.

        Raises:
            ValueError: If there is no element.

        Example:
            >>> sc.parallelize([1.0, 43.0, 10.0]).max()
            43.0
        """
        choose: Callable[[Any, Any], Any] = max if key is None else partial(_max_by, key)
        return self.reduce(choose)

    def min(self, key: Callable[[T_co], Any] | None = None) -> T_co:
        """Return the smallest element.

        Args:
            key: From an element to what is compared.

        Raises:
            ValueError: If there is no element.

        Example:
            >>> sc.parallelize([2.0, 5.0, 1.0]).min()
            1.0
        """
        choose: Callable[[Any, Any], Any] = min if key is None else partial(_min_by, key)
        return self.reduce(choose)

    def sum(self) -> Any:
        """Return the sum of the elements; 0 where there are none.

        Example:
            >>> sc.parallelize([1.0, 2.0, 3.5]).sum()
            6.5
        """
        return reduce(operator.add, self._run(Sink(SinkKind.SUM)), 0)

    def reduce(self, f: Callable[[T_co, T_co], T_co]) -> T_co:
        """Merge all elements into one.

        Args:
            f: Merges two elements; must be associative, and commutative where the order of
                partitions does not matter to it.

        Raises:
            ValueError: If there is no element.

        Example:
            >>> sc.parallelize([1, 2, 3, 4]).reduce(lambda a, b: a + b)
            10
        """
        found = [one for one in self._run(Sink(SinkKind.REDUCE, f)) if one is not EMPTY]
        if not found:
            raise nothing_to_reduce()
        result: T_co = reduce(f, found)
        return result

    def treeReduce(self, f: Callable[[T_co, T_co], T_co], depth: int = 2) -> T_co:
        """Reduce in several steps, so that the driver has less to merge.

        Args:
            f: Merges two elements.
            depth: How many steps to take at most.

        Raises:
            ValueError: If there is no element, or ``depth`` is less than 1.

        Example:
            >>> sc.parallelize(range(10), 10).treeReduce(lambda a, b: a + b, 3)
            45
        """
        _check_depth(depth)
        merge = partial(_merge_if_any, f)
        result: Any = self.treeAggregate(_NOTHING, merge, merge, depth)
        if result is _NOTHING:
            raise ValueError("Cannot reduce empty RDD.")
        return result  # type: ignore[no-any-return]

    def fold(self, zeroValue: T, op: Callable[[T, T], T]) -> T:
        """Merge all elements into one, starting from a neutral value.

        Every partition, and the driver, starts from its own ``zeroValue``.

        Args:
            zeroValue: What changes nothing when merged.
            op: Merges an element into the result so far.

        Example:
            >>> sc.parallelize([1, 2, 3, 4]).fold(0, lambda a, b: a + b)
            10
        """
        return reduce(op, self._run(Sink(SinkKind.FOLD, op, zeroValue)), zeroValue)

    def aggregate(
        self, zeroValue: U, seqOp: Callable[[U, T_co], U], combOp: Callable[[U, U], U]
    ) -> U:
        """Gather the elements of each partition into a result, then merge the results.

        Args:
            zeroValue: The empty result.
            seqOp: Takes one element into a result; may change and return it.
            combOp: Merges two results; may change and return the first.

        Example:
            >>> add = lambda acc, x: (acc[0] + x, acc[1] + 1)
            >>> merge = lambda a, b: (a[0] + b[0], a[1] + b[1])
            >>> sc.parallelize([1, 2, 3, 4]).aggregate((0, 0), add, merge)
            (10, 4)
        """
        return reduce(combOp, self._run(Sink(SinkKind.AGGREGATE, seqOp, zeroValue)), zeroValue)

    def treeAggregate(
        self,
        zeroValue: U,
        seqOp: Callable[[U, T_co], U],
        combOp: Callable[[U, U], U],
        depth: int = 2,
    ) -> U:
        """Aggregate in several steps, so that the driver has less to merge.

        Args:
            zeroValue: The empty result.
            seqOp: Takes one element into a result.
            combOp: Merges two results.
            depth: How many steps to take at most.

        Raises:
            ValueError: If ``depth`` is less than 1.

        Example:
            >>> add = lambda a, b: a + b
            >>> sc.parallelize(range(10), 10).treeAggregate(0, add, add, 3)
            45
        """
        _check_depth(depth)
        count: float = self.getNumPartitions()
        if count == 0:
            return zeroValue
        step: RDD[Any] = self._per_partition(partial(_aggregate, zeroValue, seqOp))
        scale = max(ceil(count ** (1.0 / depth)), 2)
        # A step that saves the driver nothing is not taken.
        while count > scale + count / scale:
            count /= scale
            groups = int(count)
            step = step._per_partition(partial(_to_group, groups))
            step = step.reduceByKey(combOp, groups).values()
        result: U = step.reduce(combOp)
        return result

    def foreach(self, f: Callable[[T_co], None]) -> None:
        """Call a function with each element, for its effects.

        Example:
            >>> seen = sc.accumulator(0)
            >>> sc.parallelize([1, 2, 3]).foreach(lambda x: seen.add(x))
            >>> seen.value
            6
        """
        self._run(Sink(SinkKind.FOREACH, f))

    def foreachPartition(self, f: Callable[[Iterable[T_co]], None]) -> None:
        """Call a function with an iterator over each partition, for its effects.

        Example:
            >>> seen = sc.accumulator(0)
            >>> sc.parallelize([1, 2, 3], 2).foreachPartition(lambda part: seen.add(1))
            >>> seen.value
            2
        """
        self._run_per_partition(partial(_for_effect, f))

    def countByValue(self) -> dict[T_co, int]:
        """Return how often each element occurs.

        Example:
            >>> sorted(sc.parallelize([1, 2, 1]).countByValue().items())
            [(1, 2), (2, 1)]
        """
        parts = self._run_per_partition(_count_values)
        if not parts:
            raise nothing_to_reduce()
        totals: dict[T_co, int] = defaultdict(int)
        for counts in parts:
            for value, count in counts.items():
                totals[value] += count
        return totals


class _Nothing(Enum):
    """Marks a partition without elements; an enum, so that it survives pickling as itself."""

    NOTHING = "nothing"


_NOTHING = _Nothing.NOTHING


def nothing_to_reduce() -> ValueError:
    """Return the error of an action that merges elements and found none."""
    return ValueError("Can not reduce() empty RDD")


def _check_depth(depth: int) -> None:
    if not isinstance(depth, int):
        raise PySparkTypeError(f"depth must be an int, not {type(depth).__name__}")
    if depth < 1:
        raise ValueError(f"Depth cannot be smaller than 1 but got {depth}.")


def _take(num: int, _task_context: TaskContext, elements: Iterator[Any]) -> list[Any]:
    return list(islice(elements, num))


def _extreme(
    choose: Callable[..., list[Any]], num: int, key: Any, elements: Iterator[Any]
) -> list[Any]:
    return choose(num, elements, key)


def _two_by_two(choose: Callable[[Any], list[Any]], parts: list[list[Any]]) -> list[Any]:
    # As PySpark does: elements without a total order, such as sets or NaN, show the difference.
    return reduce(lambda a, b: choose(a + b), parts)


def _max_by(key: Callable[[Any], Any], a: Any, b: Any) -> Any:
    return max(a, b, key=key)


def _min_by(key: Callable[[Any], Any], a: Any, b: Any) -> Any:
    return min(a, b, key=key)


def _merge_if_any(function: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    if a is _NOTHING:
        return b
    return a if b is _NOTHING else function(a, b)


def _aggregate(
    zero: Any, function: Callable[[Any, Any], Any], _index: int, elements: Iterator[Any]
) -> Iterable[Any]:
    # Each task has its own copy of zero: it arrived with the task's function.
    return [reduce(function, elements, zero)]


def _to_group(groups: int, index: int, elements: Iterator[Any]) -> Iterable[Any]:
    return ((index % groups, element) for element in elements)


def _for_effect(function: Callable[[Iterable[Any]], Any], elements: Iterator[Any]) -> None:
    returned = function(elements)
    try:
        remaining = iter(returned)
    except TypeError:  # nothing that yields, as should be
        return
    for _ in remaining:  # a generator does its work only when asked
        pass


def _count_values(elements: Iterator[Any]) -> dict[Any, int]:
    counts: dict[Any, int] = defaultdict(int)
    for element in elements:
        counts[element] += 1
    return counts
