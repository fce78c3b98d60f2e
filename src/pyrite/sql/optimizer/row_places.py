"""Plans that also tell each row's place among the rows that come, and where it is dealt to.

Rows of a program have that written beside them, and a range of numbers tells its places itself;
an operator that goes through rows one by one hands it on. DuckDB counts all other rows::

    Filter even                  Filter even
    +- LocalRelation [k]    =>   +- LocalRelation [k, place]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from pyrite.sql.expressions.expression import Alias, Attribute, Call, Expression, new_expression_id
from pyrite.sql.functions.kernels.hash_columns import murmur3_rows
from pyrite.sql.functions.partitions import ROW_POSITION
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.types import INTEGER, LONG, DataType, to_arrow

__all__ = ["beside_local", "deal_rows", "place_rows"]

#: A plan with a column more, and that column.
_Beside = tuple[LogicalPlan, Attribute]
_Keys = Sequence[Expression]


def place_rows(plan: LogicalPlan) -> tuple[LogicalPlan, Attribute]:
    """Return a plan of the same rows with a column more, and that column, which rises with them.

    Args:
        plan: A plan whose rows come in the order that counts.
    """
    known = _beside_rows(plan, (), _place)
    if known is not None:
        return known
    place = Alias(Call(ROW_POSITION, (), LONG, False), "place")
    return plans.Project((*plan.output, place), plan), place.to_attribute()


def deal_rows(plan: LogicalPlan, keys: _Keys, count: int) -> _Beside | None:
    """Return a plan of the same rows with the partition that a shuffle brings each to.

    Args:
        plan: The plan.
        keys: What is hashed.
        count: How many partitions there are.

    Returns:
        None where that has to be computed with the query.
    """

    def deal(leaf: LogicalPlan, keys: _Keys) -> _Beside | None:
        if not isinstance(leaf, plans.LocalRelation):
            return None
        if not all(key in leaf.attributes for key in keys):
            return None
        columns = [leaf.table.column(leaf.attributes.index(key)) for key in keys]
        hashes = murmur3_rows([c.combine_chunks() for c in columns], [k.data_type for k in keys])
        return beside_local(leaf, "reducer", INTEGER, hashes % count)

    return _beside_rows(plan, keys, deal)


def _place(leaf: LogicalPlan, _: _Keys) -> _Beside | None:
    match leaf:
        case plans.LocalRelation():
            return beside_local(leaf, "place", LONG, range(leaf.table.num_rows))
        case plans.Range() if leaf.step > 0:
            return leaf, leaf.attributes[0]
    return None


def _beside_rows(
    plan: LogicalPlan, keys: _Keys, at_leaf: Callable[[LogicalPlan, _Keys], _Beside | None]
) -> _Beside | None:
    """Return a plan with a column more that its leaf has; None where its rows are not the leaf's.

    Args:
        plan: The plan.
        keys: Expressions of its columns.
        at_leaf: Gives a leaf the column, which is of the keys as the leaf has them.
    """
    match plan:
        case plans.Filter() | plans.SubqueryAlias():
            below = _beside_rows(plan.child, keys, at_leaf)
            return below and (replace(plan, child=below[0]), below[1])
        case plans.Project():
            made = {i.expression_id: i.child for i in plan.project_list if isinstance(i, Alias)}
            used = [made.get(k.expression_id, k) if isinstance(k, Attribute) else k for k in keys]
            below = _beside_rows(plan.child, used, at_leaf)
            return below and _handed_on(plan, *below)
    return at_leaf(plan, keys)


def _handed_on(plan: plans.Project, child: LogicalPlan, column: Attribute) -> _Beside:
    items = plan.project_list
    if column not in items:
        items = (*items, column)
    return replace(plan, project_list=items, child=child), column


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
