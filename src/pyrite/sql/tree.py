"""TreeNode: immutable trees that are rewritten by rebuilding what changed.

A node is a frozen dataclass. Its children are the nodes of its own kind found in its fields,
directly or inside tuples, so a new node class declares its fields and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

__all__ = ["TreeNode", "remembered"]

T = TypeVar("T")
N = TypeVar("N", bound="TreeNode")


@cache
def _names(node_class: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(node_class))


#: The fields of a node class, looked up once.
_field_names: Callable[[Any], tuple[str, ...]] = _names


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


def _values(value: Any, kind: type[T]) -> Iterator[T]:
    if isinstance(value, kind):
        yield value
    elif type(value) is tuple:
        for item in value:
            yield from _values(item, kind)


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
                known = node._remembered
            except AttributeError:
                known = {}
                object.__setattr__(node, "_remembered", known)
            if self._name not in known:
                known[self._name] = self._compute(node)
            return known[self._name]


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

    def nodes_of(self, kind: type[T]) -> Iterator[T]:
        """Yield the ``kind`` values in this node's own fields."""
        for name in _field_names(type(self)):
            yield from _values(getattr(self, name), kind)

    def map_nodes(self: N, kind: type[T], function: Callable[[T], Any]) -> N:
        """Rebuild this node with ``function`` applied to the ``kind`` values in its fields."""
        changed = False
        arguments = []
        for name in _field_names(type(self)):
            old = getattr(self, name)
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
        yield self
        for child in self.children:
            yield from child.walk()

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
