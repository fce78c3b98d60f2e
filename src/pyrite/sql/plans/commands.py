"""Commands: plans that do something when they are run, once, and may answer with rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyrite.sql.expressions.expression import Expression
from pyrite.sql.expressions.unresolved import MergeAction, UnresolvedPythonUDF
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import Options, UnresolvedPythonTableFunction
from pyrite.sql.types import StructType

__all__ = [
    "STATEMENTS",
    "CatalogStatement",
    "Command",
    "CreateTable",
    "CreateView",
    "MergeIntoTable",
    "RegisterDataSource",
    "RegisterFunction",
    "RegisterTableFunction",
    "WriteFiles",
    "WriteTable",
]


class Command(LogicalPlan):
    """A statement that is run for its effect."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class CreateView(Command):
    """A temporary, global temporary or stored view.

    Attributes:
        scope: "local" (temporary), "global" or "stored".
        text: The query's SQL, for a stored view.
    """

    name: tuple[str, ...]
    child: LogicalPlan
    scope: str
    replace: bool
    if_not_exists: bool = False
    columns: tuple[tuple[str, str | None], ...] = ()
    comment: str | None = None
    properties: Options = ()
    text: str | None = None


@dataclass(frozen=True, slots=True)
class RegisterFunction(Command):
    """``spark.udf.register``."""

    name: str
    function: UnresolvedPythonUDF


@dataclass(frozen=True, slots=True)
class RegisterTableFunction(Command):
    """``spark.udtf.register``."""

    name: str
    function: UnresolvedPythonTableFunction


@dataclass(frozen=True, slots=True)
class RegisterDataSource(Command):
    """``spark.dataSource.register``: a user's data source class (pickled) as a format."""

    name: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class WriteFiles(Command):
    """``df.write.format(...).save(path)`` and INSERT OVERWRITE DIRECTORY.

    Attributes:
        mode: "append", "overwrite", "error" or "ignore".
        bucket: (number, bucket columns, sort columns).
    """

    child: LogicalPlan
    format: str | None
    path: str | None
    mode: str
    options: Options = ()
    partition_columns: tuple[str, ...] = ()
    bucket: tuple[int, tuple[str, ...], tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class WriteTable(Command):
    """``saveAsTable``, ``insertInto``, ``writeTo``, INSERT INTO and CREATE TABLE AS SELECT.

    Attributes:
        method: "save_as_table", "insert_into", "create", "replace", "create_or_replace",
            "append", "overwrite" or "overwrite_partitions".
        mode: For the first two: "append", "overwrite", "error" or "ignore".
        columns: INSERT's column list.
        by_name: Whether columns are matched by name.
        partition: INSERT's static partition values, None for dynamic ones.
        overwrite_condition: For "overwrite": which rows are replaced.
    """

    name: tuple[str, ...]
    child: LogicalPlan
    method: str
    mode: str = "error"
    format: str | None = None
    options: Options = ()
    properties: Options = ()
    partition_columns: tuple[Expression, ...] = ()
    bucket: tuple[int, tuple[str, ...], tuple[str, ...]] | None = None
    columns: tuple[str, ...] = ()
    by_name: bool = False
    partition: tuple[tuple[str, Expression | None], ...] = ()
    overwrite_condition: Expression | None = None
    path: str | None = None
    comment: str | None = None
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class MergeIntoTable(Command):
    """``df.mergeInto`` and MERGE INTO.

    Attributes:
        target: The table's name.
        source: The rows that are merged into it.
        matched: WHEN MATCHED; the first action whose condition holds is done.
        not_matched: WHEN NOT MATCHED [BY TARGET].
        not_matched_by_source: WHEN NOT MATCHED BY SOURCE.
        target_alias: What the conditions call the target, if not by its name.
    """

    target: tuple[str, ...]
    source: LogicalPlan
    condition: Expression
    matched: tuple[MergeAction, ...] = ()
    not_matched: tuple[MergeAction, ...] = ()
    not_matched_by_source: tuple[MergeAction, ...] = ()
    target_alias: str | None = None


@dataclass(frozen=True, slots=True)
class CreateTable(Command):
    """CREATE TABLE without a query."""

    name: tuple[str, ...]
    user_schema: StructType | None
    format: str | None = None
    options: Options = ()
    properties: Options = ()
    partition_columns: tuple[str, ...] = ()
    bucket: tuple[int, tuple[str, ...], tuple[str, ...]] | None = None
    path: str | None = None
    comment: str | None = None
    if_not_exists: bool = False
    replace: bool = False
    external: bool = False
    like: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CatalogStatement(Command):
    """Any other statement on the catalog or the session, by name and arguments.

    Attributes:
        statement: What to do, one of ``STATEMENTS``.
        arguments: Its arguments by name; those that are None or False may be left out.
        child: A query it is about, if any (EXPLAIN, CACHE TABLE ... AS, DESCRIBE QUERY).
    """

    statement: str
    arguments: tuple[tuple[str, Any], ...] = ()
    child: LogicalPlan | None = None


#: The statements of ``CatalogStatement`` with their arguments. A name is a tuple of parts, a
#: database too; a pattern is the text after LIKE; properties and options are pairs of texts; a
#: partition is pairs of a column and an expression, None for a column without a value.
STATEMENTS: dict[str, tuple[str, ...]] = {
    # Databases.
    "create_database": ("name", "if_not_exists", "comment", "location", "properties"),
    "drop_database": ("name", "if_exists", "cascade"),
    "alter_database": ("name", "properties", "location"),
    "comment_on_database": ("name", "comment"),
    "describe_database": ("name", "extended"),
    "show_databases": ("pattern",),
    "show_catalogs": ("pattern",),
    "show_current_database": (),
    "use": ("name",),
    "set_catalog": ("name",),
    # Tables and views.
    "drop_table": ("name", "if_exists", "purge"),
    "drop_view": ("name", "if_exists"),
    "rename_table": ("name", "new_name"),
    "rename_view": ("name", "new_name"),
    "alter_view_query": ("name", "text"),  # child: the new query
    "set_properties": ("name", "properties", "view"),
    "unset_properties": ("name", "keys", "if_exists", "view"),
    "set_location": ("name", "location", "partition"),
    "add_columns": ("name", "columns"),  # columns: a StructType
    "replace_columns": ("name", "columns"),
    "alter_column": ("name", "column", "data_type", "comment", "nullable", "default"),
    "rename_column": ("name", "column", "new_name"),
    "drop_columns": ("name", "columns", "if_exists"),  # columns: tuples of parts
    "add_partitions": ("name", "partitions", "if_not_exists"),  # (partition, location) pairs
    "drop_partitions": ("name", "partitions", "if_exists"),
    "rename_partition": ("name", "partition", "new_partition"),
    "repair_table": ("name",),
    "comment_on_table": ("name", "comment"),
    "truncate_table": ("name", "partition"),
    "analyze_table": ("name", "columns", "no_scan"),
    "refresh_table": ("name",),
    "refresh_path": ("path",),
    "delete": ("name", "condition"),
    "update": ("name",),
    "describe_table": ("name", "extended", "partition"),
    "describe_column": ("name", "column", "extended"),
    "describe_query": (),  # child: the query
    "show_tables": ("database", "pattern"),
    "show_table_extended": ("database", "pattern", "partition"),
    "show_views": ("database", "pattern"),
    "show_columns": ("name",),
    "show_partitions": ("name", "partition"),
    "show_create_table": ("name",),
    "show_properties": ("name", "key"),
    # Functions.
    "create_function": (
        "name", "parameters", "returns", "body", "temporary", "replace", "if_not_exists",
        "is_table", "comment", "class_name",
    ),
    "drop_function": ("name", "if_exists", "temporary"),
    "describe_function": ("name", "extended"),
    "show_functions": ("database", "pattern", "scope"),  # scope: "all", "user" or "system"
    "refresh_function": ("name",),
    # The session.
    "set": ("key", "value"),  # neither: all settings; no value: show one
    "set_all": (),  # SET -v
    "reset": ("key",),
    "cache_table": ("name", "lazy", "options", "level"),  # child: CACHE TABLE ... AS query
    "uncache_table": ("name", "if_exists"),
    "clear_cache": (),
    "add_resources": ("kind", "paths"),  # kind: "jar", "file" or "archive"
    "list_resources": ("kind", "paths"),
    "explain": ("mode",),  # child: the query
    "declare_variable": ("names", "data_type", "default", "replace"),
    "set_variable": ("names", "value"),  # value: an expression for each; or child: the query
    "drop_variable": ("name", "if_exists"),
    "execute_immediate": ("text", "into", "using"),
}  # fmt: skip
