"""Resolved expressions: every one knows its data type and whether it may be null.

Operators, conditionals and field access are calls of registered functions like any other; a
class of its own is only for what is more than a function of its arguments.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from pyrite.sql.errors import Origin
from pyrite.sql.expressions.cast_nullability import (
    cast_may_give_null,
    try_cast_may_give_null,
)
from pyrite.sql.expressions.function import Function, FunctionKind
from pyrite.sql.tree import TreeNode
from pyrite.sql.types import BOOLEAN, DataType

if TYPE_CHECKING:
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = [
    "AggregateExpression",
    "Alias",
    "Attribute",
    "Call",
    "Cast",
    "CastMode",
    "Exists",
    "Expression",
    "FrameBound",
    "InSubquery",
    "LambdaFunction",
    "LambdaVariable",
    "Literal",
    "NamedExpression",
    "PythonUDF",
    "ScalarSubquery",
    "SortOrder",
    "SubqueryExpression",
    "WindowExpression",
    "new_expression_id",
    "placed",
]

_ids = itertools.count()


def new_expression_id() -> int:
    """Return a number no other attribute of this process has."""
    return next(_ids)


class Expression(TreeNode):
    """A value computed from a row (or, below an aggregate, from many)."""

    __slots__ = ()
    kind: ClassVar[type[Expression]]

    if TYPE_CHECKING:

        @property
        def data_type(self) -> DataType:
            """The Spark type of the value."""

        @property
        def nullable(self) -> bool:
            """Whether the value may be null."""

    @property
    def foldable(self) -> bool:
        """Whether the value is the same for every row, whatever the input."""
        return False

    @property
    def deterministic(self) -> bool:
        """Whether equal rows give equal values."""
        return all(child.deterministic for child in self.children)

    def references(self) -> Iterator[Attribute]:
        """Yield the attributes this expression reads, in subqueries too."""
        for node in self.walk():
            if isinstance(node, Attribute):
                yield node
            elif isinstance(node, SubqueryExpression):
                yield from node.outer_references()


Expression.kind = Expression


@dataclass(frozen=True, slots=True)
class Literal(Expression):
    """A constant.

    Attributes:
        value: A value of ``data_type`` as ``pyrite.sql.types`` describes it; None for null.
    """

    value: Any
    data_type: DataType

    @property
    def nullable(self) -> bool:
        """Only the null literal is null."""
        return self.value is None

    @property
    def foldable(self) -> bool:
        """Always."""
        return True

    def __hash__(self) -> int:
        return hash((repr(self.value), type(self.data_type)))


@dataclass(frozen=True, slots=True)
class Attribute(Expression):
    """A column of an operator's output, known by its id wherever it is read.

    Attributes:
        name: What users call it.
        expression_id: The same number in the operator that makes it and in all that read it.
        qualifier: The parts of the relation's name in front of it, such as ``("t",)``.
        metadata: The field's metadata, as a tuple of items so that it can be compared.
    """

    name: str = field(compare=False)
    data_type: DataType = field(compare=False)
    nullable: bool = field(compare=False)
    expression_id: int
    qualifier: tuple[str, ...] = field(default=(), compare=False)
    metadata: Any = field(default=None, compare=False)

    def with_nullable(self, nullable: bool = True) -> Attribute:
        """Return the attribute with another nullability and the same id."""
        return self if self.nullable == nullable else replace(self, nullable=nullable)

    def with_qualifier(self, qualifier: tuple[str, ...]) -> Attribute:
        """Return the attribute under another relation's name and the same id."""
        return Attribute(
            self.name, self.data_type, self.nullable, self.expression_id, qualifier, self.metadata
        )

    def new_instance(self) -> Attribute:
        """Return a like attribute with a new id."""
        return replace(self, expression_id=new_expression_id())


@dataclass(frozen=True, slots=True)
class Alias(Expression):
    """An expression with a name and an id: what an operator adds to its output."""

    child: Expression
    name: str
    expression_id: int = field(default_factory=new_expression_id, compare=False)
    metadata: Any = field(default=None, compare=False)

    @property
    def data_type(self) -> DataType:
        """The child's."""
        return self.child.data_type

    @property
    def nullable(self) -> bool:
        """The child's."""
        return self.child.nullable

    @property
    def foldable(self) -> bool:
        """The child's."""
        return self.child.foldable

    def to_attribute(self) -> Attribute:
        """Return the column that operators above read."""
        return Attribute(
            self.name,
            self.child.data_type,
            self.child.nullable,
            self.expression_id,
            (),
            self.metadata if self.metadata is not None else _metadata(self.child),
        )


def _metadata(expression: Expression) -> Any:
    return expression.metadata if isinstance(expression, (Attribute, Alias)) else None


#: What may stand in an operator's output list.
NamedExpression = Attribute | Alias


class CastMode(StrEnum):
    """What a cast does with a value that does not fit."""

    ANSI = "ansi"
    LEGACY = "legacy"
    TRY = "try"


@dataclass(frozen=True, slots=True)
class Cast(Expression):
    """A conversion to another type.

    Attributes:
        implicit: Inserted by the analyzer, so not shown in column names.
    """

    child: Expression
    data_type: DataType
    mode: CastMode
    implicit: bool = field(default=False, compare=False)
    origin: Origin | None = field(default=None, compare=False)

    @property
    def nullable(self) -> bool:
        """The child's, or because the types may give null."""
        if self.child.nullable:
            return True
        may_give_null = try_cast_may_give_null if self.mode is CastMode.TRY else cast_may_give_null
        return may_give_null(self.child.data_type, self.data_type)

    @property
    def foldable(self) -> bool:
        """The child's."""
        return self.child.foldable


@dataclass(frozen=True, slots=True)
class Call(Expression):
    """A call of a registered function, arguments checked and converted."""

    function: Function
    arguments: tuple[Expression, ...]
    data_type: DataType
    nullable: bool
    origin: Origin | None = field(default=None, compare=False)

    @property
    def mark(self) -> object:
        """The function's name."""
        return self.function.name

    @property
    def foldable(self) -> bool:
        """A deterministic scalar function of constants is a constant."""
        return (
            self.function.kind is FunctionKind.SCALAR
            and self.function.foldable
            and self.function.deterministic
            and all(argument.foldable for argument in self.arguments)
        )

    @property
    def deterministic(self) -> bool:
        """The function's own, and all arguments'."""
        return self.function.deterministic and all(a.deterministic for a in self.arguments)


def placed(expression: Expression, origin: Origin | None) -> Expression:
    """Return an expression with the place of what it was made for, unless it has its own."""
    if isinstance(expression, (Call, Cast)) and expression.origin is None:
        return replace(expression, origin=origin)
    return expression


@dataclass(frozen=True, slots=True)
class SortOrder(Expression):
    """One key of an ORDER BY."""

    child: Expression
    ascending: bool = True
    nulls_first: bool = True

    @property
    def data_type(self) -> DataType:
        """The child's."""
        return self.child.data_type

    @property
    def nullable(self) -> bool:
        """The child's."""
        return self.child.nullable


@dataclass(frozen=True, slots=True)
class AggregateExpression(Expression):
    """A call of an aggregate function with its clauses."""

    call: Call | PythonUDF
    distinct: bool = False
    filter: Expression | None = None
    order: tuple[SortOrder, ...] = ()

    @property
    def data_type(self) -> DataType:
        """The call's."""
        return self.call.data_type

    @property
    def nullable(self) -> bool:
        """The call's."""
        return self.call.nullable


class FrameBound(StrEnum):
    """A window frame's bound that is not a distance."""

    UNBOUNDED = "unbounded"
    CURRENT_ROW = "current row"


@dataclass(frozen=True, slots=True)
class WindowExpression(Expression):
    """A function computed over the rows around each row.

    Attributes:
        frame_rows: True for ROWS, False for RANGE, None for the function's default frame.
        frame_lower: A bound, or a distance whose sign says the direction: negative is PRECEDING.
        frame_upper: The same.
    """

    function: Expression
    partition: tuple[Expression, ...]
    order: tuple[SortOrder, ...]
    frame_rows: bool | None = None
    frame_lower: FrameBound | Expression = FrameBound.UNBOUNDED
    frame_upper: FrameBound | Expression = FrameBound.CURRENT_ROW

    @property
    def data_type(self) -> DataType:
        """The function's."""
        return self.function.data_type

    @property
    def nullable(self) -> bool:
        """The function's."""
        return self.function.nullable


@dataclass(frozen=True, slots=True)
class LambdaVariable(Expression):
    """A parameter of a lambda, bound to an element type."""

    name: str
    data_type: DataType = field(compare=False)
    nullable: bool = field(compare=False)
    expression_id: int


@dataclass(frozen=True, slots=True)
class LambdaFunction(Expression):
    """``x -> body`` handed to a higher-order function."""

    body: Expression
    parameters: tuple[LambdaVariable, ...]

    @property
    def data_type(self) -> DataType:
        """The body's."""
        return self.body.data_type

    @property
    def nullable(self) -> bool:
        """The body's."""
        return self.body.nullable


class SubqueryExpression(Expression):
    """An expression with a plan inside; the plan may read the outer plan's attributes."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def plan(self) -> LogicalPlan:
            """The subquery."""

    def outer_references(self) -> list[Attribute]:
        """Return the columns of the query around it that it reads, each once."""
        made: set[int] = set()
        read: dict[int, Attribute] = {}
        for node in self.plan.walk():
            used = {a.expression_id: a for e in node.expressions for a in e.references()}
            read = {**used, **read}
            # What a node only passes on was made below it, or outside.
            passed = {a.expression_id for child in node.children for a in child.output}
            if len(node.children) == 1:  # where several meet, as in a union, nothing else passes
                passed |= used.keys()
            made.update(a.expression_id for a in node.output if a.expression_id not in passed)
        return [a for a in read.values() if a.expression_id not in made]


@dataclass(frozen=True, slots=True)
class ScalarSubquery(SubqueryExpression):
    """The one value of a subquery of one column."""

    plan: LogicalPlan
    origin: Origin | None = field(default=None, compare=False)

    @property
    def data_type(self) -> DataType:
        """The only column's."""
        return self.plan.output[0].data_type

    @property
    def nullable(self) -> bool:
        """No row means null."""
        return True


@dataclass(frozen=True, slots=True)
class Exists(SubqueryExpression):
    """Whether a subquery has a row."""

    plan: LogicalPlan
    data_type: DataType = BOOLEAN
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class InSubquery(SubqueryExpression):
    """Whether values equal a row of a subquery."""

    values: tuple[Expression, ...]
    plan: LogicalPlan
    data_type: DataType = BOOLEAN
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class PythonUDF(Expression):
    """A call of a user's Python function; plans are cut at it.

    Attributes:
        name: The function's name.
        payload: The cloudpickled (function, return type).
        eval_type: Spark Connect's number for how it wants its data (``PythonEvalType``).
        named: Keyword names of the last arguments, empty for positional ones.
    """

    name: str
    payload: bytes
    arguments: tuple[Expression, ...]
    data_type: DataType
    eval_type: int
    deterministic: bool = True
    named: tuple[str, ...] = ()
    nullable: bool = True
