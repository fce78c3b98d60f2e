"""Schemas as arguments: ``'a INT, b STRING'`` in from_json and its like.

The text is read while the query is analyzed; from then on the argument is a null of that type.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from pyrite.sql.errors import analysis_error
from pyrite.sql.expressions.expression import Call, Expression, Literal
from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.expressions.unresolved import DataTypeText, UnresolvedFunction
from pyrite.sql.functions.constants import constant_text
from pyrite.sql.types import DataType

__all__ = ["read_schema", "schema_type", "with_schema"]

#: Functions whose constant result is a schema, by name: what makes the type.
SchemaFunctions = dict[str, Callable[[Call], DataType]]


def with_schema(
    name: str, inferring: SchemaFunctions
) -> Callable[[Sequence[Expression], bool], Expression | None]:
    """Return the rewrite of a function whose second argument is a schema.

    Args:
        name: The function.
        inferring: Functions that may stand in the schema's place.
    """

    def rewrite(arguments: Sequence[Expression], ansi: bool) -> Expression | None:
        if len(arguments) < 2:
            return None
        given = arguments[1]
        schema: Expression
        if isinstance(given, Literal) and given.value is None:
            return None
        if isinstance(given, Call) and given.function.name in inferring:
            schema = Literal(None, inferring[given.function.name](given))
        else:
            schema = read_schema(given)
        return UnresolvedFunction((name,), (arguments[0], schema, *arguments[2:]))

    return rewrite


def read_schema(given: Expression) -> Expression:
    """Return the argument that stands for the type a constant text names.

    Raises:
        SparkError: If it is no constant text.
    """
    text = constant_text(given)
    if text is None:
        raise analysis_error("INVALID_SCHEMA.NON_STRING_LITERAL", inputSchema=f'"{pretty(given)}"')
    if text.lstrip().startswith(("{", '"')):
        from pyspark.sql.types import _parse_datatype_json_value

        return Literal(None, _parse_datatype_json_value(json.loads(text)))
    return DataTypeText(text)


def schema_type(argument: Expression) -> DataType:
    """Return the type that a schema argument stands for."""
    return argument.data_type
