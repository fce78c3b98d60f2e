"""SessionState: what one session has, and the engine's parts that all sessions share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyrite.sql.catalog.cache_manager import CacheManager
from pyrite.sql.catalog.metastore import Metastore
from pyrite.sql.catalog.session_catalog import GlobalViews, SessionCatalog
from pyrite.sql.conf import WAREHOUSE_DIR, SQLConf
from pyrite.sql.expressions.expression import Expression, Literal
from pyrite.sql.expressions.function import Function
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.plans.plan import LogicalPlan

if TYPE_CHECKING:
    from pyrite.core.context import SparkContext
    from pyrite.core.shared.files import UserFiles

__all__ = ["SessionState", "SharedState", "UserFunction", "Variable"]


@dataclass
class SharedState:
    """What all sessions of an application share.

    Attributes:
        context: The engine; its ``sc.conf`` is the application's configuration.
        runner: The execution layer's ``DuckDBRunner``, made when the first query runs.
    """

    context: SparkContext
    global_views: GlobalViews = field(default_factory=dict)
    runner: Any = None

    @cached_property
    def cache(self) -> CacheManager:
        """The plans whose rows are kept."""

        def drop(table: str) -> None:
            if self.runner is not None:
                self.runner.drop(table)

        return CacheManager(drop)

    @cached_property
    def metastore(self) -> Metastore:
        """The databases and tables of the warehouse."""
        return Metastore(WAREHOUSE_DIR.read(self.conf))

    @property
    def conf(self) -> Mapping[str, str]:
        """The application's settings."""
        return dict(self.context.getConf().getAll())


@dataclass(frozen=True)
class UserFunction:
    """A function users registered: ``spark.udf.register``, ``spark.udtf.register``, SQL.

    Attributes:
        name: The name it was registered under.
        definition: An ``UnresolvedPythonUDF`` or ``UnresolvedPythonTableFunction`` without
            arguments, or a SQL function's body.
    """

    name: str
    definition: Any


@dataclass(frozen=True)
class Variable:
    """A session variable.

    Attributes:
        value: What it holds now; the literal's type is the variable's.
        default: The expression SET ... = DEFAULT computes again; None for null.
    """

    value: Literal
    default: Expression | None = None


class SessionState:
    """One session: its settings, its catalog, its functions.

    Args:
        shared: The application's part.
    """

    def __init__(self, shared: SharedState) -> None:
        self.shared = shared
        self.conf = SQLConf(shared.conf)
        self.catalog = SessionCatalog(shared.global_views, shared.metastore, self.conf)
        self.user_functions: dict[str, UserFunction] = {}
        #: What DECLARE has made, by name in small letters.
        self.variables: dict[str, Variable] = {}
        #: DataFrames the client refers to by id (checkpoints, micro-batches), resolved.
        self.held_relations: dict[str, LogicalPlan] = {}
        #: The files that only this session's functions find; None while there are none.
        self.files: UserFiles | None = None

    def function(self, *name: str) -> Function | UserFunction | None:
        """Return the function of a name: the user's, a built-in one, or a stored one.

        Args:
            name: The name's parts; with a database in front, only stored functions count.
        """
        key = name[-1].lower()
        if len(name) == 1 or name[:-1] in (("builtin",), ("system", "builtin")):
            found = self.user_functions.get(key) or builtin_functions().get(key)
            if found is not None:
                return found
        full = self.catalog.full_name(name)
        stored = self.catalog.metastore.find_function(*full) if full else None
        return None if stored is None else UserFunction(stored.name, stored)

    def clone(self) -> SessionState:
        """Return a session with a copy of the settings, views and functions."""
        other = SessionState(self.shared)
        other.conf = self.conf.copy()
        other.catalog = self.catalog.copy(other.conf)
        other.user_functions = dict(self.user_functions)
        other.variables = dict(self.variables)
        return other
