"""Functions of lines of CSV: from and to structs, schemas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pyrite.sql.duckdb_text import quote
from pyrite.sql.errors import analysis_error, runtime_error
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.expressions.function import Function, LoweringContext
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.json import (
    coerce_schema_source,
    json_formats,
    only_first,
    shown,
    text_formats,
)
from pyrite.sql.functions.kernels.csv_text import read_field, split_line, write_field
from pyrite.sql.functions.kernels.json_reading import BadValue, ValueReader
from pyrite.sql.functions.kernels.json_writing import JsonFormats, json_writer
from pyrite.sql.functions.kernels.mapping import map_distinct
from pyrite.sql.functions.options import Options, read_options
from pyrite.sql.functions.raising import carried
from pyrite.sql.functions.schema_arguments import schema_type, with_schema
from pyrite.sql.functions.signature import arrange, call_text, mismatch
from pyrite.sql.types import (
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    LONG,
    STRING,
    TIMESTAMP,
    ArrayType,
    DataType,
    MapType,
    NullType,
    StringType,
    StructField,
    StructType,
    as_nullable,
    sql_name,
    to_arrow,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FUNCTIONS"]


def _marks(options: Options) -> tuple[str, str, str]:
    """Return the separator, the quote and the escape character."""
    separator = options.text("sep", options.text("delimiter", ","))
    return separator, options.text("quote", '"'), options.text("escape", "\\")


# ---- reading ----


def _read_lines(lines: pa.Array, *, schema: StructType, options: Options, zone: str) -> pa.Array:
    reader = ValueReader(text_formats(options, zone))
    null = options.text("nullValue", "")
    corrupt = options.text("columnNameOfCorruptRecord", "_corrupt_record")
    strict = options.text("mode", "PERMISSIVE").upper() == "FAILFAST"
    fields = [field for field in schema.fields if field.name != corrupt]
    marks = _marks(options)
    trims = options.flag("ignoreLeadingWhiteSpace"), options.flag("ignoreTrailingWhiteSpace")

    def one(text: str | None, data_type: DataType) -> Any:
        if text is not None and trims[0]:
            text = text.lstrip()
        if text is not None and trims[1]:
            text = text.rstrip()
        if text is None or text == null or not text:
            return None
        return read_field(text, data_type, reader)

    def read(line: str) -> Any:
        values: dict[str, Any] = {}
        texts = split_line(line, *marks)
        bad = len(texts) != len(fields)
        for index, field in enumerate(fields):
            try:
                text = texts[index] if index < len(texts) else None
                values[field.name] = one(text, field.dataType)
            except BadValue:
                values[field.name], bad = None, True
        if bad and strict:
            raise carried(
                runtime_error(
                    "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
                    badRecord=line,
                    failFastMode="FAILFAST",
                )
            )
        if bad and corrupt in schema.names:
            values[corrupt] = line
        return values

    return map_distinct(lines, read, to_arrow(schema))


def _coerce_reading(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = arrange(function, arguments)
    if not isinstance(given[0].data_type, (StringType, NullType)):
        raise mismatch(function, given, 0, "STRING")
    schema = schema_type(given[1])
    if not isinstance(schema, StructType):
        raise analysis_error(
            "INVALID_SCHEMA.NON_STRUCT_TYPE",
            inputSchema=f'"{sql_name(schema)}"',
            dataType=f'"{sql_name(schema)}"',
        )
    read_options(given[2] if len(given) > 2 else None)
    return given


def _from_csv(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    options = read_options(call.arguments[2] if len(call.arguments) > 2 else None)
    text_formats(options, context.time_zone)  # wrong patterns are errors of the query
    schema = call.data_type
    assert isinstance(schema, StructType)
    compute = partial(_read_lines, schema=schema, options=options, zone=context.time_zone)
    return context.kernel(call, only_first(compute), arguments)


# ---- writing ----


def _shown(data_type: DataType, formats: JsonFormats, null: str) -> Callable[[Any], str]:
    """Return what writes a value's text; arrays, maps and structs nearly as casts to strings do.

    Args:
        data_type: The value's type.
        formats: How dates and times are written.
        null: What stands for null.
    """

    def joined(texts: list[str | None]) -> str:
        pieces = [null if texts[:1] == [None] else (texts[0] if texts else "")]
        for text in texts[1:]:
            shown = null if text is None else text
            pieces.append(f", {shown}" if shown or text is not None else ",")
        return "".join(str(piece) for piece in pieces)

    def maybe(value: Any, write: Callable[[Any], str]) -> str | None:
        return None if value is None else write(value)

    match data_type:
        case StringType():
            return str
        case ArrayType():
            item = _shown(data_type.elementType, formats, null)
            return lambda values: f"[{joined([maybe(v, item) for v in values])}]"
        case MapType():
            key = _shown(data_type.keyType, formats, null)
            item = _shown(data_type.valueType, formats, null)
            return lambda pairs: (
                "{" + ", ".join(f"{key(k)} -> {maybe(v, item) or null}" for k, v in pairs) + "}"
            )
        case StructType():
            parts = [(f.name, _shown(f.dataType, formats, null)) for f in data_type.fields]
            return lambda value: f"{{{joined([maybe(value[n], w) for n, w in parts])}}}"
        case _:
            writer = json_writer(data_type, formats)
            return lambda value: writer(value).strip('"')


def _writer(schema: StructType, options: Options, zone: str) -> Callable[[Any], str]:
    formats = json_formats(options, zone)
    marks = _marks(options)
    null = options.text("nullValue", "")
    always = options.flag("quoteAll")
    fields = [(field.name, _shown(field.dataType, formats, null)) for field in schema.fields]

    def one(value: Any, write: Callable[[Any], str]) -> str:
        if value is None:
            return null
        text = write(value)
        return f'"{text}"' if always else write_field(text, *marks)

    return lambda value: marks[0].join(one(value[name], write) for name, write in fields)


def _write_rows(rows: pa.Array, *, writer: Callable[[Any], str]) -> pa.Array:
    import pyarrow as pa

    return pa.array([None if v is None else writer(v) for v in rows.to_pylist()], pa.string())


def _to_csv(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    options = read_options(call.arguments[1] if len(call.arguments) > 1 else None)
    schema = call.arguments[0].data_type
    assert isinstance(schema, StructType)
    compute = partial(_write_rows, writer=_writer(schema, options, context.time_zone))
    return context.kernel(call, only_first(compute), arguments)


def _coerce_writing(
    function: Function, arguments: Sequence[Expression], ansi: bool
) -> tuple[Expression, ...]:
    given = arrange(function, arguments)
    if not isinstance(given[0].data_type, StructType):
        raise analysis_error(
            "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
            sqlExpr=f'"{call_text(function, given)}"',
            paramIndex="first",
            requiredType='"STRUCT"',
            inputSql=f'"{call_text(function, given[:1])[len(function.name) + 1 : -1]}"',
            inputType=f'"{sql_name(given[0].data_type)}"',
        )
    read_options(given[1] if len(given) > 1 else None)
    return given


# ---- schemas ----

_CANDIDATES: tuple[DataType, ...] = (INTEGER, LONG, DOUBLE, BOOLEAN, DATE, TIMESTAMP)


def _inferred(call: Call) -> DataType:
    options = read_options(call.arguments[1] if len(call.arguments) > 1 else None)
    reader = ValueReader(text_formats(options, "UTC"))

    def fits(text: str, data_type: DataType) -> bool:
        try:
            return read_field(text, data_type, reader) is not None
        except BadValue:
            return False

    texts = split_line(constant_text(call.arguments[0]) or "", *_marks(options))
    kinds = (next((kind for kind in _CANDIDATES if fits(t, kind)), STRING) for t in texts)
    return StructType([StructField(f"_c{i}", kind, True) for i, kind in enumerate(kinds)])


def _schema_of_csv(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    return quote(sql_name(_inferred(call)))


FUNCTIONS = (
    scalar(
        "from_csv(csv: string, schema: any, options?: any)",
        _from_csv,
        "A struct of a line of CSV.",
        coerce=_coerce_reading,
        rewrite=with_schema("from_csv", {"schema_of_csv": _inferred}),
        result=lambda arguments: as_nullable(schema_type(arguments[1])),
        nullable=True,
        pretty=shown("from_csv", 0),
    ),
    scalar(
        "to_csv(expr: any, options?: any) -> string",
        _to_csv,
        "A struct as a line of CSV.",
        coerce=_coerce_writing,
        nullable=lambda arguments: arguments[0].nullable,
        pretty=shown("to_csv", 0),
    ),
    scalar(
        "schema_of_csv(csv: string, options?: any) -> string",
        _schema_of_csv,
        "The schema of a line of CSV.",
        coerce=coerce_schema_source("csv"),
        nullable=False,
        pretty=shown("schema_of_csv", 0),
    ),
)
