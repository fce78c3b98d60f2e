"""JobProperties: what a thread says of the jobs it submits: group, tags, pool, description."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.core.events.local_properties import TAGS, job_tags

__all__ = ["JobProperties", "checked_tag"]


class JobProperties(threading.local):
    """Each thread's own local properties.

    Example:
        >>> properties = JobProperties()
        >>> properties.set("spark.job.description", "nightly")
        >>> properties.get("spark.job.description")
        'nightly'
    """

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """Return a property of this thread, or None."""
        return self._values.get(key)

    def set(self, key: str, value: str | None) -> None:
        """Set a property of this thread; None removes it."""
        if value is None:
            self._values.pop(key, None)
        else:
            self._values[key] = str(value)

    def snapshot(self) -> dict[str, str]:
        """Return a copy of this thread's properties, for a job or a child thread."""
        return dict(self._values)

    def inherit(self, values: Mapping[str, str]) -> None:
        """Take another thread's properties in place of this thread's."""
        self._values = dict(values)

    def add_tag(self, tag: str) -> None:
        """Add a tag.

        Raises:
            SparkIllegalArgumentException: If the tag is empty or contains a comma.
        """
        self._save_tags(job_tags(self._values) | {checked_tag(tag)})

    def remove_tag(self, tag: str) -> None:
        """Remove a tag; one that is not there is no error.

        Raises:
            SparkIllegalArgumentException: If the tag is empty or contains a comma.
        """
        self._save_tags(job_tags(self._values) - {checked_tag(tag)})

    def _save_tags(self, tags: AbstractSet[str]) -> None:
        self.set(TAGS, ",".join(sorted(tags)) or None)


def checked_tag(tag: str) -> str:
    """Return the tag.

    Raises:
        SparkIllegalArgumentException: If it is empty or contains a comma.
    """
    if not tag:
        raise SparkIllegalArgumentException("Spark job tag cannot be an empty string.")
    if "," in tag:
        raise SparkIllegalArgumentException("Spark job tag cannot contain ','.")
    return tag
