"""Listeners: what hears of an application's events because its settings say so."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pyrite.core.conf import ConfigEntry, parse_bool
from pyrite.core.events import ListenerBus
from pyrite.core.ui.console_progress import ConsoleProgressBar, progress_bar_for
from pyrite.core.ui.event_log import EVENT_LOG_ENABLED, EventLoggingListener
from pyrite.core.ui.status_store import AppStatusStore

if TYPE_CHECKING:
    from pyrite.core.ui.server import StatusServer

__all__ = ["Listeners"]

_UI_ENABLED = ConfigEntry("spark.ui.enabled", "true", parse_bool)
_QUEUE_CAPACITY = ConfigEntry("spark.scheduler.listenerbus.eventqueue.capacity", "10000", int)


class Listeners:
    """The bus of an application and what listens there: status, event log, progress bar.

    Args:
        conf: The application's settings.

    Attributes:
        bus: Where events are posted.
        status: What is known of the application, for its status page and tracker.

    Raises:
        SparkIllegalArgumentException: If a setting cannot be used; the message names it.
    """

    def __init__(self, conf: Mapping[str, str]) -> None:
        capacity = _QUEUE_CAPACITY.read(conf)
        self.status = AppStatusStore(conf)
        self.bus = ListenerBus(capacity)
        self._event_log: EventLoggingListener | None = None
        self._progress: ConsoleProgressBar | None = None
        self._server: StatusServer | None = None

    def start(self, application_id: str, conf: Mapping[str, str]) -> None:
        """Begin to listen.

        Args:
            application_id: The id.
            conf: The settings, the id among them.
        """
        self.bus.add_listener(self.status)
        if EVENT_LOG_ENABLED.read(conf):
            self._event_log = EventLoggingListener(application_id, conf)
            self.bus.add_listener(self._event_log)
        self._progress = progress_bar_for(conf, sys.stderr)
        if self._progress is not None:
            self.bus.add_listener(self._progress)
        if _UI_ENABLED.read(conf):
            from pyrite.core.ui.server import StatusServer

            self._server = StatusServer(self.status, conf)

    @property
    def url(self) -> str | None:
        """The address of the status page, None where there is none."""
        return None if self._server is None else self._server.url

    def clear_progress(self) -> None:
        """Let what is printed next start on a clean line."""
        if self._progress is not None:
            self._progress.clear()

    def stop(self) -> None:
        """Hear the events that are left, and close everything."""
        self.bus.stop()
        if self._progress is not None:
            self._progress.stop()
        if self._server is not None:
            self._server.stop()
        if self._event_log is not None:
            self._event_log.close()
