"""Writing a function's body into the loop must never show, except in the time it takes."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any

import pytest

from pyrite.core.codegen import Operator, OperatorKind, Sink, SinkKind, fuse
from pyrite.core.codegen.callee import Called, Inlined, Items, Operation, recognize

K = OperatorKind
COLLECT = Sink(SinkKind.COLLECT)
OFFSET = 10


def maps(*functions: Callable[..., Any]) -> tuple[Operator, ...]:
    return tuple(Operator(K.MAP, function) for function in functions)


def in_module(source: str, **names: Any) -> FunctionType:
    """Make a function whose globals are a module of its own."""
    made = eval(source, dict(names))
    assert isinstance(made, FunctionType)
    return made


@pytest.mark.parametrize(
    ("function", "arity", "expected"),
    [
        (lambda x: x + 1, 1, Inlined),
        (lambda x: x + OFFSET, 1, Inlined),
        (lambda x, k=3: x + k, 1, Inlined),
        (lambda x, y: x, 1, Called),
        (lambda x: [y for y in x], 1, Called),
        (operator.add, 2, Operation),
        (operator.add, 1, Called),
        (operator.itemgetter(1), 1, Items),
        (len, 1, Called),
        (str.lower, 1, Called),
    ],
)
def test_how_functions_are_applied(function: Any, arity: int, expected: type) -> None:
    (callee,) = recognize([function], [arity])
    assert type(callee) is expected


def test_globals_and_builtins_mean_what_they_mean_at_each_call() -> None:
    names: dict[str, Any] = {"k": 1}
    function = eval("lambda x: len(x) + k", names)

    def source() -> Iterator[str]:
        yield "ab"
        names["k"] = 100
        yield "ab"
        names["len"] = lambda x: -1
        yield "ab"
        del names["k"]
        yield "ab"

    loop = fuse(maps(function))(source())
    assert [next(loop), next(loop), next(loop)] == [3, 102, 99]
    with pytest.raises(NameError, match="name 'k' is not defined"):
        next(loop)


def test_functions_of_two_modules_keep_their_own_globals() -> None:
    one = in_module("lambda x: x + k", k=1)
    two = in_module("lambda x: x * k", k=5)
    assert fuse(maps(one, two, lambda x: x + OFFSET), COLLECT)([1]) == [20]
    assert fuse(maps(two, one), COLLECT)([1]) == [6]


def test_free_variables_may_be_rebound_while_the_loop_runs() -> None:
    k = 1

    def source() -> Iterator[int]:
        nonlocal k
        yield 1
        k = 5
        yield 1

    assert list(fuse(maps(lambda x: x + k))(source())) == [2, 6]


def test_an_unset_free_variable_is_named_as_in_the_source() -> None:
    function = lambda x: x + later  # noqa: E731
    with pytest.raises(NameError, match="'later'"):
        fuse(maps(function), COLLECT)([1])
    later = 1
    assert fuse(maps(function), COLLECT)([1]) == [2]


def test_equal_lambdas_with_other_cells_and_defaults_share_no_values() -> None:
    adders = [lambda x, i=i: x + i for i in range(3)]
    assert [fuse(maps(adder), COLLECT)([0]) for adder in adders] == [[0], [1], [2]]

    def scaled(k: int) -> Callable[[int], int]:
        return lambda x: x * k

    closures = [scaled(k) for k in range(3)]
    assert [fuse(maps(closure), COLLECT)([7]) for closure in closures] == [[0], [7], [14]]


def test_constants_that_are_equal_keep_their_types() -> None:
    results = [fuse(maps(f), COLLECT)([0])[0] for f in (lambda x: 1, lambda x: True, lambda x: 1.0)]
    assert list(map(type, results)) == [int, bool, float]
    zeros = [fuse(maps(f), COLLECT)([1])[0] for f in (lambda x: x * 0.0, lambda x: x * -0.0)]
    assert list(map(str, zeros)) == ["0.0", "-0.0"]


def test_an_argument_used_twice_is_evaluated_once() -> None:
    calls: list[int] = []

    def noted(x: int) -> int:
        calls.append(x)
        return x

    assert fuse(maps(lambda x: noted(x), lambda y: (y, y, y + y)), COLLECT)([2]) == [(2, 2, 4)]
    assert calls == [2]


def test_arguments_are_evaluated_before_the_body() -> None:
    calls: list[str] = []

    def noted(name: str, value: int) -> int:
        calls.append(name)
        return value

    chain = maps(lambda x: noted("first", x), lambda y: noted("second", 1) + y)
    assert fuse(chain, COLLECT)([5]) == [6]
    assert calls == ["first", "second"]


def test_names_of_the_user_meet_no_names_of_the_loop() -> None:
    names = dict.fromkeys(("x", "out", "iterable", "n", "total", "into", "old", "key"), 7)
    function = eval("lambda v: (v, x, out, iterable, n, total, into, old, key)", names)
    assert fuse(maps(function), COLLECT)([1]) == [(1,) + (7,) * 8]


def test_pairs_taken_apart_without_being_built() -> None:
    chain = (
        *maps(lambda x: (x, (x + 1, "s"))),
        Operator(K.FILTER, lambda kv: kv[1][0] != 3 and len(kv) == 2),
        *maps(lambda kv: (kv[1][0], kv[0], kv[-1])),
    )
    assert fuse(chain, COLLECT)([1, 2, 3]) == [(2, 1, (2, "s")), (4, 3, (4, "s"))]
    with pytest.raises(IndexError, match="tuple index out of range"):
        fuse(maps(lambda x: (x, 1), lambda kv: kv[2]), COLLECT)([1])


def test_operator_functions_are_the_operators() -> None:
    pairs = [(1, 7), (1, 5), (2, 4)]
    for function in (operator.sub, operator.pow, operator.lt, operator.and_):
        into: dict[int, Any] = {}
        fuse((), Sink(SinkKind.COMBINE, function))(pairs, into)
        assert into == {1: function(7, 5), 2: 4}
    getters = maps(operator.itemgetter(1, 0), operator.itemgetter(0))
    assert fuse(getters, COLLECT)(pairs) == [7, 5, 4]
    assert fuse(maps(operator.itemgetter(slice(1, None))), COLLECT)(pairs) == [(7,), (5,), (4,)]


@pytest.mark.parametrize("function", [lambda a, b: a + b, operator.add])
def test_counting_words_is_adding_ones(function: Any) -> None:
    words = Operator(K.FLAT_MAP, lambda line: line.split(" "))
    count = fuse((words, *maps(lambda word: (word, 1))), Sink(SinkKind.COMBINE, function))
    into: dict[str, Any] = {"a": 0.5}
    count(["a b a", "c b"], into)
    assert list(into.items()) == [("a", 2.5), ("b", 2), ("c", 1)]
    true = fuse((words, *maps(lambda word: (word, True))), Sink(SinkKind.COMBINE, function))
    into = {}
    true(["a b a"], into)
    assert list(map(repr, into.values())) == ["2", "True"]


@pytest.mark.parametrize("make", [list, tuple, iter, dict.fromkeys])
def test_flat_map_at_the_end_takes_any_iterable(make: Any) -> None:
    flat = Operator(K.FLAT_MAP, lambda x: make(range(x)))
    assert fuse((flat,), COLLECT)([2, 0, 3]) == [0, 1, 0, 1, 2]
    assert fuse((flat,), Sink(SinkKind.COUNT))([2, 0, 3]) == 5
    assert fuse((flat, *maps(lambda x: -x)), COLLECT)([2]) == [0, -1]


def test_what_the_compiler_cannot_take_is_called_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(self: Inlined, arguments: Any, scope: Any) -> Any:
        raise RecursionError

    monkeypatch.setattr(Inlined, "apply", refuses)
    assert fuse(maps(lambda x: x * 3 + 1, lambda x: x - 1), COLLECT)([1, 2]) == [3, 6]


BODIES: list[tuple[OperatorKind, Callable[..., Any]]] = [
    (K.MAP, lambda kv: (kv[1], kv[0])),
    (K.MAP, lambda kv: (kv[0] + kv[1], 1)),
    (K.MAP, lambda kv: (kv[0], kv[1] // (kv[0] - 3))),
    (K.MAP, lambda kv: kv),
    (K.MAP, lambda kv: (kv[0], 1 if kv[1] > 2 else -kv[1])),
    (K.MAP, operator.itemgetter(1, 0)),
    (K.FILTER, lambda kv: kv[0] > 1 and kv[1]),
    (K.FILTER, lambda kv: not kv[0] or kv[1] != 4),
    (K.FILTER, lambda kv: 0 <= kv[0] < OFFSET),
    (K.FLAT_MAP, lambda kv: [kv, (kv[1], OFFSET)]),
    (K.FLAT_MAP, lambda kv: (kv, kv) if kv[0] else ()),
    (K.MAP_VALUES, lambda v: v * 2 - 1),
    (K.MAP_VALUES, lambda v: max(v, 3)),
    (K.FLAT_MAP_VALUES, lambda v: range(v % 3)),
    (K.KEY_BY, lambda kv: kv[0] % 2),
    (K.KEYS, None),  # type: ignore[list-item]
    (K.VALUES, None),  # type: ignore[list-item]
]
SINKS: list[tuple[SinkKind, Any]] = [
    (SinkKind.COLLECT, None),
    (SinkKind.COUNT, None),
    (SinkKind.REDUCE, lambda a, b: (a, b)),
    (SinkKind.COMBINE, lambda a, b: (a, b)),
    (SinkKind.COMBINE, lambda a, b: a + b),
    (SinkKind.GROUP, None),
]


@pytest.mark.parametrize("seed", range(300))
def test_random_chains_give_what_called_functions_give(seed: int) -> None:
    rng = random.Random(seed)
    chosen = [rng.choice(BODIES) for _ in range(rng.randrange(1, 7))]
    kind, function = rng.choice(SINKS)
    source = [(rng.randrange(6), rng.randrange(6)) for _ in range(30)]

    def hidden(f: Any) -> Any:
        return None if f is None else lambda *args: (lambda *again: f(*again))(*args)

    def outcome(operators: tuple[Operator, ...], sink: Sink) -> Any:
        into: dict[Any, Any] = {}
        try:
            fills = sink.kind in (SinkKind.COMBINE, SinkKind.GROUP)
            result = fuse(operators, sink)(source, *([into] if fills else []))
        except Exception as error:
            result = (type(error), str(error))
        return repr(result), repr(into)

    inlined = outcome(tuple(Operator(k, f) for k, f in chosen), Sink(kind, function))
    called = outcome(tuple(Operator(k, hidden(f)) for k, f in chosen), Sink(kind, hidden(function)))
    assert inlined == called
