"""``spark.catalog``: every call by its name and arguments."""

from __future__ import annotations

from typing import Any

from pyspark.storagelevel import StorageLevel

from pyrite.connect.planner.data_types import data_type
from pyrite.connect.planner.messages import one_of, options
from pyrite.sql.plans.unresolved import CatalogCall

__all__ = ["catalog_call"]


def catalog_call(message: Any) -> CatalogCall:
    """Translate a Catalog message: the fields of its alternative are the arguments.

    An argument is None where the client has not set it, a ``DataType`` for a schema, pairs of
    strings for options, a PySpark ``StorageLevel`` for one.
    """
    method = one_of(message, "cat_type")
    call = getattr(message, method)
    names = call.DESCRIPTOR.fields_by_name
    return CatalogCall(method, tuple([(name, _argument(call, name)) for name in names]))


def storage_level(message: Any) -> StorageLevel:
    """Translate a StorageLevel message."""
    return StorageLevel(
        message.use_disk,
        message.use_memory,
        message.use_off_heap,
        message.deserialized,
        message.replication,
    )


#: How a field's message is translated; the other arguments are plain values.
_MESSAGES = {"DataType": data_type, "StorageLevel": storage_level}


def _argument(call: Any, name: str) -> Any:
    field = call.DESCRIPTOR.fields_by_name[name]
    value = getattr(call, name)
    if field.is_repeated:  # only maps of options
        return options(value)
    if field.has_presence and not call.HasField(name):
        return None
    if field.message_type is not None:
        return _MESSAGES[field.message_type.name](value)
    return value
