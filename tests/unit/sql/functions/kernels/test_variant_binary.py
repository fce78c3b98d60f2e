"""The bytes of variants: what is encoded is decoded again, in the sizes the format asks for."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal
from typing import Any

import pytest

from pyrite.sql.functions.kernels.variant_binary import Float32, decode, encode

UTC = datetime.UTC


@pytest.mark.parametrize(
    "tree",
    [
        None,
        True,
        False,
        *(sign * 2**bits + step for bits in (7, 15, 31) for sign in (1, -1) for step in (-1, 0)),
        2**63 - 1,
        -(2**63),
        1.5,
        float("inf"),
        Float32(1.5),
        Decimal("1.50"),
        Decimal("-123456789.5"),
        Decimal("0.00000000000000000000000000000000000001"),
        "",
        "é" * 31,
        "é" * 32,
        b"\x00\xff",
        datetime.date(1582, 10, 4),
        datetime.datetime(1969, 12, 31, 23, 59, 59, 999999),
        datetime.datetime(2020, 2, 29, 12, tzinfo=UTC),
        datetime.time(23, 59, 59, 1),
        uuid.UUID(int=5),
        [],
        {},
        [None, [1, {"a": []}]],
        {"b": {"a": 1}, "a": {"b": 2}},
        list(range(300)),
        {f"k{index:03}": "x" * index for index in range(300)},
        {"long": "x" * 70_000, "longer": "y" * 17_000_000},
    ],
    ids=lambda tree: str(tree)[:20],
)
def test_what_is_encoded_is_decoded(tree: Any) -> None:
    found = decode(*encode(tree))
    assert found == tree
    assert type(found) is type(tree)


def test_decimals_keep_their_digits() -> None:
    assert str(decode(*encode(Decimal("1.500")))) == "1.500"


def test_fields_are_in_the_order_of_their_names() -> None:
    assert list(decode(*encode({"b": 1, "aa": 2, "a": 3}))) == ["a", "aa", "b"]


@pytest.mark.parametrize("value", [b"\xfc", b"\x18\x00"])
def test_an_unknown_type_is_refused(value: bytes) -> None:
    if value == b"\xfc":
        with pytest.raises(ValueError, match="unknown type"):
            decode(value, b"\x01\x00\x00")
    with pytest.raises(ValueError, match="unknown version"):
        decode(value, b"\x02\x00\x00")
