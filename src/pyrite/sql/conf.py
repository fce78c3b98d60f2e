"""SQLConf: the settings of one SQL session, with Spark's own keys, defaults and checks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pyspark.errors import IllegalArgumentException

from pyrite.core.conf import ConfigEntry
from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.sql.conf_entries import (
    ANSI_ENABLED,
    CASE_SENSITIVE,
    CONCAT_BINARY_AS_STRING,
    DECIMAL_PRECISION_LOSS,
    DEFAULT_SOURCE,
    ELT_OUTPUT_AS_STRING,
    ENTRIES,
    MAP_KEY_DEDUP_POLICY,
    SESSION_TIME_ZONE,
    SHUFFLE_PARTITIONS,
    SIZE_OF_NULL,
    TIME_PARSER_POLICY,
    UNDEFINED,
    WAREHOUSE_DIR,
    Kind,
    OneOf,
    is_static,
)
from pyrite.sql.errors import SparkError, analysis_error

__all__ = [
    "ANSI_ENABLED",
    "CASE_SENSITIVE",
    "CONCAT_BINARY_AS_STRING",
    "DECIMAL_PRECISION_LOSS",
    "DEFAULT_SOURCE",
    "ELT_OUTPUT_AS_STRING",
    "ENTRIES",
    "MAP_KEY_DEDUP_POLICY",
    "SESSION_TIME_ZONE",
    "SHUFFLE_PARTITIONS",
    "SIZE_OF_NULL",
    "TIME_PARSER_POLICY",
    "WAREHOUSE_DIR",
    "SQLConf",
    "local_time_zone",
]

#: How the keys of the engine's own settings begin; sessions cannot change these.
_ENGINE_KEYS = (
    "spark.blockManager.",
    "spark.broadcast.",
    "spark.cleaner.",
    "spark.cores.max",
    "spark.driver.",
    "spark.dynamicAllocation.",
    "spark.eventLog.",
    "spark.executor.",
    "spark.io.",
    "spark.kryo",
    "spark.local.dir",
    "spark.locality.",
    "spark.memory.",
    "spark.network.",
    "spark.rpc.",
    "spark.scheduler.",
    "spark.serializer",
    "spark.shuffle.",
    "spark.speculation",
    "spark.storage.",
    "spark.task.",
    "spark.ui.",
)


def local_time_zone() -> str:
    """Return the name of this machine's time zone, as Spark's default for sessions."""
    import os
    from pathlib import Path

    name = os.environ.get("TZ", "").removeprefix(":")
    if name:
        return name
    link = Path("/etc/localtime")
    if link.is_symlink():
        _, found, zone = str(link.resolve()).partition("zoneinfo/")
        if found:
            return "UTC" if zone in ("Etc/UTC", "Universal", "Zulu") else zone
    return "UTC"


class SQLConf:
    """The settings of one session over those of its application.

    Args:
        application: What the application was started with; sessions never change it.

    Example:
        >>> conf = SQLConf({"spark.app.name": "demo"})
        >>> conf.set("spark.sql.ansi.enabled", "false")
        >>> conf.read(ANSI_ENABLED)
        False
    """

    def __init__(self, application: Mapping[str, str]) -> None:
        self._application = dict(application)
        self._explicit = dict(application)

    @cached_property
    def _local_time_zone(self) -> str:
        # Every query asks for it; the file system need not be asked each time.
        return local_time_zone()

    def read(self, entry: ConfigEntry[Any]) -> Any:
        """Return a setting's value."""
        if entry is SESSION_TIME_ZONE:
            return self._explicit.get(entry.key) or self._local_time_zone
        return entry.read(self._explicit)

    def get(self, key: str) -> str | None:
        """Return what was set for ``key``, else its default, else None."""
        value = self._explicit.get(key)
        if value is not None:
            return value
        if key == SESSION_TIME_ZONE.key:
            return self._local_time_zone
        entry = ENTRIES.get(key)
        return entry.default if entry and entry.default != UNDEFINED else None

    def is_known(self, key: str) -> bool:
        """Return whether ``key`` is one of Spark's settings, or was set."""
        return key in ENTRIES or key in self._explicit

    def set(self, key: str, value: str) -> None:
        """Set a session's setting.

        Raises:
            SparkError: INVALID_CONF_VALUE if the text is no value of that setting;
                CANNOT_MODIFY_STATIC_CONFIG or CANNOT_MODIFY_CONFIG if it is not a session's.
        """
        _check_modifiable(key)
        entry = ENTRIES.get(key)
        if entry is not None:
            _check_value(entry, value)
        self._explicit[key] = value

    def take(self, options: Mapping[str, str]) -> list[str]:
        """Set what a session's builder was given, the engine's settings too.

        Returns:
            The keys that stay as they are: the application was started with other values.

        Raises:
            SparkError: INVALID_CONF_VALUE, as for ``set``.
        """
        kept = []
        for key, value in options.items():
            if self._explicit.get(key) == value:
                continue
            if is_static(key):
                kept.append(key)
                continue
            if key in ENTRIES:
                _check_value(ENTRIES[key], value)
            self._explicit[key] = value
        return kept

    def unset(self, key: str) -> None:
        """Let the application's value, or the default, stand again.

        Raises:
            SparkError: As for ``set``.
        """
        _check_modifiable(key)
        if key in self._application:
            self._explicit[key] = self._application[key]
        else:
            self._explicit.pop(key, None)

    def reset(self) -> None:
        """Let the application's values and the defaults stand again, for every setting."""
        self._explicit = dict(self._application)

    def is_modifiable(self, key: str) -> bool:
        """Return whether ``key`` is a known setting that sessions may change."""
        return key in ENTRIES and not is_static(key)

    def explicit(self) -> Mapping[str, str]:
        """Return everything that was set, the session's over the application's."""
        return self._explicit

    def copy(self) -> SQLConf:
        """Return a like conf that changes on its own."""
        other = SQLConf(self._application)
        other._explicit.update(self._explicit)
        return other


def _check_modifiable(key: str) -> None:
    if is_static(key):
        raise analysis_error("CANNOT_MODIFY_STATIC_CONFIG", key=f'"{key}"')
    if key.startswith(_ENGINE_KEYS):
        raise analysis_error(
            "CANNOT_MODIFY_CONFIG", key=f'"{key}"', docroot="https://spark.apache.org/docs/latest"
        )


def _check_value(entry: ConfigEntry[Any], value: str) -> None:
    try:
        entry.parse(value)
    except (ValueError, SparkIllegalArgumentException):
        raise _invalid_value(entry, value) from None


def _invalid_value(entry: ConfigEntry[Any], value: str) -> SparkError:
    parameters = {"confName": entry.key, "confValue": value}
    parse = entry.parse
    kind = parse.name if isinstance(parse, Kind) else ""
    if isinstance(parse, OneOf):
        reason = "OUT_OF_RANGE_OF_OPTIONS"
        parameters["confOptions"] = ", ".join(parse.words)
    elif kind == "time zone":
        reason = "TIME_ZONE"
    elif kind == "positive int" and value.lstrip("-").isdigit():
        reason = "REQUIREMENT"
        parameters["confRequirement"] = f"The value of {entry.key} must be positive"
    else:
        reason = "TYPE_MISMATCH"
        parameters["confType"] = kind.removeprefix("positive ")
    return SparkError(f"INVALID_CONF_VALUE.{reason}", parameters, IllegalArgumentException)
