"""Disjunctions: what all alternatives of a condition have in common, and what they ask of a part.

DuckDB, like Spark, looks for equal columns and conditions of one table among what must hold; in
``(a = b AND x) OR (a = b AND y)`` nothing is found until ``a = b`` stands outside.
"""

from __future__ import annotations

from pyrite.sql.expressions.expression import Expression
from pyrite.sql.optimizer.conditions import all_of, any_of, columns_read, conjuncts, disjuncts

__all__ = ["common_conjuncts", "implied"]


def common_conjuncts(condition: Expression | None) -> list[Expression]:
    """Return the parts of a condition that must all hold, each once.

    What all alternatives of an OR ask for is a part of its own.

    Args:
        condition: Such as ``(a AND x) OR (a AND y)``, which has the parts ``a`` and ``x OR y``.
    """
    parts: dict[Expression, None] = {}
    for part in conjuncts(condition):
        parts.update(dict.fromkeys(_factored(part)))
    return [*parts]


def _factored(condition: Expression) -> list[Expression]:
    alternatives = [conjuncts(each) for each in disjuncts(condition)]
    if len(alternatives) == 1 or not condition.deterministic:
        return [condition]
    first, *others = alternatives
    common = [part for part in first if all(part in other for other in others)]
    if not common:
        return [condition]
    rests = [[part for part in each if part not in common] for each in alternatives]
    if not all(rests):  # x AND (y OR true)
        return common
    rest = any_of(part for part in map(all_of, rests) if part is not None)
    return common if rest is None else [*common, *_factored(rest)]


def implied(
    condition: Expression, columns: frozenset[int], known: frozenset[int]
) -> Expression | None:
    """Return what an OR asks of some columns alone, None if that is nothing.

    Args:
        condition: Such as ``(n = 'x' AND m = 'y') OR (n = 'y' AND m = 'x')``, which asks of ``n``
            that ``n = 'x' OR n = 'y'``.
        columns: Their ids.
        known: The ids of all columns of the rows, those included; others are constants.
    """
    alternatives = disjuncts(condition)
    if len(alternatives) == 1 or not condition.deterministic:
        return None
    asked: dict[Expression, None] = {}
    for alternative in alternatives:
        parts = []
        for part in conjuncts(alternative):
            read = columns_read([part]) & known
            weaker = part if read and read <= columns else implied(part, columns, known)
            parts += [] if weaker is None else [weaker]
        both = all_of(parts)
        if both is None:
            return None
        asked[both] = None
    return any_of(asked)
