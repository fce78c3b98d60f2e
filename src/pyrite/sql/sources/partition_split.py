"""Splitting rows by partition columns: from a table to one table for each directory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from pyrite.core.hadoop.java_text import java_text
from pyrite.sql.sources.partitions import NULL_PARTITION, escape
from pyrite.sql.time_zones import parse_zone

__all__ = ["partition_text", "split_by_partitions"]


def partition_text(value: Any, time_zone: str) -> str | None:
    """Return the text of a partition column's value; None for what null stands for.

    Args:
        value: As Arrow's ``as_py`` gives it.
        time_zone: The zone in which timestamps are shown.

    Example:
        >>> partition_text(1.5, "UTC"), partition_text("", "UTC")
        ('1.5', None)
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        local = value.astimezone(parse_zone(time_zone)) if value.tzinfo else value
        text = local.replace(tzinfo=None).isoformat(" ")
        return text.rstrip("0") if "." in text else text
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bool, float, bytes, str)):
        return value.decode(errors="replace") if isinstance(value, bytes) else java_text(value)
    return str(value)


def split_by_partitions(
    table: Any, columns: Sequence[str], time_zone: str
) -> Iterator[tuple[str, Any]]:
    """Yield the directories of a table's rows, each with its rows, partition columns left out.

    Args:
        table: An Arrow table.
        columns: The partition columns, outermost first.
        time_zone: The zone in which timestamps are shown.
    """
    import pyarrow.compute as pc

    rest = table.drop_columns(list(columns))
    group = None
    names = [""]
    for column in columns:
        encoded = table.column(column).combine_chunks().dictionary_encode(null_encoding="encode")
        parts = [
            f"{escape(column)}={NULL_PARTITION if text is None else escape(text)}"
            for text in (partition_text(v.as_py(), time_zone) for v in encoded.dictionary)
        ]
        codes = encoded.indices.cast("int64")
        group = codes if group is None else pc.add(pc.multiply(group, len(parts)), codes)
        names = [f"{name}/{part}" for name in names for part in parts]
        # Keep only the combinations there are, so that numbers stay small.
        packed = group.dictionary_encode()
        names = [names[code.as_py()] for code in packed.dictionary]
        group = packed.indices.cast("int64")
    if group is None:
        yield "", rest
        return
    for code, name in enumerate(names):
        yield name, rest.filter(pc.equal(group, code))
