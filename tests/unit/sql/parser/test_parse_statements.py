"""Commands and types: what each text becomes."""

from __future__ import annotations

from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.unresolved import UnresolvedAttribute
from pyrite.sql.parser import (
    parse_data_type,
    parse_identifier,
    parse_schema,
    parse_statement,
    parse_statements,
)
from pyrite.sql.plans.commands import (
    STATEMENTS,
    CatalogStatement,
    CreateTable,
    CreateView,
    MergeIntoTable,
    WriteFiles,
    WriteTable,
)
from pyrite.sql.plans.unresolved import UnresolvedDataSource, UnresolvedWith


@pytest.mark.parametrize(
    ("text", "statement", "arguments"),
    [
        ("create database if not exists d comment 'c' location '/x'", "create_database",
         {"name": ("d",), "if_not_exists": True, "comment": "c", "location": "/x"}),
        ("create schema d with dbproperties (a = 'b')", "create_database",
         {"name": ("d",), "properties": (("a", "b"),)}),
        ("drop database if exists d cascade", "drop_database",
         {"name": ("d",), "if_exists": True, "cascade": True}),
        ("use d", "use", {"name": ("d",)}),
        ("use schema d", "use", {"name": ("d",)}),
        ("describe schema extended d", "describe_database", {"name": ("d",), "extended": True}),
        ("show databases like 'a*'", "show_databases", {"pattern": "a*"}),
        ("show tables in d 'a*'", "show_tables", {"database": ("d",), "pattern": "a*"}),
        ("show columns from t in d", "show_columns", {"name": ("d", "t")}),
        ("show partitions t partition (a = 1)", "show_partitions", {"name": ("t",)}),
        ("show tblproperties t ('k')", "show_properties", {"name": ("t",), "key": "k"}),
        ("show user functions like 'f*'", "show_functions", {"scope": "user", "pattern": "f*"}),
        ("show create table a.b", "show_create_table", {"name": ("a", "b")}),
        ("drop table if exists a.b purge", "drop_table",
         {"name": ("a", "b"), "if_exists": True, "purge": True}),
        ("drop view v", "drop_view", {"name": ("v",)}),
        ("drop temporary function f", "drop_function", {"name": ("f",), "temporary": True}),
        ("alter table t rename to u", "rename_table", {"name": ("t",), "new_name": ("u",)}),
        ("alter view t rename to u", "rename_view", {"name": ("t",), "new_name": ("u",)}),
        ("alter table t set tblproperties (a.b = 1)", "set_properties",
         {"properties": (("a.b", "1"),)}),
        ("alter table t unset tblproperties if exists (a)", "unset_properties",
         {"keys": ("a",), "if_exists": True}),
        ("alter table t rename column a to b", "rename_column",
         {"column": ("a",), "new_name": "b"}),
        ("alter table t drop columns (a, b.c)", "drop_columns", {"columns": (("a",), ("b", "c"))}),
        ("alter table t alter column a comment 'x'", "alter_column",
         {"column": ("a",), "comment": "x"}),
        ("alter table t alter column a set not null", "alter_column", {"nullable": False}),
        ("alter table t drop if exists partition (a = 1), partition (a = 2)", "drop_partitions",
         {"if_exists": True}),
        ("msck repair table t", "repair_table", {"name": ("t",)}),
        ("comment on table t is null", "comment_on_table", {"name": ("t",)}),
        ("truncate table t", "truncate_table", {"name": ("t",)}),
        ("analyze table t compute statistics for columns a, b", "analyze_table",
         {"columns": ("a", "b"), "no_scan": False}),
        ("analyze table t compute statistics noscan", "analyze_table", {"no_scan": True}),
        ("desc t", "describe_table", {"name": ("t",)}),
        ("describe table formatted t", "describe_table", {"name": ("t",), "extended": True}),
        ("describe t a.b", "describe_column", {"name": ("t",), "column": ("a", "b")}),
        ("desc query select 1", "describe_query", {}),
        ("describe function extended f", "describe_function", {"name": ("f",), "extended": True}),
        ("explain formatted select 1", "explain", {"mode": "formatted"}),
        ("explain select 1", "explain", {"mode": "simple"}),
        ("set", "set", {}),
        ("set -v", "set_all", {}),
        ("set a.b", "set", {"key": "a.b"}),
        ("set a.b = x y (z);", "set", {"key": "a.b", "value": "x y (z)"}),
        ("set time zone 'Europe/Paris'", "set",
         {"key": "spark.sql.session.timeZone", "value": "Europe/Paris"}),
        ("set time zone interval -2 hours", "set", {"value": "-02:00"}),
        ("reset a.b", "reset", {"key": "a.b"}),
        ("cache lazy table t options (storageLevel 'DISK_ONLY') as select 1", "cache_table",
         {"name": ("t",), "lazy": True, "options": (("storageLevel", "DISK_ONLY"),)}),
        ("uncache table if exists t", "uncache_table", {"name": ("t",), "if_exists": True}),
        ("clear cache", "clear_cache", {}),
        ("refresh table t", "refresh_table", {"name": ("t",)}),
        ("refresh '/x'", "refresh_path", {"path": "/x"}),
        ("add jar /a/b.jar", "add_resources", {"kind": "jar", "paths": ("/a/b.jar",)}),
        ("delete from t where a = 1", "delete", {"name": ("t",)}),
        ("create temporary function f(a int) returns int return a + 1", "create_function",
         {"parameters": "a int", "returns": "int", "body": "a + 1", "temporary": True}),
        ("create function f() returns table (x int) return select 1", "create_function",
         {"parameters": "", "returns": "x int", "body": "select 1", "is_table": True}),
        ("create function f as 'a.B' using jar 'x'", "create_function", {"class_name": "a.B"}),
        ("declare variable x int default 5", "declare_variable", {"names": (("x",),)}),
    ],
)  # fmt: skip
def test_statements(text: str, statement: str, arguments: dict[str, Any]) -> None:
    command = parse_statement(text)
    assert isinstance(command, CatalogStatement)
    assert command.statement == statement
    given = dict(command.arguments)
    assert given.keys() <= set(STATEMENTS[statement])
    assert {key: given.get(key) for key in arguments} == arguments
    assert (command.child is not None) == (
        statement in ("describe_query", "explain") or " as select" in text
    )


def test_create_table() -> None:
    command = parse_statement(
        "create table if not exists d.t (a int not null comment 'x', b string default 'y') "
        "using csv options (sep ';', header true) partitioned by (b) "
        "clustered by (a) sorted by (a) into 4 buckets location '/x' comment 'c' "
        "tblproperties ('k' = 'v')"
    )
    assert isinstance(command, CreateTable)
    assert command.user_schema is not None
    assert command.user_schema.fields[0].metadata == {"comment": "x"}
    assert not command.user_schema.fields[0].nullable
    assert command.user_schema.fields[1].metadata["CURRENT_DEFAULT"] == "'y'"
    assert (command.name, command.format, command.if_not_exists) == (("d", "t"), "csv", True)
    assert command.options == (("sep", ";"), ("header", "true"))
    assert (command.partition_columns, command.bucket) == (("b",), (4, ("a",), ("a",)))
    assert (command.path, command.comment, command.properties) == ("/x", "c", (("k", "v"),))


def test_create_table_in_other_forms() -> None:
    command = parse_statement("create table t (a int) partitioned by (b string) stored as orc")
    assert isinstance(command, CreateTable)
    assert command.user_schema == parse_schema("a int, b string")
    assert (command.partition_columns, command.format) == (("b",), "orc")
    command = parse_statement("create table t like u using parquet")
    assert isinstance(command, CreateTable)
    assert command.like == ("u",)
    command = parse_statement("create or replace table t using parquet as select 1 a")
    assert isinstance(command, WriteTable)
    assert (command.method, command.format) == ("create_or_replace", "parquet")


def test_create_view() -> None:
    command = parse_statement(
        "create or replace view v (a comment 'x', b) comment 'c' as select 1, 2 -- end"
    )
    assert isinstance(command, CreateView)
    assert (command.scope, command.replace, command.text) == ("stored", True, "select 1, 2")
    assert command.columns == (("a", "x"), ("b", None))
    command = parse_statement("create global temp view v as select 1")
    assert isinstance(command, CreateView)
    assert command.scope == "global"
    command = parse_statement("create temporary view v (a int) using csv options (path '/x')")
    assert isinstance(command, CreateView)
    assert command.scope == "local"
    assert isinstance(command.child, UnresolvedDataSource)
    assert command.child.user_schema == parse_schema("a int")


def test_insert() -> None:
    command = parse_statement("insert into t partition (a = 1, b) (x, y) values (1, 2)")
    assert isinstance(command, WriteTable)
    assert (command.method, command.mode, command.columns) == ("insert_into", "append", ("x", "y"))
    assert [(name, value is None) for name, value in command.partition] == [
        ("a", False),
        ("b", True),
    ]
    command = parse_statement("insert overwrite table t by name (select 1 a)")
    assert isinstance(command, WriteTable)
    assert (command.mode, command.by_name) == ("overwrite", True)
    command = parse_statement("insert into t replace where a = 1 select 2")
    assert isinstance(command, WriteTable)
    assert (command.method, command.overwrite_condition is not None) == ("overwrite", True)
    command = parse_statement("with a as (select 1) insert into t table a")
    assert isinstance(command, WriteTable)
    assert isinstance(command.child, UnresolvedWith)
    command = parse_statement("insert overwrite directory '/x' using csv options (a 'b') select 1")
    assert isinstance(command, WriteFiles)
    assert (command.path, command.format, command.options) == ("/x", "csv", (("a", "b"),))


def test_merge() -> None:
    command = parse_statement(
        "merge into t using (select 1 a) s on t.a = s.a "
        "when matched and s.a > 1 then update set t.b = s.b, c = 1 "
        "when matched then delete when not matched then insert * "
        "when not matched by source then update set b = 0"
    )
    assert isinstance(command, MergeIntoTable)
    assert [action.action for action in command.matched] == ["update", "delete"]
    assert command.matched[0].assignments[0][0] == UnresolvedAttribute(("t", "b"))
    assert [action.action for action in command.not_matched] == ["insert_star"]
    assert len(command.not_matched_by_source) == 1


@pytest.mark.parametrize("text", ["call f(1)", "begin select 1; end"])
def test_what_is_not_supported_is_named(text: str) -> None:
    with pytest.raises(SparkError) as caught:
        parse_statement(text)
    assert caught.value.error_class == "UNSUPPORTED_FEATURE.PYRITE"
    assert caught.value.parameters["what"] == text.split()[0].upper()


def test_scripts() -> None:
    script = "select 1; -- one; two\nset a = 'b;c'; select ';' ;"
    assert [text for text, _ in parse_statements(script)] == [
        "select 1",
        "set a = 'b;c'",
        "select ';'",
    ]
    with pytest.raises(SparkError, match=r"line 2, pos 7"):
        parse_statements("select 1;\nselect )")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("drop tabl t", 5),
        ("create table", 12),
        ("insert t values (1)", 7),
        ("create table t (a)", 17),
        ("show foo", 5),
        ("use", 3),
        ("alter table t foo", 14),
        ("drop table if t", 14),
    ],
)
def test_syntax_errors(text: str, place: int) -> None:
    with pytest.raises(SparkError) as caught:
        parse_statement(text)
    assert caught.value.error_class == "PARSE_SYNTAX_ERROR"
    assert f"(line 1, pos {place})" in caught.value.message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("int", "int"),
        ("decimal", "decimal(10,0)"),
        ("dec(5,2)", "decimal(5,2)"),
        ("array<array<int>>", "array<array<int>>"),
        ("map<string, struct<a: int, `b c` double>>", "map<string,struct<a:int,b c:double>>"),
        ("struct<>", "struct<>"),
        ("timestamp without time zone", "timestamp_ntz"),
        ("interval day to second", "interval day to second"),
        ("interval year", "interval year"),
        ("varchar(3)", "varchar(3)"),
        ("string collate utf8_lcase", "string collate UTF8_LCASE"),
        ("a int, b struct<c: string>", "struct<a:int,b:struct<c:string>>"),
        ("a: int", "struct<a:int>"),
    ],
)
def test_data_types(text: str, shown: str) -> None:
    assert parse_data_type(text).simpleString() == shown


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("foo", "UNSUPPORTED_DATATYPE"),
        ("int(3)", "UNSUPPORTED_DATATYPE"),
        ("char", "DATATYPE_MISSING_SIZE"),
        ("array", "INCOMPLETE_TYPE_DEFINITION.ARRAY"),
        ("decimal(50, 3)", "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION"),
        ("decimal(3, 5)", "DECIMAL_SCALE_EXCEEDS_PRECISION"),
        ("array<int", "PARSE_SYNTAX_ERROR"),
        ("a int b", "PARSE_SYNTAX_ERROR"),
    ],
)
def test_wrong_data_types(text: str, condition: str) -> None:
    with pytest.raises(SparkError) as caught:
        parse_data_type(text)
    assert caught.value.error_class == condition


def test_identifiers() -> None:
    assert parse_identifier("a.`b.c`.d") == ("a", "b.c", "d")
