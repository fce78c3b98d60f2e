"""Logical plans in Spark's words: one line for each operator, unresolved ones marked with a '."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from pyrite.sql.execution.explain.expression_text import INFIX, expression_text, list_text
from pyrite.sql.execution.explain.plan_node import PlanNode
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.expressions.unresolved import (
    ExpressionText,
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedFunction,
    UnresolvedStar,
)
from pyrite.sql.parser.parse import parse_expression, parse_statement
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import PlanId, SqlText

__all__ = ["LINES", "LogicalPicture", "join_arguments", "scan_format"]

#: The operator's name in Spark, and what follows it.
Line = tuple[str, str]


def scan_format(relation: plans.SourceRelation) -> str:
    """Return what a relation reads: ``parquet``, ``csv``, or what the source calls itself."""
    return relation.scan.name.partition(" ")[0]


def join_arguments(join: plans.Join | plans.LateralJoin | plans.AsOfJoin) -> str:
    """Return a join's type and condition."""
    condition = "" if join.condition is None else f", {expression_text(join.condition)}"
    return f"{join.join_type}{condition}"


def _columns(plan: LogicalPlan) -> str:
    return list_text(plan.output)


def _range(plan: plans.Range) -> Line:
    splits = plan.num_partitions and f"Some({plan.num_partitions})"
    return "Range", f"({plan.start}, {plan.end}, step={plan.step}, splits={splits})"


def _relation(plan: plans.SourceRelation) -> Line:
    name = ".".join(plan.table)
    return "Relation", f"{name}{list_text(plan.output, ',')} {scan_format(plan)}"


def _aggregate(plan: plans.Aggregate) -> Line:
    keys = list_text(plan.grouping)
    if plan.grouping_sets is not None:
        sets = ", ".join(f"({', '.join(map(str, s))})" for s in plan.grouping_sets)
        keys = f"{keys}, grouping sets ({sets})"
    return "Aggregate", f"{keys}, {list_text(plan.aggregates)}"


def _distinct(plan: plans.Distinct) -> Line:
    return ("Deduplicate", list_text(plan.keys)) if plan.keys else ("Distinct", "")


def _repartition(plan: plans.Repartition) -> Line:
    if not plan.keys:
        return "Repartition", f"{plan.num_partitions}, {str(plan.shuffle).lower()}"
    count = "" if plan.num_partitions is None else f", {plan.num_partitions}"
    return "RepartitionByExpression", f"{list_text(plan.keys)}{count}"


def _alias(plan: plans.SubqueryAlias) -> Line:
    if plan.hint is not None:
        return "ResolvedHint", f"(strategy={plan.hint})"
    return "SubqueryAlias", ".".join(plan.alias)


def _generate(plan: plans.Generate) -> Line:
    outer = str(plan.outer).lower()
    text = f"{expression_text(plan.generator)}, {outer}, {list_text(plan.generated)}"
    return "Generate", text


def _sample(plan: plans.Sample) -> Line:
    replaced = str(plan.with_replacement).lower()
    return "Sample", f"{plan.lower}, {plan.upper}, {replaced}, {plan.seed}"


def _set_operation(plan: plans.SetOperation) -> Line:
    return plan.operation.title(), ("All " if plan.is_all else "") + str(plan.is_all).lower()


def _eval_python(plan: plans.EvalPython) -> Line:
    calls = list_text(alias.child for alias in plan.calls)
    return "ArrowEvalPython", f"{calls}, {list_text(a.to_attribute() for a in plan.calls)}"


def _function(name: str) -> Callable[[Any], Line]:
    def line(plan: Any) -> Line:
        return name, f"{expression_text(plan.function)}, {list_text(plan.attributes)}"

    return line


def _group_map(plan: plans.GroupMap) -> Line:
    keys, function = list_text(plan.grouping), expression_text(plan.function)
    return "FlatMapGroupsInPandas", f"{keys}, {function}, {list_text(plan.attributes)}"


#: By resolved operator: its line.
LINES: dict[type[LogicalPlan], Callable[[Any], Line]] = {
    plans.OneRowRelation: lambda p: ("OneRowRelation", ""),
    plans.LocalRelation: lambda p: ("LocalRelation", _columns(p)),
    plans.Range: _range,
    plans.SourceRelation: _relation,
    plans.Project: lambda p: ("Project", list_text(p.project_list)),
    plans.Filter: lambda p: ("Filter", expression_text(p.condition)),
    plans.Aggregate: _aggregate,
    plans.Join: lambda p: ("Join", join_arguments(p)),
    plans.LateralJoin: lambda p: ("LateralJoin", join_arguments(p)),
    plans.AsOfJoin: lambda p: ("AsOfJoin", join_arguments(p)),
    plans.Union: lambda p: ("Union", "false, false"),
    plans.SetOperation: _set_operation,
    plans.Distinct: _distinct,
    plans.Sort: lambda p: ("Sort", f"{list_text(p.order)}, {str(p.is_global).lower()}"),
    plans.Limit: lambda p: ("GlobalLimit", expression_text(p.limit)),
    plans.Offset: lambda p: ("Offset", expression_text(p.offset)),
    plans.Tail: lambda p: ("Tail", expression_text(p.limit)),
    plans.SubqueryAlias: _alias,
    plans.Generate: _generate,
    plans.Unpivot: lambda p: ("Expand", list_text(p.attributes)),
    plans.Sample: _sample,
    plans.Repartition: _repartition,
    plans.CollectMetrics: lambda p: ("CollectMetrics", f"{p.name}, {list_text(p.metrics)}"),
    plans.With: lambda p: ("WithCTE", ""),
    plans.CteReference: lambda p: ("CTERelationRef", f"{p.cte_id}, true, {_columns(p)}"),
    plans.EvalPython: _eval_python,
    plans.MapPartitions: _function("MapInPandas"),
    plans.GroupMap: _group_map,
}


class LogicalPicture:
    """Draws logical plans.

    Args:
        cached: From a relation of cached rows to its picture.
        note: What is said of each resolved operator after its arguments.
    """

    def __init__(
        self,
        cached: Callable[[plans.CachedRelation], PlanNode],
        note: Callable[[LogicalPlan], str] = lambda plan: "",
    ) -> None:
        self._cached = cached
        self._note = note

    def node(self, plan: LogicalPlan) -> PlanNode:
        """Return the picture of a plan, resolved or not."""
        while isinstance(plan, (PlanId, SqlText)):
            plan = plan.child if isinstance(plan, PlanId) else parse_statement(plan.text)
        if isinstance(plan, plans.CachedRelation):
            node = self._cached(plan)
            return PlanNode(*self._noted(plan, node.name, node.arguments), inner=node.inner)
        line = LINES.get(type(plan))
        inner = [] if line is None else [*plans.subplans(plan)]
        children = tuple(map(self.node, [*inner, *plan.children]))
        if line is None:
            return PlanNode(*_unresolved(plan), children)
        name, arguments = line(plan)
        if isinstance(plan, plans.Limit):
            children = (PlanNode("LocalLimit", arguments, children),)
        return PlanNode(*self._noted(plan, name, arguments), children)

    def _noted(self, plan: LogicalPlan, name: str, arguments: str) -> Line:
        """Return a line with its note, behind a comma."""
        note = self._note(plan)
        if not note:
            return name, arguments
        return (name, f"{arguments}, {note}") if arguments else (f"{name},", note)


def _unresolved(plan: LogicalPlan) -> Line:
    parts = []
    for field in fields(plan):  # type: ignore[arg-type]
        value = getattr(plan, field.name)
        if not isinstance(value, LogicalPlan):
            text = _text(value)
            if text:
                parts.append(text)
    name = type(plan).__name__
    short = name.removeprefix("Unresolved")
    keeps = short in ("Relation", "")
    mark = "'" if name != short else ""
    return f"{mark}{name if keeps else short}", ", ".join(parts)


def _text(value: Any) -> str:
    match value:
        case None | False | ():
            return ""
        case UnresolvedAttribute(parts=parts):
            return f"'{'.'.join(parts)}"
        case UnresolvedFunction(name=(sign,), arguments=(left, right)) if sign in INFIX:
            return f"({_text(left)} {INFIX[sign]} {_text(right)})"
        case UnresolvedFunction(name=name, arguments=arguments):
            return f"'{'.'.join(name)}({', '.join(map(_text, arguments))})"
        case ExpressionText(text=text):
            return _text(parse_expression(text))
        case UnresolvedStar(target=target):
            return ".".join((*target, "*"))
        case UnresolvedAlias(child=child, name=name):
            return _text(child) if name is None else f"{_text(child)} AS {name}"
        case Expression():
            try:
                return expression_text(value)
            except (KeyError, NotImplementedError, AttributeError):
                return type(value).__name__.removeprefix("Unresolved")
        case tuple() if any(isinstance(item, LogicalPlan) for item in value):
            return ""
        case tuple():
            return f"[{', '.join(map(_text, value))}]"
        case str() | int() | float():
            return str(value)
        case _:
            return str(getattr(value, "name", "") or "")
