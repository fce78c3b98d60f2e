"""The properties of a job: what ``-D`` and ``-conf`` say, and what holds where they say nothing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pyrite.core.conf import parse_bytes
from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.mapreduce.hadoop_streaming.property_names import current_name

__all__ = ["DEFAULTS", "JobConf", "read_configuration"]

#: What a property is where nobody says it.
DEFAULTS: Mapping[str, str] = MappingProxyType(
    {
        "mapreduce.job.maps": "2",
        "mapreduce.job.reduces": "1",
        "mapreduce.map.maxattempts": "4",
        "mapreduce.reduce.maxattempts": "4",
        "mapreduce.task.timeout": "600000",
        "mapreduce.map.output.key.field.separator": "\t",
        "mapreduce.input.fileinputformat.split.minsize": "1",
        "mapreduce.input.lineinputformat.linespermap": "1",
        "mapreduce.input.keyvaluelinerecordreader.key.value.separator": "\t",
        "mapreduce.output.textoutputformat.separator": "\t",
        "mapreduce.output.fileoutputformat.compress": "false",
        "stream.map.input": "text",
        "stream.map.output": "text",
        "stream.reduce.input": "text",
        "stream.reduce.output": "text",
        "stream.map.input.field.separator": "\t",
        "stream.map.output.field.separator": "\t",
        "stream.reduce.input.field.separator": "\t",
        "stream.reduce.output.field.separator": "\t",
        "stream.num.map.output.key.fields": "1",
        "stream.num.reduce.output.key.fields": "1",
        "stream.non.zero.exit.is.failure": "true",
        "stream.stderr.reporter.enabled": "true",
        "stream.stderr.reporter.prefix": "reporter:",
        "stream.jobconf.truncate.limit": "-1",
    }
)

#: ``${name}`` in a value, and how often what it stands for may have others in it.
_VARIABLE = re.compile(r"\$\{([^}$\s]+)\}")
_DEEPEST = 20


class JobConf(Mapping[str, str]):
    r"""A job's properties, by the names they have now; it never changes.

    What is read by an old name is found under the new one, and the other way round: where both
    are given, the new name wins. ``${other.property}`` in a value stands for that property. As a
    mapping it has the properties that were given; ``conf[name]`` also knows the defaults.

    Args:
        properties: The properties, by new or old names.

    Example:
        >>> conf = JobConf({"mapred.reduce.tasks": "3", "mapreduce.job.name": "n=${a.b}"})
        >>> conf.integer("mapreduce.job.reduces"), conf["mapred.reduce.tasks"]
        (3, '3')
        >>> conf["stream.map.output.field.separator"]
        '\t'
    """

    def __init__(self, properties: Mapping[str, str] = MappingProxyType({})) -> None:
        given: dict[str, str] = {}
        for name, value in properties.items():
            current = current_name(name)
            if current == name or current not in properties:
                given[current] = value
        self._given = given

    def __getitem__(self, name: str) -> str:
        """Return a property, or its default.

        Raises:
            KeyError: If it is not given and has no default.
        """
        name = current_name(name)
        value = self._given.get(name)
        if value is None:
            return DEFAULTS[name]
        # Hadoop takes an empty value for none where there is a default.
        return self._expanded(value) or DEFAULTS.get(name, "")

    def __contains__(self, name: object) -> bool:
        """Tell whether a property is given or has a default."""
        current = current_name(str(name))
        return current in self._given or current in DEFAULTS

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names that were given."""
        return iter(self._given)

    def __len__(self) -> int:
        """Return how many were given."""
        return len(self._given)

    def __repr__(self) -> str:
        """Show what was given."""
        return f"JobConf({self._given!r})"

    def is_given(self, name: str) -> bool:
        """Tell whether a property was given, and is no mere default."""
        return current_name(name) in self._given

    def with_properties(self, properties: Mapping[str, str]) -> JobConf:
        """Return these properties and others, which win."""
        renamed = JobConf(properties)
        return JobConf(self._given | renamed._given)

    def integer(self, name: str, default: int = 0, *, least: int | None = None) -> int:
        """Return a property that is a whole number, in decimal or as ``0x...``.

        Args:
            name: The property.
            default: What it is if it is not given and nothing else is known of it.
            least: The smallest number that makes sense.

        Raises:
            SparkIllegalArgumentException: If it is something else.
        """
        text = self.get(name, "").strip()
        if not text:
            return default
        expected = "a whole number" if least is None else f"a whole number from {least} on"
        try:
            number = int(text, 16 if text.lower().lstrip("-").startswith("0x") else 10)
        except ValueError:
            raise self._wrong(name, text, expected) from None
        if least is not None and number < least:
            raise self._wrong(name, text, expected)
        return number

    def size(self, name: str, default: int = 0) -> int:
        """Return a property in bytes; ``64m`` is 64 MiB.

        Raises:
            SparkIllegalArgumentException: If it is no size.
        """
        text = self.get(name, "").strip()
        try:
            return parse_bytes(text) if text else default
        except ValueError:
            raise self._wrong(name, text, "a number of bytes, such as 1048576 or 64m") from None

    def flag(self, name: str, default: bool = False) -> bool:
        """Return a property that is ``true`` or ``false``; ``default`` if it is neither."""
        return {"true": True, "false": False}.get(self.get(name, "").strip().lower(), default)

    def names(self, name: str) -> tuple[str, ...]:
        """Return a property that lists things with commas between them."""
        return tuple(item.strip() for item in self.get(name, "").split(",") if item.strip())

    def spark_settings(self) -> dict[str, str]:
        """Return the properties that are settings of the engine: ``spark.*``."""
        return {name: self[name] for name in self if name.startswith("spark.")}

    def _expanded(self, value: str) -> str:
        for _ in range(_DEEPEST):
            expanded = _VARIABLE.sub(self._named, value)
            if expanded == value:
                break
            value = expanded
        return value

    def _named(self, variable: re.Match[str]) -> str:
        name = current_name(variable[1])
        return self._given.get(name, DEFAULTS.get(name, variable[0]))

    def _wrong(self, name: str, text: str, expected: str) -> SparkIllegalArgumentException:
        return SparkIllegalArgumentException(f"{name}={text}: this must be {expected}.")


def read_configuration(path: str) -> dict[str, str]:
    """Return the properties in one of Hadoop's configuration files (XML).

    Raises:
        SparkIllegalArgumentException: If there is no such file, or it is something else.
    """
    try:
        root = ElementTree.parse(path).getroot()
    except OSError as error:
        raise SparkIllegalArgumentException(f"-conf {path}: {error.strerror}.") from None
    except ElementTree.ParseError as error:
        raise SparkIllegalArgumentException(
            f"-conf {path}: this is no XML ({error}). Write <configuration><property>"
            "<name>...</name><value>...</value></property></configuration>."
        ) from None
    return {
        name.strip(): entry.findtext("value") or ""
        for entry in root.iter("property")
        if (name := entry.findtext("name"))
    }
