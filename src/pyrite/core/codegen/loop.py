"""The loop itself: narrow operators and a sink, written as one function's syntax tree.

The loop keeps one *current* expression, which stands for the element after the operators so
far. It is atomic (a local variable, a constant, or a tuple display of these), so it may be
written more than once without evaluating anything twice; every other expression is first
assigned to a fresh local, which also keeps the order of evaluation.

Locals are called ``v.something``: no Python source can spell such a name, so no name in a
user's expression can collide with them.
"""

from __future__ import annotations

import ast
from collections import _count_elements  # type: ignore[attr-defined]
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from pyrite.core.codegen.callee import LOCAL, Callee, Part, Slot, is_atomic
from pyrite.core.codegen.decompile import Expression, compile_quietly, nested_code
from pyrite.core.codegen.operators import EMPTY, OperatorKind, SinkKind
from pyrite.core.errors import PySparkRuntimeError

FREE = "c."


def local(name: str) -> ast.Name:
    """Give the loop's own variable ``name``."""
    return ast.Name(LOCAL + name, ast.Load())


class _Filler(ast.NodeTransformer):
    """Fill a snippet: CAPITALS are placeholders, every other name is a local of the loop."""

    def __init__(self, parts: dict[str, ast.expr | list[ast.stmt]]) -> None:
        self.parts = parts

    def visit_Expr(self, node: ast.Expr) -> Any:
        if isinstance(node.value, ast.Name):
            block = self.parts.get(node.value.id)
            if isinstance(block, list):
                return block
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        part = self.parts.get(node.id)
        if isinstance(part, ast.expr):
            return part
        return ast.Name(LOCAL + node.id, node.ctx)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        if node.name is not None:
            node.name = LOCAL + node.name
        return self.generic_visit(node)


def snippet(text: str, line: int, **parts: ast.expr | list[ast.stmt]) -> list[ast.stmt]:
    """Parse ``text`` and fill its placeholders; the loop's scaffolding is written this way."""
    module = ast.parse(text)
    for node in ast.walk(module):
        for attribute in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            if hasattr(node, attribute):
                delattr(node, attribute)
    filled: ast.Module = _Filler(parts).visit(module)
    return [_located(statement, line) for statement in filled.body]


def _located(statement: ast.stmt, line: int) -> ast.stmt:
    statement.lineno = statement.end_lineno = line
    statement.col_offset = statement.end_col_offset = 0
    return ast.fix_missing_locations(statement)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the lines of the loop from ``start`` on come from.

    Attributes:
        start: The first line of the loop.
        position: Whose lines they are: the operators are counted from 0, then the sink's functions.
        code: The user's code that is written out there; None for the loop's own lines.
        line: The line of the user's source that ``start`` stands for.
    """

    start: int
    position: int
    code: CodeType | None = None
    line: int = 0


@dataclass(slots=True)
class Loop:
    """A loop under construction.

    Attributes:
        callees: One per user function: the operators', then the sink's.
        slots: The free variables of the loop so far.
        constants: The free variables that are the same for every function.
        origins: Where the lines come from, by ascending line.
        inputs: The current element, as it was before each position.
        current: The expression that stands for the element now.
    """

    callees: Sequence[Callee]
    slots: dict[str, Slot] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    origins: list[Origin] = field(default_factory=list)
    inputs: list[ast.expr] = field(default_factory=list)
    current: ast.expr = field(default_factory=lambda: local("x"))
    _block: list[ast.stmt] = field(default_factory=list)
    _around: list[ast.stmt] = field(default_factory=list)
    _line: int = 1
    _last_line: int = 1
    _shift: int = 0
    _fresh: int = 0
    _position: int = 0

    def begin(self) -> None:
        """Go on to the next operator, or the sink."""
        self._line = self._last_line = self._last_line + 1
        self.origins.append(Origin(self._line, len(self.inputs)))
        self.inputs.append(self.current)

    def enter(self, expression: Expression) -> None:
        """Set lines of the loop aside for ``expression``."""
        body = expression.body
        lines = [node.lineno for node in ast.walk(body) if isinstance(node, ast.expr)]
        start = self._last_line + 1
        self._shift = start - min(lines)
        self._last_line = max(lines) + self._shift
        self.origins.append(Origin(start, self._position, expression.code, min(lines)))

    def place(self, node: ast.expr | ast.keyword) -> None:
        """Move a node from its line of the user's source to its line of the loop."""
        node.lineno += self._shift
        if node.end_lineno is not None:
            node.end_lineno += self._shift

    # What the operators and sinks below are written with.

    def emit(self, text: str, **parts: ast.expr | list[ast.stmt]) -> None:
        """Add statements to the innermost block."""
        self._block += snippet(text, self._line, **parts)

    @contextmanager
    def inside(self, block: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
        """Let statements go to ``block`` for a while."""
        outer, self._block = self._block, block
        yield block
        self._block = outer

    def constant(self, name: str, value: Any) -> ast.expr:
        """Give a variable that holds ``value``, the same for all runs."""
        self.constants[FREE + name] = value
        return ast.Name(FREE + name, ast.Load())

    def slot(self, part: Part, index: int = 0) -> ast.expr:
        """Give the variable that holds a part of the function being applied."""
        name = f"{FREE}{self._position}.{part.name}.{index}"
        self.slots[name] = Slot(self._position, part, index)
        return ast.Name(name, ast.Load())

    def bind(self, expression: ast.expr) -> ast.expr:
        """Evaluate ``expression`` here, unless it is atomic; give what stands for its value."""
        if is_atomic(expression):
            return expression
        if isinstance(expression, ast.Tuple) and not any(
            isinstance(element, ast.Starred) for element in expression.elts
        ):
            return ast.Tuple([self.bind(element) for element in expression.elts], ast.Load())
        return self._assign(expression)

    def whole(self, expression: ast.expr) -> ast.expr:
        """Bind ``expression`` to one object: a tuple display is built, once."""
        if not isinstance(expression, ast.Tuple):
            return self.bind(expression)
        value = self._assign(expression)
        if expression is self.current:
            self.current = value
        return value

    def _assign(self, expression: ast.expr) -> ast.expr:
        value = self.fresh()
        self.emit("TARGET = VALUE", TARGET=ast.Name(value.id, ast.Store()), VALUE=expression)
        return value

    def fresh(self) -> ast.Name:
        """Give a new local."""
        self._fresh += 1
        return local(str(self._fresh))

    def apply(self, position: int, *arguments: ast.expr) -> ast.expr:
        """Give the expression that applies the function at ``position``."""
        self._position = position
        return self.callees[position].apply(arguments, self)

    def item(self, index: int) -> ast.expr:
        """Give ``element[index]``."""
        if isinstance(self.current, ast.Tuple) and index < len(self.current.elts):
            return self.current.elts[index]
        return ast.Subscript(self.whole(self.current), ast.Constant(index), ast.Load())

    def iterate(self, iterable: ast.expr) -> None:
        """Open an inner loop over ``iterable``; what follows goes inside."""
        element = self.fresh()
        inner: list[ast.stmt] = []
        loop = ast.For(ast.Name(element.id, ast.Store()), self.whole(iterable), inner, [])
        self._block.append(_located(loop, self._line))
        self._around = self._block
        self._block = inner
        self.current = element

    def idle_loop(self, element: ast.expr) -> ast.For | None:
        """Give the innermost loop, if all it does so far is to give ``element``."""
        loop = self._around[-1] if self._around and not self._block else None
        if isinstance(loop, ast.For) and isinstance(loop.target, ast.Name):
            same = isinstance(element, ast.Name) and element.id == loop.target.id
            return loop if same else None
        return None

    def replace_loop(self, loop: ast.For, text: str, **parts: ast.expr | list[ast.stmt]) -> None:
        """Put a snippet in the place of the innermost loop; ITEMS is what it ran over."""
        self._around[-1:] = snippet(text, loop.lineno, ITEMS=loop.iter, **parts)

    def shorten_for_lists(self, loop: ast.For | None, text: str) -> None:
        """Do ``text`` instead of the innermost loop when it runs over a list."""
        if loop is not None:
            self.replace_loop(
                loop,
                f"if TYPE(ITEMS) is LIST: {text}\nelse: LOOP",
                TYPE=self.constant("type", type),
                LIST=self.constant("list", list),
                LENGTH=self.constant("len", len),
                LOOP=[loop],
            )


# Operators: how each changes the current element. One entry per kind.


def _map(loop: Loop, position: int) -> None:
    loop.current = loop.bind(loop.apply(position, loop.current))


def _filter(loop: Loop, position: int) -> None:
    loop.emit("if not KEPT: continue", KEPT=loop.apply(position, loop.current))


def _flat_map(loop: Loop, position: int) -> None:
    loop.iterate(loop.apply(position, loop.current))


def _map_values(loop: Loop, position: int) -> None:
    key = loop.bind(loop.item(0))
    value = loop.bind(loop.item(1))
    loop.current = ast.Tuple([key, loop.bind(loop.apply(position, value))], ast.Load())


def _flat_map_values(loop: Loop, position: int) -> None:
    pair = loop.current
    loop.iterate(loop.apply(position, loop.bind(loop.item(1))))
    value, loop.current = loop.current, pair
    loop.current = ast.Tuple([loop.bind(loop.item(0)), value], ast.Load())


def _keys(loop: Loop, position: int) -> None:
    loop.current = loop.bind(loop.item(0))


def _values(loop: Loop, position: int) -> None:
    loop.current = loop.bind(loop.item(1))


def _key_by(loop: Loop, position: int) -> None:
    key = loop.bind(loop.apply(position, loop.current))
    loop.current = ast.Tuple([key, loop.current], ast.Load())


OPERATORS: dict[OperatorKind, Callable[[Loop, int], None]] = {
    OperatorKind.MAP: _map,
    OperatorKind.FILTER: _filter,
    OperatorKind.FLAT_MAP: _flat_map,
    OperatorKind.MAP_VALUES: _map_values,
    OperatorKind.FLAT_MAP_VALUES: _flat_map_values,
    OperatorKind.KEYS: _keys,
    OperatorKind.VALUES: _values,
    OperatorKind.KEY_BY: _key_by,
}


# Sinks: what happens to the current element. `position` is that of the sink's function; the one
# after it is COMBINE's create_combiner.


def _yield(loop: Loop, position: int) -> None:
    loop.emit("yield ELEMENT", ELEMENT=loop.current)


def _collect(loop: Loop, position: int) -> None:
    idle = loop.idle_loop(loop.current)
    loop.emit("out.append(ELEMENT)", ELEMENT=loop.current)
    loop.shorten_for_lists(idle, "out.extend(ITEMS)")


def _count(loop: Loop, position: int) -> None:
    idle = loop.idle_loop(loop.current)
    loop.emit("n += 1")
    loop.shorten_for_lists(idle, "n += LENGTH(ITEMS)")


def _sum(loop: Loop, position: int) -> None:
    # `total += x` would call __iadd__, which the built-in sum does not.
    loop.emit("total = total + ELEMENT", ELEMENT=loop.whole(loop.current))


def _foreach(loop: Loop, position: int) -> None:
    loop.emit("(CALL)", CALL=loop.apply(position, loop.current))


def _reduce(loop: Loop, position: int) -> None:
    element = loop.whole(loop.current)
    with loop.inside([]) as further:
        loop.emit("total = MERGED", MERGED=loop.apply(position, local("total"), element))
    loop.emit(
        "if total is EMPTY: total = ELEMENT\nelse: FURTHER",
        EMPTY=loop.constant("EMPTY", EMPTY),
        ELEMENT=element,
        FURTHER=further,
    )


def _fold(loop: Loop, position: int) -> None:
    loop.emit("total = MERGED", MERGED=loop.apply(position, local("total"), loop.current))


def _pair(loop: Loop) -> tuple[ast.expr, ast.expr]:
    """Split the current element as `key, value = element` does."""
    if isinstance(loop.current, ast.Tuple) and len(loop.current.elts) == 2:
        key, value = loop.current.elts
        return loop.whole(key), value
    loop.emit("key, value = PAIR", PAIR=loop.whole(loop.current))
    return local("key"), local("value")


def _combine(loop: Loop, position: int) -> None:
    key, value = _pair(loop)
    with loop.inside([]) as merge:
        loop.emit("old = into[KEY]", KEY=key)
        merged = loop.apply(position, local("old"), value)
        loop.emit("into[KEY] = MERGED", KEY=key, MERGED=merged)
    if position + 1 == len(loop.callees):
        if _keeps_first(merged):
            loop.emit("keep(KEY, VALUE)", KEY=key, VALUE=value)
            return
        idle = loop.idle_loop(key)
        if idle is not None and _adds_one(merged):
            count = loop.constant("count", _count_elements)
            loop.replace_loop(idle, "(COUNT)(into, ITEMS)", COUNT=count)
            return
    with loop.inside([]) as create:
        if position + 1 < len(loop.callees):
            value = loop.apply(position + 1, value)
        loop.emit("into[KEY] = CREATED", KEY=key, CREATED=value)
    loop.emit("if KEY in into: MERGE\nelse: CREATE", KEY=key, MERGE=merge, CREATE=create)


def _keeps_first(merged: ast.expr) -> bool:
    """Tell whether the merged value is the old one, as for distinct."""
    return isinstance(merged, ast.Name) and merged.id == local("old").id


def _adds_one(merged: ast.expr) -> bool:
    """Tell whether the merged value is the old one plus 1: then the built-in counting does it."""
    match merged:
        case ast.BinOp(left=ast.Name(id=left), op=ast.Add(), right=ast.Constant(value=right)):
            return left == local("old").id and type(right) is int and right == 1
    return False


def _group(loop: Loop, position: int) -> None:
    key, value = _pair(loop)
    loop.emit("group = get(KEY)", KEY=key)
    loop.emit(
        "if group is None: into[KEY] = [VALUE]\nelse: group.append(VALUE)", KEY=key, VALUE=value
    )


@dataclass(frozen=True, slots=True)
class Ending:
    """How a loop ends: what stands before it, in its innermost block, and after it.

    ``argument`` is a local that the caller sets, besides the iterable.
    """

    each: Callable[[Loop, int], None]
    before: str = ""
    after: str = ""
    argument: str | None = None


YIELD = Ending(_yield)

ENDINGS: dict[SinkKind, Ending] = {
    SinkKind.COLLECT: Ending(_collect, before="out = []", after="return out"),
    SinkKind.COUNT: Ending(_count, before="n = 0", after="return n"),
    SinkKind.SUM: Ending(_sum, before="total = 0", after="return total"),
    SinkKind.FOREACH: Ending(_foreach),
    SinkKind.REDUCE: Ending(_reduce, before="total = EMPTY", after="return total"),
    SinkKind.FOLD: Ending(_fold, after="return total", argument="total"),
    SinkKind.AGGREGATE: Ending(_fold, after="return total", argument="total"),
    SinkKind.COMBINE: Ending(_combine, before="keep = into.setdefault", argument="into"),
    SinkKind.GROUP: Ending(_group, before="get = into.get", argument="into"),
}

# A StopIteration raised by the user's code must not end anybody's loop.
GUARDED = """
try:
    BEFORE
    for x in iterable: EACH
    AFTER
except STOP_ITERATION as stop:
    raise STOPPED(stop) from stop
"""


def stop_iteration_error(stop: StopIteration) -> PySparkRuntimeError:
    """Give the error that a task fails with when a user's function raises StopIteration."""
    return PySparkRuntimeError(
        errorClass="STOP_ITERATION_OCCURRED", messageParameters={"exc": str(stop)}
    )


def write(
    kinds: Sequence[OperatorKind],
    callees: Sequence[Callee],
    sink: SinkKind | None,
    filename: str,
) -> tuple[CodeType, Loop]:
    """Write and compile the loop.

    Args:
        kinds: The operators, in order.
        callees: How each operator's function is applied; then those of the sink, if it has any.
        sink: What becomes of the elements; None makes a generator.
        filename: What tracebacks call the loop.

    Returns:
        The code of ``function(iterable)`` or ``function(iterable, argument)``, and the finished
        loop, which says what to bind to its free variables.
    """
    ending = YIELD if sink is None else ENDINGS[sink]
    loop = Loop(callees)
    each: list[ast.stmt] = []
    with loop.inside(each):
        for position, kind in enumerate(kinds):
            loop.begin()
            OPERATORS[kind](loop, position)
        loop.begin()
        ending.each(loop, len(kinds))
    empty = loop.constant("EMPTY", EMPTY)
    body = snippet(
        GUARDED,
        1,
        BEFORE=snippet(ending.before, 1, EMPTY=empty),
        EACH=each,
        AFTER=snippet(ending.after, 1),
        STOP_ITERATION=loop.constant("StopIteration", StopIteration),
        STOPPED=loop.constant("stopped", stop_iteration_error),
    )
    arguments = ["iterable"] if ending.argument is None else ["iterable", ending.argument]
    inner = _function("fused", [LOCAL + name for name in arguments], body)
    # Free variables exist only inside another function: this one is compiled, never run.
    outer = _function("bind", [*loop.slots, *loop.constants], [inner])
    module = ast.Module([_located(outer, 1)], [])
    return nested_code(nested_code(compile_quietly(module, filename))), loop


def _function(name: str, arguments: Sequence[str], body: list[ast.stmt]) -> ast.FunctionDef:
    function = ast.parse(f"def {name}(): pass").body[0]
    assert isinstance(function, ast.FunctionDef)
    function.args.args = [ast.arg(argument) for argument in arguments]
    function.body = body
    return function
