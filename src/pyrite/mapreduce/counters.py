"""Counters: named amounts that tasks count up, in groups, and the text Hadoop makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pyspark.accumulators import AccumulatorParam

__all__ = ["Counters", "CountersParam"]

#: Hadoop lists these groups before all others, in this order.
_FIRST_GROUPS = (
    "File System Counters",
    "Job Counters",
    "Map-Reduce Framework",
    "Shuffle Errors",
)

#: So Hadoop lists what it counts itself; anything else follows.
_FRAMEWORK_ORDER = (
    "Map input records",
    "Map output records",
    "Map output bytes",
    "Map output materialized bytes",
    "Input split bytes",
    "Combine input records",
    "Combine output records",
    "Reduce input groups",
    "Reduce shuffle bytes",
    "Reduce input records",
    "Reduce output records",
    "Spilled Records",
)

#: Hadoop orders the other groups by name, and knows these by another name than it shows.
_SORTED_AS = {
    "File Input Format Counters": "org.apache.hadoop.mapreduce.lib.input.FileInputFormatCounter",
    "File Output Format Counters": "org.apache.hadoop.mapreduce.lib.output.FileOutputFormatCounter",
}


class Counters:
    """Amounts by group and name.

    Adding is not safe from several threads; who counts from several takes a lock.

    Example:
        >>> counters = Counters()
        >>> counters.add("words", "long", 2)
        >>> counters.add("words", "long")
        >>> counters.get("words", "long")
        3
        >>> print(counters.to_text())  # doctest: +NORMALIZE_WHITESPACE
        Counters: 1
                words
                        long=3
    """

    def __init__(self, amounts: Mapping[str, Mapping[str, int]] | None = None) -> None:
        self._groups: dict[str, dict[str, int]] = {
            group: dict(names) for group, names in (amounts or {}).items()
        }

    def add(self, group: str, name: str, amount: int = 1) -> None:
        """Count up, or down with a negative amount."""
        names = self._groups.setdefault(group, {})
        names[name] = names.get(name, 0) + amount

    def merge(self, other: Counters) -> None:
        """Add all that other counters have."""
        for group, name, amount in other:
            self.add(group, name, amount)

    def get(self, group: str, name: str) -> int:
        """Return an amount; 0 for what was never counted."""
        return self._groups.get(group, {}).get(name, 0)

    def group(self, group: str) -> dict[str, int]:
        """Return a copy of a group's amounts by name; empty where there is no such group."""
        return dict(self._groups.get(group, {}))

    def to_dict(self) -> dict[str, dict[str, int]]:
        """Return a copy of all amounts, by group and name."""
        return {group: dict(names) for group, names in self._groups.items()}

    def copy(self) -> Counters:
        """Return counters of their own with the same amounts."""
        return Counters(self._groups)

    def to_text(self) -> str:
        """Return what Hadoop shows at the end of a job, which its users' tools read.

        The first line says how many counters there are. A line for each group is indented by
        one tab, a line ``name=amount`` for each counter by two.
        """
        lines = [f"Counters: {len(self)}"]
        for group in sorted(self._groups, key=_position):
            lines.append(f"\t{group}")
            names = self._groups[group]
            lines += [f"\t\t{name}={names[name]}" for name in sorted(names, key=_place)]
        return "\n".join(lines)

    def __iter__(self) -> Iterator[tuple[str, str, int]]:
        for group, names in self._groups.items():
            for name, amount in names.items():
                yield group, name, amount

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    def __bool__(self) -> bool:
        return bool(len(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Counters) and self._groups == other._groups

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Counters({self._groups!r})"


class CountersParam(AccumulatorParam[Counters]):
    """The arithmetic of an accumulator of counters: those of successful tasks are merged.

    Example:
        >>> total = CountersParam().zero(Counters({"words": {"long": 2}}))
        >>> CountersParam().addInPlace(total, Counters({"words": {"long": 1}}))
        Counters({'words': {'long': 1}})
    """

    def zero(self, value: Counters) -> Counters:
        """Return counters without any amounts."""
        return Counters()

    def addInPlace(self, value1: Counters, value2: Counters) -> Counters:
        """Merge the second counters into the first."""
        value1.merge(value2)
        return value1


def _place(name: str) -> tuple[int, str]:
    if name in _FRAMEWORK_ORDER:
        return _FRAMEWORK_ORDER.index(name), ""
    return len(_FRAMEWORK_ORDER), name


def _position(group: str) -> tuple[int, str]:
    name = group.strip()
    if name in _FIRST_GROUPS:
        return _FIRST_GROUPS.index(name), ""
    return len(_FIRST_GROUPS), _SORTED_AS.get(name, name)
