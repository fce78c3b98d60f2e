"""Settings that change what a call means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from pyrite.sql.conf import (
    CONCAT_BINARY_AS_STRING,
    ELT_OUTPUT_AS_STRING,
    SIZE_OF_NULL,
    SQLConf,
)
from pyrite.sql.expressions.expression import Call, Expression
from pyrite.sql.functions.collections import null_of_null
from pyrite.sql.functions.type_coercion import cast_to
from pyrite.sql.types import STRING, BinaryType

__all__ = ["arguments_by_settings", "call_by_settings"]

#: By function: the setting under which its binary arguments are text.
_BINARY_AS_TEXT = {
    "concat": CONCAT_BINARY_AS_STRING,
    "||": CONCAT_BINARY_AS_STRING,
    "elt": ELT_OUTPUT_AS_STRING,
}


def arguments_by_settings(
    name: str, arguments: Sequence[Expression], conf: SQLConf, ansi: bool
) -> Sequence[Expression]:
    """Return the arguments of a call as a session wants them to be taken.

    Args:
        name: The function's.
        arguments: As they were written.
        conf: The session's settings.
        ansi: Whether its casts are ANSI's.
    """
    setting = _BINARY_AS_TEXT.get(name)
    if setting is None or not conf.read(setting):
        return arguments
    return [
        cast_to(argument, STRING, ansi) if isinstance(argument.data_type, BinaryType) else argument
        for argument in arguments
    ]


def _size_of_null(call: Call, conf: SQLConf) -> Call:
    return call if conf.read(SIZE_OF_NULL) else replace(call, function=null_of_null(call.function))


_CALLS: dict[str, Callable[[Call, SQLConf], Call]] = {
    "size": _size_of_null,
    "cardinality": _size_of_null,
}


def call_by_settings(call: Call, conf: SQLConf) -> Call:
    """Return a resolved call with the function that a session wants for it.

    Args:
        call: The call.
        conf: The session's settings.
    """
    by_settings = _CALLS.get(call.function.name)
    return call if by_settings is None else by_settings(call, conf)
