"""From a plan to the fragment that runs it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pyrite.sql.conf import (
    ANSI_ENABLED,
    MAP_KEY_DEDUP_POLICY,
    SESSION_TIME_ZONE,
    TIME_PARSER_POLICY,
)
from pyrite.sql.errors import unsupported
from pyrite.sql.execution.arrow_values import to_duckdb_arrow
from pyrite.sql.execution.expression_sql import column_name
from pyrite.sql.execution.fragment import Fragment, GivenTable, Input
from pyrite.sql.execution.relation_sql import RelationWriter
from pyrite.sql.expressions.expression import Attribute
from pyrite.sql.plans.plan import (
    Aggregate,
    Limit,
    LocalRelation,
    LogicalPlan,
    Offset,
    Project,
    Sort,
    SubqueryAlias,
    With,
)
from pyrite.sql.session_state import SessionState

__all__ = ["make_fragment"]


def make_fragment(
    session: SessionState,
    plan: LogicalPlan,
    read: Callable[[LogicalPlan], Input] | None = None,
    wide_decimals: bool = False,
    runs_again: bool = False,
) -> Fragment:
    """Write a plan as one DuckDB query.

    Args:
        session: For its settings.
        plan: A resolved, optimized plan.
        read: Runs an operator that DuckDB cannot, and returns its rows to read; None refuses.
        wide_decimals: As in ``LoweringContext``.
        runs_again: Whether nobody sees the rows of a run that fails.
    """

    def read_operator(operator: LogicalPlan) -> Input:
        if isinstance(operator, LocalRelation):
            return _local_input(operator)
        if read is None:
            raise unsupported(f"the operator {type(operator).__name__}")
        return read(operator)

    time_zone = session.conf.read(SESSION_TIME_ZONE)
    new_writer = partial(
        RelationWriter,
        session.conf.read(ANSI_ENABLED),
        time_zone,
        wide_decimals,
        read_operator,
        runs_again=not wide_decimals and (runs_again or _ends_before_answering(plan)),
        last_map_key_wins=session.conf.read(MAP_KEY_DEDUP_POLICY) == "LAST_WIN",
        time_parser_policy=session.conf.read(TIME_PARSER_POLICY),
    )
    writer = new_writer()
    sql = writer.statement(plan)
    again = all(given.again for given in writer.inputs.values())
    return Fragment(
        sql,
        plan.output,
        list(writer.inputs.values()),
        list(writer.functions.values()),
        time_zone,
        wide_decimals,
        writer.places,
        plan,
        (lambda places: new_writer(places=places).statement(plan)) if again else None,
    )


def _ends_before_answering(plan: LogicalPlan) -> bool:
    """Whether all is computed before the first row comes out, so that nobody sees a failed run."""
    computes = False
    while isinstance(plan, (Project, SubqueryAlias, Limit, Offset, With)):
        if isinstance(plan, Project):
            computes |= not all(isinstance(item, Attribute) for item in plan.project_list)
        plan = plan.child
    if isinstance(plan, Aggregate):
        return not plan.grouping
    return isinstance(plan, Sort) and not computes


def _local_input(relation: LocalRelation) -> Input:
    # The same rows may be read twice, once with a column more at their end.
    ids = [a.expression_id for a in relation.attributes] or [id(relation)]
    table = to_duckdb_arrow(relation.table)
    named = table.rename_columns([column_name(a) for a in relation.attributes])
    return Input(f"local_{ids[0]}_{ids[-1]}", GivenTable(named), again=True)
