"""Saves into tables: ``saveAsTable``, INSERT and CREATE TABLE AS SELECT.

Rows are brought to the table's columns by a projection, with Spark's rules of store assignment:
a value must fit, and what cannot be told to fit (text into a number) is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pyrite.core.hadoop.filesystem import file_system
from pyrite.sql.analysis.char_padding import are_strings
from pyrite.sql.catalog.entities import CatalogTable
from pyrite.sql.catalog.names import CATALOG, quoted
from pyrite.sql.errors import analysis_error, unsupported
from pyrite.sql.execution.analyze import analyze
from pyrite.sql.execution.statements.arguments import nothing
from pyrite.sql.execution.statements.partitions import directory_of, static_partition
from pyrite.sql.execution.statements.saving import check_not_read, kept_in_cache, save_query
from pyrite.sql.execution.statements.store_assignment import assignable, stored_number, stored_value
from pyrite.sql.execution.statements.tables import (
    bucketing_of,
    default_provider,
    drop,
    new_table,
    provider_name,
    writable_table,
)
from pyrite.sql.expressions.char_types import without_lengths
from pyrite.sql.expressions.expression import Attribute, Expression, Literal
from pyrite.sql.expressions.unresolved import (
    ExpressionText,
    UnresolvedAlias,
    UnresolvedAttribute,
)
from pyrite.sql.plans.commands import WriteTable
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import UnresolvedInlineTable, UnresolvedProject
from pyrite.sql.session_state import SessionState
from pyrite.sql.sources.buckets import Bucketing
from pyrite.sql.sources.column_defaults import EXISTS_DEFAULT
from pyrite.sql.sources.options import SourceOptions
from pyrite.sql.sources.registry import find_format
from pyrite.sql.sources.writer import save_mode
from pyrite.sql.types import (
    NULL,
    DecimalType,
    DoubleType,
    FloatType,
    NumericType,
    StructField,
    StructType,
    as_nullable,
    sql_name,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["write_table"]


def write_table(session: SessionState, command: WriteTable) -> pa.Table:
    """Run a save into a table."""
    existing = session.catalog.find_table(command.name)
    child = command.child if existing is None else _with_defaults(command, existing)
    plan = analyze(session, child)
    match command.method:
        case "save_as_table":
            _save_as_table(session, command, plan, existing)
        case "insert_into":
            if command.bucket is not None:
                raise analysis_error("_LEGACY_ERROR_TEMP_1312", operation="insertInto")
            table = writable_table(session, command.name, "INSERT")
            if command.partition_columns:
                raise analysis_error(
                    "PARTITION_BY_NOT_ALLOWED_WITH_INSERT_INTO", tableName=quoted(command.name)
                )
            _insert(session, command, plan, table, save_mode(command.mode) == "overwrite")
        case "create":
            if existing is not None:
                if command.if_not_exists:
                    return nothing()
                raise _exists(existing)
            _create(session, command, plan, None)
        case "replace" | "create_or_replace":
            if existing is None and command.method == "replace":
                raise session.catalog.not_found(command.name)
            _create(session, command, plan, existing)
        case "append":
            table = writable_table(session, command.name, "append")
            _insert(session, replace(command, by_name=True), plan, table, False)
        case "overwrite_partitions":
            table = writable_table(session, command.name, "overwritePartitions")
            _insert(session, replace(command, by_name=True), plan, table, True, dynamic=True)
        case _:
            raise unsupported("replacing the rows of a table by a condition")
    return nothing()


def _with_defaults(command: WriteTable, table: CatalogTable) -> LogicalPlan:
    """Return the rows of INSERT with the columns' defaults where they say DEFAULT."""
    fixed = {name.lower() for name, value in command.partition if value is not None}
    fields = [f for f in table.schema.fields if f.name.lower() not in fixed]
    if command.columns:
        by_name = {f.name.lower(): f for f in fields}
        fields = [by_name[name.lower()] for name in command.columns if name.lower() in by_name]

    def row(cells: Sequence[Expression]) -> tuple[Expression, ...]:
        return tuple(
            _default(fields[place]) if _is_default(cell) and place < len(fields) else cell
            for place, cell in enumerate(cells)
        )

    match command.child:
        case UnresolvedInlineTable():
            return replace(command.child, rows=tuple(map(row, command.child.rows)))
        case UnresolvedProject():
            listed = row(command.child.expressions_list)
            return replace(command.child, expressions_list=listed)
    return command.child


def _is_default(cell: Expression) -> bool:
    if isinstance(cell, UnresolvedAlias):
        cell = cell.child
    return isinstance(cell, UnresolvedAttribute) and (
        [part.upper() for part in cell.parts] == ["DEFAULT"]
    )


def _default(field: StructField) -> Expression:
    text = _default_text(field)
    return Literal(None, NULL) if text is None else ExpressionText(text)


def _exists(table: CatalogTable) -> Exception:
    return analysis_error("TABLE_OR_VIEW_ALREADY_EXISTS", relationName=quoted(table.full_name))


def _save_as_table(
    session: SessionState, command: WriteTable, plan: LogicalPlan, existing: CatalogTable | None
) -> None:
    mode = save_mode(command.mode)
    if existing is None or mode == "overwrite":
        _create(session, command, plan, existing)
    elif mode == "append":
        table = writable_table(session, command.name, "saveAsTable")
        _check_layout(session, command, table)
        _check_columns(plan, table)
        if command.bucket != table.bucket:
            raise analysis_error(
                "_LEGACY_ERROR_TEMP_1164",
                tableName=".".join(table.full_name),
                specifiedBucketString=_bucket_text(command.bucket),
                existingBucketString=_bucket_text(table.bucket),
            )
        _insert(session, replace(command, by_name=True), plan, table, False)
    elif mode == "error":
        raise _exists(existing)


def _check_layout(session: SessionState, command: WriteTable, table: CatalogTable) -> None:
    """Refuse to append to a table that has another format or other partition columns."""
    given = provider_name(command.format or default_provider(session))
    if given != table.provider:
        raise analysis_error(
            "_LEGACY_ERROR_TEMP_1159",
            tableName=".".join(table.full_name),
            existingProvider=str(table.provider),
            specifiedProvider=given,
        )
    columns = [_column_name(column) for column in command.partition_columns]
    if list(map(str.lower, columns)) != [name.lower() for name in table.partition_columns]:
        raise analysis_error(
            "_LEGACY_ERROR_TEMP_1163",
            tableName=".".join(table.full_name),
            specifiedPartCols=", ".join(columns),
            existingPartCols=", ".join(table.partition_columns),
        )


def _bucket_text(bucket: tuple[int, tuple[str, ...], tuple[str, ...]] | None) -> str:
    return "not bucketed" if bucket is None else str(Bucketing(*bucket))


def _check_columns(plan: LogicalPlan, table: CatalogTable) -> None:
    """Refuse to append rows that do not have a table's columns."""
    given = {name.lower() for name in plan.schema.names}
    if len(plan.schema) != len(table.schema):
        raise analysis_error(
            "_LEGACY_ERROR_TEMP_1161",
            tableName=".".join(table.full_name),
            existingTableSchema=table.schema.simpleString(),
            querySchema=plan.schema.simpleString(),
        )
    for name in table.schema.names:
        if name.lower() not in given:
            raise analysis_error(
                "_LEGACY_ERROR_TEMP_1162", col=name, inputColumns=", ".join(plan.schema.names)
            )


def _column_name(expression: Expression) -> str:
    if isinstance(expression, UnresolvedAttribute):
        return expression.parts[-1]
    raise unsupported("partitioning by an expression; add a column for it")


def _create(
    session: SessionState, command: WriteTable, plan: LogicalPlan, existing: CatalogTable | None
) -> None:
    """Make a table of a query's rows; it is in the catalog when its files are complete."""
    if existing is not None and existing.is_view:
        raise analysis_error(
            "EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE",
            operation="CREATE TABLE AS SELECT",
            viewName=quoted(existing.full_name),
        )
    schema = as_nullable(plan.schema)
    assert isinstance(schema, StructType)
    table = new_table(
        session,
        command.name,
        schema,
        provider=command.format,
        partition_columns=[_column_name(e) for e in command.partition_columns],
        bucket=command.bucket,
        path=command.path,
        options=dict(command.options),
        properties=dict(command.properties),
        comment=command.comment,
    )
    assert table.location is not None
    if existing is not None:
        check_not_read(plan, table.location, existing.full_name)
    elif table.kind == "MANAGED":
        _check_vacant(table)
    by_name = {a.name.lower(): a for a in plan.output}
    ordered = UnresolvedProject(
        tuple(UnresolvedAlias(by_name[f.name.lower()], f.name) for f in table.schema.fields), plan
    )
    assert table.provider is not None
    save_query(
        session,
        ordered,
        find_format(table.provider),
        table.location,
        "append" if existing is None else "overwrite",
        SourceOptions(table.options.items()),
        table.partition_columns,
        all_nullable=True,
        bucketing=bucketing_of(table),
    )
    metastore = session.catalog.metastore
    if existing is None:
        metastore.create_table(table)
        return
    if existing.location != table.location:
        drop(session, existing)
        metastore.create_table(table)
    else:
        metastore.replace_table(table)


def _check_vacant(table: CatalogTable) -> None:
    assert table.location is not None
    fs = file_system(table.location)
    if fs.status(table.location) is not None and fs.list_status(table.location):
        raise analysis_error(
            "LOCATION_ALREADY_EXISTS",
            identifier=quoted(table.full_name),
            location=f"'{table.location}'",
        )


def _insert(
    session: SessionState,
    command: WriteTable,
    plan: LogicalPlan,
    table: CatalogTable,
    overwrites: bool,
    dynamic: bool = False,
) -> None:
    """Add rows to a table, or replace its rows or those of some partitions."""
    static = static_partition(session, table, command.partition)
    fixed = {
        name.lower(): expression for name, expression in command.partition if expression is not None
    }
    open_fields = [f for f in table.schema.fields if f.name.lower() not in fixed]
    values = {
        **_matched(session, command, plan, table, open_fields),
        **{f.name: fixed[f.name.lower()] for f in table.schema.fields if f.name.lower() in fixed},
    }
    strict = _is_strict(session)
    stored = without_lengths(table.schema) if are_strings(session.conf) else table.schema
    assert isinstance(stored, StructType)
    projected = UnresolvedProject(
        tuple(UnresolvedAlias(_stored(values[f.name], f, strict), f.name) for f in stored.fields),
        plan,
    )
    assert table.location is not None
    assert table.provider is not None
    prefix = []
    for name in table.partition_columns:
        if name not in static:
            break
        prefix.append((name, static[name]))
    replaced = directory_of(prefix)
    if overwrites:
        if command.if_not_exists and replaced and _is_there(table, replaced):
            return
        check_not_read(plan, table.location, table.full_name)
    options = SourceOptions(table.options.items()).with_items(command.options)
    if any(EXISTS_DEFAULT in (f.metadata or {}) for f in table.schema.fields):
        # In JSON, a null that is left out would be read as the default.
        options = SourceOptions([("ignoreNullFields", "false")]).with_items(options.items())
    if dynamic:
        options = options.with_items([("partitionOverwriteMode", "dynamic")])
    with kept_in_cache(session, table.full_name):
        save_query(
            session,
            projected,
            find_format(table.provider),
            table.location,
            "overwrite" if overwrites else "append",
            options,
            table.partition_columns,
            replaced,
            all_nullable=True,
            bucketing=bucketing_of(table),
        )


def _is_strict(session: SessionState) -> bool:
    """Return whether values that a column may not hold are refused."""
    return (session.conf.get("spark.sql.storeAssignmentPolicy") or "ANSI").upper() != "LEGACY"


def _stored(value: Expression, field: StructField, strict: bool) -> Expression:
    # A NaN is null as a decimal, which is no overflow.
    if (
        strict
        and isinstance(value, Attribute)
        and isinstance(value.data_type, NumericType)
        and isinstance(field.dataType, NumericType)
        and value.data_type != field.dataType
        and not (
            isinstance(value.data_type, (FloatType, DoubleType))
            and isinstance(field.dataType, DecimalType)
        )
    ):
        return stored_number(value, field)
    return stored_value(value, field.dataType)


def _is_there(table: CatalogTable, directory: str) -> bool:
    path = f"{table.location}/{directory}"
    return file_system(path).status(path) is not None


def _matched(
    session: SessionState,
    command: WriteTable,
    plan: LogicalPlan,
    table: CatalogTable,
    fields: list[StructField],
) -> dict[str, Expression]:
    """Return for each of a table's open columns the query's column or the default."""
    output = plan.output
    shown = quoted((CATALOG, table.database, table.name))
    wanted = list(fields)
    if command.columns:
        by_name = {f.name.lower(): f for f in fields}
        missing = [name for name in command.columns if name.lower() not in by_name]
        if missing:
            raise analysis_error(
                "UNRESOLVED_COLUMN.WITH_SUGGESTION",
                objectName=quoted((missing[0],)),
                proposal=", ".join(quoted((f.name,)) for f in fields),
            )
        for place, name in enumerate(command.columns):
            if name.lower() in [earlier.lower() for earlier in command.columns[:place]]:
                raise analysis_error("COLUMN_ALREADY_EXISTS", columnName=quoted((name,)))
        wanted = [by_name[name.lower()] for name in command.columns]
    if command.by_name:
        known = {a.name.lower(): a for a in output}
        for a in output:
            if known[a.name.lower()] is not a:
                raise analysis_error(
                    "INCOMPATIBLE_DATA_FOR_TABLE.AMBIGUOUS_COLUMN_NAME",
                    tableName=shown,
                    colName=quoted((a.name,)),
                )
        extra = [a.name for a in output if a.name.lower() not in {f.name.lower() for f in fields}]
        if extra:
            names = ", ".join(quoted((name,)) for name in extra)
            raise analysis_error(
                "INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_COLUMNS", tableName=shown, extraColumns=names
            )
        pairs = [(f, known[f.name.lower()]) for f in fields if f.name.lower() in known]
    else:
        if len(output) != len(wanted):
            kind = "TOO_MANY" if len(output) > len(wanted) else "NOT_ENOUGH"
            raise analysis_error(
                f"INSERT_COLUMN_ARITY_MISMATCH.{kind}_DATA_COLUMNS",
                tableName=shown,
                tableColumns=", ".join(quoted((f.name,)) for f in wanted),
                dataColumns=", ".join(quoted((a.name,)) for a in output),
            )
        pairs = list(zip(wanted, output, strict=True))
    strict = _is_strict(session)
    for field, attribute in pairs:
        if strict and not assignable(attribute.data_type, field.dataType):
            raise analysis_error(
                "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST",
                tableName=shown,
                colName=quoted((field.name,)),
                srcType=f'"{sql_name(attribute.data_type)}"',
                targetType=f'"{sql_name(field.dataType)}"',
            )
    values: dict[str, Expression] = {f.name: a for f, a in pairs}
    for field in fields:
        if field.name not in values:
            values[field.name] = _default(field)
    return values


def _default_text(field: StructField) -> str | None:
    text = (field.metadata or {}).get("CURRENT_DEFAULT")
    return str(text) if text is not None else None
