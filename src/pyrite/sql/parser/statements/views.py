"""CREATE VIEW and DROP VIEW."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.parser.properties import read_properties
from pyrite.sql.parser.statements.clauses import Rule, if_exists, if_not_exists, statement
from pyrite.sql.parser.statements.tables import format_name, schema
from pyrite.sql.plans.commands import CreateView
from pyrite.sql.plans.unresolved import Options, UnresolvedDataSource

if TYPE_CHECKING:
    from pyrite.sql.parser.statements.reader import StatementReader
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["RULES"]


def _create(scope: str, replace: bool) -> Rule:
    def rule(reader: StatementReader) -> LogicalPlan:
        exists = if_not_exists(reader)
        name = reader.relation_name()
        if scope != "stored" and (reader.at("USING") or _typed_columns(reader)):
            return _over_source(reader, name, scope, replace)
        columns: tuple[tuple[str, str | None], ...] = ()
        if reader.at("("):
            columns = reader.wrapped_list(lambda: _column(reader))
        comment = None
        properties: Options = ()
        while True:
            if reader.accept("COMMENT"):
                comment = reader.string()
            elif reader.accept("TBLPROPERTIES"):
                properties = read_properties(reader)
            elif reader.accept("WITH", "SCHEMA"):
                reader.accept("TYPE")
                reader.expect_one(("BINDING", "COMPENSATION", "EVOLUTION"))
            else:
                break
        reader.expect("AS")
        first = reader.index
        child = reader.query()
        text = reader.source(first)
        return CreateView(name, child, scope, replace, exists, columns, comment, properties, text)

    return rule


def _typed_columns(reader: StatementReader) -> bool:
    """Whether the columns in parentheses have types, so that a source is meant."""
    return reader.at("(") and reader.peek(2) not in (",", ")", "COMMENT")


def _column(reader: StatementReader) -> tuple[str, str | None]:
    name = reader.name()
    return name, reader.string() if reader.accept("COMMENT") else None


def _over_source(
    reader: StatementReader, name: tuple[str, ...], scope: str, replace: bool
) -> LogicalPlan:
    user_schema = schema(reader) if reader.at("(") else None
    reader.expect("USING")
    source = format_name(reader)
    options = read_properties(reader) if reader.accept("OPTIONS") else ()
    return CreateView(name, UnresolvedDataSource(source, user_schema, options, ()), scope, replace)


def _drop(reader: StatementReader) -> LogicalPlan:
    exists = if_exists(reader)
    return statement("drop_view", name=reader.relation_name(), if_exists=exists)


RULES: dict[tuple[str, ...], Rule] = {
    ("DROP", "VIEW"): _drop,
    ("DROP", "TEMPORARY", "VIEW"): _drop,
}
for _words, _replaces in ((("CREATE",), False), (("CREATE", "OR", "REPLACE"), True)):
    RULES[(*_words, "VIEW")] = _create("stored", _replaces)
    for _temporary in ("TEMPORARY", "TEMP"):
        RULES[(*_words, _temporary, "VIEW")] = _create("local", _replaces)
        RULES[(*_words, "GLOBAL", _temporary, "VIEW")] = _create("global", _replaces)
