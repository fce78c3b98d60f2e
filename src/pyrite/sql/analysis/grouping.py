"""Grouping: what may stand beside GROUP BY, and how ORDER BY and HAVING reach below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Expression,
    LambdaFunction,
    LambdaVariable,
    Literal,
    NamedExpression,
    ScalarSubquery,
    SubqueryExpression,
    WindowExpression,
)
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.functions.type_coercion import cast_to
from pyrite.sql.plans.plan import (
    Aggregate,
    Filter,
    Generate,
    Join,
    LateralJoin,
    LogicalPlan,
    Project,
    Sort,
)

__all__ = ["GroupedItems", "canonical", "check_grouping", "extend", "has_aggregate", "lift"]


def has_aggregate(expression: Expression) -> bool:
    """Whether an expression aggregates rows (a window function's own aggregate does not)."""
    if isinstance(expression, AggregateExpression):
        return True
    if isinstance(expression, WindowExpression):
        function = expression.function
        inner = function.call.children if isinstance(function, AggregateExpression) else (function,)
        parts = (*inner, *expression.partition, *expression.order)
        return any(has_aggregate(part) for part in parts)
    return any(has_aggregate(child) for child in expression.children)


def _below(expression: Expression) -> tuple[Expression, ...]:
    """Return what must fit the grouping inside an expression that itself does not match."""
    if isinstance(expression, WindowExpression):
        function = expression.function
        inner = (
            function.call.children
            if isinstance(function, AggregateExpression)
            else function.children
        )
        return (*inner, *expression.partition, *expression.order)
    return expression.children


#: Functions whose arguments may change places.
_COMMUTATIVE = frozenset({"+", "*", "=", "<=>", "and", "or", "&", "|", "^"})


def canonical(expression: Expression) -> Expression:
    """Return a form that is equal for expressions that mean the same.

    They may differ in the order of operands and in the parameters of lambdas.
    """
    expression = expression.map_children(canonical)
    if isinstance(expression, LambdaFunction):
        return _with_numbered_parameters(expression)
    if isinstance(expression, Call) and expression.function.name in _COMMUTATIVE:
        return replace(expression, arguments=tuple(sorted(expression.arguments, key=hash)))
    return expression


def _with_numbered_parameters(function: LambdaFunction) -> LambdaFunction:
    """Number the parameters by their places, those of lambdas further in before them."""
    read = (v.expression_id for v in function.body.walk() if isinstance(v, LambdaVariable))
    first = max((number for number in read if number < 0), default=-1_000_000)
    numbered = {
        variable.expression_id: replace(variable, name="", expression_id=first + place)
        for place, variable in enumerate(function.parameters, 1)
    }

    def visit(node: Expression) -> Expression:
        if isinstance(node, LambdaVariable):
            return numbered.get(node.expression_id, node)
        return node

    body = function.body.transform_up(visit)
    return replace(function, body=body, parameters=tuple(numbered.values()))


@dataclass
class GroupedItems:
    """What DuckDB can compute beside GROUP BY in the place of what Spark lets users write.

    An expression that equals a key but for the order of operands becomes that key, a key that
    no grouping set holds is null, and calls of grouping() say which keys a set left out.

    Attributes:
        keys: The grouping expressions.
        sets: The grouping sets, by positions of keys; None where there are none.
        call: Makes calls of functions.
    """

    keys: tuple[Expression, ...]
    sets: Sequence[Sequence[int]] | None
    call: Callable[..., Expression]

    def __post_init__(self) -> None:
        used = {index for positions in self.sets or () for index in positions}
        grouped = {canonical(k) for i, k in enumerate(self.keys) if i in used or self.sets is None}
        self._absent = {key for key in self.keys if canonical(key) not in grouped}
        self._by_form: dict[Expression, Expression] = {}
        for key in self.keys:
            if not isinstance(key, (Attribute, Literal)):
                self._by_form.setdefault(canonical(key), key)

    def of(self, expression: Expression) -> Expression:
        """Return the expression to compute."""
        if isinstance(expression, AggregateExpression):
            return self._grouping_call(expression)
        if isinstance(expression, (Attribute, Literal)):
            return self._key(expression)
        if self._by_form:
            key = self._by_form.get(canonical(expression))
            if key is not None:
                return self._key(key)
        return expression.map_children(self.of)

    def _key(self, key: Expression) -> Expression:
        return Literal(None, key.data_type) if key in self._absent else key

    def _grouping_call(self, aggregate: AggregateExpression) -> Expression:
        call = aggregate.call
        if not isinstance(call, Call) or call.function.name not in ("grouping", "grouping_id"):
            return aggregate
        if self.sets is None:
            raise analysis_error("UNSUPPORTED_GROUPING_EXPRESSION")
        for argument in call.arguments:
            if argument not in self.keys:
                raise analysis_error(
                    "GROUPING_COLUMN_MISMATCH",
                    grouping=pretty(argument),
                    groupingColumns=",".join(map(pretty, self.keys)),
                )
        arguments = call.arguments or self.keys
        if not self._absent.intersection(arguments):
            return replace(aggregate, call=replace(call, arguments=arguments))
        bits: Expression = Literal(0, aggregate.data_type)
        for key in arguments:
            one = Literal(1, aggregate.data_type)
            bit = one if key in self._absent else cast_to(self._marked(key), bits.data_type, True)
            bits = self.call("+", self.call("+", bits, bits), bit)
        return cast_to(bits, aggregate.data_type, True)

    def _marked(self, key: Expression) -> Expression:
        return self.call("grouping", key)


def check_grouping(
    expressions: Sequence[Expression], grouping: Sequence[Expression], below: LogicalPlan
) -> None:
    """Check that every column outside an aggregate function is grouped by.

    Raises:
        SparkError: MISSING_AGGREGATION, naming the expression.
    """
    allowed = set(grouping)
    own = {a.expression_id for a in below.output}

    def visit(expression: Expression) -> None:
        if isinstance(expression, AggregateExpression):
            if any(map(has_aggregate, expression.call.children)):
                inner = expression.call.find(AggregateExpression)
                origin = inner.call.origin if inner and isinstance(inner.call, Call) else None
                raise analysis_error("NESTED_AGGREGATE_FUNCTION", origin)
            return
        if expression in allowed:
            return
        if isinstance(expression, Attribute) and expression.expression_id in own:
            if not grouping:
                raise analysis_error("MISSING_GROUP_BY")
            raise analysis_error(
                "MISSING_AGGREGATION",
                expression=f'"{expression.name}"',
                expressionAnyValue=f'"any_value({expression.name})"',
            )
        if isinstance(expression, ScalarSubquery):
            outer = expression.outer_references()
            if any(a.expression_id in own and a not in allowed for a in outer):
                raise analysis_error(
                    "SCALAR_SUBQUERY_IS_IN_GROUP_BY_OR_AGGREGATE_FUNCTION",
                    sqlExpr=f'"{pretty(expression)}"',
                )
        for child in _below(expression):
            visit(child)

    for expression in expressions:
        visit(expression.child if isinstance(expression, Alias) else expression)


def lift(expression: Expression, aggregate: Aggregate) -> tuple[Expression, list[NamedExpression]]:
    """Split an expression above an aggregate into what the aggregate must compute and the rest.

    Args:
        expression: Resolved against the aggregate's output and its input.
        aggregate: The operator below.

    Returns:
        The expression over the aggregate's output, and what has to be added to that output.
    """
    output = {a.expression_id: a for a in aggregate.output}
    known: dict[Expression, Attribute] = {}
    for item in aggregate.aggregates:
        if isinstance(item, Alias):
            known[item.child] = item.to_attribute()
        else:
            known[item] = item
    added: list[NamedExpression] = []
    grouping = set(aggregate.grouping)

    def visit(node: Expression) -> Expression:
        if isinstance(node, Attribute) and node.expression_id in output:
            return node
        found = known.get(node)
        if found is not None:
            return found
        if isinstance(node, SubqueryExpression):
            for column in node.outer_references():
                if column in grouping and column.expression_id not in output:
                    output[column.expression_id] = column
                    added.append(column)
        elif isinstance(node, AggregateExpression) or node in grouping:
            alias = Alias(node, pretty(node))
            added.append(alias)
            known[node] = alias.to_attribute()
            return known[node]
        return node.map_children(visit)

    lifted = visit(expression)
    check_grouping([lifted], aggregate.grouping, aggregate.child)
    return lifted, added


def extend(plan: LogicalPlan, added: Sequence[NamedExpression]) -> LogicalPlan:
    """Return the plan with more output columns, from the operator that can compute them.

    Args:
        plan: A Project or an Aggregate, perhaps under filters, sorts and joins.
        added: Expressions over that operator's input.
    """
    match plan:
        case Filter() | Sort() | Generate():
            return replace(plan, child=extend(plan.child, added))
        case Join() | LateralJoin():
            left = [e for e in added if _is_below(plan.left, e)]
            right = [e for e in added if e not in left]
            return replace(
                plan,
                left=extend(plan.left, left) if left else plan.left,
                right=extend(plan.right, right) if right else plan.right,
            )
        case Aggregate():
            below = _with_references(plan.child, added)
            return Aggregate(plan.grouping, (*plan.aggregates, *added), below, plan.grouping_sets)
    assert isinstance(plan, Project)
    if not _missing(plan.child, added):
        return Project((*plan.project_list, *added), plan.child)
    if any(isinstance(e, Alias) for e in added):
        passed = [e.to_attribute() if isinstance(e, Alias) else e for e in added]
        return Project((*plan.project_list, *passed), extend(plan.child, added))
    return Project((*plan.project_list, *added), _with_references(plan.child, added))


def _missing(plan: LogicalPlan, added: Sequence[NamedExpression]) -> list[Attribute]:
    available = {a.expression_id for a in plan.output}
    read = {a.expression_id: a for e in added for a in e.references()}
    return [a for expression_id, a in read.items() if expression_id not in available]


def _with_references(plan: LogicalPlan, added: Sequence[NamedExpression]) -> LogicalPlan:
    """Return the plan with the columns that expressions over it read."""
    missing = [a for a in _missing(plan, added) if _is_below(plan, a)]
    return extend(plan, missing) if missing else plan


def _is_below(plan: LogicalPlan, expression: Expression) -> bool:
    """Whether an operator of a plan has the columns that an expression reads."""
    made = {a.expression_id for node in plan.walk() for a in node.output}
    return all(a.expression_id in made for a in expression.references())
