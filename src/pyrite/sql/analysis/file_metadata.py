"""The column ``_metadata``: what rows of files have beside their columns, and no star shows."""

from __future__ import annotations

from pyrite.sql.expressions.expression import Call
from pyrite.sql.functions.files import METADATA, METADATA_TYPE, PARQUET_METADATA_TYPE
from pyrite.sql.plans.plan import (
    Filter,
    Generate,
    LogicalPlan,
    Project,
    SourceRelation,
    SubqueryAlias,
)
from pyrite.sql.sources.file_format import FileScan

__all__ = ["file_metadata"]


def file_metadata(plan: LogicalPlan | None) -> Call | None:
    """Return what ``_metadata`` stands for above a plan; None where its rows are of no file."""
    while isinstance(plan, (Project, Filter, SubqueryAlias, Generate)):
        plan = plan.child
    if not isinstance(plan, SourceRelation) or not isinstance(plan.scan, FileScan):
        return None
    scan = plan.scan
    counts_rows = scan.format == "parquet" and scan.request.index.is_local
    return Call(METADATA, (), PARQUET_METADATA_TYPE if counts_rows else METADATA_TYPE, False)
