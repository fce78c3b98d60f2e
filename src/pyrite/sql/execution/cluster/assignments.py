"""Assignments: which parts of its inputs each task reads, dealt by the sizes that were measured.

Rows are written into more buckets than there are tasks. Neighbours are read together: so that
tasks get about the same, and there are fewer of them when all is small. Of a bucket of a join that
is far larger than the others, each of several tasks reads what some map tasks wrote, and all
of the same bucket of the other inputs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median

from pyrite.core.rdd.shuffled import ShufflePart
from pyrite.sql.plans.exchange import Partitioning

__all__ = ["DealingRules", "Parts", "Shuffled", "assign"]

#: What a task reads, by the ids of stages.
Parts = Mapping[int, ShufflePart]


@dataclass(frozen=True)
class Shuffled:
    """The rows of a stage that lie in partitions.

    Attributes:
        partitioning: How they came there.
        sizes: For each map task, the bytes that it wrote into each bucket.
    """

    partitioning: Partitioning
    sizes: Sequence[Sequence[int]]

    @property
    def pieces(self) -> Sequence[int]:
        """The bytes of what is dealt out: buckets, or what map tasks have kept."""
        if self.partitioning is Partitioning.UNKNOWN:
            return [sum(sizes) for sizes in self.sizes]
        return [sum(sizes) for sizes in zip(*self.sizes, strict=True)]


@dataclass(frozen=True)
class DealingRules:
    """How buckets are dealt out; sizes are bytes.

    Attributes:
        tasks: How many tasks run at a time.
        coalesces: Whether neighbours are read together.
        smallest: There are fewer tasks where these would have less.
        advised: There are more tasks where these would have more.
        splits: Whether buckets that are too large are read in parts.
        skew_factor: How many times larger than the median these are.
        skew_bytes: How large they are at least.
    """

    tasks: int
    coalesces: bool
    smallest: int
    advised: int
    splits: bool
    skew_factor: float
    skew_bytes: int


def assign(
    inputs: Mapping[int, Shuffled],
    rules: DealingRules,
    splittable: Collection[int] = (),
    least: int = 1,
) -> list[Parts]:
    """Deal out the inputs of a fragment.

    Args:
        inputs: By the ids of their stages. Those that were hashed have the same buckets.
        rules: How to deal.
        splittable: The inputs of which several tasks may read parts of one bucket.
        least: How many tasks there are at least.

    Returns:
        What each task reads. Buckets are in their order.
    """
    count = max(least, _count(inputs, rules))
    by_kind: dict[tuple[Partitioning, int], dict[int, Shuffled]] = {}
    for stage, shuffled in inputs.items():
        kind = shuffled.partitioning, len(shuffled.pieces)
        by_kind.setdefault(kind, {})[stage] = shuffled
    if len(by_kind) == 1 and least == 1:
        (alike,) = by_kind.values()
        return list(_dealt(alike, rules, splittable, count))
    tasks: list[dict[int, ShufflePart]] = [{} for _ in range(count)]
    for alike in by_kind.values():
        runs = _runs_of(_sums(alike), count)
        end = runs[-1].stop
        runs += [range(end, end)] * (count - len(runs))
        for task, run in zip(tasks, runs, strict=True):
            task.update(_read(alike, run))
    return [*tasks]


def _count(inputs: Mapping[int, Shuffled], rules: DealingRules) -> int:
    """Return how many tasks there should be."""
    most = max((len(shuffled.pieces) for shuffled in inputs.values()), default=rules.tasks)
    if not rules.coalesces:
        return most
    total = sum(sum(shuffled.pieces) for shuffled in inputs.values())
    if total < rules.tasks * rules.smallest:
        return max(1, total // max(1, rules.smallest))
    rounds = -(-total // (rules.tasks * max(1, rules.advised)))
    return min(most, rules.tasks * max(1, rounds))


def _dealt(
    inputs: Mapping[int, Shuffled], rules: DealingRules, splittable: Collection[int], count: int
) -> Iterator[Parts]:
    """Yield what tasks read of inputs with the same buckets."""
    sums = _sums(inputs)
    skewed = _skewed(inputs, rules, splittable) if rules.splits else {}
    total = max(1, sum(sums))
    for stage, places in groupby(range(len(sums)), skewed.get):
        run = [*places]
        if stage is None:
            sizes = sums[run[0] : run[-1] + 1]
            parts = [range(place, place + 1) for place in range(len(sizes))]
            if rules.coalesces:
                parts = _runs_of(sizes, max(1, round(count * sum(sizes) / total)))
            for part in parts:
                yield _read(inputs, range(run[0] + part.start, run[0] + part.stop))
            continue
        for place in run:
            bucket = range(place, place + 1)
            by_map = [sizes[place] for sizes in inputs[stage].sizes]
            wanted = max(1, rules.advised, int(median(sums)))
            for maps in _runs_of(by_map, -(-sum(by_map) // wanted)):
                yield {**_read(inputs, bucket), stage: ShufflePart(0, bucket, maps)}


def _skewed(
    inputs: Mapping[int, Shuffled], rules: DealingRules, splittable: Collection[int]
) -> dict[int, int]:
    """Return the input of which each bucket that is too large is read in parts."""
    found: dict[int, tuple[int, int]] = {}
    for stage in splittable:
        if inputs[stage].partitioning is not Partitioning.HASH:
            continue
        sizes = inputs[stage].pieces
        limit = max(rules.skew_bytes, rules.skew_factor * median(sizes))
        for place, size in enumerate(sizes):
            if size > limit and size > found.get(place, (0, 0))[0]:
                found[place] = size, stage
    return {place: stage for place, (_, stage) in found.items()}


def _sums(inputs: Mapping[int, Shuffled]) -> list[int]:
    """Return the bytes of each bucket in all inputs."""
    return [sum(sizes) for sizes in zip(*(i.pieces for i in inputs.values()), strict=True)]


def _read(inputs: Mapping[int, Shuffled], run: range) -> dict[int, ShufflePart]:
    return {
        stage: ShufflePart(0, range(len(shuffled.sizes[0])), run)
        if shuffled.partitioning is Partitioning.UNKNOWN
        else ShufflePart(0, run)
        for stage, shuffled in inputs.items()
    }


def _runs_of(sizes: Sequence[int], count: int) -> list[range]:
    """Cut a row of pieces into so many runs at most; the largest run is as small as can be."""
    low, high = max(sizes), sum(sizes)
    while low < high:
        middle = (low + high) // 2
        if len(_filled(sizes, middle)) <= count:
            high = middle
        else:
            low = middle + 1
    return _filled(sizes, low)


def _filled(sizes: Sequence[int], most: int) -> list[range]:
    """Cut a row of pieces into runs of so many bytes at most, each as long as it can be."""
    starts, filled = [0], 0
    for place, size in enumerate(sizes):
        filled += size
        if filled > most:
            starts.append(place)
            filled = size
    return [range(a, b) for a, b in zip(starts, [*starts[1:], len(sizes)], strict=True)]
