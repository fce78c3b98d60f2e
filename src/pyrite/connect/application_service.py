"""The one service of an application: all sessions of this process speak to it."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from pyrite.connect.server import SparkConnectService
from pyrite.sql.session_state import SharedState

if TYPE_CHECKING:
    from pyrite.core.context import SparkContext

__all__ = ["service_of"]

_lock = threading.Lock()
_services: weakref.WeakKeyDictionary[SparkContext, SparkConnectService] = (
    weakref.WeakKeyDictionary()
)


def service_of(context: SparkContext) -> SparkConnectService:
    """Return the service over a context's engine; it ends when the context is stopped."""
    with _lock:
        service = _services.get(context)
        if service is None:
            shared = SharedState(context)
            service = _services[context] = SparkConnectService(shared)
            context.on_stop(lambda: _close(service, shared))
        return service


def _close(service: SparkConnectService, shared: SharedState) -> None:
    service.sessions.close()
    if shared.runner is not None:
        shared.runner.stop()
