"""EXECUTE IMMEDIATE: a statement whose text is computed, run with the values of its parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyrite.sql.errors import analysis_error
from pyrite.sql.execution.analyze import analyze, rows_of
from pyrite.sql.execution.statements.arguments import Arguments, nothing
from pyrite.sql.execution.statements.variables import assign, constant
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.expressions.unresolved import UnresolvedAlias
from pyrite.sql.parser import ParserSettings, parse_statement
from pyrite.sql.plans.commands import CatalogStatement, Command
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import SqlText
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import STRING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["execute_immediate"]

#: What has the text, for errors that name the place.
_HELD_BY = ("EXECUTE IMMEDIATE", "")


def execute_immediate(
    session: SessionState,
    arguments: Arguments,
    run: Callable[[SessionState, LogicalPlan], pa.Table],
) -> pa.Table:
    """Run EXECUTE IMMEDIATE; return the rows of the statement it names.

    Args:
        session: Whose variables the text and the values may name.
        arguments: The statement's.
        run: Runs a command.

    Raises:
        SparkError: What is wrong with the statement, or with its text.
    """
    text = constant(session, arguments.get("text"), STRING).value
    if text is None:
        raise analysis_error("NULL_QUERY_STRING_EXECUTE_IMMEDIATE", varName="`query`")
    named: dict[str, Expression] = {}
    positional: list[Expression] = []
    for written in arguments.get("using") or ():
        value = constant(session, written)
        if isinstance(written, UnresolvedAlias) and written.name is not None:
            named[written.name] = value
        else:
            positional.append(value)
    settings = ParserSettings.of(session.conf, named, tuple(positional), _HELD_BY)
    plan = parse_statement(text, settings)
    if isinstance(plan, CatalogStatement) and plan.statement == "execute_immediate":
        raise analysis_error("NESTED_EXECUTE_IMMEDIATE", sqlString=text)
    into = arguments.get("into")
    if isinstance(plan, Command):
        if into:
            raise analysis_error("INVALID_STATEMENT_FOR_EXECUTE_INTO", sqlString=text)
        return run(session, plan)
    query = analyze(session, SqlText(text, tuple(named.items()), tuple(positional), _HELD_BY))
    rows = rows_of(session, query)
    if into:
        assign(session, into, rows, query.schema)
        return nothing()
    return rows
