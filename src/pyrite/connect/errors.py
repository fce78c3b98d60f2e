"""Errors on their way to the client: exceptions become a gRPC status and its details.

The client learns of an error twice: at once, from the status (class names, condition,
parameters, a short message), and then in full by asking ``FetchErrorDetails`` for its id: the
whole message, the place in the user's query, the chain of causes.
"""

from __future__ import annotations

import json
import traceback
import uuid
from collections import OrderedDict
from typing import Any

from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2
from pyspark.errors import PySparkException
from pyspark.sql.connect import proto

from pyrite.connect import exception_classes
from pyrite.sql.errors import Origin, SparkError, internal_error

__all__ = ["ErrorLog", "error_details", "is_bug", "to_status"]

#: Longest message and parameters in the status itself; gRPC carries it in the headers.
_STATUS_TEXT_LIMIT = 2048
#: How many errors a session remembers for FetchErrorDetails, and how many causes of each.
_REMEMBERED = 100
_LONGEST_CHAIN = 5


class ErrorLog:
    """A session's latest errors by id, until the client asks for their details."""

    def __init__(self) -> None:
        self._errors: OrderedDict[str, BaseException] = OrderedDict()

    def add(self, error: BaseException) -> str:
        """Remember an error, and return its id."""
        error_id = str(uuid.uuid4())
        self._errors[error_id] = error
        while len(self._errors) > _REMEMBERED:
            self._errors.popitem(last=False)
        return error_id

    def take(self, error_id: str) -> BaseException | None:
        """Return the error of an id, once."""
        return self._errors.pop(error_id, None)


def to_status(error: BaseException, log: ErrorLog | None = None) -> status_pb2.Status:
    """Describe an error for the client.

    Args:
        error: Any exception.
        log: Where its details are kept for ``FetchErrorDetails``.
    """
    classes = exception_classes.java_classes(error)
    metadata = {"classes": json.dumps(classes)}
    error_class, sql_state, parameters = _condition(error)
    if error_class:
        metadata["errorClass"] = error_class
        metadata["sqlState"] = sql_state or ""
        as_json = json.dumps(parameters)
        # A longer list comes with the details.
        metadata["messageParameters"] = as_json if len(as_json) <= _STATUS_TEXT_LIMIT else "{}"
    if log is not None:
        metadata["errorId"] = log.add(error)
    info = error_details_pb2.ErrorInfo(
        reason=classes[0], domain="org.apache.spark", metadata=metadata
    )
    details = any_pb2.Any()
    details.Pack(info)
    message = message_of(error)
    if len(message) > _STATUS_TEXT_LIMIT:
        message = message[: _STATUS_TEXT_LIMIT - 3] + "..."
    return status_pb2.Status(code=code_pb2.INTERNAL, message=message, details=[details])


def message_of(error: BaseException) -> str:
    """Return the text that users see."""
    if isinstance(error, SparkError):
        return error.message
    if isinstance(error, PySparkException):
        return str(error)
    text = f"{type(error).__name__}: {error}"
    return internal_error(text).message if is_bug(error) else text


def is_bug(error: BaseException) -> bool:
    """Return whether an error is Pyrite's own mistake, as neither users nor files cause it."""
    return not isinstance(error, (SparkError, PySparkException, OSError))


def error_details(error: BaseException) -> list[proto.FetchErrorDetailsResponse.Error]:
    """Return an error and its causes, each pointing at the next."""
    chain: list[BaseException] = []
    while error not in chain and len(chain) < _LONGEST_CHAIN:
        chain.append(error)
        cause = error.__cause__
        if cause is None:
            break
        error = cause
    messages = [_details(link) for link in chain]
    for index, message in enumerate(messages[:-1]):
        message.cause_idx = index + 1
    return messages


def _details(error: BaseException) -> proto.FetchErrorDetailsResponse.Error:
    error_class, sql_state, parameters = _condition(error)
    message = proto.FetchErrorDetailsResponse.Error(
        error_type_hierarchy=exception_classes.java_classes_of_details(error),
        message=message_of(error),
        stack_trace=[
            proto.FetchErrorDetailsResponse.StackTraceElement(
                declaring_class=frame.f_globals.get("__name__", ""),
                method_name=frame.f_code.co_name,
                file_name=frame.f_code.co_filename,
                line_number=line,
            )
            for frame, line in reversed(list(traceback.walk_tb(error.__traceback__)))
        ],
    )
    if error_class:
        message.spark_throwable.error_class = error_class
        message.spark_throwable.message_parameters.update(parameters)
        if sql_state:
            message.spark_throwable.sql_state = sql_state
    origin = getattr(error, "origin", None)
    if isinstance(origin, Origin):
        message.spark_throwable.query_contexts.append(_query_context(origin))
    return message


def _condition(error: BaseException) -> tuple[str | None, str | None, dict[str, str]]:
    """Return the condition's name, its SQLSTATE and its parameters."""
    if isinstance(error, SparkError):
        return error.error_class, error.sql_state, error.parameters
    if isinstance(error, PySparkException) and error.getCondition():
        parameters: dict[str, Any] = error.getMessageParameters() or {}
        return (
            error.getCondition(),
            error.getSqlState(),
            {name: str(value) for name, value in parameters.items()},
        )
    if is_bug(error):
        return "INTERNAL_ERROR", "XX000", {"message": f"{type(error).__name__}: {error}"}
    return None, None, {}


def _query_context(origin: Origin) -> proto.FetchErrorDetailsResponse.QueryContext:
    contexts = proto.FetchErrorDetailsResponse.QueryContext
    if origin.text is None:
        return contexts(
            context_type=contexts.DATAFRAME,
            fragment=origin.fragment,
            call_site=origin.call_site,
            summary=origin.summary(),
        )
    return contexts(
        context_type=contexts.SQL,
        start_index=origin.start,
        stop_index=origin.stop,
        fragment=origin.fragment,
        object_type=origin.object_type,
        object_name=origin.object_name,
        summary=origin.summary(),
    )
