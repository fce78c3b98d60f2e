from pathlib import Path

import pytest

from pyrite.sql import conf_entries
from pyrite.sql.conf import SQLConf
from pyrite.sql.conf_entries import ENTRIES, UNDEFINED, OneOf, is_static


def test_the_table_is_sorted_and_has_each_key_once() -> None:
    text = Path(conf_entries.__file__).with_suffix(".tsv").read_text()
    keys = [line.split("\t")[0] for line in text.splitlines()]
    assert keys == sorted(set(keys))


@pytest.mark.parametrize(
    "key",
    [key for key, entry in ENTRIES.items() if entry.default not in ("", UNDEFINED)],
)
def test_every_default_is_a_value_of_its_kind(key: str) -> None:
    ENTRIES[key].read({})


def test_words_are_read_in_any_case() -> None:
    kind = OneOf(("snappy", "zstd"))
    assert kind("ZSTD") == "zstd"
    with pytest.raises(ValueError, match="none of snappy, zstd"):
        kind("gzip")


def test_what_holds_for_the_application_is_static() -> None:
    assert is_static("spark.sql.warehouse.dir")
    assert not is_static("spark.sql.ansi.enabled")


def test_a_reset_brings_the_applications_values_back() -> None:
    conf = SQLConf({"spark.sql.ansi.enabled": "false", "spark.executor.memory": "1g"})
    conf.set("spark.sql.ansi.enabled", "true")
    conf.set("spark.other", "x")
    conf.reset()
    assert dict(conf.explicit()) == {
        "spark.sql.ansi.enabled": "false",
        "spark.executor.memory": "1g",
    }
