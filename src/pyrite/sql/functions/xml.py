"""Functions of XML texts: XPath.

Each document is parsed by itself. A document of XML is a tree of elements, entities and
namespaces that only a parser finds, and neither DuckDB nor Arrow has one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.sql.errors import runtime_error
from pyrite.sql.expressions.expression import Call
from pyrite.sql.expressions.function import Function, Lowering, LoweringContext
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.kernels.mapping import map_rows
from pyrite.sql.functions.kernels.xpath import (
    XPathError,
    evaluate,
    to_boolean,
    to_number,
    to_text,
)
from pyrite.sql.functions.raising import carried
from pyrite.sql.types import to_arrow

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FUNCTIONS"]


def _texts(value: Any) -> list[str | None]:
    """Return the texts of nodes; those of elements are null, as in Spark."""
    if not isinstance(value, list):
        return [to_text(value)]
    return [node.text if node.kind in ("text", "attribute") else None for node in value]


def _whole(bits: int) -> Callable[[Any], int]:
    """Convert to a whole number as Java does: NaN is 0, what is too large the largest."""

    def convert(value: Any) -> int:
        number = to_number(value)
        if math.isnan(number):
            return 0
        wide = 31 if bits < 31 else bits
        limit = 1 << wide
        whole = limit - 1 if number >= limit else max(-limit, math.trunc(number))
        half = 1 << bits
        return (whole + half) % (2 * half) - half

    return convert


def _xpath(convert: Callable[[Any], Any]) -> Lowering:
    def lower(call: Call, arguments: Sequence[str], context: LoweringContext) -> str:
        def one(document: str, path: str) -> Any:
            if not document or not path:
                return None
            try:
                return convert(evaluate(document, path))
            except XPathError as error:
                raise carried(
                    runtime_error(
                        "INVALID_PARAMETER_VALUE.XPATH",
                        functionName=f"`{call.function.name}`",
                        message=str(error),
                    )
                ) from None

        def compute(documents: pa.Array, paths: pa.Array) -> pa.Array:
            return map_rows((documents, paths), one, to_arrow(call.data_type))

        return context.kernel(call, compute, arguments)

    return lower


def _entry(
    name: str, result: str, convert: Callable[[Any], Any], description: str, *aliases: str
) -> tuple[Function, ...]:
    return scalar(
        f"{name}(xml: string, path: string) -> {result}",
        _xpath(convert),
        description,
        nullable=True,
        aliases=aliases,
    )


FUNCTIONS = (
    _entry("xpath", "array<string>", _texts, "The texts that an XPath finds."),
    _entry("xpath_boolean", "boolean", to_boolean, "Whether an XPath finds something."),
    _entry("xpath_string", "string", to_text, "The first text that an XPath finds."),
    _entry("xpath_double", "double", to_number, "The number an XPath finds.", "xpath_number"),
    _entry("xpath_float", "float", to_number, "The number an XPath finds."),
    _entry("xpath_long", "bigint", _whole(63), "The whole number an XPath finds."),
    _entry("xpath_int", "int", _whole(31), "The whole number an XPath finds."),
    _entry("xpath_short", "smallint", _whole(15), "The whole number an XPath finds."),
)
