"""Tables: CREATE, DROP and ALTER."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pyrite.core.hadoop.filesystem import file_system, qualify
from pyrite.sql.analysis.char_padding import declared_schema
from pyrite.sql.catalog.entities import CatalogTable
from pyrite.sql.catalog.names import CATALOG, check_name, quoted
from pyrite.sql.errors import analysis_error
from pyrite.sql.execution.statements.arguments import Arguments, Handler, nothing
from pyrite.sql.execution.statements.store_assignment import stored_value
from pyrite.sql.execution.statements.variables import constant
from pyrite.sql.expressions.unresolved import ExpressionText
from pyrite.sql.plans.clustering import clustering_columns
from pyrite.sql.plans.commands import CreateTable, MergeIntoTable
from pyrite.sql.session_state import SessionState
from pyrite.sql.sources.buckets import Bucketing
from pyrite.sql.sources.column_defaults import EXISTS_DEFAULT
from pyrite.sql.sources.registry import check_types, find_format, resolve
from pyrite.sql.types import (
    STRING,
    BooleanType,
    DataType,
    DateType,
    NumericType,
    StructField,
    StructType,
    TimestampNTZType,
    TimestampType,
    sql_name,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "HANDLERS",
    "bucketing_of",
    "check_new_name",
    "create_table",
    "default_provider",
    "drop",
    "merge",
    "new_table",
    "provider_name",
    "writable_table",
]

_DEFAULT_SOURCE = "spark.sql.sources.default"


def default_provider(session: SessionState) -> str:
    """Return the format of tables that name none."""
    return session.conf.get(_DEFAULT_SOURCE) or "parquet"


def new_table(
    session: SessionState,
    name: tuple[str, ...],
    schema: StructType,
    *,
    provider: str | None,
    partition_columns: Sequence[str] = (),
    bucket: tuple[int, tuple[str, ...], tuple[str, ...]] | None = None,
    path: str | None = None,
    options: dict[str, str] | None = None,
    properties: dict[str, str] | None = None,
    comment: str | None = None,
) -> CatalogTable:
    """Return the definition of a table that is not made yet.

    Raises:
        SparkError: SCHEMA_NOT_FOUND, COLUMN_NOT_FOUND for a partition column that is none of the
            table's, or a type that the format cannot store.
    """
    database_name, table_name = session.catalog.table_name(name)
    check_name(table_name)
    database = session.catalog.metastore.database(database_name)
    file_format = find_format(provider or default_provider(session))
    given = dict(options or {})
    path = path or next((v for k, v in given.items() if k.lower() == "path"), None)
    given = {k: v for k, v in given.items() if k.lower() != "path"}
    schema = declared_schema(schema)
    check_types(file_format, schema)
    _check_names(schema)
    by_name = {f.name.lower(): f for f in schema.fields}
    clustering = [parts[0] for parts in clustering_columns(properties or {})]
    for column in (*clustering, *partition_columns):
        if column.lower() not in by_name:
            raise analysis_error(
                "COLUMN_NOT_FOUND",
                colName=quoted((column,)),
                caseSensitiveConfig='"spark.sql.caseSensitive"',
            )
    partitions = [by_name[column.lower()].name for column in partition_columns]
    if partitions and len(partitions) == len(schema.fields):
        raise analysis_error("ALL_PARTITION_COLUMNS_NOT_ALLOWED")
    ordered = [f for f in schema.fields if f.name not in partitions]
    ordered += [by_name[p.lower()] for p in partitions]
    if bucket is not None:
        shown = quoted((CATALOG, database.name, table_name.lower()))
        limit = int(session.conf.get("spark.sql.sources.bucketing.maxBuckets") or 100_000)
        Bucketing(*bucket).check(schema, partitions, limit, shown)
    managed = f"{database.location}/{table_name.lower()}"
    return CatalogTable(
        database=database.name,
        name=table_name.lower(),
        kind="EXTERNAL" if path else "MANAGED",
        schema=StructType(ordered),
        provider=provider_name(provider or default_provider(session)),
        partition_columns=tuple(partitions),
        bucket=bucket,
        location=qualify(path) if path else managed,
        options=given,
        properties=dict(properties or {}),
        comment=comment,
    )


def bucketing_of(table: CatalogTable) -> Bucketing | None:
    """Return how a table's rows are put into buckets; None if they are not."""
    return None if table.bucket is None else Bucketing(*table.bucket)


def provider_name(name: str) -> str:
    """Return the name a table's format is kept under."""
    return find_format(name).name


def _check_names(schema: StructType) -> None:
    seen: set[str] = set()
    for name in schema.names:
        if name.lower() in seen:
            raise analysis_error("COLUMN_ALREADY_EXISTS", columnName=quoted((name.lower(),)))
        seen.add(name.lower())


def create_table(session: SessionState, command: CreateTable) -> pa.Table:
    """Run CREATE TABLE without a query."""
    catalog = session.catalog
    existing = catalog.find_table(command.name)
    if existing is not None:
        if command.if_not_exists:
            return nothing()
        if command.replace:
            raise _unsupported(existing, "REPLACE TABLE")
        raise analysis_error(
            "TABLE_OR_VIEW_ALREADY_EXISTS", relationName=quoted(existing.full_name)
        )
    schema, provider = command.user_schema, command.format
    partitions: tuple[str, ...] = command.partition_columns
    options = dict(command.options)
    if command.like:
        source = catalog.table(command.like)
        schema = source.schema
        provider = provider or source.provider
        partitions = source.partition_columns
        options = {**source.options, **options}
    path = command.path or next((v for k, v in options.items() if k.lower() == "path"), None)
    if command.external and not path:
        raise analysis_error("CREATE_EXTERNAL_TABLE_WITHOUT_LOCATION")
    if schema is None or not schema.fields:
        schema, partitions = _inferred(session, command, provider, path, options)
    table = new_table(
        session,
        command.name,
        schema,
        provider=provider,
        partition_columns=partitions,
        bucket=command.bucket,
        path=path,
        options=options,
        properties=dict(command.properties),
        comment=command.comment,
    )
    catalog.metastore.create_table(table)
    if table.kind == "MANAGED" and table.location is not None:
        file_system(table.location).mkdirs(table.location)
    return nothing()


def _inferred(
    session: SessionState,
    command: CreateTable,
    provider: str | None,
    path: str | None,
    options: dict[str, str],
) -> tuple[StructType, tuple[str, ...]]:
    """Return the columns of a table over files that are there already."""
    if path is None:
        return StructType([]), ()
    name = provider or default_provider(session)
    schema, scan = resolve(name, None, options.items(), [path], session.conf)
    index = getattr(getattr(scan, "request", None), "index", None) or getattr(scan, "index", None)
    partitions = tuple(index.partition_schema.names) if index is not None else ()
    return schema, command.partition_columns or partitions


def writable_table(session: SessionState, name: tuple[str, ...], operation: str) -> CatalogTable:
    """Return a table that is to be changed.

    Raises:
        SparkError: TABLE_OR_VIEW_NOT_FOUND, or EXPECT_TABLE_NOT_VIEW if it is a view.
    """
    if session.catalog.temporary_view(name) is not None:
        raise analysis_error(
            "EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE", operation=operation, viewName=quoted(name)
        )
    table = session.catalog.table(name)
    if table.is_view:
        raise analysis_error(
            "EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE",
            operation=operation,
            viewName=quoted(table.full_name),
        )
    return table


def drop(session: SessionState, table: CatalogTable) -> None:
    """Remove a table; a managed table's files go too."""
    session.catalog.metastore.drop_table(table.database, table.name)
    if table.kind == "MANAGED" and table.location is not None:
        file_system(table.location).delete(table.location)


def _drop_table(session: SessionState, arguments: Arguments) -> pa.Table:
    catalog = session.catalog
    name = arguments.name()
    if catalog.temporary_view(name) is not None:
        if len(name) == 1:
            del catalog.temporary_views[name[0].lower()]
        else:
            del catalog.global_views[name[-1].lower()]
        return nothing()
    table = catalog.find_table(name)
    if table is None:
        if arguments.flag("if_exists"):
            return nothing()
        shown = catalog.full_name(name)
        raise catalog.not_found(("spark_catalog", *shown) if shown else name)
    drop(session, table)
    return nothing()


def check_new_name(table: CatalogTable, new_name: tuple[str, ...], current: str) -> None:
    """Refuse to rename a table to a name that it cannot have.

    Args:
        table: The table or view.
        new_name: The name as the user wrote it.
        current: The current database, which a name of one part is in.

    Raises:
        SparkError: RENAME_TABLE_SOURCE_DESTINATION_DATABASE_MISMATCH if that is in another
            database, INVALID_SCHEMA_OR_RELATION_NAME.
    """
    database = new_name[-2] if len(new_name) > 1 else current
    if database.lower() != table.database.lower():
        raise analysis_error(
            "RENAME_TABLE_SOURCE_DESTINATION_DATABASE_MISMATCH",
            db=quoted((table.database,)),
            newDb=quoted((database,)),
        )
    check_name(new_name[-1])


def _rename(session: SessionState, arguments: Arguments) -> pa.Table:
    catalog = session.catalog
    name, new_name = arguments.name(), arguments.name("new_name")
    if len(name) == 1 and name[0].lower() in catalog.temporary_views:
        view = catalog.temporary_views.pop(name[0].lower())
        catalog.temporary_views[new_name[-1].lower()] = view
        return nothing()
    table = catalog.table(name)
    check_new_name(table, new_name, catalog.current_database)
    location = table.location
    if table.kind == "MANAGED" and location is not None:
        target = f"{location.rpartition('/')[0]}/{new_name[-1].lower()}"
        renamed = replace(table, name=new_name[-1].lower(), location=target)
        catalog.metastore.replace_table(renamed, table.name)
        fs = file_system(location)
        if fs.status(location) is not None:
            fs.rename(location, target)
        return nothing()
    catalog.metastore.replace_table(replace(table, name=new_name[-1].lower()), table.name)
    return nothing()


def _change(session: SessionState, table: CatalogTable) -> pa.Table:
    session.catalog.metastore.replace_table(table)
    return nothing()


def _set_properties(session: SessionState, arguments: Arguments) -> pa.Table:
    table = session.catalog.table(arguments.name())
    properties = {**table.properties, **arguments.pairs("properties")}
    return _change(session, replace(table, properties=properties))


def _unset_properties(session: SessionState, arguments: Arguments) -> pa.Table:
    table = session.catalog.table(arguments.name())
    gone = set(arguments.get("keys") or ())
    properties = {k: v for k, v in table.properties.items() if k not in gone}
    return _change(session, replace(table, properties=properties))


def _set_location(session: SessionState, arguments: Arguments) -> pa.Table:
    table = writable_table(session, arguments.name(), "ALTER TABLE ... SET LOCATION")
    if arguments.get("partition"):
        raise _unsupported(table, "SET LOCATION of a partition")
    return _change(session, replace(table, location=qualify(arguments.get("location"))))


def _comment(session: SessionState, arguments: Arguments) -> pa.Table:
    table = session.catalog.table(arguments.name())
    return _change(session, replace(table, comment=arguments.get("comment")))


def _add_columns(session: SessionState, arguments: Arguments) -> pa.Table:
    table = writable_table(session, arguments.name(), "ALTER TABLE ... ADD COLUMNS")
    added = [_with_value(session, field) for field in arguments.get("columns").fields]
    schema = StructType([*table.data_schema.fields, *added, *table.partition_schema.fields])
    _check_names(schema)
    return _change(session, replace(table, schema=schema))


def _with_value(session: SessionState, field: StructField) -> StructField:
    """Return a new column with the value that rows have which are there, as a literal."""
    metadata = dict(field.metadata or {})
    if EXISTS_DEFAULT not in metadata:
        return field
    default = ExpressionText(metadata[EXISTS_DEFAULT])
    value = constant(session, stored_value(default, field.dataType))
    text = constant(session, value, STRING).value
    if text is None:
        metadata[EXISTS_DEFAULT] = "NULL"
    elif isinstance(field.dataType, (NumericType, BooleanType)):
        metadata[EXISTS_DEFAULT] = text
    else:
        escaped = text.replace("\\", "\\\\").replace("'", "\\'")
        word = _LITERAL_WORDS.get(type(field.dataType), "")
        metadata[EXISTS_DEFAULT] = f"{word}'{escaped}'"
    return StructField(field.name, field.dataType, field.nullable, metadata)


#: What stands before the text of a literal.
_LITERAL_WORDS: dict[type[DataType], str] = {
    DateType: "DATE ",
    TimestampType: "TIMESTAMP ",
    TimestampNTZType: "TIMESTAMP_NTZ ",
}


def _replace_columns(session: SessionState, arguments: Arguments) -> pa.Table:
    table = writable_table(session, arguments.name(), "ALTER TABLE ... REPLACE COLUMNS")
    raise _unsupported(table, "REPLACE COLUMNS")


def _alter_column(session: SessionState, arguments: Arguments) -> pa.Table:
    table = writable_table(session, arguments.name(), "ALTER TABLE ... ALTER COLUMN")
    column = arguments.name("column")
    field = next((f for f in table.schema.fields if f.name.lower() == column[-1].lower()), None)
    if field is None:
        raise analysis_error(
            "COLUMN_NOT_FOUND",
            colName=quoted(column),
            caseSensitiveConfig='"spark.sql.caseSensitive"',
        )
    wanted = arguments.get("data_type")
    if wanted is not None and wanted != field.dataType:
        raise analysis_error(
            "NOT_SUPPORTED_CHANGE_COLUMN",
            table=quoted(table.full_name),
            originName=quoted((field.name,)),
            originType=f'"{sql_name(field.dataType)}"',
            newName=quoted((field.name,)),
            newType=f'"{sql_name(wanted)}"',
        )
    metadata = dict(field.metadata or {})
    if arguments.get("comment") is not None:
        metadata["comment"] = arguments.get("comment")
    default = arguments.get("default")
    if default:
        metadata["CURRENT_DEFAULT"] = default
    elif default is not None:
        metadata.pop("CURRENT_DEFAULT", None)
    if arguments.get("nullable") is not None:
        verb = "DROP" if arguments.flag("nullable") else "SET"
        raise _unsupported(table, f"ALTER COLUMN ... {verb} NOT NULL")
    changed = StructField(field.name, field.dataType, field.nullable, metadata)
    fields = [changed if f is field else f for f in table.schema.fields]
    return _change(session, replace(table, schema=StructType(fields)))


def _unsupported(table: CatalogTable, operation: str) -> Exception:
    return analysis_error(
        "UNSUPPORTED_FEATURE.TABLE_OPERATION",
        tableName=quoted(table.full_name),
        operation=operation,
    )


def merge(session: SessionState, command: MergeIntoTable) -> pa.Table:
    """Refuse MERGE INTO, which tables of files do not support.

    Raises:
        SparkError: UNSUPPORTED_FEATURE.TABLE_OPERATION, or TABLE_OR_VIEW_NOT_FOUND.
    """
    raise _unsupported(session.catalog.table(command.target), "MERGE INTO TABLE")


def _refuse(operation: str) -> Handler:
    """Return the handler of a statement that tables of files do not support."""

    def refuse(session: SessionState, arguments: Arguments) -> pa.Table:
        raise _unsupported(session.catalog.table(arguments.name()), operation)

    return refuse


def _check_exists(session: SessionState, arguments: Arguments) -> pa.Table:
    """Run a statement that has nothing to do beyond finding its table."""
    name = arguments.name()
    if session.catalog.temporary_view(name) is None:
        session.catalog.table(name)
    return nothing()


def _nothing(session: SessionState, arguments: Arguments) -> pa.Table:
    return nothing()


HANDLERS: dict[str, Handler] = {
    "drop_table": _drop_table,
    "rename_table": _rename,
    "set_properties": _set_properties,
    "unset_properties": _unset_properties,
    "set_location": _set_location,
    "comment_on_table": _comment,
    "add_columns": _add_columns,
    "replace_columns": _replace_columns,
    "alter_column": _alter_column,
    "rename_column": _refuse("RENAME COLUMN"),
    "drop_columns": _refuse("DROP COLUMN"),
    "delete": _refuse("DELETE"),
    "update": _refuse("UPDATE TABLE"),
    "refresh_table": _check_exists,
    "repair_table": _check_exists,
    "refresh_path": _nothing,
}
