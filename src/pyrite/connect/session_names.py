"""What SparkSession gets: a builder that starts this engine.

``install`` is called when that module is loaded. URLs of other servers, ``sc://...``, stay with
the client package.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyrite.connect.local_session import LocalSession

__all__ = ["install"]


def install(module: ModuleType) -> None:
    """Let ``SparkSession`` and its builder make sessions of this engine."""
    session_class: Any = module.SparkSession
    builder: Any = session_class.Builder
    get_or_create, create = builder.getOrCreate, builder.create

    @wraps(get_or_create)
    def get_or_create_here(self: Any) -> Any:
        with self._lock:
            if _url(self._options):
                return get_or_create(self)
            return _get_or_create(self._options)

    @wraps(create)
    def create_here(self: Any) -> Any:
        with self._lock:
            return create(self) if _url(self._options) else _create(self._options)

    def new(cls: type, *_: Any, **__: Any) -> Any:
        if cls is not session_class:
            return object.__new__(cls)
        return _default_or_new()

    builder.getOrCreate, builder.create = get_or_create_here, create_here
    session_class.__new__ = new


def _url(options: Mapping[str, str]) -> str | None:
    """Return the URL of a server in another process, if one is asked for."""
    url = options.get("spark.remote", os.environ.get("SPARK_REMOTE", ""))
    return None if not url or url.startswith("local") else url


def _get_or_create(options: Mapping[str, str]) -> Any:
    from pyspark.sql.connect.session import SparkSession

    session: Any = SparkSession.getActiveSession() or SparkSession._get_default_session()
    if session is None:
        return _create(options)
    if hasattr(session, "set_options"):
        session.set_options(options)
    return session


def _create(options: Mapping[str, str]) -> LocalSession:
    from pyspark.conf import SparkConf

    from pyrite.connect.local_session import LocalSession
    from pyrite.core.context import SparkContext

    settings = {key: value for key, value in options.items() if value is not None}
    master = settings.pop("spark.remote", os.environ.get("SPARK_REMOTE"))
    if master:  # only local ones come here
        settings.setdefault("spark.master", master)
    context = SparkContext.getOrCreate(SparkConf().setAll(list(settings.items())))
    return LocalSession(context, options=settings)


def _default_or_new() -> Any:
    """Return the session that ``SparkSession(sc)`` stands for: the default one, if there is."""
    from pyrite.connect.local_session import LocalSession

    session = LocalSession._get_default_session()
    return session if isinstance(session, LocalSession) else object.__new__(LocalSession)
