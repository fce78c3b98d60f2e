"""Calls of users' table functions (UDTFs): their arguments, and what ``analyze`` says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis.analyze_method import AnalyzeAnswer, AnalyzedArgument, analyze
from pyrite.sql.analysis.expressions import ExpressionResolver
from pyrite.sql.analysis.relations import new_attributes
from pyrite.sql.analysis.scope import Resolved, Scope
from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Expression,
    PythonUDF,
    SortOrder,
)
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.expressions.unresolved import (
    NamedArgument,
    TableArgument,
    UnresolvedSubqueryReference,
)
from pyrite.sql.plans.plan import (
    LogicalPlan,
    OneRowRelation,
    Project,
    PythonTableFunction,
    attributes_of,
)
from pyrite.sql.plans.unresolved import UnresolvedPythonTableFunction
from pyrite.sql.types import StructType

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer

__all__ = ["HANDLERS"]


@dataclass
class _Table:
    """A TABLE argument: where it stands, its rows, and how they come."""

    place: int
    rows: Resolved
    row: tuple[Attribute, ...]
    partition: tuple[Expression, ...]
    order: tuple[Any, ...]
    is_partitioned: bool


def _python_table_function(
    analyzer: Analyzer, node: UnresolvedPythonTableFunction, outer: Scope | None
) -> Resolved:
    """Resolve a call.

    Raises:
        SparkError: There are several TABLE arguments, or ``analyze`` failed.
    """
    arguments: list[Expression] = []
    names: list[str] = []
    tables: list[_Table] = []
    resolver = ExpressionResolver(analyzer, Scope((), outer=outer))
    for place, argument in enumerate(node.arguments):
        value = argument
        if isinstance(argument, NamedArgument):
            names.append(argument.key)
            value = argument.value
        table_argument = _table_argument(analyzer, value)
        if table_argument is None:
            arguments.append(resolver.resolve(value))
        else:
            tables.append(_table(analyzer, table_argument, place, outer))
    if len(tables) > 1:
        raise analysis_error("TABLE_VALUED_FUNCTION_TOO_MANY_TABLE_ARGUMENTS", num=str(len(tables)))
    table = tables[0] if tables else None
    schema, pickled = node.return_type, None
    if not isinstance(schema, StructType):
        answer = _ask(analyzer, node, arguments, names, table)
        schema, pickled = answer.schema, answer.pickled
        if table is not None:
            table = _as_answered(analyzer, table, answer, outer)
    udf = PythonUDF(
        node.name,
        node.payload,
        tuple(arguments),
        schema,
        node.eval_type,
        node.deterministic,
        tuple(names),
    )
    return Resolved(
        PythonTableFunction(
            udf,
            new_attributes(schema),
            OneRowRelation() if table is None else table.rows.plan,
            () if table is None else table.partition,
            () if table is None else table.order,
            None if table is None else table.place,
            () if table is None else table.row,
            pickled,
        )
    )


def _table_argument(analyzer: Analyzer, value: Expression) -> TableArgument | None:
    match value:
        case TableArgument():
            return value
        case UnresolvedSubqueryReference(subquery="table"):
            return TableArgument(
                analyzer.reference(value.plan_id),
                value.partition,
                value.order,
                value.single_partition,
            )
    return None


def _table(analyzer: Analyzer, argument: TableArgument, place: int, outer: Scope | None) -> _Table:
    rows = analyzer.resolve(argument.plan, outer)
    resolver = analyzer.resolver(rows, outer)
    return _Table(
        place,
        rows,
        rows.plan.output,
        tuple(map(resolver.resolve, argument.partition)),
        tuple(map(resolver.resolve, argument.order)),
        argument.single_partition or bool(argument.partition),
    )


def _ask(
    analyzer: Analyzer,
    node: UnresolvedPythonTableFunction,
    arguments: Sequence[Expression],
    names: Sequence[str],
    table: _Table | None,
) -> AnalyzeAnswer:
    told = [_told(analyzer, argument) for argument in arguments]
    if table is not None:
        told.insert(table.place, AnalyzedArgument("", table.rows.plan.schema, is_table=True))
    positional = len(told) - len(names)
    named = ("",) * positional + tuple(names)
    return analyze(
        analyzer.session.shared.context,
        node.name,
        node.payload,
        [replace(argument, name=name) for argument, name in zip(told, named, strict=True)],
    )


def _told(analyzer: Analyzer, argument: Expression) -> AnalyzedArgument:
    if argument.foldable:
        return AnalyzedArgument("", argument.data_type, True, analyzer.constant(argument))
    return AnalyzedArgument("", argument.data_type)


def _as_answered(
    analyzer: Analyzer, table: _Table, answer: AnalyzeAnswer, outer: Scope | None
) -> _Table:
    """Return the TABLE argument as the function wants it."""
    resolver = analyzer.resolver(table.rows, outer)

    def resolved(text: str) -> Expression:
        return resolver.resolve(analyzer.parse_expression(text))

    wanted = answer.single_partition or answer.partition
    if wanted and table.is_partitioned:
        raise analysis_error(
            "TABLE_VALUED_FUNCTION_REQUIRED_METADATA_INCOMPATIBLE_WITH_CALL",
            functionName="`analyze`",
            requestedMetadata="specified its own required partitioning",
            invalidFunctionCallProperty="specified the WITH SINGLE PARTITION or PARTITION BY "
            "clause; please remove these clauses and retry the query again.",
        )
    if wanted:
        order = [
            SortOrder(resolved(text), ascending, ascending if nulls is None else nulls)
            for text, ascending, nulls in answer.order
        ]
        table = replace(table, partition=tuple(map(resolved, answer.partition)), order=tuple(order))
    if answer.select:
        table = _selected(table, [(resolved(text), alias) for text, alias in answer.select])
    return table


def _selected(table: _Table, selected: Sequence[tuple[Expression, str]]) -> _Table:
    """Return the TABLE argument with other columns in its rows."""
    added = [
        column
        if isinstance(column, Attribute) and not alias
        else Alias(column, alias or pretty(column))
        for column, alias in selected
    ]
    computed = [column for column in added if isinstance(column, Alias)]
    plan = table.rows.plan
    if computed:
        plan = Project((*plan.output, *computed), plan)
    return replace(table, rows=replace(table.rows, plan=plan), row=attributes_of(added))


#: The handler of each unresolved operator of this module.
HANDLERS: dict[type[LogicalPlan], Any] = {UnresolvedPythonTableFunction: _python_table_function}
