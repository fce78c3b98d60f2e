"""From an optimized plan to fragments: a plan is cut where DuckDB cannot go on.

What DuckDB cannot do is a *stage*: it runs the fragment below it, and its rows are an Arrow
input of the fragment above. ``STAGES`` says which operators are stages and who runs them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from pyrite.sql.errors import unsupported
from pyrite.sql.execution.cluster.query_stages import read_stage
from pyrite.sql.execution.fragment import Fragment, Input
from pyrite.sql.execution.fragment_writer import make_fragment
from pyrite.sql.execution.observation import observe
from pyrite.sql.execution.picture import draw
from pyrite.sql.execution.python.group_stages import (
    aggregate_in_python,
    co_group_map,
    group_map,
)
from pyrite.sql.execution.python.stages import eval_python, map_partitions
from pyrite.sql.execution.python.table_stage import python_table_function
from pyrite.sql.execution.python.window_stage import window_in_python
from pyrite.sql.execution.sampling import sample_rows
from pyrite.sql.execution.stage import StageContext
from pyrite.sql.plans.exchange import QueryStage
from pyrite.sql.plans.plan import (
    AggregateInPython,
    CoGroupMap,
    CollectMetrics,
    EvalPython,
    GroupMap,
    LogicalPlan,
    MapPartitions,
    Picture,
    PythonTableFunction,
    Sample,
    WindowInPython,
)

__all__ = ["STAGES", "plan_fragment"]

#: By operator: from a context and the operator to its rows, a ``pyarrow.Table`` or a
#: ``RecordBatchReader``, whose columns are named by ``column_name``.
STAGES: dict[type[LogicalPlan], Callable[[StageContext, Any], Any]] = {
    AggregateInPython: aggregate_in_python,
    CoGroupMap: co_group_map,
    CollectMetrics: observe,
    EvalPython: eval_python,
    GroupMap: group_map,
    MapPartitions: map_partitions,
    Picture: draw,
    PythonTableFunction: python_table_function,
    QueryStage: read_stage,
    Sample: sample_rows,
    WindowInPython: window_in_python,
}

_numbers = itertools.count()


def plan_fragment(context: StageContext, plan: LogicalPlan) -> Fragment:
    """Return the fragment of a plan's root; stages below it start when it is run.

    Args:
        context: The query's session and its cancellation.
        plan: A resolved, optimized plan.
    """

    def read(operator: LogicalPlan) -> Input:
        run = STAGES.get(type(operator))
        if run is None:
            raise unsupported(f"the operator {type(operator).__name__}")
        return Input(f"stage_{next(_numbers)}", lambda: run(context, operator))

    return make_fragment(context.session, plan, read, context.wide_decimals)
