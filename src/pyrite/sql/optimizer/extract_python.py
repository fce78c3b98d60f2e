"""Rule: take calls of users' Python functions out of expressions, into operators of their own.

    Project [f(a + 1) AS x, b]          Project [p1 AS x, b]
    +- child                      =>    +- EvalPython [f(arg) AS p1]
                                           +- Project [a, b, (a + 1) AS arg]
                                              +- child

Conditions without Python stay below the Python, so that fewer rows reach it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pyrite.sql.errors import analysis_error, unsupported
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Call,
    Expression,
    LambdaFunction,
    NamedExpression,
    PythonUDF,
    SubqueryExpression,
)
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.plans.plan import (
    Aggregate,
    AggregateInPython,
    CoGroupMap,
    EvalPython,
    Filter,
    GroupMap,
    Join,
    JoinType,
    LateralJoin,
    LogicalPlan,
    MapPartitions,
    Project,
    PythonTableFunction,
    SubqueryAlias,
)
from pyrite.sql.session_state import SessionState

__all__ = ["extract_python"]

#: Operators that are Python themselves.
_PYTHON_OPERATORS = (
    AggregateInPython,
    CoGroupMap,
    EvalPython,
    GroupMap,
    MapPartitions,
    PythonTableFunction,
    SubqueryAlias,
)


def extract_python(plan: LogicalPlan, session: SessionState) -> LogicalPlan:
    """Rewrite a resolved plan so that Python functions stand only in Python operators."""
    return plan.transform_up(_extract)


def _extract(plan: LogicalPlan) -> LogicalPlan:
    plan = plan.map_expressions(_in_subqueries)
    match plan:
        case GroupMap():
            return _group_map(plan)
        case CoGroupMap():
            return _co_group_map(plan)
        case PythonTableFunction():
            return _table_function(plan)
        case LateralJoin() if _called_for_rows(plan):
            return _for_each_row(plan)
    if isinstance(plan, _PYTHON_OPERATORS) or not _has_python(plan.expressions):
        return plan
    match plan:
        case Filter():
            return _filter(plan)
        case Join():
            return _join(plan)
        case Aggregate():
            return _aggregate(plan)
        case _:
            return _from_child(plan)


def _in_subqueries(expression: Expression) -> Expression:
    def visit(node: Expression) -> Expression:
        if isinstance(node, SubqueryExpression):
            subquery: Any = node
            rewritten: Expression = replace(subquery, plan=subquery.plan.transform_up(_extract))
            return rewritten
        return node

    return expression.transform_up(visit)


def _has_python(expressions: Sequence[Expression]) -> bool:
    return any(expression.find(PythonUDF) is not None for expression in expressions)


def _from_child(plan: LogicalPlan) -> LogicalPlan:
    """Compute the functions of an operator with one child between the two."""
    if len(plan.children) != 1:
        raise unsupported(f"a Python function in {type(plan).__name__}")
    extraction = Extraction(plan.children[0])
    rewritten = plan.map_expressions(extraction.rewrite)
    below = extraction.plan()
    result = rewritten.map_children(lambda _: below)
    if isinstance(plan, Project):
        return result
    return _trim(result, plan.output)


def _trim(plan: LogicalPlan, output: Sequence[Attribute]) -> LogicalPlan:
    if [a.expression_id for a in plan.output] == [a.expression_id for a in output]:
        return plan
    return Project(tuple(output), plan)


def _conjuncts(condition: Expression) -> list[Expression]:
    if isinstance(condition, Call) and condition.function.name == "and":
        return [part for side in condition.arguments for part in _conjuncts(side)]
    return [condition]


def _conjunction(conditions: Sequence[Expression], like: Expression) -> Expression:
    """Join conditions again by the AND that they came from."""
    result = conditions[0]
    for condition in conditions[1:]:
        assert isinstance(like, Call)
        result = replace(
            like,
            arguments=(result, condition),
            nullable=result.nullable or condition.nullable,
        )
    return result


def _filter(plan: Filter) -> LogicalPlan:
    parts = _conjuncts(plan.condition)
    child = plan.child
    # A condition that differs from row to row by chance is asked in its place.
    plain = [p for p in parts if not _has_python([p]) and p.deterministic]
    if plain:
        child = Filter(_conjunction(plain, plan.condition), child)
    python = [p for p in parts if p not in plain]
    extraction = Extraction(child)
    condition = extraction.rewrite(_conjunction(python, plan.condition))
    return _trim(Filter(condition, extraction.plan()), plan.output)


def _join(plan: Join) -> LogicalPlan:
    assert plan.condition is not None
    sides = [Extraction(plan.left), Extraction(plan.right)]
    inside: list[Expression] = []
    above: list[Expression] = []
    for part in _conjuncts(plan.condition):
        both = [udf for udf in part.walk() if isinstance(udf, PythonUDF)]
        if all(any(side.covers(udf) for side in sides) for udf in both):
            for side in sides:
                part = side.rewrite(part)
            inside.append(part)
        else:
            above.append(part)
    if above and plan.join_type not in (JoinType.INNER, JoinType.CROSS):
        raise analysis_error(
            "UNSUPPORTED_FEATURE.PYTHON_UDF_IN_ON_CLAUSE", joinType=_words(plan.join_type)
        )
    join_type, condition = plan.join_type, None
    if inside:
        condition = _conjunction(inside, plan.condition)
    elif join_type is JoinType.INNER:
        join_type = JoinType.CROSS
    joined: LogicalPlan = Join(sides[0].plan(), sides[1].plan(), join_type, condition, plan.hint)
    if above:
        return _trim(_filter_or_same(above, plan.condition, joined), plan.output)
    return _trim(joined, plan.output)


def _words(join_type: JoinType) -> str:
    """Return a join's name in SQL: LEFT OUTER."""
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", join_type).upper()


def _filter_or_same(
    conditions: Sequence[Expression], like: Expression, child: LogicalPlan
) -> LogicalPlan:
    return _filter(Filter(_conjunction(conditions, like), child))


def _group_map(plan: GroupMap) -> LogicalPlan:
    child, keys = _keyed(plan.child, plan.grouping)
    return replace(plan, grouping=keys, child=child)


def _co_group_map(plan: CoGroupMap) -> LogicalPlan:
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


def _table_function(plan: PythonTableFunction) -> LogicalPlan:
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


def _called_for_rows(plan: LateralJoin) -> bool:
    """Whether the right side is a table function, called with the left side's columns."""
    function = plan.right.find(PythonTableFunction)
    return function is not None and not _is_closed(function)


def _for_each_row(plan: LateralJoin) -> LogicalPlan:
    if plan.join_type not in (JoinType.INNER, JoinType.CROSS):
        raise unsupported(f"a table function on the right of a {_words(plan.join_type)} JOIN")
    joined = _over(plan.right, plan.left)
    if plan.condition is not None:
        joined = _extract(Filter(plan.condition, joined))
    return _trim(joined, plan.output)


def _over(plan: LogicalPlan, rows: LogicalPlan) -> LogicalPlan:
    """Return the right side of a lateral join, computed from the left side's rows and with them."""
    match plan:
        case PythonTableFunction(table_argument=None):
            return _table_function(replace(plan, child=rows, kept=rows.output))
        case Project():
            return Project((*rows.output, *plan.project_list), _over(plan.child, rows))
        case Filter():
            return Filter(plan.condition, _over(plan.child, rows))
        case SubqueryAlias():
            return _over(plan.child, rows)
    raise unsupported(f"a table function below {type(plan).__name__} in a lateral join")


def _is_python_aggregate(node: Expression) -> bool:
    return isinstance(node, AggregateExpression) and isinstance(node.call, PythonUDF)


def _aggregate(plan: Aggregate) -> LogicalPlan:
    listed: list[Expression] = list(plan.aggregates)
    nodes = [node for item in listed for node in item.walk()]
    aggregates = [node for node in nodes if isinstance(node, AggregateExpression)]
    if any(map(_is_python_aggregate, aggregates)):
        return _python_aggregate(plan, aggregates)
    if any(_reads_aggregate(item) for item in plan.aggregates):
        return _above_aggregate(plan)
    extraction = Extraction(plan.child)
    grouping = {key: extraction.rewrite(key) for key in plan.grouping}

    def visit(node: Expression) -> Expression:
        # Equal to a key means that key, even where a second call could answer otherwise.
        if node in grouping:
            return grouping[node]
        if isinstance(node, PythonUDF):
            return extraction.rewrite(node)
        return node.map_children(visit)

    rewritten: Any = tuple(visit(item) for item in plan.aggregates)
    return replace(
        plan,
        grouping=tuple(grouping.values()),
        aggregates=rewritten,
        child=extraction.plan(),
    )


def _reads_aggregate(expression: Expression) -> bool:
    """Whether a Python function takes the result of an aggregate."""
    return any(
        isinstance(node, PythonUDF) and node.find(AggregateExpression) is not None
        for node in expression.walk()
    )


def _above_aggregate(plan: Aggregate) -> LogicalPlan:
    """Aggregate first, then call the functions on what came out."""
    lower: list[NamedExpression] = []
    known: dict[Expression, Attribute] = {}

    def below(expression: Expression) -> Attribute:
        if expression not in known:
            if isinstance(expression, Attribute):
                lower.append(expression)
                known[expression] = expression
            else:
                alias = Alias(expression, pretty(expression))
                lower.append(alias)
                known[expression] = alias.to_attribute()
        return known[expression]

    def visit(node: Expression) -> Expression:
        if isinstance(node, AggregateExpression) or node in plan.grouping:
            return below(node)
        return node.map_children(visit)

    above: Any = tuple(visit(e) for e in plan.aggregates)
    aggregate = replace(plan, aggregates=tuple(lower))
    return _extract(Project(above, _extract(aggregate)))


def _python_aggregate(plan: Aggregate, aggregates: Sequence[AggregateExpression]) -> LogicalPlan:
    if not all(map(_is_python_aggregate, aggregates)) or plan.grouping_sets is not None:
        raise analysis_error(
            "INVALID_PANDAS_UDF_PLACEMENT",
            functionList=", ".join(
                f"`{a.call.name}`" for a in aggregates if isinstance(a.call, PythonUDF)
            ),
        )
    extraction = Extraction(plan.child)
    keys = {key: extraction.argument(extraction.rewrite(key)) for key in plan.grouping}
    calls: dict[Expression, Alias] = {}
    for aggregate in aggregates:
        if aggregate not in calls:
            udf = aggregate.call
            assert isinstance(udf, PythonUDF)
            arguments = tuple(extraction.argument(extraction.rewrite(a)) for a in udf.arguments)
            call = replace(aggregate, call=replace(udf, arguments=arguments))
            calls[aggregate] = Alias(call, udf.name)
    grouped = AggregateInPython(tuple(keys.values()), tuple(calls.values()), extraction.plan())

    def visit(node: Expression) -> Expression:
        if node in keys:
            return keys[node]
        if node in calls:
            return calls[node].to_attribute()
        return node.map_children(visit)

    above: Any = tuple(visit(e) for e in plan.aggregates)
    return _extract(Project(above, grouped))


@dataclass
class _Level:
    """Calls that can run together, and the arguments to compute before them."""

    arguments: _Aliases = field(default_factory=lambda: _Aliases())
    calls: _Aliases = field(default_factory=lambda: _Aliases())


class _Aliases:
    """Expressions with names; a deterministic one has only one, however often it is asked for."""

    def __init__(self) -> None:
        self.listed: list[Alias] = []
        self._known: dict[Expression, Alias] = {}

    def add(self, expression: Expression, name: str) -> Alias:
        """Return the alias of an expression."""
        known = self._known.get(expression)
        if known is not None:
            return known
        alias = Alias(expression, name)
        self.listed.append(alias)
        if expression.deterministic:
            self._known[expression] = alias
        return alias


class Extraction:
    """Collects the Python calls of some expressions over one child.

    A call whose argument is itself made of Python's results goes to a later level.

    Args:
        child: What the expressions are over.
    """

    def __init__(self, child: LogicalPlan) -> None:
        self._child = child
        self._own = {a.expression_id for a in child.output}
        self._levels: list[_Level] = []
        self._level_of: dict[int, int] = {}
        self._before = _Aliases()

    def covers(self, udf: PythonUDF) -> bool:
        """Whether the child has all that a call reads."""
        return all(a.expression_id in self._own for a in udf.references())

    def rewrite(self, expression: Expression) -> Expression:
        """Return the expression with the results of its calls in their places.

        Raises:
            SparkError: A lambda, which has no columns, calls Python.
        """
        if isinstance(expression, PythonUDF) and self.covers(expression):
            return self._call(expression)
        if isinstance(expression, LambdaFunction):
            _check_lambda(expression)
        return expression.map_children(self.rewrite)

    def argument(self, expression: Expression) -> Attribute:
        """Return an expression as a column of the child, or of the Project over it."""
        if isinstance(expression, Attribute):
            return expression
        return self._before.add(expression, pretty(expression)).to_attribute()

    def _call(self, udf: PythonUDF) -> Attribute:
        arguments = [self.rewrite(a) for a in udf.arguments]
        number = max((self._after(a) for a in arguments), default=0)
        while len(self._levels) <= number:
            self._levels.append(_Level())
        level = self._levels[number]
        columns = [
            a if isinstance(a, Attribute) else level.arguments.add(a, pretty(a)).to_attribute()
            for a in arguments
        ]
        alias = level.calls.add(replace(udf, arguments=tuple(columns)), udf.name)
        self._level_of[alias.expression_id] = number
        return alias.to_attribute()

    def _after(self, argument: Expression) -> int:
        """Return the first level at which an argument is known."""
        levels = [
            self._level_of[a.expression_id] + 1
            for a in argument.references()
            if a.expression_id in self._level_of
        ]
        return max(levels, default=0)

    def plan(self) -> LogicalPlan:
        """Return the child with the collected calls computed over it."""
        plan = self._child
        for level in self._levels:
            plan = EvalPython(tuple(level.calls.listed), _beside(plan, level.arguments.listed))
        return _beside(plan, self._before.listed)


def _check_lambda(function: LambdaFunction) -> None:
    udf = function.find(PythonUDF)
    if udf is not None:
        raise analysis_error(
            "UNSUPPORTED_FEATURE.LAMBDA_FUNCTION_WITH_PYTHON_UDF", funcName=f'"{pretty(udf)}"'
        )


def _beside(plan: LogicalPlan, added: Sequence[Alias]) -> LogicalPlan:
    """Return a plan with more columns, if there are any to add."""
    return Project((*plan.output, *added), plan) if added else plan
