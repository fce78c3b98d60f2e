"""Saving a query's rows: what saves to a path and into a table share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pyrite.core.hadoop.filesystem import qualify
from pyrite.core.hadoop.hadoop_conf import hadoop_conf
from pyrite.sql.errors import analysis_error
from pyrite.sql.execution.analyze import analyze
from pyrite.sql.execution.placed_rows import placed_rows
from pyrite.sql.execution.run import PlanRun
from pyrite.sql.expressions.expression import Attribute, Literal, SortOrder
from pyrite.sql.expressions.unresolved import (
    UnresolvedAlias,
    UnresolvedAttribute,
    UnresolvedFunction,
    UnresolvedStar,
)
from pyrite.sql.optimizer.optimizer import optimize
from pyrite.sql.optimizer.partition_numbers import number_rows
from pyrite.sql.plans.plan import (
    LogicalPlan,
    Sort,
    SourceRelation,
    subplans,
)
from pyrite.sql.plans.unresolved import UnresolvedProject, UnresolvedRelation
from pyrite.sql.session_state import SessionState
from pyrite.sql.sources.buckets import BUCKET_COLUMN, Bucketing
from pyrite.sql.sources.file_format import FileFormat
from pyrite.sql.sources.options import SourceOptions
from pyrite.sql.sources.writer import Save, SaveResult
from pyrite.sql.types import INTEGER, StructField, StructType, as_nullable

__all__ = ["check_not_read", "kept_in_cache", "save_query"]


def _relations(plan: LogicalPlan) -> Iterator[SourceRelation]:
    for node in plan.walk():
        if isinstance(node, SourceRelation):
            yield node
        for inner in subplans(node):
            yield from _relations(inner)


def check_not_read(plan: LogicalPlan, path: str, table: Sequence[str] = ()) -> None:
    """Refuse to replace files that the query itself reads.

    Raises:
        SparkError: UNSUPPORTED_OVERWRITE.
    """
    target = qualify(path)
    for relation in _relations(plan):
        for file in relation.scan.paths:
            name = qualify(file)
            if name == target or name.startswith(target.rstrip("/") + "/"):
                if table:
                    shown = ".".join(f"`{part}`" for part in table)
                    raise analysis_error("UNSUPPORTED_OVERWRITE.TABLE", table=shown)
                raise analysis_error("UNSUPPORTED_OVERWRITE.PATH", path=target)


def save_query(
    session: SessionState,
    plan: LogicalPlan,
    file_format: FileFormat,
    path: str,
    mode: str,
    options: SourceOptions,
    partition_columns: tuple[str, ...] = (),
    replaced: str = "",
    all_nullable: bool = False,
    bucketing: Bucketing | None = None,
) -> SaveResult | None:
    """Run a query and save its rows.

    Args:
        session: Whose settings apply.
        plan: The query, resolved or not.
        file_format: How files are written.
        path: The directory.
        mode: "append", "overwrite", "ignore" or "error".
        options: The writer's.
        partition_columns: The columns that become directories.
        replaced: Below ``path``, the only directory that an overwrite replaces.
        all_nullable: Whether every column is written as one that may hold nulls, as those of
            tables are.
        bucketing: How rows are put into buckets, if they are.

    Returns:
        What was written; None if there was nothing to do.
    """
    schema = analyze(session, plan).schema
    if all_nullable:
        schema = StructType(list(_nullable(schema)))
    analyzed = analyze(session, plan if bucketing is None else _with_bucket(plan, bucketing))
    optimized = optimize(analyzed, session)
    numbered = number_rows(optimized, session, in_order=False)
    save = Save(
        file_format,
        path,
        mode,
        schema,
        session.conf,
        options,
        partition_columns,
        replaced,
        hadoop_conf(session.shared.context.conf),
        1 if numbered is None else numbered.count,
        bucketing is not None,
    )
    if not save.begin():
        return None
    placed = optimized if numbered is None else numbered.plan
    if bucketing is not None:
        placed = _sorted_by_bucket(placed, analyzed.output, bucketing)
    batches = PlanRun(session, placed).batches()
    if numbered is None:
        return save.run((0, batch) for batch in batches)
    return save.run(placed_rows(numbered, batches, optimized.output))


def _with_bucket(plan: LogicalPlan, bucketing: Bucketing) -> LogicalPlan:
    """Return a plan that also tells the bucket of each row."""
    keys = tuple(UnresolvedAttribute((name,)) for name in bucketing.columns)
    number = UnresolvedFunction(
        ("pmod",), (UnresolvedFunction(("hash",), keys), Literal(bucketing.number, INTEGER))
    )
    return UnresolvedProject((UnresolvedStar(), UnresolvedAlias(number, BUCKET_COLUMN)), plan)


def _sorted_by_bucket(
    plan: LogicalPlan, columns: Sequence[Attribute], bucketing: Bucketing
) -> LogicalPlan:
    """Return a plan whose rows come bucket by bucket, in each as the table is sorted."""
    by_name = {column.name.lower(): column for column in columns}
    names = (BUCKET_COLUMN, *bucketing.sorted_by)
    return Sort(tuple(SortOrder(by_name[name.lower()]) for name in names), True, plan)


def _nullable(schema: StructType) -> Iterator[StructField]:
    for field in schema.fields:
        yield StructField(field.name, as_nullable(field.dataType), True, field.metadata)


@contextmanager
def kept_in_cache(session: SessionState, name: tuple[str, ...]) -> Iterator[None]:
    """Let a table that is cached stay so while its files change; its rows are read anew."""
    cache = session.shared.cache
    before = analyze(session, UnresolvedRelation(name))
    level = cache.level(before)
    yield
    if level is not None:
        cache.unpersist(before)
        cache.persist(analyze(session, UnresolvedRelation(name)), level, session)
