"""What DataFrames offer beside relational operators: ``show``, ``na``, ``stat``, ``describe``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pyrite.connect.planner.literals import literal
from pyrite.connect.planner.messages import invalid_plan, optional
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.expressions.unresolved import UnresolvedAttribute
from pyrite.sql.parser.identifiers import split_identifier
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import (
    Describe,
    DropNa,
    FillNa,
    HtmlString,
    ReplaceValues,
    ShowString,
    StatFunction,
    Summary,
)

if TYPE_CHECKING:
    from pyrite.connect.planner.planner import SparkConnectPlanner

__all__ = ["FRAME_FUNCTIONS"]


def _show_string(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    child = planner.relation(message.input)
    return ShowString(message.num_rows, message.truncate, message.vertical, child)


def _html_string(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return HtmlString(message.num_rows, message.truncate, planner.relation(message.input))


def _fill_na(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    if not message.values:
        raise invalid_plan("NA_FILL_VALUES_EMPTY")
    if len(message.values) > 1 and len(message.values) != len(message.cols):
        raise invalid_plan("NA_FILL_VALUES_LENGTH_MISMATCH")
    values = tuple([literal(value) for value in message.values])
    return FillNa(tuple(message.cols), values, planner.relation(message.input))


def _drop_na(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return DropNa(
        tuple(message.cols), optional(message, "min_non_nulls"), planner.relation(message.input)
    )


def _replace(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    pairs = tuple([(literal(r.old_value), literal(r.new_value)) for r in message.replacements])
    return ReplaceValues(tuple(message.cols), pairs, planner.relation(message.input))


def _describe(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return Describe(tuple(message.cols), planner.relation(message.input))


def _summary(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return Summary(tuple(message.statistics), planner.relation(message.input))


def _statistic(
    planner: SparkConnectPlanner,
    message: Any,
    function: str,
    columns: tuple[Expression, ...],
    **parameters: Any,
) -> LogicalPlan:
    child = planner.relation(message.input)
    return StatFunction(function, columns, tuple(parameters.items()), child)


def _columns(*names: str) -> tuple[Expression, ...]:
    return tuple([UnresolvedAttribute(split_identifier(name)) for name in names])


def _crosstab(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return _statistic(planner, message, "crosstab", _columns(message.col1, message.col2))


def _cov(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return _statistic(planner, message, "cov", _columns(message.col1, message.col2))


def _corr(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    columns = _columns(message.col1, message.col2)
    method = optional(message, "method") or "pearson"
    return _statistic(planner, message, "corr", columns, method=method)


def _approx_quantile(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return _statistic(
        planner,
        message,
        "approx_quantile",
        _columns(*message.cols),
        probabilities=tuple(message.probabilities),
        relative_error=message.relative_error,
    )


#: How often a value must occur for ``freqItems`` to find it, unless the user says otherwise.
_DEFAULT_SUPPORT = 0.01


def _freq_items(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    support = message.support if message.HasField("support") else _DEFAULT_SUPPORT
    return _statistic(planner, message, "freq_items", _columns(*message.cols), support=support)


def _sample_by(planner: SparkConnectPlanner, message: Any) -> LogicalPlan:
    return _statistic(
        planner,
        message,
        "sample_by",
        (planner.expression(message.col),),
        fractions=tuple([(literal(f.stratum), f.fraction) for f in message.fractions]),
        seed=optional(message, "seed"),
    )


#: The handlers of the alternatives of ``Relation.rel_type`` in this family.
FRAME_FUNCTIONS: dict[str, Callable[[SparkConnectPlanner, Any], LogicalPlan]] = {
    "show_string": _show_string,
    "html_string": _html_string,
    "fill_na": _fill_na,
    "drop_na": _drop_na,
    "replace": _replace,
    "describe": _describe,
    "summary": _summary,
    "crosstab": _crosstab,
    "cov": _cov,
    "corr": _corr,
    "approx_quantile": _approx_quantile,
    "freq_items": _freq_items,
    "sample_by": _sample_by,
}
