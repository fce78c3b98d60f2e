"""Clustering: which rows an operator needs together, and how to have it need less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pyrite.sql.expressions.expression import Alias, Expression, WindowExpression
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.plans.plan import Aggregate, Distinct, LogicalPlan, Project

__all__ = ["Keys", "required_clustering", "separate_windows", "windows_of"]

#: Expressions: rows for which all of them are equal belong together.
Keys = tuple[Expression, ...]


def required_clustering(plan: LogicalPlan) -> Keys | None:
    """Return what rows must have equal to be needed together by an operator on one input.

    Returns:
        The keys; none of them if each row is looked at by itself; None if all rows are needed
        together.
    """
    match plan:
        case Project():
            windows = [*windows_of(plan)]
            if not windows:
                return ()
            return reduce(_common, map(_partition, windows)) or None
        case Aggregate():
            return _constantless(_in_all_sets(plan)) or None
        case Distinct():
            return plan.keys or plan.output
    return ()


def windows_of(plan: LogicalPlan) -> Iterator[WindowExpression]:
    """Yield the window functions in an operator's expressions."""
    for expression in plan.expressions:
        for node in expression.walk():
            if isinstance(node, WindowExpression):
                yield node


def _in_all_sets(plan: Aggregate) -> Keys:
    """Return the keys that every group is of one value of."""
    if plan.grouping_sets is None:
        return plan.grouping
    sets = [tuple(plan.grouping[index] for index in positions) for positions in plan.grouping_sets]
    return reduce(_common, sets, plan.grouping)


def _partition(window: WindowExpression) -> Keys:
    return _constantless(window.partition)


def _constantless(keys: Keys) -> Keys:
    """Return keys without constants, which all rows have equal."""
    return tuple(dict.fromkeys(key for key in keys if not key.foldable))


def _common(keys: Keys, others: Keys) -> Keys:
    return tuple(key for key in keys if key in others)


@dataclass
class _Windows:
    """Window functions that can be computed together.

    Attributes:
        keys: What the partitions of all of them have in common.
        columns: The functions, and the columns they become.
    """

    keys: Keys
    columns: dict[WindowExpression, Alias]


def separate_windows(project: Project) -> LogicalPlan:
    """Return a Project that has each of its windows computed where its rows can lie together.

    Windows whose partitions have no key in common become columns of Projects of their own, one
    above the other; where all have one in common, the Project stays as it is.
    """
    groups: list[_Windows] = []
    for window in dict.fromkeys(windows_of(project)):
        _join_group(groups, window)
    if len(groups) < 2:
        return project
    columns: dict[Expression, Expression] = {}
    child = project.child
    for group in groups:
        child = Project((*child.output, *group.columns.values()), child)
        columns.update((w, alias.to_attribute()) for w, alias in group.columns.items())

    def visit(node: Expression) -> Expression:
        return columns[node] if node in columns else node.map_children(visit)

    items: Any = tuple(visit(item) for item in project.project_list)
    return Project(items, child)


def _join_group(groups: list[_Windows], window: WindowExpression) -> None:
    """Put a window to others with which it has a key in common, or none like them."""
    keys, column = _partition(window), Alias(window, pretty(window))
    for group in groups:
        common = _common(group.keys, keys)
        if common or not (keys or group.keys):
            group.keys = common
            group.columns[window] = column
            return
    groups.append(_Windows(keys, {window: column}))
