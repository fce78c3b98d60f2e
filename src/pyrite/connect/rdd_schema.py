"""The schema of an RDD's elements, by the rules of ``createDataFrame(rdd)``."""

from __future__ import annotations

from collections.abc import Callable, Sized
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkValueError
from pyspark.sql.types import (
    DataType,
    StructField,
    StructType,
    _has_nulltype,
    _infer_schema,
    _make_type_verifier,
    _merge_type,
)

from pyrite.core.errors import not_expected_type

if TYPE_CHECKING:
    from pyrite.core.rdd.rdd import RDD
    from pyrite.sql.conf import SQLConf

__all__ = ["described"]

Check = Callable[[Any], object]

#: How many elements are looked at where the first leaves a type open.
_MOST_LOOKED_AT = 100
#: A share of the elements from which on all are looked at.
_ALMOST_ALL = 0.99

_OPTIONS = {
    "infer_dict_as_struct": "spark.sql.pyspark.inferNestedDictAsStruct.enabled",
    "infer_array_from_first_element": (
        "spark.sql.pyspark.legacy.inferArrayTypeFromFirstElement.enabled"
    ),
    "infer_map_from_first_pair": "spark.sql.pyspark.legacy.inferMapTypeFromFirstPair.enabled",
}


def described(
    rdd: RDD[Any], schema: Any, sampling_ratio: float | None, verify: bool, conf: SQLConf
) -> tuple[RDD[Any], StructType, Check | None]:
    """Return an RDD of rows, their schema, and what complains of a row that does not fit.

    Args:
        rdd: Whatever the user has.
        schema: The type of an element, the names of the columns, or None.
        sampling_ratio: Which share of the elements to infer types from; None for the first.
        verify: Whether elements are checked where the schema is given.
        conf: The session's settings.

    Raises:
        PySparkValueError: If the types cannot be inferred: CANNOT_INFER_EMPTY_SCHEMA,
            CANNOT_DETERMINE_TYPE.
        PySparkTypeError: NOT_EXPECTED_TYPE, if ``schema`` is something else.
    """
    if isinstance(schema, DataType):
        check: Check | None = _make_type_verifier(schema) if verify else None
        if isinstance(schema, StructType):
            return rdd, schema, check
        return rdd.map(partial(_alone, check=check)), StructType().add("value", schema), None
    if schema is not None and not isinstance(schema, (list, tuple)):
        raise not_expected_type("schema", "list, None or StructType", schema)
    names = None if schema is None else list(schema)
    return rdd, _inferred(rdd, names, sampling_ratio, conf), None


def _inferred(
    rdd: RDD[Any], names: list[str] | None, sampling_ratio: float | None, conf: SQLConf
) -> StructType:
    """Infer the columns of an RDD: from its first element, or from a share of all."""
    options = {name: conf.get(key) == "true" for name, key in _OPTIONS.items()}
    options["prefer_timestamp_ntz"] = conf.get("spark.sql.timestampType") == "TIMESTAMP_NTZ"
    infer = partial(_infer, names=names, options=options)
    first = rdd.first()
    if isinstance(first, Sized) and len(first) == 0:
        raise PySparkValueError(errorClass="CANNOT_INFER_EMPTY_SCHEMA", messageParameters={})
    if sampling_ratio is not None:
        seen = rdd if sampling_ratio >= _ALMOST_ALL else rdd.sample(False, float(sampling_ratio))
        schema = seen.map(infer).reduce(_merge_type)
    else:
        schema = infer(first)
        if _has_nulltype(schema):
            schema = reduce(_merge_type, map(infer, rdd.take(_MOST_LOOKED_AT)))
    if not isinstance(schema, StructType) or _has_nulltype(schema):
        raise PySparkValueError(errorClass="CANNOT_DETERMINE_TYPE", messageParameters={})
    renamed = [*(names or ()), *schema.names[len(names or ()) :]]
    fields = zip(schema.fields, renamed, strict=True)
    return StructType([StructField(name, f.dataType, f.nullable) for f, name in fields])


def _infer(element: Any, names: list[str] | None, options: dict[str, bool]) -> StructType:
    # The client package's function adds to the list of names.
    return _infer_schema(element, None if names is None else list(names), **options)


def _alone(element: Any, check: Check | None) -> tuple[Any]:
    """Make a row of an element that is not one."""
    if check is not None:
        check(element)
    return (element,)
