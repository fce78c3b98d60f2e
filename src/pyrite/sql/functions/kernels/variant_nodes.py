"""A column of variants as a flat table of nodes: every value in every variant is one row of it.

What takes a variant apart or puts it together works on these columns, level by level of the
trees and never node by node: ``json_nodes`` makes them of JSON texts, ``variant_decoding`` of
variants' bytes, and ``variant_encoding`` and ``variant_json`` write them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.kernels.buffers import running_starts

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "ARRAY",
    "DECIMAL4",
    "DECIMAL16",
    "DOUBLE",
    "FALSE",
    "FLOAT",
    "INT1",
    "INT8",
    "NULL",
    "OBJECT",
    "STRING",
    "TRUE",
    "Layout",
    "Nodes",
    "in_depth_order",
    "without_end_zeros",
]

#: Kinds of nodes: the numbers of the format's primitive types, and two for nested values.
NULL, TRUE, FALSE, INT1, INT8, DOUBLE, DECIMAL4, DECIMAL16 = 0, 1, 2, 3, 6, 7, 8, 10
FLOAT, STRING, OBJECT, ARRAY = 14, 16, 32, 33


@dataclass(frozen=True)
class Nodes:
    """Nodes in the order of their texts: a parent before its children, a row before the next.

    All but ``rows``, ``names`` and ``data`` are numpy arrays of one length.

    Attributes:
        rows: How many variants there are; some may have no node.
        row: The variant each node belongs to.
        parent: The node it is a part of, -1 for a whole variant.
        depth: How many nodes there are above it.
        kind: What it is.
        key: The place of its name in ``names``, -1 if it has none.
        number: A number's value, unscaled for a decimal; the bits of a floating point number.
        scale: How many digits of a decimal are after its point.
        start: Where the bytes of a text, or of a decimal of 16 bytes, begin in ``data``. In JSON,
            where any value does.
        length: How many these are.
        names: The names of fields, each one once.
        data: Bytes of texts.
        end: Where each value's text ends in ``data``, in JSON; that of numbers and texts.
    """

    rows: int
    row: Any
    parent: Any
    depth: Any
    kind: Any
    key: Any
    number: Any
    scale: Any
    start: Any
    length: Any
    names: pa.Array
    data: Any
    end: Any = None

    def __len__(self) -> int:
        return len(self.row)

    def levels(self) -> list[Any]:
        """Return the places of the nodes of each depth, the roots first."""
        import numpy as np

        order = np.argsort(self.depth, kind="stable")
        counts = np.bincount(self.depth) if len(self) else np.zeros(0, np.int64)
        return np.split(order, np.cumsum(counts)[:-1]) if len(counts) else []

    def children(self) -> tuple[Any, Any]:
        """Return all parts, those of one node after each other, and where each node's begin."""
        import numpy as np

        parts = np.flatnonzero(self.parent >= 0)
        parts = parts[np.argsort(self.parent[parts], kind="stable")]
        return parts, running_starts(np.bincount(self.parent[parts], minlength=len(self)))

    def subtrees(self, places: Any) -> Nodes:
        """Return nodes, with all below them, as variants of their own."""
        import numpy as np

        sizes = np.ones(len(self) + 1, np.int64)
        for level in reversed(self.levels()[1:]):
            sizes += np.bincount(self.parent[level], sizes[level], len(sizes)).astype(np.int64)
        lengths = sizes[places]
        starts = running_starts(lengths)
        row = np.repeat(np.arange(len(places)), lengths)
        taken = np.arange(len(row)) + (places - starts[:-1])[row]
        parent = self.parent[taken] + (starts[:-1] - places)[row]
        parent[starts[:-1]] = -1
        key = self.key[taken]
        key[starts[:-1]] = -1
        return Nodes(
            len(places),
            row,
            parent,
            self.depth[taken] - self.depth[places][row],
            self.kind[taken],
            key,
            self.number[taken],
            self.scale[taken],
            self.start[taken],
            self.length[taken],
            self.names,
            self.data,
            None if self.end is None else self.end[taken],
        )

    def is_nested(self) -> Any:
        """Return which nodes are objects or arrays."""
        return self.kind >= OBJECT


class Layout:
    """Where each node goes when every node is written as a head and then its children.

    Attributes:
        counts: How many children each node has.
        inner: How many bytes they take together.
        sizes: How many bytes each node takes.
        starts: Where each node begins; rows follow each other.
        offsets: Where each node begins, counted from its first sibling.
        row_starts: Where each row begins, and the end.
    """

    def __init__(self, nodes: Nodes) -> None:
        import numpy as np

        self.nodes = nodes
        self.levels = nodes.levels()
        self.child = np.flatnonzero(nodes.parent >= 0)
        self.counts = np.bincount(nodes.parent[self.child], minlength=len(nodes))
        self.inner = np.zeros(len(nodes), np.int64)
        self.sizes = np.zeros(len(nodes), np.int64)
        self.offsets = np.zeros(len(nodes), np.int64)
        self.starts = np.zeros(len(nodes), np.int64)
        self.row_starts = np.zeros(nodes.rows + 1, np.int64)

    def from_below(self) -> Iterator[Any]:
        """Yield the nodes of each depth, the deepest first, when their ``inner`` is known.

        Who iterates puts their ``sizes`` in.
        """
        import numpy as np

        for depth in range(len(self.levels) - 1, -1, -1):
            level = self.levels[depth]
            yield level
            if not depth:
                continue
            sizes, parents = self.sizes[level], self.nodes.parent[level]
            before = running_starts(sizes)
            first = np.flatnonzero(np.diff(parents, prepend=-1))  # siblings stand together
            sums = np.add.reduceat(sizes, first)
            self.inner[parents[first]] = sums
            self.offsets[level] = before[:-1] - np.repeat(
                before[first], np.diff(first, append=len(level))
            )

    def place(self, heads: Any) -> int:
        """Find where nodes begin.

        Args:
            heads: How many bytes each node has before its children.

        Returns:
            How many bytes there are in all.
        """
        nodes = self.nodes
        if not self.levels:
            return 0
        roots = self.levels[0]
        self.row_starts[nodes.row[roots] + 1] = self.sizes[roots]
        self.row_starts[:] = self.row_starts.cumsum()
        self.starts[roots] = self.row_starts[nodes.row[roots]]
        for level in self.levels[1:]:
            above = nodes.parent[level]
            self.starts[level] = self.starts[above] + heads[above] + self.offsets[level]
        return int(self.row_starts[-1])


def in_depth_order(parents: list[Any]) -> Any:
    """Return the places that nodes have when each stands before its children.

    Args:
        parents: For each depth, the place of each node's parent among all nodes; nodes count on
            from one depth to the next, and siblings follow each other.
    """
    import numpy as np

    bounds = running_starts(np.array([len(level) for level in parents]))
    sizes = np.ones(int(bounds[-1]), np.int64)
    for depth in range(len(parents) - 1, 0, -1):
        above = parents[depth]
        counted = np.bincount(above, sizes[bounds[depth] : bounds[depth + 1]], len(sizes))
        sizes += counted.astype(np.int64)
    places = np.zeros(len(sizes), np.int64)
    for depth, above in enumerate(parents):
        level = slice(int(bounds[depth]), int(bounds[depth + 1]))
        before = running_starts(sizes[level])[:-1]
        if not depth:
            places[level] = before
            continue
        first = np.flatnonzero(np.diff(above, prepend=-1))
        lengths = np.diff(first, append=len(above))
        places[level] = places[above] + 1 + before - np.repeat(before[first], lengths)
    return places


def without_end_zeros(unscaled: Any, scale: Any) -> tuple[Any, Any]:
    """Return the sizes and scales of decimals without the zeros at the ends of their fractions."""
    import numpy as np

    size, scale = np.abs(unscaled), scale.astype(np.int64)
    while (longer := (scale > 0) & (size % 10 == 0)).any():
        size, scale = np.where(longer, size // 10, size), scale - longer
    return size, scale
