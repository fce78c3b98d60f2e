"""The settings of SQL that have a default: Spark's keys, defaults and kinds of values.

The parsers of a setting's text carry Spark's name for what they take, which its error shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pyrite.core.conf import ConfigEntry, parse_bool, parse_bytes, parse_seconds

__all__ = [
    "ANSI_ENABLED",
    "CASE_SENSITIVE",
    "DEFAULT_SOURCE",
    "ENTRIES",
    "MAP_KEY_DEDUP_POLICY",
    "PIVOT_MAX_VALUES",
    "SESSION_TIME_ZONE",
    "SHUFFLE_PARTITIONS",
    "TRANSPOSE_MAX_VALUES",
    "VALUE_KINDS",
    "WAREHOUSE_DIR",
    "OneOf",
    "PositiveInt",
    "is_static",
    "parse_time_zone",
]

#: Settings of SQL that hold for the whole application.
_STATIC = frozenset(
    {
        "spark.sql.catalogImplementation",
        "spark.sql.extensions",
        "spark.sql.globalTempDatabase",
        "spark.sql.warehouse.dir",
    }
)


def is_static(key: str) -> bool:
    """Return whether a SQL setting can only be given when the application starts."""
    return key in _STATIC or (key in ENTRIES and key.startswith("spark.connect.grpc."))


class OneOf:
    """Reads a word from a list, in any case.

    Args:
        words: The list, in capitals.
    """

    def __init__(self, *words: str) -> None:
        self.words = words

    def __call__(self, text: str) -> str:
        """Return the word in capitals; raise ValueError if it is not in the list."""
        if text.upper() not in self.words:
            raise ValueError(f"'{text}' is none of {', '.join(self.words)}")
        return text.upper()


class PositiveInt:
    """Reads a whole number above zero."""

    def __call__(self, text: str) -> int:
        """Return the number; raise ValueError if the text is none, or zero or less."""
        number = int(text)
        if number <= 0:
            raise ValueError(f"{number} is not positive")
        return number


def parse_time_zone(text: str) -> str:
    """Check a time zone's name: a region such as Europe/Paris, or an offset such as +01:00.

    Raises:
        ValueError: If it is neither.
    """
    from zoneinfo import ZoneInfo

    if not re.fullmatch(r"(UTC|GMT|UT|Z)?([+-]\d{1,2}(:?\d{2}){0,2})?", text):
        try:
            ZoneInfo(text)
        except (ValueError, OSError, KeyError):
            raise ValueError(
                f"'{text}' is no time zone. Use a region such as Europe/Paris, or an offset "
                "such as +01:00."
            ) from None
    return text


#: What Spark calls the values that a parser reads.
VALUE_KINDS: dict[Callable[[str], Any], str] = {
    parse_bool: "boolean",
    int: "int",
    parse_bytes: "bytes in BYTE",
    parse_seconds: "time in MILLISECONDS",
}

ANSI_ENABLED = ConfigEntry("spark.sql.ansi.enabled", "true", parse_bool)
CASE_SENSITIVE = ConfigEntry("spark.sql.caseSensitive", "false", parse_bool)
DEFAULT_SOURCE = ConfigEntry("spark.sql.sources.default", "parquet", str)
MAP_KEY_DEDUP_POLICY = ConfigEntry("spark.sql.mapKeyDedupPolicy", "EXCEPTION", str.upper)
PIVOT_MAX_VALUES = ConfigEntry("spark.sql.pivotMaxValues", "10000", int)
SESSION_TIME_ZONE = ConfigEntry("spark.sql.session.timeZone", "", parse_time_zone)
SHUFFLE_PARTITIONS = ConfigEntry("spark.sql.shuffle.partitions", "200", PositiveInt())
TRANSPOSE_MAX_VALUES = ConfigEntry("spark.sql.transposeMaxValues", "500", int)
WAREHOUSE_DIR = ConfigEntry("spark.sql.warehouse.dir", "spark-warehouse", str)

#: Settings that the engine reads.
_ENGINE: tuple[ConfigEntry[Any], ...] = (
    ANSI_ENABLED,
    MAP_KEY_DEDUP_POLICY,
    CASE_SENSITIVE,
    DEFAULT_SOURCE,
    PIVOT_MAX_VALUES,
    SESSION_TIME_ZONE,
    SHUFFLE_PARTITIONS,
    TRANSPOSE_MAX_VALUES,
    WAREHOUSE_DIR,
    ConfigEntry("spark.sql.autoBroadcastJoinThreshold", "10485760b", parse_bytes),
)

#: Settings that clients ask a server for, as they act on them.
_CLIENT: tuple[ConfigEntry[Any], ...] = (
    ConfigEntry("spark.connect.session.planCompression.threshold", "10485760", int),
    ConfigEntry("spark.connect.session.planCompression.defaultAlgorithm", "ZSTD", str),
    # A Python program has no use for the server's own lines, which Spark shows.
    ConfigEntry("spark.sql.connect.serverStacktrace.enabled", "false", parse_bool),
    ConfigEntry("spark.sql.pyspark.jvmStacktrace.enabled", "false", parse_bool),
    ConfigEntry("spark.sql.execution.arrow.maxRecordsPerBatch", "10000", int),
    ConfigEntry("spark.sql.execution.arrow.pyspark.enabled", "true", parse_bool),
    ConfigEntry("spark.sql.execution.arrow.pyspark.fallback.enabled", "true", parse_bool),
    ConfigEntry("spark.sql.execution.arrow.pyspark.selfDestruct.enabled", "false", parse_bool),
    ConfigEntry("spark.sql.execution.arrow.useLargeVarTypes", "false", parse_bool),
    ConfigEntry("spark.sql.execution.pandas.convertToArrowArraySafely", "true", parse_bool),
    ConfigEntry("spark.sql.execution.pandas.inferPandasDictAsMap", "false", parse_bool),
    ConfigEntry(
        "spark.sql.execution.pandas.structHandlingMode", "legacy", OneOf("LEGACY", "ROW", "DICT")
    ),
    ConfigEntry("spark.sql.execution.pyspark.binaryAsBytes", "true", parse_bool),
    ConfigEntry("spark.sql.execution.pythonUDF.arrow.enabled", "true", parse_bool),
    ConfigEntry("spark.sql.execution.pythonUDTF.arrow.enabled", "true", parse_bool),
    ConfigEntry("spark.sql.pyspark.inferNestedDictAsStruct.enabled", "false", parse_bool),
    ConfigEntry(
        "spark.sql.pyspark.legacy.inferArrayTypeFromFirstElement.enabled", "false", parse_bool
    ),
    ConfigEntry("spark.sql.pyspark.legacy.inferMapTypeFromFirstPair.enabled", "false", parse_bool),
    ConfigEntry("spark.sql.pyspark.plotting.max_rows", "1000", int),
    ConfigEntry("spark.sql.repl.eagerEval.enabled", "false", parse_bool),
    ConfigEntry("spark.sql.repl.eagerEval.maxNumRows", "20", int),
    ConfigEntry("spark.sql.repl.eagerEval.truncate", "20", int),
    ConfigEntry("spark.sql.session.localRelationBatchOfChunksSizeBytes", "1073741824", int),
    ConfigEntry("spark.sql.session.localRelationCacheThreshold", "1048576", int),
    ConfigEntry("spark.sql.session.localRelationChunkSizeBytes", "16777216", int),
    ConfigEntry("spark.sql.session.localRelationChunkSizeRows", "10000", int),
    ConfigEntry("spark.sql.session.localRelationSizeLimit", "3221225472", int),
    ConfigEntry(
        "spark.sql.timestampType", "TIMESTAMP_LTZ", OneOf("TIMESTAMP_LTZ", "TIMESTAMP_NTZ")
    ),
)

#: Settings that say how users' functions get their data, besides those that clients ask for.
_PYTHON: tuple[ConfigEntry[Any], ...] = (
    ConfigEntry(
        "spark.sql.execution.pythonUDF.pandas.intToDecimalCoercionEnabled", "false", parse_bool
    ),
    ConfigEntry(
        "spark.sql.execution.pythonUDF.pandas.preferIntExtensionDtype", "false", parse_bool
    ),
    ConfigEntry(
        "spark.sql.legacy.execution.pandas.groupedMap.assignColumnsByName", "true", parse_bool
    ),
    ConfigEntry(
        "spark.sql.legacy.execution.pythonUDF.pandas.conversion.enabled", "false", parse_bool
    ),
    ConfigEntry(
        "spark.sql.legacy.execution.pythonUDTF.pandas.conversion.enabled", "false", parse_bool
    ),
)

#: Every setting of SQL that has a default, by key.
ENTRIES: dict[str, ConfigEntry[Any]] = {
    entry.key: entry for entry in (*_ENGINE, *_CLIENT, *_PYTHON)
}
