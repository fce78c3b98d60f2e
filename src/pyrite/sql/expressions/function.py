"""Function: one entry of the registry, the whole truth of a function.

An entry says how arguments are checked and converted, what the result is, and how DuckDB
computes it. Everything about a function that differs from another function is here; the
analyzer and the SQL generator know only these fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pyrite.sql.expressions.expression import Call, Expression
    from pyrite.sql.types import DataType

__all__ = ["Function", "FunctionKind", "Lowering", "LoweringContext", "Partial"]


class FunctionKind(StrEnum):
    """Where a function may stand."""

    SCALAR = "scalar"
    AGGREGATE = "aggregate"
    WINDOW = "window"
    GENERATOR = "generator"


class LoweringContext(Protocol):
    """What a lowering may ask for besides its arguments."""

    @property
    def ansi(self) -> bool:
        """Whether bad values raise (ANSI mode) rather than give null."""

    @property
    def time_zone(self) -> str:
        """The session's time zone."""

    @property
    def wide_decimals(self) -> bool:
        """Whether decimal products get room for every digit.

        DuckDB keeps products of narrow decimals in 64 bits and raises on overflow; a query is
        first tried like that, for speed, and again with this on when it overflowed.
        """

    @property
    def runs_again(self) -> bool:
        """Whether decimals that do not fit may end the query, which then runs with wide ones."""

    @property
    def last_map_key_wins(self) -> bool:
        """Whether a key that comes twice into a map keeps its last value, rather than raise."""

    @property
    def time_parser_policy(self) -> str:
        """Which patterns of dates and times apply: CORRECTED, LEGACY, or EXCEPTION."""

    def sql(self, expression: Expression) -> str:
        """Return the DuckDB SQL of an expression."""

    def kernel(self, call: Call, compute: Callable[..., Any], arguments: Iterable[str]) -> str:
        """Return SQL that applies a function over Arrow arrays to arguments.

        Args:
            call: Tells the types of the arguments and of the result.
            compute: The function.
            arguments: The SQL of the arguments.
        """


#: DuckDB SQL of a call: from the call, the SQL of its arguments, and the context.
Lowering = Callable[["Call", Sequence[str], LoweringContext], str]


@dataclass(frozen=True, slots=True, eq=False)
class Partial:
    """How a call of an aggregate is computed in parts, each over some of a group's rows.

    Attributes:
        buffers: Calls of aggregates that make one part's values. Calls of one function with
            equal arguments are computed once for all aggregates.
        merge: How DuckDB makes the result of all parts' values. Parts of no rows are among
            them where nothing is grouped by.
    """

    buffers: tuple[Call, ...]
    merge: Lowering


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One function.

    Attributes:
        name: Its canonical name in lower case, such as ``substring``.
        kind: Where it may stand.
        signature: The text shown to people and parsed by ``functions.signature``.
        coerce: Checks the arguments and inserts casts. Raises DATATYPE_MISMATCH and
            WRONG_NUM_ARGS errors.
        result_type: The type for arguments that ``coerce`` has returned.
        nullable: Whether the result may be null for such arguments.
        lower: How DuckDB computes it. For an aggregate or window function, the SQL has places
            for the clauses of the call, which ``functions.define.place_clauses`` fills.
        deterministic: Whether equal arguments give equal results.
        pretty: SQL text of a call, given the text of the arguments, when it is not
            ``name(arguments)``.
        group: The family it is listed under in docs/functions.md.
        description: One line for docs/functions.md and DESCRIBE FUNCTION.
        foldable: Whether a call with constant arguments is a constant.
        rewrite: Tried before ``coerce``: returns another expression that does what this call
            means for these arguments (a date plus a number is ``date_add``), or None. It may
            return an ``UnresolvedFunction`` over resolved arguments.
        partial: For an aggregate: how a call is computed in parts; None if all rows of a group
            have to meet.
    """

    name: str
    kind: FunctionKind
    signature: str
    coerce: Callable[[Function, Sequence[Expression], bool], tuple[Expression, ...]]
    result_type: Callable[[Sequence[Expression]], DataType]
    nullable: Callable[[Sequence[Expression]], bool]
    lower: Lowering
    deterministic: bool = True
    pretty: Callable[[Sequence[str]], str] | None = None
    group: str = ""
    description: str = ""
    foldable: bool = True
    rewrite: Callable[[Sequence[Expression], bool], Expression | None] | None = None
    partial: Callable[[Call], Partial | None] | None = None

    def __repr__(self) -> str:
        return f"Function({self.name})"
