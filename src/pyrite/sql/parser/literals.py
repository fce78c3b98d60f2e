"""LiteralReader: numbers, strings, typed literals and intervals."""

from __future__ import annotations

import re
import struct
from decimal import Context, Decimal
from typing import Any

from pyrite.sql.errors import parse_error
from pyrite.sql.expressions.expression import Literal
from pyrite.sql.parser.datetimes import (
    date_value,
    names_zone,
    ntz_value,
    time_value,
    timestamp_value,
)
from pyrite.sql.parser.intervals import UNITS, Interval, mixes_units, parse_from_to, parse_units
from pyrite.sql.parser.strings import binary_value
from pyrite.sql.parser.tokens import NUMBER, STRING
from pyrite.sql.parser.types import TypeReader
from pyrite.sql.types import (
    BINARY,
    BYTE,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGER,
    LONG,
    SHORT,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    DataType,
    DecimalType,
    TimeType,
)
from pyrite.sql.types import STRING as STRING_TYPE

__all__ = ["LiteralReader"]

_INTEGERS: dict[str, tuple[DataType, str, int]] = {
    "Y": (BYTE, "tinyint", 8),
    "S": (SHORT, "smallint", 16),
    "L": (LONG, "bigint", 64),
}
_FLOATS: dict[str, tuple[DataType, str, float]] = {
    "F": (FLOAT, "float", 3.4028234663852886e38),
    "D": (DOUBLE, "double", 1.7976931348623157e308),
}
_UNIT_WORDS = frozenset({*UNITS, "NANOSECOND", "NANOSECONDS"})
_NUMBER = re.compile(r"\s*[+-]?\s*[\d.]*")
_WIDE = Context(prec=80)
_TYPED = frozenset({"DATE", "TIMESTAMP", "TIMESTAMP_LTZ", "TIMESTAMP_NTZ", "TIME", "X"})
_SUPPORTED = '"DATE", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP", "INTERVAL", "X", "TIME"'


def decimal_literal(number: Decimal) -> Literal:
    """Return a number as the decimal type that just holds it.

    Raises:
        SparkError: DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION.

    Example:
        >>> decimal_literal(Decimal("0.50")).data_type
        DecimalType(2,2)
    """
    _, digits, exponent = number.as_tuple()
    scale = max(0, -int(exponent))
    precision = max(len(digits) + max(0, int(exponent)), scale)
    if precision > 38:
        raise parse_error(
            "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", precision=str(precision), maxPrecision="38"
        )
    return Literal(
        number.quantize(Decimal(1).scaleb(-scale), context=_WIDE), DecimalType(precision, scale)
    )


def _literal(value: Any, data_type: DataType) -> Literal | None:
    return None if value is None else Literal(value, data_type)


class LiteralReader(TypeReader):
    """Reads constants."""

    def number(self, sign: str = "") -> Literal:
        """Read a number.

        Args:
            sign: ``-`` if there was one in front of it.
        """
        first = self.index
        if self.kind != NUMBER:
            self.fail()
        self.index += 1
        text = self.source(first).upper()
        digits, suffix = text, ""
        if text[-1] in "LSYFD":
            digits, suffix = text[:-1], text[-1]
            if text.endswith("BD"):
                digits, suffix = text[:-2], "BD"
        digits = sign + digits
        if suffix in _INTEGERS:
            return self._integer(first, digits, suffix)
        if suffix in _FLOATS or (not suffix and "E" in digits):
            return self._float(first, digits, suffix or "D")
        if suffix == "BD" or "." in digits:
            return decimal_literal(Decimal(digits))
        value = int(digits)
        if -(2**31) <= value < 2**31:
            return Literal(value, INTEGER)
        if -(2**63) <= value < 2**63:
            return Literal(value, LONG)
        return decimal_literal(Decimal(value))

    def _integer(self, first: int, digits: str, suffix: str) -> Literal:
        data_type, name, bits = _INTEGERS[suffix]
        value, limit = int(digits), 2 ** (bits - 1)
        if not -limit <= value < limit:
            raise self._range_error(first, digits, name, str(-limit), str(limit - 1))
        return Literal(value, data_type)

    def _float(self, first: int, digits: str, suffix: str) -> Literal:
        data_type, name, limit = _FLOATS[suffix]
        value = float(digits)
        if abs(value) > limit:
            shown = "3.4028235E+38" if suffix == "F" else "1.7976931348623157E+308"
            raise self._range_error(first, digits, name, f"-{shown}", shown)
        if suffix == "F":
            value = struct.unpack("f", struct.pack("f", value))[0]
        return Literal(value, data_type)

    def _range_error(self, first: int, digits: str, name: str, low: str, high: str) -> Exception:
        return parse_error(
            "INVALID_NUMERIC_LITERAL_RANGE",
            self.origin(first),
            rawStrippedQualifier=digits,
            minValue=low,
            maxValue=high,
            typeName=name,
        )

    def string_literal(self) -> Literal:
        """Read a string, or several side by side."""
        return Literal(self.string(), STRING_TYPE)

    def typed_literal(self) -> Literal:
        """Read ``date '2020-01-01'`` and like."""
        first = self.index
        word = self.kind
        self.index += 1
        text = self.string()
        if word not in _TYPED:
            raise parse_error(
                "UNSUPPORTED_TYPED_LITERAL",
                self.origin(first),
                unsupportedType=f'"{word}"',
                supportedTypes=_SUPPORTED,
            )
        literal = self._typed(word, text)
        if literal is None:
            raise self._invalid(first, word, text)
        return literal

    def _typed(self, word: str, text: str) -> Literal | None:
        zone = self.settings.time_zone
        if word == "DATE":
            return _literal(date_value(text, zone), DATE)
        if word == "X":
            return _literal(binary_value(text), BINARY)
        if word == "TIME":
            return _literal(time_value(text), TimeType(6))
        plain = word == "TIMESTAMP" and self.settings.timestamp_type == TIMESTAMP_NTZ
        if word == "TIMESTAMP_NTZ" or (plain and not names_zone(text)):
            return _literal(ntz_value(text), TIMESTAMP_NTZ)
        return _literal(timestamp_value(text, zone), TIMESTAMP)

    def _invalid(self, first: int, word: str, text: str) -> Exception:
        return parse_error(
            "INVALID_TYPED_LITERAL",
            self.origin(first),
            valueType=f'"{word}"',
            value=f"'{text}'",
        )

    def at_interval(self) -> bool:
        """Whether INTERVAL begins a literal here, rather than being a name."""
        following = self.peek()
        if following in ("+", "-"):
            following = self.peek(2)
            return following == STRING or (following == NUMBER and self.peek(3) in _UNIT_WORDS)
        if following == NUMBER:
            return True
        return following == STRING

    def interval(self) -> Literal:
        """Read an interval literal."""
        first = self.index
        self.index += 1
        if self.kind == STRING and not self._unit_follows():
            text = self.string()
            return self._interval_literal(first, self._parse(first, text), text)
        pieces = [self._interval_piece()]
        while self._at_interval_piece():
            pieces.append(self._interval_piece())
        if any(end for _, _, _, end in pieces):
            return self._from_to(first, pieces)
        text = " ".join(f"{value} {unit.lower()}" for value, _, unit, _ in pieces)
        return self._interval_literal(first, self._parse(first, text), text)

    def _interval_piece(self) -> tuple[str, bool, str, str]:
        """Read a number and its unit: the number, whether it is a string, the unit, TO what."""
        first = self.index
        sign = self.accept_one(("+", "-")) or ""
        quoted = self.kind == STRING
        value = self.string().strip() if quoted else self._digits()
        if value[:1] in ("-", "+") and sign:
            sign, value = "" if sign == value[0] else "-", value[1:]
        unit = self.expect_one(_UNIT_WORDS)
        end = self.expect_one(_UNIT_WORDS) if self.accept("TO") else ""
        if quoted and not end and not _NUMBER.fullmatch(value):
            raise parse_error("_LEGACY_ERROR_TEMP_0026", self.origin(first), value=value)
        return sign + value, quoted, unit, end

    def _at_interval_piece(self) -> bool:
        distance = 1 if self.kind in ("+", "-") else 0
        return self.peek(distance) in (STRING, NUMBER) and self.peek(distance + 1) in _UNIT_WORDS

    def _unit_follows(self) -> bool:
        distance = 1
        while self.peek(distance) == STRING:
            distance += 1
        return self.peek(distance) in _UNIT_WORDS

    def _digits(self) -> str:
        if self.kind != NUMBER:
            self.fail()
        self.index += 1
        return self.source(self.index - 1)

    def _parse(self, first: int, text: str) -> Interval | None:
        if mixes_units(text):
            literal = self.source(first)
            raise parse_error("_LEGACY_ERROR_TEMP_0029", self.origin(first), literal=literal)
        return parse_units(text)

    def _from_to(self, first: int, pieces: list[tuple[str, bool, str, str]]) -> Literal:
        if len(pieces) > 1:
            raise parse_error("_LEGACY_ERROR_TEMP_0024", self.origin(first))
        text, quoted, start, end = pieces[0]
        if not quoted:
            raise parse_error("_LEGACY_ERROR_TEMP_0027", self.origin(first + 1))
        interval = parse_from_to(text, start, end)
        return self._interval_literal(first, interval, text)

    def _interval_literal(self, first: int, interval: Interval | None, text: str) -> Literal:
        if interval is None:
            raise self._invalid(first, "INTERVAL", text)
        return Literal(interval.value, interval.data_type)
