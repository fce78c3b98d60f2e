"""The door: a stage's narrow operators and its sink become one function.

The code of the loop depends only on the shape of the stage, so it is written and compiled once
per shape and kept; binding the stage's own functions to it costs microseconds.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from types import CellType, CodeType, FunctionType
from typing import Any

import cloudpickle

from pyrite.core.codegen.callee import Called, Callee, Slot, part_of
from pyrite.core.codegen.loop import write
from pyrite.core.codegen.operators import Operator, OperatorKind, Sink, SinkKind

# From Python 3.12 the built-in sum compensates the rounding of floats: only it can give its result.
SUM_IS_PLAIN_ADDITION = sys.version_info < (3, 12)


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
    if sink is None:
        return _loop(operators, None)
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


def _loop(operators: tuple[Operator, ...], sink: Sink | None) -> Callable[..., Any]:
    functions = [operator.function for operator in operators]
    if sink is not None:
        functions += [f for f in (sink.function, sink.create) if f is not None]
    callees = [Called() for _ in functions]
    kinds = tuple(operator.kind for operator in operators)
    code, slots, constants = _compiled(kinds, tuple(callees), None if sink is None else sink.kind)
    closure = tuple(
        constants[name]
        if name in constants
        else CellType(part_of(functions[slots[name].position], slots[name]))
        for name in code.co_freevars
    )
    return FunctionType(code, {"__builtins__": __builtins__}, "fused", None, closure)


@lru_cache(maxsize=256)
def _compiled(
    kinds: tuple[OperatorKind, ...], callees: tuple[Callee, ...], sink: SinkKind | None
) -> tuple[CodeType, dict[str, Slot], dict[str, CellType]]:
    code, loop = write(kinds, callees, sink)
    return code, loop.slots, {name: CellType(value) for name, value in loop.constants.items()}
