"""How one user function is applied inside the loop.

A ``Callee`` is what the generated code needs to know of a function, and no more, so that stages
with equal callees share one compiled loop. Whatever belongs to one function *object* (itself,
its closure cells) is named by a ``Slot`` and bound when the loop is made.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol


class Part(Enum):
    """Which part of a function object a free variable of the loop stands for."""

    FUNCTION = auto()


@dataclass(frozen=True, slots=True)
class Slot:
    """A free variable of the loop: one part of the function at ``position``."""

    position: int
    part: Part
    index: int = 0


class Scope(Protocol):
    """What a callee may ask of the loop it is written into."""

    def slot(self, part: Part, index: int = 0) -> ast.expr:
        """Give the variable that holds a part of the function being applied."""
        ...


class Callee(Protocol):
    """One way to apply a function."""

    @property
    def key(self) -> Hashable:
        """Equal keys give equal code."""
        ...

    def apply(self, arguments: Sequence[ast.expr], scope: Scope) -> ast.expr:
        """Give the expression that applies the function to ``arguments``."""
        ...


@dataclass(frozen=True, slots=True)
class Called:
    """A function that stays a function: the loop calls it."""

    @property
    def key(self) -> Hashable:
        """All calls look the same."""
        return "called"

    def apply(self, arguments: Sequence[ast.expr], scope: Scope) -> ast.expr:
        """Give ``function(*arguments)``."""
        return ast.Call(scope.slot(Part.FUNCTION), list(arguments), [])


def part_of(function: Callable[..., Any] | None, slot: Slot) -> Any:
    """Give the cell that ``slot`` names."""
    return function
