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
    "Command",
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
        statement: What to do, such as ``drop_table``, ``show_tables``, ``describe_table``,
            ``set``, ``use``, ``cache_table``; the parser and the command runner share the list.
        arguments: Its arguments by name.
        child: A query it is about, if any (EXPLAIN, CACHE TABLE ... AS, DESCRIBE QUERY).
    """

    statement: str
    arguments: tuple[tuple[str, Any], ...] = ()
    child: LogicalPlan | None = None
