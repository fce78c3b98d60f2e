"""The loops of a step: pairs through a mapper, a combiner or a reducer. Pure, for every runner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from pyrite.core.shuffle.external import slices
from pyrite.core.shuffle.memory import MemoryMeter
from pyrite.mapreduce.errors import MapReduceError, shown
from pyrite.mapreduce.plan import Step
from pyrite.mapreduce.tasks import Mapper, Reducer, Reporter, Task, TaskFacts, make_task

__all__ = [
    "FRAMEWORK",
    "combine",
    "is_comparison",
    "map_pairs",
    "map_phase",
    "none_first",
    "reduce_pairs",
    "reduce_phase",
    "unsortable_keys",
]

Pair = tuple[Any, Any]

#: The group of the counters that every job has, as Hadoop calls it.
FRAMEWORK = "Map-Reduce Framework"

_COMBINED_TOGETHER = 200_000
_COMBINER_MEMORY = 128 << 20


def map_phase(
    step: Step, records: Iterable[Pair], facts: TaskFacts, memory_limit: int = _COMBINER_MEMORY
) -> Iterator[Pair]:
    """Yield what a map task makes of records: through the mapper, and the combiner if there is one.

    Args:
        step: The step.
        records: What it maps.
        facts: What its tasks know.
        memory_limit: Bytes the process may grow by while the combiner's pairs are gathered.

    Raises:
        MapReduceError: If a class does what cannot be.
    """
    reporter = facts.reporter
    mapper = make_task(step.mapper_for(facts.input_file), facts)
    mapped = map_pairs(mapper, _counted(records, reporter, "Map input records"))
    if step.reducer is None:
        return _counted(mapped, reporter, "Map output records")
    pairs = _hashable_keys(mapped)
    if step.combiner is None:
        return _counted(pairs, reporter, "Map output records")
    pairs = _counted(pairs, reporter, "Map output records", "Combine input records")
    memory_limit = min(memory_limit, _COMBINER_MEMORY)
    combined = combine(make_task(step.combiner, facts), pairs, memory_limit)
    return _counted(combined, reporter, "Combine output records")


def reduce_phase(step: Step, pairs: Iterable[Pair], facts: TaskFacts) -> Iterator[Pair]:
    """Yield what a reduce task makes of pairs in the order of their keys.

    Args:
        step: The step, which has a reducer.
        pairs: What it reduces.
        facts: What its tasks know.

    Raises:
        MapReduceError: If the reducer does what cannot be.
    """
    assert step.reducer is not None
    reducer = make_task(step.reducer, facts)
    counted = _counted(pairs, facts.reporter, "Reduce input records")
    reduced = reduce_pairs(reducer, counted, step.group_by)
    return _counted(reduced, facts.reporter, "Reduce output records")


def map_pairs(mapper: Mapper[Any, Any, Any, Any], records: Iterable[Pair]) -> Iterator[Pair]:
    """Yield what a mapper makes of records.

    Raises:
        MapReduceError: If it yields what is no pair.
    """
    mapper.setup()
    for key, value in records:
        try:
            yield from _pairs(mapper, "map", mapper.map(key, value), key)
        except Exception as error:
            where = f" of {mapper.input_file}" if mapper.input_file else ""
            _note(
                error, f"In {_name(mapper)}.map of the pair ({shown(key)}, {shown(value)}){where}"
            )
            raise
    yield from _pairs(mapper, "cleanup", mapper.cleanup())


def reduce_pairs(
    reducer: Reducer[Any, Any, Any, Any],
    pairs: Iterable[Pair],
    group_by: Callable[[Any], Any] | None = None,
) -> Iterator[Pair]:
    """Yield what a reducer makes of pairs in which those of a group are neighbours.

    Args:
        reducer: The reducer.
        pairs: The pairs, in the order of their keys.
        group_by: From a key to its group; by default each key is one.

    Raises:
        MapReduceError: If it yields what is no pair.
    """
    reducer.setup()
    group_of = itemgetter(0) if group_by is None else partial(_group, group_by)
    value_of = itemgetter(1)
    for _, members in groupby(pairs, group_of):
        key, first = next(members)
        try:
            values = chain((first,), map(value_of, members))  # noqa: B031 - what follows the first
            yield from _pairs(reducer, "reduce", reducer.reduce(key, values), key)
        except Exception as error:
            _note(error, f"In {_name(reducer)}.reduce of the key {shown(key)}")
            raise
    yield from _pairs(reducer, "cleanup", reducer.cleanup())


def combine(
    combiner: Reducer[Any, Any, Any, Any],
    pairs: Iterable[Pair],
    memory_limit: int = _COMBINER_MEMORY,
) -> Iterator[Pair]:
    """Yield pairs with the values of each key combined, as far as memory allows.

    Pairs are gathered by key. When there are many the combiner is run over all keys; if that
    leaves few, gathering goes on with these, otherwise they are passed on.

    Args:
        combiner: The combiner.
        pairs: The pairs.
        memory_limit: Bytes the process may grow by while they are gathered.

    Raises:
        MapReduceError: If a key cannot be hashed, or the combiner yields what is no pair.
    """
    combiner.setup()
    meter = MemoryMeter(memory_limit)
    table: dict[Any, list[Any]] = {}
    gathered = 0
    for piece in slices(pairs):
        gathered += _gather(piece, table)
        full = meter.exceeded()
        if full or gathered >= _COMBINED_TOGETHER:
            combined = list(_combined(combiner, table))
            table.clear()
            if full or len(combined) > _COMBINED_TOGETHER // 2:
                yield from combined
                combined.clear()
            gathered = _gather(combined, table)
            if full:
                meter.released()
    yield from _combined(combiner, table)
    yield from _pairs(combiner, "cleanup", combiner.cleanup())


def unsortable_keys(name: str, keys: Iterable[Any], error: TypeError) -> MapReduceError:
    """Return the error for keys that have no order.

    Args:
        name: What made the keys.
        keys: Some of them, among which are two that cannot be compared.
        error: What Python said of it.
    """
    first = last = None
    for last in keys:
        try:
            _ = last < (last if first is None else first)
        except TypeError:
            break
        first = last if first is None else first
    return MapReduceError(
        f"The keys of {name} cannot be sorted together, such as {shown(first)} and {shown(last)}: "
        f"{error}. Yield keys of one type, or say with sort_by= what of a key is to be compared."
    )


def is_comparison(error: TypeError) -> bool:
    """Tell whether an error comes from the comparison of two keys in the engine's own sort."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    module = "" if frame is None else frame.tb_frame.f_globals.get("__name__", "")
    return module == "heapq" or module.startswith("pyrite.core.shuffle.")


def none_first(key: Any) -> Any:
    """Return what to compare in place of a key that may be None, which Python does not order."""
    return key is not None, key


def _counted(pairs: Iterable[Pair], reporter: Reporter, *counters: str) -> Iterator[Pair]:
    """Pass pairs on, and at their end add to counters how many there were."""
    count = 0
    for pair in pairs:
        count += 1
        yield pair
    for counter in counters:
        reporter.count(FRAMEWORK, counter, count)


def _hashable_keys(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """Pass pairs on after a look at the first, whether its key can be sent to a reducer.

    Raises:
        MapReduceError: If it cannot.
    """
    iterator = iter(pairs)
    for pair in iterator:
        try:
            hash(pair[0])
        except TypeError as error:
            raise _unhashable_key(pair[0], error) from error
        return chain((pair,), iterator)
    return iterator


def _group(group_by: Callable[[Any], Any], pair: Pair) -> Any:
    return group_by(pair[0])


def _gather(pairs: Iterable[Pair], table: dict[Any, list[Any]]) -> int:
    count = 0
    for key, value in pairs:
        count += 1
        try:
            values = table.get(key)
        except TypeError as error:
            raise _unhashable_key(key, error) from error
        if values is None:
            table[key] = [value]
        else:
            values.append(value)
    return count


def _unhashable_key(key: Any, error: TypeError) -> MapReduceError:
    return MapReduceError(
        f"{shown(key)} cannot be a key: {error}. Yield keys that can be hashed, such as strings, "
        "numbers and tuples of them."
    )


def _combined(combiner: Reducer[Any, Any, Any, Any], table: dict[Any, list[Any]]) -> Iterator[Pair]:
    for key, values in table.items():
        try:
            yield from _pairs(combiner, "reduce", combiner.reduce(key, iter(values)), key)
        except Exception as error:
            _note(error, f"In {_name(combiner)}.reduce of the key {shown(key)}, as a combiner")
            raise


def _pairs(
    task: Task, method: str, produced: Iterable[Pair] | None, key: Any = None
) -> Iterator[Pair]:
    """Yield what a method gave, after a look at each whether it is a pair."""
    if produced is None:
        return
    try:
        iterator = iter(produced)
    except TypeError:
        raise _not_pairs(task, method, produced, key) from None
    for pair in iterator:
        if type(pair) is not tuple or len(pair) != 2:
            raise _not_pairs(task, method, pair, key)
        yield pair


def _not_pairs(task: Task, method: str, given: object, key: Any) -> MapReduceError:
    return MapReduceError(
        f"{_name(task)}.{method} gave {shown(given)} for the key {shown(key)}, which is no pair. "
        "Write 'yield key, value' for every pair."
    )


def _note(error: Exception, note: str) -> None:
    if not isinstance(error, MapReduceError):
        error.add_note(note)


def _name(task: Task) -> str:
    return type(task).__name__
