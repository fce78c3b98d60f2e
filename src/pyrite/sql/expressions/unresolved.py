"""Unresolved expressions: what the client and the parser write before names are looked up.

The analyzer replaces every one of them; none reaches the optimizer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyrite.sql.errors import Origin
from pyrite.sql.expressions.expression import Expression, FrameBound, SortOrder
from pyrite.sql.types import DataType

if TYPE_CHECKING:
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = [
    "DataTypeText",
    "ExpressionText",
    "MergeAction",
    "MultiAlias",
    "NamedArgument",
    "NamedParameter",
    "OrdinalParameter",
    "TableArgument",
    "UnresolvedAlias",
    "UnresolvedAttribute",
    "UnresolvedCast",
    "UnresolvedExists",
    "UnresolvedExtractValue",
    "UnresolvedFunction",
    "UnresolvedInSubquery",
    "UnresolvedLambda",
    "UnresolvedLambdaVariable",
    "UnresolvedPythonUDF",
    "UnresolvedRegex",
    "UnresolvedScalarSubquery",
    "UnresolvedStar",
    "UnresolvedSubqueryReference",
    "UnresolvedWindow",
    "UpdateField",
]


@dataclass(frozen=True, slots=True)
class UnresolvedAttribute(Expression):
    """A column by its name.

    Attributes:
        parts: The name, split at dots outside backquotes.
        plan_id: The client's DataFrame it was taken from (``df.col``), if any.
        is_metadata: Whether a hidden metadata column is meant.
    """

    parts: tuple[str, ...]
    plan_id: int | None = None
    is_metadata: bool = False
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedAlias(Expression):
    """An output expression named by its user; without names it is named after its text."""

    child: Expression
    name: str | None = None
    metadata: str | None = None


@dataclass(frozen=True, slots=True)
class MultiAlias(Expression):
    """A generator's output columns, named by the user: ``stack(...) AS (a, b)``."""

    child: Expression
    names: tuple[str, ...]
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedStar(Expression):
    """``*``, ``t.*`` or ``struct.*``.

    Attributes:
        target: What stands before the star.
        excluded: Columns of an EXCEPT clause.
    """

    target: tuple[str, ...] = ()
    plan_id: int | None = None
    excluded: tuple[tuple[str, ...], ...] = ()
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedRegex(Expression):
    """The columns whose names match a regular expression (``df.colRegex``)."""

    pattern: str
    table: tuple[str, ...] = ()
    plan_id: int | None = None


@dataclass(frozen=True, slots=True)
class UnresolvedFunction(Expression):
    """A call of a function by its name.

    Operators are calls too: ``+``, ``=``, ``and``, ``not``, ``isnull``, ``in``, ``like``,
    ``when`` (condition, value, ..., else) and so on, under Spark Connect's names.

    Attributes:
        name: The name's parts; usually one.
        filter: FILTER (WHERE ...).
        order: WITHIN GROUP (ORDER BY ...).
        ignore_nulls: IGNORE NULLS.
        is_internal: One of the client's private functions, which users cannot shadow.
    """

    name: tuple[str, ...]
    arguments: tuple[Expression, ...]
    distinct: bool = False
    filter: Expression | None = None
    order: tuple[SortOrder, ...] = ()
    ignore_nulls: bool = False
    is_internal: bool = False
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NamedArgument(Expression):
    """``key => value`` among a call's arguments."""

    key: str
    value: Expression


@dataclass(frozen=True, slots=True)
class NamedParameter(Expression):
    """``:name`` in SQL text, to be replaced by an argument of ``spark.sql``."""

    name: str
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class OrdinalParameter(Expression):
    """``?`` in SQL text.

    Attributes:
        position: Which ``?`` of the text it is, from 0.
    """

    position: int
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedCast(Expression):
    """CAST, TRY_CAST or ``col.cast``.

    Attributes:
        mode: "ansi", "legacy", "try", or "" for what the session's settings say.
    """

    child: Expression
    data_type: DataType
    mode: str = ""
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedExtractValue(Expression):
    """``child[extraction]`` or ``child.field``: what it does depends on the child's type."""

    child: Expression
    extraction: Expression
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UpdateField(Expression):
    """``withField`` (a value) or ``dropFields`` (None) on a struct."""

    struct: Expression
    field_name: str
    value: Expression | None


@dataclass(frozen=True, slots=True)
class ExpressionText(Expression):
    """An expression given as SQL text (``F.expr``); the analyzer parses it."""

    text: str


@dataclass(frozen=True, slots=True)
class MergeAction(Expression):
    """One WHEN clause of MERGE.

    Attributes:
        action: "delete", "insert", "insert_star", "update" or "update_star".
        condition: Which of the rows it is for; None for all.
        assignments: (target column, value) pairs.
    """

    action: str
    condition: Expression | None = None
    assignments: tuple[tuple[Expression, Expression], ...] = ()


@dataclass(frozen=True, slots=True)
class DataTypeText(Expression):
    """A type given as SQL text, such as from_json's schema; the analyzer parses it.

    It becomes a null of that type.
    """

    text: str


@dataclass(frozen=True, slots=True)
class UnresolvedLambdaVariable(Expression):
    """A lambda's parameter, or a field of it, inside its body."""

    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnresolvedLambda(Expression):
    """``(x, y) -> body``."""

    body: Expression
    parameters: tuple[UnresolvedLambdaVariable, ...]


@dataclass(frozen=True, slots=True)
class UnresolvedWindow(Expression):
    """A function with an OVER clause.

    Attributes:
        name: A WINDOW clause's name to look the rest up under.
        frame_rows: True for ROWS, False for RANGE, None without a frame.
        frame_lower: A bound, or a distance whose sign says the direction.
    """

    function: Expression
    partition: tuple[Expression, ...] = ()
    order: tuple[Expression, ...] = ()
    frame_rows: bool | None = None
    frame_lower: FrameBound | Expression = FrameBound.UNBOUNDED
    frame_upper: FrameBound | Expression = FrameBound.CURRENT_ROW
    name: str | None = None
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedScalarSubquery(Expression):
    """``(SELECT ...)`` as a value."""

    plan: LogicalPlan
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class UnresolvedExists(Expression):
    """``EXISTS (SELECT ...)``."""

    plan: LogicalPlan


@dataclass(frozen=True, slots=True)
class UnresolvedInSubquery(Expression):
    """``values IN (SELECT ...)``."""

    values: tuple[Expression, ...]
    plan: LogicalPlan
    origin: Origin | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class TableArgument(Expression):
    """``TABLE(...)`` as an argument of a table function, with its partitioning."""

    plan: LogicalPlan
    partition: tuple[Expression, ...] = ()
    order: tuple[Expression, ...] = ()
    single_partition: bool = False


@dataclass(frozen=True, slots=True)
class UnresolvedSubqueryReference(Expression):
    """A subquery the client sent beside the plan (``WithRelations``), by its plan id.

    Attributes:
        subquery: "scalar", "exists", "in" or "table".
    """

    plan_id: int
    subquery: str
    values: tuple[Expression, ...] = ()
    partition: tuple[Expression, ...] = ()
    order: tuple[Expression, ...] = ()
    single_partition: bool = False


@dataclass(frozen=True, slots=True)
class UnresolvedPythonUDF(Expression):
    """A user's Python function called inline.

    Attributes:
        return_type: Its type, None where the payload tells it.
    """

    name: str
    payload: bytes
    arguments: tuple[Expression, ...]
    return_type: DataType | None
    eval_type: int
    deterministic: bool = True
    distinct: bool = False
    python_version: str = ""
