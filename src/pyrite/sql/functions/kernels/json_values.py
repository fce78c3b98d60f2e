"""JSON documents to values of a type, by from_json's rules and a whole column at once.

A document is left to ``json_reading``, which reads one at a time, where ``json_nodes`` does not
read it, or where a value in it is of another kind than its type asks for, or in an unusual form.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pyrite.sql.functions.kernels.json_reading import TextFormats
from pyrite.sql.functions.kernels.node_values import (
    EXACT,
    INTEGERS,
    TRUTHS,
    Conversions,
    NodeValues,
)
from pyrite.sql.functions.kernels.variant_json import json_texts, string_texts
from pyrite.sql.functions.kernels.variant_nodes import ARRAY, DOUBLE, NULL, OBJECT, STRING, Nodes
from pyrite.sql.types import (
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    ShortType,
    StringType,
    TimestampNTZType,
    TimestampType,
    to_arrow,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["JsonValues"]


def _moments(values: JsonValues, places: Any, target: DataType) -> pa.Array:
    """Read dates and times, by the user's pattern once for each distinct text."""
    read = values.formats.reader(target)
    if read is None:
        return values.usual_texts(places, target)
    import pyarrow as pa

    coded = string_texts(values.nodes, places).dictionary_encode()
    found: list[int | None] = []
    for text in coded.dictionary.to_pylist():
        try:
            found.append(read(text))
        except (ValueError, OverflowError):
            found.append(None)
    return pa.array(found, to_arrow(target)).take(coded.indices)


def _json(values: JsonValues, places: Any, target: DataType) -> pa.Array:
    return json_texts(values.nodes.subtrees(places), datetime.UTC)


_FRACTIONAL: Conversions = (
    (EXACT, NodeValues.fractions),
    ((DOUBLE,), NodeValues.given_doubles),
)
_TIMES: Conversions = (((STRING,), _moments),)


class JsonValues(NodeValues):
    """Reads documents.

    Args:
        nodes: Their nodes.
        formats: How dates and times are written.

    Attributes:
        odd: Which documents are to be read one at a time: numpy booleans.
    """

    conversions: ClassVar[Mapping[type[DataType], Conversions]] = {
        StringType: (
            ((STRING,), NodeValues.usual_texts),
            ((*EXACT, *TRUTHS, DOUBLE), NodeValues.number_texts),
            ((OBJECT, ARRAY), _json),
        ),
        **dict.fromkeys(
            (ByteType, ShortType, IntegerType, LongType), ((INTEGERS, NodeValues.integers),)
        ),
        FloatType: _FRACTIONAL,
        DoubleType: _FRACTIONAL,
        DecimalType: ((EXACT, NodeValues.decimals),),
        BooleanType: ((TRUTHS, NodeValues.booleans),),
        DateType: _TIMES,
        TimestampType: _TIMES,
        TimestampNTZType: _TIMES,
    }

    def __init__(self, nodes: Nodes, formats: TextFormats) -> None:
        import numpy as np

        super().__init__(nodes, formats.zone)
        self.formats = formats
        self.odd = np.zeros(nodes.rows, bool)
        zeros = np.flatnonzero(np.isin(nodes.kind, EXACT) & (nodes.number == 0))
        negative = zeros[nodes.data[nodes.start[zeros]] == ord("-")]
        self.odd[nodes.row[negative]] = True  # a zero's sign is nowhere in its node

    def others(self, places: Any, target: DataType) -> pa.Array:
        """Note that the documents of nodes are odd."""
        import pyarrow as pa

        self.odd[self.nodes.row[places]] = True
        return pa.nulls(len(places), to_arrow(target))

    def variants(self, places: Any, target: DataType) -> pa.Array:
        """Return variants; null is no variant here."""
        import numpy as np

        return super().variants(np.where(self.kinds(places) == NULL, -1, places), target)
