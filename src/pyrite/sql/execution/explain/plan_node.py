"""PlanNode: what a plan's picture is made of, and the two pictures: a tree, a numbered list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["PlanNode", "formatted_text", "tree_text"]


@dataclass(frozen=True, eq=False)
class PlanNode:
    """One line of a plan.

    Attributes:
        name: The operator.
        arguments: What follows its name on its line.
        children: Its inputs.
        details: What the numbered list says of it, as pairs of a title and a text.
        title: Its name in the numbered list, when it is another.
        inner: A plan that is shown below it though it is no input: where cached rows came from.
    """

    name: str
    arguments: str = ""
    children: tuple[PlanNode, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    title: str = ""
    inner: PlanNode | None = None

    @property
    def line(self) -> str:
        """The operator and its arguments."""
        return f"{self.name} {self.arguments}".rstrip()

    @property
    def heading(self) -> str:
        """What the numbered list calls it."""
        return self.title if self.title.startswith("Scan") else self.name.partition("(")[0]


#: From the front of a node's own line, and of those below it, to a text for each node.
_Lines = Iterator[tuple[str, PlanNode]]


def _walk(node: PlanNode, first: str = "", rest: str = "") -> _Lines:
    yield first, node
    for index, child in enumerate(node.children):
        last = index == len(node.children) - 1
        branch, below = ("+- ", "   ") if last else (":- ", ":  ")
        yield from _walk(child, rest + branch, rest + below)
    if node.inner is not None:
        yield from _walk(node.inner, f"{rest}   +- ", f"{rest}      ")


def tree_text(node: PlanNode) -> str:
    """Draw a plan with its root on top.

    Example:
        >>> print(tree_text(PlanNode("Filter", "(id > 1)", (PlanNode("Range"),))))
        Filter (id > 1)
        +- Range
    """
    return "\n".join(front + line.line for front, line in _walk(node))


def formatted_text(node: PlanNode) -> str:
    """Draw a plan by its names and numbers, and list below what each operator does.

    Inputs have smaller numbers than what reads them.
    """
    numbers: dict[PlanNode, int] = {}
    _number(node, numbers)
    tree = [f"{front}{n.title or n.name} ({numbers[n]})" for front, n in _walk(node)]
    parts = []
    for numbered, number in sorted(numbers.items(), key=lambda item: item[1]):
        details = [f"{title}: {text}" for title, text in numbered.details]
        parts.append("\n".join([f"({number}) {numbered.heading}", *details]))
    return "\n".join(tree) + "\n\n\n" + "\n\n".join(parts) + "\n"


def _number(node: PlanNode, numbers: dict[PlanNode, int]) -> None:
    for child in node.children:
        _number(child, numbers)
    numbers[node] = len(numbers) + 1
    if node.inner is not None:
        _number(node.inner, numbers)
