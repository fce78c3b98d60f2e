"""The schemas of a column of variants: each shape that occurs is looked at once.

From the leaves up every node gets a number for its schema, so that nodes whose parts have the
same names and numbers share theirs. Python makes a type for each number, not for each node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.kernels.buffers import binaries, running_starts
from pyrite.sql.functions.kernels.variant_json import trees
from pyrite.sql.functions.kernels.variant_nodes import (
    ARRAY,
    DECIMAL4,
    DECIMAL16,
    OBJECT,
    Nodes,
    without_end_zeros,
)
from pyrite.sql.functions.kernels.variant_trees import merged_schema, schema_of, schema_text
from pyrite.sql.types import ArrayType, DataType, StructField, StructType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["merged_schema_texts", "schema_texts"]


def schema_texts(nodes: Nodes) -> pa.Array:
    """Return the text of each variant's schema, null for one without a node."""
    import numpy as np
    import pyarrow as pa

    types, codes = _schemas(nodes)
    roots = np.flatnonzero(nodes.parent < 0)
    of_row = np.full(nodes.rows, -1)
    of_row[nodes.row[roots]] = codes[roots]
    distinct, places = np.unique(of_row, return_inverse=True)
    texts = [None if code < 0 else schema_text(types[code]) for code in distinct.tolist()]
    return pa.array(texts, pa.string()).take(pa.array(places))


def merged_schema_texts(nodes: Nodes, groups: Any, count: int) -> pa.Array:
    """Return the text of the schema that each group's variants have in common.

    Args:
        nodes: The nodes of all variants.
        groups: The group that each variant is in.
        count: How many groups there are.
    """
    import numpy as np
    import pyarrow as pa

    types, codes = _schemas(nodes)
    roots = np.flatnonzero(nodes.parent < 0)
    found: list[list[DataType]] = [[] for _ in range(count)]
    pairs = np.unique(np.stack([groups[nodes.row[roots]], codes[roots]]), axis=1)
    for group, code in pairs.T.tolist():
        found[group].append(types[code])
    return pa.array([schema_text(merged_schema(some)) for some in found], pa.string())


def _schemas(nodes: Nodes) -> tuple[list[DataType], Any]:
    """Return types, and for each node which of them is its schema."""
    import numpy as np

    codes = np.full(len(nodes), -1)
    leaves = np.flatnonzero(~nodes.is_nested())
    _, first, places = np.unique(_leaf_marks(nodes)[leaves], return_index=True, return_inverse=True)
    types = [schema_of(tree) for tree in trees(nodes, leaves[first])]
    codes[leaves] = places
    parts, starts = nodes.children()
    names = nodes.names.to_pylist()
    for level in reversed(nodes.levels()):
        for kind, make in ((OBJECT, _struct), (ARRAY, _array)):
            nested = level[nodes.kind[level] == kind]
            if not len(nested):
                continue
            lengths = starts[nested + 1] - starts[nested]
            of = np.repeat(np.arange(len(nested)), lengths)
            taken = np.arange(len(of)) + (starts[nested] - running_starts(lengths)[:-1])[of]
            words = np.stack([of, nodes.key[parts[taken]], codes[parts[taken]]])
            if kind == ARRAY:  # how many there are of a type, and where, does not matter
                words = np.unique(words, axis=1)
            signatures = _signatures(words, len(nested)).dictionary_encode()
            made = signatures.indices.to_numpy(zero_copy_only=False)
            codes[nested] = made + len(types)
            distinct = [np.frombuffer(s, np.int64) for s in signatures.dictionary.to_pylist()]
            types += [make(pairs.reshape(-1, 2).tolist(), names, types) for pairs in distinct]
    return types, codes


def _leaf_marks(nodes: Nodes) -> Any:
    """Return numbers that are the same for leaves of one schema only."""
    import numpy as np

    size, scale = without_end_zeros(nodes.number, nodes.scale)
    powers = 10 ** np.arange(19, dtype=np.int64)
    precision = np.maximum(np.searchsorted(powers, size, "right"), 1)
    is_decimal = (nodes.kind >= DECIMAL4) & (nodes.kind <= DECIMAL4 + 1)
    kind = nodes.kind.astype(np.int64)
    marks = np.where(is_decimal, kind | precision << 8 | scale << 16, kind)
    wide = nodes.kind == DECIMAL16  # whose digits are not counted: each for itself
    return np.where(wide, -1 - np.arange(len(marks)), marks)


def _signatures(words: Any, count: int) -> pa.Array:
    """Return the names and schemas of each node's parts as one binary."""
    import numpy as np
    import pyarrow as pa

    sizes = np.bincount(words[0], minlength=count) * 16
    data = np.ascontiguousarray(words[1:].T.astype(np.int64)).view(np.uint8).ravel()
    return binaries(data, running_starts(sizes), pa.binary())


def _struct(pairs: list[list[int]], names: list[str], types: list[DataType]) -> DataType:
    return StructType([StructField(names[key], types[code]) for key, code in pairs])


def _array(pairs: list[list[int]], names: list[str], types: list[DataType]) -> DataType:
    return ArrayType(merged_schema(types[code] for _, code in pairs))
