"""Commands: which function runs which statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.errors import unsupported
from pyrite.sql.execution.immediate import execute_immediate
from pyrite.sql.execution.statements import (
    catalog_calls,
    databases,
    describe,
    functions,
    partitions,
    settings,
    show,
    statistics,
    tables,
    variables,
    views,
)
from pyrite.sql.execution.statements.arguments import Arguments, Handler
from pyrite.sql.execution.statements.write_files import write_files
from pyrite.sql.execution.statements.write_table import write_table
from pyrite.sql.plans.commands import (
    CatalogStatement,
    CreateTable,
    CreateView,
    MergeIntoTable,
    RegisterFunction,
    RegisterTableFunction,
    WriteFiles,
    WriteTable,
)
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import CatalogCall
from pyrite.sql.session_state import SessionState

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["run"]

#: What runs each statement of ``plans.commands.STATEMENTS``.
_STATEMENTS: dict[str, Handler] = {
    **databases.HANDLERS,
    **tables.HANDLERS,
    **views.HANDLERS,
    **partitions.HANDLERS,
    **describe.HANDLERS,
    **show.HANDLERS,
    **functions.HANDLERS,
    **settings.HANDLERS,
    **statistics.HANDLERS,
    **variables.HANDLERS,
}


#: Statements after which cached rows may be out of date.
_CHANGE_FILES = {
    "add_partitions",
    "drop_database",
    "drop_partitions",
    "drop_table",
    "refresh_path",
    "refresh_table",
    "rename_partition",
    "rename_table",
    "repair_table",
    "truncate_table",
}


def run(session: SessionState, command: LogicalPlan) -> pa.Table:
    """Run a command; return its rows.

    Raises:
        SparkError: If what the command asks for is wrong, or not there yet.
    """
    match command:
        case CatalogStatement():
            arguments = Arguments(command.arguments, command.child)
            if command.statement == "execute_immediate":
                return execute_immediate(session, arguments, run)
            return _statement(session, command.statement, arguments)
        case CatalogCall():
            return _call(session, command.method, Arguments(command.arguments))
        case CreateView():
            return views.create_view(session, command)
        case CreateTable():
            return tables.create_table(session, command)
        case MergeIntoTable():
            return tables.merge(session, command)
        case WriteTable():
            return _changing(session, write_table(session, command))
        case WriteFiles():
            return _changing(session, write_files(session, command))
        case RegisterFunction() | RegisterTableFunction():
            return functions.register(session, command)
        case _:
            raise unsupported(f"the command {type(command).__name__}")


def _statement(session: SessionState, name: str, arguments: Arguments) -> pa.Table:
    handler = _STATEMENTS.get(name)
    if handler is None:
        raise unsupported(f"the statement {name.replace('_', ' ').upper()}")
    rows = handler(session, arguments)
    return _changing(session, rows) if name in _CHANGE_FILES else rows


def _changing(session: SessionState, rows: pa.Table) -> pa.Table:
    """Pass on the rows of a command that has changed files."""
    session.shared.cache.forget_changed()
    return rows


def _call(session: SessionState, method: str, arguments: Arguments) -> pa.Table:
    handler = catalog_calls.HANDLERS.get(method)
    if handler is not None:
        return handler(session, arguments)
    statement = catalog_calls.STATEMENTS.get(method)
    if statement is None:
        raise unsupported(f"the catalog call {method}")
    name, translate = statement
    return _statement(session, name, Arguments(translate(arguments)))
