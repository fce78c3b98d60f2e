"""SessionCatalog: what one session sees under a name."""

from __future__ import annotations

from pyrite.sql.catalog.entities import CatalogTable
from pyrite.sql.catalog.metastore import DEFAULT_DATABASE, Metastore
from pyrite.sql.catalog.names import CATALOG, quoted
from pyrite.sql.catalog.table_scan import table_relation
from pyrite.sql.conf import SQLConf
from pyrite.sql.errors import Origin, SparkError, analysis_error
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import StoredView

__all__ = ["GLOBAL_DATABASE", "GlobalViews", "SessionCatalog"]

#: The global temporary views of an application, by lower-case name; all sessions share them.
GlobalViews = dict[str, LogicalPlan]

#: The database of global temporary views.
GLOBAL_DATABASE = "global_temp"

#: Where names are looked for before the current database.
_FIRST_PLACES = (("system", "builtin"), ("system", "session"))


class SessionCatalog:
    """Names in one session: temporary views first, then the current database.

    Attributes:
        temporary_views: By lower-case name, the view's unresolved plan.
        global_views: The application's, in the database ``global_temp``.
        metastore: The databases and tables of the warehouse.
        current_database: Where unqualified names are looked up.
    """

    def __init__(self, global_views: GlobalViews, metastore: Metastore, conf: SQLConf) -> None:
        self.temporary_views: dict[str, LogicalPlan] = {}
        self.global_views = global_views
        self.metastore = metastore
        self.current_catalog = CATALOG
        self.current_database = DEFAULT_DATABASE
        self._conf = conf

    def lookup(
        self, name: tuple[str, ...], options: dict[str, str], only_stored: bool = False
    ) -> LogicalPlan | None:
        """Return what a name stands for: a view's plan, or a table's ``SourceRelation``.

        Args:
            name: The name of a relation.
            options: How a table's files are read.
            only_stored: Whether temporary views do not count, as in the text of a stored one.
        """
        view = None if only_stored else self.temporary_view(name)
        if view is not None:
            return view
        table = self.find_table(name)
        if table is None:
            return None
        if table.is_view:
            assert table.view_text is not None
            return StoredView(table.full_name, table.view_text, table.view_namespace, table.schema)
        return table_relation(table, options, self._conf, table.full_name)

    def temporary_view(self, name: tuple[str, ...]) -> LogicalPlan | None:
        """Return a temporary or global temporary view's plan, None if there is none."""
        key = name[-1].lower()
        if len(name) == 1:
            return self.temporary_views.get(key)
        if len(name) == 2 and name[0].lower() == GLOBAL_DATABASE:
            return self.global_views.get(key)
        return None

    def qualifier(self, name: tuple[str, ...]) -> tuple[str, ...]:
        """Return the full name columns of a relation are qualified with."""
        if self.temporary_view(name) is not None:
            return tuple(part.lower() for part in name)
        qualified = self.full_name(name)
        return (CATALOG, *qualified) if qualified else name

    def full_name(self, name: tuple[str, ...]) -> tuple[str, str] | None:
        """Return the database and the name that a table's name means; None for another catalog."""
        if len(name) == 1:
            return self.current_database, name[0]
        if len(name) == 2:
            return name[0], name[1]
        if len(name) == 3 and name[0].lower() == CATALOG:
            return name[1], name[2]
        return None

    def table_name(self, name: tuple[str, ...]) -> tuple[str, str]:
        """Return the database and the name of a table that is to be made or changed.

        Raises:
            SparkError: If the name has too many parts, or another catalog's name in front.
        """
        found = self.full_name(name)
        if found is None:
            raise analysis_error(
                "REQUIRES_SINGLE_PART_NAMESPACE",
                sessionCatalog=CATALOG,
                identifier=quoted(name[:-1]),
            )
        return found

    def find_table(self, name: tuple[str, ...]) -> CatalogTable | None:
        """Return a table or stored view, None if there is none."""
        found = self.full_name(name)
        return self.metastore.find_table(*found) if found else None

    def table(self, name: tuple[str, ...]) -> CatalogTable:
        """Return a table or stored view.

        Raises:
            SparkError: TABLE_OR_VIEW_NOT_FOUND.
        """
        table = self.find_table(name)
        if table is None:
            raise self.not_found(name)
        return table

    def not_found(self, name: tuple[str, ...], origin: Origin | None = None) -> SparkError:
        """Make the error of a name that stands for no table or view.

        Args:
            name: The name, as users are to see it.
            origin: Where it is written.
        """
        return analysis_error(
            "TABLE_OR_VIEW_NOT_FOUND",
            origin,
            relationName=quoted(name),
            searchPath=self.search_path,
        )

    @property
    def search_path(self) -> str:
        """Where names are looked for, as errors tell it."""
        places = (*_FIRST_PLACES, (CATALOG, self.current_database))
        return f"[{', '.join(map(quoted, places))}]"

    def database_name(self, name: tuple[str, ...]) -> str:
        """Return the database that a name of one or two parts means."""
        if len(name) == 2 and name[0].lower() == CATALOG:
            return name[1]
        return ".".join(name)

    def copy(self, conf: SQLConf) -> SessionCatalog:
        """Return a catalog with the same views that changes on its own."""
        other = SessionCatalog(self.global_views, self.metastore, conf)
        other.temporary_views = dict(self.temporary_views)
        other.current_catalog = self.current_catalog
        other.current_database = self.current_database
        return other
