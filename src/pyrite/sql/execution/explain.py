"""``explain``: a plan in the forms that Spark's modes ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyrite.sql.errors import SparkError
from pyrite.sql.execution.engine import runner_of
from pyrite.sql.execution.plan_text import tree_text

if TYPE_CHECKING:
    from pyrite.sql.query_execution import QueryExecution

__all__ = ["explain"]


def explain(execution: QueryExecution, mode: str) -> str:
    """Describe a query.

    Args:
        execution: The query.
        mode: "simple" for the physical plan; "extended" for all plans; "codegen" for the
            DuckDB SQL; "cost" for the optimized plan with sizes; "formatted" for DuckDB's own
            picture of the plan.
    """
    physical = _physical(execution)
    match mode:
        case "extended":
            return _sections(
                ("Parsed Logical Plan", tree_text(execution.logical)),
                ("Analyzed Logical Plan", _analyzed(execution)),
                ("Optimized Logical Plan", tree_text(execution.optimized)),
                ("Physical Plan", physical),
            )
        case "codegen":
            return _sections(("DuckDB SQL", execution.fragment().sql))
        case "cost":
            return _sections(
                ("Optimized Logical Plan", tree_text(execution.optimized)),
                ("Physical Plan", physical),
            )
        case _:
            return _sections(("Physical Plan", physical))


def _sections(*sections: tuple[str, str]) -> str:
    return "\n\n".join(f"== {title} ==\n{text.rstrip()}" for title, text in sections) + "\n"


def _analyzed(execution: QueryExecution) -> str:
    columns = ", ".join(
        f"{field.name}: {field.dataType.simpleString()}" for field in execution.schema.fields
    )
    return f"{columns}\n{tree_text(execution.analyzed)}"


def _physical(execution: QueryExecution) -> str:
    try:
        fragment = execution.fragment()
    except SparkError as error:
        return str(error)
    return runner_of(execution.session.shared).explain(fragment)
