"""SparkConnectPlanner: from the client's messages to unresolved plans."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from pyrite.connect.planner.commands import COMMANDS
from pyrite.connect.planner.expressions import EXPRESSIONS
from pyrite.connect.planner.frame_functions import FRAME_FUNCTIONS
from pyrite.connect.planner.leaves import LEAVES
from pyrite.connect.planner.messages import one_of, optional, origin_of, well_formed
from pyrite.connect.planner.python_relations import PYTHON_RELATIONS
from pyrite.connect.planner.relations import RELATIONS
from pyrite.sql.expressions.expression import Expression
from pyrite.sql.plans.plan import LogicalPlan
from pyrite.sql.plans.unresolved import PlanId
from pyrite.sql.session_state import SessionState

if TYPE_CHECKING:
    from pyspark.sql.connect import proto

__all__ = ["SparkConnectPlanner"]

_RELATIONS = {**LEAVES, **RELATIONS, **FRAME_FUNCTIONS, **PYTHON_RELATIONS}


def _no_artifact(name: str) -> bytes | None:
    return None


class SparkConnectPlanner:
    """Translates one session's messages; it looks nothing up and runs nothing.

    Args:
        session: Whose plans they are.
        artifact: Returns the bytes the client has uploaded under a hash, None if there are none.
    """

    def __init__(
        self, session: SessionState, artifact: Callable[[str], bytes | None] = _no_artifact
    ) -> None:
        self.session = session
        self.artifact = artifact

    def relation(self, message: proto.Relation) -> LogicalPlan:
        """Translate a relation.

        Raises:
            SparkError: Pyrite does not have it (the message is named), or it is not well formed.
        """
        kind = one_of(message, "rel_type")
        part = getattr(message, kind)
        with well_formed(part):
            plan = _RELATIONS[kind](self, part)
        if message.HasField("common") and message.common.HasField("plan_id"):
            return PlanId(message.common.plan_id, plan)
        return plan

    def command(self, message: proto.Command) -> LogicalPlan:
        """Translate a command: usually to a ``Command``, SQL text to the plan of that text.

        Raises:
            SparkError: As for ``relation``.
        """
        kind = one_of(message, "command_type")
        part = getattr(message, kind)
        with well_formed(part):
            return COMMANDS[kind](self, part)

    def expression(self, message: proto.Expression) -> Expression:
        """Translate an expression.

        Raises:
            SparkError: As for ``relation``.
        """
        kind = one_of(message, "expr_type")
        return EXPRESSIONS[kind](self, getattr(message, kind), origin_of(message))

    def expressions(self, messages: Iterable[proto.Expression]) -> tuple[Expression, ...]:
        """Translate several expressions."""
        return tuple([self.expression(message) for message in messages])

    def optional_expression(self, message: object, field: str) -> Expression | None:
        """Translate the expression in a message's field, None if it is not set."""
        value = optional(message, field)
        return None if value is None else self.expression(value)
