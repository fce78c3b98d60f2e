r"""Fields of keys, as the options of ``sort`` name them: ``-k2,2nr``.

    -k1,2      fields 1 and 2 with the separator between them
    -k2        from field 2 to the key's end
    -k1.2,1.4  bytes 2 to 4, counted from where field 1 begins; a byte 0 at the end is the field's
               last one
    n, r       after a position, or as options of their own for all fields without any: numbers,
               descending

Bytes may be counted past the end of a field, and then are the next field's. A key that ends
before a field begins has an empty one; as a number it is before all others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyrite.core.errors import SparkIllegalArgumentException
from pyrite.mapreduce.hadoop_streaming.byte_columns import (
    ByteStrings,
    bytes_of,
    cut,
    find_in_strings,
    offsets_of,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["KeyField", "cut_fields", "parse_key_fields"]

_OPTION = re.compile(
    r"-k\s*(\d+)(?:\.(\d+))?([nr]*)(?:,\s*(\d+)(?:\.(\d+))?([nr]*))?(?=\s|$)|-([nr]+)(?=\s|$)"
)


@dataclass(frozen=True)
class KeyField:
    """A part of each key.

    Attributes:
        first_field: The field where it begins, counted from 1.
        first_byte: The byte of that field where it begins, counted from 1.
        last_field: The field where it ends; None for the key's end.
        last_byte: The last byte of that field that belongs to it; 0 for all.
        numeric: Whether it is compared as a number.
        descending: Whether large comes first.
    """

    first_field: int = 1
    first_byte: int = 1
    last_field: int | None = None
    last_byte: int = 0
    numeric: bool = False
    descending: bool = False


def parse_key_fields(options: str, name: str) -> tuple[KeyField, ...]:
    """Read options that name fields of keys.

    Args:
        options: The options, with blanks between them.
        name: The property they are the value of, for the error.

    Returns:
        The fields; none if the options name none and say nothing of how to compare.

    Raises:
        SparkIllegalArgumentException: If something else is in the options.

    Example:
        >>> parse_key_fields("-k2,2r", "options") == (KeyField(2, 1, 2, descending=True),)
        True
    """
    fields: list[tuple[KeyField, bool]] = []
    for_all = ""
    rest = options.strip()
    while rest:
        match = _OPTION.match(rest)
        if match is None:
            raise _not_understood(name, options, rest)
        first, first_byte, first_flags, last, last_byte, last_flags, alone = match.groups("")
        if alone:
            for_all += alone
        else:
            if int(first) < 1 or first_byte == "0" or last == "0":
                raise _not_understood(name, options, match[0])
            flags = first_flags + last_flags
            field = KeyField(
                int(first),
                int(first_byte or 1),
                int(last) if last else None,
                int(last_byte or 0),
                "n" in flags,
                "r" in flags,
            )
            fields.append((field, bool(flags)))
        rest = rest[match.end() :].lstrip()
    if for_all and not fields:
        fields.append((KeyField(), False))
    return tuple(
        field if has_flags else replace(field, numeric="n" in for_all, descending="r" in for_all)
        for field, has_flags in fields
    )


def _not_understood(name: str, options: str, part: str) -> SparkIllegalArgumentException:
    return SparkIllegalArgumentException(
        f"{name}={options}: {part.split()[0]} is not understood. Name fields of keys as "
        "-k2 or -k2,2 or -k1.2,1.4, counted from 1, with n (numbers) and r (descending) after "
        "them or as -n and -r for all."
    )


def cut_fields(
    keys: ByteStrings, separator: bytes, fields: tuple[KeyField, ...]
) -> list[tuple[ByteStrings, NDArray[np.bool_]]]:
    r"""Cut fields out of keys.

    Args:
        keys: The keys.
        separator: What is between the fields of a key.
        fields: Which of them.

    Returns:
        For each field the part of each key, and which keys have it at all; the part of the
        others is empty.

    Example:
        >>> from pyrite.mapreduce.hadoop_streaming.byte_columns import strings
        >>> keys = strings([b"a\tb\tc", b"a"])
        >>> [(part, has)] = cut_fields(keys, b"\t", parse_key_fields("-k2,2", "options"))
        >>> part.to_pylist(), has.tolist()
        ([b'b', b''], [True, False])
    """
    import numpy as np

    offsets = offsets_of(keys)
    data = bytes_of(keys)
    table = _FieldTable(offsets, find_in_strings(keys, separator), len(separator))
    ends = offsets[1:]
    parts = []
    for field in fields:
        start = table.starts(field.first_field) + (field.first_byte - 1)
        has = start < ends
        if field.last_field is None:
            end = ends
        elif field.last_byte:
            end = table.starts(field.last_field) + field.last_byte
        else:
            end = table.ends(field.last_field)
        start = np.minimum(start, ends)
        parts.append((cut(data, start, np.minimum(end, ends).clip(min=start)), has))
    return parts


class _FieldTable:
    """Where the fields of each key begin and end.

    Args:
        offsets: Where each key begins, and the last one ends.
        separators: Where separators begin, in all keys.
        width: How long one is.
    """

    def __init__(self, offsets: Ints, separators: Ints, width: int) -> None:
        import numpy as np

        self._offsets = offsets
        self._separators = separators
        self._width = width
        self._first = np.searchsorted(separators, offsets)  # of each key

    def starts(self, field: int) -> Ints:
        """Where a field begins, or a place past the key's end where it has none."""
        import numpy as np

        if field == 1:
            return self._offsets[:-1]
        places, missing = self._numbered(field - 2)
        return np.where(missing, self._offsets[1:] + 1, places + self._width)

    def ends(self, field: int) -> Ints:
        """Where a field ends: the key's end, for the last field and those it has not."""
        import numpy as np

        places, missing = self._numbered(field - 1)
        return np.where(missing, self._offsets[1:], places)

    def _numbered(self, number: int) -> tuple[Ints, NDArray[np.bool_]]:
        """The place of each key's separator with a number, and which keys have none."""
        import numpy as np

        wanted = self._first[:-1] + number
        missing = wanted >= self._first[1:]
        if not len(self._separators):
            return np.zeros(len(wanted), np.int64), missing
        return self._separators[wanted.clip(max=len(self._separators) - 1)], missing
