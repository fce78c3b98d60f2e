"""SQLConf: the settings of one SQL session, with Spark's own keys, defaults and checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyrite.core.conf import ConfigEntry, parse_bool, parse_bytes
from pyrite.core.errors import SparkIllegalArgumentException

__all__ = [
    "ANSI_ENABLED",
    "CASE_SENSITIVE",
    "DEFAULT_SOURCE",
    "ENTRIES",
    "SESSION_TIME_ZONE",
    "SHUFFLE_PARTITIONS",
    "WAREHOUSE_DIR",
    "SQLConf",
]


def _time_zone(text: str) -> str:
    """Check a time zone's name: a region, or an offset such as +01:00."""
    import re
    from zoneinfo import ZoneInfo

    if not re.fullmatch(r"(UTC|GMT|UT|Z)?([+-]\d{1,2}(:?\d{2}){0,2})?", text):
        try:
            ZoneInfo(text)
        except (ValueError, OSError, KeyError):
            raise SparkIllegalArgumentException(
                f"'{text}' is no time zone. Use a region such as Europe/Paris, or an offset "
                "such as +01:00."
            ) from None
    return text


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


ANSI_ENABLED = ConfigEntry("spark.sql.ansi.enabled", "true", parse_bool)
CASE_SENSITIVE = ConfigEntry("spark.sql.caseSensitive", "false", parse_bool)
DEFAULT_SOURCE = ConfigEntry("spark.sql.sources.default", "parquet", str)
SESSION_TIME_ZONE = ConfigEntry("spark.sql.session.timeZone", "", _time_zone)
SHUFFLE_PARTITIONS = ConfigEntry("spark.sql.shuffle.partitions", "200", int)
WAREHOUSE_DIR = ConfigEntry("spark.sql.warehouse.dir", "spark-warehouse", str)

#: Every setting of SQL that has a default, by key.
ENTRIES: dict[str, ConfigEntry[Any]] = {
    entry.key: entry
    for entry in (
        ANSI_ENABLED,
        CASE_SENSITIVE,
        DEFAULT_SOURCE,
        SESSION_TIME_ZONE,
        SHUFFLE_PARTITIONS,
        WAREHOUSE_DIR,
        ConfigEntry("spark.sql.autoBroadcastJoinThreshold", "10485760b", parse_bytes),
        ConfigEntry("spark.sql.execution.arrow.maxRecordsPerBatch", "10000", int),
    )
}


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
        self._session: dict[str, str] = {}

    def read(self, entry: ConfigEntry[Any]) -> Any:
        """Return a setting's value."""
        if entry is SESSION_TIME_ZONE and not self.get(entry.key):
            return local_time_zone()
        return entry.read(self.explicit())

    def get(self, key: str) -> str | None:
        """Return what was set for ``key``, else its default, else None."""
        for settings in (self._session, self._application):
            if key in settings:
                return settings[key]
        if key == SESSION_TIME_ZONE.key:
            return local_time_zone()
        entry = ENTRIES.get(key)
        return entry.default if entry else None

    def set(self, key: str, value: str) -> None:
        """Set a session's setting.

        Raises:
            SparkIllegalArgumentException: If the text is no value of that setting.
        """
        entry = ENTRIES.get(key)
        if entry is not None:
            entry.read({key: value})
        self._session[key] = value

    def unset(self, key: str) -> None:
        """Let the application's value, or the default, stand again."""
        self._session.pop(key, None)

    def is_modifiable(self, key: str) -> bool:
        """Return whether sessions may set ``key``."""
        return key in ENTRIES

    def explicit(self) -> dict[str, str]:
        """Return everything that was set, the session's over the application's."""
        return {**self._application, **self._session}

    def copy(self) -> SQLConf:
        """Return a like conf that changes on its own."""
        other = SQLConf(self._application)
        other._session = dict(self._session)
        return other
