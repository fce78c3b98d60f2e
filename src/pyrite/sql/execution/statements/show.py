"""SHOW: databases, tables, views, columns and properties by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.catalog.entities import CatalogTable
from pyrite.sql.catalog.names import CATALOG, matches, quoted
from pyrite.sql.catalog.session_catalog import GLOBAL_DATABASE
from pyrite.sql.errors import analysis_error
from pyrite.sql.execution.statements.arguments import Arguments, Handler, answer, columns
from pyrite.sql.execution.statements.describe import details, schema_of
from pyrite.sql.plans.clustering import clustering_columns
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import BOOLEAN, STRING, CharType, StringType, VarcharType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HANDLERS"]

_NAMES = (("isTemporary", BOOLEAN, False),)
_TABLES = columns(("namespace", STRING, False), ("tableName", STRING, False), *_NAMES)
_VIEWS = columns(("namespace", STRING, False), ("viewName", STRING, False), *_NAMES)
_EXTENDED = columns(
    ("namespace", STRING, False),
    ("tableName", STRING, False),
    *_NAMES,
    ("information", STRING, False),
)
_PROPERTIES = columns(("key", STRING, False), ("value", STRING, False))


def _databases(session: SessionState, arguments: Arguments) -> pa.Table:
    names = [d.name for d in session.catalog.metastore.databases()]
    rows = [(name,) for name in names if matches(name, arguments.get("pattern"))]
    return answer(columns(("namespace", STRING, False)), rows)


def _catalogs(session: SessionState, arguments: Arguments) -> pa.Table:
    rows = [(CATALOG,)] if matches(CATALOG, arguments.get("pattern")) else []
    return answer(columns(("catalog", STRING, False)), rows)


def _current(session: SessionState, arguments: Arguments) -> pa.Table:
    schema = columns(("catalog", STRING, False), ("namespace", STRING, False))
    return answer(schema, [(CATALOG, session.catalog.current_database)])


def _database(session: SessionState, arguments: Arguments) -> str:
    name = arguments.name("database")
    if not name:
        return session.catalog.current_database
    database = session.catalog.database_name(name)
    if database.lower() == GLOBAL_DATABASE:
        return GLOBAL_DATABASE
    return session.catalog.metastore.database(database).name


def _temporary(
    session: SessionState, database: str, pattern: str | None
) -> list[tuple[str, str, bool]]:
    catalog = session.catalog
    shared = catalog.global_views if database == GLOBAL_DATABASE else {}
    return [
        *((GLOBAL_DATABASE, name, True) for name in sorted(shared) if matches(name, pattern)),
        *(("", name, True) for name in sorted(catalog.temporary_views) if matches(name, pattern)),
    ]


def _stored(session: SessionState, database: str, pattern: str | None) -> list[CatalogTable]:
    tables = session.catalog.metastore.tables(database)
    return [table for table in tables if matches(table.name, pattern)]


def _tables(session: SessionState, arguments: Arguments) -> pa.Table:
    database, pattern = _database(session, arguments), arguments.get("pattern")
    rows = [(t.database, t.name, False) for t in _stored(session, database, pattern)]
    return answer(_TABLES, [*rows, *_temporary(session, database, pattern)])


def _views(session: SessionState, arguments: Arguments) -> pa.Table:
    database, pattern = _database(session, arguments), arguments.get("pattern")
    stored = [t for t in _stored(session, database, pattern) if t.is_view]
    rows = [(t.database, t.name, False) for t in stored]
    return answer(_VIEWS, [*rows, *_temporary(session, database, pattern)])


def _extended(session: SessionState, arguments: Arguments) -> pa.Table:
    database, pattern = _database(session, arguments), arguments.get("pattern")
    rows = []
    for table in _stored(session, database, pattern):
        lines = [f"{key}: {value}" for key, value in details(table)]
        if table.partition_columns:
            shown = ", ".join(quoted((name,)) for name in table.partition_columns)
            lines.append(f"Partition Columns: [{shown}]")
        lines.append(f"Schema: {table.schema.treeString()}")
        rows.append((table.database, table.name, False, "\n".join(lines) + "\n"))
    for namespace, name, temporary in _temporary(session, database, pattern):
        full = (GLOBAL_DATABASE, name) if namespace else (name,)
        text = f"Table: {name}\nType: VIEW\nSchema: {schema_of(session, full).treeString()}\n"
        rows.append((namespace, name, temporary, text))
    return answer(_EXTENDED, rows)


def _columns(session: SessionState, arguments: Arguments) -> pa.Table:
    names = schema_of(session, arguments.name()).names
    return answer(columns(("col_name", STRING, False)), [(name,) for name in names])


def _properties(session: SessionState, arguments: Arguments) -> pa.Table:
    name = arguments.name()
    if session.catalog.temporary_view(name) is not None:
        return answer(_PROPERTIES, [])
    table = session.catalog.table(name)
    key = arguments.get("key")
    if key is None:
        return answer(_PROPERTIES, sorted(table.properties.items()))
    missing = f"Table {'.'.join(table.full_name)} does not have property: {key}"
    return answer(_PROPERTIES, [(key, table.properties.get(key, missing))])


def _create_table(session: SessionState, arguments: Arguments) -> pa.Table:
    name = arguments.name()
    if session.catalog.temporary_view(name) is not None:
        raise analysis_error("SHOW_CREATE_TABLE_OF_TEMPORARY_VIEW", viewName=quoted(name))
    table = session.catalog.table(name)
    schema = columns(("createtab_stmt", STRING, False))
    return answer(schema, [(_statement(table),)])


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _pairs(items: dict[str, str]) -> str:
    return ",\n".join(f"  {_text(key)} = {_text(value)}" for key, value in sorted(items.items()))


def _statement(table: CatalogTable) -> str:
    """Write the statement that would make a table or view."""
    lines = []
    for f in table.schema.fields:
        text = f"  {_name(f.name)}"
        if not table.is_view:
            kind = f.dataType.simpleString().upper()
            is_text = isinstance(f.dataType, (StringType, CharType, VarcharType))
            text += f" {kind} COLLATE UTF8_BINARY" if is_text else f" {kind}"
            default = (f.metadata or {}).get("CURRENT_DEFAULT")
            text += f" DEFAULT {default}" if default is not None else ""
        comment = (f.metadata or {}).get("comment")
        lines.append(text + (f" COMMENT {_text(comment)}" if comment else ""))
    shown = table.full_name[1:] if table.is_view else table.full_name
    kind = "VIEW" if table.is_view else "TABLE"
    parts = [f"CREATE {kind} {'.'.join(map(_name, shown))} (\n" + ",\n".join(lines) + ")"]
    if table.provider:
        parts.append(f"USING {table.provider}")
    if table.options:
        parts.append(f"OPTIONS (\n{_pairs(table.options)})")
    if table.partition_columns:
        parts.append(f"PARTITIONED BY ({', '.join(map(_name, table.partition_columns))})")
    clustering = clustering_columns(table.properties)
    if clustering:
        names = (".".join(map(_name, parts_of_name)) for parts_of_name in clustering)
        parts.append(f"CLUSTER BY ({', '.join(names)})")
    if table.bucket is not None:
        number, keys, order = table.bucket
        parts.append(f"CLUSTERED BY ({', '.join(map(_name, keys))})")
        if order:
            parts.append(f"SORTED BY ({', '.join(map(_name, order))})")
        parts.append(f"INTO {number} BUCKETS")
    if table.comment:
        parts.append(f"COMMENT {_text(table.comment)}")
    if table.kind == "EXTERNAL":
        parts.append(f"LOCATION {_text(table.location or '')}")
    if table.properties:
        parts.append(f"TBLPROPERTIES (\n{_pairs(table.properties)})")
    if table.is_view:
        parts.append(f"WITH SCHEMA COMPENSATION\nAS {table.view_text}")
    return "\n".join(parts) + "\n"


def _name(name: str) -> str:
    plain = name.replace("_", "a").isalnum() and name.isascii() and not name[0].isdigit()
    return name if plain else quoted((name,))


HANDLERS: dict[str, Handler] = {
    "show_databases": _databases,
    "show_catalogs": _catalogs,
    "show_current_database": _current,
    "show_tables": _tables,
    "show_table_extended": _extended,
    "show_views": _views,
    "show_columns": _columns,
    "show_properties": _properties,
    "show_create_table": _create_table,
}
