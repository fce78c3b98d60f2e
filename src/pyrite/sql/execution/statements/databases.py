"""Databases: CREATE, DROP, ALTER, DESCRIBE and USE."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pyrite.core.hadoop.filesystem import file_system, qualify
from pyrite.sql.catalog.metastore import DEFAULT_DATABASE
from pyrite.sql.catalog.names import CATALOG, check_name, quoted
from pyrite.sql.catalog.session_catalog import GLOBAL_DATABASE
from pyrite.sql.errors import analysis_error
from pyrite.sql.execution.statements.arguments import Arguments, Handler, answer, columns, nothing
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import STRING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HANDLERS", "use_database"]

_DESCRIPTION = columns(("info_name", STRING, False), ("info_value", STRING, True))


def _create(session: SessionState, arguments: Arguments) -> pa.Table:
    catalog = session.catalog
    name = catalog.database_name(arguments.name())
    metastore = catalog.metastore
    if arguments.flag("if_not_exists") and metastore.find_database(name) is not None:
        return nothing()
    check_name(name)
    if name.lower() == GLOBAL_DATABASE:
        raise analysis_error("RESERVED_DATABASE_NAME", database=quoted((name,)))
    metastore.create_database(
        name,
        arguments.get("location"),
        arguments.get("comment") or "",
        arguments.pairs("properties"),
    )
    location = metastore.database(name).location
    file_system(location).mkdirs(location)
    return nothing()


def _drop(session: SessionState, arguments: Arguments) -> pa.Table:
    catalog = session.catalog
    name = catalog.database_name(arguments.name())
    database = catalog.metastore.find_database(name)
    if database is None:
        if arguments.flag("if_exists"):
            return nothing()
        raise analysis_error("SCHEMA_NOT_FOUND", schemaName=quoted((CATALOG, name)))
    if database.name == DEFAULT_DATABASE:
        raise analysis_error(
            "UNSUPPORTED_FEATURE.DROP_DATABASE", database=quoted((CATALOG, database.name))
        )
    if not arguments.flag("cascade") and (
        catalog.metastore.tables(name) or catalog.metastore.functions(name)
    ):
        raise analysis_error("SCHEMA_NOT_EMPTY", schemaName=quoted((name,)))
    managed = [t for t in catalog.metastore.tables(name) if t.kind == "MANAGED"]
    catalog.metastore.drop_database(name)
    for table in managed:
        if table.location:
            file_system(table.location).delete(table.location)
    file_system(database.location).delete(database.location)
    return nothing()


def _alter(session: SessionState, arguments: Arguments) -> pa.Table:
    metastore = session.catalog.metastore
    database = metastore.database(session.catalog.database_name(arguments.name()))
    properties = {**database.properties, **arguments.pairs("properties")}
    location = arguments.get("location")
    place = qualify(location) if location else database.location
    metastore.replace_database(replace(database, properties=properties, location=place))
    return nothing()


def _comment(session: SessionState, arguments: Arguments) -> pa.Table:
    metastore = session.catalog.metastore
    database = metastore.database(session.catalog.database_name(arguments.name()))
    metastore.replace_database(replace(database, comment=arguments.get("comment") or ""))
    return nothing()


def _describe(session: SessionState, arguments: Arguments) -> pa.Table:
    catalog = session.catalog
    database = catalog.metastore.database(catalog.database_name(arguments.name()))
    rows = [
        ("Catalog Name", CATALOG),
        ("Namespace Name", database.name),
        ("Comment", database.comment),
        ("Location", database.location),
        ("Owner", database.owner),
    ]
    if arguments.flag("extended"):
        shown = ", ".join(f"({key},{value})" for key, value in sorted(database.properties.items()))
        rows.append(("Properties", f"({shown})" if shown else ""))
    return answer(_DESCRIPTION, rows)


def use_database(session: SessionState, name: str) -> None:
    """Make a database the session's current one.

    Raises:
        SparkError: SCHEMA_NOT_FOUND.
    """
    session.catalog.current_database = session.catalog.metastore.database(name).name


def _use(session: SessionState, arguments: Arguments) -> pa.Table:
    name = arguments.name()
    if name == (CATALOG,):
        return nothing()
    use_database(session, session.catalog.database_name(name))
    return nothing()


def _set_catalog(session: SessionState, arguments: Arguments) -> pa.Table:
    name = ".".join(arguments.name())
    if name.lower() != CATALOG:
        raise analysis_error(
            "CATALOG_NOT_FOUND", catalogName=quoted((name,)), config=f'"spark.sql.catalog.{name}"'
        )
    return nothing()


HANDLERS: dict[str, Handler] = {
    "create_database": _create,
    "drop_database": _drop,
    "alter_database": _alter,
    "comment_on_database": _comment,
    "describe_database": _describe,
    "use": _use,
    "set_catalog": _set_catalog,
}
