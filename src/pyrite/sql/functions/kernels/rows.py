"""Lowering to a Python function of one row's values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.expressions.expression import Call
from pyrite.sql.expressions.function import Lowering, LoweringContext
from pyrite.sql.functions.kernels.mapping import map_rows
from pyrite.sql.types import to_arrow

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["by_row", "row_call"]


def row_call(
    call: Call,
    function: Callable[..., Any],
    context: LoweringContext,
    arguments: Sequence[str],
    nulls: bool = False,
) -> str:
    """Return SQL that computes a call row by row in Python, once for each distinct row.

    Args:
        call: The call; its type is what the function gives.
        function: Takes the row's values.
        context: Where functions over Arrow arrays are registered.
        arguments: The SQL of the call's arguments.
        nulls: Whether the function sees nulls; if not, a row with a null is null.
    """
    target = call.data_type

    def compute(*columns: pa.Array) -> pa.Array:
        return map_rows(columns, function, to_arrow(target), nulls)

    return context.kernel(call, compute, arguments)


def by_row(function: Callable[..., Any], nulls: bool = False) -> Lowering:
    """Lower to a Python function of one row's values.

    Args:
        function: Takes the values of the arguments.
        nulls: Whether it sees nulls; if not, a row with a null is null.
    """

    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        return row_call(call, function, context, arguments, nulls)

    return lower
