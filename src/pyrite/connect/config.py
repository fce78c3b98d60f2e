"""The Config RPC: a session's settings, read, set and asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyspark.sql.connect import proto

from pyrite.connect.session import SessionHolder
from pyrite.sql.conf import SQLConf
from pyrite.sql.errors import SparkError, runtime_error, unsupported

__all__ = ["configure"]

Response = proto.ConfigResponse


def configure(session: SessionHolder, request: proto.ConfigRequest) -> Response:
    """Answer a request about a session's settings."""
    response = Response()
    kind = request.operation.WhichOneof("op_type")
    if kind is None or kind not in _HANDLERS:
        raise unsupported(f"the configuration request {kind}")
    _HANDLERS[kind](session.state.conf, getattr(request.operation, kind), response)
    return response


def _set(conf: SQLConf, request: proto.ConfigRequest.Set, response: Response) -> None:
    for pair in request.pairs:
        try:
            conf.set(pair.key, pair.value)
        except SparkError as error:
            if not request.silent:
                raise
            response.warnings.append(f"Failed to set {pair.key} to {pair.value}: {error.message}")


def _get(conf: SQLConf, request: proto.ConfigRequest.Get, response: Response) -> None:
    for key in request.keys:
        value = conf.get(key)
        if value is None and not conf.is_known(key):
            raise runtime_error("SQL_CONF_NOT_FOUND", sqlConf=f'"{key}"')
        response.pairs.add(key=key, value=value)


def _get_with_default(
    conf: SQLConf, request: proto.ConfigRequest.GetWithDefault, response: Response
) -> None:
    for pair in request.pairs:
        # The default that the client gives stands before the setting's own.
        default = pair.value if pair.HasField("value") else None
        response.pairs.add(key=pair.key, value=conf.explicit().get(pair.key, default))


def _get_option(conf: SQLConf, request: proto.ConfigRequest.GetOption, response: Response) -> None:
    for key in request.keys:
        response.pairs.add(key=key, value=conf.get(key))


def _get_all(conf: SQLConf, request: proto.ConfigRequest.GetAll, response: Response) -> None:
    for key, value in conf.explicit().items():
        if key.startswith(request.prefix):
            response.pairs.add(key=key.removeprefix(request.prefix), value=value)


def _unset(conf: SQLConf, request: proto.ConfigRequest.Unset, response: Response) -> None:
    for key in request.keys:
        conf.unset(key)


def _is_modifiable(
    conf: SQLConf, request: proto.ConfigRequest.IsModifiable, response: Response
) -> None:
    for key in request.keys:
        response.pairs.add(key=key, value="true" if conf.is_modifiable(key) else "false")


_HANDLERS: dict[str, Callable[[SQLConf, Any, Response], None]] = {
    "set": _set,
    "get": _get,
    "get_with_default": _get_with_default,
    "get_option": _get_option,
    "get_all": _get_all,
    "unset": _unset,
    "is_modifiable": _is_modifiable,
}
