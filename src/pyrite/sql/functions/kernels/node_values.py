"""Nodes to values of a type, a whole column at once: what casts of variants and from_json share.

Values of the kinds that JSON has convert together, kind by kind, where a table says how. Who uses
this says what becomes of those left over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pyrite.sql.functions.kernels.buffers import put_in, running_starts
from pyrite.sql.functions.kernels.text_values import in_range, usual_values
from pyrite.sql.functions.kernels.variant_encoding import encode_nodes
from pyrite.sql.functions.kernels.variant_json import number_texts, string_texts
from pyrite.sql.functions.kernels.variant_nodes import (
    ARRAY,
    DECIMAL4,
    FALSE,
    INT1,
    INT8,
    NULL,
    OBJECT,
    TRUE,
    Nodes,
)
from pyrite.sql.types import (
    ArrayType,
    DataType,
    DecimalType,
    MapType,
    StringType,
    StructType,
    VariantType,
    to_arrow,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["EXACT", "INTEGERS", "TRUTHS", "Conversions", "NodeValues"]

#: Kinds of nodes: whole numbers, these and decimals of up to 18 digits, truth values.
INTEGERS = tuple(range(INT1, INT8 + 1))
EXACT = (*INTEGERS, DECIMAL4, DECIMAL4 + 1)
TRUTHS = (TRUE, FALSE)

_EXACT_DOUBLES = 1 << 53

#: For a type, how values of some kinds become it; what gives null is left over.
Conversions = tuple[tuple[tuple[int, ...], Callable[[Any, Any, Any], Any]], ...]


class NodeValues:
    """Converts nodes.

    Args:
        nodes: The nodes.
        zone: The name of the time zone of clocks.
    """

    conversions: ClassVar[Mapping[type[DataType], Conversions]] = {}

    def __init__(self, nodes: Nodes, zone: str) -> None:
        self.nodes = nodes
        self.zone = zone
        self._parts, self._first = nodes.children()

    def convert(self, target: DataType) -> pa.Array:
        """Return the variants as values of a type; one without a node is null."""
        import numpy as np

        places = np.full(self.nodes.rows, -1)
        roots = np.flatnonzero(self.nodes.parent < 0)
        places[self.nodes.row[roots]] = roots
        return self._convert(places, target)

    def others(self, places: Any, target: DataType) -> pa.Array:
        """Return the values of nodes that no conversion is for, as an array of the type."""
        raise NotImplementedError

    def kinds(self, places: Any) -> Any:
        """Return the kinds of nodes; no node, at -1, is a null."""
        import numpy as np

        if not len(self.nodes):
            return np.full(len(places), NULL, np.uint8)
        return np.where(places >= 0, self.nodes.kind[places], NULL)

    def _convert(self, places: Any, target: DataType) -> pa.Array:
        match target:
            case VariantType():
                return self.variants(places, target)
            case ArrayType():
                return self._list(places, target)
            case MapType():
                return self._map(places, target)
            case StructType():
                return self._struct(places, target)
            case _:
                return self._scalars(places, target)

    # ---- nested values ----

    def variants(self, places: Any, target: DataType) -> pa.Array:
        """Return nodes as variants of their own."""
        import numpy as np
        import pyarrow as pa

        some = np.flatnonzero(places >= 0)
        columns = encode_nodes(self.nodes.subtrees(places[some]))
        arrow = to_arrow(target)
        found = pa.StructArray.from_arrays(list(columns), fields=list(arrow))
        return put_in(pa.nulls(len(places), arrow), found, some)

    def _check(self, places: Any, kind: int, target: DataType) -> Any:
        """Return which nodes are of a kind of nested values; refuse others but nulls."""
        import numpy as np

        kinds = self.kinds(places)
        wrong = np.flatnonzero((kinds != kind) & (kinds != NULL))
        if len(wrong):
            self.others(places[wrong], target)
        return kinds == kind

    def _parts_of(self, places: Any, fits: Any) -> tuple[Any, Any]:
        """Return the parts of nodes, and an Arrow array of where those of each begin."""
        import numpy as np
        import pyarrow as pa

        first = np.where(fits, self._first[places], 0)
        lengths = np.where(fits, self._first[places + 1] - first, 0)
        offsets = running_starts(lengths)
        taken = np.arange(offsets[-1]) + np.repeat(first - offsets[:-1], lengths)
        missing = np.append(~fits, False)
        return self._parts[taken], pa.array(offsets.astype(np.int32), mask=missing)

    def _list(self, places: Any, target: ArrayType) -> pa.Array:
        import pyarrow as pa

        parts, offsets = self._parts_of(places, self._check(places, ARRAY, target))
        items = self._convert(parts, target.elementType)
        return pa.ListArray.from_arrays(offsets, items, type=to_arrow(target))

    def _map(self, places: Any, target: MapType) -> pa.Array:
        import pyarrow as pa

        parts, offsets = self._parts_of(places, self._check(places, OBJECT, target))
        if not isinstance(target.keyType, StringType):
            self.others(self.nodes.parent[parts], target)
        names = self.nodes.names.take(pa.array(self.nodes.key[parts]))
        items = self._convert(parts, target.valueType)
        return pa.MapArray.from_arrays(offsets, names, items, type=to_arrow(target))

    def _struct(self, places: Any, target: StructType) -> pa.Array:
        import numpy as np
        import pyarrow as pa

        fits = self._check(places, OBJECT, target)
        known = {name: place for place, name in enumerate(self.nodes.names.to_pylist())}
        columns = []
        for field in target.fields:
            hits = np.flatnonzero(self.nodes.key == known.get(field.name, -2))
            field_of = np.full(len(self.nodes) + 1, -1)
            field_of[self.nodes.parent[hits]] = hits
            columns.append(self._convert(np.where(fits, field_of[places], -1), field.dataType))
        fields = list(to_arrow(target))
        return pa.StructArray.from_arrays(columns, fields=fields, mask=pa.array(~fits))

    # ---- scalars ----

    def _scalars(self, places: Any, target: DataType) -> pa.Array:
        import numpy as np
        import pyarrow as pa

        kinds = self.kinds(places)
        arrow = to_arrow(target)
        values = pa.nulls(len(places), arrow)
        left = kinds != NULL
        for of_kinds, convert in self.conversions.get(type(target), ()):
            at = np.flatnonzero(np.isin(kinds, of_kinds))
            if len(at):
                found = convert(self, places[at], target)
                done = found.is_valid().to_numpy(zero_copy_only=False)
                values = put_in(values, found.drop_null().cast(arrow), at[done])
                left[at[done]] = False
        odd = np.flatnonzero(left)
        return put_in(values, self.others(places[odd], target), odd) if len(odd) else values

    def number_texts(self, places: Any, target: DataType) -> pa.Array:
        """Return the texts of numbers and truth values."""
        return number_texts(self.nodes, places)

    def usual_texts(self, places: Any, target: DataType) -> pa.Array:
        """Return the values of strings in the usual forms."""
        return usual_values(string_texts(self.nodes, places), target, self.zone)

    def _truths(self, places: Any) -> Any:
        return self.nodes.kind[places] == TRUE

    def _wholes(self, places: Any) -> Any:
        """Return integers, and decimals without what is behind the point."""
        import numpy as np

        number = self.nodes.number[places]
        powers = 10 ** self.nodes.scale[places].astype(np.int64)
        return np.sign(number) * (np.abs(number) // powers)

    def _doubles(self, places: Any) -> Any:
        import numpy as np

        return self.nodes.number[places].view(np.float64)

    def truths_as_numbers(self, places: Any, target: DataType) -> pa.Array:
        """Return 1 for true and 0 for false."""
        import numpy as np
        import pyarrow as pa

        return pa.array(self._truths(places).astype(np.int8))

    def integers(self, places: Any, target: DataType) -> pa.Array:
        """Return exact numbers as whole ones, cut off at the point."""
        return in_range(self._wholes(places), target)

    def integers_of_doubles(self, places: Any, target: DataType) -> pa.Array:
        """Return floating point numbers as whole ones, cut off at the point."""
        import numpy as np

        doubles = self._doubles(places)
        fits = np.abs(doubles) < 2.0**62
        wholes = in_range(np.where(fits, doubles, 0).astype(np.int64), target)
        return _where(fits, wholes)

    def fractions(self, places: Any, target: DataType) -> pa.Array:
        """Return exact numbers as floating point ones."""
        import numpy as np
        import pyarrow as pa

        number, scale = self.nodes.number[places], self.nodes.scale[places]
        quotients = number / 10.0 ** scale.astype(np.int64)
        # Both are doubles without an error, so that there is one rounding.
        exact = (np.abs(number) <= _EXACT_DOUBLES) | (scale == 0)
        return _where(exact, pa.array(quotients))

    def given_doubles(self, places: Any, target: DataType) -> pa.Array:
        """Return floating point numbers."""
        import pyarrow as pa

        return pa.array(self._doubles(places))

    def decimals(self, places: Any, target: DecimalType) -> pa.Array:
        """Round as Spark does: a half goes away from zero."""
        import numpy as np
        import pyarrow as pa

        number = self.nodes.number[places]
        size, scale = np.abs(number), self.nodes.scale[places].astype(np.int64)
        up, down = np.maximum(target.scale - scale, 0), np.maximum(scale - target.scale, 0)
        fits = (up <= 18) & (size >= 0) & (size < 10.0 ** (18 - np.minimum(up, 18)))
        powers = 10 ** np.minimum(down, 18)
        size = np.where(fits, size * 10 ** np.where(fits, up, 0), 0)
        size = size // powers + (2 * (size % powers) >= powers) * (down > 0)
        fits &= size < 10.0 ** min(target.precision, 18)
        words = np.empty((len(size), 2), np.int64)
        words[:, 0] = np.sign(number) * size
        words[:, 1] = words[:, 0] >> 63
        kind = to_arrow(target)
        decimals = pa.Array.from_buffers(kind, len(size), [None, pa.py_buffer(words)])
        return _where(fits, decimals)

    def booleans(self, places: Any, target: DataType) -> pa.Array:
        """Return truth values."""
        import pyarrow as pa

        return pa.array(self._truths(places))

    def booleans_of_numbers(self, places: Any, target: DataType) -> pa.Array:
        """Return whether exact numbers are not zero."""
        import pyarrow as pa

        return pa.array(self.nodes.number[places] != 0)


def _where(fits: Any, values: pa.Array) -> pa.Array:
    """Return values, null where they do not fit."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pa.array(fits), values, pa.scalar(None, values.type))
