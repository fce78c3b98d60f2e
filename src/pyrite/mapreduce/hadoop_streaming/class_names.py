"""The Java classes that options may name, in place of which Pyrite has something of its own.

Each is known by its full name, by that of its twin in Hadoop's newer API, and by its simple name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from pyrite.mapreduce.hadoop_streaming.stream_job import (
    AGGREGATE_COMBINER,
    AGGREGATE_REDUCER,
    HASH_PARTITIONER,
    IDENTITY_MAPPER,
    IDENTITY_REDUCER,
    KEY_FIELD_COMPARATOR,
    KEY_FIELD_PARTITIONER,
    NULL_OUTPUT,
    TEXT_INPUT,
    TEXT_OUTPUT,
)

__all__ = [
    "COMBINERS",
    "COMPARATORS",
    "IDENTITIES",
    "INPUT_FORMATS",
    "MAPPERS",
    "OUTPUT_FORMATS",
    "PARTITIONERS",
    "REDUCERS",
    "find",
    "looks_like_java",
]

#: The classes that change nothing.
IDENTITIES = frozenset({IDENTITY_MAPPER, IDENTITY_REDUCER})

_JAVA_CLASS = re.compile(r"(org|com|net|io|java)(\.[a-z][\w]*)+\.[A-Z][\w$]*")


def _by_simple_name(names: Iterable[str]) -> dict[str, str]:
    return {name.rpartition(".")[2]: name for name in names}


MAPPERS = _by_simple_name([IDENTITY_MAPPER])
COMBINERS = _by_simple_name([IDENTITY_REDUCER, AGGREGATE_COMBINER])
REDUCERS = {
    **_by_simple_name([IDENTITY_REDUCER, AGGREGATE_REDUCER]),
    "aggregate": AGGREGATE_REDUCER,
}
#: The first is what holds where none is named, here and below.
PARTITIONERS = _by_simple_name([HASH_PARTITIONER, KEY_FIELD_PARTITIONER])
COMPARATORS = _by_simple_name([KEY_FIELD_COMPARATOR])
INPUT_FORMATS = _by_simple_name(
    [
        TEXT_INPUT,
        "org.apache.hadoop.mapred.KeyValueTextInputFormat",
        "org.apache.hadoop.mapred.lib.NLineInputFormat",
        "org.apache.hadoop.mapred.SequenceFileAsTextInputFormat",
        "org.apache.hadoop.mapred.SequenceFileInputFormat",
    ]
)
OUTPUT_FORMATS = _by_simple_name(
    [TEXT_OUTPUT, "org.apache.hadoop.mapred.SequenceFileOutputFormat", NULL_OUTPUT]
)


def find(name: str, known: Mapping[str, str]) -> str | None:
    """Return the class that a name means, or None if it means none of those known.

    Example:
        >>> find("org.apache.hadoop.mapreduce.lib.input.NLineInputFormat", INPUT_FORMATS)
        'org.apache.hadoop.mapred.lib.NLineInputFormat'
    """
    package, _, simple_name = name.strip().rpartition(".")
    if package and not package.startswith("org.apache.hadoop."):
        return None
    return known.get(simple_name)


def looks_like_java(word: str) -> bool:
    """Tell whether a word is the name of a Java class rather than of a program."""
    return _JAVA_CLASS.fullmatch(word) is not None
