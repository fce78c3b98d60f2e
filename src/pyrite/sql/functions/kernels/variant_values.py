"""Nodes of variants to values of other types, a whole column at once.

Values of the kinds that JSON has convert together, kind by kind. Those left over go one at a time
through ``variant_casts``, which also raises what a strict cast raises: dates and other values that
no JSON has, texts in unusual forms (``" 12 "``, ``1e2`` for a number, a time zone in a
timestamp), decimals of more than 18 digits, and what does not convert.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from pyrite.sql.functions.kernels.node_values import EXACT, TRUTHS, Conversions, NodeValues
from pyrite.sql.functions.kernels.variant_casts import VariantCast
from pyrite.sql.functions.kernels.variant_json import json_texts, trees
from pyrite.sql.functions.kernels.variant_nodes import ARRAY, DOUBLE, OBJECT, STRING, Nodes
from pyrite.sql.types import (
    BooleanType,
    ByteType,
    CharType,
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
    VarcharType,
    to_arrow,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["VariantValues"]


def _json(values: VariantValues, places: Any, target: DataType) -> pa.Array:
    return json_texts(values.nodes.subtrees(places), values.cast.zone)


_TEXT: Conversions = (
    ((STRING,), NodeValues.usual_texts),
    ((*EXACT, *TRUTHS, DOUBLE), NodeValues.number_texts),
    ((OBJECT, ARRAY), _json),
)
_INTEGRAL: Conversions = (
    (EXACT, NodeValues.integers),
    (TRUTHS, NodeValues.truths_as_numbers),
    ((DOUBLE,), NodeValues.integers_of_doubles),
    ((STRING,), NodeValues.usual_texts),
)
_FRACTIONAL: Conversions = (
    (EXACT, NodeValues.fractions),
    (TRUTHS, NodeValues.truths_as_numbers),
    ((DOUBLE,), NodeValues.given_doubles),
    ((STRING,), NodeValues.usual_texts),
)


class VariantValues(NodeValues):
    """Casts variants.

    Args:
        nodes: The nodes.
        cast: What converts single values. It raises a ValueError that carries
            INVALID_VARIANT_CAST where it is strict.
    """

    conversions: ClassVar[Mapping[type[DataType], Conversions]] = {
        StringType: _TEXT,
        CharType: _TEXT,
        VarcharType: _TEXT,
        **dict.fromkeys((ByteType, ShortType, IntegerType, LongType), _INTEGRAL),
        FloatType: _FRACTIONAL,
        DoubleType: _FRACTIONAL,
        DecimalType: ((EXACT, NodeValues.decimals), ((STRING,), NodeValues.usual_texts)),
        BooleanType: (
            (TRUTHS, NodeValues.booleans),
            (EXACT, NodeValues.booleans_of_numbers),
            ((STRING,), NodeValues.usual_texts),
        ),
        DateType: (((STRING,), NodeValues.usual_texts),),
        TimestampNTZType: (((STRING,), NodeValues.usual_texts),),
        TimestampType: (((STRING,), NodeValues.usual_texts),),
    }

    def __init__(self, nodes: Nodes, cast: VariantCast) -> None:
        super().__init__(nodes, cast.zone_name)
        self.cast = cast

    def others(self, places: Any, target: DataType) -> pa.Array:
        """Cast nodes one at a time."""
        import pyarrow as pa

        converted = [self.cast.convert(tree, target) for tree in trees(self.nodes, places)]
        return pa.array(converted, to_arrow(target))
