"""ALTER TABLE, ALTER VIEW and MSCK REPAIR TABLE."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pyrite.sql.errors import unsupported
from pyrite.sql.parser.properties import property_key, read_properties
from pyrite.sql.parser.statements.clauses import (
    Partition,
    Rule,
    if_exists,
    if_not_exists,
    optional_partition,
    partition,
    statement,
)
from pyrite.sql.parser.statements.tables import column
from pyrite.sql.plans.clustering import NO_CLUSTERING, clustering_property
from pyrite.sql.types import StructField, StructType

if TYPE_CHECKING:
    from pyrite.sql.parser.statements.reader import StatementReader
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["RULES"]

Name = tuple[str, ...]


def _table(reader: StatementReader) -> LogicalPlan:
    name = reader.relation_name()
    given = optional_partition(reader)
    if given is not None:
        if reader.accept("RENAME", "TO"):
            return statement(
                "rename_partition", name=name, partition=given, new_partition=partition(reader)
            )
        reader.expect("SET", "LOCATION")
        return statement("set_location", name=name, location=reader.string(), partition=given)
    action = _ACTIONS.get(reader.kind)
    if action is None:
        reader.fail()
    reader.index += 1
    return action(reader, name)


def _rename(reader: StatementReader, name: Name) -> LogicalPlan:
    if reader.accept("TO"):
        return statement("rename_table", name=name, new_name=reader.relation_name())
    reader.expect("COLUMN")
    column_name = reader.names()
    reader.expect("TO")
    return statement("rename_column", name=name, column=column_name, new_name=reader.name())


def _cluster(reader: StatementReader, name: Name) -> LogicalPlan:
    reader.expect("BY")
    columns = () if reader.accept("NONE") else reader.wrapped_list(reader.names)
    properties = clustering_property(columns, False, False) or NO_CLUSTERING
    return statement("set_properties", name=name, properties=properties)


def _set(reader: StatementReader, name: Name) -> LogicalPlan:
    if reader.accept("TBLPROPERTIES"):
        return statement("set_properties", name=name, properties=read_properties(reader))
    if reader.accept("LOCATION"):
        return statement("set_location", name=name, location=reader.string())
    if reader.kind in ("SERDE", "SERDEPROPERTIES"):
        raise unsupported("ALTER TABLE ... SET SERDE")
    reader.fail()


def _unset(reader: StatementReader, name: Name) -> LogicalPlan:
    reader.expect("TBLPROPERTIES")
    exists = if_exists(reader)
    keys = reader.wrapped_list(lambda: property_key(reader))
    return statement("unset_properties", name=name, keys=keys, if_exists=exists)


def _add(reader: StatementReader, name: Name) -> LogicalPlan:
    if reader.accept_one(("COLUMN", "COLUMNS")):
        wrapped = reader.at("(")
        read = reader.wrapped_list if wrapped else reader.list_of
        fields = read(lambda: _new_column(reader))
        return statement("add_columns", name=name, columns=StructType(list(fields)))
    if reader.kind in ("CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK"):
        raise unsupported("table constraints")
    exists = if_not_exists(reader)
    partitions: list[tuple[Partition, str | None]] = []
    while not partitions or reader.at("PARTITION"):
        given = partition(reader)
        partitions.append((given, reader.string() if reader.accept("LOCATION") else None))
    return statement(
        "add_partitions", name=name, partitions=tuple(partitions), if_not_exists=exists
    )


def _new_column(reader: StatementReader) -> StructField:
    field = column(reader)
    if reader.kind in ("FIRST", "AFTER"):
        raise unsupported("positions of added columns")
    return field


def _drop(reader: StatementReader, name: Name) -> LogicalPlan:
    if reader.accept_one(("COLUMN", "COLUMNS")):
        exists = if_exists(reader)
        wrapped = reader.at("(")
        read = reader.wrapped_list if wrapped else reader.list_of
        return statement("drop_columns", name=name, columns=read(reader.names), if_exists=exists)
    if reader.at("CONSTRAINT"):
        raise unsupported("table constraints")
    exists = if_exists(reader)
    partitions = reader.list_of(lambda: partition(reader))
    reader.accept("PURGE")
    return statement("drop_partitions", name=name, partitions=partitions, if_exists=exists)


def _alter_column(reader: StatementReader, name: Name) -> LogicalPlan:
    reader.accept("COLUMN")
    column_name = reader.names()
    if reader.accept("TYPE"):
        return statement(
            "alter_column", name=name, column=column_name, data_type=reader.data_type()
        )
    if reader.accept("COMMENT"):
        return statement("alter_column", name=name, column=column_name, comment=reader.string())
    if reader.accept("SET", "NOT", "NULL"):
        return statement("alter_column", name=name, column=column_name, nullable=False)
    if reader.accept("DROP", "NOT", "NULL"):
        return statement("alter_column", name=name, column=column_name, nullable=True)
    if reader.accept("SET", "DEFAULT"):
        first = reader.index
        reader.expression()
        return statement(
            "alter_column", name=name, column=column_name, default=reader.source(first)
        )
    if reader.accept("DROP", "DEFAULT"):
        return statement("alter_column", name=name, column=column_name, default="")
    if reader.kind in ("FIRST", "AFTER"):
        raise unsupported("positions of columns")
    return _changed_column(reader, name, column_name)


def _changed_column(reader: StatementReader, name: Name, column_name: Name) -> LogicalPlan:
    """Read Hive's ``CHANGE COLUMN a a type COMMENT 'text'``."""
    field = column(reader)
    comment = (field.metadata or {}).get("comment")
    return statement(
        "alter_column", name=name, column=column_name, data_type=field.dataType, comment=comment
    )


def _replace_columns(reader: StatementReader, name: Name) -> LogicalPlan:
    reader.expect("COLUMNS")
    fields = reader.wrapped_list(lambda: column(reader))
    return statement("replace_columns", name=name, columns=StructType(list(fields)))


def _recover(reader: StatementReader, name: Name) -> LogicalPlan:
    reader.expect("PARTITIONS")
    return statement("repair_table", name=name)


_ACTIONS: dict[str, Callable[[StatementReader, Name], LogicalPlan]] = {
    "ADD": _add,
    "ALTER": _alter_column,
    "CLUSTER": _cluster,
    "CHANGE": _alter_column,
    "DROP": _drop,
    "RECOVER": _recover,
    "RENAME": _rename,
    "REPLACE": _replace_columns,
    "SET": _set,
    "UNSET": _unset,
}


def _view(reader: StatementReader) -> LogicalPlan:
    name = reader.relation_name()
    if reader.accept("RENAME", "TO"):
        return statement("rename_view", name=name, new_name=reader.relation_name())
    if reader.accept("SET", "TBLPROPERTIES"):
        properties = read_properties(reader)
        return statement("set_properties", name=name, properties=properties, view=True)
    if reader.accept("UNSET", "TBLPROPERTIES"):
        exists = if_exists(reader)
        keys = reader.wrapped_list(lambda: property_key(reader))
        return statement("unset_properties", name=name, keys=keys, if_exists=exists, view=True)
    if reader.at("WITH", "SCHEMA"):
        raise unsupported("ALTER VIEW ... WITH SCHEMA")
    reader.accept("AS")
    first = reader.index
    child = reader.query()
    return statement("alter_view_query", child, name=name, text=reader.source(first))


def _repair(reader: StatementReader) -> LogicalPlan:
    name = reader.relation_name()
    if reader.kind in ("ADD", "DROP", "SYNC"):
        word = reader.expect_one(("ADD", "DROP", "SYNC"))
        reader.expect("PARTITIONS")
        if word != "ADD":
            raise unsupported(f"MSCK REPAIR TABLE ... {word} PARTITIONS")
    return statement("repair_table", name=name)


RULES: dict[tuple[str, ...], Rule] = {
    ("ALTER", "TABLE"): _table,
    ("ALTER", "VIEW"): _view,
    ("MSCK", "REPAIR", "TABLE"): _repair,
    ("REPAIR", "TABLE"): _repair,
}
