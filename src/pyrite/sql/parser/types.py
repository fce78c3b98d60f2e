"""TypeReader: data types and schemas in Spark's DDL form."""

from __future__ import annotations

from collections.abc import Callable

from pyrite.sql.errors import parse_error
from pyrite.sql.parser.reader import TokenReader
from pyrite.sql.parser.tokens import NUMBER
from pyrite.sql.types import (
    BINARY,
    BOOLEAN,
    BYTE,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGER,
    LONG,
    NULL,
    SHORT,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    ArrayType,
    CalendarIntervalType,
    CharType,
    DataType,
    DayTimeIntervalType,
    DecimalType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimeType,
    VarcharType,
    VariantType,
    YearMonthIntervalType,
)

__all__ = ["TypeReader"]

_SIMPLE: dict[str, DataType] = {
    "BOOLEAN": BOOLEAN,
    "TINYINT": BYTE,
    "BYTE": BYTE,
    "SMALLINT": SHORT,
    "SHORT": SHORT,
    "INT": INTEGER,
    "INTEGER": INTEGER,
    "BIGINT": LONG,
    "LONG": LONG,
    "FLOAT": FLOAT,
    "REAL": FLOAT,
    "DOUBLE": DOUBLE,
    "DATE": DATE,
    "TIMESTAMP_NTZ": TIMESTAMP_NTZ,
    "TIMESTAMP_LTZ": TIMESTAMP,
    "BINARY": BINARY,
    "VOID": NULL,
    "VARIANT": VariantType(),
}

#: The fields of interval types: the type's class and its number of the field.
INTERVAL_FIELDS: dict[str, tuple[type[YearMonthIntervalType | DayTimeIntervalType], int]] = {
    "YEAR": (YearMonthIntervalType, 0),
    "MONTH": (YearMonthIntervalType, 1),
    "DAY": (DayTimeIntervalType, 0),
    "HOUR": (DayTimeIntervalType, 1),
    "MINUTE": (DayTimeIntervalType, 2),
    "SECOND": (DayTimeIntervalType, 3),
}

_INCOMPLETE = {
    "ARRAY": ("INCOMPLETE_TYPE_DEFINITION.ARRAY", {"elementType": "<INT>"}),
    "MAP": ("INCOMPLETE_TYPE_DEFINITION.MAP", {}),
    "STRUCT": ("INCOMPLETE_TYPE_DEFINITION.STRUCT", {}),
}

_MAX_PRECISION = 38


class TypeReader(TokenReader):
    """Reads data types."""

    def data_type(self) -> DataType:
        """Read a type: ``decimal(10, 2)``, ``array<struct<a: int>>``."""
        first = self.index
        word = self.kind
        rule = _RULES.get(word)
        if rule is not None:
            self.index += 1
            return rule(self, first)
        self.name()
        parameters: tuple[int, ...] = ()
        if self.accept("("):
            parameters = self.list_of(self.integer)
            self.expect(")")
        simple = _SIMPLE.get(word)
        if simple is None or parameters:
            name = self.source(first).upper()
            raise parse_error("UNSUPPORTED_DATATYPE", self.origin(first), typeName=f'"{name}"')
        return simple

    def _decimal(self, first: int) -> DataType:
        if not self.accept("("):
            return DecimalType(10, 0)
        precision = self.integer()
        scale = self.integer() if self.accept(",") else 0
        self.expect(")")
        if precision > _MAX_PRECISION:
            raise parse_error(
                "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION",
                precision=str(precision),
                maxPrecision=str(_MAX_PRECISION),
            )
        if scale > precision:
            raise parse_error(
                "DECIMAL_SCALE_EXCEEDS_PRECISION",
                self.origin(first),
                scale=str(scale),
                precision=str(precision),
            )
        return DecimalType(precision, scale)

    def _string(self, first: int) -> DataType:
        if not self.accept("COLLATE"):
            return STRING
        return StringType(self.collation())

    def collation(self) -> str:
        """Read a collation's name."""
        return self.names()[-1].upper()

    def _sized(self, first: int) -> DataType:
        char = self.kinds[first] != "VARCHAR"
        if not self.accept("("):
            name = '"CHAR"' if char else '"VARCHAR"'
            raise parse_error("DATATYPE_MISSING_SIZE", self.origin(first), type=name)
        length = self.integer()
        self.expect(")")
        if self.accept("COLLATE"):
            self.collation()
        if char and not self.settings.char_as_varchar:
            return CharType(length)
        return VarcharType(length)

    def _time(self, first: int) -> DataType:
        precision = 6
        if self.at("(", NUMBER):
            precision = self.wrapped(self.integer)
        if self.accept("WITHOUT"):
            self.expect("TIME", "ZONE")
        return TimeType(precision)

    def _timestamp(self, first: int) -> DataType:
        if self.at("WITHOUT", "TIME", "ZONE"):
            self.index += 3
            return TIMESTAMP_NTZ
        if self.at("WITH", "LOCAL", "TIME", "ZONE"):
            self.index += 4
            return TIMESTAMP
        return self.settings.timestamp_type

    def _interval(self, first: int) -> DataType:
        if self.kind not in INTERVAL_FIELDS:
            return CalendarIntervalType()
        interval, start = INTERVAL_FIELDS[self.kind]
        self.index += 1
        end = start
        if self.accept("TO"):
            other, end = INTERVAL_FIELDS.get(self.kind, (interval, -1))
            if other is not interval or end <= start:
                self.fail()
            self.index += 1
        return interval(start, end)

    def _array(self, first: int) -> DataType:
        self._open(first)
        element = self.data_type()
        self.expect(">")
        return ArrayType(element)

    def _map(self, first: int) -> DataType:
        self._open(first)
        key = self.data_type()
        self.expect(",")
        value = self.data_type()
        self.expect(">")
        return MapType(key, value)

    def _struct(self, first: int) -> DataType:
        if self.accept("<>"):
            return StructType([])
        self._open(first)
        if self.accept(">"):
            return StructType([])
        fields = self.list_of(self.field)
        self.expect(">")
        return StructType(list(fields))

    def _open(self, first: int) -> None:
        if not self.accept("<"):
            condition, parameters = _INCOMPLETE[self.kinds[first]]
            raise parse_error(condition, self.origin(first), **parameters)

    def field(self) -> StructField:
        """Read a field: ``a int``, ``a: int NOT NULL COMMENT 'text'``."""
        name = self.name()
        self.accept(":")
        data_type = self.data_type()
        nullable = True
        metadata: dict[str, str] = {}
        while True:
            if self.accept("NOT", "NULL"):
                nullable = False
            elif self.accept("COMMENT"):
                metadata["comment"] = self.string()
            else:
                return StructField(name, data_type, nullable, metadata or None)

    def schema(self) -> StructType:
        """Read fields with commas between them."""
        return StructType(list(self.list_of(self.field)))


#: What is more than a word, by its first word.
_RULES: dict[str, Callable[[TypeReader, int], DataType]] = {
    "ARRAY": TypeReader._array,
    "CHAR": TypeReader._sized,
    "CHARACTER": TypeReader._sized,
    "DEC": TypeReader._decimal,
    "DECIMAL": TypeReader._decimal,
    "INTERVAL": TypeReader._interval,
    "MAP": TypeReader._map,
    "NUMERIC": TypeReader._decimal,
    "STRING": TypeReader._string,
    "STRUCT": TypeReader._struct,
    "TIME": TypeReader._time,
    "TIMESTAMP": TypeReader._timestamp,
    "VARCHAR": TypeReader._sized,
}
