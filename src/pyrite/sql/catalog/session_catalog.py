"""SessionCatalog: what one session sees under a name."""

from __future__ import annotations

from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["GlobalViews", "SessionCatalog"]

#: The global temporary views of an application, by lower-case name; all sessions share them.
GlobalViews = dict[str, LogicalPlan]


class SessionCatalog:
    """Names in one session: temporary views first, then the current database.

    Attributes:
        temporary_views: By lower-case name, the view's unresolved plan.
        global_views: The application's, in the database ``global_temp``.
        current_database: Where unqualified names are looked up.
    """

    def __init__(self, global_views: GlobalViews) -> None:
        self.temporary_views: dict[str, LogicalPlan] = {}
        self.global_views = global_views
        self.current_catalog = "spark_catalog"
        self.current_database = "default"

    def lookup(self, name: tuple[str, ...], options: dict[str, str]) -> LogicalPlan | None:
        """Return what a name stands for: a view's plan, or a table's ``SourceRelation``."""
        key = name[-1].lower()
        if len(name) == 1 and key in self.temporary_views:
            return self.temporary_views[key]
        if len(name) == 2 and name[0].lower() == "global_temp":
            return self.global_views.get(key)
        return None

    def qualifier(self, name: tuple[str, ...]) -> tuple[str, ...]:
        """Return the full name columns of a relation are qualified with."""
        return name
