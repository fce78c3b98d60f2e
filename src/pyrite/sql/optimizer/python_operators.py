"""Operators that are Python themselves: what they group by and are called with becomes columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pyrite.sql.errors import unsupported
from pyrite.sql.expressions.expression import Attribute, Expression
from pyrite.sql.optimizer.extraction import Extraction, from_child, has_python, trim, words
from pyrite.sql.plans.plan import (
    CoGroupMap,
    Filter,
    GroupMap,
    JoinType,
    LateralJoin,
    LogicalPlan,
    Project,
    PythonTableFunction,
    SubqueryAlias,
)

__all__ = ["called_for_rows", "co_group_map", "for_each_row", "group_map", "table_function"]


def group_map(plan: GroupMap) -> LogicalPlan:
    """Make the keys columns of the child."""
    child, keys = _keyed(plan.child, plan.grouping)
    return replace(plan, grouping=keys, child=child)


def co_group_map(plan: CoGroupMap) -> LogicalPlan:
    """Make the keys columns of the children."""
    left, left_keys = _keyed(plan.left, plan.left_grouping)
    right, right_keys = _keyed(plan.right, plan.right_grouping)
    return replace(plan, left=left, right=right, left_grouping=left_keys, right_grouping=right_keys)


def _keyed(
    child: LogicalPlan, grouping: Sequence[Expression]
) -> tuple[LogicalPlan, tuple[Attribute, ...]]:
    """Return a child that has its grouping expressions as columns, and these columns."""
    extraction = Extraction(child)
    keys = tuple(extraction.argument(extraction.rewrite(key)) for key in grouping)
    return extraction.plan(), keys


def table_function(plan: PythonTableFunction) -> LogicalPlan:
    """Make the arguments and what sorts the rows columns of the child."""
    if not _is_closed(plan):
        return plan  # the lateral join above will bring what it reads
    extraction = Extraction(plan.child)

    def column(expression: Expression) -> Attribute:
        return extraction.argument(extraction.rewrite(expression))

    arguments = tuple(column(a) for a in plan.function.arguments)
    partition = tuple(column(key) for key in plan.partition)
    order = tuple(replace(key, child=column(key.child)) for key in plan.order)
    return replace(
        plan,
        function=replace(plan.function, arguments=arguments),
        partition=partition,
        order=order,
        child=extraction.plan(),
    )


def _is_closed(plan: PythonTableFunction) -> bool:
    """Whether a table function reads only its child's columns."""
    own = {a.expression_id for a in plan.child.output}
    return all(a.expression_id in own for a in plan.function.references())


def called_for_rows(plan: LateralJoin) -> bool:
    """Whether the right side is a table function, called with the left side's columns."""
    function = plan.right.find(PythonTableFunction)
    return function is not None and not _is_closed(function)


def for_each_row(plan: LateralJoin) -> LogicalPlan:
    """Call a table function for the rows of the left side, and keep them beside its own.

    Raises:
        SparkError: The join or what is between it and the function is of a kind not supported.
    """
    if plan.join_type not in (JoinType.INNER, JoinType.CROSS):
        raise unsupported(f"a table function on the right of a {words(plan.join_type)} JOIN")
    joined = _over(plan.right, plan.left)
    if plan.condition is not None:
        joined = Filter(plan.condition, joined)
        if has_python([plan.condition]):
            joined = from_child(joined)
    return trim(joined, plan.output)


def _over(plan: LogicalPlan, rows: LogicalPlan) -> LogicalPlan:
    """Return the right side of a lateral join, computed from the left side's rows and with them."""
    match plan:
        case PythonTableFunction(table_argument=None):
            return table_function(replace(plan, child=rows, kept=rows.output))
        case Project():
            return Project((*rows.output, *plan.project_list), _over(plan.child, rows))
        case Filter():
            return Filter(plan.condition, _over(plan.child, rows))
        case SubqueryAlias():
            return _over(plan.child, rows)
    raise unsupported(f"a table function below {type(plan).__name__} in a lateral join")
