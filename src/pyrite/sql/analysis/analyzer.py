"""Analyzer: an unresolved plan in, a resolved plan out.

One pass from the leaves to the root. Every operator class has one handler, found in the tables
of the modules beside this one; a handler resolves its children first, then its expressions in
the scope of what the children put out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis import (
    aggregation,
    columns,
    joins,
    observed_metrics,
    projection,
    relations,
    reshape,
    sampling,
    set_operations,
    statistics,
    table_functions,
)
from pyrite.sql.analysis.expressions import ExpressionResolver
from pyrite.sql.analysis.scope import Resolved, Scope
from pyrite.sql.conf import ANSI_ENABLED, CASE_SENSITIVE, SESSION_TIME_ZONE
from pyrite.sql.errors import Origin, SparkError, analysis_error, internal_error, unsupported
from pyrite.sql.expressions.expression import (
    AggregateExpression,
    Alias,
    Attribute,
    Cast,
    CastMode,
    Expression,
    Literal,
    PythonUDF,
    placed,
)
from pyrite.sql.expressions.pretty import SHOWN_ZONE, pretty
from pyrite.sql.expressions.unresolved import (
    NamedParameter,
    OrdinalParameter,
    UnresolvedFunction,
    UnresolvedPythonUDF,
    UnresolvedWindow,
)
from pyrite.sql.functions.casts import can_cast, cast_mismatch
from pyrite.sql.functions.type_coercion import cast_to, same_type
from pyrite.sql.parser import ParserSettings, parse_expression, parse_identifier
from pyrite.sql.plans.plan import (
    CachedRelation,
    LocalRelation,
    LogicalPlan,
    OneRowRelation,
    Project,
    SourceRelation,
)
from pyrite.sql.session_state import SessionState, UserFunction
from pyrite.sql.types import DataType, sql_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

__all__ = ["Analyzer", "CteDefinition"]

Handler = Callable[["Analyzer", Any, Scope | None], Resolved]

_HANDLERS: dict[type[LogicalPlan], Handler] = {
    **relations.HANDLERS,
    **projection.HANDLERS,
    **observed_metrics.HANDLERS,
    **aggregation.HANDLERS,
    **joins.HANDLERS,
    **set_operations.HANDLERS,
    **table_functions.HANDLERS,
    **columns.HANDLERS,
    **reshape.HANDLERS,
    **sampling.HANDLERS,
    **statistics.HANDLERS,
}

#: The kinds of Python function that compute one value from a group of rows.
_AGGREGATE_EVAL_TYPES = frozenset({202, 217, 252, 254})


@dataclass(frozen=True)
class CteDefinition:
    """A common table expression that names can refer to.

    Attributes:
        cte_id: What ``CteReference`` knows it by.
        output: Its columns.
    """

    cte_id: int
    output: tuple[Attribute, ...]


class Analyzer:
    """Resolves plans for one session.

    Args:
        session: Whose settings, names and functions apply.
        run: Computes the rows of a resolved plan, for columns that only the data knows.
    """

    def __init__(
        self, session: SessionState, run: Callable[[LogicalPlan], pa.Table] | None = None
    ) -> None:
        self.session = session
        self._run = run
        self.ansi: bool = session.conf.read(ANSI_ENABLED)
        self.case_sensitive: bool = session.conf.read(CASE_SENSITIVE)
        self.cast_mode = CastMode.ANSI if self.ansi else CastMode.LEGACY
        #: What WITH has defined around the plan that is being resolved, innermost last.
        self.ctes: list[dict[str, CteDefinition]] = []
        #: The stored views whose text is being resolved, the outermost first.
        self.views: list[tuple[str, ...]] = []
        #: By name: every ``observe`` of the plan.
        self.observed: dict[str, LogicalPlan] = {}
        self._references: list[dict[int, LogicalPlan]] = []
        self._arguments: list[tuple[dict[str, Expression], Sequence[Expression]]] = []
        self._windows: list[dict[str, UnresolvedWindow]] = []

    def analyze(self, plan: LogicalPlan) -> LogicalPlan:
        """Resolve a whole plan.

        Raises:
            SparkError: If it is wrong; the message says what and, for SQL text, where.
        """
        SHOWN_ZONE.set(self.session.conf.read(SESSION_TIME_ZONE))
        return self.resolve(plan, None).plan

    def resolve(self, plan: LogicalPlan, outer: Scope | None) -> Resolved:
        """Resolve one operator and all below it.

        Args:
            plan: The operator.
            outer: The scope around the subquery this operator is in.
        """
        handler = _HANDLERS.get(type(plan))
        if handler is None:
            if type(plan).output is LogicalPlan.output:
                raise unsupported(f"the operator {type(plan).__name__}")
            return Resolved(plan)  # it is resolved already
        try:
            return handler(self, plan, outer)
        except SparkError as error:
            error.met_in(plan)
            raise

    def rows(self, plan: LogicalPlan) -> pa.Table:
        """Return the rows of a resolved plan, now.

        Raises:
            SparkError: If this analyzer cannot run plans.
        """
        if self._run is None:
            raise internal_error("a plan asks for rows where none can be computed")
        return self._run(plan)

    def subquery(self, plan: LogicalPlan, outer: Scope) -> LogicalPlan:
        """Resolve a subquery that may name columns of ``outer``."""
        return self.resolve(plan, outer).plan

    def scope(self, child: Resolved, outer: Scope | None) -> Scope:
        """Return the scope of the expressions of an operator over ``child``."""
        plan = child.plan
        columns = plan.output
        return Scope(columns, child.plan_ids, child.hidden, outer, self.case_sensitive, plan=plan)

    def resolver(self, child: Resolved, outer: Scope | None) -> ExpressionResolver:
        """Return the resolver for the expressions of an operator over ``child``."""
        return ExpressionResolver(self, self.scope(child, outer))

    def expression_resolver(self, scope: Scope) -> ExpressionResolver:
        """Return a resolver for a scope that is not one child's."""
        return ExpressionResolver(self, scope)

    def cte_definition(self, cte_id: int, output: Sequence[Attribute]) -> CteDefinition:
        """Return what names of a common table expression stand for."""
        return CteDefinition(cte_id, tuple(output))

    def constant(self, expression: Expression) -> Any:
        """Return the value of a constant expression."""
        inner = expression.child if isinstance(expression, Cast) else expression
        if isinstance(inner, Literal) and (inner is expression or isinstance(inner.value, int)):
            return inner.value
        if expression.foldable and self._run is not None:
            row = self.rows(Project((Alias(expression, "value"),), OneRowRelation()))
            return row.column(0)[0].as_py()
        raise unsupported("a computed value where a constant has to stand")

    def fresh(self, plan: LogicalPlan) -> LogicalPlan:
        """Return a resolved leaf with new ids, so that it can be used twice in one plan."""
        if isinstance(plan, (CachedRelation, LocalRelation, SourceRelation)):
            return replace(plan, attributes=tuple(a.new_instance() for a in plan.attributes))
        return plan

    def fold(self, name: str) -> str:
        """Return a name in the form in which names are compared."""
        return name if self.case_sensitive else name.lower()

    # What expressions ask for

    def checked_cast(
        self, child: Expression, target: DataType, mode: CastMode, origin: Origin | None = None
    ) -> Expression:
        """Return a cast the user wrote, if there is one between these types."""
        if same_type(child.data_type, target) and type(child) is not Literal:
            implicit = child.data_type != target  # a nested type whose fields differ in nulls
            return Cast(child, target, mode, implicit, origin=origin)
        ansi = mode is not CastMode.LEGACY  # TRY_CAST has the rules of ANSI in any mode
        if not can_cast(child.data_type, target, ansi):
            word = "TRY_CAST" if mode is CastMode.TRY else "CAST"
            condition, rest = cast_mismatch(child.data_type, target, ansi)
            raise analysis_error(
                condition,
                origin,
                sqlExpr=f'"{word}({pretty(child)} AS {sql_name(target)})"',
                srcType=f'"{sql_name(child.data_type)}"',
                targetType=f'"{sql_name(target)}"',
                **rest,
            )
        return Cast(child, target, mode, origin=origin)

    def cast_output(
        self, plan: LogicalPlan, targets: Sequence[DataType], origin: Origin | None = None
    ) -> LogicalPlan:
        """Return the plan with its columns cast, by position, where they differ.

        Args:
            plan: The plan.
            targets: The types wanted.
            origin: The place of what asks for them.
        """
        if all(
            same_type(a.data_type, target) for a, target in zip(plan.output, targets, strict=True)
        ):
            return plan
        cast = [
            a
            if same_type(a.data_type, target)
            else Alias(placed(cast_to(a, target, self.ansi), origin), a.name, metadata=a.metadata)
            for a, target in zip(plan.output, targets, strict=True)
        ]
        return Project(tuple(cast), plan)

    def python_udf(self, udf: UnresolvedPythonUDF, arguments: Sequence[Expression]) -> Expression:
        """Return the call of a user's Python function."""
        if udf.return_type is None:
            raise unsupported(f"the Python function {udf.name} without a return type")
        _check_names(udf.name, arguments)
        call = PythonUDF(
            udf.name,
            udf.payload,
            *_without_names(arguments),
            udf.return_type,
            udf.eval_type,
            udf.deterministic,
            named=_names(arguments),
        )
        if udf.eval_type in _AGGREGATE_EVAL_TYPES:
            return AggregateExpression(call, udf.distinct)
        return call

    def user_call(
        self, function: UserFunction, call: UnresolvedFunction, arguments: Sequence[Expression]
    ) -> Expression:
        """Return the call of a registered user function."""
        definition = function.definition
        if isinstance(definition, UnresolvedPythonUDF):
            return self.python_udf(definition, arguments)
        raise analysis_error(
            "NOT_A_SCALAR_FUNCTION", call.origin, functionName=f"`{function.name}`"
        )

    def parse_expression(self, text: str) -> Expression:
        """Parse SQL text that stands for an expression."""
        return parse_expression(text, ParserSettings.of(self.session.conf))

    def name_parts(self, text: str) -> Sequence[str]:
        """Split a dotted name."""
        return parse_identifier(text)

    @contextmanager
    def references(self, plans: dict[int, LogicalPlan]) -> Iterator[None]:
        """Let expressions refer to plans by id."""
        self._references.append(plans)
        try:
            yield
        finally:
            self._references.pop()

    def reference(self, plan_id: int) -> LogicalPlan:
        """Return the unresolved plan of an id."""
        for plans in reversed(self._references):
            if plan_id in plans:
                return plans[plan_id]
        raise analysis_error("CANNOT_RESOLVE_DATAFRAME_COLUMN", name=f'"plan {plan_id}"')

    @contextmanager
    def arguments(
        self, named: dict[str, Expression], positional: Sequence[Expression]
    ) -> Iterator[None]:
        """Give parameter markers their values."""
        self._arguments.append((named, positional))
        try:
            yield
        finally:
            self._arguments.pop()

    def argument(self, parameter: NamedParameter | OrdinalParameter) -> Expression:
        """Return the value of a parameter marker."""
        if self._arguments:
            named, positional = self._arguments[-1]
            if isinstance(parameter, NamedParameter):
                if parameter.name in named:
                    return named[parameter.name]
            elif parameter.position < len(positional):
                return positional[parameter.position]
        if isinstance(parameter, NamedParameter):
            name = parameter.name
        else:  # called after its place in the text
            name = f"_{parameter.origin.start if parameter.origin else parameter.position}"
        raise analysis_error("UNBOUND_SQL_PARAMETER", parameter.origin, name=name)

    @contextmanager
    def windows(self, definitions: dict[str, UnresolvedWindow]) -> Iterator[None]:
        """Give names to window definitions."""
        self._windows.append(definitions)
        try:
            yield
        finally:
            self._windows.pop()

    def named_window(self, window: UnresolvedWindow) -> UnresolvedWindow:
        """Complete a window that refers to a WINDOW clause."""
        assert window.name is not None
        for definitions in reversed(self._windows):
            found = definitions.get(window.name.lower())
            if found is not None:
                return UnresolvedWindow(
                    window.function,
                    found.partition or window.partition,
                    found.order or window.order,
                    found.frame_rows if window.frame_rows is None else window.frame_rows,
                    found.frame_lower if window.frame_rows is None else window.frame_lower,
                    found.frame_upper if window.frame_rows is None else window.frame_upper,
                    found.name,
                    window.origin,
                )
        raise analysis_error(
            "MISSING_WINDOW_SPECIFICATION",
            windowName=window.name,
            docroot="https://spark.apache.org/docs/latest",
        )


def _check_names(name: str, arguments: Sequence[Expression]) -> None:
    """Refuse a keyword that is given twice, and what comes behind keywords without one."""
    seen: list[str] = []
    for argument in arguments:
        if _names([argument]):
            (key,) = _names([argument])
            if key in seen:
                raise analysis_error(
                    "DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT.DOUBLE_NAMED_ARGUMENT_REFERENCE",
                    routineName=f"`{name}`",
                    parameterName=f"`{key}`",
                )
            seen.append(key)
        elif seen:
            raise analysis_error(
                "UNEXPECTED_POSITIONAL_ARGUMENT",
                routineName=f"`{name}`",
                parameterName=f"`{seen[-1]}`",
            )


def _without_names(arguments: Sequence[Expression]) -> tuple[tuple[Expression, ...]]:
    return (tuple(getattr(a, "value", a) if _names([a]) else a for a in arguments),)


def _names(arguments: Sequence[Expression]) -> tuple[str, ...]:
    from pyrite.sql.expressions.unresolved import NamedArgument

    return tuple(a.key for a in arguments if isinstance(a, NamedArgument))
