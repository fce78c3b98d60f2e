import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.parser.identifiers import split_identifier


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ("a",)),
        ("a.b.c", ("a", "b", "c")),
        ("a.`b.c`.d", ("a", "b.c", "d")),
        ("`a``b`", ("a`b",)),
        ("``", ("",)),
        ("`a```", ("a`",)),
        ("a b-c", ("a b-c",)),
        ("", ("",)),
        ("`a`.`b`", ("a", "b")),
        ("é.日本", ("é", "日本")),
    ],
)
def test_names_are_split_at_dots_outside_backquotes(text, parts):
    assert split_identifier(text) == parts


@pytest.mark.parametrize("text", ["a..b", "a.", ".a", "a`b", "`a", "`a`b", "a.`b", "."])
def test_wrong_names(text):
    with pytest.raises(SparkError) as caught:
        split_identifier(text)
    assert caught.value.error_class == "INVALID_ATTRIBUTE_NAME_SYNTAX"
    assert caught.value.parameters == {"name": text}
