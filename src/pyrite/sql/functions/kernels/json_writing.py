"""From values of a Spark type to JSON text, by to_json's rules."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyrite.core.hadoop.java_text import java_text
from pyrite.sql.expressions.interval_text import (
    calendar_interval_text,
    day_time_text,
    year_month_text,
)
from pyrite.sql.functions.kernels.variant_trees import to_json, tree_maker
from pyrite.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    CalendarIntervalType,
    DataType,
    DateType,
    DayTimeIntervalType,
    DoubleType,
    FloatType,
    IntegralType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
    TimestampType,
    VariantType,
    YearMonthIntervalType,
)

__all__ = ["JsonFormats", "json_writer"]

Writer = Callable[[Any], str]


@dataclass(frozen=True)
class JsonFormats:
    """How values are written.

    Attributes:
        timestamp: Writes a datetime with a time zone.
        timestamp_ntz: Writes a datetime without one.
        date: Writes a date.
        ignores_nulls: Whether null fields of structs are left out.
        zone: The zone whose clocks show the instants inside variants.
    """

    timestamp: Callable[[datetime.datetime], str]
    timestamp_ntz: Callable[[datetime.datetime], str]
    date: Callable[[datetime.date], str]
    ignores_nulls: bool = True
    zone: datetime.tzinfo = datetime.UTC


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _double(value: float) -> str:
    text = java_text(value)
    return f'"{text}"' if text[-1] in "Ny" else text


def _float(value: float) -> str:
    import numpy as np

    return _double(float(str(np.float32(value))))


def json_writer(data_type: DataType, formats: JsonFormats) -> Writer:
    """Return a function that writes a value of a type, as ``Array.to_pylist`` gives it."""
    match data_type:
        case StructType():
            return _struct_writer(data_type, formats)
        case ArrayType():
            item = json_writer(data_type.elementType, formats)
            return lambda values: (
                "[" + ",".join("null" if v is None else item(v) for v in values) + "]"
            )
        case MapType():
            key, value = (
                _key_writer(data_type.keyType, formats),
                json_writer(data_type.valueType, formats),
            )
            return lambda entries: (
                "{"
                + ",".join(
                    f"{_quoted(key(k))}:{'null' if v is None else value(v)}" for k, v in entries
                )
                + "}"
            )
        case VariantType():
            tree, zone = tree_maker(data_type), formats.zone
            return lambda value: to_json(tree(value), zone)
        case StringType():
            return _quoted
        case BooleanType():
            return lambda value: "true" if value else "false"
        case IntegralType():
            return str
        case DoubleType():
            return _double
        case FloatType():
            return _float
        case BinaryType():
            return lambda value: f'"{base64.b64encode(value).decode()}"'
        case DateType():
            return lambda value: _quoted(formats.date(value))
        case TimestampType():
            return lambda value: _quoted(formats.timestamp(value))
        case TimestampNTZType():
            return lambda value: _quoted(formats.timestamp_ntz(value))
        case DayTimeIntervalType():
            start, end = data_type.startField, data_type.endField
            return lambda value: _quoted(day_time_text(value, start, end))
        case YearMonthIntervalType():
            first, last = data_type.startField, data_type.endField
            return lambda value: _quoted(year_month_text(value, first, last))
        case CalendarIntervalType():
            return lambda value: _quoted(
                calendar_interval_text(value.months, value.days, value.nanoseconds // 1000)
            )
        case _:
            return lambda value: f"{value:f}"


def _struct_writer(data_type: StructType, formats: JsonFormats) -> Writer:
    fields = [
        (field.name, _quoted(field.name), json_writer(field.dataType, formats))
        for field in data_type.fields
    ]

    def write(value: dict[str, Any]) -> str:
        pieces = []
        for name, quoted, writer in fields:
            item = value[name]
            if item is not None:
                pieces.append(f"{quoted}:{writer(item)}")
            elif not formats.ignores_nulls:
                pieces.append(f"{quoted}:null")
        return "{" + ",".join(pieces) + "}"

    return write


def _key_writer(data_type: DataType, formats: JsonFormats) -> Writer:
    """Return what writes a map's key: the text Spark shows a value as."""
    match data_type:
        case StringType():
            return lambda value: str(value)
        case StructType():
            parts = [
                (field.name, _key_writer(field.dataType, formats)) for field in data_type.fields
            ]
            return lambda value: (
                "[" + ",".join(_shown(value[name], write) for name, write in parts) + "]"
            )
        case _:
            writer = json_writer(data_type, formats)
            return lambda value: writer(value).strip('"')


def _shown(value: Any, write: Writer) -> str:
    return "null" if value is None else write(value)
