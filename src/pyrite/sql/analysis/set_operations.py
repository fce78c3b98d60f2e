"""UNION, INTERSECT and EXCEPT: columns matched by position or by name, types made common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pyrite.sql.analysis.check import check_set_columns
from pyrite.sql.analysis.scope import Resolved, Scope
from pyrite.sql.catalog.names import quoted
from pyrite.sql.errors import SparkError, analysis_error
from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Expression,
    Literal,
    NamedExpression,
    new_expression_id,
)
from pyrite.sql.functions.type_coercion import common_type, same_structure
from pyrite.sql.plans.plan import (
    Distinct,
    LogicalPlan,
    Project,
    SetOperation,
    SetOperationType,
    Union,
)
from pyrite.sql.plans.unresolved import UnresolvedSetOperation
from pyrite.sql.types import STRING, DataType, StructField, StructType, sql_name

if TYPE_CHECKING:
    from pyrite.sql.analysis.analyzer import Analyzer

__all__ = ["HANDLERS"]

_WORDS = {"union": "UNION", "intersect": "INTERSECT", "except": "EXCEPT"}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def _set_operation(
    analyzer: Analyzer, node: UnresolvedSetOperation, outer: Scope | None
) -> Resolved:
    left = analyzer.resolve(node.left, outer)
    right = analyzer.resolve(node.right, outer)
    one, other = left.plan, right.plan
    if node.by_name:
        one, other = _by_name(analyzer, one, other, node.allow_missing_columns)
    if len(one.output) != len(other.output):
        raise analysis_error(
            "NUM_COLUMNS_MISMATCH",
            operator=_WORDS[node.operation],
            firstNumColumns=str(len(one.output)),
            invalidOrdinalNum="second",
            invalidNumColumns=str(len(other.output)),
        )
    types = []
    for position, (a, b) in enumerate(zip(one.output, other.output, strict=True)):
        common = common_type(a.data_type, b.data_type, analyzer.ansi)
        if common is None and same_structure(a.data_type, b.data_type):
            common = a.data_type
        if common is None:
            raise _incompatible(node, position, a, b)
        types.append(common)
    one = analyzer.cast_output(one, types, node.origin)
    other = analyzer.cast_output(other, types, node.origin)
    attributes = tuple(
        Attribute(a.name, t, a.nullable or b.nullable, new_expression_id(), (), a.metadata)
        for a, b, t in zip(one.output, other.output, types, strict=True)
    )
    ids = {**left.plan_ids}
    renewed = {
        old.expression_id: new for old, new in zip(left.plan.output, attributes, strict=False)
    }
    for plan_id, places in left.plan_ids.items():
        ids[plan_id] = tuple(
            tuple(renewed.get(c.expression_id, c) for c in columns) for columns in places
        )
    if node.operation != "union" or not node.is_all:
        check_set_columns(one.output)
    if node.operation == "union":
        union: LogicalPlan = Union((*_flat(one), *_flat(other)), attributes)
        return Resolved(union if node.is_all else Distinct(union), ids)
    operation = SetOperationType(_WORDS[node.operation])
    if operation is SetOperationType.EXCEPT:
        attributes = tuple(
            replace(new, nullable=old.nullable)
            for new, old in zip(attributes, one.output, strict=True)
        )
    return Resolved(SetOperation(one, other, operation, node.is_all, attributes), ids)


def _flat(plan: LogicalPlan) -> tuple[LogicalPlan, ...]:
    """Return the inputs of a union that may as well be inputs of the union above it."""
    return plan.inputs if isinstance(plan, Union) else (plan,)


def _incompatible(
    node: UnresolvedSetOperation, position: int, a: Attribute, b: Attribute
) -> SparkError:
    return analysis_error(
        "INCOMPATIBLE_COLUMN_TYPE",
        tableOrdinalNumber="second",
        columnOrdinalNumber=_ORDINALS[position] if position < 9 else f"{position + 1}th",
        operator=_WORDS[node.operation],
        dataType1=f'"{sql_name(b.data_type)}"',
        dataType2=f'"{sql_name(a.data_type)}"',
        hint="",
    )


def _by_name(
    analyzer: Analyzer, left: LogicalPlan, right: LogicalPlan, allow_missing: bool
) -> tuple[LogicalPlan, LogicalPlan]:
    """Bring the right side into the left's order; missing columns become nulls if allowed."""
    fold = analyzer.fold
    for side in (left, right):
        seen: set[str] = set()
        for a in side.output:
            if fold(a.name) in seen:
                raise analysis_error("COLUMN_ALREADY_EXISTS", columnName=quoted([a.name]))
            seen.add(fold(a.name))
    theirs = {fold(a.name): a for a in right.output}
    ours = {fold(a.name): a for a in left.output}
    if not allow_missing:
        for a in left.output:
            if fold(a.name) not in theirs:
                raise analysis_error(
                    "UNRESOLVED_COLUMN_AMONG_FIELD_NAMES",
                    colName=a.name,
                    fieldNames=", ".join(b.name for b in right.output),
                )
    if not allow_missing:
        if len(theirs) == len(ours):
            right = Project(tuple(theirs[name] for name in ours), right)
        return left, right
    names = [*ours, *(name for name in theirs if name not in ours)]
    types = {
        name: _with_all_fields(
            *(side[name].data_type for side in (ours, theirs) if name in side), fold=fold
        )
        for name in names
    }
    shown = {name: (ours.get(name) or theirs[name]).name for name in names}
    return tuple(  # type: ignore[return-value]
        Project(
            tuple(_filled(analyzer, columns.get(name), types[name], shown[name]) for name in names),
            side,
        )
        for side, columns in ((left, ours), (right, theirs))
    )


def _with_all_fields(
    left: DataType, right: DataType | None = None, *, fold: Callable[[str], str]
) -> DataType:
    """Return the left type; its structs also get the fields that only the right's have."""
    if not isinstance(left, StructType) or not isinstance(right, StructType):
        return left
    theirs = {fold(f.name): f.dataType for f in right.fields}
    fields = [
        StructField(f.name, _with_all_fields(f.dataType, theirs.get(fold(f.name)), fold=fold))
        for f in left.fields
    ]
    ours = {fold(f.name) for f in left.fields}
    return StructType([*fields, *(f for f in right.fields if fold(f.name) not in ours)])


def _filled(
    analyzer: Analyzer, column: Attribute | None, wanted: DataType, name: str
) -> NamedExpression:
    """Return a column in which what is missing, all of it or fields of its structs, is null."""
    if column is None:
        return Alias(Literal(None, wanted), name)
    resolver = analyzer.expression_resolver(Scope((), case_sensitive=analyzer.case_sensitive))

    def fill(value: Expression, wanted: DataType) -> Expression:
        held = value.data_type
        if not isinstance(held, StructType) or not isinstance(wanted, StructType):
            return value
        if held == wanted:
            return value
        names = {analyzer.fold(f.name) for f in held.fields}
        pieces: list[Expression] = []
        for f in wanted.fields:
            has = analyzer.fold(f.name) in names
            inner = resolver.field(value, f.name) if has else Literal(None, f.dataType)
            pieces += [Literal(f.name, STRING), fill(inner, f.dataType)]
        rebuilt = resolver.call("named_struct", *pieces)
        null = Literal(None, rebuilt.data_type)
        return resolver.call("if", resolver.call("isnull", value), null, rebuilt)

    value = fill(column, wanted)
    return column if value is column else Alias(value, name)


HANDLERS: dict[type[LogicalPlan], Any] = {UnresolvedSetOperation: _set_operation}
