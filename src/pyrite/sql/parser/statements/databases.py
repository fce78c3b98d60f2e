"""Commands on databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.parser.properties import read_properties
from pyrite.sql.parser.statements.clauses import (
    DATABASE_WORDS,
    Rule,
    comment_or_null,
    database_word,
    if_exists,
    if_not_exists,
    statement,
)

if TYPE_CHECKING:
    from pyrite.sql.parser.statements.reader import StatementReader
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["RULES"]


def _create(reader: StatementReader) -> LogicalPlan:
    exists = if_not_exists(reader)
    name = reader.relation_name()
    comment = location = properties = None
    while True:
        if reader.accept("COMMENT"):
            comment = reader.string()
        elif reader.accept("LOCATION"):
            location = reader.string()
        elif reader.accept("WITH"):
            reader.expect_one(("DBPROPERTIES", "PROPERTIES"))
            properties = read_properties(reader)
        else:
            break
    return statement(
        "create_database",
        name=name,
        if_not_exists=exists,
        comment=comment,
        location=location,
        properties=properties,
    )


def _drop(reader: StatementReader) -> LogicalPlan:
    exists = if_exists(reader)
    name = reader.relation_name()
    cascade = reader.accept_one(("CASCADE", "RESTRICT")) == "CASCADE"
    return statement("drop_database", name=name, if_exists=exists, cascade=cascade)


def _alter(reader: StatementReader) -> LogicalPlan:
    name = reader.relation_name()
    reader.expect("SET")
    if reader.accept("LOCATION"):
        return statement("alter_database", name=name, location=reader.string())
    reader.expect_one(("DBPROPERTIES", "PROPERTIES"))
    return statement("alter_database", name=name, properties=read_properties(reader))


def _use(reader: StatementReader) -> LogicalPlan:
    if reader.peek() not in ("", ";", "."):
        database_word(reader)
    return statement("use", name=reader.relation_name())


def _set_catalog(reader: StatementReader) -> LogicalPlan:
    name = (reader.string(),) if reader.kind == "'" else reader.relation_name()
    return statement("set_catalog", name=name)


def _comment(reader: StatementReader) -> LogicalPlan:
    name = reader.relation_name()
    reader.expect("IS")
    return statement("comment_on_database", name=name, comment=comment_or_null(reader))


RULES: dict[tuple[str, ...], Rule] = {("USE",): _use, ("SET", "CATALOG"): _set_catalog}
for _word in DATABASE_WORDS:
    RULES |= {
        ("CREATE", _word): _create,
        ("DROP", _word): _drop,
        ("ALTER", _word): _alter,
        ("COMMENT", "ON", _word): _comment,
    }
