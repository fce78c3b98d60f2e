"""Whether two resolved plans compute the same rows, told by their form alone.

Names and the ids of columns do not count: a column is known by where it was first met. What
remains is written down as nested tuples, whose digest is the plan's key.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from pyrite.sql.errors import Origin
from pyrite.sql.expressions.expression import Alias, Attribute
from pyrite.sql.expressions.function import Function
from pyrite.sql.plans.plan import LocalRelation, LogicalPlan, Project, SourceRelation, SubqueryAlias
from pyrite.sql.types import DataType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["bare", "semantic_key"]


def bare(plan: LogicalPlan) -> LogicalPlan:
    """Return the plan below operators that change nothing: aliases, projections of everything."""
    while isinstance(plan, SubqueryAlias) or (
        isinstance(plan, Project) and plan.project_list == plan.child.output
    ):
        plan = plan.child
    return plan


def semantic_key(plan: LogicalPlan) -> str:
    """Return a text that is equal for plans of equal form.

    Args:
        plan: A resolved plan.

    Returns:
        64 hexadecimal digits.
    """
    form = _Form().of(plan)
    return hashlib.sha256(repr(form).encode()).hexdigest()


class _Form:
    """The form of one plan.

    Attributes:
        columns: The number of each column by its expression id, in the order they were met.
    """

    def __init__(self) -> None:
        self.columns: dict[int, int] = {}

    def of(self, value: Any) -> Any:
        """Return the form of a plan, an expression, or anything in their fields."""
        match value:
            case Attribute():
                return "column", self._number(value.expression_id)
            case Alias():
                child = self.of(value.child)
                self._number(value.expression_id)
                return child
            case SubqueryAlias():
                return self.of(value.child)
            case Project() if value.project_list == value.child.output:
                return self.of(value.child)
            case LocalRelation():
                return "rows", _digest(value.table), self.of(value.attributes)
            case SourceRelation():
                return "scan", self._scan(value)
            case Function():
                return value.name
            case DataType():
                return value.json()
            case Origin():
                return None
            case tuple() | list():
                return tuple([self.of(item) for item in value])
            case _ if is_dataclass(value):
                # The children of a plan come last in its fields, yet their columns are met first.
                values = [getattr(value, field.name) for field in fields(value)]
                plans = [self.of(child) for child in values if _is_plan(child)]
                rest = [self.of(each) for each in values if not _is_plan(each)]
                return type(value).__name__, *plans, *rest
            case _:
                return repr(value)

    def _number(self, expression_id: int) -> int:
        return self.columns.setdefault(expression_id, len(self.columns))

    def _scan(self, relation: SourceRelation) -> Any:
        """Return the form of a scan: where it reads, what and how, not which files are there now.

        Here names count: they say which of the columns in the files are read.
        """
        scan = relation.scan
        columns = [(a.name, self.of(a.data_type), self.of(a)) for a in relation.attributes]
        return type(scan).__name__, scan.identity, tuple(columns)


def _is_plan(value: Any) -> bool:
    return isinstance(value, LogicalPlan) or (
        isinstance(value, tuple) and bool(value) and isinstance(value[0], LogicalPlan)
    )


def _digest(table: pa.Table) -> str:
    """Return a digest of a table's rows."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return hashlib.sha256(sink.getvalue()).hexdigest()
