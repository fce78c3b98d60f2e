"""TreeNode: immutable trees that are rewritten by rebuilding what changed.

A node is a frozen dataclass. Its children are the nodes of its own kind found in its fields,
directly or inside tuples, so a new node class declares its fields and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

__all__ = ["TreeNode", "remembered"]

T = TypeVar("T")
N = TypeVar("N", bound="TreeNode")


@cache
def _getter(node_class: Any) -> Callable[[Any], tuple[Any, ...]]:
    names = [field.name for field in fields(node_class)]
    if len(names) > 1:
        return attrgetter(*names)
    return lambda node: tuple(getattr(node, name) for name in names)


def _field_values(node: TreeNode) -> tuple[Any, ...]:
    """Return what is in a node's own fields."""
    return _getter(type(node))(node)  # type: ignore[arg-type]


def map_values(value: Any, kind: type[T], function: Callable[[T], Any]) -> Any:
    """Apply ``function`` to ``value`` if it is a ``kind``, or to those inside a tuple.

    Returns:
        The same object when nothing changed.
    """
    if isinstance(value, kind):
        return function(value)
    if type(value) is tuple and value:
        mapped = tuple([map_values(item, kind, function) for item in value])
        for old, new in zip(value, mapped, strict=True):
            if old is not new:
                return mapped
    return value


def _gather(values: tuple[Any, ...], kind: type[T], found: list[T]) -> None:
    """Add the ``kind`` among some values, and inside of the tuples among them."""
    for value in values:
        if isinstance(value, kind):
            found.append(value)
        elif type(value) is tuple and value:
            _gather(value, kind, found)


if TYPE_CHECKING:
    from builtins import property as remembered
else:

    class remembered:  # noqa: N801 (used as property is)
        """A property that each node works out once; nodes never change."""

        def __init__(self, compute: Callable[[TreeNode], Any]) -> None:
            self._compute = compute
            self.__doc__ = compute.__doc__

        def __set_name__(self, owner: type[Any], name: str) -> None:
            self._name = name

        def __get__(self, node: TreeNode | None, owner: type[Any]) -> Any:
            if node is None:
                return self
            try:
                return node._remembered[self._name]
            except AttributeError:
                known: dict[str, Any] = {}
                object.__setattr__(node, "_remembered", known)
            except KeyError:
                known = node._remembered
            value = known[self._name] = self._compute(node)
            return value


class TreeNode:
    """A node of an expression or a plan.

    Attributes:
        kind: The class whose instances count as children; a base class of the tree sets it.
    """

    __slots__ = ("_remembered",)
    kind: ClassVar[type[Any]]

    @remembered
    def children(self: N) -> tuple[N, ...]:
        """The nodes of the same tree right below this one, in field order."""
        return tuple(self.nodes_of(self.kind))

    @property
    def mark(self) -> object:
        """What ``marks`` knows this node by."""
        return type(self)

    @remembered
    def marks(self) -> frozenset[object]:
        """What there is in this node and below it, of whatever kind: classes, names of functions.

        Expressions are below their plan, and plans below the subquery expression they are in.
        """
        found: set[object] = set()
        nodes: list[TreeNode] = [self]
        while nodes:
            node = nodes.pop()
            found.add(node.mark)
            _gather(_field_values(node), TreeNode, nodes)
        return frozenset(found)

    def nodes_of(self, kind: type[T]) -> list[T]:
        """Return the ``kind`` values in this node's own fields."""
        found: list[T] = []
        _gather(_field_values(self), kind, found)
        return found

    def map_nodes(self: N, kind: type[T], function: Callable[[T], Any]) -> N:
        """Rebuild this node with ``function`` applied to the ``kind`` values in its fields."""
        changed = False
        arguments = []
        for old in _field_values(self):
            new = map_values(old, kind, function)
            changed = changed or new is not old
            arguments.append(new)
        return type(self)(*arguments) if changed else self

    def map_children(self: N, function: Callable[[N], N]) -> N:
        """Rebuild this node with ``function`` applied to each child."""
        return self.map_nodes(self.kind, function)

    def transform_up(self: N, rule: Callable[[N], N]) -> N:
        """Rewrite the tree from the leaves to the root."""
        return rule(self.map_children(lambda child: child.transform_up(rule)))

    def transform_down(self: N, rule: Callable[[N], N]) -> N:
        """Rewrite the tree from the root to the leaves."""
        return rule(self).map_children(lambda child: child.transform_down(rule))

    def walk(self: N) -> Iterator[N]:
        """Yield this node and all below it, parents first."""
        nodes = [self]
        while nodes:
            node = nodes.pop()
            yield node
            if children := node.children:
                nodes.extend(reversed(children))

    def contains(self, asked: Callable[[TreeNode], bool]) -> bool:
        """Whether this node or one below it, of whatever kind, is asked for.

        Expressions are below their plan, and plans below the subquery expression they are in.
        """
        nodes: list[TreeNode] = [self]
        while nodes:
            node = nodes.pop()
            if asked(node):
                return True
            nodes.extend(node.nodes_of(TreeNode))
        return False

    def find(self, kind: type[T]) -> T | None:
        """Return the first node of a class in this tree, None if there is none."""
        for node in self.walk():
            if isinstance(node, kind):
                return node
        return None
