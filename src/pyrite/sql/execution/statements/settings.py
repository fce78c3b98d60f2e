"""The session: SET, RESET, CACHE, ADD and LIST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.storagelevel import StorageLevel

from pyrite.sql.conf import ENTRIES
from pyrite.sql.conf_entries import UNDEFINED
from pyrite.sql.errors import analysis_error
from pyrite.sql.execution.analyze import analyze
from pyrite.sql.execution.run import run_plan
from pyrite.sql.execution.statements.arguments import Arguments, Handler, answer, columns, nothing
from pyrite.sql.execution.statements.views import create_view
from pyrite.sql.expressions.expression import Literal
from pyrite.sql.optimizer.optimizer import optimize
from pyrite.sql.plans.commands import CreateView
from pyrite.sql.plans.plan import Limit
from pyrite.sql.plans.unresolved import UnresolvedRelation
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import INTEGER, STRING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HANDLERS"]

_SETTING = columns(("key", STRING, False), ("value", STRING, False))
_DEFAULT_LEVEL = "MEMORY_AND_DISK_DESER"
#: What Hive writes before the name of a variable that is set; it is a setting like others here.
_VARIABLE = "hivevar:"
_RESULTS = columns(("Results", STRING, False))


def _set(session: SessionState, arguments: Arguments) -> pa.Table:
    key, value = arguments.get("key"), arguments.get("value")
    if key is None:
        return answer(_SETTING, sorted(session.conf.explicit().items()))
    if value is None:
        return answer(_SETTING, [(key, _shown(session, key))])
    session.conf.set(key.removeprefix(_VARIABLE), value)
    return answer(_SETTING, [(key, value)])


def _shown(session: SessionState, key: str) -> str:
    value = session.conf.get(key)
    return UNDEFINED if value is None else value


def _set_all(session: SessionState, arguments: Arguments) -> pa.Table:
    schema = columns(
        ("key", STRING, False),
        ("value", STRING, False),
        ("meaning", STRING, False),
        ("Since version", STRING, False),
    )
    rows = [(key, _shown(session, key), "", "") for key in sorted(ENTRIES)]
    return answer(schema, rows)


def _reset(session: SessionState, arguments: Arguments) -> pa.Table:
    key = arguments.get("key")
    if key is not None:
        session.conf.unset(key)
    else:
        session.conf.reset()
    return nothing()


def _cache(session: SessionState, arguments: Arguments) -> pa.Table:
    name = arguments.name()
    if arguments.child is not None:
        create_view(session, CreateView(name, arguments.child, "local", replace=False))
    options = {key.lower(): value for key, value in arguments.pairs("options").items()}
    level = arguments.get("level") or options.get("storagelevel", _DEFAULT_LEVEL)
    plan = analyze(session, UnresolvedRelation(name))
    session.shared.cache.persist(plan, _level(level), session)
    if not arguments.flag("lazy"):
        for _ in run_plan(session, Limit(Literal(0, INTEGER), optimize(plan, session))):
            pass
    return nothing()


def _level(level: str | StorageLevel) -> StorageLevel:
    if isinstance(level, StorageLevel):
        return level
    found = getattr(StorageLevel, level.upper(), None)
    if not isinstance(found, StorageLevel):
        raise analysis_error("INVALID_STORAGE_LEVEL", storageLevel=level)
    return found


def _uncache(session: SessionState, arguments: Arguments) -> pa.Table:
    name, catalog = arguments.name(), session.catalog
    if catalog.temporary_view(name) is None and catalog.find_table(name) is None:
        if arguments.flag("if_exists"):
            return nothing()
        raise catalog.not_found(name)
    session.shared.cache.unpersist(analyze(session, UnresolvedRelation(name)))
    return nothing()


def _clear_cache(session: SessionState, arguments: Arguments) -> pa.Table:
    session.shared.cache.clear()
    return nothing()


def _add(session: SessionState, arguments: Arguments) -> pa.Table:
    context = session.shared.context
    adders = {"file": context.addFile, "archive": context.addArchive, "jar": context.addFile}
    for path in arguments.get("paths") or ():
        adders[arguments.get("kind") or "file"](path)
    return nothing()


def _list(session: SessionState, arguments: Arguments) -> pa.Table:
    context = session.shared.context
    kind = arguments.get("kind") or "file"
    found = {"file": "listFiles", "archive": "listArchives"}.get(kind)
    listed = getattr(context, found, []) if found else []
    return answer(_RESULTS, [(path,) for path in listed])


HANDLERS: dict[str, Handler] = {
    "set": _set,
    "set_all": _set_all,
    "reset": _reset,
    "cache_table": _cache,
    "uncache_table": _uncache,
    "clear_cache": _clear_cache,
    "add_resources": _add,
    "list_resources": _list,
}
