"""Variants' bytes to their nodes, a whole column at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.kernels.buffers import binaries, copy_pieces, running_starts, slices_of
from pyrite.sql.functions.kernels.variant_nodes import (
    ARRAY,
    OBJECT,
    STRING,
    Nodes,
    in_depth_order,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["VariantColumn"]

_SHORT_STRING, _OBJECT = 1, 2
_BINARY, _DECIMALS, _DECIMAL16, _UUID = 15, (8, 9, 10), 10, 20
#: Bytes of the numbers of each kind.
_NUMBERS = {
    3: 1, 4: 2, 5: 4, 6: 8, 7: 8, 8: 4, 9: 8, 11: 4, 12: 8, 13: 8, 14: 4, 17: 8, 18: 8, 19: 8,
}  # fmt: skip


class VariantColumn:
    """A column of variants that are well-formed.

    Args:
        variants: An Arrow array of structs of a value and its metadata.
    """

    def __init__(self, variants: pa.Array) -> None:
        import numpy as np
        import pyarrow.compute as pc

        self.rows = len(variants)
        self.missing = variants.is_null().to_numpy(zero_copy_only=False)
        self.data, self.starts, self.lengths = slices_of(pc.struct_field(variants, "value"))
        metadata = pc.struct_field(variants, "metadata").dictionary_encode()
        codes = metadata.indices.to_numpy(zero_copy_only=False)
        self._dictionary = np.where(self.missing, -1, np.nan_to_num(codes, nan=-1)).astype(int)
        self.names, self._keys, self._first = _names_of(metadata.dictionary)

    def key_of(self, rows: Any, ids: Any) -> Any:
        """Return the places in ``names`` that ids stand for in some rows."""
        return self._keys[self._first[self._dictionary[rows]] + ids]

    def find(self, path: tuple[str | int, ...], among: Any = True) -> Any:
        """Return where in ``data`` a path leads to in each row, -1 for nowhere.

        Args:
            path: Names and indexes.
            among: In which rows to look: numpy booleans.
        """
        import numpy as np

        at = np.where(self.missing | ~np.asarray(among), -1, self.starts)
        known = {name: place for place, name in enumerate(self.names.to_pylist())}
        for step in path:
            rows = np.flatnonzero(at >= 0)
            parts = _Parts(self.data, at[rows])
            at[:] = -1
            if isinstance(step, int):
                has = (parts.basic == ARRAY - 30) & (step < parts.counts)
                index = np.full(len(rows), step)
            else:
                of, ids = parts.field_ids()
                keys = self.key_of(rows[of], ids) if len(of) else ids
                hits = np.flatnonzero(keys == known.get(step, -2))
                has = np.zeros(len(rows), bool)
                index = np.zeros(len(rows), np.int64)
                has[of[hits]] = True
                index[of[hits]] = hits - parts.first[of[hits]]
            at[rows[has]] = parts.child_at(np.flatnonzero(has), index[has])
        return at

    def parts(self) -> tuple[Any, pa.Array, pa.Array]:
        """Return the fields and elements of each variant, those of rows after each other.

        Returns:
            Where those of each row begin, and the end; their names, null for elements; and their
            values, for the same metadata.
        """
        import numpy as np
        import pyarrow as pa

        rows = np.flatnonzero(~self.missing)
        parts = _Parts(self.data, self.starts[rows])
        parent, index = parts.children()
        at, row = parts.child_at(parent, index), rows[parent]
        keys = np.full(len(row), -1)
        of, ids = parts.field_ids()
        keys[parts.basic[parent] == _OBJECT] = self.key_of(rows[of], ids)
        names = self.names.take(pa.array(keys, mask=keys < 0))
        ends = np.empty_like(at)
        order = np.lexsort((at, row))  # a value ends where another one or the row does
        last = np.diff(row[order], append=-1) != 0
        row_ends = (self.starts + self.lengths)[row]
        ends[order] = np.where(last, row_ends[order], np.append(at[order][1:], 0))
        offsets = running_starts(ends - at)
        gathered = np.zeros(int(offsets[-1]), np.uint8)
        copy_pieces(self.data, at, ends - at, gathered, offsets[:-1])
        counts = np.zeros(self.rows, np.int64)
        counts[rows] = parts.counts
        return running_starts(counts), names, binaries(gathered, offsets, pa.binary())

    def nodes(self, at: Any = None) -> Nodes:
        """Return the nodes of all variants, or of what is at some places in them.

        Args:
            at: For each row a place in ``data``, -1 for none.
        """
        import numpy as np

        at = np.where(self.missing, -1, self.starts) if at is None else at
        row = np.flatnonzero(at >= 0)
        at, parent, key = at[row], np.full(len(row), -1), np.full(len(row), -1)
        levels: list[tuple[Any, ...]] = []
        total = 0
        while len(row):
            parts = _Parts(self.data, at)
            levels.append((row, parent, np.full(len(row), len(levels)), key, *parts.leaves()))
            parent, index = parts.children()
            is_field = parts.basic[parent] == _OBJECT
            key = np.full(len(parent), -1)
            of, ids = parts.field_ids()
            key[is_field] = self.key_of(row[of], ids)
            at, row = parts.child_at(parent, index), row[parent]
            parent, total = parent + total, total + len(levels[-1][0])
        if not levels:
            none = np.zeros(0, np.int64)
            return Nodes(
                self.rows, none, none, none, none, none, none, none, none, none,
                self.names, self.data,
            )  # fmt: skip
        places = in_depth_order([level[1] for level in levels])
        columns = []
        for column in zip(*levels, strict=True):
            whole = np.concatenate(column)
            ordered = np.empty_like(whole)
            ordered[places] = whole
            columns.append(ordered)
        row, parent, depth, key, kind, number, scale, start, length = columns
        nested = parent >= 0
        parent[nested] = places[parent[nested]]
        return Nodes(
            self.rows, row, parent, depth, kind, key, number, scale, start, length,
            self.names, self.data,
        )  # fmt: skip


def _read(data: Any, at: Any, widths: Any) -> Any:
    """Read unsigned numbers, each with its width."""
    import numpy as np

    numbers = np.zeros(len(at), np.int64)
    for byte in range(int(widths.max(initial=0))):
        wide = widths > byte
        numbers[wide] |= data[at[wide] + byte].astype(np.int64) << 8 * byte
    return numbers


def _names_of(metadata: pa.Array) -> tuple[pa.Array, Any, Any]:
    """Return all names, the place of each one in each dictionary, and where a dictionary begins."""
    import numpy as np
    import pyarrow as pa

    data, starts, lengths = slices_of(metadata)
    good = lengths > 0
    if not (data[starts[good]] & 0x0F == 1).all():
        raise ValueError("the metadata of a variant is of an unknown version")
    widths = np.zeros(len(starts), np.int64)
    widths[good] = (data[starts[good]] >> 6).astype(np.int64) + 1
    counts = _read(data, starts + 1, widths)
    first = running_starts(counts)
    of = np.repeat(np.arange(len(starts)), counts)
    place = np.arange(len(of)) - first[of]
    offsets_at = starts[of] + 1 + widths[of] * (1 + place)
    begin = _read(data, offsets_at, widths[of])
    sizes = _read(data, offsets_at + widths[of], widths[of]) - begin
    texts = starts[of] + 1 + widths[of] * (counts[of] + 2) + begin
    offsets = running_starts(sizes)
    gathered = np.zeros(int(offsets[-1]), np.uint8)
    copy_pieces(data, texts, sizes, gathered, offsets[:-1])
    coded = binaries(gathered, offsets, pa.string()).dictionary_encode()
    return coded.dictionary, coded.indices.to_numpy(zero_copy_only=False), first


@dataclass
class _Parts:
    """The headers of values, and what these say of their parts."""

    data: Any
    at: Any

    def __post_init__(self) -> None:
        import numpy as np

        header = self.data[self.at].astype(np.int64)
        self.basic, self.bits = header & 3, header >> 2
        is_object, nested = self.basic == _OBJECT, self.basic >= _OBJECT
        self.widths = np.where(nested, (self.bits & 3) + 1, 0)
        self.id_widths = np.where(is_object, (self.bits >> 2 & 3) + 1, 0)
        large = self.bits >> np.where(is_object, 4, 2) & 1
        size_widths = np.where(nested, 1 + 3 * large, 0)
        self.counts = _read(self.data, self.at + 1, size_widths)
        self.ids = self.at + 1 + size_widths
        self.offsets = self.ids + self.id_widths * self.counts
        self.first = running_starts(np.where(is_object, self.counts, 0))

    def field_ids(self) -> tuple[Any, Any]:
        """Return the object that each field is in, and the field's id."""
        import numpy as np

        objects = np.flatnonzero(self.basic == _OBJECT)
        of = np.repeat(objects, self.counts[objects])
        place = np.arange(len(of)) - self.first[of]
        widths = self.id_widths[of]
        return of, _read(self.data, self.ids[of] + widths * place, widths)

    def children(self) -> tuple[Any, Any]:
        """Return the parent of each part, and its index there."""
        import numpy as np

        parent = np.repeat(np.arange(len(self.at)), self.counts)
        return parent, np.arange(len(parent)) - running_starts(self.counts)[parent]

    def child_at(self, parent: Any, index: Any) -> Any:
        """Return where parts begin."""
        widths = self.widths[parent]
        offset = _read(self.data, self.offsets[parent] + widths * index, widths)
        return self.offsets[parent] + widths * (self.counts[parent] + 1) + offset

    def leaves(self) -> tuple[Any, Any, Any, Any, Any]:
        """Return the kind, the number, the scale, and the start and length of the text of each."""
        import numpy as np

        kind = np.select(
            [self.basic == 0, self.basic == _SHORT_STRING, self.basic == _OBJECT],
            [self.bits, STRING, OBJECT],
            ARRAY,
        ).astype(np.uint8)
        number, scale = np.zeros(len(kind), np.int64), np.zeros(len(kind), np.uint8)
        start, length = self.at + 1, np.where(self.basic == _SHORT_STRING, self.bits, 0)
        scaled = np.flatnonzero((kind >= _DECIMALS[0]) & (kind <= _DECIMALS[-1]))
        scale[scaled] = self.data[self.at[scaled] + 1]
        start[scaled] += 1
        sizes = np.array([_NUMBERS.get(number, 0) for number in range(ARRAY + 1)])[kind]
        for size in (1, 2, 4, 8):
            of_size = np.flatnonzero(sizes == size)
            found = _read(self.data, start[of_size], sizes[of_size])
            number[of_size] = found << 64 - 8 * size >> 64 - 8 * size  # the sign
        counted = np.flatnonzero((self.basic == 0) & ((kind == STRING) | (kind == _BINARY)))
        length[counted] = _read(self.data, start[counted], np.full(len(counted), 4))
        start[counted] += 4
        length[(kind == _DECIMAL16) | (kind == _UUID)] = 16
        return kind, number, scale, np.where(length > 0, start, 0), length
