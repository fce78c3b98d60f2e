"""What one straight-line instruction does to a stack of syntax trees.

``HANDLERS`` maps the name of every instruction that an expression without jumps can hold, for
CPython 3.11 to 3.13. An instruction that is not in the table refuses the whole function, so a
later Python that invents instructions costs speed and never an answer.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from dis import Instruction
from types import CodeType
from typing import Any, Final, TypeAlias, TypeVar, cast

NodeT = TypeVar("NodeT", bound=ast.AST)


class Refused(Exception):
    """The bytecode is not understood; the function is called instead of written out."""


class _Null:
    """The NULL that the interpreter pushes beside a callable that is no method."""


NULL: Final = _Null()
Item: TypeAlias = ast.AST | _Null


@dataclass(slots=True)
class Stack:
    """The interpreter's stack, holding the expression of each value.

    A value that the interpreter duplicates is the *same* node twice: this is how a chained
    comparison or ``a and b`` is told from one that evaluates something twice.
    """

    code: CodeType
    items: list[Item] = field(default_factory=list)
    keywords: tuple[str, ...] = ()

    def copy(self) -> Stack:
        """Give an independent stack with the same items."""
        return Stack(self.code, list(self.items), self.keywords)

    def push(self, item: Item) -> None:
        """Put ``item`` on top."""
        self.items.append(item)

    def pop(self) -> ast.expr:
        """Take the top, which must be an expression."""
        item = self.items.pop()
        if not isinstance(item, ast.expr):
            raise Refused("a value was expected")
        return item

    def pop_many(self, count: int) -> list[ast.expr]:
        """Take ``count`` expressions, the deepest first."""
        return [self.pop() for _ in range(count)][::-1]


Handler: TypeAlias = Callable[[Stack, Instruction], None]

BINARY: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "//": ast.FloorDiv,
    "%": ast.Mod,
    "**": ast.Pow,
    "@": ast.MatMult,
    "&": ast.BitAnd,
    "|": ast.BitOr,
    "^": ast.BitXor,
    "<<": ast.LShift,
    ">>": ast.RShift,
}
COMPARE: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "==": ast.Eq,
    "!=": ast.NotEq,
}
CONVERSIONS = (-1, ord("s"), ord("r"), ord("a"))


def at(node: NodeT, instruction: Instruction) -> NodeT:
    """Give ``node`` the place in the user's source that ``instruction`` comes from."""
    place = instruction.positions
    known = cast(Any, node)
    if place is None or None in place:
        known.lineno = known.end_lineno = (place and place.lineno) or 1
        known.col_offset = known.end_col_offset = 0
    else:
        known.lineno, known.end_lineno, known.col_offset, known.end_col_offset = place
    return node


def _argument(instruction: Instruction) -> int:
    return instruction.arg or 0


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _nothing(stack: Stack, instruction: Instruction) -> None:
    pass


def _load_name(stack: Stack, instruction: Instruction) -> None:
    stack.push(at(_name(instruction.argval), instruction))


def _load_two(stack: Stack, instruction: Instruction) -> None:
    names = stack.code.co_varnames
    argument = _argument(instruction)
    stack.push(at(_name(names[argument >> 4]), instruction))
    stack.push(at(_name(names[argument & 15]), instruction))


def _load_const(stack: Stack, instruction: Instruction) -> None:
    stack.push(at(ast.Constant(instruction.argval), instruction))


def _load_global(stack: Stack, instruction: Instruction) -> None:
    with_null = _argument(instruction) & 1
    if with_null and sys.version_info < (3, 13):
        stack.push(NULL)
    _load_name(stack, instruction)
    if with_null and sys.version_info >= (3, 13):
        stack.push(NULL)


def _push_null(stack: Stack, instruction: Instruction) -> None:
    stack.push(NULL)


def _load_method(stack: Stack, instruction: Instruction) -> None:
    stack.push(at(ast.Attribute(stack.pop(), instruction.argval, ast.Load()), instruction))
    stack.push(NULL)


def _load_attr(stack: Stack, instruction: Instruction) -> None:
    # Python 3.11 has LOAD_METHOD of its own; later ones say so in the lowest bit.
    if sys.version_info >= (3, 12) and _argument(instruction) & 1:
        _load_method(stack, instruction)
    else:
        stack.push(at(ast.Attribute(stack.pop(), instruction.argval, ast.Load()), instruction))


def _binary(stack: Stack, instruction: Instruction) -> None:
    left, right = stack.pop_many(2)
    if instruction.argrepr not in BINARY:
        raise Refused(f"operator {instruction.argrepr}")
    stack.push(at(ast.BinOp(left, BINARY[instruction.argrepr](), right), instruction))


def _comparison(stack: Stack, instruction: Instruction, operator: ast.cmpop) -> None:
    left, right = stack.pop_many(2)
    stack.push(at(ast.Compare(left, [operator], [right]), instruction))


def _compare(stack: Stack, instruction: Instruction) -> None:
    _comparison(stack, instruction, COMPARE[instruction.argval]())


def _is(stack: Stack, instruction: Instruction) -> None:
    _comparison(stack, instruction, ast.IsNot() if instruction.arg else ast.Is())


def _contains(stack: Stack, instruction: Instruction) -> None:
    _comparison(stack, instruction, ast.NotIn() if instruction.arg else ast.In())


def _unary(operator: type[ast.unaryop]) -> Handler:
    def handle(stack: Stack, instruction: Instruction) -> None:
        stack.push(at(ast.UnaryOp(operator(), stack.pop()), instruction))

    return handle


def _subscript(stack: Stack, instruction: Instruction) -> None:
    value, index = stack.pop_many(2)
    stack.push(at(ast.Subscript(value, index, ast.Load()), instruction))


def _subscript_slice(stack: Stack, instruction: Instruction) -> None:
    value, lower, upper = stack.pop_many(3)
    part = at(ast.Slice(lower, upper), instruction)
    stack.push(at(ast.Subscript(value, part, ast.Load()), instruction))


def _build_slice(stack: Stack, instruction: Instruction) -> None:
    stack.push(at(ast.Slice(*stack.pop_many(_argument(instruction))), instruction))


def _build_tuple(stack: Stack, instruction: Instruction) -> None:
    elements = stack.pop_many(_argument(instruction))
    stack.push(at(ast.Tuple(elements, ast.Load()), instruction))


def _build_list(stack: Stack, instruction: Instruction) -> None:
    elements = stack.pop_many(_argument(instruction))
    stack.push(at(ast.List(elements, ast.Load()), instruction))


def _build_set(stack: Stack, instruction: Instruction) -> None:
    stack.push(at(ast.Set(stack.pop_many(_argument(instruction))), instruction))


def _build_map(stack: Stack, instruction: Instruction) -> None:
    flat = stack.pop_many(2 * _argument(instruction))
    stack.push(at(ast.Dict(list(flat[::2]), flat[1::2]), instruction))


def _constants(node: ast.expr, instruction: Instruction) -> list[ast.expr]:
    """Give a constant tuple or set as a list of constants."""
    value: Any = node.value if isinstance(node, ast.Constant) else None
    if not isinstance(value, tuple | frozenset):
        raise Refused("constants were expected")
    return [at(ast.Constant(item), instruction) for item in value]


def _build_const_key_map(stack: Stack, instruction: Instruction) -> None:
    keys = _constants(stack.pop(), instruction)
    values = stack.pop_many(_argument(instruction))
    stack.push(at(ast.Dict(list(keys), values), instruction))


def _extend(stack: Stack, instruction: Instruction) -> None:
    more = stack.pop()
    display = stack.pop()
    if _argument(instruction) != 1 or not isinstance(display, ast.List | ast.Set):
        raise Refused(instruction.opname)
    if isinstance(more, ast.Constant) and not display.elts:
        elements = _constants(more, instruction)
    else:
        elements = [*display.elts, at(ast.Starred(more, ast.Load()), instruction)]
    if isinstance(display, ast.Set):
        stack.push(at(ast.Set(elements), instruction))
    else:
        stack.push(at(ast.List(elements, ast.Load()), instruction))


def _append(stack: Stack, instruction: Instruction) -> None:
    element = stack.pop()
    display = stack.pop()
    if _argument(instruction) != 1 or not isinstance(display, ast.List | ast.Set):
        raise Refused(instruction.opname)
    if isinstance(display, ast.Set):
        stack.push(at(ast.Set([*display.elts, element]), instruction))
    else:
        stack.push(at(ast.List([*display.elts, element], ast.Load()), instruction))


def _dict_update(stack: Stack, instruction: Instruction) -> None:
    more = stack.pop()
    display = stack.pop()
    if _argument(instruction) != 1 or not isinstance(display, ast.Dict):
        raise Refused(instruction.opname)
    inner = isinstance(more, ast.Dict) and instruction.opname == "DICT_MERGE"
    if inner and isinstance(more, ast.Dict):
        keys, values = [*display.keys, *more.keys], [*display.values, *more.values]
    else:
        keys, values = [*display.keys, None], [*display.values, more]
    stack.push(at(ast.Dict(keys, values), instruction))


def _list_to_tuple(stack: Stack, instruction: Instruction) -> None:
    display = stack.pop()
    if not isinstance(display, ast.List):
        raise Refused(instruction.opname)
    stack.push(at(ast.Tuple(display.elts, ast.Load()), instruction))


def _intrinsic(stack: Stack, instruction: Instruction) -> None:
    match instruction.arg:
        case 5:
            _unary(ast.UAdd)(stack, instruction)
        case 6:
            _list_to_tuple(stack, instruction)
        case _:
            raise Refused(f"intrinsic {instruction.arg}")


def _kw_names(stack: Stack, instruction: Instruction) -> None:
    stack.keywords = stack.code.co_consts[_argument(instruction)]


def _callable(stack: Stack) -> ast.expr:
    """Take the callable, which has NULL on the one side or the other."""
    pair = [stack.items.pop(), stack.items.pop()]
    match [item for item in pair if isinstance(item, ast.expr)]:
        case [function] if NULL in pair:
            return function
    raise Refused("callable")


def _call(stack: Stack, instruction: Instruction) -> None:
    names, stack.keywords = stack.keywords, ()
    values = stack.pop_many(_argument(instruction))
    cut = len(values) - len(names)
    keywords = [
        at(ast.keyword(name, value), instruction)
        for name, value in zip(names, values[cut:], strict=True)
    ]
    stack.push(at(ast.Call(_callable(stack), values[:cut], keywords), instruction))


def _call_kw(stack: Stack, instruction: Instruction) -> None:
    names = stack.pop()
    value: Any = names.value if isinstance(names, ast.Constant) else None
    if not isinstance(value, tuple):
        raise Refused("keywords")
    stack.keywords = value
    _call(stack, instruction)


def _call_ex(stack: Stack, instruction: Instruction) -> None:
    keywords: list[ast.keyword] = []
    if _argument(instruction) & 1:
        mapping = stack.pop()
        if not isinstance(mapping, ast.Dict):
            raise Refused("keywords")
        for key, value in zip(mapping.keys, mapping.values, strict=True):
            name: Any = key.value if isinstance(key, ast.Constant) else None
            if key is not None and not isinstance(name, str):
                raise Refused("keywords")
            keywords.append(at(ast.keyword(name, value), instruction))
    positional = stack.pop()
    arguments: list[ast.expr]
    if isinstance(positional, ast.Tuple):
        arguments = positional.elts
    elif isinstance(positional, ast.Constant):
        arguments = _constants(positional, instruction)
    else:
        arguments = [at(ast.Starred(positional, ast.Load()), instruction)]
    stack.push(at(ast.Call(_callable(stack), arguments, keywords), instruction))


def _format(stack: Stack, instruction: Instruction, conversion: int, has_spec: bool) -> None:
    spec = stack.pop() if has_spec else None
    if spec is not None and not isinstance(spec, ast.JoinedStr):
        spec = at(ast.JoinedStr([spec]), instruction)
    value = stack.items.pop()
    if isinstance(value, ast.FormattedValue) and spec is None and conversion == -1:
        formatted = value
    elif isinstance(value, ast.FormattedValue):
        formatted = at(ast.FormattedValue(value.value, value.conversion, spec), instruction)
    elif isinstance(value, ast.expr):
        formatted = at(ast.FormattedValue(value, conversion, spec), instruction)
    else:
        raise Refused("format")
    stack.push(at(ast.JoinedStr([formatted]), instruction))


def _format_value(stack: Stack, instruction: Instruction) -> None:
    flags = _argument(instruction)
    _format(stack, instruction, CONVERSIONS[flags & 3], bool(flags & 4))


def _convert_value(stack: Stack, instruction: Instruction) -> None:
    conversion = CONVERSIONS[_argument(instruction)]
    stack.push(at(ast.FormattedValue(stack.pop(), conversion, None), instruction))


def _format_simple(stack: Stack, instruction: Instruction) -> None:
    _format(stack, instruction, -1, has_spec=False)


def _format_with_spec(stack: Stack, instruction: Instruction) -> None:
    _format(stack, instruction, -1, has_spec=True)


def _build_string(stack: Stack, instruction: Instruction) -> None:
    parts: list[ast.expr] = []
    for part in stack.pop_many(_argument(instruction)):
        parts += part.values if isinstance(part, ast.JoinedStr) else [part]
    stack.push(at(ast.JoinedStr(parts), instruction))


def _copy(stack: Stack, instruction: Instruction) -> None:
    stack.push(stack.items[-_argument(instruction)])


def _swap(stack: Stack, instruction: Instruction) -> None:
    items, depth = stack.items, _argument(instruction)
    items[-1], items[-depth] = items[-depth], items[-1]


def _pop_top(stack: Stack, instruction: Instruction) -> None:
    stack.items.pop()


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(
        ["CACHE", "COPY_FREE_VARS", "EXTENDED_ARG", "NOP", "PRECALL", "RESUME", "TO_BOOL"], _nothing
    ),
    "LOAD_FAST": _load_name,
    "LOAD_DEREF": _load_name,
    "LOAD_FAST_LOAD_FAST": _load_two,
    "LOAD_CONST": _load_const,
    "LOAD_GLOBAL": _load_global,
    "PUSH_NULL": _push_null,
    "LOAD_METHOD": _load_method,
    "LOAD_ATTR": _load_attr,
    "BINARY_OP": _binary,
    "COMPARE_OP": _compare,
    "IS_OP": _is,
    "CONTAINS_OP": _contains,
    "UNARY_NEGATIVE": _unary(ast.USub),
    "UNARY_POSITIVE": _unary(ast.UAdd),
    "UNARY_INVERT": _unary(ast.Invert),
    "UNARY_NOT": _unary(ast.Not),
    "BINARY_SUBSCR": _subscript,
    "BINARY_SLICE": _subscript_slice,
    "BUILD_SLICE": _build_slice,
    "BUILD_TUPLE": _build_tuple,
    "BUILD_LIST": _build_list,
    "BUILD_SET": _build_set,
    "BUILD_MAP": _build_map,
    "BUILD_CONST_KEY_MAP": _build_const_key_map,
    "BUILD_STRING": _build_string,
    "LIST_EXTEND": _extend,
    "SET_UPDATE": _extend,
    "LIST_APPEND": _append,
    "SET_ADD": _append,
    "DICT_UPDATE": _dict_update,
    "DICT_MERGE": _dict_update,
    "LIST_TO_TUPLE": _list_to_tuple,
    "CALL_INTRINSIC_1": _intrinsic,
    "KW_NAMES": _kw_names,
    "CALL": _call,
    "CALL_KW": _call_kw,
    "CALL_FUNCTION_EX": _call_ex,
    "FORMAT_VALUE": _format_value,
    "CONVERT_VALUE": _convert_value,
    "FORMAT_SIMPLE": _format_simple,
    "FORMAT_WITH_SPEC": _format_with_spec,
    "COPY": _copy,
    "SWAP": _swap,
    "POP_TOP": _pop_top,
}
