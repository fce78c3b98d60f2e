"""Encodings: how pairs of key and value are written as lines of text."""

from __future__ import annotations

import base64
import io
import json
import pickle
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Any

from pyrite.mapreduce.errors import MapReduceError, shown

__all__ = ["Encoding", "Json", "KeyValueText", "Pickle", "Text"]

Pair = tuple[Any, Any]

_encode_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Encoding(ABC):
    """How a job reads or writes pairs, one on each line: key, separator, value."""

    #: What stands between key and value.
    separator: str = "\t"

    @abstractmethod
    def encode(self, part: Any) -> str:
        """Return a key or value as text without separator and line end.

        Raises:
            TypeError, ValueError: If it cannot be written like that.
        """

    @abstractmethod
    def decode_value(self, text: str) -> Any:
        """Return the value that a text stands for.

        Raises:
            ValueError: If it stands for none.
        """

    def decode_key(self, text: str) -> Any:
        """Return the key that a text stands for: as of values, unless keys have rules."""
        return self.decode_value(text)

    def read(self, lines: Iterable[str]) -> Iterator[Pair]:
        """Return the pairs of lines.

        Raises:
            MapReduceError: If a line is not of this encoding.
        """
        for line in lines:
            key, found, value = line.partition(self.separator)
            try:
                if found:
                    yield self.decode_key(key), self.decode_value(value)
                else:
                    yield self._read_alone(line)
            except ValueError as error:
                raise MapReduceError(
                    f"The line {shown(line)} is not {type(self).__name__}: {error}. Say with "
                    "reads= what the input holds."
                ) from error

    def _read_alone(self, line: str) -> Pair:
        """Read a line without separator."""
        return None, self.decode_value(line)

    def write(self, key: Any, value: Any) -> str:
        """Return the line of a pair; a key that is None is left out, with the separator.

        Raises:
            TypeError, ValueError: If the pair cannot be written like that.
        """
        if key is None:
            return self.encode(value)
        return f"{self.encode(key)}{self.separator}{self.encode(value)}"


@dataclass(frozen=True)
class KeyValueText(Encoding):
    r"""Strings: a line is cut at its first separator, and without one is a key.

    What is written is what ``str`` gives. None is left out, and the separator with it.

    Attributes:
        separator: What stands between key and value.

    Example:
        >>> list(KeyValueText(",").read(["a,1,x", "b"]))
        [('a', '1,x'), ('b', '')]
        >>> KeyValueText().write("mean", 2.5)
        'mean\t2.5'
    """

    separator: str = "\t"

    def encode(self, part: Any) -> str:
        """Return the part as ``str`` shows it."""
        text = part if type(part) is str else _as_text(part)
        if "\n" in text:
            raise ValueError("it has a line end, which text does not keep")
        return text

    def decode_value(self, text: str) -> str:
        """Return the text itself."""
        return text

    def _read_alone(self, line: str) -> Pair:
        return line, ""

    def write(self, key: Any, value: Any) -> str:
        """Return the line of a pair, without what is None."""
        return self.separator.join([self.encode(part) for part in (key, value) if part is not None])


class Text(KeyValueText):
    """Lines: of what is read the key is None and the value the line.

    It is written as ``KeyValueText``.

    Example:
        >>> list(Text().read(["to be"]))
        [(None, 'to be')]
    """

    def read(self, lines: Iterable[str]) -> Iterator[Pair]:
        """Return lines with None as their key."""
        return zip(repeat(None), lines)


class Json(Encoding):
    r"""JSON: numbers, strings, booleans, None, lists and dictionaries with string keys.

    A line without separator is a value without key, so files of one JSON object per line can
    be read. Tuples are written as lists; lists in a key come back as tuples, since keys have
    to be hashable.

    Example:
        >>> Json().write(("a", 1), {"n": None})
        '["a",1]\t{"n":null}'
        >>> list(Json().read(['["a",1]\t{"n":null}', '[2]']))
        [(('a', 1), {'n': None}), (None, [2])]
    """

    def encode(self, part: Any) -> str:
        """Return the part as JSON without blanks."""
        return str(part) if type(part) is int else _encode_json(part)

    def decode_value(self, text: str) -> Any:
        """Return what the JSON stands for."""
        # Counts are what most values are, and read several times as fast.
        return int(text) if text.isdecimal() and text.isascii() else json.loads(text)

    def decode_key(self, text: str) -> Any:
        """Return what the JSON stands for, with tuples in place of lists."""
        key = json.loads(text)
        return _with_tuples(key) if type(key) is list else key


class Pickle(Encoding):
    """Any Python objects, pickled. Unpickling can run code: read only what you trust.

    Equal keys must be pickled alike to be brought together by other programs, as those of
    built-in types except sets and dictionaries are.

    Example:
        >>> list(Pickle().read([Pickle().write(("a", 1), {2, 3})]))
        [(('a', 1), {2, 3})]
    """

    def encode(self, part: Any) -> str:
        """Return the pickled part in base64."""
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
        # Without the memo equal parts are the same text, whether or not they share objects.
        pickler.fast = True
        try:
            pickler.dump(part)
        except (pickle.PicklingError, AttributeError) as error:
            raise TypeError(str(error)) from error
        return base64.b64encode(buffer.getbuffer()).decode()

    def decode_value(self, text: str) -> Any:
        """Return the object that was pickled."""
        try:
            return pickle.loads(base64.b64decode(text, validate=True))
        except (pickle.UnpicklingError, EOFError) as error:
            raise ValueError(str(error)) from error


def _as_text(part: Any) -> str:
    return part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part)


def _with_tuples(part: Any) -> Any:
    if type(part) is not list:
        return part
    return tuple(_with_tuples(element) for element in part)
