"""Variants of whole columns of JSON: the same bytes as those of one text at a time."""

from __future__ import annotations

import json
import random

import pyarrow as pa
import pytest

from pyrite.sql.functions.kernels.json_nodes import nodes_of_json
from pyrite.sql.functions.kernels.variant_binary import encode
from pyrite.sql.functions.kernels.variant_encoding import encode_nodes
from pyrite.sql.functions.kernels.variant_trees import from_json

_NUMBERS = [
    "0", "-0", "1", "127", "128", "-128", "-129", "32768", "-32769", "2147483647", "-2147483649",
    "123456789012345678", "1234567890123456789", "1.5", "1.50", "-0.0", "0.001", "123456789.5",
    "12345678901234567.5", "1e3", "1E-5", "2.5e+10",
]  # fmt: skip
_USUAL = [
    *_NUMBERS,
    "null",
    " true ",
    '{"b": 1, "a": [false, {"a": "x"}, []], "é": {}}',
    '"' + "long" * 20 + '"',
    r'"\n\"\\\/\u00e9\u0041\u20ac"',
    json.dumps(list(range(300))),
    json.dumps({f"k{i}": "v" * i for i in range(300)}),
]
_ODD = [
    "", " ", "nul", "1 2", "{", "}", "[}", "[1,]", "[,1]", '{"a"}', '{"a":}', '{"a":1,}',
    '{"a":1 "b":2}', '"a" "b"', "[1 2]", r'"\u00g1"', '"\\u00', '"\\', '\\"', "01", "1.", ".5",
    "-", "+1", "1e", '{"a":1,"a":2}', r'"\x"', "NaN", '"\x01"', "[" * 70 + "]" * 70, "]", ":",
]  # fmt: skip
_EXACT_BUT_RARE = ["9223372036854775808", "1e400", r'"\ud83d\ude00"', "1234567890.12345678901"]


def _encoded(texts: list[str | None]) -> list[tuple[bytes, bytes] | None]:
    nodes, unread = nodes_of_json(pa.array(["[", *texts], pa.string())[1:])
    pairs = zip(*(column.to_pylist() for column in encode_nodes(nodes)), strict=True)
    return [None if odd else pair for pair, odd in zip(pairs, unread, strict=True)]


def test_usual_texts_have_the_bytes_of_one_at_a_time() -> None:
    assert _encoded(_USUAL) == [encode(from_json(text)) for text in _USUAL]


@pytest.mark.parametrize("text", [*_ODD, *_EXACT_BUT_RARE])
def test_an_odd_text_is_left_out_and_harms_no_other(text: str) -> None:
    around = ['{"a": ["x", 1]}', "2.5"]
    expected = [encode(from_json(neighbour)) for neighbour in around]
    assert _encoded([around[0], text, around[1]]) == [expected[0], None, expected[1]]


def test_nulls_have_no_bytes() -> None:
    assert _encoded([None, "1", None])[1] == encode(1)
    assert _encoded([]) == []


def test_random_changes_to_texts_are_found() -> None:
    source = random.Random(7)
    texts: list[str | None] = []
    for _ in range(800):
        text = source.choice(_USUAL[:-2])
        at = source.randrange(len(text))
        texts.append(
            text[:at] + source.choice('{}[]:,"\\tn0-. e') + text[at + source.choice((0, 1)) :]
        )
    for text, found in zip(texts, _encoded(texts), strict=True):
        if found is not None:
            assert found == encode(from_json(str(text)))
