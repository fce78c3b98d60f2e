"""Schemas of local data, inferred from the rows that matter.

The client package infers a type for every value. Here its own rules are applied to a few rows
that stand for all: one for each combination of Python types, so that the schema, or the error,
is the same.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Iterable, Mapping
from functools import wraps
from types import ModuleType
from typing import Any

from pyspark.sql import types

from pyrite.connect.fast_columns import columns_of

__all__ = ["install", "representatives"]

#: Types whose values all have one Spark type.
_ATOMS = {
    type(None),
    bool,
    int,
    float,
    str,
    bytes,
    bytearray,
    decimal.Decimal,
    datetime.date,
    datetime.time,
    datetime.timedelta,
}


def install(module: ModuleType) -> None:
    """Let ``pyspark.sql.connect.session`` infer schemas from the rows that matter."""
    session_class: Any = module.SparkSession
    infer = session_class._inferSchemaFromList

    @wraps(infer)
    def infer_from_few(
        self: Any, data: Iterable[Any], names: list[str] | None, configs: Mapping[str, Any]
    ) -> types.StructType:
        zoneless = configs["spark.sql.timestampType"] == "TIMESTAMP_NTZ"
        rows = data if type(data) is list else list(data)
        schema: types.StructType = infer(self, representatives(rows, zoneless), names, configs)
        return schema

    session_class._inferSchemaFromList = infer_from_few


def representatives(rows: list[Any], zoneless: bool = False) -> list[Any]:
    """Return rows from which the same schema, or the same error, is inferred as from all.

    These are the first rows to have some value of some type, in their order.

    Args:
        rows: Tuples, lists, dictionaries, Rows or other objects.
        zoneless: Whether the type of a datetime depends on its having a zone.

    Example:
        >>> representatives([(1, "a"), (2, "b"), (None, "c"), (3, "d")])
        [(1, 'a'), (None, 'c')]
    """
    atoms = _ATOMS if zoneless else _ATOMS | {datetime.datetime}
    columns = columns_of(rows)
    if columns is None:
        return list({_signature(row, atoms): row for row in reversed(rows)}.values())[::-1]
    chosen = {0} if rows else set()
    for column in columns:
        kinds = list(map(type, column))
        found: Iterable[Any] = set(kinds)
        if not atoms.issuperset(found):
            kinds = [_signature(value, atoms) for value in column]
            found = set(kinds)
        chosen.update(map(kinds.index, found))
    return [rows[index] for index in sorted(chosen)]


def _signature(value: Any, atoms: set[type]) -> Any:
    """Return something equal only for values of which the same type is inferred."""
    kind = type(value)
    if kind in atoms:
        return kind
    if kind is dict:
        # Keys may be field names; the order counts where only the first pair is looked at.
        pairs = ((key, _signature(item, atoms)) for key, item in value.items())
        return kind, tuple(dict.fromkeys((type(key), key, item) for key, item in pairs))
    if kind is list:
        return kind, tuple(dict.fromkeys(_signature(item, atoms) for item in value))
    if kind is tuple:
        return kind, tuple(_signature(item, atoms) for item in value)
    if kind is types.Row:
        names = tuple(value.__dict__.get("__fields__", ()))
        return kind, names, tuple(_signature(item, atoms) for item in value)
    return "the object", id(value)
