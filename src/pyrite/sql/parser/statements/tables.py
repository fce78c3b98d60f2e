"""CREATE TABLE and DROP TABLE."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyrite.sql.errors import parse_error, unsupported
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.expressions.unresolved import UnresolvedAttribute
from pyrite.sql.parser.properties import read_properties
from pyrite.sql.parser.statements.clauses import (
    Rule,
    comment_or_null,
    if_exists,
    if_not_exists,
    statement,
)
from pyrite.sql.parser.tokens import END, is_word
from pyrite.sql.parser.words import QUERY_WORDS
from pyrite.sql.plans.clustering import clustering_property
from pyrite.sql.plans.commands import CreateTable, WriteTable
from pyrite.sql.plans.unresolved import Options
from pyrite.sql.types import StructField, StructType

if TYPE_CHECKING:
    from pyrite.sql.parser.statements.reader import StatementReader
    from pyrite.sql.plans.plan import LogicalPlan

__all__ = ["RULES", "column", "format_name", "schema"]

_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK"})


@dataclass
class _Clauses:
    """The clauses of CREATE TABLE, in any order."""

    format: str | None = None
    options: Options = ()
    properties: Options = ()
    partition: tuple[Expression, ...] = ()
    partition_fields: tuple[StructField, ...] = ()
    bucket: tuple[int, tuple[str, ...], tuple[str, ...]] | None = None
    path: str | None = None
    comment: str | None = None
    clustering: tuple[tuple[str, ...], ...] = ()
    seen: set[str] = field(default_factory=set)

    def read(self, reader: StatementReader) -> bool:
        """Read one clause; False if there is none."""
        rule = _CLAUSES.get(reader.kind)
        if rule is None:
            return False
        word = reader.kind
        if word in self.seen:
            raise parse_error("DUPLICATE_CLAUSES", reader.origin(reader.index), clauseName=word)
        self.seen.add(word)
        reader.index += 1
        rule(self, reader)
        return True

    def _using(self, reader: StatementReader) -> None:
        self.format = format_name(reader)

    def _options(self, reader: StatementReader) -> None:
        self.options = read_properties(reader)

    def _properties(self, reader: StatementReader) -> None:
        self.properties = read_properties(reader)

    def _location(self, reader: StatementReader) -> None:
        self.path = reader.string()

    def _comment(self, reader: StatementReader) -> None:
        self.comment = reader.string()

    def _partitioned(self, reader: StatementReader) -> None:
        reader.expect("BY")
        following = reader.peek(2)
        if reader.at("(") and (is_word(following) or following == "`"):
            self.partition_fields = reader.wrapped_list(reader.field)
            self.partition = tuple(UnresolvedAttribute((f.name,)) for f in self.partition_fields)
        else:
            self.partition = reader.wrapped_list(reader.expression)

    def _clustered(self, reader: StatementReader) -> None:
        reader.expect("BY")
        columns = reader.wrapped_list(reader.name)
        sorted_by: tuple[str, ...] = ()
        if reader.accept("SORTED", "BY"):
            sorted_by = reader.wrapped_list(lambda: _sorted_column(reader))
        reader.expect("INTO")
        number = reader.integer()
        reader.expect("BUCKETS")
        self.bucket = (number, columns, sorted_by)

    def _cluster(self, reader: StatementReader) -> None:
        reader.expect("BY")
        self.clustering = reader.wrapped_list(reader.names)

    def all_properties(self) -> Options:
        """Return the properties, and what the table is clustered by."""
        clustering = clustering_property(
            self.clustering, bool(self.partition), self.bucket is not None
        )
        return (*self.properties, *clustering)

    def _stored(self, reader: StatementReader) -> None:
        reader.expect("AS")
        if reader.at("INPUTFORMAT"):
            raise unsupported("STORED AS INPUTFORMAT")
        name = reader.name().lower()
        self.format = {"textfile": "text"}.get(name, name)

    def _row_format(self, reader: StatementReader) -> None:
        raise unsupported("ROW FORMAT")


def _sorted_column(reader: StatementReader) -> str:
    name = reader.name()
    reader.accept_one(("ASC", "DESC"))
    return name


_CLAUSES = {
    "CLUSTER": _Clauses._cluster,
    "CLUSTERED": _Clauses._clustered,
    "COMMENT": _Clauses._comment,
    "LOCATION": _Clauses._location,
    "OPTIONS": _Clauses._options,
    "PARTITIONED": _Clauses._partitioned,
    "ROW": _Clauses._row_format,
    "STORED": _Clauses._stored,
    "TBLPROPERTIES": _Clauses._properties,
    "USING": _Clauses._using,
}


def format_name(reader: StatementReader) -> str:
    """Read a format behind USING: ``parquet``, ``org.apache.spark.sql.json``."""
    return ".".join(reader.names())


def column(reader: StatementReader) -> StructField:
    """Read a column with what a table's column may have: NOT NULL, DEFAULT, COMMENT."""
    name = reader.name()
    data_type = reader.data_type()
    nullable = True
    metadata: dict[str, str] = {}
    while True:
        if reader.accept("NOT", "NULL"):
            nullable = False
        elif reader.accept("COMMENT"):
            metadata["comment"] = reader.string()
        elif reader.accept("DEFAULT"):
            first = reader.index
            reader.expression()
            metadata["CURRENT_DEFAULT"] = metadata["EXISTS_DEFAULT"] = reader.source(first)
        elif reader.at("GENERATED"):
            raise unsupported("generated columns")
        elif reader.kind in _CONSTRAINTS or reader.at("REFERENCES"):
            raise unsupported("table constraints")
        else:
            return StructField(name, data_type, nullable, metadata or None)


def schema(reader: StatementReader) -> StructType:
    """Read columns in parentheses."""

    def element() -> StructField:
        keyed = reader.kind in _CONSTRAINTS and reader.peek() in ("KEY", "(")
        if keyed or reader.at("CONSTRAINT"):
            raise unsupported("table constraints")
        return column(reader)

    return StructType(list(reader.wrapped_list(element)))


def _create(
    reader: StatementReader, *, replace: bool = False, external: bool = False
) -> LogicalPlan:
    exists = if_not_exists(reader)
    name = reader.relation_name()
    if reader.accept("LIKE"):
        return _like(reader, name, exists)
    user_schema = None
    if reader.at("(") and not reader.at_query():
        user_schema = schema(reader)
    clauses = _Clauses()
    while clauses.read(reader):
        pass
    if reader.accept("AS") or reader.kind in QUERY_WORDS or reader.at("("):
        if user_schema is not None:
            reader.fail()
        return WriteTable(
            name,
            reader.query(),
            "replace" if replace and exists else "create_or_replace" if replace else "create",
            format=clauses.format,
            options=clauses.options,
            properties=clauses.all_properties(),
            partition_columns=clauses.partition,
            bucket=clauses.bucket,
            path=clauses.path,
            comment=clauses.comment,
            if_not_exists=exists,
        )
    if clauses.partition_fields:
        fields = list(user_schema.fields) if user_schema else []
        user_schema = StructType([*fields, *clauses.partition_fields])
    return CreateTable(
        name,
        user_schema,
        clauses.format,
        clauses.options,
        clauses.all_properties(),
        tuple(_plain_column(key) for key in clauses.partition),
        clauses.bucket,
        clauses.path,
        clauses.comment,
        if_not_exists=exists,
        replace=replace,
        external=external,
    )


def _plain_column(key: Expression) -> str:
    if isinstance(key, UnresolvedAttribute):
        return ".".join(key.parts)
    raise unsupported("PARTITIONED BY of other than columns")


def _like(reader: StatementReader, name: tuple[str, ...], exists: bool) -> LogicalPlan:
    source = reader.relation_name()
    clauses = _Clauses()
    while clauses.read(reader):
        pass
    return CreateTable(
        name,
        None,
        clauses.format,
        properties=clauses.properties,
        path=clauses.path,
        if_not_exists=exists,
        like=source,
    )


def _replace(reader: StatementReader) -> LogicalPlan:
    return _create(reader, replace=True)


def _external(reader: StatementReader) -> LogicalPlan:
    return _create(reader, external=True)


def _drop(reader: StatementReader) -> LogicalPlan:
    exists = if_exists(reader)
    name = reader.relation_name()
    if reader.kind not in (END, ";", "PURGE"):
        reader.fail(extra=reader.peek() in (END, ";"))
    return statement("drop_table", name=name, if_exists=exists, purge=reader.accept("PURGE"))


def _comment(reader: StatementReader) -> LogicalPlan:
    name = reader.relation_name()
    reader.expect("IS")
    return statement("comment_on_table", name=name, comment=comment_or_null(reader))


RULES: dict[tuple[str, ...], Rule] = {
    ("CREATE", "TABLE"): _create,
    ("CREATE", "EXTERNAL", "TABLE"): _external,
    ("CREATE", "OR", "REPLACE", "TABLE"): _replace,
    ("REPLACE", "TABLE"): _replace,
    ("DROP", "TABLE"): _drop,
    ("COMMENT", "ON", "TABLE"): _comment,
}
