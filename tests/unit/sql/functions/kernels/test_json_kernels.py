"""JSON documents and paths, value by value."""

from __future__ import annotations

import pytest

from pyrite.sql.functions.kernels.json_documents import Number, compact, parse_json
from pyrite.sql.functions.kernels.json_paths import find_text, parse_path
from pyrite.sql.functions.kernels.json_reading import BadValue, TextFormats, ValueReader
from pyrite.sql.types import DOUBLE, INTEGER, STRING, ArrayType, StructField, StructType


def test_numbers_keep_the_digits_they_were_written_with() -> None:
    parsed = parse_json('{"a": 1.50, "b": [1e3, -0]}')
    assert compact(parsed) == '{"a":1.50,"b":[1e3,-0]}'
    assert isinstance(parsed["a"], Number)


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("{'a': 'it\\'s'}", {}, {"a": "it's"}),
        ("{a: 1}", {"bare_names": True}, {"a": "1"}),
        ('{"a": 007}', {"leading_zeros": True}, {"a": "7"}),
        ('{"a": 1 /* one */}', {"comments": True}, {"a": "1"}),
    ],
)
def test_documents_may_be_sloppy_where_options_say_so(
    text: str, options: dict[str, bool], expected: object
) -> None:
    assert parse_json(text, **options) == expected


def test_without_the_option_a_sloppy_document_is_refused() -> None:
    with pytest.raises(ValueError, match="property name"):
        parse_json("{a: 1}")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.a", '[{"b":"x"},{"b":"y"}]'),
        ("$.a[1].b", "y"),
        ("$.a[*].b", '["x","y"]'),
        ("$['c d']", "1"),
        ("$.none", None),
        ("$.a.b", None),
        ("a", None),
    ],
)
def test_a_path_finds_text(path: str, found: str | None) -> None:
    assert find_text('{"a": [{"b": "x"}, {"b": "y"}], "c d": 1}', path) == found


def test_a_path_that_is_none_has_no_steps() -> None:
    assert parse_path("$.a..b") is None


def test_a_bad_field_is_null_and_a_bad_element_spoils_its_array() -> None:
    reader = ValueReader(TextFormats("UTC"))
    schema = StructType(
        [StructField("a", INTEGER), StructField("b", DOUBLE), StructField("c", STRING)]
    )
    document = parse_json('{"a": "x", "b": 2, "c": {"d": 1}}')
    assert reader.read(document, schema) == {"a": None, "b": 2.0, "c": '{"d":1}'}
    assert reader.gave_up
    with pytest.raises(BadValue):
        reader.read(parse_json('[1, "2"]'), ArrayType(INTEGER))
