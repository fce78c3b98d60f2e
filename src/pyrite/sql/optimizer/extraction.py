"""Extraction: the calls of users' Python in some expressions, computed below an operator."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pyrite.sql.errors import analysis_error, unsupported
from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Expression,
    LambdaFunction,
    PythonUDF,
)
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.plans.plan import EvalPython, JoinType, LogicalPlan, Project

__all__ = ["Extraction", "from_child", "has_python", "trim", "words"]


def has_python(expressions: Sequence[Expression]) -> bool:
    """Whether a Python function is called in any of the expressions."""
    return any(expression.find(PythonUDF) is not None for expression in expressions)


def from_child(plan: LogicalPlan) -> LogicalPlan:
    """Compute the functions of an operator with one child between the two."""
    if len(plan.children) != 1:
        raise unsupported(f"a Python function in {type(plan).__name__}")
    extraction = Extraction(plan.children[0])
    rewritten = plan.map_expressions(extraction.rewrite)
    below = extraction.plan()
    result = rewritten.map_children(lambda _: below)
    if isinstance(plan, Project):
        return result
    return trim(result, plan.output)


def trim(plan: LogicalPlan, output: Sequence[Attribute]) -> LogicalPlan:
    """Return a plan with the given columns and no more."""
    if [a.expression_id for a in plan.output] == [a.expression_id for a in output]:
        return plan
    return Project(tuple(output), plan)


def words(join_type: JoinType) -> str:
    """Return a join's name in SQL: LEFT OUTER."""
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", join_type).upper()


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
