"""Statements on databases, tables, views and settings, and the rows they answer with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.expression import Expression, Literal
from pyrite.sql.expressions.unresolved import UnresolvedAttribute
from pyrite.sql.plans.commands import (
    STATEMENTS,
    CatalogStatement,
    CreateTable,
    CreateView,
    WriteFiles,
    WriteTable,
)
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import (
    CatalogCall,
    UnresolvedInlineTable,
    UnresolvedLimit,
    UnresolvedRelation,
    UnresolvedRepartition,
)
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState, SharedState
from pyrite.sql.types import (
    DOUBLE,
    INTEGER,
    STRING,
    DecimalType,
    StructField,
    StructType,
)

Rows = list[tuple[Any, ...]]
Run = Callable[[LogicalPlan], Rows]
SCHEMA = StructType(
    [
        StructField("id", INTEGER, True, {"comment": "the id"}),
        StructField("name", STRING),
        StructField("d", DecimalType(5, 2)),
        StructField("p", INTEGER),
    ]
)
_TYPES = {int: INTEGER, str: STRING, float: DOUBLE}


@pytest.fixture
def statement(run: Run) -> Callable[..., Rows]:
    def run_statement(what: str, **arguments: Any) -> Rows:
        assert set(arguments) <= set(STATEMENTS[what])
        return run(CatalogStatement(what, tuple(arguments.items())))

    return run_statement


@pytest.fixture
def call(run: Run) -> Callable[..., Rows]:
    return lambda method, **arguments: run(CatalogCall(method, tuple(arguments.items())))


def literal(value: Any) -> Expression:
    return Literal(value, _TYPES[type(value)])


def values(*rows: tuple[Any, ...]) -> LogicalPlan:
    return UnresolvedInlineTable(tuple(tuple(literal(v) for v in row) for row in rows))


def relation(*name: str) -> LogicalPlan:
    return UnresolvedRelation(name)


def insert(*rows: tuple[Any, ...], name: str = "t", **rest: Any) -> WriteTable:
    arguments = {"method": "insert_into", "mode": "append", **rest}
    return WriteTable((name,), values(*rows), **arguments)


def error_of(run: Run, plan: LogicalPlan) -> str:
    with pytest.raises(SparkError) as caught:
        run(plan)
    return caught.value.error_class


@pytest.fixture
def table(run: Run) -> None:
    run(CreateTable(("t",), SCHEMA, "parquet", partition_columns=("p",), comment="tt"))


def test_databases(statement: Callable[..., Rows], session: SessionState) -> None:
    statement("create_database", name=("mydb",), comment="my db", properties=(("a", "b"),))
    statement("create_database", name=("mydb",), if_not_exists=True)
    assert statement("show_databases") == [("default",), ("mydb",)]
    assert statement("show_databases", pattern="my*") == [("mydb",)]
    described = dict(statement("describe_database", name=("mydb",), extended=True))
    assert described["Comment"] == "my db"
    assert described["Properties"] == "((a,b))"
    statement("use", name=("mydb",))
    assert statement("show_current_database") == [("spark_catalog", "mydb")]
    statement("use", name=("spark_catalog", "default"))
    statement("drop_database", name=("mydb",))
    assert statement("show_databases") == [("default",)]


def test_a_database_with_tables_is_dropped_only_with_cascade(
    statement: Callable[..., Rows], run: Run, session: SessionState
) -> None:
    statement("create_database", name=("d",))
    run(CreateTable(("d", "t"), SCHEMA))
    location = Path(session.catalog.metastore.database("d").location.removeprefix("file:"))
    drop = CatalogStatement("drop_database", (("name", ("d",)),))
    assert error_of(run, drop) == "SCHEMA_NOT_EMPTY"
    statement("drop_database", name=("d",), cascade=True)
    assert not location.exists()
    assert error_of(run, drop) == "SCHEMA_NOT_FOUND"


def test_the_default_database_stays(run: Run) -> None:
    drop = CatalogStatement("drop_database", (("name", ("default",)), ("cascade", True)))
    assert error_of(run, drop) == "UNSUPPORTED_FEATURE.DROP_DATABASE"


@pytest.mark.usefixtures("table")
def test_inserting(run: Run) -> None:
    run(insert((1, "a", 2.5, 10), (2, "b", 3.5, 20)))
    run(insert((3, "c", 1.0), partition=(("p", literal(30)),)))
    run(insert(("e", 5, 50), columns=("name", "id", "p")))
    run(insert((1, 2, 3, 4)))
    assert sorted(run(relation("t"))) == [
        (1, "2", Decimal("3.00"), 4),
        (1, "a", Decimal("2.50"), 10),
        (2, "b", Decimal("3.50"), 20),
        (3, "c", Decimal("1.00"), 30),
        (5, "e", None, 50),
    ]


@pytest.mark.usefixtures("table")
def test_a_value_that_becomes_null(run: Run) -> None:
    run(insert((1, "a", float("nan"), 10)))
    assert run(relation("t")) == [(1, "a", None, 10)]


@pytest.mark.usefixtures("table")
def test_overwriting_a_partition(run: Run) -> None:
    run(insert((1, "a", 2.5, 10), (2, "b", 3.5, 20)))
    run(insert((9, "z", 0.0), mode="overwrite", partition=(("p", literal(10)),)))
    assert sorted(row[0] for row in run(relation("t"))) == [2, 9]
    run(insert((7, "y", 0.0, 1), mode="overwrite"))
    assert [row[0] for row in run(relation("t"))] == [7]


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("rows", "condition"),
    [
        ((1, 2), "INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS"),
        ((1, "a", 1.0, 2, 3), "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS"),
        (("x", "a", 1.0, 2), "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST"),
    ],
)
def test_rows_that_do_not_fit(run: Run, rows: tuple[Any, ...], condition: str) -> None:
    assert error_of(run, insert(rows)) == condition
    assert run(relation("t")) == []


@pytest.mark.usefixtures("table")
def test_describing_a_table(statement: Callable[..., Rows]) -> None:
    rows = statement("describe_table", name=("t",))
    assert rows == [
        ("id", "int", "the id"),
        ("name", "string", None),
        ("d", "decimal(5,2)", None),
        ("p", "int", None),
        ("# Partition Information", "", ""),
        ("# col_name", "data_type", "comment"),
        ("p", "int", None),
    ]
    extended = statement("describe_table", name=("t",), extended=True)
    assert extended[: len(rows)] == rows
    details = {row[0]: row[1] for row in extended[len(rows) :]}
    assert details["Type"] == "MANAGED"
    assert details["Provider"] == "parquet"
    assert details["Comment"] == "tt"
    column = statement("describe_column", name=("t",), column=("id",))
    assert column == [("col_name", "id"), ("data_type", "int"), ("comment", "the id")]


@pytest.mark.usefixtures("table")
def test_showing_tables(statement: Callable[..., Rows], run: Run) -> None:
    run(CreateView(("v",), values((1,)), "local", False))
    assert statement("show_tables") == [("default", "t", False), ("", "v", True)]
    assert statement("show_tables", pattern="x*|t") == [("default", "t", False)]
    assert statement("show_views") == [("", "v", True)]
    assert statement("show_columns", name=("t",)) == [("id",), ("name",), ("d",), ("p",)]
    (created,) = statement("show_create_table", name=("t",))
    assert created == (
        "CREATE TABLE spark_catalog.default.t (\n  id INT COMMENT 'the id',\n"
        "  name STRING COLLATE UTF8_BINARY,\n  d DECIMAL(5,2),\n  p INT)\nUSING parquet\n"
        "PARTITIONED BY (p)\nCOMMENT 'tt'\n",
    )


@pytest.mark.usefixtures("table")
def test_properties(statement: Callable[..., Rows]) -> None:
    statement("set_properties", name=("t",), properties=(("x", "1"), ("y", "2")))
    statement("unset_properties", name=("t",), keys=("x",))
    assert statement("show_properties", name=("t",)) == [("y", "2")]
    missing = "Table spark_catalog.default.t does not have property: x"
    assert statement("show_properties", name=("t",), key="x") == [("x", missing)]


@pytest.mark.usefixtures("table")
def test_partitions(statement: Callable[..., Rows], run: Run) -> None:
    run(insert((1, "a", 2.5, 10), (2, "b", 3.5, 20)))
    ten = (("p", literal(10)),)
    assert statement("show_partitions", name=("t",)) == [("p=10",), ("p=20",)]
    assert statement("show_partitions", name=("t",), partition=ten) == [("p=10",)]
    statement("add_partitions", name=("t",), partitions=(((("p", literal(30)),), None),))
    statement("drop_partitions", name=("t",), partitions=(ten,))
    statement(
        "rename_partition",
        name=("t",),
        partition=(("p", literal(20)),),
        new_partition=(("p", literal(21)),),
    )
    assert statement("show_partitions", name=("t",)) == [("p=21",), ("p=30",)]
    again = CatalogStatement("drop_partitions", (("name", ("t",)), ("partitions", (ten,))))
    assert error_of(run, again) == "PARTITIONS_NOT_FOUND"
    statement("truncate_table", name=("t",))
    assert run(relation("t")) == []


@pytest.mark.usefixtures("table")
def test_changing_a_table(statement: Callable[..., Rows], run: Run) -> None:
    run(insert((1, "a", 2.5, 10)))
    extra = StructType([StructField("extra", STRING)])
    statement("add_columns", name=("t",), columns=extra)
    assert run(relation("t")) == [(1, "a", Decimal("2.50"), None, 10)]
    statement("rename_table", name=("t",), new_name=("u",))
    assert run(relation("u")) == [(1, "a", Decimal("2.50"), None, 10)]
    assert error_of(run, relation("t")) == "TABLE_OR_VIEW_NOT_FOUND"
    drop = CatalogStatement("drop_columns", (("name", ("u",)), ("columns", (("extra",),))))
    assert error_of(run, drop) == "UNSUPPORTED_FEATURE.TABLE_OPERATION"


@pytest.mark.usefixtures("table")
def test_dropping_a_managed_table_removes_its_files(
    statement: Callable[..., Rows], run: Run, session: SessionState
) -> None:
    run(insert((1, "a", 2.5, 10)))
    location = session.catalog.table(("t",)).location
    assert location is not None
    statement("drop_table", name=("t",))
    assert not Path(location.removeprefix("file:")).exists()
    drop = CatalogStatement("drop_table", (("name", ("t",)),))
    assert error_of(run, drop) == "TABLE_OR_VIEW_NOT_FOUND"
    statement("drop_table", name=("t",), if_exists=True)


def test_dropping_an_external_table_leaves_its_files(
    statement: Callable[..., Rows], run: Run, tmp_path: Path
) -> None:
    schema = StructType([StructField("a", INTEGER)])
    options = (("header", "true"),)
    path = tmp_path / "ext"
    run(CreateTable(("ext",), schema, "csv", options, path=str(path)))
    run(insert((1,), name="ext"))
    assert run(relation("ext")) == [(1,)]
    statement("drop_table", name=("ext",))
    (part,) = path.glob("part-*")
    assert part.read_text() == "a\n1\n"


def test_saving_tables(run: Run) -> None:
    save = {"method": "save_as_table"}
    run(insert((1, "x"), **save, mode="error", format="json"))
    assert run(relation("t")) == [(1, "x")]
    assert error_of(run, insert((2, "y"), **save, mode="error")) == "TABLE_OR_VIEW_ALREADY_EXISTS"
    run(insert((2, "y"), **save, mode="ignore"))
    assert error_of(run, insert((3, "z"), **save, mode="append")) == "_LEGACY_ERROR_TEMP_1159"
    run(insert((3, "z"), **save, mode="append", format="json"))
    assert sorted(run(relation("t"))) == [(1, "x"), (3, "z")]
    by_column = replace(insert((3, "z"), **save, mode="append", format="json"),
                        partition_columns=(UnresolvedAttribute(("col1",)),))  # fmt: skip
    assert error_of(run, by_column) == "_LEGACY_ERROR_TEMP_1163"
    into = replace(by_column, method="insert_into")
    assert error_of(run, into) == "PARTITION_BY_NOT_ALLOWED_WITH_INSERT_INTO"
    run(insert((4,), **save, mode="overwrite"))
    assert run(relation("t")) == [(4,)]
    itself = WriteTable(("t",), relation("t"), "save_as_table", "overwrite")
    assert error_of(run, itself) == "UNSUPPORTED_OVERWRITE.TABLE"
    assert run(relation("t")) == [(4,)]


def test_a_table_made_by_a_query_that_fails_is_not_there(run: Run, tmp_path: Path) -> None:
    bad = WriteTable(("t",), relation("nothing"), "create")
    assert error_of(run, bad) == "TABLE_OR_VIEW_NOT_FOUND"
    assert error_of(run, relation("t")) == "TABLE_OR_VIEW_NOT_FOUND"
    assert list((tmp_path / "warehouse").glob("*")) == []


def test_saving_to_a_path(run: Run, tmp_path: Path) -> None:
    path = str(tmp_path / "out")
    rows = UnresolvedRepartition(3, True, (), values((1,), (2,), (3,), (4,)))
    run(WriteFiles(rows, "json", path, "error"))
    assert len(list((tmp_path / "out").glob("part-*"))) == 3
    name = ("json", path)
    assert sorted(run(relation(*name))) == [(1,), (2,), (3,), (4,)]
    itself = WriteFiles(relation(*name), "json", path, "overwrite")
    assert error_of(run, itself) == "UNSUPPORTED_OVERWRITE.PATH"
    assert error_of(run, WriteFiles(rows, "json", None, "error")) == "PATH_REQUIRED"
    assert error_of(run, WriteFiles(rows, "zzz", path, "error")) == "DATA_SOURCE_NOT_FOUND"


def test_temporary_views(run: Run, statement: Callable[..., Rows]) -> None:
    create = CreateView(("v",), values((1, "x"), (2, "y")), "local", False)
    run(create)
    assert error_of(run, create) == "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS"
    # A view may be replaced by a query over what it was.
    run(CreateView(("v",), UnresolvedLimit(literal(1), relation("v")), "local", True))
    assert run(relation("V")) == [(1, "x")]
    wrong = CreateView(("w",), relation("nothing"), "local", False)
    assert error_of(run, wrong) == "TABLE_OR_VIEW_NOT_FOUND"
    statement("drop_view", name=("v",))
    drop = CatalogStatement("drop_view", (("name", ("v",)),))
    assert error_of(run, drop) == "TABLE_OR_VIEW_NOT_FOUND"


def test_global_views_are_shared_and_local_ones_are_not(
    run: Run, session: SessionState, shared: SharedState
) -> None:
    run(CreateView(("g",), values((1,)), "global", False))
    run(CreateView(("v",), values((2,)), "local", False))
    other = SessionState(shared)

    def run_there(plan: LogicalPlan) -> Rows:
        batches = QueryExecution(other, plan).execute().batches
        return [tuple(row.values()) for batch in batches for row in batch.to_pylist()]

    assert run_there(relation("global_temp", "g")) == [(1,)]
    assert error_of(run_there, relation("v")) == "TABLE_OR_VIEW_NOT_FOUND"


def test_settings(statement: Callable[..., Rows]) -> None:
    assert statement("set", key="spark.sql.shuffle.partitions") == [
        ("spark.sql.shuffle.partitions", "200")
    ]
    assert statement("set", key="a.b", value="c") == [("a.b", "c")]
    assert ("a.b", "c") in statement("set")
    statement("reset", key="a.b")
    assert statement("set", key="a.b") == [("a.b", "<undefined>")]


def test_catalog_calls(run: Run, call: Callable[..., Rows]) -> None:
    run(CreateTable(("t",), SCHEMA, "parquet", partition_columns=("p",), comment="tt"))
    run(CreateView(("v",), values((1,)), "local", False))
    assert call("current_database") == [("default",)]
    assert call("list_databases")[0][:3] == ("default", "spark_catalog", "default database")
    assert call("list_tables") == [
        ("t", "spark_catalog", ["default"], "tt", "MANAGED", False),
        ("v", None, [], None, "TEMPORARY", True),
    ]
    assert call("get_table", table_name="default.t")[0][0] == "t"
    assert call("list_columns", table_name="t")[0] == (
        "id", "the id", "int", True, False, False, False,
    )  # fmt: skip
    assert [row[4] for row in call("list_columns", table_name="t")] == [False] * 3 + [True]
    assert call("table_exists", table_name="zz") == [(False,)]
    assert call("table_exists", table_name="t", db_name="default") == [(True,)]
    assert call("function_exists", function_name="abs") == [(True,)]
    assert call("list_functions", pattern="abs")[0][0] == "abs"
    assert call("is_cached", table_name="t") == [(False,)]
    call("cache_table", table_name="t")
    assert call("is_cached", table_name="t") == [(True,)]
    call("clear_cache")
    assert call("is_cached", table_name="t") == [(False,)]
    assert call("drop_temp_view", view_name="v") == [(True,)]
    assert call("drop_temp_view", view_name="v") == [(False,)]
    call("drop_table", table_name="t")
    assert call("list_tables") == []


@pytest.mark.usefixtures("table")
def test_a_cached_table_shows_new_rows_and_stays_cached(
    run: Run, statement: Callable[..., Rows], call: Callable[..., Rows]
) -> None:
    run(insert((1, "a", 2.5, 10)))
    statement("cache_table", name=("t",))
    assert [row[0] for row in run(relation("t"))] == [1]
    run(insert((2, "b", 2.5, 10)))
    assert sorted(row[0] for row in run(relation("t"))) == [1, 2]
    assert call("is_cached", table_name="t") == [(True,)]
    statement("uncache_table", name=("t",))
    assert call("is_cached", table_name="t") == [(False,)]


def test_explaining(run: Run) -> None:
    explain = CatalogStatement("explain", (("mode", "extended"),), values((1,)))
    ((text,),) = run(explain)
    assert "== Analyzed Logical Plan ==" in text
    ((text,),) = run(CatalogStatement("explain", (), relation("nothing")))
    assert "[TABLE_OR_VIEW_NOT_FOUND]" in text
