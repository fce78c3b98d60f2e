"""Analysis with the engine at hand: some plans can be resolved only by asking the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.analysis.analyzer import Analyzer
from pyrite.sql.analysis.relations import new_attributes
from pyrite.sql.errors import analysis_error
from pyrite.sql.execution.run import run_plan
from pyrite.sql.optimizer.optimizer import optimize
from pyrite.sql.plans.plan import LogicalPlan, SourceRelation
from pyrite.sql.plans.unresolved import Parse
from pyrite.sql.session_state import SessionState
from pyrite.sql.sources.registry import resolve_text
from pyrite.sql.types import StringType, sql_name, to_arrow_schema

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["analyze", "rows_of"]


def analyze(session: SessionState, plan: LogicalPlan) -> LogicalPlan:
    """Resolve a plan; run on the side what the answer depends on.

    Raises:
        SparkError: If the plan is wrong; the message says what and, for SQL text, where.
    """
    if plan.find(Parse) is not None:
        plan = plan.transform_up(
            lambda node: _parsed(session, node) if isinstance(node, Parse) else node
        )
    return Analyzer(session, lambda inner: rows_of(session, inner)).analyze(plan)


def rows_of(session: SessionState, plan: LogicalPlan) -> pa.Table:
    """Run a resolved plan and return its rows."""
    import pyarrow as pa

    batches = run_plan(session, optimize(plan, session))
    return pa.Table.from_batches(list(batches), to_arrow_schema(plan.schema))


def _parsed(session: SessionState, node: Parse) -> LogicalPlan:
    """Read a column of texts as the lines of a file."""
    child = analyze(session, node.child)
    if len(child.output) != 1 or not isinstance(child.output[0].data_type, StringType):
        raise analysis_error("PARSE_INPUT_NOT_STRING", inputSchema=sql_name(child.schema))
    texts = rows_of(session, child).column(0)
    schema, scan = resolve_text(node.format, node.user_schema, node.options, texts, session.conf)
    return SourceRelation(new_attributes(schema), scan)
