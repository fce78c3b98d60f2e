"""XPath 1.0 over XML texts, as far as Spark's xpath functions are used.

Location paths with ``/``, ``//``, ``.``, ``..``, ``*``, ``@name``, ``text()``, ``node()`` and
predicates; the functions of the core library that work on numbers, texts and node sets; the
operators ``or and = != < <= > >= + - * div mod |``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

__all__ = ["Node", "XPathError", "evaluate", "to_boolean", "to_number", "to_text"]


class XPathError(ValueError):
    """An expression that is no XPath, or a text that is no XML."""


@dataclass(frozen=True, eq=False)
class Node:
    """A node of a document.

    Attributes:
        kind: "root", "element", "attribute" or "text".
        name: Of an element or an attribute.
        text: Of an attribute or a text.
        parent: None for the root.
        children: Elements and texts, in order.
        attributes: Of an element.
    """

    kind: str
    name: str
    text: str
    parent: Node | None
    children: list[Node]
    attributes: list[Node]

    def value(self) -> str:
        """Return the text of the node and all below it."""
        if self.kind in ("text", "attribute"):
            return self.text
        return "".join(child.value() for child in self.children)

    def below(self) -> Iterator[Node]:
        """Yield the node and all below it, in the order of the document."""
        yield self
        for child in self.children:
            yield from child.below()


@lru_cache(64)
def _document(text: str) -> Node:
    try:
        element = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise XPathError(f"Invalid XML document: {error}") from None
    root = Node("root", "", "", None, [], [])
    root.children.append(_node(element, root))
    return root


def _node(element: ElementTree.Element, parent: Node) -> Node:
    node = Node("element", re.sub(r"^\{.*\}", "", element.tag), "", parent, [], [])
    node.attributes.extend(
        Node("attribute", name, value, node, [], []) for name, value in element.items()
    )
    if element.text:
        node.children.append(Node("text", "", element.text, node, [], []))
    for child in element:
        node.children.append(_node(child, node))
        if child.tail:
            node.children.append(Node("text", "", child.tail, node, [], []))
    return node


# ---- values ----


def to_text(value: Any) -> str:
    """Return a value as XPath's string() does."""
    match value:
        case list():
            return str(value[0].value()) if value else ""
        case bool():
            return "true" if value else "false"
        case float():
            if math.isnan(value):
                return "NaN"
            return str(int(value)) if value.is_integer() else repr(value)
        case _:
            return str(value)


def to_number(value: Any) -> float:
    """Return a value as XPath's number() does."""
    if isinstance(value, (bool, float)):
        return float(value)
    try:
        return float(to_text(value).strip())
    except ValueError:
        return math.nan


def to_boolean(value: Any) -> bool:
    """Return a value as XPath's boolean() does."""
    if isinstance(value, float):
        return bool(value) and not math.isnan(value)
    return bool(value)


# ---- evaluation: every part of an expression is a function of a context ----


@dataclass(frozen=True)
class _Context:
    node: Node
    position: int = 1
    size: int = 1


_Step = Callable[[_Context], Any]

_TOKEN = re.compile(
    r"\s*(//|\.\.|!=|<=|>=|::|[/@.\[\]()*|=<>,+-]|\"[^\"]*\"|'[^']*'|\d+(?:\.\d*)?|\.\d+"
    r"|[A-Za-z_][\w.-]*)"
)
_PRECEDENCE: tuple[tuple[str, ...], ...] = (
    ("or",),
    ("and",),
    ("=", "!="),
    ("<", "<=", ">", ">="),
    ("+", "-"),
    ("*", "div", "mod"),
)


def _compare(symbol: str, left: Any, right: Any) -> bool:
    if isinstance(left, list) or isinstance(right, list):
        lefts = [node.value() for node in left] if isinstance(left, list) else [left]
        rights = [node.value() for node in right] if isinstance(right, list) else [right]
        return any(_compare(symbol, a, b) for a in lefts for b in rights)
    if symbol in ("=", "!="):
        if isinstance(left, bool) or isinstance(right, bool):
            equal = to_boolean(left) == to_boolean(right)
        elif isinstance(left, float) or isinstance(right, float):
            equal = to_number(left) == to_number(right)
        else:
            equal = left == right
        return equal == (symbol == "=")
    a, b = to_number(left), to_number(right)
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[symbol]


def _arithmetic(symbol: str, left: Any, right: Any) -> float:
    a, b = to_number(left), to_number(right)
    match symbol:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "mod":
            return math.fmod(a, b) if b else math.nan
        case _:
            if b:
                return a / b
            return math.nan if not a or math.isnan(a) else math.copysign(math.inf, a)


def _binary(symbol: str, left: _Step, right: _Step) -> _Step:
    match symbol:
        case "or":
            return lambda c: to_boolean(left(c)) or to_boolean(right(c))
        case "and":
            return lambda c: to_boolean(left(c)) and to_boolean(right(c))
        case "=" | "!=" | "<" | "<=" | ">" | ">=":
            return lambda c: _compare(symbol, left(c), right(c))
        case _:
            return lambda c: _arithmetic(symbol, left(c), right(c))


def _substring(text: str, start: float, length: float = math.inf) -> str:
    first = round(start)
    last = first + length if math.isinf(length) else first + round(length)
    return "".join(ch for i, ch in enumerate(text, 1) if first <= i < last)


def _translate(text: str, old: str, new: str) -> str:
    table = {ord(ch): (new[i] if i < len(new) else None) for i, ch in reversed([*enumerate(old)])}
    return text.translate(table)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "count": lambda c, nodes: float(len(nodes)),
    "sum": lambda c, nodes: math.fsum(to_number(node.value()) for node in nodes),
    "position": lambda c: float(c.position),
    "last": lambda c: float(c.size),
    "name": lambda c, nodes=None: (nodes[0] if nodes else c.node).name,
    "local-name": lambda c, nodes=None: (nodes[0] if nodes else c.node).name,
    "string": lambda c, value=None: c.node.value() if value is None else to_text(value),
    "number": lambda c, value=None: to_number(c.node.value() if value is None else value),
    "boolean": lambda c, value: to_boolean(value),
    "not": lambda c, value: not to_boolean(value),
    "true": lambda c: True,
    "false": lambda c: False,
    "floor": lambda c, value: float(math.floor(to_number(value))),
    "ceiling": lambda c, value: float(math.ceil(to_number(value))),
    "round": lambda c, value: float(math.floor(to_number(value) + 0.5)),
    "concat": lambda c, *values: "".join(map(to_text, values)),
    "contains": lambda c, a, b: to_text(b) in to_text(a),
    "starts-with": lambda c, a, b: to_text(a).startswith(to_text(b)),
    "substring": lambda c, text, *range_: _substring(to_text(text), *map(to_number, range_)),
    "substring-before": lambda c, a, b: (
        to_text(a).partition(to_text(b))[0] if to_text(b) in to_text(a) else ""
    ),
    "substring-after": lambda c, a, b: to_text(a).partition(to_text(b))[2],
    "string-length": lambda c, value=None: float(
        len(c.node.value() if value is None else to_text(value))
    ),
    "normalize-space": lambda c, value=None: " ".join(
        (c.node.value() if value is None else to_text(value)).split()
    ),
    "translate": lambda c, a, b, d: _translate(to_text(a), to_text(b), to_text(d)),
}


def _call(name: str, arguments: list[_Step]) -> _Step:
    function = _FUNCTIONS.get(name)
    if function is None:
        raise XPathError(f"the function {name}() is not known")
    return lambda c: function(c, *(argument(c) for argument in arguments))


@dataclass(frozen=True)
class _LocationStep:
    """One step of a path: from nodes to nodes."""

    axis: str
    test: str
    predicates: tuple[_Step, ...]

    def candidates(self, node: Node) -> list[Node]:
        match self.axis:
            case "self":
                found = [node]
            case "parent":
                found = [node.parent] if node.parent is not None else []
            case "attribute":
                found = node.attributes
            case "below":
                found = list(node.below())
            case _:
                found = node.children
        return [candidate for candidate in found if self._fits(candidate)]

    def _fits(self, node: Node) -> bool:
        if self.test == "node()":
            return True
        if self.test == "text()":
            return node.kind == "text"
        wanted = "attribute" if self.axis == "attribute" else "element"
        return node.kind == wanted and self.test in ("*", node.name)

    def apply(self, node: Node) -> list[Node]:
        found = self.candidates(node)
        for predicate in self.predicates:
            kept = []
            for position, candidate in enumerate(found, 1):
                value = predicate(_Context(candidate, position, len(found)))
                if value == position if isinstance(value, float) else to_boolean(value):
                    kept.append(candidate)
            found = kept
        return found


def _walk(steps: list[_LocationStep], start: list[Node]) -> list[Node]:
    nodes = start
    for step in steps:
        unique: dict[int, Node] = {}
        for node in nodes:
            unique.update((id(found), found) for found in step.apply(node))
        nodes = list(unique.values())
    return nodes


def _root(node: Node) -> Node:
    while node.parent is not None:
        node = node.parent
    return node


class _Reader:
    """Reads an expression from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                raise XPathError(f"Invalid XPath '{text}' at {position}")
            self.tokens.append(match[1])
            position = match.end()
        self.place = 0

    def peek(self, ahead: int = 0) -> str:
        index = self.place + ahead
        return self.tokens[index] if index < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            raise XPathError(f"Invalid XPath '{self.text}': {expected or 'more'} expected")
        self.place += 1
        return token

    def skip(self, token: str) -> bool:
        if self.peek() == token:
            self.place += 1
            return True
        return False

    def whole(self) -> _Step:
        step = self.expression()
        if self.peek():
            raise XPathError(f"Invalid XPath '{self.text}' at {self.peek()!r}")
        return step

    def expression(self, level: int = 0) -> _Step:
        if level == len(_PRECEDENCE):
            return self.negation()
        step = self.expression(level + 1)
        while self.peek() in _PRECEDENCE[level]:
            step = _binary(self.take(), step, self.expression(level + 1))
        return step

    def negation(self) -> _Step:
        if self.skip("-"):
            inner = self.negation()
            return lambda c: -to_number(inner(c))
        step = self.path()
        while self.skip("|"):
            step = _union(step, self.path())
        return step

    def path(self) -> _Step:
        token = self.peek()
        if token[:1] in ("'", '"'):
            text = self.take()[1:-1]
            return lambda c: text
        if re.fullmatch(r"\d+(\.\d*)?|\.\d+", token):
            number = float(self.take())
            return lambda c: number
        if token == "(":
            self.take()
            inner = self.expression()
            self.take(")")
            return inner
        if self.peek(1) == "(" and token not in ("text", "node"):
            return self.function()
        return self.location()

    def function(self) -> _Step:
        name = self.take()
        self.take("(")
        arguments = []
        while not self.skip(")"):
            arguments.append(self.expression())
            self.skip(",")
        return _call(name, arguments)

    def location(self) -> _Step:
        steps: list[_LocationStep] = []
        absolute = self.peek() in ("/", "//")
        if self.skip("/") and not self.peek():
            return lambda c: [_root(c.node)]
        while True:
            if self.skip("//"):
                steps.append(_LocationStep("below", "node()", ()))
            steps.append(self.step())
            if self.peek() == "//":
                continue
            if not self.skip("/"):
                break
        return lambda c: _walk(steps, [_root(c.node) if absolute else c.node])

    def step(self) -> _LocationStep:
        axis = "child"
        if self.skip("."):
            return _LocationStep("self", "node()", self.predicates())
        if self.skip(".."):
            return _LocationStep("parent", "node()", self.predicates())
        if self.skip("@"):
            axis = "attribute"
        test = self.take()
        if not re.fullmatch(r"[A-Za-z_][\w.-]*|\*", test):
            raise XPathError(f"Invalid XPath '{self.text}' at {test!r}")
        if test in ("text", "node") and self.skip("("):
            self.take(")")
            test += "()"
        return _LocationStep(axis, test, self.predicates())

    def predicates(self) -> tuple[_Step, ...]:
        found = []
        while self.skip("["):
            found.append(self.expression())
            self.take("]")
        return tuple(found)


def _union(left: _Step, right: _Step) -> _Step:
    def both(context: _Context) -> list[Node]:
        nodes = {id(node): node for node in (*left(context), *right(context))}
        return [node for node in _root(context.node).below() if id(node) in nodes]

    return both


@lru_cache(256)
def _compiled(path: str) -> _Step:
    return _Reader(path).whole()


def evaluate(document: str, path: str) -> Any:
    """Return what an expression means for a document.

    Returns:
        A list of nodes, a text, a float or a bool.

    Raises:
        XPathError: If the text is no XML or the path no XPath.

    Example:
        >>> to_number(evaluate("<a><b>1</b><b>2</b></a>", "sum(a/b)"))
        3.0
    """
    return _compiled(path)(_Context(_document(document)))
