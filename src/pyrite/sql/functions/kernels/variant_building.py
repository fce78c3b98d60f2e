"""Columns of any type to the nodes of variants, level by level of their nesting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.sql.functions.kernels.buffers import slices_of
from pyrite.sql.functions.kernels.variant_nodes import (
    ARRAY,
    DECIMAL4,
    DECIMAL16,
    DOUBLE,
    FALSE,
    FLOAT,
    INT1,
    NULL,
    OBJECT,
    STRING,
    TRUE,
    Nodes,
    in_depth_order,
)
from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegralType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["can_build", "nodes_of_values"]

_BINARY, _MOST_DIGITS = 15, 18
#: Kinds of types whose values are whole numbers in Arrow.
_MOMENTS: dict[type[DataType], tuple[int, str]] = {
    DateType: (11, "int32"),
    TimestampType: (12, "int64"),
    TimestampNTZType: (13, "int64"),
}
_LEAVES = (BooleanType, IntegralType, FloatType, DoubleType, DecimalType, StringType, BinaryType)


def can_build(data_type: DataType) -> bool:
    """Whether ``nodes_of_values`` knows a type; it does not know variants inside of others."""
    match data_type:
        case ArrayType():
            return can_build(data_type.elementType)
        case MapType():
            return isinstance(data_type.keyType, StringType) and can_build(data_type.valueType)
        case StructType():
            return all(can_build(field.dataType) for field in data_type.fields)
        case _:
            return isinstance(data_type, (*_LEAVES, *_MOMENTS))


@dataclass
class _Group:
    """Values of one type on one level: their rows, parents, places among siblings, and names."""

    values: pa.Array
    data_type: DataType
    row: Any
    parent: Any
    place: Any
    key: Any


def nodes_of_values(values: pa.Array, data_type: DataType) -> Nodes:
    """Return the nodes of a column; a null has none, but nulls inside of values do.

    Args:
        values: The column.
        data_type: Its type, which ``can_build`` says yes to.
    """
    import numpy as np
    import pyarrow as pa

    builder = _Builder()
    row = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
    none = np.full(len(row), -1)
    groups = [_Group(values.take(pa.array(row)), data_type, row, none, np.arange(len(row)), none)]
    levels: list[list[Any]] = []
    base = 0
    while groups := [group for group in groups if len(group.row)]:
        parent = np.concatenate([group.parent for group in groups])
        order = np.lexsort((np.concatenate([group.place for group in groups]), parent))
        columns = zip(*(builder.leaves(group) for group in groups), strict=True)
        depth = np.full(len(parent), len(levels))
        heads = [np.concatenate([getattr(g, name) for g in groups]) for name in ("row", "key")]
        level = [heads[0], parent, depth, heads[1], *map(np.concatenate, columns)]
        levels.append([column[order] for column in level])
        placed = np.empty(len(order), np.int64)
        placed[order] = np.arange(base, base + len(order))
        base += len(order)
        starts = np.cumsum([0, *(len(group.row) for group in groups)])
        groups = [
            part
            for group, start in zip(groups, starts[:-1], strict=True)
            for part in builder.parts(group, placed[start : start + len(group.row)])
        ]
    return builder.nodes(len(values), levels)


class _Builder:
    """Collects names, and bytes of texts, while columns are taken apart."""

    def __init__(self) -> None:
        self._names: list[pa.Array] = []
        self._name_count = 0
        self._data: list[Any] = []
        self._size = 0

    def _add_names(self, names: pa.Array) -> int:
        self._names.append(names)
        self._name_count += len(names)
        return self._name_count - len(names)

    def _add_data(self, data: Any) -> int:
        self._data.append(data)
        self._size += len(data)
        return self._size - len(data)

    def nodes(self, rows: int, levels: list[list[Any]]) -> Nodes:
        """Put the levels together."""
        import numpy as np
        import pyarrow as pa

        coded = pa.concat_arrays([pa.nulls(0, pa.string()), *self._names]).dictionary_encode()
        data = np.concatenate([np.zeros(0, np.uint8), *self._data])
        if not levels:
            none = np.zeros(0, np.int64)
            return Nodes(
                rows, none, none, none, none, none, none, none, none, none, coded.dictionary, data
            )
        places = in_depth_order([level[1] for level in levels])
        columns = []
        for column in zip(*levels, strict=True):
            whole = np.concatenate(column)
            ordered = np.empty_like(whole)
            ordered[places] = whole
            columns.append(ordered)
        row, parent, depth, key, kind, number, scale, start, length = columns
        parent[parent >= 0] = places[parent[parent >= 0]]
        codes = np.append(coded.indices.to_numpy(zero_copy_only=False), -1)
        return Nodes(
            rows, row, parent, depth, kind, codes[key], number, scale, start, length,
            coded.dictionary, data,
        )  # fmt: skip

    def parts(self, group: _Group, placed: Any) -> list[_Group]:
        """Return the groups of the parts of nested values.

        Args:
            group: The values.
            placed: Their places among all nodes.
        """
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        data_type, values = group.data_type, group.values
        if isinstance(data_type, StructType):
            some = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False))
            first = self._add_names(pa.array(data_type.names, pa.string()))
            chosen = values.take(pa.array(some))
            return [
                _Group(
                    pc.struct_field(chosen, index),
                    field.dataType,
                    group.row[some],
                    placed[some],
                    np.full(len(some), index),
                    np.full(len(some), first + index),
                )
                for index, field in enumerate(data_type.fields)
            ]
        if isinstance(data_type, MapType):
            entry = pa.struct([values.type.key_field, values.type.item_field])
            of, entries = _items(values.cast(pa.list_(entry)))
            place = np.arange(len(of))
            key = self._add_names(pc.struct_field(entries, 0).cast(pa.string())) + place
            items = pc.struct_field(entries, 1)
            return [_Group(items, data_type.valueType, group.row[of], placed[of], place, key)]
        if isinstance(data_type, ArrayType):
            of, items = _items(values)
            none = np.full(len(of), -1)
            place = np.arange(len(of))
            return [_Group(items, data_type.elementType, group.row[of], placed[of], place, none)]
        return []

    def leaves(self, group: _Group) -> tuple[Any, Any, Any, Any, Any]:
        """Return the kind, number, scale, and the start and length of the bytes of values."""
        import numpy as np

        values, data_type = group.values, group.data_type
        count = len(values)
        number, scale = np.zeros(count, np.int64), np.zeros(count, np.uint8)
        start, length = np.zeros(count, np.int64), np.zeros(count, np.int64)
        match data_type:
            case StructType() | MapType():
                kind = np.full(count, OBJECT)
            case ArrayType():
                kind = np.full(count, ARRAY)
            case BooleanType():
                kind = np.where(values.fill_null(False).to_numpy(False), TRUE, FALSE)
            case StringType() | BinaryType():
                kind = np.full(count, STRING if isinstance(data_type, StringType) else _BINARY)
                data, start, length = slices_of(values)
                start = start + self._add_data(data)
            case DecimalType():
                kind, number, start, length = self._decimals(values, data_type)
                scale[:] = data_type.scale
            case _:
                kind, number = _numbers(values, data_type)
        missing = values.is_null().to_numpy(zero_copy_only=False)
        length = np.where(missing, 0, length)
        return np.where(missing, NULL, kind).astype(np.uint8), number, scale, start, length

    def _decimals(self, values: pa.Array, data_type: DecimalType) -> tuple[Any, Any, Any, Any]:
        import numpy as np

        buffer = values.buffers()[1]
        words = np.frombuffer(buffer, np.int64, 2 * len(values), 16 * values.offset).reshape(-1, 2)
        low, high = words[:, 0], words[:, 1]
        powers = 10 ** np.arange(_MOST_DIGITS + 1, dtype=np.int64)
        digits = np.searchsorted(powers, np.abs(low), "right")
        precision = np.maximum(np.maximum(digits, 1), data_type.scale)
        wide = (high != low >> 63) | (precision > _MOST_DIGITS) | (low == np.iinfo(np.int64).min)
        kind = np.where(wide, DECIMAL16, DECIMAL4 + (precision > 9))
        first = self._add_data(np.ascontiguousarray(words).view(np.uint8).ravel())
        start = first + 16 * np.arange(len(values))
        return kind, np.where(wide, 0, low), start, np.where(wide, 16, 0)


def _items(lists: pa.Array) -> tuple[Any, pa.Array]:
    """Return the list that each item is in, and the items."""
    import pyarrow.compute as pc

    return pc.list_parent_indices(lists).to_numpy(), lists.flatten()


def _numbers(values: pa.Array, data_type: DataType) -> tuple[Any, Any]:
    """Return the kinds and the numbers of whole and floating point numbers, dates and times."""
    import numpy as np

    for kind_of, (kind, width) in _MOMENTS.items():
        if isinstance(data_type, kind_of):
            numbers = values.view(width).fill_null(0).to_numpy()
            return np.full(len(values), kind), numbers.astype(np.int64)
    numbers = values.fill_null(0).to_numpy()
    if isinstance(data_type, FloatType):
        return np.full(len(values), FLOAT), numbers.view(np.int32).astype(np.int64)
    if isinstance(data_type, DoubleType):
        return np.full(len(values), DOUBLE), numbers.view(np.int64)
    numbers = numbers.astype(np.int64)
    size = numbers ^ numbers >> 63
    steps = (size >= 1 << 7).astype(np.int64) + (size >= 1 << 15) + (size >= 1 << 31)
    return INT1 + steps, numbers
