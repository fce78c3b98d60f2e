"""Bytecode back to expressions: what must be understood, and what must be refused."""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable
from types import FunctionType, SimpleNamespace
from typing import Any

import pytest

from pyrite.core.codegen.callee import is_addition, keeps_first
from pyrite.core.codegen.decompile import decompile

LIMIT = 5
THING = SimpleNamespace(y=3)

# Each is understood, and its source is given back word for word.
EXPRESSIONS = [
    "x",
    "1",
    "None",
    "...",
    "-0.0",
    "True",
    "x + y * 2 - 3 / x // y % 7 ** y",
    "x << 1 >> 2 & 7 | y ^ 3",
    "x @ y",
    "-x",
    "+x",
    "~x",
    "not x",
    "x.split(' ')",
    "x.strip().lower()[1:3]",
    "x.get('a', default=1)",
    "x()(1)(2)",
    "x.a.b.c()",
    "len(x)",
    "max(x, LIMIT, key=len, default=None)",
    "max(*x)",
    "max(y, *x, key=len)",
    "dict(a=1, **x)",
    "math.sqrt(x)",
    "THING.y + x",
    "(x, 1)",
    "(x[1], (x[0], y))",
    "[x, 1]",
    "[1, 2, 3]",
    "{x, 1}",
    "{1, 2, 3}",
    "{}",
    "()",
    "{'a': x}",
    "{'a': x, 'b': y}",
    "{x: 1, y: 2}",
    "{**x, 'a': 1}",
    "[*x, 1]",
    "(*x, 1)",
    "x[1:]",
    "x[:]",
    "x[::2]",
    "x[y:1:3]",
    "x[-1]",
    "x is None",
    "x is not y",
    "x is 1",
    "x not in y",
    "x in (1, 2)",
    "0 < x < 9",
    "0 < x <= y < 9",
    "(0 < x < 9) + 1",
    "x > 3 and x < 9",
    "x and y and x[0]",
    "x or y or 3",
    "x and y or 3",
    "(x or y) and 3",
    "(x or 1) + 1",
    "x > 1 and (y < 5 or x == 9)",
    "x is not None and x > 3",
    "not (x and y)",
    "1 if x else 2",
    "1 if not x else 2",
    "1 if x and y else 2",
    "1 if x or y else 2",
    "1 if x is None else 2",
    "1 if 0 < x < 9 else 2",
    "1 if (x > 1 or x < -5) and x != 7 else 0",
    "'a' if x < 1 else 'b' if x < 2 else 'c'",
    "(1 if x else 2) if y else 3 if x > 1 else 4",
    "(x, 1 if y else 0)",
    "len(x or y) + 1",
    "(x or 1, x and 2)",
    "f'{x}'",
    "f'{x!r:>5} and {y:.2f}'",
    "f'{x:>{y}}'",
    "print(x)",
]

# Where the compiler leaves no trace of which of two sources it was given.
SAME_BYTECODE = {
    "{**x, 'a': 1}": "{**x, **{'a': 1}}",
    "x[1:]": "x[1:None]",
    "x[:]": "x[None:None]",
    "x[::2]": "x[None:None:2]",
}


def _function(source: str) -> FunctionType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        made = eval(f"lambda x, y: {source}", globals())
    assert isinstance(made, FunctionType)
    return made


def _normal(source: str) -> str:
    return ast.unparse(ast.parse(source, mode="eval"))


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_expression_is_given_back(source: str) -> None:
    found = decompile(_function(source))
    assert found is not None
    assert found.parameters == ("x", "y")
    assert ast.unparse(found.body) == _normal(SAME_BYTECODE.get(source, source))


@pytest.mark.parametrize(
    "source",
    [
        "[q for q in x]",
        "sum(q for q in x)",
        "(lambda q: q)(x)",
        "(z := x)",
        "locals()",
        "eval('x')",
    ],
)
def test_what_is_not_one_plain_expression_is_refused(source: str) -> None:
    assert decompile(_function(source)) is None


def test_other_callables_are_refused() -> None:
    def two_statements(x: int) -> int:
        x += 1
        return x

    def generator(x: int) -> Any:
        yield x

    def loop(x: int) -> int:
        while x:
            pass
        return x

    for function in (two_statements, generator, loop, len, str, lambda *a: a, lambda *, k: k):
        assert decompile(function) is None


def test_def_with_docstring_and_closure() -> None:
    def outer(k: int) -> Callable[[int], int]:
        def scaled(x: int) -> int:
            """Has one."""
            return x * k + LIMIT

        return scaled

    found = decompile(outer(2))
    assert found is not None
    assert ast.unparse(found.body) == "x * k + LIMIT"
    assert (found.free, found.globals) == (("k",), frozenset({"LIMIT"}))


def test_nodes_stand_on_the_users_lines() -> None:
    function = lambda x: (  # noqa: E731
        x
        + 1
    )  # fmt: skip
    found = decompile(function)
    assert found is not None
    assert found.body.lineno == function.__code__.co_firstlineno + 1


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda a, b: a + b, True),
        (lambda b, a: b + a, True),
        (int.__add__, False),
        (lambda a, b: b + a, False),
        (lambda a, b: a + a, False),
        (lambda a, b: a - b, False),
        (lambda a: a, False),
        (math.hypot, False),
    ],
)
def test_is_addition(function: Any, expected: bool) -> None:
    assert is_addition(function) is expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda a, b: a, True),
        (lambda a, b: b, False),
        (lambda a, b: a or b, False),
        (lambda a: a, False),
        (lambda a, b, c: a, False),
        (lambda a, *rest: a, False),
        (min, False),
        (None, False),
    ],
)
def test_keeps_first(function: Any, expected: bool) -> None:
    assert keeps_first(function) is expected
