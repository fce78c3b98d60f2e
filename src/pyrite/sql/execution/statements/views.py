"""Views: temporary, global and stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from pyrite.sql.analysis.char_padding import declared_schema
from pyrite.sql.catalog.entities import CatalogTable
from pyrite.sql.catalog.names import CATALOG, check_name, quoted
from pyrite.sql.catalog.session_catalog import GLOBAL_DATABASE, GlobalViews
from pyrite.sql.errors import Origin, analysis_error, unsupported
from pyrite.sql.execution.analyze import analyze
from pyrite.sql.execution.statements.arguments import Arguments, Handler, nothing
from pyrite.sql.execution.statements.tables import check_new_name
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.plans.commands import CreateView
from pyrite.sql.plans.plan import LogicalPlan, SubqueryAlias
from pyrite.sql.plans.unresolved import (
    SqlText,
    UnresolvedRelation,
    UnresolvedSubqueryAlias,
    UnresolvedWith,
)
from pyrite.sql.session_state import SessionState
from pyrite.sql.tree import TreeNode
from pyrite.sql.types import StructField, StructType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["HANDLERS", "create_view", "drop_temporary"]


def create_view(session: SessionState, command: CreateView) -> pa.Table:
    """Run CREATE VIEW or ``createTempView``."""
    if command.scope == "stored":
        return _create_stored(session, command)
    catalog = session.catalog
    views: GlobalViews = (
        catalog.global_views if command.scope == "global" else catalog.temporary_views
    )
    key = command.name[-1].lower()
    if key in views and not command.replace:
        if command.if_not_exists:
            return nothing()
        shown = (GLOBAL_DATABASE, key) if command.scope == "global" else (key,)
        raise analysis_error("TEMP_TABLE_OR_VIEW_ALREADY_EXISTS", relationName=quoted(shown))
    child = command.child
    if command.text is not None:
        shown_name = f"{GLOBAL_DATABASE}.{key}" if command.scope == "global" else command.name[-1]
        child = _moved_into(child, command.text, shown_name)
    plan = _inline_views(child, session.catalog.temporary_view, frozenset())
    if command.columns:
        plan = UnresolvedSubqueryAlias(key, plan, tuple(name for name, _ in command.columns))
    analyze(session, plan)  # a view that cannot be resolved is refused now
    views[key] = plan
    return nothing()


def _moved_into(plan: LogicalPlan, text: str, name: str) -> LogicalPlan:
    """Let what the statement's text says stand in the text of the view it makes.

    Args:
        plan: The view's query.
        text: Its text, with which the statement ends.
        name: The view's name, as errors show it.
    """

    def move(origin: Origin) -> Origin:
        before = -1 if origin.text is None or origin.object_type else origin.text.rfind(text)
        if before < 0:
            return origin
        return Origin(text, origin.start - before, origin.stop - before, "", "", "VIEW", name)

    def move_all(node: TreeNode) -> TreeNode:
        return node.map_nodes(TreeNode, move_all).map_nodes(Origin, move)

    return cast("LogicalPlan", move_all(plan))


def _inline_views(
    plan: LogicalPlan,
    view_of: Callable[[tuple[str, ...]], LogicalPlan | None],
    hidden: frozenset[str],
) -> LogicalPlan:
    """Put temporary views' plans in the place of their names.

    A view means what its query meant when it was made, so ``v`` may be replaced by a query over
    the old ``v``.

    Args:
        plan: An unresolved plan.
        view_of: Returns the temporary view of a name, None if it has none.
        hidden: Names that common table expressions around the plan have taken.
    """
    if isinstance(plan, UnresolvedRelation):
        if len(plan.name) == 1 and plan.name[0].lower() in hidden:
            return plan
        view = view_of(plan.name)
        return plan if view is None else UnresolvedSubqueryAlias(plan.name[-1], view)
    if isinstance(plan, UnresolvedWith):
        hidden |= {name.lower() for name, _, _ in plan.definitions}

    def in_expression(expression: Expression) -> Expression:
        inner = expression.map_nodes(LogicalPlan, lambda p: _inline_views(p, view_of, hidden))
        return inner.map_children(in_expression)

    mapped = plan.map_children(lambda child: _inline_views(child, view_of, hidden))
    return mapped.map_expressions(in_expression)


def _check_stored(session: SessionState, name: tuple[str, ...], query: LogicalPlan) -> None:
    """Refuse the query of a stored view that names what may be gone tomorrow.

    Raises:
        SparkError: INVALID_TEMP_OBJ_REFERENCE.
    """

    def refuse(relation: tuple[str, ...]) -> None:
        if session.catalog.temporary_view(relation) is not None:
            raise analysis_error(
                "INVALID_TEMP_OBJ_REFERENCE",
                obj="VIEW",
                objName=quoted((CATALOG, *session.catalog.table_name(name))),
                tempObj="VIEW",
                tempObjName=quoted(relation),
            )

    _inline_views(query, refuse, frozenset())


def _check_columns(names: Iterable[str]) -> None:
    """Refuse a stored view two of whose columns have the same name."""
    seen: set[str] = set()
    for name in map(str.lower, names):
        if name in seen:
            raise analysis_error("COLUMN_ALREADY_EXISTS", columnName=quoted((name,)))
        seen.add(name)


def _check_not_recursive(view: CatalogTable, plan: LogicalPlan) -> None:
    """Refuse a resolved query of a view that reads the view.

    Raises:
        SparkError: RECURSIVE_VIEW.
    """

    def is_view(node: TreeNode) -> bool:
        alias = node.alias if isinstance(node, SubqueryAlias) else ()
        return tuple(part.lower() for part in alias) == view.full_name

    if plan.contains(is_view):
        name = quoted(view.full_name)
        raise analysis_error("RECURSIVE_VIEW", viewIdent=name, newPath=f"{name} -> {name}")


def _create_stored(session: SessionState, command: CreateView) -> pa.Table:
    catalog = session.catalog
    existing = catalog.find_table(command.name)
    if existing is not None:
        if command.if_not_exists:
            return nothing()
        if not command.replace:
            raise analysis_error(
                "TABLE_OR_VIEW_ALREADY_EXISTS", relationName=quoted(existing.full_name)
            )
        if not existing.is_view:
            raise analysis_error(
                "EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE",
                tableName=quoted(existing.full_name),
                operation="CREATE OR REPLACE VIEW",
            )
    if command.text is None:
        raise unsupported("stored views without SQL text")
    _check_stored(session, command.name, command.child)
    plan = analyze(session, command.child)
    if existing is not None:
        _check_not_recursive(existing, plan)
    fields = declared_schema(plan.schema).fields
    names = [(f.name, None) for f in fields] if not command.columns else list(command.columns)
    if len(names) != len(fields):
        condition = "NOT_ENOUGH" if len(names) > len(fields) else "TOO_MANY"
        raise analysis_error(
            f"CREATE_VIEW_COLUMN_ARITY_MISMATCH.{condition}_DATA_COLUMNS",
            viewName=quoted(command.name),
            viewColumns=", ".join(quoted((name,)) for name, _ in names),
            dataColumns=", ".join(quoted((f.name,)) for f in fields),
        )
    _check_columns([name for name, _ in names])
    database, name = catalog.table_name(command.name)
    check_name(name)
    schema = StructType(
        [
            StructField(
                shown, f.dataType, f.nullable, {"comment": comment} if comment else f.metadata
            )
            for (shown, comment), f in zip(names, fields, strict=True)
        ]
    )
    view = CatalogTable(
        database=catalog.metastore.database(database).name,
        name=name.lower(),
        kind="VIEW",
        schema=schema,
        properties=dict(command.properties),
        comment=command.comment,
        view_text=command.text,
        view_namespace=(CATALOG, catalog.current_database),
        view_query_columns=tuple(f.name for f in fields),
    )
    if existing is not None:
        catalog.metastore.replace_table(replace(view, created=existing.created))
    else:
        catalog.metastore.create_table(view)
    return nothing()


def drop_temporary(session: SessionState, name: tuple[str, ...]) -> bool:
    """Forget a temporary or global temporary view; return whether there was one."""
    if session.catalog.temporary_view(name) is None:
        return False
    catalog = session.catalog
    views = catalog.temporary_views if len(name) == 1 else catalog.global_views
    del views[name[-1].lower()]
    return True


def _drop_view(session: SessionState, arguments: Arguments) -> pa.Table:
    catalog, name = session.catalog, arguments.name()
    if drop_temporary(session, name):
        return nothing()
    table = catalog.find_table(name)
    if table is None:
        if arguments.flag("if_exists"):
            return nothing()
        shown = catalog.full_name(name)
        raise catalog.not_found((CATALOG, *shown) if shown else name)
    if not table.is_view:
        raise analysis_error(
            "WRONG_COMMAND_FOR_OBJECT_TYPE",
            operation="DROP VIEW",
            requiredType="VIEW",
            objectName=".".join(table.full_name),
            foundType=table.kind,
            alternative="DROP TABLE",
        )
    catalog.metastore.drop_table(table.database, table.name)
    return nothing()


def _alter_query(session: SessionState, arguments: Arguments) -> pa.Table:
    name, child = arguments.name(), arguments.child
    plan = child if child is not None else SqlText(arguments.get("text"))
    if session.catalog.temporary_view(name) is not None:
        scope = "local" if len(name) == 1 else "global"
        return create_view(session, CreateView(name, plan, scope, replace=True))
    view = session.catalog.table(name)
    _check_stored(session, name, plan)
    resolved = analyze(session, plan)
    _check_not_recursive(view, resolved)
    fields = declared_schema(resolved.schema).fields
    _check_columns(field.name for field in fields)
    changed = replace(
        view,
        schema=StructType(fields),
        view_text=arguments.get("text"),
        view_namespace=(CATALOG, session.catalog.current_database),
        view_query_columns=tuple(f.name for f in fields),
    )
    session.catalog.metastore.replace_table(changed)
    return nothing()


def _rename(session: SessionState, arguments: Arguments) -> pa.Table:
    catalog, name, new_name = session.catalog, arguments.name(), arguments.name("new_name")
    if len(name) == 1 and name[0].lower() in catalog.temporary_views:
        catalog.temporary_views[new_name[-1].lower()] = catalog.temporary_views.pop(name[0].lower())
        return nothing()
    view = catalog.table(name)
    check_new_name(view, new_name, catalog.current_database)
    catalog.metastore.replace_table(replace(view, name=new_name[-1].lower()), view.name)
    return nothing()


HANDLERS: dict[str, Handler] = {
    "drop_view": _drop_view,
    "alter_view_query": _alter_query,
    "rename_view": _rename,
}
