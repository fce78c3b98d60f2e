"""The settings of SQL: Spark's keys, kinds of values and defaults.

``conf_entries.tsv`` beside this module holds one line each: key, kind, default, and ``static``
for what holds for the whole application. Many of them tune what Pyrite does by other means;
programs read and set them all the same. Where code reads one, it has a name below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyrite.core.conf import ConfigEntry, parse_bool, parse_bytes, parse_seconds
from pyrite.sql.time_zones import parse_zone

__all__ = [
    "ANSI_ENABLED",
    "CASE_SENSITIVE",
    "CONCAT_BINARY_AS_STRING",
    "CTE_RECURSION_LEVEL_LIMIT",
    "DECIMAL_PRECISION_LOSS",
    "DEFAULT_SOURCE",
    "ELT_OUTPUT_AS_STRING",
    "ENTRIES",
    "GROUP_BY_ALIASES",
    "GROUP_BY_ORDINAL",
    "MAP_KEY_DEDUP_POLICY",
    "ORDER_BY_ORDINAL",
    "PIVOT_MAX_VALUES",
    "SESSION_TIME_ZONE",
    "SHUFFLE_PARTITIONS",
    "SIZE_OF_NULL",
    "TIME_PARSER_POLICY",
    "TRANSPOSE_MAX_VALUES",
    "UNDEFINED",
    "WAREHOUSE_DIR",
    "Kind",
    "OneOf",
    "is_static",
]


@dataclass(frozen=True)
class Kind:
    """A kind of value.

    Attributes:
        name: What Spark calls it.
        parse: Reads one; raises an exception if the text is none.
    """

    name: str
    parse: Callable[[str], Any]

    def __call__(self, text: str) -> Any:
        """Read a value."""
        return self.parse(text)


@dataclass(frozen=True)
class OneOf:
    """A word from a list, in any case.

    Attributes:
        words: The list.
    """

    words: tuple[str, ...]

    def __call__(self, text: str) -> str:
        """Return the word as it stands in the list; raise ValueError if it does not."""
        for word in self.words:
            if word.upper() == text.upper():
                return word
        raise ValueError(f"'{text}' is none of {', '.join(self.words)}")


def _positive(text: str) -> int:
    number = int(text)
    if number <= 0:
        raise ValueError(f"{number} is not positive")
    return number


def _bytes(text: str) -> int:
    """Read a size; one below zero switches off what has that limit."""
    below_zero = text.strip().startswith("-")
    size = parse_bytes(text.strip().removeprefix("-"))
    return -size if below_zero else size


def _time_zone(text: str) -> str:
    """Check a time zone's name: a region such as Europe/Paris, or an offset such as +01:00."""
    if parse_zone(text) is None:
        raise ValueError(
            f"'{text}' is no time zone. Use a region such as Europe/Paris, or an offset "
            "such as +01:00."
        )
    return text


_KINDS = {
    kind.name: kind
    for kind in (
        Kind("boolean", parse_bool),
        Kind("int", int),
        Kind("positive int", _positive),
        Kind("long", int),
        Kind("double", float),
        Kind("string", str),
        Kind("bytes in BYTE", _bytes),
        Kind("bytes in MiB", lambda text: parse_bytes(text, "m")),
        Kind("time in MILLISECONDS", lambda text: parse_seconds(text, "ms")),
        Kind("time in SECONDS", parse_seconds),
        Kind("time zone", _time_zone),
    )
}

#: Settings that can only be given when the application starts.
_STATIC: set[str] = set()


def _read() -> Iterator[ConfigEntry[Any]]:
    for line in Path(__file__).with_suffix(".tsv").read_text("utf-8").splitlines():
        key, kind, default, *static = line.split("\t")
        words = kind.removeprefix("one of ")
        parse = _KINDS[kind] if words == kind else OneOf(tuple(words.split(", ")))
        if static:
            _STATIC.add(key)
        yield ConfigEntry(key, default, parse)


#: The default of a setting that has no value until it is set.
UNDEFINED = "<undefined>"

#: Every setting of SQL, by key.
ENTRIES: dict[str, ConfigEntry[Any]] = {entry.key: entry for entry in _read()}


def is_static(key: str) -> bool:
    """Return whether a SQL setting can only be given when the application starts."""
    return key in _STATIC


ANSI_ENABLED = ENTRIES["spark.sql.ansi.enabled"]
CASE_SENSITIVE = ENTRIES["spark.sql.caseSensitive"]
CTE_RECURSION_LEVEL_LIMIT = ENTRIES["spark.sql.cteRecursionLevelLimit"]
CONCAT_BINARY_AS_STRING = ENTRIES["spark.sql.function.concatBinaryAsString"]
DECIMAL_PRECISION_LOSS = ENTRIES["spark.sql.decimalOperations.allowPrecisionLoss"]
DEFAULT_SOURCE = ENTRIES["spark.sql.sources.default"]
ELT_OUTPUT_AS_STRING = ENTRIES["spark.sql.function.eltOutputAsString"]
GROUP_BY_ALIASES = ENTRIES["spark.sql.groupByAliases"]
GROUP_BY_ORDINAL = ENTRIES["spark.sql.groupByOrdinal"]
MAP_KEY_DEDUP_POLICY = ENTRIES["spark.sql.mapKeyDedupPolicy"]
ORDER_BY_ORDINAL = ENTRIES["spark.sql.orderByOrdinal"]
PIVOT_MAX_VALUES = ENTRIES["spark.sql.pivotMaxValues"]
SESSION_TIME_ZONE = ENTRIES["spark.sql.session.timeZone"]
SHUFFLE_PARTITIONS = ENTRIES["spark.sql.shuffle.partitions"]
SIZE_OF_NULL = ENTRIES["spark.sql.legacy.sizeOfNull"]
TIME_PARSER_POLICY = ENTRIES["spark.sql.legacy.timeParserPolicy"]
TRANSPOSE_MAX_VALUES = ENTRIES["spark.sql.transposeMaxValues"]
WAREHOUSE_DIR = ENTRIES["spark.sql.warehouse.dir"]
