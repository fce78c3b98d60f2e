"""Functions of variants: from and to JSON, paths, schemas, rows of their parts.

In DuckDB a variant is a struct of its two binaries, as it is for Spark's clients; what they hold
is read by kernels, a whole column at once. One at a time go the texts that ``json_nodes`` leaves
out, values that ``variant_values`` does, and whether bytes from elsewhere are a variant at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.expressions.unresolved import UnresolvedFunction
from pyrite.sql.functions.casts import can_cast
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.define import aggregate, generator, scalar
from pyrite.sql.functions.kernels.buffers import put_in
from pyrite.sql.functions.kernels.json_nodes import nodes_of_json
from pyrite.sql.functions.kernels.variant_binary import decode, encode
from pyrite.sql.functions.kernels.variant_building import can_build, nodes_of_values
from pyrite.sql.functions.kernels.variant_casts import VariantCast
from pyrite.sql.functions.kernels.variant_decoding import VariantColumn
from pyrite.sql.functions.kernels.variant_encoding import encode_nodes
from pyrite.sql.functions.kernels.variant_schemas import merged_schema_texts, schema_texts
from pyrite.sql.functions.kernels.variant_trees import from_json, parse_path, tree_maker
from pyrite.sql.functions.kernels.variant_values import VariantValues
from pyrite.sql.functions.raising import raised_text
from pyrite.sql.functions.schema_arguments import read_schema
from pyrite.sql.functions.signature import arrange, call_text, coerce, mismatch
from pyrite.sql.types import (
    INTEGER,
    STRING,
    ArrayType,
    DataType,
    MapType,
    NullType,
    StringType,
    StructField,
    StructType,
    VariantType,
    sql_name,
    to_arrow,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FUNCTIONS", "built_variants"]

_VARIANT = VariantType()


def _variants_of(encoded: Iterable[tuple[bytes, bytes] | None]) -> pa.Array:
    """Return an Arrow array of variants, each a value and its metadata."""
    import pyarrow as pa

    pairs = list(encoded)
    missing = pa.array([pair is None for pair in pairs], pa.bool_())
    values = pa.array([b"" if pair is None else pair[0] for pair in pairs], pa.binary())
    metadata = pa.array([b"" if pair is None else pair[1] for pair in pairs], pa.binary())
    return pa.StructArray.from_arrays([values, metadata], ["value", "metadata"], mask=missing)


def _of_columns(values: pa.Array, metadata: pa.Array, missing: Any) -> pa.Array:
    """Return an Arrow array of variants from their values, their metadata, and which are null."""
    import pyarrow as pa

    return pa.StructArray.from_arrays(
        [values, metadata], ["value", "metadata"], mask=pa.array(missing)
    )


def _by_kernel(kernel: Callable[..., pa.Array]) -> Lowering:
    """Lower to a function of Arrow arrays."""

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        return context.kernel(call, kernel, arguments)

    return lower


# ---- from JSON ----


def _parse(forgiving: bool) -> Callable[[pa.Array], pa.Array]:
    """Return what makes variants of JSON texts; those ``json_nodes`` leaves out one at a time."""

    def one(text: str) -> tuple[bytes, bytes] | None:
        try:
            return encode(from_json(text))
        except (ValueError, RecursionError):
            if not forgiving:
                raise ValueError(
                    raised_text(
                        "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
                        badRecord=text,
                        failFastMode="FAILFAST",
                    )
                ) from None
        return None

    def kernel(texts: pa.Array) -> pa.Array:
        import numpy as np
        import pyarrow as pa

        nodes, unread = nodes_of_json(texts)
        missing = texts.is_null().to_numpy(zero_copy_only=False)
        read = _of_columns(*encode_nodes(nodes), missing)
        odd = np.flatnonzero(unread & ~missing)
        return put_in(read, _variants_of(map(one, texts.take(pa.array(odd)).to_pylist())), odd)

    return kernel


def _coerce_text(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = arrange(function, arguments)
    if not isinstance(given[0].data_type, (StringType, NullType)):
        raise mismatch(function, given, 0, "STRING")
    return coerce(function, given, ansi)


# ---- paths ----


def _get_type(arguments: Sequence[Expression]) -> DataType:
    return arguments[2].data_type if len(arguments) > 2 else _VARIANT


def _with_type(name: str) -> Callable[[Sequence[Expression], bool], Expression | None]:
    """Return the rewrite that reads the type wanted, the third argument."""

    def rewrite(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
        if len(arguments) != 3:
            return None
        wanted = arguments[2]
        if isinstance(wanted, Literal) and wanted.value is None:
            return None
        return UnresolvedFunction((name,), (*arguments[:2], read_schema(wanted)))

    return rewrite


def _coerce_get(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = arrange(function, arguments)
    if not isinstance(given[1].data_type, (StringType, NullType)):
        raise mismatch(function, given, 1, "STRING")
    given = coerce(function, given, ansi)
    target = _get_type(given)
    if not can_cast(_VARIANT, target, ansi):
        raise analysis_error(
            "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION",
            sqlExpr=f'"{call_text(function, given)}"',
            srcType='"VARIANT"',
            targetType=f'"{sql_name(target)}"',
        )
    text = constant_text(given[1])
    if text is not None and parse_path(text) is None:
        raise analysis_error(
            "INVALID_VARIANT_GET_PATH", path=text, functionName=f"`{function.name}`"
        )
    return given


def _get(strict: bool) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        cast, target = VariantCast(context.time_zone, strict), call.data_type

        def steps_of(text: str) -> tuple[str | int, ...]:
            steps = parse_path(text)
            if steps is not None:
                return steps
            name = f"`{call.function.name}`"
            raise ValueError(raised_text("INVALID_VARIANT_GET_PATH", path=text, functionName=name))

        def kernel(variants: pa.Array, paths: pa.Array, *_: pa.Array) -> pa.Array:
            import numpy as np

            column = VariantColumn(variants)
            at = np.full(len(variants), -1)
            coded = paths.dictionary_encode()
            codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            for code, text in enumerate(coded.dictionary.to_pylist()):
                among = codes == code
                if not column.missing[among].all():
                    at = np.maximum(at, column.find(steps_of(text), among))
            return VariantValues(column.nodes(at), cast).convert(target)

        return context.kernel(call, kernel, arguments)

    return lower


def _getter(name: str, strict: bool) -> tuple[Function, ...]:
    return scalar(
        f"{name}(v: variant, path: string, type?: any)",
        _get(strict),
        "What a path such as $.a[0] leads to, as a variant or as a value of a type"
        + ("." if strict else "; null if it does not convert."),
        coerce=_coerce_get,
        rewrite=_with_type(name),
        result=_get_type,
        nullable=True,
        pretty=lambda texts: f"{name}({', '.join(texts[:2])})",
    )


def _coerce_extraction(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = arrange(function, arguments)
    if not isinstance(given[0].data_type, VariantType):
        raise analysis_error("COLUMN_IS_NOT_VARIANT_TYPE")
    return given


# ---- from other types ----


def _is_object_source(data_type: DataType) -> bool:
    """Whether values of a type are objects, arrays or parts of these."""
    match data_type:
        case StructType():
            return all(_is_object_source(field.dataType) for field in data_type.fields)
        case ArrayType():
            return _is_object_source(data_type.elementType)
        case MapType():
            return isinstance(data_type.keyType, StringType) and _is_object_source(
                data_type.valueType
            )
        case _:
            return can_cast(data_type, _VARIANT, ansi=True)


def _coerce_object(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = arrange(function, arguments)
    source = given[0].data_type
    nested = isinstance(source, (StructType, ArrayType, MapType))
    if not nested or not _is_object_source(source):
        raise analysis_error(
            "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION",
            sqlExpr=f'"{call_text(function, given)}"',
            srcType=f'"{sql_name(source)}"',
            targetType='"VARIANT"',
        )
    return given


def built_variants(data_type: DataType) -> Callable[[pa.Array], pa.Array]:
    """Return what makes variants of a type's values; one at a time if variants are inside."""
    if can_build(data_type):

        def build(values: pa.Array) -> pa.Array:
            missing = values.is_null().to_numpy(zero_copy_only=False)
            return _of_columns(*encode_nodes(nodes_of_values(values, data_type)), missing)

        return build
    make = tree_maker(data_type)
    return lambda values: _variants_of(
        None if value is None else encode(make(value)) for value in values.to_pylist()
    )


def _to_object(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return context.kernel(call, built_variants(call.arguments[0].data_type), arguments)


# ---- schemas ----


def _is_valid(value: bytes, metadata: bytes) -> bool:
    try:
        decode(value, metadata)
    except (ValueError, LookupError, OverflowError):
        return False
    return True


def _are_valid(variants: pa.Array) -> pa.Array:
    """Read variants one at a time: what is read together has to be well-formed."""
    import pyarrow as pa

    rows = (
        None if v is None else _is_valid(v["value"], v["metadata"]) for v in variants.to_pylist()
    )
    return pa.array(list(rows), pa.bool_())


def _schemas(variants: pa.Array) -> pa.Array:
    return schema_texts(VariantColumn(variants).nodes())


def _schema_of_all(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    def kernel(lists: pa.Array) -> pa.Array:
        import pyarrow.compute as pc

        nodes = VariantColumn(lists.flatten()).nodes()
        groups = pc.list_parent_indices(lists).to_numpy()
        return merged_schema_texts(nodes, groups, len(lists))

    collected = replace(call, arguments=(Literal(None, ArrayType(_VARIANT)),))
    (variant,) = arguments
    present = f"list({variant}) FILTER (WHERE {variant} IS NOT NULL{{and_filter}}){{over}}"
    return context.kernel(collected, kernel, [present])


# ---- rows ----

_ROW = StructType(
    [
        StructField("pos", INTEGER, False),
        StructField("key", STRING, True),
        StructField("value", _VARIANT, False),
    ]
)


def _rows(variants: pa.Array) -> pa.Array:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    offsets, names, values = VariantColumn(variants).parts()
    counts = np.diff(offsets)
    row = np.repeat(np.arange(len(variants)), counts)
    metadata = pc.struct_field(variants, "metadata").take(pa.array(row))
    fields = list(to_arrow(_VARIANT))
    parts = pa.StructArray.from_arrays([values, metadata], fields=fields)
    places = pa.array((np.arange(len(row)) - offsets[row]).astype(np.int32))
    rows = pa.StructArray.from_arrays([places, names, parts], fields=list(to_arrow(_ROW)))
    bounds = offsets.astype(np.int32)
    mask = np.append(variants.is_null().to_numpy(zero_copy_only=False), False)
    return pa.ListArray.from_arrays(pa.array(bounds, mask=mask), rows, to_arrow(ArrayType(_ROW)))


def _explode(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return context.kernel(replace(call, data_type=ArrayType(_ROW)), _rows, arguments)


def _exploder(name: str, nullable: bool, description: str) -> tuple[Function, ...]:
    row = StructType([StructField(f.name, f.dataType, f.nullable or nullable) for f in _ROW.fields])
    return generator(f"{name}(input: variant)", _explode, description, result=lambda arguments: row)


FUNCTIONS = (
    scalar(
        "parse_json(jsonStr: string) -> variant",
        _by_kernel(_parse(forgiving=False)),
        "The variant of a JSON text.",
        coerce=_coerce_text,
    ),
    scalar(
        "try_parse_json(jsonStr: string) -> variant",
        _by_kernel(_parse(forgiving=True)),
        "The variant of a JSON text, null if it is no JSON.",
        coerce=_coerce_text,
        nullable=True,
    ),
    scalar(
        "is_variant_null(expr: variant) -> boolean",
        # The first byte of a null is 0, and of nothing else.
        "coalesce(struct_extract({expr}, 'value')[1:1] = '\\x00'::BLOB, FALSE)",
        "Whether a variant holds JSON's null.",
        nullable=False,
    ),
    scalar(
        "is_valid_variant(expr: variant) -> boolean",
        _by_kernel(_are_valid),
        "Whether the bytes of a variant are well-formed.",
    ),
    _getter("variant_get", strict=True),
    _getter("try_variant_get", strict=False),
    scalar(
        "semi_structured_extract(v: any, path: string) -> variant",
        _get(strict=True),
        "What a path leads to: v:a.b[0].",
        coerce=_coerce_extraction,
        nullable=True,
        pretty=lambda texts: f"variant_get({', '.join(texts)})",
    ),
    scalar(
        "to_variant_object(expr: any) -> variant",
        _to_object,
        "A struct, a map or an array as a variant.",
        coerce=_coerce_object,
    ),
    scalar(
        "schema_of_variant(v: variant) -> string",
        _by_kernel(_schemas),
        "The schema of a variant.",
    ),
    aggregate(
        "schema_of_variant_agg(v: variant) -> string",
        _schema_of_all,
        "The schema that all variants have in common.",
        nullable=False,
    ),
    _exploder("variant_explode", False, "A row for each element or field of a variant."),
    _exploder(
        "variant_explode_outer",
        True,
        "A row for each element or field of a variant. A row of nulls if there is none.",
    ),
)
