"""Properties files: ``spark-defaults.conf`` and what ``--properties-file`` names.

The syntax is that of Java's properties, as far as people write it: a key, then spaces, ``=`` or
``:``, then the value; ``#`` and ``!`` begin a comment line; a final backslash joins lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["defaults_file", "read_properties"]

_PROPERTY = re.compile(r"(?P<key>[^\s=:]+)\s*[=:]?\s*(?P<value>.*)")


def read_properties(path: Path) -> dict[str, str]:
    """Return the settings in a properties file; a later line wins over an earlier one.

    Keys outside ``spark.`` are left out, as Spark does.

    Raises:
        OSError: If the file cannot be read.
    """
    settings = {}
    for line in _logical_lines(path.read_text(encoding="utf-8")):
        match = _PROPERTY.fullmatch(line)
        if match and match["key"].startswith("spark."):
            settings[match["key"]] = match["value"].strip()
    return settings


def defaults_file(environment: Mapping[str, str]) -> Path | None:
    """Return the ``spark-defaults.conf`` that the environment points to, if there is one.

    ``SPARK_CONF_DIR`` names its folder; without it, ``SPARK_HOME`` names the folder above
    ``conf``.
    """
    folder = environment.get("SPARK_CONF_DIR")
    if not folder and environment.get("SPARK_HOME"):
        folder = str(Path(environment["SPARK_HOME"], "conf"))
    file = Path(folder, "spark-defaults.conf") if folder else None
    return file if file is not None and file.is_file() else None


def _logical_lines(text: str) -> Iterator[str]:
    joined = ""
    for line in text.splitlines():
        line = line.strip()
        if not joined and line[:1] in ("", "#", "!"):
            continue
        if line.endswith("\\"):
            joined += line[:-1]
        else:
            yield joined + line
            joined = ""
    if joined:
        yield joined
