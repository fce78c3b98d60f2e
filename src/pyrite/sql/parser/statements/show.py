"""SHOW and DESCRIBE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.errors import unsupported
from pyrite.sql.parser.properties import property_key
from pyrite.sql.parser.statements.clauses import (
    DATABASE_WORDS,
    Rule,
    optional_partition,
    pattern,
    statement,
)
from pyrite.sql.parser.tokens import END, NAME, STRING, is_word
from pyrite.sql.parser.words import QUERY_WORDS

if TYPE_CHECKING:
    from pyrite.sql.parser.statements.reader import StatementReader
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["RULES"]

_IN = ("FROM", "IN")


def _in_database(reader: StatementReader) -> tuple[str, ...] | None:
    return reader.relation_name() if reader.accept_one(_IN) else None


def _names(name: str) -> Rule:
    """Make the rule of a SHOW with ``[IN database] [LIKE pattern]``."""

    def rule(reader: StatementReader) -> LogicalPlan:
        database = _in_database(reader)
        return statement(name, database=database, pattern=pattern(reader))

    return rule


def _databases(reader: StatementReader) -> LogicalPlan:
    _in_database(reader)
    return statement("show_databases", pattern=pattern(reader))


def _catalogs(reader: StatementReader) -> LogicalPlan:
    return statement("show_catalogs", pattern=pattern(reader))


def _current(reader: StatementReader) -> LogicalPlan:
    return statement("show_current_database")


def _extended(reader: StatementReader) -> LogicalPlan:
    database = _in_database(reader)
    reader.expect("LIKE")
    found = reader.string()
    return statement(
        "show_table_extended",
        database=database,
        pattern=found,
        partition=optional_partition(reader),
    )


def _columns(reader: StatementReader) -> LogicalPlan:
    reader.expect_one(_IN)
    name = reader.relation_name()
    database = _in_database(reader)
    return statement("show_columns", name=(*database, name[-1]) if database else name)


def _partitions(reader: StatementReader) -> LogicalPlan:
    name = reader.relation_name()
    return statement("show_partitions", name=name, partition=optional_partition(reader))


def _create_table(reader: StatementReader) -> LogicalPlan:
    name = reader.relation_name()
    if reader.accept("AS", "SERDE"):
        raise unsupported("SHOW CREATE TABLE AS SERDE")
    return statement("show_create_table", name=name)


def _properties(reader: StatementReader) -> LogicalPlan:
    name = reader.relation_name()
    key = reader.wrapped(lambda: property_key(reader)) if reader.at("(") else None
    return statement("show_properties", name=name, key=key)


def _functions(scope: str) -> Rule:
    def rule(reader: StatementReader) -> LogicalPlan:
        database = _in_database(reader)
        like = reader.accept("LIKE")
        found = None
        if reader.kind == STRING:
            found = reader.string()
        elif like or reader.at_name():
            *qualifier, found = reader.names()
            database = tuple(qualifier) or database
        return statement("show_functions", database=database, pattern=found, scope=scope)

    return rule


def _describe(reader: StatementReader) -> LogicalPlan:
    if reader.accept("QUERY"):
        return statement("describe_query", reader.query())
    if reader.kind in QUERY_WORDS - {"TABLE"} or reader.at("("):
        return statement("describe_query", reader.query())
    if reader.at("TABLE") and _name_follows(reader):
        reader.index += 1
    extended = False
    if reader.kind in ("EXTENDED", "FORMATTED") and _name_follows(reader):
        extended = True
        reader.index += 1
    name = reader.relation_name()
    given = optional_partition(reader)
    if reader.accept("AS", "JSON"):
        raise unsupported("DESCRIBE ... AS JSON")
    if reader.kind not in (END, ";"):
        column = reader.names()
        return statement("describe_column", name=name, column=column, extended=extended)
    return statement("describe_table", name=name, extended=extended, partition=given)


def _name_follows(reader: StatementReader) -> bool:
    return reader.peek() == NAME or is_word(reader.peek())


def _describe_database(reader: StatementReader) -> LogicalPlan:
    extended = reader.at("EXTENDED") and _name_follows(reader)
    reader.index += extended
    return statement("describe_database", name=reader.relation_name(), extended=extended)


RULES: dict[tuple[str, ...], Rule] = {
    ("SHOW", "CATALOGS"): _catalogs,
    ("SHOW", "COLUMNS"): _columns,
    ("SHOW", "CREATE", "TABLE"): _create_table,
    ("SHOW", "FUNCTIONS"): _functions("all"),
    ("SHOW", "ALL", "FUNCTIONS"): _functions("all"),
    ("SHOW", "SYSTEM", "FUNCTIONS"): _functions("system"),
    ("SHOW", "USER", "FUNCTIONS"): _functions("user"),
    ("SHOW", "PARTITIONS"): _partitions,
    ("SHOW", "TABLES"): _names("show_tables"),
    ("SHOW", "TABLE", "EXTENDED"): _extended,
    ("SHOW", "TBLPROPERTIES"): _properties,
    ("SHOW", "VIEWS"): _names("show_views"),
    ("DESCRIBE",): _describe,
    ("DESC",): _describe,
}
for _word in DATABASE_WORDS:
    RULES |= {
        ("SHOW", f"{_word}S"): _databases,
        ("SHOW", "CURRENT", _word): _current,
        ("DESCRIBE", _word): _describe_database,
        ("DESC", _word): _describe_database,
    }
