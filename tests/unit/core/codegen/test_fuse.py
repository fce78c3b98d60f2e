"""The fused loop against the plain composition of map, filter and itertools."""

from __future__ import annotations

import itertools
import operator
import pickle
import random
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from typing import Any

import pytest

from pyrite.core.codegen import EMPTY, Operator, OperatorKind, Sink, SinkKind, fuse
from pyrite.core.errors import PySparkRuntimeError

K = OperatorKind


def plain(operators: Iterable[Operator], iterable: Iterable[Any]) -> Iterator[Any]:
    """Apply the operators one after another, as PySpark's own definitions do."""
    result = iter(iterable)
    for op in operators:
        result = PLAIN[op.kind](op.function, result)
    return result


def _plain_flat_map_values(f: Any, pairs: Iterator[Any]) -> Iterator[Any]:
    for kv in pairs:
        yield from ((kv[0], x) for x in f(kv[1]))


PLAIN: dict[OperatorKind, Callable[[Any, Iterator[Any]], Iterator[Any]]] = {
    K.MAP: map,
    K.FILTER: filter,
    K.FLAT_MAP: lambda f, it: itertools.chain.from_iterable(map(f, it)),
    K.MAP_VALUES: lambda f, it: map(lambda kv: (kv[0], f(kv[1])), it),
    K.FLAT_MAP_VALUES: _plain_flat_map_values,
    K.KEYS: lambda f, it: map(lambda kv: kv[0], it),
    K.VALUES: lambda f, it: map(lambda kv: kv[1], it),
    K.KEY_BY: lambda f, it: map(lambda x: (f(x), x), it),
}


def combine(pairs: Iterable[Any], create: Any, merge: Any) -> dict[Any, Any]:
    into: dict[Any, Any] = {}
    for k, v in pairs:
        into[k] = merge(into[k], v) if k in into else create(v)
    return into


def test_no_operators_give_the_elements_themselves() -> None:
    assert list(fuse(())([3, 1, 2])) == [3, 1, 2]
    assert fuse((), Sink(SinkKind.COUNT))(iter("abc")) == 3
    assert fuse((), Sink(SinkKind.SUM))([1, 2.5]) == 3.5


@pytest.mark.parametrize("elements", [[], [7], list(range(20))])
def test_sinks(elements: list[int]) -> None:
    odd = Operator(K.FILTER, lambda x: x % 2)
    square = Operator(K.MAP, lambda x: x * x)
    expected = [x * x for x in elements if x % 2]

    def run(sink: Sink) -> Any:
        return fuse((odd, square), sink)(elements)

    seen: list[int] = []
    assert run(Sink(SinkKind.COLLECT)) == expected
    assert run(Sink(SinkKind.COUNT)) == len(expected)
    assert run(Sink(SinkKind.SUM)) == sum(expected)
    assert run(Sink(SinkKind.FOREACH, seen.append)) is None
    assert seen == expected
    subtract = lambda a, b: a - b  # noqa: E731
    assert run(Sink(SinkKind.REDUCE, subtract)) == (
        reduce(subtract, expected) if expected else EMPTY
    )
    assert run(Sink(SinkKind.FOLD, subtract, zero=100)) == reduce(subtract, expected, 100)
    assert run(Sink(SinkKind.AGGREGATE, subtract, zero=100)) == reduce(subtract, expected, 100)


def test_every_run_starts_from_a_fresh_zero() -> None:
    total = fuse((), Sink(SinkKind.AGGREGATE, lambda xs, x: xs.append(x) or xs, zero=[]))
    assert total([1, 2]) == [1, 2]
    assert total([3]) == [3]


def test_combine_goes_on_with_the_same_dict() -> None:
    merge = fuse((), Sink(SinkKind.COMBINE, operator.add, create=lambda v: [v]))
    into: dict[str, list[int]] = {}
    merge([("a", 1), ("b", 2)], into)
    with pytest.raises(TypeError, match="can only concatenate list"):
        merge([("a", 3)], into)
    assert into == {"a": [1], "b": [2]}


@pytest.mark.parametrize("merge", [lambda a, b: a, lambda a, b: b])
def test_combine_that_keeps_one_of_the_values(merge: Any) -> None:
    pairs = [(1, None), (True, "b"), ((1, 2), 0.0), (1.0, "c"), ((1.0, 2), -0.0), (1, 7)]
    into: dict[Any, Any] = {}
    fuse((), Sink(SinkKind.COMBINE, merge))(pairs[:3], into)
    fuse((Operator(K.MAP, lambda pair: pair),), Sink(SinkKind.COMBINE, merge))(pairs[3:], into)
    assert repr(into) == repr(combine(pairs, lambda v: v, merge))
    created: dict[Any, Any] = {}
    fuse((), Sink(SinkKind.COMBINE, merge, create=lambda v: [v]))(pairs, created)
    assert repr(created) == repr(combine(pairs, lambda v: [v], merge))


def test_group() -> None:
    into: dict[str, list[int]] = {}
    group = fuse((Operator(K.KEY_BY, lambda x: x % 2),), Sink(SinkKind.GROUP))
    group(range(4), into)
    group([10], into)
    assert list(into.items()) == [(0, [0, 2, 10]), (1, [1, 3])]


def test_bad_pairs_raise_what_unpacking_raises() -> None:
    with pytest.raises(ValueError, match="too many values to unpack"):
        fuse((), Sink(SinkKind.GROUP))([(1, 2, 3)], {})


def test_values_of_longer_tuples_are_their_second_item() -> None:
    assert list(fuse((Operator(K.VALUES),))([(1, 2, 3)])) == [2]
    assert list(fuse((Operator(K.MAP_VALUES, str),))([(1, 2, 3)])) == [(1, "2")]


def test_an_infinite_generator_stays_lazy() -> None:
    numbers = fuse((Operator(K.FLAT_MAP, itertools.count), Operator(K.MAP, lambda x: -x)))([5])
    assert list(itertools.islice(numbers, 3)) == [-5, -6, -7]


@pytest.mark.parametrize("sink", [None, *(Sink(kind) for kind in (SinkKind.COUNT, SinkKind.SUM))])
def test_stop_iteration_is_an_error_and_no_end(sink: Sink | None) -> None:
    def function(x: int) -> int:
        raise StopIteration("enough")

    run = fuse((Operator(K.MAP, function),), sink)
    with pytest.raises(PySparkRuntimeError, match=r"StopIteration thrown from user's code.*enough"):
        list(run([1])) if sink is None else run([1])


@pytest.mark.parametrize("count", [12, 13, 40])
def test_any_number_of_flat_maps(count: int) -> None:
    chain = (Operator(K.FLAT_MAP, lambda x: [x + 1]),) * count
    assert fuse(chain, Sink(SinkKind.COLLECT))([1, 2]) == [1 + count, 2 + count]
    assert list(fuse(chain)([0])) == [count]
    into: dict[int, list[int]] = {}
    fuse((*chain, Operator(K.KEY_BY, lambda x: x % 2)), Sink(SinkKind.GROUP))([0], into)
    assert into == {count % 2: [count]}


def test_a_long_chain_of_maps() -> None:
    chain = tuple(Operator(K.MAP, lambda x: x + 1) for _ in range(500))
    assert fuse(chain, Sink(SinkKind.SUM))([0, 1]) == 1001


def test_empty_survives_pickling_as_itself() -> None:
    assert pickle.loads(pickle.dumps(EMPTY)) is EMPTY


def _random_operator(rng: random.Random, log: list[Any]) -> Operator:
    """An operator over pairs of ints that notes its calls, and now and then raises."""
    n, trap = rng.randrange(1, 5), rng.randrange(200)

    def noted(result: Any, *args: Any) -> Any:
        log.append((n, args))
        if len(log) == trap:
            raise ValueError(trap)
        return result

    return rng.choice(
        [
            Operator(K.MAP, lambda kv: noted((kv[1], kv[0] + n), kv)),
            Operator(K.MAP, lambda kv: (kv[0] * n, noted(kv[1], kv))),
            Operator(K.FILTER, lambda kv: noted((kv[0] + kv[1]) % (n + 1), kv)),
            Operator(K.FILTER, lambda kv: kv[0] != n and kv[1] != n),
            Operator(K.FLAT_MAP, lambda kv: noted([kv, (n, kv[0])][: n % 3], kv)),
            Operator(K.FLAT_MAP, lambda kv: (noted((i, kv[1]), i) for i in range(n))),
            Operator(K.MAP_VALUES, lambda v: noted(v - n, v)),
            Operator(K.MAP_VALUES, lambda v: v - n if v > n else v * n),
            Operator(K.FLAT_MAP_VALUES, lambda v: noted(range(v % n), v)),
        ]
    )


@pytest.mark.parametrize("seed", range(150))
def test_random_chains_do_the_same_calls_in_the_same_order(seed: int) -> None:
    def outcome(run: Callable[[list[Operator]], Any]) -> Any:
        rng, log = random.Random(seed), []
        operators = [_random_operator(rng, log) for _ in range(rng.randrange(1, 6))]
        try:
            result = run(operators)
        except Exception as error:
            result = repr(error)
        return result, log

    source = [(i, (i * 7) % 5) for i in range(8)]
    sub = lambda a, b: a - b  # noqa: E731
    pairs: list[tuple[Callable[[Iterator[Any]], Any], Sink | None]] = [
        (list, None),
        (list, Sink(SinkKind.COLLECT)),
        (lambda it: sum(1 for _ in it), Sink(SinkKind.COUNT)),
        (lambda it: combine(it, lambda v: v, sub), Sink(SinkKind.COMBINE, sub)),
    ]
    for finish, sink in pairs:

        def fused(operators: list[Operator], sink: Sink | None = sink) -> Any:
            function = fuse(tuple(operators), sink)
            if sink is None:
                return list(function(source))
            if sink.kind is SinkKind.COMBINE:
                into: dict[Any, Any] = {}
                function(source, into)
                return into
            return function(source)

        assert outcome(fused) == outcome(lambda ops, finish=finish: finish(plain(ops, source)))
