"""The door: a stage's narrow operators and its sink become one function.

The code of the loop depends only on the shape of the stage, so it is written and compiled once
per shape and kept; binding the stage's own functions to it costs microseconds.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import pickle
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import CellType, CodeType, FunctionType
from typing import Any
from weakref import WeakValueDictionary

import cloudpickle

from pyrite.core.codegen.callee import Called, Callee, Slot, home_of, recognize
from pyrite.core.codegen.loop import Origin, write
from pyrite.core.codegen.operators import Operator, OperatorKind, Sink, SinkKind

# From Python 3.12 the built-in sum compensates the rounding of floats: only it can give its result.
SUM_IS_PLAIN_ADDITION = sys.version_info < (3, 12)

NESTING = frozenset({OperatorKind.FLAT_MAP, OperatorKind.FLAT_MAP_VALUES})
MAX_NESTING = 12
"""Python refuses code with more than 20 blocks inside each other; longer chains are cut."""


def _count(iterable: Iterable[Any]) -> int:
    if type(iterable) is list or type(iterable) is range:
        return len(iterable)
    n = 0
    for _ in iterable:
        n += 1
    return n


# What sinks do without operators: no code of the user's is in these loops.
ALONE: dict[SinkKind, Callable[[Iterable[Any]], Any]] = {
    SinkKind.COLLECT: list,
    SinkKind.COUNT: _count,
    SinkKind.SUM: sum,
}


def fuse(operators: tuple[Operator, ...], sink: Sink | None = None) -> Callable[..., Any]:
    """Make one function of ``operators``, applied in order, and ``sink``.

    Args:
        operators: The narrow operators; may be empty.
        sink: What becomes of the elements.

    Returns:
        Without a sink, ``function(iterable)`` gives a lazy iterator. With one it gives the
        sink's result; ``COMBINE`` and ``GROUP`` make ``function(iterable, into)``, which fills
        the dict ``into`` and may be called again for further elements.

    Example:
        >>> words = Operator(OperatorKind.FLAT_MAP, lambda line: line.split(" "))
        >>> pairs = Operator(OperatorKind.MAP, lambda word: (word, 1))
        >>> counts = {}
        >>> add = Sink(SinkKind.COMBINE, lambda a, b: a + b)
        >>> fuse((words, pairs), add)(["to be or", "not to be"], counts)
        >>> counts
        {'to': 2, 'be': 2, 'or': 1, 'not': 1}
    """
    loops_inside = [i for i, operator in enumerate(operators) if operator.kind in NESTING]
    if len(loops_inside) > MAX_NESTING:
        cut = loops_inside[MAX_NESTING]
        first, rest = fuse(operators[:cut]), fuse(operators[cut:], sink)
        return lambda iterable, *into: rest(first(iterable), *into)
    if sink is None:
        return _loop(operators, None)
    if not operators and sink.kind in ALONE:
        return ALONE[sink.kind]
    match sink.kind:
        case SinkKind.FOLD | SinkKind.AGGREGATE:
            return _from_zero(_loop(operators, sink), sink.zero)
        case SinkKind.SUM if not SUM_IS_PLAIN_ADDITION:
            elements = _loop(operators, None)
            return lambda iterable: sum(elements(iterable))
        case _:
            return _loop(operators, sink)


def _from_zero(loop: Callable[..., Any], zero: Any) -> Callable[[Iterable[Any]], Any]:
    """Start every run from its own copy of ``zero``: functions may change it in place."""
    frozen = cloudpickle.dumps(zero)
    return lambda iterable: loop(iterable, pickle.loads(frozen))


@dataclass(frozen=True, slots=True, weakref_slot=True)
class CompiledLoop:
    """The code of a loop, what to bind to its free variables, and where its lines come from."""

    code: CodeType
    slots: Mapping[str, Slot]
    constants: Mapping[str, CellType]
    origins: Sequence[Origin]
    inputs: Sequence[ast.expr]


# The loops that tracebacks may still point into, by file name.
_loops: WeakValueDictionary[str, CompiledLoop] = WeakValueDictionary()
_numbers = itertools.count(1)

SINK_ARITIES = {SinkKind.FOREACH: (1,), SinkKind.COMBINE: (2, 1)}


def loop_called(filename: str) -> CompiledLoop | None:
    """Give the loop that tracebacks call ``filename``, if it is one and still known."""
    return _loops.get(filename)


def _loop(operators: tuple[Operator, ...], sink: Sink | None) -> Callable[..., Any]:
    functions = [operator.function for operator in operators]
    arities = [1] * len(operators)
    if sink is not None:
        given = [function for function in (sink.function, sink.create) if function is not None]
        functions += given
        arities += SINK_ARITIES.get(sink.kind, (2,))[: len(given)]
    callees = tuple(recognize(functions, arities))
    kinds = tuple(operator.kind for operator in operators)
    ending = None if sink is None else sink.kind
    try:
        loop = _compiled(kinds, callees, ending)
    except (SyntaxError, ValueError, RecursionError):  # too deep for the compiler, once inlined
        loop = _compiled(kinds, (Called(),) * len(callees), ending)
    cells = {name: slot.cell(functions[slot.position]) for name, slot in loop.slots.items()}
    closure = tuple(
        cells[name] if name in cells else loop.constants[name] for name in loop.code.co_freevars
    )
    home = home_of(functions)
    # Extension modules that import something look for the builtins of whoever runs.
    names = {"__builtins__": builtins} if home is None else home.__globals__
    return FunctionType(loop.code, names, "fused", None, closure)


@lru_cache(maxsize=256)
def _compiled(
    kinds: tuple[OperatorKind, ...], callees: tuple[Callee, ...], sink: SinkKind | None
) -> CompiledLoop:
    filename = f"<pyrite loop {next(_numbers)}>"
    code, loop = write(kinds, callees, sink, filename)
    constants = {name: CellType(value) for name, value in loop.constants.items()}
    compiled = CompiledLoop(code, loop.slots, constants, loop.origins, loop.inputs)
    _loops[filename] = compiled
    return compiled
