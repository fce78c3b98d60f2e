"""The in-process channel: the client's stub calls the service, messages pass by reference.

``ChannelToService`` is what ``pyspark-client`` takes for a network connection. A call costs a
function call: nothing is serialised, and no port is opened.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from threading import Thread
from typing import TYPE_CHECKING, Any

import grpc
from pyspark.sql.connect.client import ChannelBuilder

if TYPE_CHECKING:
    from pyrite.connect.server import SparkConnectService

__all__ = ["InProcessChannel", "InProcessChannelBuilder"]

Metadata = Iterable[tuple[str, Any]]


class InProcessError(grpc.RpcError, grpc.Call):  # type: ignore[misc]
    """A call that failed, as the client finds it on a network."""

    def __init__(self, code: grpc.StatusCode, details: str, trailing: Metadata = ()) -> None:
        super().__init__(details)
        self._code = code
        self._details = details
        self._trailing = tuple(trailing)

    def code(self) -> grpc.StatusCode:
        """Return the status code."""
        return self._code

    def details(self) -> str:
        """Return the message."""
        return self._details

    def trailing_metadata(self) -> Metadata:
        """Return the metadata that carries the full status."""
        return self._trailing

    def initial_metadata(self) -> Metadata:
        """Return nothing; the service sends no headers."""
        return ()

    def is_active(self) -> bool:
        """Say that the call is over."""
        return False

    def time_remaining(self) -> None:
        """Return None; calls have no deadline."""

    def cancel(self) -> bool:
        """Do nothing; the call is over."""
        return False

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Refuse the callback, as the call is over."""
        return False


class InProcessContext:
    """What the service sees of a call: the part of ``grpc.ServicerContext`` that it uses."""

    #: Whether messages cross a network, where a stream may break and be taken up again.
    is_remote = False

    def __init__(self, metadata: Metadata | None) -> None:
        self._metadata = tuple(metadata or ())
        self._callbacks: list[Callable[[], None]] = []

    def invocation_metadata(self) -> Metadata:
        """Return what the client sent beside the message."""
        return self._metadata

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Have ``callback`` called when the client drops a stream."""
        self._callbacks.append(callback)
        return True

    def abort_with_status(self, status: Any) -> None:
        """End the call with an error."""
        raise InProcessError(status.code, status.details, status.trailing_metadata)

    def closed(self) -> None:
        """Tell the service that the stream is over."""
        for callback in self._callbacks:
            callback()


def _pass(answers: Iterator[Any]) -> None:
    with contextlib.suppress(Exception):
        for _ in answers:
            pass


class _Method(
    grpc.UnaryUnaryMultiCallable,  # type: ignore[misc]
    grpc.UnaryStreamMultiCallable,  # type: ignore[misc]
    grpc.StreamUnaryMultiCallable,  # type: ignore[misc]
    grpc.StreamStreamMultiCallable,  # type: ignore[misc]
):
    """One RPC of the service, called directly."""

    def __init__(self, function: Callable[[Any, Any], Any], streams: bool) -> None:
        self._function = function
        self._streams = streams

    def __call__(
        self, request: Any, timeout: float | None = None, metadata: Metadata | None = None, **_: Any
    ) -> Any:
        context = InProcessContext(metadata)
        if self._streams:
            return self._responses(request, context)
        answer = self._function(request, context)
        if isinstance(answer, Iterator):
            # Of a stream that it takes for one answer, a client wants no answer: so it forgets
            # rows as they are garbage collected, where nothing may wait for a lock.
            Thread(target=_pass, args=(answer,), daemon=True).start()
            return None
        return answer

    def _responses(self, request: Any, context: InProcessContext) -> Iterator[Any]:
        try:
            yield from self._function(request, context)
        finally:
            context.closed()

    def with_call(self, *_: Any, **__: Any) -> Any:
        """Not used by clients of Spark."""
        raise NotImplementedError("an in-process call has no call object beside its answer")

    def future(self, *_: Any, **__: Any) -> Any:
        """Not used by clients of Spark."""
        raise NotImplementedError("an in-process call answers at once")


class InProcessChannel(grpc.Channel):  # type: ignore[misc]
    """A channel to a service in this process.

    Args:
        service: The service that answers.
    """

    def __init__(self, service: SparkConnectService) -> None:
        self._service = service

    def _method(self, path: str, streams: bool) -> _Method:
        name = path.rpartition("/")[2]
        return _Method(getattr(self._service, name), streams)

    def unary_unary(self, method: str, *_: Any, **__: Any) -> _Method:
        """Return the RPC of a path."""
        return self._method(method, streams=False)

    def stream_unary(self, method: str, *_: Any, **__: Any) -> _Method:
        """Return the RPC of a path."""
        return self._method(method, streams=False)

    def unary_stream(self, method: str, *_: Any, **__: Any) -> _Method:
        """Return the RPC of a path."""
        return self._method(method, streams=True)

    def stream_stream(self, method: str, *_: Any, **__: Any) -> _Method:
        """Return the RPC of a path."""
        return self._method(method, streams=True)

    def subscribe(
        self, callback: Callable[[grpc.ChannelConnectivity], None], try_to_connect: bool = False
    ) -> None:
        """Say that the channel is ready; it always is."""
        callback(grpc.ChannelConnectivity.READY)

    def unsubscribe(self, callback: Callable[[grpc.ChannelConnectivity], None]) -> None:
        """Do nothing; nothing more would be said."""

    def close(self) -> None:
        """Do nothing; there is no connection."""

    def __enter__(self) -> InProcessChannel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class InProcessChannelBuilder(ChannelBuilder):
    """What a ``SparkSession`` is given in place of an ``sc://`` URL.

    Args:
        service: The service that answers.
        params: The client's own parameters, such as ``user_id`` and ``session_id``.

    Example::

        SparkSession(connection=InProcessChannelBuilder(service))
    """

    def __init__(self, service: SparkConnectService, params: dict[str, str] | None = None) -> None:
        super().__init__(params=params)
        self._service = service

    def __deepcopy__(self, memo: dict[int, Any]) -> InProcessChannelBuilder:
        """Copy the parameters only: a cloned session speaks to the same service."""
        copy = InProcessChannelBuilder(self._service, dict(self._params))
        copy._interceptors = list(self._interceptors)
        return copy

    def toChannel(self) -> grpc.Channel:
        """Return a channel to the service."""
        channel = InProcessChannel(self._service)
        if self._interceptors:
            return grpc.intercept_channel(channel, *self._interceptors)
        return channel

    @property
    def host(self) -> str:
        """What the shell greets with."""
        return "in-process"
