"""From the bytecode of a one-expression function back to its expression, proven or refused.

The instructions are run on a stack of syntax trees. A conditional jump runs both ways up to
where they meet again, and the two results become ``and``, ``or`` or a conditional expression.
Several sources may be the reason for the same jumps, so nothing that is found this way is
believed: the expression is compiled again, and unless bytecode, constants, names and variables
come out equal, the function is refused. A mistake here costs speed, never an answer.
"""

from __future__ import annotations

import ast
import copy
import dis
import inspect
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from types import CodeType, FunctionType
from typing import Any

from pyrite.core.codegen.opcodes import HANDLERS, Refused, Stack, at

# A call of these sees the frame it is made in, so it must stay in a frame of its own.
FRAME_SENSITIVE = frozenset(
    (
        *("breakpoint", "dir", "eval", "exec", "globals", "locals", "super", "vars"),
        *("_getframe", "currentframe", "stack", "warn"),
        *("debug", "info", "warning", "error", "exception", "critical"),
    )
)
UNSUPPORTED_FLAGS = (
    inspect.CO_VARARGS
    | inspect.CO_VARKEYWORDS
    | inspect.CO_GENERATOR
    | inspect.CO_COROUTINE
    | inspect.CO_ASYNC_GENERATOR
)
MAX_INSTRUCTIONS = 300
MAX_STEPS = 3000


@dataclass(frozen=True, eq=False)
class Expression:
    """What a function computes.

    Attributes:
        parameters: The names of its positional parameters, in order.
        body: The expression over them, its free variables and global names. Its nodes carry
            their places in the user's source. Shared by everybody: copy before changing.
        free: The names of its free variables, in the order of ``__closure__``.
        globals: The names that are looked up in the function's module and the built-ins.
        code: The function's code.
    """

    parameters: tuple[str, ...]
    body: ast.expr
    free: tuple[str, ...]
    globals: frozenset[str]
    code: CodeType


def decompile(function: object) -> Expression | None:
    """Give the expression that ``function`` returns, or None when in any doubt.

    Example:
        >>> import ast
        >>> ast.unparse(decompile(lambda x, y: x * 2 if y else -x).body)
        'x * 2 if y else -x'
    """
    if type(function) is not FunctionType:
        return None
    return decompile_code(function.__code__, CodeIdentity(function.__code__))


class CodeIdentity:
    """Tells apart equal code from different places, which CPython takes for equal."""

    __slots__ = ("key",)

    def __init__(self, code: CodeType) -> None:
        self.key = (code.co_filename, code.co_linetable)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CodeIdentity) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=1024)
def decompile_code(code: CodeType, identity: CodeIdentity) -> Expression | None:
    """Decompile ``code``; see ``decompile``."""
    try:
        return _decompile(code)
    except Exception:  # whatever a Python of the future does to its bytecode, no job may fail
        return None


def _decompile(code: CodeType) -> Expression:
    if code.co_flags & UNSUPPORTED_FLAGS or code.co_kwonlyargcount or code.co_cellvars:
        raise Refused("signature")
    if FRAME_SENSITIVE.intersection(code.co_names) or code.co_exceptiontable:
        raise Refused("frame")
    for factor in (False, True):
        body = _Machine(code, factor).run()
        if any(_equal_code(code, again) for again in _recompiled(code, body)):
            break
    else:
        raise Refused("not proven")
    names = {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}
    known = {*code.co_varnames, *code.co_freevars}
    return Expression(
        parameters=code.co_varnames[: code.co_argcount],
        body=body,
        free=code.co_freevars,
        globals=frozenset(names - known),
        code=code,
    )


# Running the instructions.

_JUMPS_IF_TRUE = {"POP_JUMP_IF_TRUE": True, "POP_JUMP_IF_FALSE": False}
_JUMPS_OR_POP = {"JUMP_IF_TRUE_OR_POP": True, "JUMP_IF_FALSE_OR_POP": False}
_JUMPS_ON_NONE = {"POP_JUMP_IF_NONE": True, "POP_JUMP_IF_NOT_NONE": False}


class _Machine:
    """Runs one function's instructions; jumps go forward only, so they form no cycle."""

    def __init__(self, code: CodeType, factor: bool) -> None:
        self.code = code
        self.factor = factor
        self.instructions = list(dis.get_instructions(code))
        if len(self.instructions) > MAX_INSTRUCTIONS:
            raise Refused("size")
        self.index_of = {ins.offset: i for i, ins in enumerate(self.instructions)}
        self.steps = 0
        self.meeting = self._meeting_points()

    def run(self) -> ast.expr:
        return self._run(0, Stack(self.code), None).pop()

    def _target(self, index: int) -> int:
        target = self.index_of[self.instructions[index].argval]
        if target <= index:
            raise Refused("loop")
        return target

    def _meeting_points(self) -> list[int | None]:
        """For each instruction, the first one after it that every path comes through."""
        count = len(self.instructions)
        through = [0] * (count + 1)  # as bit sets
        meeting: list[int | None] = [None] * count
        for i in range(count - 1, -1, -1):
            name = self.instructions[i].opname
            if name.startswith("RETURN_"):
                after = 0
            elif name == "JUMP_FORWARD":
                after = through[self._target(i)]
            elif "JUMP" in name:
                after = through[i + 1] & through[self._target(i)]
            else:
                after = through[i + 1]
            through[i] = after | 1 << i
            meeting[i] = (after & -after).bit_length() - 1 if after else None
        return meeting

    def _run(self, index: int, stack: Stack, stop: int | None) -> Stack:
        """Run from ``index`` to ``stop``, or to a return, whose value is then the top."""
        while index != stop:
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise Refused("size")
            instruction = self.instructions[index]
            name = instruction.opname.replace("JUMP_FORWARD_IF", "JUMP_IF")
            if name == "RETURN_VALUE":
                return stack
            if name == "RETURN_CONST":
                stack.push(at(ast.Constant(instruction.argval), instruction))
                return stack
            if name == "JUMP_FORWARD":
                index = self._target(index)
            elif "JUMP" in name:
                stack = self._branch(index, name, stack)
                meeting = self.meeting[index]
                if meeting is None:
                    return stack
                index = meeting
            else:
                handler = HANDLERS.get(name)
                if handler is None:
                    raise Refused(name)
                handler(stack, instruction)
                index += 1
        return stack

    def _branch(self, index: int, name: str, stack: Stack) -> Stack:
        """Run both ways of a conditional jump, and give the stack where they meet."""
        instruction = self.instructions[index]
        jumped = stack.copy()
        test = stack.pop()
        if name in _JUMPS_ON_NONE:
            none = at(ast.Constant(None), instruction)
            is_none = at(ast.Compare(test, [ast.Is()], [none]), instruction)
            on_true = _JUMPS_ON_NONE[name]
            jumped.pop()
            condition: ast.expr = is_none
        elif name in _JUMPS_IF_TRUE:
            on_true = _JUMPS_IF_TRUE[name]
            jumped.pop()
            condition = test
        elif name in _JUMPS_OR_POP:
            on_true = _JUMPS_OR_POP[name]
            condition = test
        else:
            raise Refused(name)
        meeting = self.meeting[index]
        went_on = self._run(index + 1, stack, meeting)
        jumped = self._run(self._target(index), jumped, meeting)
        value = _merge(condition, on_true, went_on.pop(), jumped.pop(), self.factor)
        if meeting is not None and went_on.items != jumped.items:
            raise Refused("stack")
        went_on.push(ast.copy_location(value, condition))
        return went_on


# Putting the two ways of a jump together.


def _merge(
    test: ast.expr, on_true: bool, went_on: ast.expr, jumped: ast.expr, factor: bool
) -> ast.expr:
    """Give the expression of a jump taken when ``test`` is true (``on_true``) or else false.

    With ``factor``, what both ways have in common around one difference is taken out of the
    conditional: the compiler copies a short end of a function into both ways.
    """
    if jumped is test:
        return _boolean(ast.Or() if on_true else ast.And(), test, went_on)
    stay = _negated(test) if on_true else test
    match went_on:
        case ast.IfExp(test=inner, body=body, orelse=orelse) if _same(orelse, jumped):
            return ast.IfExp(_boolean(ast.And(), stay, inner), body, orelse)
        case ast.IfExp(test=inner, body=body, orelse=orelse) if _same(body, jumped):
            return ast.IfExp(_boolean(ast.Or(), _negated(stay), inner), body, orelse)
        case ast.BoolOp(op=ast.Or(), values=[first, *rest]) if _same(
            _joined(ast.Or(), rest), jumped
        ):
            return _boolean(ast.Or(), _boolean(ast.And(), stay, first), jumped)
        case ast.BoolOp(op=ast.And(), values=[first, *rest]) if _same(
            _joined(ast.And(), rest), jumped
        ):
            return _boolean(ast.And(), _boolean(ast.Or(), _negated(stay), first), jumped)
    if factor:
        difference = _only_difference(went_on, jumped)
        if difference is not None:
            name, index, one, other = difference
            inside = _merge(test, on_true, one, other, factor)
            return _with_child(went_on, name, index, ast.copy_location(inside, test))
    return ast.IfExp(stay, went_on, jumped)


def _only_difference(
    one: ast.expr, other: ast.expr
) -> tuple[str, int | None, ast.expr, ast.expr] | None:
    """Give the one child expression in which two nodes of a kind differ: where, and both."""
    if type(one) is not type(other):
        return None
    found: list[tuple[str, int | None, ast.expr, ast.expr]] = []
    for name in one._fields:
        left, right = getattr(one, name), getattr(other, name)
        lists = isinstance(left, list) and isinstance(right, list)
        if lists and len(left) != len(right):
            return None
        pairs = enumerate(zip(left, right, strict=True)) if lists else [(None, (left, right))]
        for index, (a, b) in pairs:
            if isinstance(a, ast.expr) and isinstance(b, ast.expr):
                if not _same(a, b):
                    found.append((name, index, a, b))
            elif _dumped(a) != _dumped(b):
                return None
    return found[0] if len(found) == 1 else None


def _with_child(node: ast.expr, name: str, index: int | None, child: ast.expr) -> ast.expr:
    changed = copy.copy(node)
    if index is None:
        setattr(changed, name, child)
    else:
        children = list(getattr(node, name))
        children[index] = child
        setattr(changed, name, children)
    return changed


def _dumped(value: object) -> str:
    return ast.dump(value) if isinstance(value, ast.AST) else repr(value)


def _boolean(operator: ast.boolop, left: ast.expr, right: ast.expr) -> ast.expr:
    """Join two operands, flattening the right one; ``a < b and b < c`` with one b is a chain."""
    values = [left, right]
    if isinstance(right, ast.BoolOp) and type(right.op) is type(operator):
        values = [left, *right.values]
    first, second = values[0], values[1]
    if (
        isinstance(operator, ast.And)
        and isinstance(first, ast.Compare)
        and isinstance(second, ast.Compare)
        and second.left is first.comparators[-1]
    ):
        chain = ast.Compare(
            first.left,
            [*first.ops, *second.ops],
            [*first.comparators, *second.comparators],
        )
        values[:2] = [ast.copy_location(chain, first)]
    return ast.copy_location(_joined(operator, values), left)


def _joined(operator: ast.boolop, values: list[ast.expr]) -> ast.expr:
    if len(values) == 1:
        return values[0]
    return ast.copy_location(ast.BoolOp(operator, values), values[0])


_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


def _negated(test: ast.expr) -> ast.expr:
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return operand
        case ast.Compare(left=left, ops=[op], comparators=right) if type(op) in _OPPOSITES:
            return ast.copy_location(ast.Compare(left, [_OPPOSITES[type(op)]()], right), test)
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), test)


def _same(one: ast.expr, other: ast.expr) -> bool:
    return one is other or ast.dump(one) == ast.dump(other)


# The proof.


def _recompiled(code: CodeType, body: ast.expr) -> Iterator[CodeType]:
    """Compile ``body`` as the function it may come from: a lambda, or a def with a docstring."""
    names = code.co_varnames[: code.co_argcount]
    arguments = ast.arguments(
        posonlyargs=[ast.arg(name) for name in names[: code.co_posonlyargcount]],
        args=[ast.arg(name) for name in names[code.co_posonlyargcount :]],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
    )
    free = ast.arguments([], [ast.arg(name) for name in code.co_freevars], None, [], [], None, [])
    result: ast.stmt = ast.copy_location(ast.Return(body), body)
    if code.co_name == "<lambda>":
        function = ast.copy_location(ast.Lambda(arguments, body), body)
        inner: list[list[ast.stmt]] = [[ast.Return(function)]]
    else:
        inner = [[_def(code.co_name, arguments, [result])]]
        if code.co_consts and isinstance(code.co_consts[0], str):
            docstring = ast.Expr(ast.Constant(code.co_consts[0]))
            inner.append([_def(code.co_name, arguments, [docstring, result])])
    # The compiler calls `name.method()` in another way where the module imports `name`.
    modules = {
        node.value.id
        for node in ast.walk(body)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    imports: list[list[ast.stmt]] = [[]]
    if modules:
        imports += [[ast.Import([ast.alias(name)]) for name in sorted(modules)]]
    for before, statements in product(imports, inner):
        module = ast.Module([*before, _def("outer", free, statements)], [])
        ast.fix_missing_locations(module)
        yield nested_code(nested_code(compile_quietly(module, code.co_filename)))


def _def(name: str, arguments: ast.arguments, body: list[ast.stmt]) -> ast.FunctionDef:
    function = ast.parse("def f(): pass").body[0]
    assert isinstance(function, ast.FunctionDef)
    function.name, function.args, function.body = name, arguments, body
    return function


def compile_quietly(module: ast.Module, filename: str) -> CodeType:
    """Compile without the compiler's advice on style, which is about sources people write."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code: CodeType = compile(module, filename, "exec", dont_inherit=True)
    return code


def nested_code(code: CodeType) -> CodeType:
    """Give the code of the first function that is defined in ``code``."""
    return next(constant for constant in code.co_consts if isinstance(constant, CodeType))


def _equal_code(one: CodeType, other: CodeType) -> bool:
    return (
        one.co_code == other.co_code
        and one.co_names == other.co_names
        and one.co_varnames == other.co_varnames
        and one.co_freevars == other.co_freevars
        and one.co_argcount == other.co_argcount
        and [_shown(value) for value in one.co_consts]
        == [_shown(value) for value in other.co_consts]
    )


def _shown(value: Any) -> object:
    """Give what tells constants apart: 1, 1.0 and True are equal, 0.0 and -0.0 as well."""
    if isinstance(value, tuple):
        return tuple(_shown(item) for item in value)
    if isinstance(value, frozenset):
        return frozenset(_shown(item) for item in value)
    if isinstance(value, CodeType):
        raise Refused("nested function")
    return type(value), repr(value)
