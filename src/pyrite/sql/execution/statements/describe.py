"""DESCRIBE: the columns and the details of tables, views and queries."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pyrite.sql.analysis.char_padding import declared_schema
from pyrite.sql.catalog.entities import CatalogTable
from pyrite.sql.catalog.names import CATALOG, quoted
from pyrite.sql.errors import analysis_error
from pyrite.sql.execution.analyze import analyze
from pyrite.sql.execution.statements.arguments import Arguments, Handler, answer, columns
from pyrite.sql.execution.statements.partitions import list_partitions, static_partition
from pyrite.sql.plans.clustering import clustering_columns
from pyrite.sql.plans.unresolved import UnresolvedRelation
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import STRING, StructType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HANDLERS", "details", "schema_of"]

_COLUMNS = columns(
    ("col_name", STRING, False), ("data_type", STRING, False), ("comment", STRING, True)
)
_COLUMN_DETAILS = columns(("info_name", STRING, False), ("info_value", STRING, False))
_Row = tuple[str, str, str | None]


def column_rows(schema: StructType) -> list[_Row]:
    """Return a row for each column: its name, its type, its comment."""
    return [
        (f.name, f.dataType.simpleString(), (f.metadata or {}).get("comment"))
        for f in schema.fields
    ]


def schema_of(session: SessionState, name: tuple[str, ...]) -> StructType:
    """Return the columns of a table or view.

    Raises:
        SparkError: TABLE_OR_VIEW_NOT_FOUND.
    """
    if session.catalog.temporary_view(name) is None:
        table = session.catalog.find_table(name)
        if table is not None:
            return table.schema
    return declared_schema(analyze(session, UnresolvedRelation(name)).schema)


def details(table: CatalogTable) -> Iterator[tuple[str, str]]:
    """Yield what DESCRIBE EXTENDED says of a table."""
    yield "Catalog", CATALOG
    yield "Database", table.database
    yield "Table", table.name
    yield "Created Time", time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(table.created))
    yield "Last Access", "UNKNOWN"
    yield "Created By", "Pyrite"
    yield "Type", table.kind
    if table.provider:
        yield "Provider", table.provider
    if table.bucket is not None:
        number, keys, order = table.bucket
        yield "Num Buckets", str(number)
        yield "Bucket Columns", _listed(keys)
        yield "Sort Columns", _listed(order)
    if table.comment:
        yield "Comment", table.comment
    if table.is_view:
        yield "View Text", table.view_text or ""
        yield "View Original Text", table.view_text or ""
        yield "View Schema Mode", "COMPENSATION"
        yield "View Catalog and Namespace", ".".join(table.view_namespace)
        yield "View Query Output Columns", _listed(table.view_query_columns)
    if table.properties:
        shown = ", ".join(f"{key}={value}" for key, value in sorted(table.properties.items()))
        yield "Table Properties", f"[{shown}]"
    if table.statistics:
        shown = f"{table.statistics['sizeInBytes']} bytes"
        rows = table.statistics.get("rowCount")
        yield "Statistics", shown if rows is None else f"{shown}, {rows} rows"
    if table.location:
        yield "Location", table.location
    if table.options:
        shown = ", ".join(f"{key}={value}" for key, value in sorted(table.options.items()))
        yield "Storage Properties", f"[{shown}]"
    if table.partition_columns:
        yield "Partition Provider", "Catalog"


def _listed(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(quoted((name,)) for name in names) + "]"


def _table(session: SessionState, arguments: Arguments) -> pa.Table:
    name = arguments.name()
    rows: list[_Row] = column_rows(schema_of(session, name))
    is_temporary = session.catalog.temporary_view(name) is not None
    table = None if is_temporary else session.catalog.find_table(name)
    if table is None:
        return answer(_COLUMNS, rows)
    if table.partition_columns:
        rows.append(("# Partition Information", "", ""))
        rows.append(("# col_name", "data_type", "comment"))
        rows.extend(column_rows(table.partition_schema))
    rows.extend(_clustering(table))
    if arguments.get("partition"):
        _check_partition(session, table, arguments)
    if arguments.flag("extended"):
        rows.append(("", "", ""))
        rows.append(("# Detailed Table Information", "", ""))
        rows.extend((key, value, "") for key, value in details(table))
    defaults = [f for f in table.schema.fields if "CURRENT_DEFAULT" in (f.metadata or {})]
    if defaults:
        rows.append(("", "", ""))
        rows.append(("# Column Default Values", "", ""))
        rows.extend(
            (f.name, f.dataType.simpleString(), str(f.metadata["CURRENT_DEFAULT"]))
            for f in defaults
        )
    return answer(_COLUMNS, rows)


def _clustering(table: CatalogTable) -> Iterator[_Row]:
    """Yield the columns a table is clustered by, under a title."""
    columns = clustering_columns(table.properties)
    if columns:
        yield "# Clustering Information", "", ""
        yield "# col_name", "data_type", "comment"
    types = {f.name: f for f in table.schema.fields}
    for parts in columns:
        field = types.get(parts[0])
        kind = field.dataType.simpleString() if field and len(parts) == 1 else ""
        yield ".".join(parts), kind, None


def _check_partition(session: SessionState, table: CatalogTable, arguments: Arguments) -> None:
    wanted = static_partition(session, table, arguments.get("partition"))
    if not any(dict(partition) == wanted for partition in list_partitions(table)):
        shown = ", ".join(f"{quoted((name,))} = {value}" for name, value in wanted.items())
        raise analysis_error(
            "PARTITIONS_NOT_FOUND",
            partitionList=f"PARTITION ({shown})",
            tableName=quoted((table.database, table.name)),
        )


def _column(session: SessionState, arguments: Arguments) -> pa.Table:
    column = arguments.name("column")
    schema = schema_of(session, arguments.name())
    field = next((f for f in schema.fields if f.name.lower() == column[-1].lower()), None)
    if field is None:
        raise analysis_error(
            "COLUMN_NOT_FOUND",
            colName=quoted(column),
            caseSensitiveConfig='"spark.sql.caseSensitive"',
        )
    comment = (field.metadata or {}).get("comment") or "NULL"
    rows = [
        ("col_name", field.name),
        ("data_type", field.dataType.simpleString()),
        ("comment", comment),
    ]
    return answer(_COLUMN_DETAILS, rows)


def _query(session: SessionState, arguments: Arguments) -> pa.Table:
    assert arguments.child is not None
    return answer(_COLUMNS, column_rows(analyze(session, arguments.child).schema))


HANDLERS: dict[str, Handler] = {
    "describe_table": _table,
    "describe_column": _column,
    "describe_query": _query,
}
