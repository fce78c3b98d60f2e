"""SourceOptions: the options of a read or a write, by name in any case, checked when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.sql.errors import analysis_error, requirement_failed
from pyrite.sql.time_zones import parse_zone

__all__ = ["SourceOptions", "check_sampling_ratio"]

T = TypeVar("T")


class SourceOptions(Mapping[str, str]):
    """Options whose names have no case; a later one replaces an earlier one.

    Args:
        items: Names and values.

    Example:
        >>> SourceOptions([("Header", "true"), ("sep", ";")]).flag("header", False)
        True
    """

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._items: dict[str, tuple[str, str]] = {}
        for name, value in items:
            self._items[name.lower()] = (name, value)

    def __getitem__(self, name: str) -> str:
        return self._items[name.lower()][1]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._items

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._items.values())

    def __len__(self) -> int:
        return len(self._items)

    def text(self, *names: str, default: str) -> str:
        """Return the first of some names that was given, else ``default``."""
        for name in names:
            if name in self:
                return self[name]
        return default

    def flag(self, name: str, default: bool) -> bool:
        """Return a boolean option.

        Raises:
            SparkIllegalArgumentException: If its text is neither ``true`` nor ``false``.
        """
        text = self.get(name)
        if text is None:
            return default
        value = {"true": True, "false": False}.get(text.lower())
        if value is None:
            raise SparkIllegalArgumentException(f"{name} flag can be true or false.")
        return value

    def number(self, name: str, default: int) -> int:
        """Return an integer option.

        Raises:
            SparkIllegalArgumentException: If its text is no integer.
        """
        text = self.get(name)
        if text is None:
            return default
        try:
            return int(text)
        except ValueError:
            raise SparkIllegalArgumentException(
                f"The option {name} is '{text}'; it should be an integer."
            ) from None

    def time_zone(self, default: str) -> str:
        """Return the option ``timeZone``, or the session's zone.

        Raises:
            SparkError: INVALID_TIMEZONE if there is no such zone.
        """
        zone = self.text("timeZone", default=default)
        if parse_zone(zone) is None:
            raise analysis_error("INVALID_TIMEZONE", timeZone=zone)
        return zone

    def with_items(self, items: Iterable[tuple[str, str]]) -> SourceOptions:
        """Return these options with others added or replaced."""
        return SourceOptions([*self._items.values(), *items])


def check_sampling_ratio(options: SourceOptions) -> None:
    """Refuse a share of lines to infer a schema from that is none.

    Raises:
        SparkError: If ``samplingRatio`` is zero or less.
    """
    ratio = float(options.get("samplingRatio") or 1)
    if ratio <= 0:
        raise requirement_failed(f"samplingRatio ({ratio}) should be greater than 0")
