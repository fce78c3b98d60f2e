"""Saves to a path: ``df.write.save`` and INSERT OVERWRITE DIRECTORY."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.errors import analysis_error
from pyrite.sql.execution.analyze import analyze
from pyrite.sql.execution.run import PlanRun
from pyrite.sql.execution.statements.arguments import nothing
from pyrite.sql.execution.statements.saving import check_not_read, save_query
from pyrite.sql.execution.statements.tables import default_provider
from pyrite.sql.optimizer.optimizer import optimize
from pyrite.sql.plans.commands import WriteFiles
from pyrite.sql.session_state import SessionState
from pyrite.sql.sources.options import SourceOptions
from pyrite.sql.sources.registry import find_format
from pyrite.sql.sources.writer import save_mode

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["write_files"]

#: The format that computes every row and keeps none.
_NOOP = "noop"


def write_files(session: SessionState, command: WriteFiles) -> pa.Table:
    """Run a save to a path.

    Raises:
        SparkError: PATH_ALREADY_EXISTS, UNSUPPORTED_OVERWRITE, or what the format or the query
            finds.
    """
    mode = save_mode(command.mode)
    plan = analyze(session, command.child)
    name = command.format or default_provider(session)
    if name.lower() == _NOOP:
        for _ in PlanRun(session, optimize(plan, session)).batches():
            pass
        return nothing()
    file_format = find_format(name)
    if command.bucket is not None:
        raise analysis_error("_LEGACY_ERROR_TEMP_1312", operation="save")
    options = SourceOptions(command.options)
    path = command.path or options.get("path")
    if not path:
        raise analysis_error("PATH_REQUIRED", format=file_format.name)
    if mode == "overwrite":
        check_not_read(plan, path)
    save_query(session, plan, file_format, path, mode, options, command.partition_columns)
    return nothing()
