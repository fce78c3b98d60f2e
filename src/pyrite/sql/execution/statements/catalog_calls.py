"""``spark.catalog``: each call and the rows it answers with.

A name in a call is text, to be split at its dots; a call with the same meaning as a statement
is that statement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.catalog.entities import CatalogTable, Database
from pyrite.sql.catalog.names import CATALOG, matches, quoted
from pyrite.sql.catalog.session_catalog import GLOBAL_DATABASE
from pyrite.sql.errors import analysis_error
from pyrite.sql.execution.analyze import analyze
from pyrite.sql.execution.run import run_plan
from pyrite.sql.execution.statements.arguments import Arguments, Handler, answer, columns, nothing
from pyrite.sql.execution.statements.databases import use_database
from pyrite.sql.execution.statements.describe import schema_of
from pyrite.sql.execution.statements.functions import find_stored
from pyrite.sql.execution.statements.tables import create_table
from pyrite.sql.execution.statements.views import drop_temporary
from pyrite.sql.expressions.char_types import without_lengths
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.optimizer.optimizer import optimize
from pyrite.sql.parser import parse_identifier
from pyrite.sql.plans.commands import CreateTable
from pyrite.sql.plans.unresolved import UnresolvedRelation
from pyrite.sql.session_state import SessionState, UserFunction
from pyrite.sql.types import BOOLEAN, STRING, ArrayType, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HANDLERS", "STATEMENTS"]

_DATABASE = columns(
    ("name", STRING, True),
    ("catalog", STRING, True),
    ("description", STRING, True),
    ("locationUri", STRING, True),
)
_TABLE = columns(
    ("name", STRING, True),
    ("catalog", STRING, True),
    ("namespace", ArrayType(STRING), True),
    ("description", STRING, True),
    ("tableType", STRING, True),
    ("isTemporary", BOOLEAN, False),
)
_FUNCTION = columns(
    ("name", STRING, True),
    ("catalog", STRING, True),
    ("namespace", ArrayType(STRING), True),
    ("description", STRING, True),
    ("className", STRING, True),
    ("isTemporary", BOOLEAN, False),
)
_COLUMN = columns(
    ("name", STRING, True),
    ("description", STRING, True),
    ("dataType", STRING, True),
    ("nullable", BOOLEAN, False),
    ("isPartition", BOOLEAN, False),
    ("isBucket", BOOLEAN, False),
    ("isCluster", BOOLEAN, False),
)
_CATALOG = columns(("name", STRING, True), ("description", STRING, True))
_Row = tuple[Any, ...]


def _one(value: Any) -> pa.Table:
    """Return the answer of a call that answers with one text or one truth."""
    kind = BOOLEAN if isinstance(value, bool) else STRING
    return answer(columns(("value", kind, False)), [(value,)])


def _name(arguments: Arguments, key: str) -> tuple[str, ...]:
    """Return a name given as text, with the database of the call in front."""
    database = arguments.get("db_name")
    name = tuple(parse_identifier(arguments.get(key)))
    return (*parse_identifier(database), *name) if database else name


# Catalogs and databases.


def _current_catalog(session: SessionState, arguments: Arguments) -> pa.Table:
    return _one(CATALOG)


def _set_current_catalog(session: SessionState, arguments: Arguments) -> pa.Table:
    name = arguments.get("catalog_name")
    if name.lower() != CATALOG:
        raise analysis_error(
            "CATALOG_NOT_FOUND", catalogName=quoted((name,)), config=f'"spark.sql.catalog.{name}"'
        )
    return nothing()


def _list_catalogs(session: SessionState, arguments: Arguments) -> pa.Table:
    rows = [(CATALOG, None)] if matches(CATALOG, arguments.get("pattern")) else []
    return answer(_CATALOG, rows)


def _current_database(session: SessionState, arguments: Arguments) -> pa.Table:
    return _one(session.catalog.current_database)


def _set_current_database(session: SessionState, arguments: Arguments) -> pa.Table:
    name = tuple(parse_identifier(arguments.get("db_name")))
    use_database(session, session.catalog.database_name(name))
    return nothing()


def _database_row(database: Database) -> _Row:
    return (database.name, CATALOG, database.comment or None, database.location)


def _list_databases(session: SessionState, arguments: Arguments) -> pa.Table:
    found = session.catalog.metastore.databases()
    rows = [_database_row(d) for d in found if matches(d.name, arguments.get("pattern"))]
    return answer(_DATABASE, rows)


def _get_database(session: SessionState, arguments: Arguments) -> pa.Table:
    name = tuple(parse_identifier(arguments.get("db_name")))
    catalog = session.catalog
    return answer(
        _DATABASE, [_database_row(catalog.metastore.database(catalog.database_name(name)))]
    )


def _database_exists(session: SessionState, arguments: Arguments) -> pa.Table:
    catalog = session.catalog
    name = catalog.database_name(tuple(parse_identifier(arguments.get("db_name"))))
    return _one(name == GLOBAL_DATABASE or catalog.metastore.find_database(name) is not None)


# Tables.


def _table_row(table: CatalogTable) -> _Row:
    return (table.name, CATALOG, [table.database], table.comment, table.kind, False)


def _temporary_row(name: str, database: str | None) -> _Row:
    return (name, None, [database] if database else [], None, "TEMPORARY", True)


def _tables(session: SessionState, arguments: Arguments, views_only: bool) -> pa.Table:
    catalog = session.catalog
    given = arguments.get("db_name")
    database = (
        catalog.database_name(tuple(parse_identifier(given))) if given else catalog.current_database
    )
    pattern = arguments.get("pattern")
    rows: list[_Row] = []
    if database == GLOBAL_DATABASE:
        rows += [_temporary_row(n, GLOBAL_DATABASE) for n in sorted(catalog.global_views)]
    else:
        stored = catalog.metastore.tables(catalog.metastore.database(database).name)
        rows += [_table_row(t) for t in stored if t.is_view or not views_only]
    rows += [_temporary_row(name, None) for name in sorted(catalog.temporary_views)]
    return answer(_TABLE, [row for row in rows if matches(row[0], pattern)])


def _list_tables(session: SessionState, arguments: Arguments) -> pa.Table:
    return _tables(session, arguments, views_only=False)


def _list_views(session: SessionState, arguments: Arguments) -> pa.Table:
    return _tables(session, arguments, views_only=True)


def _get_table(session: SessionState, arguments: Arguments) -> pa.Table:
    name = _name(arguments, "table_name")
    if session.catalog.temporary_view(name) is not None:
        database = GLOBAL_DATABASE if len(name) > 1 else None
        return answer(_TABLE, [_temporary_row(name[-1], database)])
    return answer(_TABLE, [_table_row(session.catalog.table(name))])


def _table_exists(session: SessionState, arguments: Arguments) -> pa.Table:
    name = _name(arguments, "table_name")
    catalog = session.catalog
    return _one(catalog.temporary_view(name) is not None or catalog.find_table(name) is not None)


def _list_columns(session: SessionState, arguments: Arguments) -> pa.Table:
    name = _name(arguments, "table_name")
    table = None
    if session.catalog.temporary_view(name) is None:
        table = session.catalog.find_table(name)
    partitions: Sequence[str] = table.partition_columns if table else ()
    buckets: Sequence[str] = table.bucket[1] if table and table.bucket else ()
    rows = [
        (
            f.name,
            (f.metadata or {}).get("comment"),
            without_lengths(f.dataType).simpleString(),
            f.nullable,
            f.name in partitions,
            f.name in buckets,
            False,
        )
        for f in schema_of(session, name).fields
    ]
    return answer(_COLUMN, rows)


def _create_table(session: SessionState, arguments: Arguments) -> pa.Table:
    import pyarrow as pa

    name = _name(arguments, "table_name")
    options = arguments.pairs("options")
    command = CreateTable(
        name,
        arguments.get("schema"),
        arguments.get("source"),
        tuple(options.items()),
        path=arguments.get("path"),
        comment=arguments.get("description") or None,
    )
    create_table(session, command)
    plan = optimize(analyze(session, UnresolvedRelation(name)), session)
    schema = to_arrow_schema(plan.schema)
    return pa.Table.from_batches(run_plan(session, plan), schema=schema)


# Views, functions, the cache.


def _drop_temp_view(session: SessionState, arguments: Arguments) -> pa.Table:
    return _one(drop_temporary(session, (arguments.get("view_name"),)))


def _drop_global_temp_view(session: SessionState, arguments: Arguments) -> pa.Table:
    return _one(drop_temporary(session, (GLOBAL_DATABASE, arguments.get("view_name"))))


def _function_row(session: SessionState, name: tuple[str, ...]) -> _Row | None:
    stored = find_stored(session, name)
    found = session.function(name[-1]) if len(name) == 1 else None
    if stored is not None and (found is None or isinstance(found, UserFunction)):
        description = stored.comment or "N/A."
        return (stored.name, CATALOG, [stored.database], description, stored.class_name, False)
    if found is None:
        return None
    if isinstance(found, UserFunction):
        return (found.name, None, None, None, None, True)
    return (found.name, None, None, f"{found.signature} - {found.description}", None, True)


def _list_functions(session: SessionState, arguments: Arguments) -> pa.Table:
    names: list[tuple[str, ...]] = [(name,) for name in builtin_functions()]
    names += [(name,) for name in session.user_functions]
    given = arguments.get("db_name")
    catalog = session.catalog
    database = (
        catalog.database_name(tuple(parse_identifier(given))) if given else catalog.current_database
    )
    stored = catalog.metastore.functions(catalog.metastore.database(database).name)
    names += [(f.database, f.name) for f in stored]
    rows = [_function_row(session, name) for name in sorted(set(names), key=lambda n: n[-1])]
    pattern = arguments.get("pattern")
    return answer(_FUNCTION, [row for row in rows if row and matches(row[0], pattern)])


def _get_function(session: SessionState, arguments: Arguments) -> pa.Table:
    name = _name(arguments, "function_name")
    row = _function_row(session, name)
    if row is None:
        raise analysis_error(
            "UNRESOLVED_ROUTINE",
            routineName=quoted(name),
            searchPath=session.catalog.search_path,
        )
    return answer(_FUNCTION, [row])


def _function_exists(session: SessionState, arguments: Arguments) -> pa.Table:
    return _one(_function_row(session, _name(arguments, "function_name")) is not None)


def _is_cached(session: SessionState, arguments: Arguments) -> pa.Table:
    name = _name(arguments, "table_name")
    plan = analyze(session, UnresolvedRelation(name))
    return _one(session.shared.cache.level(plan) is not None)


HANDLERS: dict[str, Handler] = {
    "current_catalog": _current_catalog,
    "set_current_catalog": _set_current_catalog,
    "list_catalogs": _list_catalogs,
    "current_database": _current_database,
    "set_current_database": _set_current_database,
    "list_databases": _list_databases,
    "get_database": _get_database,
    "database_exists": _database_exists,
    "list_tables": _list_tables,
    "list_views": _list_views,
    "get_table": _get_table,
    "table_exists": _table_exists,
    "list_columns": _list_columns,
    "create_table": _create_table,
    "create_external_table": _create_table,
    "drop_temp_view": _drop_temp_view,
    "drop_global_temp_view": _drop_global_temp_view,
    "list_functions": _list_functions,
    "get_function": _get_function,
    "function_exists": _function_exists,
    "is_cached": _is_cached,
}

_Translate = Callable[[Arguments], list[tuple[str, Any]]]


def _about_table(*flags: str) -> _Translate:
    def translate(arguments: Arguments) -> list[tuple[str, Any]]:
        name = _name(arguments, "table_name")
        return [("name", name), *((flag, arguments.get(flag)) for flag in flags)]

    return translate


def _about_view(arguments: Arguments) -> list[tuple[str, Any]]:
    name = tuple(parse_identifier(arguments.get("view_name")))
    return [("name", name), ("if_exists", arguments.get("if_exists"))]


def _about_database(*flags: str) -> _Translate:
    def translate(arguments: Arguments) -> list[tuple[str, Any]]:
        name = tuple(parse_identifier(arguments.get("db_name")))
        return [("name", name), *((flag, arguments.get(flag)) for flag in flags)]

    return translate


def _about_path(arguments: Arguments) -> list[tuple[str, Any]]:
    return [("path", arguments.get("path"))]


def _without_arguments(arguments: Arguments) -> list[tuple[str, Any]]:
    return []


def _cached_table(arguments: Arguments) -> list[tuple[str, Any]]:
    # Like ``persist``, the call computes nothing yet.
    level = arguments.get("storage_level")
    return [("name", _name(arguments, "table_name")), ("lazy", True), ("level", level)]


#: Calls that are statements: the statement, and its arguments from the call's.
STATEMENTS: dict[str, tuple[str, _Translate]] = {
    "cache_table": ("cache_table", _cached_table),
    "uncache_table": ("uncache_table", _about_table()),
    "clear_cache": ("clear_cache", _without_arguments),
    "refresh_table": ("refresh_table", _about_table()),
    "refresh_by_path": ("refresh_path", _about_path),
    "recover_partitions": ("repair_table", _about_table()),
    "drop_table": ("drop_table", _about_table("if_exists", "purge")),
    "drop_view": ("drop_view", _about_view),
    "create_database": ("create_database", _about_database("if_not_exists", "properties")),
    "drop_database": ("drop_database", _about_database("if_exists", "cascade")),
    "list_partitions": ("show_partitions", _about_table()),
    "truncate_table": ("truncate_table", _about_table()),
    "analyze_table": ("analyze_table", _about_table("no_scan")),
    "get_table_properties": ("show_properties", _about_table()),
    "get_create_table_string": ("show_create_table", _about_table()),
}
