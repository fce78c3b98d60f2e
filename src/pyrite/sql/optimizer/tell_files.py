"""Rule: tell each row's file, where something asks for it.

    Project [a, input_file_name()]        Project [a, of_file(file)]
    +- Filter a > 1                  =>   +- Filter a > 1
       +- SourceRelation [a]                 +- SourceRelation [a, file]

The column of the file goes through operators that take rows one by one; above a join or an
aggregation, rows are of no file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.sql.expressions.expression import (
    Attribute,
    Call,
    Expression,
    SubqueryExpression,
    new_expression_id,
)
from pyrite.sql.functions.files import (
    METADATA,
    METADATA_TYPE,
    PARQUET_METADATA_TYPE,
    of_file,
    with_row_index,
)
from pyrite.sql.optimizer.extraction import trim
from pyrite.sql.plans import plan as plans
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.session_state import SessionState
from pyrite.sql.sources.file_format import FileScan
from pyrite.sql.sources.file_index import ROW_NUMBER, FileIndex, uri
from pyrite.sql.tree import TreeNode
from pyrite.sql.types import LONG, STRING, DataType, StructField, StructType

__all__ = ["FilePlan", "tell_files", "with_file"]

#: The name of the column in scans; no file has one that is called like this.
_COLUMN = "__file"


@dataclass(frozen=True, slots=True)
class FilePlan:
    """A plan with a column more, or two.

    Attributes:
        plan: The plan.
        file: The column of the path of each row's file.
        index: The files.
        row: The column of the place of each row in its file, if that was asked for.
    """

    plan: LogicalPlan
    file: Attribute
    index: FileIndex
    row: Attribute | None = None

    @property
    def columns(self) -> tuple[Attribute, ...]:
        """The columns more."""
        return (self.file,) if self.row is None else (self.file, self.row)

    def fact(self, value: Callable[[FileStatus], Any], data_type: DataType) -> Call:
        """Return an expression for what is known of a row's file."""
        files = zip(self.index.local_paths, self.index.files, strict=True)
        return of_file(self.file, {path: value(file) for path, file in files}, data_type)


def _escaped(path: str) -> str:
    """Return a path as a URI, in which some characters are escaped."""
    return quote(path, safe="/:=+@!$&'(),;*~")


def _metadata(file: FileStatus) -> dict[str, Any]:
    return {
        "file_path": _escaped(file.path),
        "file_name": file.name,
        "file_size": file.length,
        "file_block_start": 0,
        "file_block_length": file.length,
        "file_modification_time": datetime.fromtimestamp(file.modified, UTC),
    }


#: What each function tells of a file, and its type.
_FACTS: dict[str, tuple[Callable[[FileStatus], Any], DataType]] = {
    "input_file_name": (lambda file: uri(_escaped(file.path)), STRING),
    "input_file_block_start": (lambda file: 0, LONG),
    "input_file_block_length": (lambda file: file.length, LONG),
    METADATA.name: (_metadata, METADATA_TYPE),
}


def tell_files(plan: LogicalPlan, session: SessionState) -> LogicalPlan:
    """Rewrite a resolved plan so that what is asked of rows' files has a value."""
    return plan if plan.marks.isdisjoint(_FACTS) else plan.transform_up(_told)


def _is_asked(node: TreeNode) -> bool:
    return isinstance(node, Call) and node.function.name in _FACTS


def _counts_rows(node: TreeNode) -> bool:
    return isinstance(node, Call) and node.data_type == PARQUET_METADATA_TYPE


def _told(plan: LogicalPlan) -> LogicalPlan:
    plan = plan.map_expressions(_in_subqueries)
    if len(plan.children) != 1 or not any(e.contains(_is_asked) for e in plan.expressions):
        return plan
    below = with_file(plan.children[0], any(e.contains(_counts_rows) for e in plan.expressions))
    if below is None:
        return plan

    known: dict[str, Call] = {}  # once each, so that a key is the same wherever it stands

    def put(node: Expression) -> Expression:
        if not isinstance(node, Call) or node.function.name not in _FACTS:
            return node
        name = node.function.name
        if name not in known:
            known[name] = below.fact(*_FACTS[name])
            if below.row is not None and name == METADATA.name:
                known[name] = with_row_index(known[name], below.row)
        return known[name]

    rewritten = plan.map_expressions(lambda expression: expression.transform_up(put))
    return trim(rewritten.map_children(lambda _: below.plan), plan.output)


def _in_subqueries(expression: Expression) -> Expression:
    if expression.find(SubqueryExpression) is None:
        return expression

    def visit(node: Expression) -> Expression:
        if not isinstance(node, SubqueryExpression):
            return node
        subquery: Any = node
        rewritten: Expression = replace(subquery, plan=subquery.plan.transform_up(_told))
        return rewritten

    return expression.transform_up(visit)


def with_file(plan: LogicalPlan, counts_rows: bool = False) -> FilePlan | None:
    """Return a plan that also gives the path of each row's file; None where rows have none.

    Args:
        plan: The plan.
        counts_rows: Whether it is to give the places of the rows in their files as well.
    """
    match plan:
        case plans.SourceRelation(scan=FileScan()):
            return _relation(plan, counts_rows)
        case plans.Project():
            below = with_file(plan.child, counts_rows)
            if below is None:
                return None
            columns = (*plan.project_list, *below.columns)
            return replace(below, plan=plans.Project(columns, below.plan))
        case plans.Filter() | plans.SubqueryAlias() | plans.Generate() | plans.EvalPython():
            below = with_file(plan.child, counts_rows)
            return below and replace(below, plan=replace(plan, child=below.plan))
    return None


def _relation(plan: plans.SourceRelation, counts_rows: bool) -> FilePlan | None:
    scan: Any = plan.scan
    index: FileIndex = scan.request.index
    if not index.files:
        return None
    added = []
    if not index.file_column:
        index = index.with_file_column(_COLUMN)
        added.append(StructField(_COLUMN, STRING, False))
    if counts_rows and not index.numbers_rows:
        index = index.with_row_numbers()
        added.append(StructField(ROW_NUMBER, LONG, False))
    if added:
        schema = StructType([*scan.schema.fields, *added])
        scan = replace(scan, request=scan.request.with_index(index), schema=schema)
        columns = [Attribute(f.name, f.dataType, False, new_expression_id()) for f in added]
        plan = replace(plan, attributes=(*plan.attributes, *columns), scan=scan)
    told = {attribute.name: attribute for attribute in plan.attributes}
    row = told[ROW_NUMBER] if counts_rows else None
    return FilePlan(plan, told[index.file_column], index, row)
