"""Plans that also tell each row's place among the rows that come.

Rows of a program have their places written beside them, and a range of numbers is one itself; an
operator that goes through rows one by one hands that on. DuckDB counts all other rows::

    Filter even                  Filter even
    +- LocalRelation [k]    =>   +- LocalRelation [k, place]
"""

from __future__ import annotations

from dataclasses import replace

from pyrite.sql.expressions.expression import Alias, Attribute, Call, new_expression_id
from pyrite.sql.functions.partitions import ROW_POSITION
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.types import LONG, DataType, to_arrow

__all__ = ["beside_local", "place_rows"]


def place_rows(plan: LogicalPlan) -> tuple[LogicalPlan, Attribute]:
    """Return a plan of the same rows with a column more, and that column, which rises with them.

    Args:
        plan: A plan whose rows come in the order that counts.
    """
    known = _known(plan)
    if known is not None:
        return known
    place = Alias(Call(ROW_POSITION, (), LONG, False), "place")
    return plans.Project((*plan.output, place), plan), place.to_attribute()


def _known(plan: LogicalPlan) -> tuple[LogicalPlan, Attribute] | None:
    match plan:
        case plans.LocalRelation():
            return beside_local(plan, "place", LONG, range(plan.table.num_rows))
        case plans.Range() if plan.step > 0:
            return plan, plan.attributes[0]
        case plans.Filter() | plans.SubqueryAlias():
            below = _known(plan.child)
            return below and (replace(plan, child=below[0]), below[1])
        case plans.Project():
            below = _known(plan.child)
            return below and _handed_on(plan, *below)
    return None


def _handed_on(
    plan: plans.Project, child: LogicalPlan, place: Attribute
) -> tuple[LogicalPlan, Attribute]:
    items = plan.project_list
    if place not in items:
        items = (*items, place)
    return replace(plan, project_list=items, child=child), place


def beside_local(
    relation: plans.LocalRelation, name: str, data_type: DataType, values: object
) -> tuple[plans.LocalRelation, Attribute]:
    """Return a program's rows with a column more, and that column.

    Args:
        relation: The rows.
        name: The column's name.
        data_type: Its type.
        values: A value for each row, as ``pyarrow.array`` takes them.
    """
    import pyarrow as pa

    attribute = Attribute(name, data_type, False, new_expression_id())
    names = [str(place) for place in range(len(relation.attributes) + 1)]
    column = pa.array(values, to_arrow(data_type))
    table = pa.table([*relation.table.columns, column], names=names)
    return plans.LocalRelation((*relation.attributes, attribute), table), attribute
