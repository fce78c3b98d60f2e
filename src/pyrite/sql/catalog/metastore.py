"""Metastore: databases, tables and functions in one SQLite file of the warehouse directory.

Every change is one transaction, so processes that share the warehouse see it whole or not at
all. The file appears with the first change; until then there is only the database ``default``.
"""

from __future__ import annotations

import getpass
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace

from pyrite.core.hadoop.filesystem import qualify
from pyrite.sql.catalog.entities import CatalogFunction, CatalogTable, Database
from pyrite.sql.catalog.names import CATALOG, quoted
from pyrite.sql.errors import analysis_error

__all__ = ["DEFAULT_DATABASE", "Metastore"]

DEFAULT_DATABASE = "default"

_FILE = "_metastore.sqlite"
_BUSY_SECONDS = 30.0

_TABLES = """
CREATE TABLE databases (name TEXT PRIMARY KEY, definition TEXT NOT NULL);
CREATE TABLE tables (
    database TEXT NOT NULL REFERENCES databases (name) ON DELETE CASCADE,
    name TEXT NOT NULL, definition TEXT NOT NULL, PRIMARY KEY (database, name));
CREATE TABLE functions (
    database TEXT NOT NULL REFERENCES databases (name) ON DELETE CASCADE,
    name TEXT NOT NULL, definition TEXT NOT NULL, PRIMARY KEY (database, name));
"""


class Metastore:
    """The catalog of one warehouse.

    Names have no case: they are kept and compared in lower case.

    Args:
        warehouse: The warehouse directory, as the user gave it.
    """

    def __init__(self, warehouse: str) -> None:
        self.warehouse = qualify(warehouse)
        local = self.warehouse.startswith("file:")
        # A database file needs a disk; beside a remote warehouse it is in the current directory.
        directory = self.warehouse.removeprefix("file:") if local else os.path.abspath("metastore")
        self._path = os.path.join(directory, _FILE)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Give a connection, None when nothing was ever written."""
        if not os.path.exists(self._path):
            yield None
            return
        with closing(self._connect()) as connection:
            yield connection

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """Give a connection inside a transaction that an error rolls back."""
        if not os.path.exists(self._path):
            self._create()
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    def _create(self) -> None:
        """Make the file; it appears complete, and the first of several processes wins."""
        directory = os.path.dirname(self._path)
        os.makedirs(directory, exist_ok=True)
        descriptor, draft = tempfile.mkstemp(prefix=_FILE, dir=directory)
        os.close(descriptor)
        try:
            with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
                connection.executescript(_TABLES)
                connection.execute(
                    "INSERT INTO databases VALUES (?, ?)",
                    (DEFAULT_DATABASE, _database_json(self._default())),
                )
            with suppress(FileExistsError):
                os.link(draft, self._path)
        finally:
            os.unlink(draft)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _default(self) -> Database:
        return Database(DEFAULT_DATABASE, self.warehouse, "default database", owner=_user())

    # Databases.

    def databases(self) -> list[Database]:
        """Return all databases, by name."""
        with self._reading() as connection:
            if connection is None:
                return [self._default()]
            rows = connection.execute("SELECT definition FROM databases ORDER BY name")
            return [_database(text) for (text,) in rows]

    def find_database(self, name: str) -> Database | None:
        """Return a database, None if there is none of that name."""
        return next((d for d in self.databases() if d.name == name.lower()), None)

    def database(self, name: str) -> Database:
        """Return a database.

        Raises:
            SparkError: SCHEMA_NOT_FOUND.
        """
        found = self.find_database(name)
        if found is None:
            raise analysis_error("SCHEMA_NOT_FOUND", schemaName=quoted((CATALOG, name)))
        return found

    def create_database(
        self, name: str, location: str | None, comment: str, properties: dict[str, str]
    ) -> None:
        """Add a database.

        Raises:
            SparkError: SCHEMA_ALREADY_EXISTS.
        """
        key = name.lower()
        place = qualify(location) if location else f"{self.warehouse}/{key}.db"
        database = Database(key, place, comment, properties, _user())
        with self._changing() as connection:
            try:
                connection.execute(
                    "INSERT INTO databases VALUES (?, ?)", (key, _database_json(database))
                )
            except sqlite3.IntegrityError:
                raise analysis_error("SCHEMA_ALREADY_EXISTS", schemaName=quoted((name,))) from None

    def replace_database(self, database: Database) -> None:
        """Change a database's definition."""
        with self._changing() as connection:
            connection.execute(
                "UPDATE databases SET definition = ? WHERE name = ?",
                (_database_json(database), database.name),
            )

    def drop_database(self, name: str) -> None:
        """Remove a database and all that is in it; files are left alone."""
        with self._changing() as connection:
            connection.execute("DELETE FROM databases WHERE name = ?", (name.lower(),))

    # Tables and views.

    def tables(self, database: str) -> list[CatalogTable]:
        """Return the tables and views of a database, by name."""
        with self._reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(
                "SELECT definition FROM tables WHERE database = ? ORDER BY name",
                (database.lower(),),
            )
            return [CatalogTable.from_json(text) for (text,) in rows]

    def find_table(self, database: str, name: str) -> CatalogTable | None:
        """Return a table or view, None if there is none of that name."""
        with self._reading() as connection:
            if connection is None:
                return None
            row = connection.execute(
                "SELECT definition FROM tables WHERE database = ? AND name = ?",
                (database.lower(), name.lower()),
            ).fetchone()
            return CatalogTable.from_json(row[0]) if row else None

    def create_table(self, table: CatalogTable) -> None:
        """Add a table or view; its name and its database become lower case.

        Raises:
            SparkError: TABLE_OR_VIEW_ALREADY_EXISTS, SCHEMA_NOT_FOUND.
        """
        self.database(table.database)
        stored = replace(table, database=table.database.lower(), name=table.name.lower())
        with self._changing() as connection:
            try:
                connection.execute(
                    "INSERT INTO tables VALUES (?, ?, ?)",
                    (stored.database, stored.name, stored.to_json()),
                )
            except sqlite3.IntegrityError:
                raise analysis_error(
                    "TABLE_OR_VIEW_ALREADY_EXISTS", relationName=quoted(stored.full_name)
                ) from None

    def replace_table(self, table: CatalogTable, old_name: str | None = None) -> None:
        """Change a table's definition, and with ``old_name`` its name.

        Raises:
            SparkError: TABLE_OR_VIEW_ALREADY_EXISTS if the new name is taken.
        """
        with self._changing() as connection:
            try:
                connection.execute(
                    "UPDATE tables SET name = ?, definition = ? WHERE database = ? AND name = ?",
                    (table.name, table.to_json(), table.database, old_name or table.name),
                )
            except sqlite3.IntegrityError:
                raise analysis_error(
                    "TABLE_OR_VIEW_ALREADY_EXISTS", relationName=quoted(table.full_name)
                ) from None

    def drop_table(self, database: str, name: str) -> None:
        """Remove a table's or view's definition; its files are left alone."""
        with self._changing() as connection:
            connection.execute(
                "DELETE FROM tables WHERE database = ? AND name = ?",
                (database.lower(), name.lower()),
            )

    # Functions.

    def functions(self, database: str) -> list[CatalogFunction]:
        """Return the functions of a database, by name."""
        with self._reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(
                "SELECT definition FROM functions WHERE database = ? ORDER BY name",
                (database.lower(),),
            )
            return [CatalogFunction.from_json(text) for (text,) in rows]

    def find_function(self, database: str, name: str) -> CatalogFunction | None:
        """Return a function, None if there is none of that name."""
        return next((f for f in self.functions(database) if f.name == name.lower()), None)

    def put_function(self, function: CatalogFunction) -> None:
        """Add or replace a function."""
        stored = replace(function, database=function.database.lower(), name=function.name.lower())
        with self._changing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO functions VALUES (?, ?, ?)",
                (stored.database, stored.name, stored.to_json()),
            )

    def drop_function(self, database: str, name: str) -> None:
        """Remove a function."""
        with self._changing() as connection:
            connection.execute(
                "DELETE FROM functions WHERE database = ? AND name = ?",
                (database.lower(), name.lower()),
            )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def _database_json(database: Database) -> str:
    return json.dumps(vars(database))


def _database(text: str) -> Database:
    return Database(**json.loads(text))
