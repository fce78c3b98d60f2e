"""Plain JSON documents as Arrow columns, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DoubleType,
    IntegralType,
    StringType,
    StructType,
    to_arrow,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["is_plain", "read_plain"]

_ATOMS = (BooleanType, IntegralType, DoubleType, StringType)


def is_plain(data_type: DataType) -> bool:
    """Whether Arrow reads a type from JSON as Spark does, or refuses to."""
    match data_type:
        case StructType():
            names = {field.name for field in data_type.fields}
            distinct = len(names) == len(data_type.fields) > 0
            return distinct and all(is_plain(field.dataType) for field in data_type.fields)
        case ArrayType():
            return is_plain(data_type.elementType)
        case _:
            return type(data_type) is StringType or isinstance(data_type, _ATOMS)


def read_plain(documents: pa.Array, schema: StructType) -> pa.Array | None:
    """Read documents that are each one JSON object whose values are of the schema's types.

    Args:
        documents: Texts; nulls are read as nulls.
        schema: What ``is_plain`` says yes to.

    Returns:
        An array of structs; None if any document has something unusual in it, such as a number
        where the schema has text, a duplicate name or a syntax error.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.json

    texts = documents.drop_null()
    # One line for each document, and one document in each line: then as many objects as lines
    # means that each line holds exactly one.
    if not len(texts) or pc.any(pc.match_substring_regex(texts, r"^\s*$|\n")).as_py():
        return None
    data = pa.py_buffer(("\n".join(texts.to_pylist())).encode())
    explicit = pa.schema(list(to_arrow(schema)))
    try:
        table = pyarrow.json.read_json(
            pa.BufferReader(data),
            pyarrow.json.ReadOptions(use_threads=False, block_size=data.size + 1),
            pyarrow.json.ParseOptions(explicit, unexpected_field_behavior="ignore"),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows != len(texts):
        return None
    read = table.to_struct_array().combine_chunks()
    if not documents.null_count:
        return read
    valid = documents.is_valid()
    places = pc.subtract(pc.cumulative_sum(valid.cast("int64")), 1)
    return read.take(pc.if_else(valid, places, None))
