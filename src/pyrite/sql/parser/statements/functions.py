"""Commands on functions and variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.expressions.expression import Expression
from pyrite.sql.parser.statements.clauses import Rule, if_exists, if_not_exists, statement
from pyrite.sql.parser.tokens import END, STRING, is_word

if TYPE_CHECKING:
    from pyrite.sql.parser.statements.reader import StatementReader
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["RULES"]


def _create(temporary: bool, replace: bool) -> Rule:
    def rule(reader: StatementReader) -> LogicalPlan:
        exists = if_not_exists(reader)
        name = reader.relation_name()
        if reader.accept("AS"):
            class_name = reader.string()
            if reader.accept("USING"):
                reader.list_of(lambda: _resource(reader))
            return statement(
                "create_function",
                name=name,
                temporary=temporary,
                replace=replace,
                if_not_exists=exists,
                class_name=class_name,
            )
        return _sql_function(reader, name, temporary, replace, exists)

    return rule


def _resource(reader: StatementReader) -> None:
    reader.expect_one(("JAR", "FILE", "ARCHIVE"))
    reader.string()


def _sql_function(
    reader: StatementReader, name: tuple[str, ...], temporary: bool, replace: bool, exists: bool
) -> LogicalPlan:
    parameters = _in_parentheses(reader)
    returns: str | None = None
    is_table = False
    if reader.accept("RETURNS"):
        if reader.accept("TABLE"):
            is_table = True
            returns = _in_parentheses(reader) if reader.at("(") else None
        else:
            first = reader.index
            reader.data_type()
            returns = reader.source(first)
    comment = _characteristics(reader)
    if not reader.accept("RETURN"):
        reader.expect("AS")
    body = reader.source(reader.index, len(reader.kinds) - 1).rstrip("; \n")
    if reader.at_query():
        reader.query()
    else:
        reader.expression()
    return statement(
        "create_function",
        name=name,
        parameters=parameters,
        returns=returns,
        body=body,
        temporary=temporary,
        replace=replace,
        if_not_exists=exists,
        is_table=is_table,
        comment=comment,
    )


def _characteristics(reader: StatementReader) -> str | None:
    comment = None
    while True:
        if reader.accept("COMMENT"):
            comment = reader.string()
        elif reader.accept("LANGUAGE"):
            reader.expect("SQL")
        elif reader.accept("SQL", "SECURITY"):
            reader.expect_one(("DEFINER", "INVOKER"))
        elif not (
            reader.accept("DETERMINISTIC")
            or reader.accept("NOT", "DETERMINISTIC")
            or reader.accept("CONTAINS", "SQL")
            or reader.accept("READS", "SQL", "DATA")
        ):
            return comment


def _in_parentheses(reader: StatementReader) -> str:
    """Read fields in parentheses, and return their text."""
    reader.expect("(")
    first = reader.index
    if not reader.at(")"):
        reader.list_of(lambda: _parameter(reader))
    text = reader.source(first)
    reader.expect(")")
    return text


def _parameter(reader: StatementReader) -> None:
    reader.field()
    if reader.accept("DEFAULT"):
        reader.expression()
    if reader.accept("COMMENT"):
        reader.string()


def _drop(temporary: bool) -> Rule:
    def rule(reader: StatementReader) -> LogicalPlan:
        exists = if_exists(reader)
        name = reader.relation_name()
        return statement("drop_function", name=name, if_exists=exists, temporary=temporary)

    return rule


def _declare(replace: bool) -> Rule:
    def rule(reader: StatementReader) -> LogicalPlan:
        if reader.peek() != "," and (is_word(reader.peek()) or reader.peek() == "`"):
            reader.accept_one(("VARIABLE", "VAR"))
        names = reader.list_of(reader.relation_name)
        data_type = None
        if reader.kind not in ("DEFAULT", "=", END, ";"):
            data_type = reader.data_type()
        default = reader.expression() if reader.accept_one(("DEFAULT", "=")) else None
        return statement(
            "declare_variable", names=names, data_type=data_type, default=default, replace=replace
        )

    return rule


def _drop_variable(reader: StatementReader) -> LogicalPlan:
    exists = if_exists(reader)
    return statement("drop_variable", name=reader.relation_name(), if_exists=exists)


def _set_variable(reader: StatementReader) -> LogicalPlan:
    if reader.at("("):
        names = reader.wrapped_list(reader.relation_name)
        reader.expect("=")
        plan = reader.wrapped(reader.query)
        return statement("set_variable", plan, names=names)
    assignments = reader.list_of(lambda: _assignment(reader))
    names, values = zip(*assignments, strict=True)
    return statement("set_variable", names=names, value=values)


def _assignment(reader: StatementReader) -> tuple[tuple[str, ...], Expression]:
    name = reader.relation_name()
    reader.expect("=")
    return name, reader.expression()


def _refresh(reader: StatementReader) -> LogicalPlan:
    return statement("refresh_function", name=reader.relation_name())


def _describe(reader: StatementReader) -> LogicalPlan:
    extended = reader.at("EXTENDED") and reader.peek() not in (END, ";")
    reader.index += extended
    if reader.kind == STRING:
        name: tuple[str, ...] = (reader.string(),)
    elif reader.at_name():
        name = reader.relation_name()
    else:
        reader.index += 1  # an operator
        name = (reader.source(reader.index - 1),)
    return statement("describe_function", name=name, extended=extended)


RULES: dict[tuple[str, ...], Rule] = {
    ("CREATE", "FUNCTION"): _create(False, False),
    ("CREATE", "OR", "REPLACE", "FUNCTION"): _create(False, True),
    ("CREATE", "TEMPORARY", "FUNCTION"): _create(True, False),
    ("CREATE", "OR", "REPLACE", "TEMPORARY", "FUNCTION"): _create(True, True),
    ("DROP", "FUNCTION"): _drop(False),
    ("DROP", "TEMPORARY", "FUNCTION"): _drop(True),
    ("DECLARE",): _declare(False),
    ("DECLARE", "OR", "REPLACE"): _declare(True),
    ("DROP", "TEMPORARY", "VARIABLE"): _drop_variable,
    ("DROP", "TEMPORARY", "VAR"): _drop_variable,
    ("SET", "VARIABLE"): _set_variable,
    ("SET", "VAR"): _set_variable,
    ("REFRESH", "FUNCTION"): _refresh,
    ("DESCRIBE", "FUNCTION"): _describe,
    ("DESC", "FUNCTION"): _describe,
}
