"""ParseMode: what reading CSV and JSON does with a record that is not what it should be."""

from __future__ import annotations

from enum import StrEnum

from pyrite.sql.conf import SQLConf
from pyrite.sql.errors import analysis_error
from pyrite.sql.functions.raising import raise_sql
from pyrite.sql.sources.options import SourceOptions
from pyrite.sql.types import StringType, StructType, sql_name

__all__ = ["ParseMode", "check_corrupt_column", "corrupt_column", "parse_mode", "refuse"]


class ParseMode(StrEnum):
    """What happens to a bad record."""

    PERMISSIVE = "PERMISSIVE"
    DROP_MALFORMED = "DROPMALFORMED"
    FAIL_FAST = "FAILFAST"


def parse_mode(options: SourceOptions) -> ParseMode:
    """Return the option ``mode``; as in Spark, an unknown one means PERMISSIVE."""
    text = options.text("mode", default="PERMISSIVE").upper()
    return ParseMode(text) if text in ParseMode.__members__.values() else ParseMode.PERMISSIVE


def corrupt_column(options: SourceOptions, conf: SQLConf) -> str:
    """Return the name of the column that takes the text of bad records."""
    default = conf.get("spark.sql.columnNameOfCorruptRecord") or "_corrupt_record"
    return options.text("columnNameOfCorruptRecord", default=default)


def check_corrupt_column(schema: StructType, name: str) -> None:
    """Refuse a column for bad records that is not text.

    Raises:
        SparkError: INVALID_CORRUPT_RECORD_TYPE.
    """
    for field in schema.fields:
        if field.name == name and not isinstance(field.dataType, StringType):
            raise analysis_error(
                "INVALID_CORRUPT_RECORD_TYPE",
                columnName=f"`{name}`",
                actualType=f'"{sql_name(field.dataType)}"',
            )


def refuse(record: str) -> str:
    """Return SQL that raises Spark's error of a bad record in the mode FAILFAST."""
    return raise_sql(
        "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
        badRecord=record,
        failFastMode="'FAILFAST'",
    )
