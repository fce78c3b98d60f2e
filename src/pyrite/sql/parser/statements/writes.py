"""INSERT, DELETE, MERGE and TRUNCATE."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pyrite.sql.errors import unsupported
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.expressions.unresolved import MergeAction, UnresolvedAttribute
from pyrite.sql.parser.properties import read_properties
from pyrite.sql.parser.statements.clauses import (
    Partition,
    Rule,
    if_not_exists,
    optional_partition,
    statement,
)
from pyrite.sql.parser.statements.tables import format_name
from pyrite.sql.plans.commands import MergeIntoTable, WriteFiles, WriteTable
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import UnresolvedSubqueryAlias, UnresolvedWith

if TYPE_CHECKING:
    from pyrite.sql.parser.statements.reader import StatementReader

__all__ = ["RULES", "multi_insert", "with_definitions"]

Definitions = tuple[tuple[str, tuple[str, ...], LogicalPlan], ...]


def with_definitions(
    reader: StatementReader, recursive: bool, definitions: Definitions
) -> LogicalPlan:
    """Read the command behind ``WITH name AS (query)``, whose query may use the names."""
    command = reader.statement()
    if not isinstance(command, (WriteTable, WriteFiles)):
        raise unsupported("WITH in front of other commands than INSERT")
    return replace(command, child=UnresolvedWith(definitions, command.child, recursive))


def multi_insert(reader: StatementReader) -> LogicalPlan:
    """Read ``FROM t INSERT INTO u SELECT ...``; several inserts are not supported."""
    reader.expect("FROM")
    source = reader.from_clause()
    reader.expect("INSERT")
    overwrite = reader.expect_one(("INTO", "OVERWRITE")) == "OVERWRITE"
    reader.accept("TABLE")
    name = reader.relation_name()
    static = optional_partition(reader) or ()
    child = reader.organized(reader.select(source))
    if reader.at("INSERT"):
        raise unsupported("FROM ... INSERT ... INSERT ...")
    mode = "overwrite" if overwrite else "append"
    return WriteTable(name, child, "insert_into", mode, partition=static)


def _into(reader: StatementReader) -> LogicalPlan:
    reader.accept("TABLE")
    name = reader.relation_name()
    if reader.accept("REPLACE", "WHERE"):
        condition = reader.expression()
        return WriteTable(name, reader.query(), "overwrite", overwrite_condition=condition)
    return _insert(reader, name, "append")


def _overwrite(reader: StatementReader) -> LogicalPlan:
    if reader.at("DIRECTORY") or reader.at("LOCAL", "DIRECTORY"):
        return _directory(reader)
    reader.accept("TABLE")
    return _insert(reader, reader.relation_name(), "overwrite")


def _insert(reader: StatementReader, name: tuple[str, ...], mode: str) -> LogicalPlan:
    static: Partition = optional_partition(reader) or ()
    exists = if_not_exists(reader)
    columns: tuple[str, ...] = ()
    by_name = reader.accept("BY", "NAME")
    if not by_name and reader.at("(") and not reader.at_query():
        columns = reader.wrapped_list(reader.name)
    return WriteTable(
        name,
        reader.query(),
        "insert_into",
        mode,
        columns=columns,
        by_name=by_name,
        partition=static,
        if_not_exists=exists,
    )


def _directory(reader: StatementReader) -> LogicalPlan:
    reader.accept("LOCAL")
    reader.expect("DIRECTORY")
    path = reader.string() if reader.kind == "'" else None
    source = None
    if reader.accept("USING"):
        source = format_name(reader)
    elif reader.accept("STORED", "AS"):
        source = reader.name().lower()
    options = read_properties(reader) if reader.accept("OPTIONS") else ()
    return WriteFiles(reader.query(), source, path, "overwrite", options)


def _delete(reader: StatementReader) -> LogicalPlan:
    name = reader.relation_name()
    if reader.at_name() and not reader.at("WHERE"):
        raise unsupported("DELETE FROM with an alias")
    condition = reader.expression() if reader.accept("WHERE") else None
    return statement("delete", name=name, condition=condition)


def _update(reader: StatementReader) -> LogicalPlan:
    name = reader.relation_name()
    if not reader.at("SET"):
        _alias(reader)
    reader.expect("SET")
    reader.list_of(reader.expression)
    if reader.accept("WHERE"):
        reader.expression()
    return statement("update", name=name)  # no table takes it, so what it says does not count


def _truncate(reader: StatementReader) -> LogicalPlan:
    name = reader.relation_name()
    return statement("truncate_table", name=name, partition=optional_partition(reader))


def _merge(reader: StatementReader) -> LogicalPlan:
    if reader.accept("WITH", "SCHEMA", "EVOLUTION"):
        raise unsupported("MERGE WITH SCHEMA EVOLUTION")
    reader.expect("INTO")
    target = reader.relation_name()
    target_alias = _alias(reader)
    reader.expect("USING")
    source = _merge_source(reader)
    reader.expect("ON")
    condition = reader.expression()
    actions: dict[str, list[MergeAction]] = {"matched": [], "target": [], "source": []}
    while reader.accept("WHEN"):
        kind = _merge_kind(reader)
        extra = reader.expression() if reader.accept("AND") else None
        reader.expect("THEN")
        actions[kind].append(_merge_action(reader, extra))
    return MergeIntoTable(
        target,
        source,
        condition,
        tuple(actions["matched"]),
        tuple(actions["target"]),
        tuple(actions["source"]),
        target_alias,
    )


def _alias(reader: StatementReader) -> str | None:
    if reader.accept("AS"):
        return reader.name()
    return reader.name() if reader.at_name() and not reader.at("USING") else None


def _merge_source(reader: StatementReader) -> LogicalPlan:
    if not reader.at("("):
        return reader.relation()
    plan = reader.wrapped(reader.query)
    alias = reader.name() if reader.accept("AS") or not reader.at("ON") else None
    return UnresolvedSubqueryAlias(alias, plan) if alias else plan


def _merge_kind(reader: StatementReader) -> str:
    negated = reader.accept("NOT")
    reader.expect("MATCHED")
    if not negated:
        return "matched"
    if reader.accept("BY"):
        return reader.expect_one(("TARGET", "SOURCE")).lower()
    return "target"


def _merge_action(reader: StatementReader, condition: Expression | None) -> MergeAction:
    if reader.accept("DELETE"):
        return MergeAction("delete", condition)
    if reader.accept("UPDATE"):
        reader.expect("SET")
        if reader.accept("*"):
            return MergeAction("update_star", condition)
        return MergeAction("update", condition, reader.list_of(lambda: _assignment(reader)))
    reader.expect("INSERT")
    if reader.accept("*"):
        return MergeAction("insert_star", condition)
    columns = reader.wrapped_list(lambda: _target(reader))
    reader.expect("VALUES")
    values = reader.wrapped_list(reader.expression)
    if len(values) != len(columns):
        reader.fail()
    return MergeAction("insert", condition, tuple(zip(columns, values, strict=True)))


def _target(reader: StatementReader) -> Expression:
    return UnresolvedAttribute(reader.names())


def _assignment(reader: StatementReader) -> tuple[Expression, Expression]:
    column = _target(reader)
    reader.expect("=")
    return column, reader.expression()


RULES: dict[tuple[str, ...], Rule] = {
    ("DELETE", "FROM"): _delete,
    ("INSERT", "INTO"): _into,
    ("INSERT", "OVERWRITE"): _overwrite,
    ("MERGE",): _merge,
    ("TRUNCATE", "TABLE"): _truncate,
    ("UPDATE",): _update,
}
