"""Functions of JSON texts: paths, from and to values, schemas.

DuckDB follows paths and writes values. What goes one text at a time: paths with wildcards or
that are no constants, documents that only Spark takes for JSON (single quotes), documents that
``json_values`` leaves out, and values written by the patterns of options.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from pyrite.sql.duckdb_text import quote
from pyrite.sql.errors import analysis_error, runtime_error
from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions.collections import packed
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.datetime_patterns import DateTimePattern, UnparsableText, compile_pattern
from pyrite.sql.functions.define import Coerce, generator, scalar
from pyrite.sql.functions.json_sql import json_sql
from pyrite.sql.functions.kernels.buffers import put_in
from pyrite.sql.functions.kernels.json_columns import is_plain, read_plain
from pyrite.sql.functions.kernels.json_documents import parse_json
from pyrite.sql.functions.kernels.json_nodes import nodes_of_json
from pyrite.sql.functions.kernels.json_paths import WILDCARD, as_text, find_text, parse_path
from pyrite.sql.functions.kernels.json_reading import BadValue, TextFormats, ValueReader
from pyrite.sql.functions.kernels.json_schemas import infer_type
from pyrite.sql.functions.kernels.json_values import JsonValues
from pyrite.sql.functions.kernels.json_writing import JsonFormats, json_writer
from pyrite.sql.functions.kernels.mapping import map_distinct, map_rows
from pyrite.sql.functions.kernels.variant_decoding import VariantColumn
from pyrite.sql.functions.kernels.variant_json import json_texts
from pyrite.sql.functions.options import Options, read_options
from pyrite.sql.functions.raising import carried
from pyrite.sql.functions.schema_arguments import schema_type, with_schema
from pyrite.sql.functions.signature import arrange, call_text, mismatch
from pyrite.sql.functions.simple_date_format import COMPILERS, SimpleDateFormat
from pyrite.sql.time_zones import parse_zone
from pyrite.sql.types import (
    STRING,
    ArrayType,
    DataType,
    MapType,
    NullType,
    StringType,
    StructField,
    StructType,
    VariantType,
    as_nullable,
    sql_name,
    to_arrow,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "FUNCTIONS",
    "coerce_schema_source",
    "json_formats",
    "only_first",
    "shown",
    "text_formats",
]

_DEFAULT_TIMESTAMP = "yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]"
_DEFAULT_TIMESTAMP_NTZ = "yyyy-MM-dd'T'HH:mm:ss[.SSS]"
_CORRUPT_RECORD = "_corrupt_record"


def _strings_only(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    """Take strings as they are and convert nothing."""
    given = arrange(function, arguments)
    for index, argument in enumerate(given):
        if not isinstance(argument.data_type, (StringType, NullType)):
            raise mismatch(function, given, index, "STRING")
    return given


# ---- paths ----


def _find(documents: pa.Array, paths: pa.Array) -> pa.Array:
    import pyarrow as pa

    return map_rows((documents, paths), find_text, pa.string())


def _duckdb_path(path: str) -> str | None:
    """Return a path for DuckDB's json_extract, None for those only the kernel knows."""
    steps = parse_path(path)
    if steps is None or WILDCARD in steps:
        return None
    pieces = ["$"]
    for step in steps:
        if isinstance(step, int):
            pieces.append(f"[{step}]")
        elif isinstance(step, str) and '"' not in step and "\\" not in step:
            pieces.append(f'."{step}"')
        else:
            return None
    return "".join(pieces)


def _valid(document: str) -> str:
    """Return SQL of a document that is null if it is no JSON, which DuckDB would raise for."""
    return f"(CASE WHEN json_valid({document}) THEN {document} END)"


def _get_json_object(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    document = arguments[0]
    slow = context.kernel(call, _find, arguments)
    path = constant_text(call.arguments[1])
    fast = None if path is None else _duckdb_path(path)
    if fast is None:
        return slow
    found = f"json_extract_string({_valid(document)}, {quote(fast)})"
    return f"CASE WHEN json_valid({document}) THEN {found} ELSE {slow} END"


def _field(document: str, name: str) -> str | None:
    try:
        parsed = parse_json(document)
    except ValueError:
        return None
    if not isinstance(parsed, dict):
        return None
    return as_text(parsed.get(name))


def _fields(documents: pa.Array, names: pa.Array) -> pa.Array:
    import pyarrow as pa

    return map_rows((documents, names), _field, pa.string())


def _json_tuple(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    document, *names = arguments
    values = []
    for index, name in enumerate(names, 1):
        pair = (call.arguments[0], call.arguments[index])
        one = replace(call, arguments=pair, data_type=STRING)
        slow = context.kernel(one, _fields, [document, name])
        known = constant_text(call.arguments[index])
        if known and not set(known) & set('"\\'):
            path = quote(f'$."{known}"')
            found = f"json_extract_string({_valid(document)}, {path})"
            slow = f"CASE WHEN json_valid({document}) THEN {found} ELSE {slow} END"
        values.append(slow)
    return f"[{values[0] if len(values) == 1 else packed(call.data_type, values)}]"


def _coerce_json_tuple(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = arrange(function, arguments)
    if not all(isinstance(argument.data_type, StringType) for argument in given):
        raise analysis_error(
            "DATATYPE_MISMATCH.NON_STRING_TYPE",
            sqlExpr=f'"{call_text(function, given)}"',
            funcName=f"`{function.name}`",
        )
    return given


def _tuple_type(arguments: Sequence[Expression]) -> DataType:
    return StructType([StructField(f"c{i}", STRING, True) for i in range(len(arguments) - 1)])


# ---- reading ----


def text_formats(options: Options, zone_name: str, policy: str) -> TextFormats:
    """Return how the options say that dates and times are written.

    Args:
        options: The function's.
        zone_name: The session's time zone.
        policy: Its ``timeParserPolicy``.
    """
    zone_name = options.text("timeZone", zone_name)
    zone = parse_zone(zone_name) or datetime.UTC

    def reader(option: str, read: Callable[[Any, str], int]) -> Callable[[str], int] | None:
        pattern = options.text(option)
        if not pattern:
            return None
        compiled = COMPILERS[policy](pattern)
        compiled.check_parsing()

        def parse(text: str) -> int:
            try:
                return read(compiled, text)
            except UnparsableText as error:
                raise ValueError(str(error)) from None

        return parse

    return TextFormats(
        zone_name,
        reader("dateFormat", lambda p, text: p.parse_local_micros(text) // 86_400_000_000),
        reader("timestampFormat", lambda p, text: p.parse_micros(text, zone)),
        reader("timestampNTZFormat", lambda p, text: p.parse_local_micros(text)),
    )


def _root(parsed: Any, schema: DataType) -> Any:
    """Return the value a document is for a schema: arrays for structs, and the other way."""
    if isinstance(schema, StructType) and isinstance(parsed, list):
        if not parsed:
            raise BadValue
        return parsed[0]
    if (
        isinstance(schema, ArrayType)
        and isinstance(schema.elementType, StructType)
        and isinstance(parsed, dict)
    ):
        return [parsed]
    return parsed


def _read_documents(
    documents: pa.Array, *, schema: DataType, options: Options, zone: str, policy: str
) -> pa.Array:
    if not options and isinstance(schema, StructType) and is_plain(schema):
        plain = read_plain(documents, schema)
        if plain is not None:
            return plain
    formats = text_formats(options, zone, policy)
    reader = ValueReader(formats)
    corrupt = options.text("columnNameOfCorruptRecord", _CORRUPT_RECORD)
    names = schema.names if isinstance(schema, StructType) else []
    strict = options.text("mode", "PERMISSIVE").upper() == "FAILFAST"
    lenient = {
        "single_quotes": options.flag("allowSingleQuotes", True),
        "leading_zeros": options.flag("allowNumericLeadingZeros"),
        "bare_names": options.flag("allowUnquotedFieldNames"),
        "comments": options.flag("allowComments"),
    }

    def read(text: str) -> Any:
        if not text.strip():
            return None
        reader.gave_up = False
        try:
            value = reader.read(_root(parse_json(text, **lenient), schema), schema)
        except (BadValue, ValueError):
            value, reader.gave_up = ({} if names else None), True
        if reader.gave_up and strict:
            raise carried(
                runtime_error(
                    "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
                    badRecord=text,
                    failFastMode="FAILFAST",
                )
            )
        if reader.gave_up and corrupt in names and isinstance(value, dict):
            value[corrupt] = text
        return value

    import numpy as np
    import pyarrow as pa

    documents = documents.cast(pa.string())  # what has no type comes as any
    nodes, unread = nodes_of_json(documents)
    values = JsonValues(nodes, formats)
    found = values.convert(schema)
    odd = np.flatnonzero((unread | values.odd) & documents.is_valid().to_numpy(False))
    others = map_distinct(documents.take(pa.array(odd)), read, to_arrow(schema))
    return put_in(found, others, odd)


def only_first(compute: Any) -> Any:
    """Drop the arguments that are known since planning."""
    return lambda *arrays: compute(arrays[0])


def _lower_from_json(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    options = read_options(call.arguments[2] if len(call.arguments) > 2 else None)
    zone, policy = context.time_zone, context.time_parser_policy
    text_formats(options, zone, policy)  # wrong patterns are errors of the query
    compute = partial(
        _read_documents, schema=call.data_type, options=options, zone=zone, policy=policy
    )
    return context.kernel(call, only_first(compute), arguments)


def _coerce_reading(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = arrange(function, arguments)
    if not isinstance(given[0].data_type, (StringType, NullType)):
        raise mismatch(function, given, 0, "STRING")
    schema = schema_type(given[1])
    if not isinstance(schema, (StructType, ArrayType, MapType, VariantType)):
        raise analysis_error(
            "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA",
            sqlExpr=f'"{call_text(function, given)}"',
            schema=f'"{sql_name(schema)}"',
        )
    read_options(given[2] if len(given) > 2 else None)
    return given


# ---- writing ----


def json_formats(options: Options, zone_name: str, policy: str) -> JsonFormats:
    """Return how the options say that values are written.

    Args:
        options: The function's.
        zone_name: The session's time zone.
        policy: Its ``timeParserPolicy``, which holds for patterns that are given.
    """
    zone_name = options.text("timeZone", zone_name)
    zone = parse_zone(zone_name) or datetime.UTC
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    micro = datetime.timedelta(microseconds=1)

    def pattern(option: str, default: str) -> DateTimePattern | SimpleDateFormat:
        given = options.text(option)
        return COMPILERS[policy](given) if given else compile_pattern(default)

    instant = pattern("timestampFormat", _DEFAULT_TIMESTAMP)
    local = pattern("timestampNTZFormat", _DEFAULT_TIMESTAMP_NTZ)
    date = pattern("dateFormat", "yyyy-MM-dd")

    def write_local(pattern: Any, moment: datetime.datetime) -> str:
        return str(
            pattern.format((moment.replace(tzinfo=datetime.UTC) - epoch) // micro, datetime.UTC)
        )

    return JsonFormats(
        lambda moment: instant.format((moment - epoch) // micro, zone),
        lambda moment: write_local(local, moment),
        lambda day: write_local(date, datetime.datetime(day.year, day.month, day.day)),
        options.flag("ignoreNullFields", True),
        zone,
    )


def _write(values: pa.Array, *, writer: Callable[[Any], str]) -> pa.Array:
    import pyarrow as pa

    return pa.array([None if v is None else writer(v) for v in values.to_pylist()], pa.string())


def _write_variants(variants: pa.Array, *, zone: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = json_texts(VariantColumn(variants).nodes(), parse_zone(zone) or datetime.UTC)
    return pc.if_else(variants.is_valid(), texts, pa.scalar(None, pa.string()))


def _to_json(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    if isinstance(call.arguments[0].data_type, NullType):
        return "CAST(NULL AS VARCHAR)"
    options = read_options(call.arguments[1] if len(call.arguments) > 1 else None)

    def of_variant(sql: str) -> str:
        one = replace(call, arguments=(Literal(None, VariantType()),))
        return context.kernel(one, partial(_write_variants, zone=context.time_zone), [sql])

    if not options and (text := json_sql(arguments[0], call.arguments[0].data_type, of_variant)):
        return text
    formats = json_formats(options, context.time_zone, context.time_parser_policy)
    writer = json_writer(call.arguments[0].data_type, formats)
    compute = only_first(partial(_write, writer=writer))
    return context.kernel(call, compute, arguments)


def _coerce_writing(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = arrange(function, arguments)
    writable = (StructType, ArrayType, MapType, VariantType, NullType)
    if not isinstance(given[0].data_type, writable):
        raise analysis_error(
            "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA",
            sqlExpr=f'"{call_text(function, given)}"',
            schema=f'"{sql_name(given[0].data_type)}"',
        )
    read_options(given[1] if len(given) > 1 else None)
    return given


# ---- schemas ----


def _inferred(call: Call) -> DataType:
    return _infer(call.arguments)


def _infer(arguments: Sequence[Expression]) -> DataType:
    options = read_options(arguments[1] if len(arguments) > 1 else None)
    text = constant_text(arguments[0]) or ""
    parsed = parse_json(
        text,
        single_quotes=options.flag("allowSingleQuotes", True),
        leading_zeros=options.flag("allowNumericLeadingZeros"),
        bare_names=options.flag("allowUnquotedFieldNames"),
        comments=options.flag("allowComments"),
    )
    return infer_type(
        parsed,
        primitives_as_string=options.flag("primitivesAsString"),
        prefers_decimal=options.flag("prefersDecimal"),
    )


def coerce_schema_source(name: str) -> Coerce:
    """Make the coercion of a function that infers a schema of one constant text.

    Args:
        name: What messages call the text.
    """

    def convert(
        function: Function, arguments: Sequence[Expression], ansi: bool
    ) -> tuple[Expression, ...]:
        given = arrange(function, arguments)
        if constant_text(given[0]) is not None:
            return given
        call = call_text(function, given)
        if isinstance(given[0].data_type, NullType):
            raise analysis_error(
                "DATATYPE_MISMATCH.UNEXPECTED_NULL", sqlExpr=f'"{call}"', exprName=name
            )
        raise analysis_error(
            "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
            sqlExpr=f'"{call}"',
            inputName=f"`{name}`",
            inputType='"STRING"',
            inputExpr=f'"{pretty(given[0])}"',
        )

    return convert


def _schema_of_json(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return quote(sql_name(_inferred(call)))


def shown(name: str, *indexes: int) -> Callable[[Sequence[str]], str]:
    """Show a call with some of its arguments only, as Spark does."""
    return lambda texts: f"{name}({', '.join(texts[i] for i in indexes if i < len(texts))})"


def _guarded(test: str, sql: str) -> str:
    """Return a template for valid documents of one kind; null for others."""
    document = _valid("{json}")
    return f"CASE WHEN json_type({document}) = '{test}' THEN {sql.format(document)} END"


FUNCTIONS = (
    scalar(
        "get_json_object(json: string, path: string) -> string",
        _get_json_object,
        "The text of what a path such as $.a[0] leads to.",
        nullable=True,
    ),
    generator(
        "json_tuple(json: string, fields...: string)",
        _json_tuple,
        "Some fields of an object as columns.",
        result=_tuple_type,
        coerce=_coerce_json_tuple,
    ),
    scalar(
        "from_json(json: string, schema: any, options?: any)",
        _lower_from_json,
        "A value of a JSON text.",
        coerce=_coerce_reading,
        rewrite=with_schema("from_json", {"schema_of_json": _inferred}),
        result=lambda arguments: as_nullable(schema_type(arguments[1])),
        nullable=True,
        pretty=shown("from_json", 0),
    ),
    scalar(
        "to_json(expr: any, options?: any) -> string",
        _to_json,
        "A value as JSON text.",
        coerce=_coerce_writing,
        nullable=True,
        pretty=shown("to_json", 0),
    ),
    scalar(
        "schema_of_json(json: string, options?: any) -> string",
        _schema_of_json,
        "The schema of a JSON text.",
        coerce=coerce_schema_source("json"),
        nullable=False,
        pretty=shown("schema_of_json", 0),
    ),
    scalar(
        "json_array_length(json: string) -> int",
        _guarded("ARRAY", "CAST(json_array_length({0}) AS INTEGER)"),
        "How many elements the outermost array has.",
        coerce=_strings_only,
        nullable=True,
    ),
    scalar(
        "json_object_keys(json: string) -> array<string>",
        _guarded("OBJECT", "json_keys({0})"),
        "The names in the outermost object.",
        coerce=_strings_only,
        nullable=True,
    ),
)
