"""Deep plans: room for those of a thousand steps, which client and engine walk by recursion.

Programs make them in loops, such as ``df = df.withColumn(...)``. Python's usual limit, which
guards small stacks, ends at some three hundred.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import ModuleType
from typing import Any

__all__ = ["STACK_BYTES", "install", "let_messages_nest", "room_for_deep_plans"]

#: The stack of a thread that runs operations; only what is used of it takes memory.
STACK_BYTES = 64 << 20

#: The most calls inside one another while a plan is walked.
_LIMIT = 20_000

_lock = threading.Lock()
_users = 0
_usual = 0


@contextmanager
def room_for_deep_plans() -> Iterator[None]:
    """Let calls nest deeper inside the block.

    The limit is the whole process's, and back to what it was when the last such block ends.
    """
    global _users, _usual
    with _lock:
        if not _users:
            _usual = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_usual, _LIMIT))
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users:
                sys.setrecursionlimit(_usual)


def install(module: ModuleType) -> None:
    """Let ``pyspark.sql.connect.plan`` make messages of deep plans."""
    plan_class: Any = module.LogicalPlan
    plan_class.to_proto = _with_room(plan_class.to_proto)
    plan_class.observations = property(_observations_with_room(plan_class.observations.fget))
    let_messages_nest()


def _with_room(function: Any) -> Any:
    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with room_for_deep_plans():
            return function(*args, **kwargs)

    return run


def _observations_with_room(observations: Callable[[Any], Any]) -> Callable[[Any], Any]:
    # It calls itself for the plans below. Calls with `*args` nest in C, of which Python 3.12
    # allows some thousand whatever the limit.
    def run(plan: Any) -> Any:
        with room_for_deep_plans():
            return observations(plan)

    return run


def let_messages_nest() -> None:
    """Let messages hold more than a hundred others inside one another.

    Expressions such as ``a | b | c | ...`` do. The package copies messages into one another by
    way of bytes, and reading these minds the limit; so does a server that reads them.
    """
    from google.protobuf.internal import api_implementation

    if api_implementation.Type() == "upb":
        from google._upb import _message

        _message.SetAllowOversizeProtos(True)
