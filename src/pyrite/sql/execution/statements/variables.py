"""Session variables: DECLARE, SET VARIABLE and DROP TEMPORARY VARIABLE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis.analyzer import Analyzer
from pyrite.sql.analysis.expressions import ExpressionResolver
from pyrite.sql.analysis.scope import Scope
from pyrite.sql.catalog.names import quoted
from pyrite.sql.errors import SparkError, analysis_error, runtime_error
from pyrite.sql.execution.analyze import analyze, rows_of
from pyrite.sql.execution.statements.arguments import Arguments, Handler, nothing
from pyrite.sql.expressions.expression import Alias, Expression, Literal
from pyrite.sql.expressions.unresolved import UnresolvedAttribute
from pyrite.sql.functions.type_coercion import cast_to
from pyrite.sql.plans.plan import OneRowRelation, Project
from pyrite.sql.session_state import SessionState, Variable
from pyrite.sql.types import (
    NULL,
    ArrayType,
    DataType,
    DateType,
    DayTimeIntervalType,
    MapType,
    StructType,
    TimestampNTZType,
    TimestampType,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HANDLERS", "assign", "constant"]

_PLACE = ("system", "session")


def constant(
    session: SessionState, expression: Expression, target: DataType | None = None
) -> Literal:
    """Compute an unresolved expression that reads no table's columns.

    Args:
        session: Whose variables and functions it may name.
        expression: The expression; subqueries are fine.
        target: The type to convert it to, if not its own.
    """
    analyzer = Analyzer(session, lambda plan: rows_of(session, plan))
    resolved = ExpressionResolver(analyzer, Scope(())).resolve(expression)
    if isinstance(resolved, Alias):
        resolved = resolved.child
    if target is not None:
        resolved = cast_to(resolved, target, analyzer.ansi)
    if isinstance(resolved, Literal):
        return resolved
    row = rows_of(session, Project((Alias(resolved, "value"),), OneRowRelation()))
    return _literal(row.column(0)[0], resolved.data_type)


def _literal(scalar: Any, data_type: DataType) -> Literal:
    return Literal(_value(scalar, data_type), data_type)


def _value(scalar: Any, data_type: DataType) -> Any:
    """Return an Arrow value as a ``Literal`` holds it."""
    if not scalar.is_valid:
        return None
    match data_type:
        case ArrayType():
            return [_value(item, data_type.elementType) for item in scalar.values]
        case MapType():
            return [
                (_value(pair[0], data_type.keyType), _value(pair[1], data_type.valueType))
                for pair in scalar.values
            ]
        case StructType():
            fields = data_type.fields
            return tuple(_value(scalar[i], field.dataType) for i, field in enumerate(fields))
        case DateType() | TimestampType() | TimestampNTZType() | DayTimeIntervalType():
            return scalar.value
        case _:
            return scalar.as_py()


def _key(session: SessionState, name: Sequence[str]) -> str:
    """Return the key of a variable from its name, which may say where variables are."""
    *place, key = name
    if tuple(part.lower() for part in place) not in ((), ("session",), _PLACE):
        raise _unresolved(session, name)
    return key.lower()


def _unresolved(session: SessionState, name: Sequence[str]) -> SparkError:
    database = session.catalog.current_database
    return analysis_error(
        "UNRESOLVED_VARIABLE",
        variableName=quoted(name),
        searchPath=f"[`system`.`builtin`, `system`.`session`, `spark_catalog`.`{database}`]",
    )


def _declare(session: SessionState, arguments: Arguments) -> pa.Table:
    default = arguments.get("default")
    data_type = arguments.get("data_type")
    for name in arguments.get("names"):
        key = _key(session, name)
        if key in session.variables and not arguments.flag("replace"):
            raise analysis_error(
                "VARIABLE_ALREADY_EXISTS", variableName=quoted((*_PLACE, name[-1]))
            )
        if default is None:
            value = Literal(None, data_type or NULL)
        else:
            value = constant(session, default, data_type)
        session.variables[key] = Variable(value, default)
    return nothing()


def _variable(session: SessionState, name: Sequence[str]) -> tuple[str, Variable]:
    key = _key(session, name)
    found = session.variables.get(key)
    if found is None:
        raise _unresolved(session, name)
    return key, found


def _set(session: SessionState, arguments: Arguments) -> pa.Table:
    names = arguments.get("names")
    found = [_variable(session, name) for name in names]
    for position, (key, _) in enumerate(found):
        if key in [earlier for earlier, _ in found[:position]]:
            raise analysis_error("DUPLICATE_ASSIGNMENTS", nameList=quoted([key]))
    if arguments.child is not None:
        plan = analyze(session, arguments.child)
        assign(session, names, rows_of(session, plan), plan.schema)
        return nothing()
    values = []
    for (_, variable), written in zip(found, arguments.get("value"), strict=True):
        if _is_default(written):
            written = variable.default or Literal(None, variable.value.data_type)
        values.append(constant(session, written, variable.value.data_type))
    for (key, variable), value in zip(found, values, strict=True):
        session.variables[key] = Variable(value, variable.default)
    return nothing()


def _is_default(expression: Expression) -> bool:
    return isinstance(expression, UnresolvedAttribute) and (
        [part.upper() for part in expression.parts] == ["DEFAULT"]
    )


def assign(
    session: SessionState, names: Sequence[Sequence[str]], rows: pa.Table, schema: StructType
) -> None:
    """Give variables the values of a query's one row; without a row they become null.

    Raises:
        SparkError: ASSIGNMENT_ARITY_MISMATCH, ROW_SUBQUERY_TOO_MANY_ROWS, UNRESOLVED_VARIABLE.
    """
    if len(names) != len(schema.fields):
        raise analysis_error(
            "ASSIGNMENT_ARITY_MISMATCH",
            numExpr=str(len(schema.fields)),
            numTarget=str(len(names)),
        )
    if rows.num_rows > 1:
        raise runtime_error("ROW_SUBQUERY_TOO_MANY_ROWS", None)
    values = []
    for place, field in enumerate(schema.fields):
        column = rows.column(place)
        cell = column[0] if rows.num_rows else None
        values.append(
            Literal(None, field.dataType) if cell is None else _literal(cell, field.dataType)
        )
    for name, value in zip(names, values, strict=True):
        key, variable = _variable(session, name)
        typed = constant(session, value, variable.value.data_type)
        session.variables[key] = Variable(typed, variable.default)


def _drop(session: SessionState, arguments: Arguments) -> pa.Table:
    name = arguments.name()
    if session.variables.pop(_key(session, name), None) is None and not arguments.flag("if_exists"):
        raise analysis_error("VARIABLE_NOT_FOUND", variableName=quoted((*_PLACE, name[-1])))
    return nothing()


HANDLERS: dict[str, Handler] = {
    "declare_variable": _declare,
    "set_variable": _set,
    "drop_variable": _drop,
}
