"""Internal functions: what pandas-on-Spark, the client and INSERT ask for, not for users."""

from __future__ import annotations

from collections.abc import Sequence

from pyrite.sql.expressions.expression import Expression
from pyrite.sql.functions.define import scalar
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.types import DataType, UserDefinedType

__all__ = ["FUNCTIONS", "PADDED"]

#: The function that puts spaces at the end of short texts; it does not show in names of columns.
PADDED = "read_side_padding"

#: Text that fits a length; spaces at its end may go where it does not.
_FITTED = (
    "CASE WHEN {text} IS NULL OR length({text}) <= {size} THEN {text} "
    "WHEN length(rtrim({text}, ' ')) <= {size} THEN substring({text}, 1, {size}) "
    f"ELSE {raise_sql('EXCEED_LIMIT_LENGTH', limit='{size}')} END"
)


def _stored_type(arguments: Sequence[Expression]) -> DataType:
    data_type = arguments[0].data_type
    return data_type.sqlType() if isinstance(data_type, UserDefinedType) else data_type


FUNCTIONS = (
    scalar(
        "varchar_type_write_side_check(text: string, size: int) -> string",
        f"({_FITTED})",
        "Text as a VARCHAR column stores it; text that is too long raises an error.",
    ),
    scalar(
        "char_type_write_side_check(text: string, size: int) -> string",
        f"rpad({_FITTED}, {{size}}, ' ')",
        "Text as a CHAR column stores it, with spaces at its end.",
    ),
    scalar(
        "table_insert_check(stored: any, value: any, column: string, source: string, "
        "target: string) -> any",
        "CASE WHEN {stored} IS NULL AND {value} IS NOT NULL THEN "
        + raise_sql(
            "CAST_OVERFLOW_IN_TABLE_INSERT",
            sourceType="{source}",
            targetType="{target}",
            columnName="{column}",
        )
        + " ELSE {stored} END",
        "A number as a column stores it; one that is too large raises an error.",
        result=lambda arguments: arguments[0].data_type,
    ),
    scalar(
        f"{PADDED}(text: string, size: int) -> string",
        "CASE WHEN length({text}) < {size} THEN rpad({text}, {size}, ' ') ELSE {text} END",
        "Text with spaces at its end up to a length; longer text as it is.",
        pretty=lambda texts: texts[0],
    ),
    scalar(
        "distributed_sequence_id(options...?: any) -> bigint",
        "(row_number() OVER () - 1)",
        "The row's place in the whole, from 0.",
        nullable=False,
        deterministic=False,
    ),
    scalar(
        "unwrap_udt(expr: any)",
        "{expr}",
        "The value of a user-defined type as what it is stored as.",
        result=_stored_type,
    ),
)
