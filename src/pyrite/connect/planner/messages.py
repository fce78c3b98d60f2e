"""What the handlers need of protobuf: optional fields, refusals, and errors of wrong plans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pyspark.errors import PySparkException

from pyrite.sql.errors import Origin, SparkError, unsupported
from pyrite.sql.plans.unresolved import Options

__all__ = [
    "enum_value",
    "invalid_plan",
    "one_of",
    "optional",
    "options",
    "origin_of",
    "refuse",
    "well_formed",
]


def optional(message: Any, field: str) -> Any:
    """Return a field's value, None where the client has not set it."""
    return getattr(message, field) if message.HasField(field) else None


def options(pairs: Mapping[str, str]) -> Options:
    """Return a map of strings as sorted pairs: protobuf keeps no order."""
    return tuple(sorted(pairs.items()))


def refuse(message: Any, *fields: str) -> None:
    """Refuse a message that uses what Pyrite does not have.

    Args:
        message: Any message.
        fields: The fields it must not set; a boolean may be set to false.

    Raises:
        SparkError: UNSUPPORTED_FEATURE.PYRITE, naming the message and the field.
    """
    for field, value in message.ListFields():
        if field.name in fields and value is not False:
            raise unsupported(f"{field.name} of the message {message.DESCRIPTOR.name}")


def invalid_plan(condition: str, /, **parameters: str) -> SparkError:
    """Make the error of a message that no client should send.

    Args:
        condition: The name below CONNECT_INVALID_PLAN.
        parameters: The condition's parameters.
    """
    from pyspark.errors.exceptions.connect import InvalidPlanInput

    return SparkError(f"CONNECT_INVALID_PLAN.{condition}", parameters, InvalidPlanInput)


@contextmanager
def well_formed(message: Any) -> Iterator[None]:
    """Refuse a message whose contents are not what they should be: JSON, Arrow data, a decimal.

    Raises:
        SparkError: CONNECT_INVALID_PLAN.CANNOT_PARSE, naming the message.
    """
    try:
        yield
    except (ValueError, ArithmeticError) as error:
        if isinstance(error, PySparkException):
            raise
        reason = f"{message.DESCRIPTOR.full_name}: {error or type(error).__name__}"
        raise invalid_plan("CANNOT_PARSE", errorMsg=reason) from error


def one_of(message: Any, group: str) -> str:
    """Return which of a message's alternatives is set.

    Raises:
        SparkError: None is, or one that this version does not know.
    """
    name: str | None = message.WhichOneof(group)
    if name is not None:
        return name
    from google.protobuf.unknown_fields import UnknownFieldSet

    unknown = [field.field_number for field in UnknownFieldSet(message)]
    full_name = message.DESCRIPTOR.full_name
    if unknown:
        numbers = ", ".join(map(str, unknown))
        raise unsupported(f"field {numbers} of the message {full_name} (a newer client's)")
    not_set = f"{group.replace('_', '').upper()}_NOT_SET"  # as Java calls that case
    raise invalid_plan("INVALID_ONE_OF_FIELD_NOT_SET", fullName=full_name, name=not_set)


def enum_value(message: Any, field: str, values: Mapping[str, Any]) -> Any:
    """Translate an enumeration's value.

    Args:
        message: The message that has it.
        field: The field's name.
        values: The translations, by the names of the enumeration's values.

    Raises:
        SparkError: The value has no translation.
    """
    number = getattr(message, field)
    enum = message.DESCRIPTOR.fields_by_name[field].enum_type
    known = enum.values_by_number.get(number)
    name = known.name if known is not None else "UNRECOGNIZED"
    if name in values:
        return values[name]
    raise invalid_plan("INVALID_ENUM", fullName=enum.full_name, name=name, number=str(number))


def origin_of(message: Any) -> Origin | None:
    """Return where in the user's program an expression or a relation was written."""
    if not message.HasField("common") or not message.common.HasField("origin"):
        return None
    origin = message.common.origin
    match origin.WhichOneof("function"):
        case "python_origin":
            return Origin(
                call=origin.python_origin.fragment, call_site=origin.python_origin.call_site
            )
        case "jvm_origin":
            return _jvm_origin(origin.jvm_origin)
        case _:
            return None


def _jvm_origin(origin: Any) -> Origin:
    if origin.HasField("sql_text"):
        return Origin(origin.sql_text, origin.start_index, origin.stop_index)
    for frame in origin.stack_trace:
        return Origin(
            call=frame.method_name,
            call_site=f"{frame.declaring_class}({frame.file_name}:{frame.line_number})",
        )
    return Origin()
