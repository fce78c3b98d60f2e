"""PruneFileSourcePartitions: of partitioned files, only those that a condition lets through.

DuckDB would leave the others out as well, but only those of its own piece: the pieces of a plan
are to be of the files that are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from pyrite.sql.errors import SparkError
from pyrite.sql.expressions.expression import (
    Alias,
    Attribute,
    Cast,
    CastMode,
    Expression,
    new_expression_id,
)
from pyrite.sql.optimizer.conditions import all_of, column_ids, conjuncts, has_subquery
from pyrite.sql.plans.plan import Filter, LocalRelation, LogicalPlan, Project, SourceRelation
from pyrite.sql.sources.file_format import FileScan
from pyrite.sql.sources.file_index import ROW_NUMBER, FileIndex
from pyrite.sql.types import LONG, STRING

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Run", "prune_partitions"]

#: Runs a plan and yields its rows.
Run = Callable[[LogicalPlan], Iterable["pa.RecordBatch"]]


def prune_partitions(plan: LogicalPlan, run: Run) -> LogicalPlan:
    """Leave out files whose partition columns do not meet the condition right above a scan.

    Args:
        plan: A resolved plan whose conditions were pushed down.
        run: Runs plans over the values of partition columns.
    """

    def pruned(node: LogicalPlan) -> LogicalPlan:
        match node:
            case Filter(condition, SourceRelation(scan=FileScan() as scan) as relation):
                index = _matching(relation, scan.request.index, condition, run)
                if index is not None:
                    return Filter(condition, replace(relation, scan=scan.part(index)))
        return node

    return plan.transform_up(pruned)


def _matching(
    relation: SourceRelation, index: FileIndex, condition: Expression, run: Run
) -> FileIndex | None:
    """Return the files that meet a condition, None if it says nothing of them."""
    import pyarrow as pa

    names = index.partition_schema.names
    known = [a for a in relation.attributes if a.name in names and a.name != ROW_NUMBER]
    ids = {a.expression_id for a in known}
    tells = all_of(part for part in conjuncts(condition) if _reads_only(part, ids))
    if tells is None:
        return None
    texts = [Attribute(a.name, STRING, True, new_expression_id()) for a in known]
    file = Attribute("file", LONG, False, new_expression_id())
    columns = [[row[names.index(a.name)] for row in index.partition_values] for a in known]
    arrays = [pa.array(column, pa.string()) for column in columns]
    table = pa.table(
        [pa.array(range(len(index.files)), pa.int64()), *arrays],
        names=[str(place) for place in range(len(arrays) + 1)],
    )
    values = [
        Alias(Cast(text, a.data_type, CastMode.ANSI), a.name, a.expression_id)
        for text, a in zip(texts, known, strict=True)
    ]
    typed = Project((file, *values), LocalRelation((file, *texts), table))
    found = run(Project((file,), Filter(tells, typed)))
    try:
        kept = sorted(place for batch in found for place in batch.column(0).to_pylist())
    except SparkError:  # the query meets it where it reads the files, if it does
        return None
    return index.chosen(kept)


def _reads_only(part: Expression, ids: set[int]) -> bool:
    """Whether a part of a condition is about these columns and nothing else."""
    read = column_ids(part)
    return bool(read) and read <= ids and part.deterministic and not has_subquery(part)
