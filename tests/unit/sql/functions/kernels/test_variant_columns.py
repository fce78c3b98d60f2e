"""Whole columns of variants: what is found, written and converted one at a time comes out."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from pyrite.sql.functions.kernels.variant_binary import Float32, decode, encode
from pyrite.sql.functions.kernels.variant_casts import VariantCast
from pyrite.sql.functions.kernels.variant_decoding import VariantColumn
from pyrite.sql.functions.kernels.variant_encoding import encode_nodes
from pyrite.sql.functions.kernels.variant_json import json_texts
from pyrite.sql.functions.kernels.variant_schemas import merged_schema_texts, schema_texts
from pyrite.sql.functions.kernels.variant_trees import (
    merged_schema,
    schema_of,
    schema_text,
    to_json,
)
from pyrite.sql.functions.kernels.variant_values import VariantValues
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

_TEXTS = (
    "", "x" * 70, 'é"\\\n\x01', "12", " 12 ", "1e2", "1.5", "-7", "+5", "true", "FALSE", "yes",
    "2020-01-01", "2020-02-30", "2020-03-08 02:30:00", "2020-01-01T10:00:00.123",
    "2020-01-01 10:00:00Z", "999999999999999999", "9999999999999999999",
)  # fmt: skip
_NUMBERS = (
    0, 1, -1, 127, -129, 70_000, 2**31, -(2**63), 2**53 + 1, Decimal("1.50"), Decimal("-9.995"),
    Decimal("0.005"), Decimal("0.00"), Decimal("90071992547409.93"), Decimal("1" * 30 + ".5"),
    1.5, -0.0, 100.0, 0.0001, 1e300, float("nan"), float("-inf"),
)  # fmt: skip
_OTHERS: tuple[Any, ...] = (
    None, True, False, Float32(0.1), b"ab", datetime.date(2020, 2, 29), datetime.time(1, 2),
    datetime.datetime(2020, 1, 1, 1), datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
    uuid.UUID(int=5), [], {}, [None, [1, {"a": []}]], {"b": {"a": 1}, "a": {"b": "2"}},
    {"a": [1, 2.5, Decimal("1.5")]}, [[], [1], ["x"]], list(range(300)),
    {f"k{index:03}": index for index in range(300)},
)  # fmt: skip
_SCALARS = (*_TEXTS, *_NUMBERS, *_OTHERS)
TREES = [*_SCALARS, *([tree, 1] for tree in _SCALARS), *({"a": t, "b": [t]} for t in _SCALARS)]


def _column(trees: list[Any]) -> pa.Array:
    pairs = [None, *map(encode, trees), None]
    rows = [pair and {"value": pair[0], "metadata": pair[1]} for pair in pairs]
    return pa.array([None, *rows], to_arrow(VariantType()))[1:]


def _shown(values: pa.Array) -> str:
    """Show values, NaN as well, and moments beyond Python's."""
    is_moment = pa.types.is_timestamp(values.type)
    return repr((values.cast(pa.int64()) if is_moment else values).to_pylist())


def test_nodes_have_the_same_bytes_again() -> None:
    columns = encode_nodes(VariantColumn(_column(TREES)).nodes())
    found = list(zip(*(column.to_pylist() for column in columns), strict=True))
    assert found == [(b"", b""), *(encode(decode(*encode(tree))) for tree in TREES), (b"", b"")]


def test_json_is_that_of_one_at_a_time() -> None:
    texts = json_texts(VariantColumn(_column(TREES)).nodes(), datetime.UTC).to_pylist()
    expected = [to_json(decode(*encode(tree)), datetime.UTC) for tree in TREES]
    assert texts == ["", *expected, ""]


def test_schemas_are_those_of_one_at_a_time() -> None:
    expected = [schema_text(schema_of(decode(*encode(tree)))) for tree in TREES]
    assert schema_texts(VariantColumn(_column(TREES)).nodes()).to_pylist() == [
        None,
        *expected,
        None,
    ]


def test_groups_have_the_schema_of_all_their_variants() -> None:
    trees = [{"a": 1}, {"b": 1}, 5, {"a": 2.5}, 6]
    nodes = VariantColumn(_column(trees)[1:-1]).nodes()
    found = merged_schema_texts(nodes, pa.array([0, 0, 2, 0, 2]).to_numpy(), 3).to_pylist()
    groups = (trees[0:2] + trees[3:4], [], trees[2:5:2])
    assert found == [schema_text(merged_schema(map(schema_of, group))) for group in groups]


@pytest.mark.parametrize(
    "target",
    [
        BINARY, BOOLEAN, DATE, DOUBLE, FLOAT, INTEGER, LONG, STRING, TIMESTAMP, TIMESTAMP_NTZ,
        DecimalType(5, 2), DecimalType(38, 10), DecimalType(18, 18), VariantType(),
        ArrayType(INTEGER), ArrayType(VariantType()), ArrayType(ArrayType(STRING)),
        MapType(STRING, STRING),
        StructType([StructField("b", ArrayType(DOUBLE), True), StructField("z", LONG, True)]),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("zone", ["America/Los_Angeles", "+02:00"])
def test_values_are_those_of_one_at_a_time(target: DataType, zone: str) -> None:
    cast = VariantCast(zone, strict=False)
    converted = VariantValues(VariantColumn(_column(TREES)).nodes(), cast).convert(target)
    converted.validate(full=True)
    expected = [cast.convert(decode(*encode(tree)), target) for tree in TREES]
    assert converted.type == to_arrow(target)
    assert _shown(converted) == _shown(pa.array([None, *expected, None], to_arrow(target)))


@pytest.mark.parametrize("path", [(), ("a",), ("a", "b"), (0,), (1, 0), ("k299",), ("z",), (299,)])
def test_paths_lead_to_what_is_there(path: tuple[str | int, ...]) -> None:
    def walk(tree: Any) -> list[Any]:
        for step in path:
            if isinstance(step, str):
                if not isinstance(tree, dict) or step not in tree:
                    return []
            elif not isinstance(tree, list) or step >= len(tree):
                return []
            tree = tree[step]
        return [encode(decode(*encode(tree)))]

    column = VariantColumn(_column(TREES))
    columns = encode_nodes(column.nodes(column.find(path)))
    found = [[pair] for pair in zip(*(c.to_pylist() for c in columns), strict=True)]
    nothing = [(b"", b"")]
    assert found == [nothing, *(walk(tree) or nothing for tree in TREES), nothing]


def test_parts_come_with_their_names_and_values() -> None:
    offsets, names, values = VariantColumn(_column([{"b": 1, "a": "x"}, 5, [2.5]])).parts()
    assert offsets.tolist() == [0, 0, 2, 2, 3, 3]
    assert names.to_pylist() == ["a", "b", None]
    assert values.to_pylist() == [encode("x")[0], encode(1)[0], encode(2.5)[0]]
