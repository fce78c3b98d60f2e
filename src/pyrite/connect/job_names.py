"""What the jobs of an operation are called in the status page and in the event log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyspark.sql.connect import proto

from pyrite.core.events.local_properties import CALL_SITE, DESCRIPTION, TAGS, job_tags

__all__ = ["job_properties", "statement_of"]

#: The relations that only show the rows of another one.
_SHOWN = ("show_string", "html_string")


def job_properties(
    properties: Mapping[str, str],
    request: proto.ExecutePlanRequest,
    operation_id: str,
    call_site: str | None,
) -> dict[str, str]:
    """Return the properties of the jobs of an operation.

    Args:
        properties: Those of the thread that asked for it.
        request: What is to be run.
        operation_id: The operation.
        call_site: Where the program asked for it, as ``collect at app.py:12``; None if only the
            client knows.

    Returns:
        The properties, with Spark's tags for the operation and each of its own tags. What the
        program has said of the jobs stays.
    """
    of_session = f"User_{request.user_context.user_id}_Session_{request.session_id}"
    tags = [f"SparkConnect_OperationTag_{of_session}_Operation_{operation_id}"]
    tags += [f"SparkConnect_SessionTag_{of_session}_Tag_{tag}" for tag in request.tags]
    description = statement_of(request.plan) or call_site or _kind(request.plan)
    known = {CALL_SITE: call_site, DESCRIPTION: description}
    return {
        **{key: value for key, value in known.items() if value is not None},
        **properties,
        TAGS: ",".join(sorted({*job_tags(properties), *_without_commas(tags)})),
    }


def _without_commas(tags: Iterable[str]) -> list[str]:
    return [tag.replace(",", "_") for tag in tags]


def _kind(plan: proto.Plan) -> str | None:
    """Return what a plan is at its top, such as ``aggregate``; None if it is nothing."""
    if plan.WhichOneof("op_type") == "command":
        return plan.command.WhichOneof("command_type")
    return plan.root.WhichOneof("rel_type")


def statement_of(plan: proto.Plan) -> str | None:
    """Return the SQL text that a plan is, None if it is not just one."""
    relation = plan.root
    if plan.WhichOneof("op_type") == "command":
        command = plan.command
        if not command.HasField("sql_command"):
            return None
        if not command.sql_command.HasField("input"):
            return command.sql_command.sql or None
        relation = command.sql_command.input
    while (kind := relation.WhichOneof("rel_type")) in _SHOWN:
        relation = getattr(relation, kind).input
    return relation.sql.query if kind == "sql" else None
