"""Functions of lines of CSV: from and to structs, schemas.

DuckDB writes lines, and lines are read by columns. What goes one line at a time: reading those
that ``csv_columns`` leaves out, and writing arrays, maps and structs, or by patterns of options.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pyrite.sql.duckdb_text import identifier, let, quote
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
from pyrite.sql.functions.json_sql import text_sql
from pyrite.sql.functions.kernels.buffers import put_in
from pyrite.sql.functions.kernels.csv_columns import split_lines
from pyrite.sql.functions.kernels.csv_text import BLANKS, read_field, split_line, write_field
from pyrite.sql.functions.kernels.json_reading import BadValue, ValueReader
from pyrite.sql.functions.kernels.json_writing import JsonFormats, json_writer
from pyrite.sql.functions.kernels.text_values import usual_values
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
    DoubleType,
    FloatType,
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


class _LineReader:
    """Reads lines: those of the usual form together, others one at a time.

    Fields in forms that ``text_values`` leaves out are read once for each distinct text; so are
    dates and times in patterns of the user's.

    Args:
        schema: What a line becomes.
        options: The options of from_csv.
        zone: The session's time zone.
        policy: Its ``timeParserPolicy``.
    """

    def __init__(self, schema: StructType, options: Options, zone: str, policy: str) -> None:
        self._schema = schema
        self._reader = ValueReader(text_formats(options, zone, policy))
        self._null = options.text("nullValue", "")
        self._corrupt = options.text("columnNameOfCorruptRecord", "_corrupt_record")
        self._strict = options.text("mode", "PERMISSIVE").upper() == "FAILFAST"
        self._fields = [field for field in schema.fields if field.name != self._corrupt]
        self._marks = _marks(options)
        self._trims_left = options.flag("ignoreLeadingWhiteSpace")
        self._trims_right = options.flag("ignoreTrailingWhiteSpace")

    def __call__(self, lines: pa.Array) -> pa.Array:
        """Return an array of structs."""
        import numpy as np
        import pyarrow as pa

        lines = lines.cast(pa.string())  # what has no type comes as any
        texts, usual = split_lines(lines, len(self._fields), self._marks)
        places = np.flatnonzero(usual)
        odd = np.flatnonzero(~usual & lines.is_valid().to_numpy(zero_copy_only=False))
        kind = to_arrow(self._schema)
        found = pa.nulls(len(lines), kind)
        if len(places):
            found = put_in(found, self._read_all(lines.take(pa.array(places)), texts), places)
        others = [self._read(line) for line in lines.take(pa.array(odd)).to_pylist()]
        return put_in(found, pa.array(others, kind), odd)

    def _read_all(self, lines: pa.Array, texts: list[pa.Array]) -> pa.Array:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        bad = np.zeros(len(lines), bool)
        columns: dict[str, pa.Array] = {}
        for field, column in zip(self._fields, texts, strict=True):
            columns[field.name], wrong = self._column(column, field.dataType)
            bad |= wrong
        if bad.any():
            self._refuse(lines[int(bad.argmax())].as_py())
        if self._corrupt in self._schema.names:
            columns[self._corrupt] = pc.if_else(pa.array(bad), lines, pa.scalar(None, lines.type))
        ordered = [columns[name] for name in self._schema.names]
        return pa.StructArray.from_arrays(ordered, fields=list(to_arrow(self._schema)))

    def _column(self, texts: pa.Array, data_type: DataType) -> tuple[pa.Array, Any]:
        """Return a field's values, and which texts are none."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._trims_left:
            texts = pc.utf8_ltrim(texts, BLANKS)
        if self._trims_right:
            texts = pc.utf8_rtrim(texts, BLANKS)
        empty = pc.or_(pc.equal(texts, self._null), pc.equal(texts, ""))
        texts = pc.if_else(empty, pa.scalar(None, texts.type), texts)
        if isinstance(data_type, (DoubleType, FloatType)):
            texts = pc.utf8_trim(texts, BLANKS)
        formats = self._reader.formats
        if formats.reader(data_type):
            values = pa.nulls(len(texts), to_arrow(data_type))
        else:
            values = usual_values(texts, data_type, formats.zone)
        left = texts.is_valid().to_numpy(False) & values.is_null().to_numpy(False)
        odd = np.flatnonzero(left)
        if not len(odd):
            return values, left
        coded = texts.take(pa.array(odd)).dictionary_encode()
        codes = coded.indices.to_numpy(zero_copy_only=False)
        made, wrong = [], np.zeros(len(coded.dictionary), bool)
        for code, text in enumerate(coded.dictionary.to_pylist()):
            try:
                made.append(read_field(text, data_type, self._reader))
            except BadValue:
                made.append(None)
                wrong[code] = True
        left[odd] = wrong[codes]
        return put_in(values, pa.array(made, to_arrow(data_type)).take(coded.indices), odd), left

    def _one(self, text: str, data_type: DataType) -> Any:
        if self._trims_left:
            text = text.lstrip(BLANKS)
        if self._trims_right:
            text = text.rstrip(BLANKS)
        if not text or text == self._null:
            return None
        return read_field(text, data_type, self._reader)

    def _read(self, line: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        texts = split_line(line, *self._marks)
        bad = bool(line) and len(texts) != len(self._fields)
        for index, field in enumerate(self._fields):
            values[field.name] = None
            try:
                if index < len(texts):
                    values[field.name] = self._one(texts[index], field.dataType)
            except BadValue:
                bad = True
        if bad:
            self._refuse(line)
            if self._corrupt in self._schema.names:
                values[self._corrupt] = line
        return values

    def _refuse(self, line: str) -> None:
        if self._strict:
            raise carried(
                runtime_error(
                    "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
                    badRecord=line,
                    failFastMode="FAILFAST",
                )
            )


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
    schema = call.data_type
    assert isinstance(schema, StructType)
    reader = _LineReader(schema, options, context.time_zone, context.time_parser_policy)
    return context.kernel(call, only_first(reader), arguments)


# ---- writing ----

#: Options that SQL knows; where others are given, a kernel writes row by row, and what has parts.
_SQL_OPTIONS = {"nullvalue", "quoteall", "sep", "delimiter", "quote", "escape"}


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


def _writer(schema: StructType, options: Options, context: LoweringContext) -> Callable[[Any], str]:
    formats = json_formats(options, context.time_zone, context.time_parser_policy)
    marks = _marks(options)
    null = options.text("nullValue", "")
    always = options.flag("quoteAll")
    fields = [(field.name, _shown(field.dataType, formats, null)) for field in schema.fields]

    def one(value: Any, write: Callable[[Any], str]) -> str:
        if value is None:
            return marks[1] + null + marks[1] if always else null
        return write_field(write(value), *marks, always)

    return lambda value: marks[0].join(one(value[name], write) for name, write in fields)


def _write_rows(rows: pa.Array, *, writer: Callable[[Any], str]) -> pa.Array:
    import pyarrow as pa

    return pa.array([None if v is None else writer(v) for v in rows.to_pylist()], pa.string())


def _field_sql(value: str, data_type: DataType, options: Options) -> str | None:
    """Return SQL of a field, None for values that need the patterns of options, or have parts."""
    is_text = isinstance(data_type, StringType)
    text = f"spark_trim({value})" if is_text else text_sql(value, data_type)
    if text is None:
        return None
    null = options.text("nullValue", "")
    separator, mark, escape = _marks(options)
    escaped = text
    if escape and escape != mark:
        escaped = f"replace({escaped}, {quote(escape)}, {quote(escape * 2)})"
    if mark:
        escaped = f"replace({escaped}, {quote(mark)}, {quote(escape + mark)})"
    quoted = f"{quote(mark)} || {escaped if is_text else text} || {quote(mark)}"
    if options.flag("quoteAll"):
        return f"CASE WHEN {value} IS NULL THEN {quote(mark + null + mark)} ELSE {quoted} END"
    written = text
    if is_text:
        special = "|".join(re.escape(part) for part in (separator, mark) if part) + "|[\\r\\n]"
        written = (
            f"CASE WHEN {text} = '' THEN {quote(mark * 2)} "
            f"WHEN regexp_matches({text}, {quote(special)}) THEN {quoted} ELSE {text} END"
        )
    return f"CASE WHEN {value} IS NULL THEN {quote(null)} ELSE {written} END"


def _line_sql(row: str, schema: StructType, options: Options) -> str | None:
    """Return SQL of a struct's line; None if a kernel has to write it."""
    if options.names() - _SQL_OPTIONS or not schema.fields or len(set(schema.names)) < len(schema):
        return None
    fields = []
    for field in schema.fields:
        sql = _field_sql(f"v90.{identifier(field.name)}", field.dataType, options)
        if sql is None:
            return None
        fields.append(sql)
    line = f" || {quote(_marks(options)[0])} || ".join(fields)
    if len(fields) == 1:
        line = f"nullif({line}, '')"  # a line of nothing is none
    return let("v90", row, f"CASE WHEN v90 IS NOT NULL THEN {line} END")


def _to_csv(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
    options = read_options(call.arguments[1] if len(call.arguments) > 1 else None)
    schema = call.arguments[0].data_type
    assert isinstance(schema, StructType)
    if line := _line_sql(arguments[0], schema, options):
        return line
    compute = partial(_write_rows, writer=_writer(schema, options, context))
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
    reader = ValueReader(text_formats(options, "UTC", "CORRECTED"))

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
        nullable=True,
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
