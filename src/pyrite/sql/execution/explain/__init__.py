"""``explain``: a query in the forms that Spark's modes ask for.

plan_node        the two pictures of a plan: a tree, a numbered list
expression_text  expressions as plans show them
logical          logical plans in Spark's words
physical         physical plans in Spark's words
distributed      those of queries that run in tasks
fragments        the DuckDB SQL of their fragments
joins            which kind of join Spark would choose
predicates       conditions: taken apart, moved, told to sources
sql_layout       the DuckDB SQL of a fragment, a clause a line
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from pyrite.sql.errors import SparkError
from pyrite.sql.execution.cluster.cluster_facts import is_distributed
from pyrite.sql.execution.cluster.cluster_plan import ClusterPlan
from pyrite.sql.execution.engine import runner_of
from pyrite.sql.execution.explain.distributed import DistributedPicture
from pyrite.sql.execution.explain.expression_text import list_text
from pyrite.sql.execution.explain.fragments import fragment_sections
from pyrite.sql.execution.explain.logical import LogicalPicture
from pyrite.sql.execution.explain.physical import PhysicalPicture
from pyrite.sql.execution.explain.plan_node import PlanNode, formatted_text, tree_text
from pyrite.sql.execution.explain.sql_layout import laid_out
from pyrite.sql.execution.run import run_plan
from pyrite.sql.optimizer.optimizer import optimize
from pyrite.sql.optimizer.sizes import kept_sizes, size_of
from pyrite.sql.plans.commands import Command, CreateView, WriteFiles, WriteTable
from pyrite.sql.plans.exchange import Exchange
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.semantics import bare

if TYPE_CHECKING:
    from pyspark.storagelevel import StorageLevel

    from pyrite.sql.plans.plan import CachedRelation
    from pyrite.sql.query_execution import QueryExecution
    from pyrite.sql.session_state import SessionState

__all__ = ["explain"]


def explain(execution: QueryExecution, mode: str) -> str:
    """Describe a query.

    Args:
        execution: The query.
        mode: "simple" for the physical plan; "extended" for all plans; "cost" for the optimized
            plan with sizes; "formatted" for the physical plan as a numbered list; "codegen" for
            what DuckDB is given, and its own plan of it.
    """
    pictures = _Pictures(execution.session)
    if isinstance(execution.logical, Command):
        return _sections(("Physical Plan", _command(execution, pictures)))
    match mode:
        case "codegen":
            parts = pictures.parts(execution.optimized)
            if parts is not None:
                return _sections(*fragment_sections(execution.session, parts))
            return _generated(execution)
        case "formatted":
            node = pictures.physical(execution.optimized)
            return _sections(("Physical Plan", formatted_text(node)))
    physical = ("Physical Plan", tree_text(pictures.physical(execution.optimized)))
    match mode:
        case "extended":
            return _sections(
                ("Parsed Logical Plan", pictures.logical(execution.logical)),
                ("Analyzed Logical Plan", _analyzed(execution, pictures)),
                ("Optimized Logical Plan", pictures.logical(execution.optimized)),
                physical,
            )
        case "cost":
            return _sections(
                ("Optimized Logical Plan", pictures.logical(execution.optimized, with_sizes=True)),
                physical,
            )
        case _:
            return _sections(physical)


class _Pictures:
    """The pictures of one session's plans."""

    def __init__(self, session: SessionState) -> None:
        self._session = session
        self._sizes = kept_sizes(session.shared.cache)

    def logical(self, plan: LogicalPlan, with_sizes: bool = False) -> str:
        """Draw a logical plan."""
        if with_sizes:
            picture = LogicalPicture(self._cached, lambda node: str(size_of(node, self._sizes)))
        else:
            picture = LogicalPicture(self._cached)
        return tree_text(picture.node(plan))

    def physical(self, plan: LogicalPlan, stays: bool = False) -> PlanNode:
        """Draw what is run.

        Args:
            plan: An optimized plan.
            stays: Whether its rows stay in the tasks that compute them.
        """
        parts = self.parts(plan)
        if parts is None:
            return PhysicalPicture(self._session, self._cached, self._sizes).node(plan)
        picture = DistributedPicture(self._session, self._cached, self._sizes, parts)
        root = parts.root
        return picture.node(root.child if stays and isinstance(root, Exchange) else root)

    def parts(self, plan: LogicalPlan) -> ClusterPlan | None:
        """Plan the tasks of an optimized plan; None if it stays one fragment."""
        if not is_distributed(self._session, plan):
            return None
        parts = ClusterPlan(self._session, plan, partial(run_plan, self._session))
        return parts if len(parts.fragments) > 1 else None

    def _cached(self, relation: CachedRelation) -> PlanNode:
        """Draw rows that are kept, above the plan that computes them."""
        columns = list_text(relation.output)
        kept = self._session.shared.cache.kept(relation.key)
        if kept is None:
            return PlanNode("InMemoryRelation", columns)
        text = f"{columns}, StorageLevel({_level_text(kept.level)})"
        plan = optimize(bare(kept.plan), self._session, with_cached=False)
        inner = self.physical(plan, stays=True)
        return PlanNode("InMemoryRelation", text, (), (("Arguments", text),), inner=inner)


def _level_text(level: StorageLevel) -> str:
    places = {"disk": level.useDisk, "memory": level.useMemory, "offheap": level.useOffHeap}
    words = [word for word, used in {**places, "deserialized": level.deserialized}.items() if used]
    return ", ".join([*words, f"{level.replication} replicas"])


def _sections(*sections: tuple[str, str]) -> str:
    return "\n\n".join(f"== {title} ==\n{text.rstrip()}" for title, text in sections) + "\n"


def _analyzed(execution: QueryExecution, pictures: _Pictures) -> str:
    columns = ", ".join(
        f"{field.name}: {field.dataType.simpleString()}" for field in execution.schema.fields
    )
    return f"{columns}\n{pictures.logical(execution.analyzed)}"


#: What Spark calls the commands that a query's rows go into.
_COMMANDS: dict[type[LogicalPlan], str] = {
    CreateView: "CreateViewCommand",
    WriteFiles: "InsertIntoHadoopFsRelationCommand",
    WriteTable: "InsertIntoHadoopFsRelationCommand",
}


def _command(execution: QueryExecution, pictures: _Pictures) -> str:
    """Draw a command, above the query whose rows it takes."""
    command = execution.logical
    words = str(getattr(command, "statement", type(command).__name__)).split("_")
    name = _COMMANDS.get(type(command)) or "".join(map(_capital, words)) + "Command"
    about = ".".join(f"`{part}`" for part in getattr(command, "name", ()))
    children: tuple[PlanNode, ...] = ()
    if isinstance(command, (CreateView, WriteFiles, WriteTable)):
        query = type(execution)(execution.session, command.child)
        children = (pictures.physical(query.optimized),)
    return tree_text(PlanNode(f"Execute {name}", about, children))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _generated(execution: QueryExecution) -> str:
    try:
        fragment = execution.fragment()
    except SparkError as error:
        return _sections(("DuckDB SQL", str(error)))
    plan = runner_of(execution.session.shared).explain(fragment)
    return _sections(("DuckDB SQL", laid_out(fragment.sql)), ("DuckDB Plan", plan))
