"""Functions: CREATE, DROP, DESCRIBE and SHOW."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.catalog.entities import CatalogFunction
from pyrite.sql.catalog.names import CATALOG, matches, quoted
from pyrite.sql.errors import analysis_error
from pyrite.sql.execution.statements.arguments import Arguments, Handler, answer, columns, nothing
from pyrite.sql.functions.registry import builtin_functions
from pyrite.sql.plans.commands import RegisterFunction, RegisterTableFunction
from pyrite.sql.session_state import SessionState, UserFunction
from pyrite.sql.types import STRING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HANDLERS", "find_stored", "register"]

_NAMES = columns(("function", STRING, False))
_DESCRIPTION = columns(("function_desc", STRING, False))


def register(session: SessionState, command: RegisterFunction | RegisterTableFunction) -> pa.Table:
    """Run ``spark.udf.register`` and ``spark.udtf.register``."""
    key = command.name.lower()
    session.user_functions[key] = UserFunction(command.name, command.function)
    return nothing()


def find_stored(session: SessionState, name: tuple[str, ...]) -> CatalogFunction | None:
    """Return the metastore's function of a name, None if there is none."""
    full = session.catalog.full_name(name)
    return session.catalog.metastore.find_function(*full) if full else None


def _create(session: SessionState, arguments: Arguments) -> pa.Table:
    name = arguments.name()
    temporary = arguments.flag("temporary")
    key = name[-1].lower()
    exists = key in session.user_functions if temporary else find_stored(session, name) is not None
    if exists and not arguments.flag("replace"):
        if arguments.flag("if_not_exists"):
            return nothing()
        raise analysis_error(
            "ROUTINE_ALREADY_EXISTS",
            newRoutineType="routine",
            routineName=quoted(name),
            existingRoutineType="routine",
        )
    full = session.catalog.table_name(name)
    session.catalog.metastore.database(full[0])
    function = CatalogFunction(
        full[0],
        full[1],
        arguments.get("parameters") or "",
        arguments.get("returns") or "",
        arguments.get("body") or "",
        arguments.flag("is_table"),
        arguments.get("comment"),
        arguments.get("class_name"),
    )
    if temporary:
        session.user_functions[key] = UserFunction(name[-1], function)
    else:
        session.catalog.metastore.put_function(function)
    return nothing()


def _drop(session: SessionState, arguments: Arguments) -> pa.Table:
    name = arguments.name()
    key = name[-1].lower()
    if arguments.flag("temporary"):
        found = session.user_functions.pop(key, None) is not None
        shown: tuple[str, ...] = name
    else:
        stored = find_stored(session, name)
        found = stored is not None
        shown = session.catalog.table_name(name)
        if stored is not None:
            session.catalog.metastore.drop_function(stored.database, stored.name)
    if not found and not arguments.flag("if_exists"):
        raise analysis_error("ROUTINE_NOT_FOUND", routineName=quoted(shown))
    return nothing()


def _describe(session: SessionState, arguments: Arguments) -> pa.Table:
    name = arguments.name()
    stored = find_stored(session, name)
    found = session.function(name[-1]) if len(name) == 1 else None
    if stored is None and found is None:
        raise analysis_error(
            "UNRESOLVED_ROUTINE",
            routineName=quoted(name),
            searchPath=session.catalog.search_path,
        )
    if found is not None and not isinstance(found, UserFunction):
        usage = f"Usage: {found.signature} - {found.description or 'N/A.'}"
        return answer(_DESCRIPTION, [(f"Function: {found.name}",), (usage,)])
    definition = stored if stored is not None else getattr(found, "definition", None)
    if not isinstance(definition, CatalogFunction):
        return answer(_DESCRIPTION, [(f"Function: {name[-1]}",), ("Usage: N/A.",)])
    shown = ".".join((CATALOG, definition.database, definition.name)) if stored else name[-1]
    if definition.class_name:
        return answer(_DESCRIPTION, [(f"Function: {shown}",), (f"Class: {definition.class_name}",)])
    kind = "TABLE" if definition.is_table else "SCALAR"
    rows = [
        (f"Function: {shown}",),
        (f"Type:     {kind}",),
        (f"Input:    {definition.parameters or '()'}",),
        (f"Returns:  {definition.returns}",),
    ]
    return answer(_DESCRIPTION, rows)


def _show(session: SessionState, arguments: Arguments) -> pa.Table:
    scope = (arguments.get("scope") or "all").lower()
    pattern = arguments.get("pattern")
    names: list[str] = []
    if scope in ("all", "system"):
        names += [name for name in builtin_functions() if matches(name, pattern)]
    if scope in ("all", "user"):
        names += [name for name in session.user_functions if matches(name, pattern)]
        database = arguments.name("database")
        shown = session.catalog.database_name(database) if database else None
        for function in session.catalog.metastore.functions(
            shown or session.catalog.current_database
        ):
            if matches(function.name, pattern):
                names.append(".".join((CATALOG, function.database, function.name)))
    return answer(_NAMES, [(name,) for name in sorted(names)])


def _refresh(session: SessionState, arguments: Arguments) -> pa.Table:
    if find_stored(session, arguments.name()) is None:
        raise analysis_error(
            "ROUTINE_NOT_FOUND", routineName=quoted(session.catalog.table_name(arguments.name()))
        )
    return nothing()


HANDLERS: dict[str, Handler] = {
    "create_function": _create,
    "drop_function": _drop,
    "describe_function": _describe,
    "show_functions": _show,
    "refresh_function": _refresh,
}
