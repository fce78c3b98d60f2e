"""Statements that were read lately are not read again."""

from dataclasses import replace

from pyrite.sql.expressions.expression import Literal
from pyrite.sql.parser import ParserSettings, parse_statement
from pyrite.sql.types import DOUBLE

QUERY = "SELECT 'kept', \"a\" FROM t"


def test_the_same_text_is_read_once() -> None:
    assert parse_statement(QUERY) is parse_statement(QUERY)


def test_settings_that_change_the_meaning_count() -> None:
    as_names = replace(ParserSettings(), double_quoted_identifiers=True)
    assert parse_statement(QUERY, as_names) != parse_statement(QUERY)
    assert parse_statement(QUERY, as_names) is parse_statement(QUERY, replace(as_names))


def test_variables_are_put_in_before() -> None:
    def plan(table: str) -> object:
        return parse_statement("SELECT * FROM ${t}", ParserSettings(variable={"t": table}.get))

    assert plan("a") != plan("b")
    assert plan("a") is plan("a")


def test_values_of_parameters_are_always_read() -> None:
    def plan(value: float) -> object:
        value_of_x = {"x": Literal(value, DOUBLE)}
        return parse_statement("SELECT :x", ParserSettings(named=value_of_x))

    assert str(plan(0.0)) != str(plan(-0.0))
