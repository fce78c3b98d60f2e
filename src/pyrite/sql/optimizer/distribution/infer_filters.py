"""InferFiltersFromConstraints: what is asked of a key holds for the key it must be equal to.

Only conditions that cannot raise an error are asked anew: the other side may have values for
which the query itself never computes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pyrite.sql.expressions.expression import Attribute, Expression
from pyrite.sql.optimizer.conditions import call_name, columns_read, substituted

__all__ = ["equal_columns", "inferred"]

#: The functions that never raise an error.
_SAFE = frozenset(
    ["=", "!=", "<", "<=", ">", ">=", "<=>", "and", "or", "not", "in", "isnull", "isnotnull"]
)


def equal_columns(
    conditions: Iterable[Expression], left: frozenset[int], right: frozenset[int]
) -> Iterator[tuple[Attribute, Attribute]]:
    """Yield the columns that conditions of a join want equal: the left one and the right one."""
    for condition in conditions:
        if call_name(condition) != "=":
            continue
        first, second = condition.children
        if isinstance(first, Attribute) and isinstance(second, Attribute):
            if first.expression_id in left and second.expression_id in right:
                yield first, second
            elif first.expression_id in right and second.expression_id in left:
                yield second, first


def inferred(
    conditions: Iterable[Expression], equal: Mapping[int, Attribute]
) -> Iterator[Expression]:
    """Yield what conditions of one side of a join say of the other side's rows.

    Args:
        conditions: What holds for the side's rows.
        equal: By the id of a column of this side: the other side's that is equal to it.
    """
    for condition in conditions:
        read = columns_read([condition])
        if len(read) == 1 and read <= equal.keys() and _cannot_fail(condition):
            yield substituted(condition, equal)


def _cannot_fail(expression: Expression) -> bool:
    if expression.foldable or isinstance(expression, Attribute):
        return True
    return call_name(expression) in _SAFE and all(map(_cannot_fail, expression.children))
