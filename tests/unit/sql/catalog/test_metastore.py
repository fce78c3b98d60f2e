"""The metastore: what one writes another reads, whole or not at all."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pyrite.sql.catalog.entities import CatalogFunction, CatalogTable
from pyrite.sql.catalog.metastore import Metastore
from pyrite.sql.errors import SparkError
from pyrite.sql.types import INTEGER, STRING, StructField, StructType

SCHEMA = StructType(
    [StructField("id", INTEGER, True, {"comment": "key"}), StructField("p", STRING)]
)


def table(name: str, database: str = "default") -> CatalogTable:
    return CatalogTable(
        database, name, "MANAGED", SCHEMA, "parquet", ("p",), (4, ("id",), ("p",)),
        "file:/w/t", {"header": "true"}, {"k": "v"}, "text",
    )  # fmt: skip


def test_nothing_is_written_until_something_changes(tmp_path: Path) -> None:
    metastore = Metastore(str(tmp_path / "warehouse"))
    assert [d.name for d in metastore.databases()] == ["default"]
    assert metastore.tables("default") == []
    assert metastore.find_table("default", "t") is None
    assert not (tmp_path / "warehouse").exists()


def test_another_metastore_of_the_warehouse_sees_everything(tmp_path: Path) -> None:
    one, other = Metastore(str(tmp_path)), Metastore(str(tmp_path))
    one.create_database("Sales", None, "all of it", {"a": "b"})
    one.create_table(table("T", "SALES"))
    one.put_function(CatalogFunction("sales", "Sq", "x INT", "INT", "x * x"))
    database = other.database("sales")
    assert (database.comment, database.properties) == ("all of it", {"a": "b"})
    assert database.location == f"file:{tmp_path}/sales.db"
    found = other.find_table("sales", "t")
    assert found is not None
    assert found == CatalogTable(**{**vars(table("t", "sales")), "created": found.created})
    function = other.find_function("Sales", "SQ")
    assert function is not None
    assert function.body == "x * x"


def test_names_that_are_taken(tmp_path: Path) -> None:
    metastore = Metastore(str(tmp_path))
    metastore.create_database("d", None, "", {})
    metastore.create_table(table("t"))
    metastore.create_table(table("u"))
    with pytest.raises(SparkError) as caught:
        metastore.create_database("D", None, "", {})
    assert caught.value.error_class == "SCHEMA_ALREADY_EXISTS"
    with pytest.raises(SparkError) as caught:
        metastore.create_table(table("T"))
    assert caught.value.error_class == "TABLE_OR_VIEW_ALREADY_EXISTS"
    with pytest.raises(SparkError) as caught:
        metastore.replace_table(table("t"), old_name="u")
    assert caught.value.error_class == "TABLE_OR_VIEW_ALREADY_EXISTS"
    assert [t.name for t in metastore.tables("default")] == ["t", "u"]


def test_a_database_goes_with_all_that_is_in_it(tmp_path: Path) -> None:
    metastore = Metastore(str(tmp_path))
    metastore.create_database("d", None, "", {})
    metastore.create_table(table("t", "d"))
    metastore.put_function(CatalogFunction("d", "f", "", "", "1"))
    metastore.drop_database("d")
    assert metastore.find_database("d") is None
    assert metastore.tables("d") == []
    assert metastore.functions("d") == []
    with pytest.raises(SparkError) as caught:
        metastore.create_table(table("t", "d"))
    assert caught.value.error_class == "SCHEMA_NOT_FOUND"


def test_threads_do_not_lose_each_others_tables(tmp_path: Path) -> None:
    def create(start: int) -> None:
        metastore = Metastore(str(tmp_path))
        for index in range(start, start + 5):
            metastore.create_table(table(f"t{index:02}"))

    threads = [threading.Thread(target=create, args=(start,)) for start in (0, 5, 10, 15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Metastore(str(tmp_path)).tables("default")) == 20


def test_another_process_sees_the_tables(tmp_path: Path) -> None:
    Metastore(str(tmp_path)).create_table(table("t"))
    program = (
        "import sys; from pyrite.sql.catalog.metastore import Metastore; "
        "print(Metastore(sys.argv[1]).tables('default')[0].name)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert printed.stdout == "t\n"
