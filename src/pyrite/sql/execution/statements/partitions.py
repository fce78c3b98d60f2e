"""Partitions of tables: the directories that are there.

A table's partitions are what its directory holds, so files that another program adds count at
once and nothing has to be repaired.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from pyrite.core.hadoop.filesystem import file_system
from pyrite.sql.catalog.entities import CatalogTable
from pyrite.sql.catalog.names import quoted
from pyrite.sql.conf import SESSION_TIME_ZONE
from pyrite.sql.errors import analysis_error, unsupported
from pyrite.sql.execution.analyze import analyze
from pyrite.sql.execution.run import run_plan
from pyrite.sql.execution.statements.arguments import Arguments, Handler, answer, columns, nothing
from pyrite.sql.execution.statements.store_assignment import stored_value
from pyrite.sql.execution.statements.tables import writable_table
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.expressions.unresolved import UnresolvedAlias
from pyrite.sql.optimizer.optimizer import optimize
from pyrite.sql.plans.plan import OneRowRelation
from pyrite.sql.plans.unresolved import UnresolvedProject
from pyrite.sql.session_state import SessionState
from pyrite.sql.sources.partition_split import partition_text
from pyrite.sql.sources.partitions import NULL_PARTITION, escape, read_directory
from pyrite.sql.types import STRING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HANDLERS", "Partition", "directory_of", "list_partitions", "static_partition"]

#: A partition's columns and the texts of their values, outermost first; None for null.
Partition = tuple[tuple[str, str | None], ...]


def directory_of(partition: Sequence[tuple[str, str | None]]) -> str:
    """Return a partition's directory below its table's.

    Example:
        >>> directory_of([("k", "1"), ("j", None)])
        'k=1/j=__HIVE_DEFAULT_PARTITION__'
    """
    return "/".join(
        f"{escape(name)}={NULL_PARTITION if value is None else escape(value)}"
        for name, value in partition
    )


def list_partitions(table: CatalogTable) -> list[Partition]:
    """Return the partitions a table's directory holds, sorted."""
    if table.location is None or file_system(table.location).status(table.location) is None:
        return []
    found = _partitions_below(table.location, len(table.partition_columns))
    return sorted(found, key=directory_of)


def _partitions_below(path: str, depth: int) -> Iterator[Partition]:
    if depth == 0:
        yield ()
        return
    for entry in file_system(path).list_status(path):
        pair = read_directory(entry.name) if entry.is_directory else None
        if pair is not None:
            for rest in _partitions_below(entry.path, depth - 1):
                yield (pair, *rest)


def static_partition(
    session: SessionState,
    table: CatalogTable,
    given: Sequence[tuple[str, Expression | None]],
) -> dict[str, str | None]:
    """Return the values a PARTITION clause fixes, as the texts of directories.

    Args:
        session: Computes the values.
        table: The table.
        given: Columns and their values; columns without a value are left out of the answer.

    Raises:
        SparkError: NON_PARTITION_COLUMN for a column that is none of the table's partitions.
    """
    by_name = {f.name.lower(): f for f in table.partition_schema.fields}
    zone: str = session.conf.read(SESSION_TIME_ZONE)
    values: dict[str, str | None] = {}
    for column, expression in given:
        field = by_name.get(column.lower())
        if field is None:
            raise analysis_error("NON_PARTITION_COLUMN", columnName=quoted((column,)))
        if expression is None:
            continue
        cast = UnresolvedAlias(stored_value(expression, field.dataType), field.name)
        plan = analyze(session, UnresolvedProject((cast,), OneRowRelation()))
        (batch,) = run_plan(session, optimize(plan, session))
        values[field.name] = partition_text(batch.column(0)[0].as_py(), zone)
    return values


def _matching(
    session: SessionState, table: CatalogTable, given: Any
) -> tuple[dict[str, str | None], list[Partition]]:
    wanted = static_partition(session, table, given or ())
    found = [
        partition
        for partition in list_partitions(table)
        if all(dict(partition).get(name) == value for name, value in wanted.items())
    ]
    return wanted, found


def _not_found(table: CatalogTable, wanted: dict[str, str | None]) -> Exception:
    shown = ", ".join(f"{quoted((name,))} = {value}" for name, value in wanted.items())
    return analysis_error(
        "PARTITIONS_NOT_FOUND",
        partitionList=f"PARTITION ({shown})",
        tableName=quoted((table.database, table.name)),
    )


def _partitioned(session: SessionState, arguments: Arguments, operation: str) -> CatalogTable:
    table = writable_table(session, arguments.name(), operation)
    if not table.partition_columns:
        raise analysis_error(
            "NOT_A_PARTITIONED_TABLE",
            operation=operation,
            tableIdentWithDB=quoted(table.full_name),
        )
    return table


def _show(session: SessionState, arguments: Arguments) -> pa.Table:
    table = writable_table(session, arguments.name(), "SHOW PARTITIONS")
    if not table.partition_columns:
        raise analysis_error(
            "INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY", name=quoted(table.full_name)
        )
    _, found = _matching(session, table, arguments.get("partition"))
    return answer(columns(("partition", STRING, False)), [(directory_of(p),) for p in found])


def _add(session: SessionState, arguments: Arguments) -> pa.Table:
    table = _partitioned(session, arguments, "ALTER TABLE ... ADD PARTITION")
    for given, location in arguments.get("partitions"):
        if location is not None:
            raise unsupported("partitions outside their table's directory")
        wanted, found = _matching(session, table, given)
        if found:
            if arguments.flag("if_not_exists"):
                continue
            shown = ", ".join(f"{quoted((name,))} = {value}" for name, value in wanted.items())
            raise analysis_error(
                "PARTITIONS_ALREADY_EXIST",
                partitionList=f"PARTITION ({shown})",
                tableName=quoted((table.database, table.name)),
            )
        path = _path(table, [(name, wanted.get(name)) for name in table.partition_columns])
        file_system(path).mkdirs(path)
    return nothing()


def _path(table: CatalogTable, partition: Sequence[tuple[str, str | None]]) -> str:
    return f"{table.location}/{directory_of(partition)}"


def _drop(session: SessionState, arguments: Arguments) -> pa.Table:
    table = _partitioned(session, arguments, "ALTER TABLE ... DROP PARTITION")
    for given in arguments.get("partitions"):
        wanted, found = _matching(session, table, given)
        if not found and not arguments.flag("if_exists"):
            raise _not_found(table, wanted)
        for partition in found:
            path = _path(table, partition)
            file_system(path).delete(path)
    return nothing()


def _rename(session: SessionState, arguments: Arguments) -> pa.Table:
    table = _partitioned(session, arguments, "ALTER TABLE ... RENAME PARTITION")
    wanted, found = _matching(session, table, arguments.get("partition"))
    if not found:
        raise _not_found(table, wanted)
    new = static_partition(session, table, arguments.get("new_partition"))
    source = _path(table, found[0])
    target = _path(table, [(name, new.get(name)) for name in table.partition_columns])
    fs = file_system(source)
    fs.mkdirs(target.rpartition("/")[0])
    fs.rename(source, target)
    return nothing()


def _truncate(session: SessionState, arguments: Arguments) -> pa.Table:
    table = writable_table(session, arguments.name(), "TRUNCATE TABLE")
    assert table.location is not None
    fs = file_system(table.location)
    if arguments.get("partition"):
        _, found = _matching(session, table, arguments.get("partition"))
        paths = [_path(table, partition) for partition in found]
    else:
        paths = [table.location] if fs.status(table.location) is not None else []
    for path in paths:
        for entry in fs.list_status(path):
            fs.delete(entry.path)
    return nothing()


HANDLERS: dict[str, Handler] = {
    "show_partitions": _show,
    "add_partitions": _add,
    "drop_partitions": _drop,
    "rename_partition": _rename,
    "truncate_table": _truncate,
}
