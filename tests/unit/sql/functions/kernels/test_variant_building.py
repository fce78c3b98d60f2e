"""Columns of all types as variants: the bytes of one value at a time."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from pyrite.sql.functions.kernels.variant_binary import encode
from pyrite.sql.functions.kernels.variant_building import can_build, nodes_of_values
from pyrite.sql.functions.kernels.variant_encoding import encode_nodes
from pyrite.sql.functions.kernels.variant_trees import tree_maker
from pyrite.sql.types import (
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGER,
    LONG,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    ArrayType,
    DataType,
    DecimalType,
    MapType,
    StructField,
    StructType,
    VariantType,
    to_arrow,
)

_PAIR = StructType([StructField("b", LONG, True), StructField("a", ArrayType(STRING), True)])
_COLUMNS: list[tuple[DataType, list[Any]]] = [
    (BOOLEAN, [True, False]),
    (LONG, [0, 127, 128, -129, 2**31, -(2**63)]),
    (DOUBLE, [1.5, float("inf"), -0.0]),
    (FLOAT, [0.1]),
    (DecimalType(38, 10), [Decimal(1), Decimal("-0.5"), Decimal("12345678901234567890.5")]),
    (DecimalType(5, 2), [Decimal("1.50"), Decimal("-999.99"), Decimal(0)]),
    (STRING, ["", "é", "x" * 100]),
    (BINARY, [b"", b"\x00\xff"]),
    (DATE, [datetime.date(1582, 10, 4), datetime.date(2020, 2, 29)]),
    (TIMESTAMP, [datetime.datetime(1969, 1, 1, tzinfo=datetime.UTC)]),
    (TIMESTAMP_NTZ, [datetime.datetime(2020, 2, 29, 1, 2, 3, 4)]),
    (ArrayType(INTEGER), [[], [1, None, 300]]),
    (ArrayType(ArrayType(STRING)), [[["x"], None, []], [[None, "y"]]]),
    (MapType(STRING, INTEGER), [[("z", 1), ("a", None)], [], [("a", 2)]]),
    (_PAIR, [{"b": 1, "a": ["x", None]}, {"b": None, "a": None}]),
    (ArrayType(_PAIR), [[{"b": 1, "a": []}, None, {"b": 2, "a": ["y"]}], []]),
    (MapType(STRING, _PAIR), [[("k", {"b": 1, "a": ["x"]}), ("b", None)]]),
]


@pytest.mark.parametrize(("data_type", "values"), _COLUMNS, ids=lambda value: str(value)[:40])
def test_columns_have_the_bytes_of_one_value_at_a_time(
    data_type: DataType, values: list[Any]
) -> None:
    rows = [values[0], None, *values, None, values[-1]]
    column = pa.array(rows, to_arrow(data_type))[1:]
    make = tree_maker(data_type)
    expected = [(b"", b"") if v is None else encode(make(v)) for v in column.to_pylist()]
    columns = encode_nodes(nodes_of_values(column, data_type))
    assert can_build(data_type)
    assert list(zip(*(c.to_pylist() for c in columns), strict=True)) == expected


def test_variants_inside_are_not_built() -> None:
    assert not can_build(ArrayType(VariantType()))
