"""Nodes of variants to their bytes, a whole column at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.kernels.buffers import (
    binaries,
    copy_pieces,
    running_starts,
    slices_of,
)
from pyrite.sql.functions.kernels.variant_nodes import ARRAY, OBJECT, STRING, Layout, Nodes

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["encode_nodes"]

_LONGEST_SHORT_STRING = 63
_BINARY, _DECIMALS, _DECIMAL16 = 15, (8, 9, 10), 10
#: Bytes of each kind, without those of a text.
_SIZES = {
    **dict.fromkeys((0, 1, 2), 1), 3: 2, 4: 3, 5: 5, 6: 9, 7: 9, 8: 6, 9: 10, 10: 2, 11: 5,
    12: 9, 13: 9, 14: 5, _BINARY: 5, STRING: 5, 17: 9, 18: 9, 19: 9, 20: 1,
}  # fmt: skip


def encode_nodes(nodes: Nodes) -> tuple[pa.Array, pa.Array]:
    """Return the values and the metadata of variants; those without a node are empty.

    Args:
        nodes: The nodes; no object has a name twice.
    """
    ids, metadata = _dictionaries(nodes)
    return _values(nodes, ids), metadata


def _widths(numbers: Any) -> Any:
    """Return how many bytes numbers need that stand side by side."""
    return 1 + (numbers >= 1 << 8) + (numbers >= 1 << 16) + (numbers >= 1 << 24)


def _put(buffer: Any, places: Any, numbers: Any, widths: Any) -> None:
    """Write numbers, each with its width, in little-endian order."""
    for byte in range(int(widths.max(initial=0))):
        wide = widths > byte
        if wide.all():
            buffer[places + byte] = numbers >> 8 * byte & 255
        else:
            buffer[places[wide] + byte] = numbers[wide] >> 8 * byte & 255


def _dictionaries(nodes: Nodes) -> tuple[Any, pa.Array]:
    """Return each node's place among its variant's names, and the metadata that lists these."""
    import numpy as np
    import pyarrow as pa

    ids = np.zeros(len(nodes), np.int64)
    named = np.flatnonzero(nodes.key >= 0)
    of_row = nodes.row[named] * max(len(nodes.names), 1) + nodes.key[named]
    # Equal numbers get one code each, in the order of their first ones: that of the rows.
    coded = pa.array(of_row).dictionary_encode()
    codes = coded.indices.to_numpy(zero_copy_only=False)
    distinct = coded.dictionary.to_numpy(zero_copy_only=False)
    rows, keys = np.divmod(distinct, max(len(nodes.names), 1))
    counts = np.bincount(rows, minlength=nodes.rows)
    first = running_starts(counts)
    ids[named] = codes - first[nodes.row[named]]

    names, starts, lengths = slices_of(nodes.names)
    sizes = lengths[keys]
    offsets = running_starts(sizes)
    texts = offsets[first[1:]] - offsets[first[:-1]]
    widths = _widths(np.maximum(counts, texts))
    present = np.zeros(nodes.rows, bool)
    present[nodes.row] = True
    row_starts = running_starts(np.where(present, 1 + widths * (counts + 2) + texts, 0))
    data = np.zeros(int(row_starts[-1]), np.uint8)
    at, widths, counts, texts = (
        column[present] for column in (row_starts[:-1], widths, counts, texts)
    )
    data[at] = 1 | widths - 1 << 6
    _put(data, at + 1, counts, widths)
    _put(data, at + 1 + widths * (counts + 1), texts, widths)
    of_row = np.repeat(np.arange(len(at)), counts)
    base, width = at[of_row], widths[of_row]
    within = offsets[:-1] - np.repeat(offsets[first[:-1]][present], counts)
    place = np.arange(len(keys)) - np.repeat(first[:-1][present], counts)
    _put(data, base + 1 + width * (1 + place), within, width)
    copy_pieces(names, starts[keys], sizes, data, base + 1 + width * (counts[of_row] + 2) + within)
    return ids, binaries(data, row_starts, pa.binary())


def _values(nodes: Nodes, ids: Any) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    kind, length = nodes.kind, nodes.length
    is_object, is_nested = kind == OBJECT, nodes.is_nested()
    is_short = (kind == STRING) & (length <= _LONGEST_SHORT_STRING)
    layout = Layout(nodes)
    counts = layout.counts
    most = np.zeros(len(nodes), np.int64)
    np.maximum.at(most, nodes.parent[layout.child], ids[layout.child])
    id_widths = np.where(is_object, _widths(most), 0)
    count_widths = np.where(counts > 255, 4, 1)
    sizes = np.array([_SIZES.get(number, 0) for number in range(ARRAY + 1)])[kind]
    heads = np.where(is_short, 1, sizes)
    widths = np.zeros(len(nodes), np.int64)
    for level in layout.from_below():
        nested = level[is_nested[level]]
        width = _widths(layout.inner[nested])
        widths[nested] = width
        count = counts[nested]
        heads[nested] = 1 + count_widths[nested] + id_widths[nested] * count + width * (count + 1)
        layout.sizes[level] = heads[level] + layout.inner[level] + length[level]
    data = np.zeros(layout.place(heads), np.uint8)
    starts = layout.starts

    bits = np.where(is_object, id_widths - 1 << 2 | widths - 1, widths - 1)
    large = (counts > 255) << np.where(is_object, 4, 2)
    data[starts] = np.where(
        is_nested,
        (large | bits) << 2 | np.where(is_object, 2, 3),
        np.where(is_short, length << 2 | 1, kind.astype(np.int64) << 2),
    )
    _leaves(nodes, data, starts, heads, is_short)
    nested = np.flatnonzero(is_nested)
    _put(data, starts[nested] + 1, counts[nested], count_widths[nested])
    tables = starts + 1 + count_widths
    ends = tables + (id_widths + widths) * counts
    _put(data, ends[nested], layout.inner[nested], widths[nested])
    child, place = _in_name_order(nodes, layout.child)
    parent = nodes.parent[child]
    _put(data, tables[parent] + id_widths[parent] * place, ids[child], id_widths[parent])
    offsets = tables[parent] + id_widths[parent] * counts[parent] + widths[parent] * place
    _put(data, offsets, layout.offsets[child], widths[parent])
    return binaries(data, layout.row_starts, pa.binary())


def _leaves(nodes: Nodes, data: Any, starts: Any, heads: Any, is_short: Any) -> None:
    """Write numbers and texts."""
    import numpy as np

    kind = nodes.kind
    scaled = np.flatnonzero((kind >= _DECIMALS[0]) & (kind <= _DECIMALS[-1]))
    data[starts[scaled] + 1] = nodes.scale[scaled]
    counted = np.flatnonzero(((kind == STRING) & ~is_short) | (kind == _BINARY))
    _put(data, starts[counted] + 1, nodes.length[counted], np.full(len(counted), 4))
    has_number = ~nodes.is_nested() & (heads > 1) & (kind != STRING) & (kind != _BINARY)
    numbers = np.flatnonzero(has_number & (kind != _DECIMAL16))
    skipped = np.isin(kind[numbers], _DECIMALS) + 1
    at = starts[numbers]
    _put(data, at + skipped, nodes.number[numbers], heads[numbers] - skipped)
    texts = np.flatnonzero(nodes.length > 0)
    copy_pieces(nodes.data, nodes.start[texts], nodes.length[texts], data, (starts + heads)[texts])


def _in_name_order(nodes: Nodes, child: Any) -> tuple[Any, Any]:
    """Return children by their parents, fields by name, and the place of each among them."""
    import numpy as np
    import pyarrow.compute as pc

    sorted_names = pc.sort_indices(nodes.names).to_numpy()
    ranks = np.zeros(len(nodes.names) + 1, np.int64)
    ranks[sorted_names] = np.arange(len(sorted_names))  # elements, at -1, stay as they are
    parent = nodes.parent[child]
    order = np.argsort(parent * (len(nodes.names) + 1) + ranks[nodes.key[child]], kind="stable")
    parents = parent[order]
    first = np.flatnonzero(np.diff(parents, prepend=-1))
    place = np.arange(len(order)) - np.repeat(first, np.diff(first, append=len(order)))
    return child[order], place
