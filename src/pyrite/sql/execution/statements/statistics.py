"""ANALYZE TABLE: a table's size and number of rows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pyrite.sql.execution.analyze import analyze
from pyrite.sql.execution.run import run_plan
from pyrite.sql.execution.statements.arguments import Arguments, Handler, nothing
from pyrite.sql.execution.statements.tables import writable_table
from pyrite.sql.expressions.unresolved import UnresolvedFunction, UnresolvedStar
from pyrite.sql.optimizer.optimizer import optimize
from pyrite.sql.plans.unresolved import UnresolvedProject, UnresolvedRelation
from pyrite.sql.session_state import SessionState
from pyrite.sql.sources.file_index import list_files
from pyrite.sql.sources.options import SourceOptions

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HANDLERS"]


def _analyze(session: SessionState, arguments: Arguments) -> pa.Table:
    table = writable_table(session, arguments.name(), "ANALYZE TABLE")
    assert table.location is not None
    files = list_files([table.location], SourceOptions(), session.conf).files
    statistics = {"sizeInBytes": sum(file.length for file in files)}
    if not arguments.flag("no_scan"):
        count = UnresolvedFunction(("count",), (UnresolvedStar(),))
        query = UnresolvedProject((count,), UnresolvedRelation(table.full_name))
        plan = optimize(analyze(session, query), session)
        (batch,) = run_plan(session, plan)
        statistics["rowCount"] = batch.column(0)[0].as_py()
    session.catalog.metastore.replace_table(replace(table, statistics=statistics))
    return nothing()


HANDLERS: dict[str, Handler] = {"analyze_table": _analyze}
