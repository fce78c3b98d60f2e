"""Nodes of variants to text: JSON, and the texts of single values.

Floating point numbers that Java would write with an exponent are written once for each distinct
one; values that no JSON text has, such as dates, one at a time.
"""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING, Any

from pyrite.sql.expressions.number_text import double_text
from pyrite.sql.functions.kernels.buffers import (
    binaries,
    copy_pieces,
    put_in,
    running_starts,
    slices_of,
)
from pyrite.sql.functions.kernels.variant_binary import decode
from pyrite.sql.functions.kernels.variant_encoding import encode_nodes
from pyrite.sql.functions.kernels.variant_nodes import (
    DECIMAL4,
    DOUBLE,
    FALSE,
    INT1,
    INT8,
    NULL,
    OBJECT,
    STRING,
    TRUE,
    Layout,
    Nodes,
    without_end_zeros,
)
from pyrite.sql.functions.kernels.variant_trees import to_json

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["json_texts", "number_texts", "string_texts", "trees"]

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b",
            "\f": "\\f"}  # fmt: skip


def json_texts(nodes: Nodes, zone: datetime.tzinfo) -> pa.Array:
    """Return each variant's JSON text; one without a node is empty.

    Args:
        nodes: The nodes.
        zone: The zone whose clocks show instants.
    """
    import numpy as np
    import pyarrow as pa

    nested = nodes.is_nested()
    leaves = np.flatnonzero(~nested)
    leaf_data, leaf_starts, leaf_lengths = slices_of(_leaf_texts(nodes, leaves, zone))
    labels = [json.dumps(name, ensure_ascii=False) + ":" for name in nodes.names.to_pylist()]
    key_data, key_starts, key_lengths = slices_of(pa.array([*labels, ""], pa.string()))
    key_lengths = key_lengths[nodes.key]
    follows = (nodes.parent >= 0) & (nodes.parent != np.arange(len(nodes)) - 1)
    heads = follows + key_lengths
    labels_end = heads.copy()
    heads[nested] += 1
    heads[leaves] += leaf_lengths
    layout = Layout(nodes)
    for level in layout.from_below():
        layout.sizes[level] = heads[level] + layout.inner[level] + nested[level]
    data = np.zeros(layout.place(heads), np.uint8)
    starts = layout.starts
    data[starts[follows]] = ord(",")
    named = np.flatnonzero(nodes.key >= 0)
    copy_pieces(
        key_data, key_starts[nodes.key[named]], key_lengths[named], data, (starts + follows)[named]
    )
    copy_pieces(leaf_data, leaf_starts, leaf_lengths, data, (starts + labels_end)[leaves])
    is_object = nodes.kind == OBJECT
    ends = starts + layout.sizes - 1
    for which, marks in ((is_object, b"{}"), (nested & ~is_object, b"[]")):
        data[(starts + labels_end)[which]], data[ends[which]] = marks[0], marks[1]
    return binaries(data, layout.row_starts, pa.string())


def trees(nodes: Nodes, places: Any) -> list[Any]:
    """Return the trees of some nodes, one at a time."""
    columns = encode_nodes(nodes.subtrees(places))
    return [decode(*pair) for pair in zip(*(c.to_pylist() for c in columns), strict=True)]


def string_texts(nodes: Nodes, places: Any) -> pa.Array:
    """Return the texts of nodes that are strings."""
    return _slices(nodes, places, nodes.length[places])


def _slices(nodes: Nodes, places: Any, lengths: Any) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    offsets = running_starts(lengths)
    data = np.zeros(int(offsets[-1]), np.uint8)
    copy_pieces(nodes.data, nodes.start[places], lengths, data, offsets[:-1])
    return binaries(data, offsets, pa.string())


def number_texts(nodes: Nodes, places: Any) -> pa.Array:
    """Return the texts of nodes that are numbers or truth values, null for other ones.

    Numbers of JSON are as they were written.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    kind, number = nodes.kind[places], nodes.number[places]
    texts = pa.nulls(len(places), pa.string())
    for word, found in (("true", TRUE), ("false", FALSE)):
        at = np.flatnonzero(kind == found)
        texts = put_in(texts, pa.array([word] * len(at), pa.string()), at)
    if nodes.end is not None:
        at = np.flatnonzero((kind >= INT1) & (kind <= DECIMAL4 + 1))
        lengths = nodes.end[places[at]] - nodes.start[places[at]]
        return put_in(texts, _slices(nodes, places[at], lengths), at)
    at = np.flatnonzero((kind >= INT1) & (kind <= INT8))
    texts = put_in(texts, pc.cast(pa.array(number[at]), pa.string()), at)
    at = np.flatnonzero((kind == DECIMAL4) | (kind == DECIMAL4 + 1))
    if len(at):
        texts = put_in(texts, _decimal_texts(number[at], nodes.scale[places][at]), at)
    at = np.flatnonzero(kind == DOUBLE)
    if len(at):
        texts = put_in(texts, _double_texts(number[at].view(np.float64)), at)
    return texts


def _decimal_texts(unscaled: Any, scale: Any) -> pa.Array:
    """Write decimals without the zeros at their ends."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    size, scale = without_end_zeros(unscaled, scale)
    powers = 10**scale
    whole, part = np.divmod(size, powers)
    signs = pa.array(np.where((unscaled < 0) & (size > 0), "-", ""))
    plain = pc.binary_join_element_wise(signs, pc.cast(pa.array(whole), pa.string()), "")
    # A one in front keeps the zeros behind the point.
    fraction = pc.utf8_slice_codeunits(pc.cast(pa.array(part + powers), pa.string()), 1)
    joined = pc.binary_join_element_wise(plain, fraction, ".")
    return pc.if_else(pa.array(scale > 0), joined, plain)


def _double_texts(doubles: Any) -> pa.Array:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    sizes = np.abs(doubles)
    plain = (sizes >= 1e-3) & (sizes < 1e7)
    texts = pc.cast(pa.array(doubles), pa.string())
    pointed = pc.if_else(
        pc.match_substring(texts, "."), texts, pc.binary_join_element_wise(texts, "0", ".")
    )
    others = np.flatnonzero(~plain)
    distinct, places = np.unique(doubles[others].view(np.int64), return_inverse=True)
    written = [double_text(double) for double in distinct.view(np.float64).tolist()]
    return put_in(pointed, pa.array(written, pa.string()).take(pa.array(places)), others)


def _leaf_texts(nodes: Nodes, leaves: Any, zone: datetime.tzinfo) -> pa.Array:
    """Return values that have no parts as JSON."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = nodes.kind[leaves]
    texts = number_texts(nodes, leaves)
    if (kind == DOUBLE).any():
        ends = pc.match_substring_regex(texts, r"[yN]$").fill_null(False)
        texts = pc.if_else(ends, pc.binary_join_element_wise('"', texts, '"', ""), texts)
    at = np.flatnonzero(kind == NULL)
    texts = put_in(texts, pa.array(["null"] * len(at), pa.string()), at)
    at = np.flatnonzero(kind == STRING)
    texts = put_in(texts, _quoted(string_texts(nodes, leaves[at])), at)
    if texts.null_count:
        at = np.flatnonzero(texts.is_null().to_numpy(zero_copy_only=False))
        others = [to_json(tree, zone) for tree in trees(nodes, leaves[at])]
        texts = put_in(texts, pa.array(others, pa.string()), at)
    return texts


def _quoted(texts: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pc.any(pc.match_substring_regex(texts, r'[\x00-\x1f"\\]')).as_py():
        for mark, escape in _ESCAPES.items():
            texts = pc.replace_substring(texts, mark, escape)
        odd = pc.match_substring_regex(texts, r"[\x00-\x1f]")
        if pc.any(odd).as_py():
            for code in range(0x20):
                texts = pc.replace_substring(texts, chr(code), f"\\u{code:04x}")
    return pc.binary_join_element_wise(pa.scalar('"'), texts, pa.scalar('"'), "")
