"""Commands on the session: settings, cache, resources, EXPLAIN, ANALYZE."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyrite.sql.errors import parse_error, unsupported
from pyrite.sql.parser.properties import read_properties
from pyrite.sql.parser.statements.clauses import (
    Rule,
    if_exists,
    optional_partition,
    statement,
)
from pyrite.sql.parser.tokens import END, STRING
from pyrite.sql.parser.words import QUERY_WORDS

if TYPE_CHECKING:
    from pyrite.sql.parser.statements.reader import StatementReader
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["RULES"]

_SETTING = re.compile(r"(`(?:[^`]|``)+`|[\w.:]+)\s*(?:=\s*(.*))?", re.DOTALL)


#: The furthest a zone is from UTC, in seconds.
_MAX_OFFSET = 18 * 3600


def _set(reader: StatementReader) -> LogicalPlan:
    text = reader.rest()
    if not text:
        return statement("set")
    if text == "-v":
        return statement("set_all")
    match = _SETTING.fullmatch(text)
    if not match:
        raise parse_error("INVALID_SET_SYNTAX", reader.origin(0))
    key, value = match[1], match[2]
    if key[0] == "`":
        key = key[1:-1].replace("``", "`")
    if value is not None and re.fullmatch(r"`(?:[^`]|``)*`", value):
        value = value[1:-1].replace("``", "`")
    return statement("set", key=key, value=value)


def _set_time_zone(reader: StatementReader) -> LogicalPlan:
    key = "spark.sql.session.timeZone"
    if reader.kind in (END, ";"):
        raise parse_error("_LEGACY_ERROR_TEMP_0045", reader.origin(0))
    if reader.accept("LOCAL"):
        return statement("reset", key=key)
    if reader.at("INTERVAL"):
        literal = reader.interval()
        seconds = abs(literal.value) / 1_000_000
        if seconds > _MAX_OFFSET or seconds % 1:
            raise parse_error(
                "INVALID_INTERVAL_FORMAT.TIMEZONE_INTERVAL_OUT_OF_RANGE",
                None,
                input=f"{seconds / 3600:g}",
            )
        minutes = int(seconds) // 60
        sign = "-" if literal.value < 0 else "+"
        return statement("set", key=key, value=f"{sign}{minutes // 60:02}:{minutes % 60:02}")
    value = reader.string() if reader.kind == STRING else reader.name()
    return statement("set", key=key, value=value)


def _reset(reader: StatementReader) -> LogicalPlan:
    text = reader.rest()
    return statement("reset", key=text.strip("`") or None)


def _cache(lazy: bool) -> Rule:
    def rule(reader: StatementReader) -> LogicalPlan:
        name = reader.relation_name()
        options = read_properties(reader) if reader.accept("OPTIONS") else None
        child = None
        if reader.accept("AS") or reader.kind in QUERY_WORDS:
            child = reader.query()
        return statement("cache_table", child, name=name, lazy=lazy, options=options)

    return rule


def _uncache(reader: StatementReader) -> LogicalPlan:
    exists = if_exists(reader)
    return statement("uncache_table", name=reader.relation_name(), if_exists=exists)


def _clear_cache(reader: StatementReader) -> LogicalPlan:
    return statement("clear_cache")


def _refresh(reader: StatementReader) -> LogicalPlan:
    if reader.kind == STRING:
        return statement("refresh_path", path=reader.string())
    reader.accept("TABLE")
    return statement("refresh_table", name=reader.relation_name())


def _explain(reader: StatementReader) -> LogicalPlan:
    mode = reader.accept_one(("EXTENDED", "CODEGEN", "COST", "FORMATTED", "LOGICAL"))
    return statement("explain", reader.statement(), mode=(mode or "simple").lower())


def _execute_immediate(reader: StatementReader) -> LogicalPlan:
    text = reader.expression()
    into = reader.list_of(reader.relation_name) if reader.accept("INTO") else None
    using = None
    if reader.accept("USING"):
        read = reader.list_of
        using = (
            reader.either(
                lambda: reader.wrapped(lambda: read(reader.named_expression)),
                lambda: read(reader.named_expression),
            )
            if reader.at("(")
            else read(reader.named_expression)
        )
    return statement("execute_immediate", text=text, into=into, using=using)


_RESOURCES = {
    "JAR": "jar",
    "JARS": "jar",
    "FILE": "file",
    "FILES": "file",
    "ARCHIVE": "archive",
    "ARCHIVES": "archive",
}


def _resources(name: str) -> Rule:
    def rule(reader: StatementReader) -> LogicalPlan:
        kind = _RESOURCES[reader.expect_one(_RESOURCES)]
        text = reader.rest()
        quoted = re.fullmatch(r"(['\"])(.*)\1", text)
        paths = (quoted[2],) if quoted else tuple(text.split())
        return statement(name, kind=kind, paths=paths)

    return rule


def _analyze(reader: StatementReader) -> LogicalPlan:
    name = reader.relation_name()
    if optional_partition(reader) is not None:
        raise unsupported("ANALYZE TABLE of a partition")
    reader.expect("COMPUTE", "STATISTICS")
    columns: tuple[str, ...] | None = None
    no_scan = reader.accept("NOSCAN")
    if reader.accept("FOR", "ALL", "COLUMNS"):
        columns = ("*",)
    elif reader.accept("FOR", "COLUMNS"):
        columns = reader.list_of(reader.name)
    elif not no_scan and reader.kind not in (END, ";"):
        reader.fail()
    return statement("analyze_table", name=name, columns=columns, no_scan=no_scan)


def _unsupported(*words: str) -> Rule:
    def rule(reader: StatementReader) -> LogicalPlan:
        raise unsupported(" ".join(words))

    return rule


#: What Spark has and Pyrite does not have yet.
_UNSUPPORTED = (
    ("ANALYZE", "TABLES"),
    ("BEGIN",),
    ("CALL",),
    ("COMMENT", "ON", "COLUMN"),
    ("CREATE", "INDEX"),
    ("DROP", "INDEX"),
    ("LOAD", "DATA"),
)

RULES: dict[tuple[str, ...], Rule] = {
    ("ADD",): _resources("add_resources"),
    ("ANALYZE", "TABLE"): _analyze,
    ("CACHE", "TABLE"): _cache(False),
    ("CACHE", "LAZY", "TABLE"): _cache(True),
    ("CLEAR", "CACHE"): _clear_cache,
    ("EXECUTE", "IMMEDIATE"): _execute_immediate,
    ("EXPLAIN",): _explain,
    ("LIST",): _resources("list_resources"),
    ("REFRESH",): _refresh,
    ("RESET",): _reset,
    ("SET",): _set,
    ("SET", "TIME", "ZONE"): _set_time_zone,
    ("UNCACHE", "TABLE"): _uncache,
} | {words: _unsupported(*words) for words in _UNSUPPORTED}
