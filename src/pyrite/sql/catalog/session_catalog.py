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
