"""How one user function is applied inside the loop: written out, known, or called.

A ``Callee`` is what the generated code needs to know of a function, and no more, so that stages
with equal callees share one compiled loop. Whatever belongs to one function *object* (itself,
its closure cells, its defaults) is named by a ``Slot`` and bound when the loop is made.

Why writing a body out changes no answer:

- The expression is proven equal to the function's bytecode (``decompile``).
- Its parameters become locals of the loop that were assigned before, as a call would do; so each
  argument is evaluated once, and before the body.
- Its global names stay global names: the loop runs with the user's own globals dict and
  built-ins, so a global that is rebound, deleted or shadowed during the task means the same.
  Functions of other modules are called, unless they use no globals.
- Its free variables stay free variables: the loop closes over the user's own cells, so rebinding
  through ``nonlocal`` is seen as well.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from types import CellType, FunctionType
from typing import Any, Protocol

from pyrite.core.codegen.decompile import Expression, decompile

UserFunction = Callable[..., Any]


LOCAL = "v."
"""How the names of the loop's locals start; no Python source can spell such a name."""


def is_atomic(expression: ast.expr) -> bool:
    """Tell whether ``expression`` can be repeated and moved without a difference."""
    match expression:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name.startswith(LOCAL)
        case ast.Tuple(elts=elements):
            return all(map(is_atomic, elements))
    return False


class Part(Enum):
    """Which part of a function object a free variable of the loop stands for."""

    FUNCTION = auto()
    CELL = auto()
    DEFAULT = auto()
    ITEM = auto()


@dataclass(frozen=True, slots=True)
class Slot:
    """A free variable of the loop: one part of the function at ``position``."""

    position: int
    part: Part
    index: int = 0

    def cell(self, function: Any) -> CellType:
        """Give the cell that the loop closes over, for this ``function``."""
        match self.part:
            case Part.FUNCTION:
                return CellType(function)
            case Part.CELL:
                cell: CellType = function.__closure__[self.index]
                return cell
            case Part.DEFAULT:
                return CellType(function.__defaults__[self.index])
            case Part.ITEM:
                return CellType(_items(function)[self.index])


class Scope(Protocol):
    """What a callee may ask of the loop it is written into."""

    def slot(self, part: Part, index: int = 0) -> ast.expr:
        """Give the variable that holds a part of the function being applied."""
        ...

    def whole(self, expression: ast.expr) -> ast.expr:
        """Bind ``expression`` to one object before the expression being written."""
        ...

    def enter(self, expression: Expression) -> None:
        """Set lines of the loop aside for ``expression``."""
        ...

    def place(self, node: ast.expr | ast.keyword) -> None:
        """Move a node from its line of the user's source to its line of the loop."""
        ...


class Callee(Protocol):
    """One way to apply a function. Equal callees give equal code."""

    def apply(self, arguments: Sequence[ast.expr], scope: Scope) -> ast.expr:
        """Give the expression that applies the function to ``arguments``."""
        ...


@dataclass(frozen=True, slots=True)
class Called:
    """A function that stays a function: the loop calls it."""

    def apply(self, arguments: Sequence[ast.expr], scope: Scope) -> ast.expr:
        """Give ``function(*arguments)``."""
        return ast.Call(scope.slot(Part.FUNCTION), list(arguments), [])


@dataclass(frozen=True, slots=True)
class Operation:
    """A function of the ``operator`` module that is a binary operator."""

    function: UserFunction

    def apply(self, arguments: Sequence[ast.expr], scope: Scope) -> ast.expr:
        """Give ``left + right`` or its like."""
        left, right = arguments
        symbol = _OPERATIONS[self.function]
        if isinstance(symbol, ast.cmpop):
            return ast.Compare(left, [symbol], [right])
        return ast.BinOp(left, symbol, right)


@dataclass(frozen=True, slots=True)
class Items:
    """An ``operator.itemgetter`` of ``count`` items."""

    count: int

    def apply(self, arguments: Sequence[ast.expr], scope: Scope) -> ast.expr:
        """Give ``x[i]``, or a tuple of these."""
        (argument,) = arguments
        whole = scope.whole(argument)
        items: list[ast.expr] = [
            ast.Subscript(whole, scope.slot(Part.ITEM, index), ast.Load())
            for index in range(self.count)
        ]
        return items[0] if len(items) == 1 else ast.Tuple(items, ast.Load())


@dataclass(frozen=True, slots=True)
class Inlined:
    """A function whose body is written into the loop."""

    expression: Expression

    def apply(self, arguments: Sequence[ast.expr], scope: Scope) -> ast.expr:
        """Give the body, with the arguments in place of the parameters."""
        parameters = self.expression.parameters
        values: dict[str, ast.expr] = {}
        for name, argument in zip(parameters, arguments, strict=False):
            values[name] = argument
            if isinstance(argument, ast.Tuple) and not _only_indexed(
                self.expression.body, name, len(argument.elts)
            ):
                values[name] = scope.whole(argument)
        missing = parameters[len(arguments) :]
        for index, name in enumerate(missing, -len(missing)):
            values[name] = scope.slot(Part.DEFAULT, index)
        for index, name in enumerate(self.expression.free):
            values[name] = scope.slot(Part.CELL, index)
        scope.enter(self.expression)
        body: ast.expr = _Writer(values, scope).visit(self.expression.body)
        return body


def recognize(functions: Sequence[UserFunction | None], arities: Sequence[int]) -> list[Callee]:
    """Choose how each function of a stage is applied.

    Args:
        functions: The stage's functions; None stands where an operator needs none.
        arities: With how many arguments each is called.
    """
    home = home_of(functions)
    return [
        _recognize(function, arity, home)
        for function, arity in zip(functions, arities, strict=True)
    ]


def home_of(functions: Sequence[UserFunction | None]) -> FunctionType | None:
    """Give a function whose globals and built-ins the loop should run with: most share them."""
    candidates = [
        function
        for function in functions
        if isinstance(function, FunctionType)
        and (expression := decompile(function)) is not None
        and expression.globals
    ]
    modules = [id(candidate.__globals__) for candidate in candidates]
    return max(candidates, key=lambda one: modules.count(id(one.__globals__)), default=None)


def _recognize(function: UserFunction | None, arity: int, home: FunctionType | None) -> Callee:
    if isinstance(function, FunctionType):
        expression = decompile(function)
        if expression is not None and _fits(function, expression, arity, home):
            return Inlined(expression)
    elif type(function) is operator.itemgetter and arity == 1:
        return Items(len(_items(function)))
    elif arity == 2 and _is_operation(function):
        assert function is not None
        return Operation(function)
    return Called()


def _fits(
    function: FunctionType, expression: Expression, arity: int, home: FunctionType | None
) -> bool:
    missing = len(expression.parameters) - arity
    if not 0 <= missing <= len(function.__defaults__ or ()) or function.__kwdefaults__:
        return False
    if any(_is_empty(cell) for cell in function.__closure__ or ()):
        return False  # the name in the error would be the loop's
    if not expression.globals:
        return True
    return (
        home is not None
        and function.__globals__ is home.__globals__
        and _builtins_of(function) is _builtins_of(home)
    )


def _builtins_of(function: Any) -> object:
    return function.__builtins__


def _is_empty(cell: CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return True
    return False


def _items(getter: Any) -> tuple[Any, ...]:
    items: tuple[Any, ...] = getter.__reduce__()[1]
    return items


_OPERATIONS: dict[Any, ast.operator | ast.cmpop] = {
    operator.add: ast.Add(),
    operator.sub: ast.Sub(),
    operator.mul: ast.Mult(),
    operator.truediv: ast.Div(),
    operator.floordiv: ast.FloorDiv(),
    operator.mod: ast.Mod(),
    operator.pow: ast.Pow(),
    operator.matmul: ast.MatMult(),
    operator.and_: ast.BitAnd(),
    operator.or_: ast.BitOr(),
    operator.xor: ast.BitXor(),
    operator.lshift: ast.LShift(),
    operator.rshift: ast.RShift(),
    operator.lt: ast.Lt(),
    operator.le: ast.LtE(),
    operator.gt: ast.Gt(),
    operator.ge: ast.GtE(),
    operator.eq: ast.Eq(),
    operator.ne: ast.NotEq(),
}


def _is_operation(function: object) -> bool:
    try:
        return function in _OPERATIONS
    except TypeError:  # an unhashable callable
        return False


def is_addition(function: object) -> bool:
    """Tell whether ``function(a, b)`` is ``a + b`` and nothing else.

    Example:
        >>> is_addition(lambda x, y: x + y), is_addition(lambda x, y: y + x)
        (True, False)
    """
    if function is operator.add:
        return True
    expression = decompile(function)
    if expression is None or len(expression.parameters) != 2:
        return False
    match expression.body:
        case ast.BinOp(left=ast.Name(id=left), op=ast.Add(), right=ast.Name(id=right)):
            return (left, right) == expression.parameters
    return False


def keeps_first(function: object) -> bool:
    """Tell whether ``function(a, b)`` is ``a`` and nothing else.

    Example:
        >>> keeps_first(lambda x, y: x), keeps_first(lambda x, y: y)
        (True, False)
    """
    expression = decompile(function)
    if expression is None or len(expression.parameters) != 2:
        return False
    return isinstance(expression.body, ast.Name) and expression.body.id == expression.parameters[0]


def _only_indexed(body: ast.expr, name: str, length: int) -> bool:
    """Tell whether every use of ``name`` is ``name[i]`` with a constant i that exists."""
    uses = sum(isinstance(node, ast.Name) and node.id == name for node in ast.walk(body))
    indexed = sum(_index_of(node, name, length) is not None for node in ast.walk(body))
    return uses == indexed


def _index_of(node: ast.AST, name: str, length: int) -> int | None:
    match node:
        case ast.Subscript(value=ast.Name(id=used), slice=ast.Constant(value=index)) if (
            used == name and type(index) is int and -length <= index < length
        ):
            return index
    return None


class _Writer(ast.NodeTransformer):
    """Copies an expression, with ``values`` in place of names."""

    def __init__(self, values: dict[str, ast.expr], scope: Scope) -> None:
        self.values = values
        self.scope = scope

    def generic_visit(self, node: ast.AST) -> ast.AST:
        copied = type(node)(**{name: self._copied(value) for name, value in ast.iter_fields(node)})
        ast.copy_location(copied, node)
        if isinstance(copied, ast.expr | ast.keyword):
            self.scope.place(copied)
        return copied

    def _copied(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._copied(item) for item in value]
        return self.visit(value) if isinstance(value, ast.AST) else value

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        written = self.generic_visit(node)
        assert isinstance(written, ast.Subscript)
        display, index = written.value, written.slice
        if isinstance(display, ast.Tuple) and isinstance(index, ast.Constant):
            at: Any = index.value
            length = len(display.elts)
            if type(at) is int and -length <= at < length and is_atomic(display):
                return display.elts[at]
        return written

    def visit_Name(self, node: ast.Name) -> ast.AST:
        value = self.values.get(node.id)
        return self.generic_visit(node) if value is None else value
