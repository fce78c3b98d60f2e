"""ListenerBus: carries events from the scheduler to listeners without ever slowing it.

    scheduler thread --post()--> bounded queue --bus thread--> listener, listener, ...

``post`` only appends to a queue. One daemon thread empties it. A listener that raises is
reported once and keeps its seat; a full queue drops events rather than block the scheduler.
"""

from __future__ import annotations

import logging
import threading
from collections import deque

from pyrite.core.events.listener import SparkListener
from pyrite.core.events.listener_events import SparkListenerEvent

__all__ = ["ListenerBus"]

_LOGGER = logging.getLogger(__name__)


class ListenerBus:
    """Delivers every posted event to every listener, in order, on its own thread.

    The thread starts at the first ``post``, so add the listeners that must miss nothing before.

    Args:
        capacity: Events that may wait; ``spark.scheduler.listenerbus.eventqueue.capacity``.

    Example:
        >>> bus = ListenerBus()
        >>> bus.add_listener(SparkListener())
        >>> bus.post(SparkListenerEvent())
        >>> bus.wait_until_empty(timeout=10)
        >>> bus.stop()
    """

    def __init__(self, capacity: int = 10_000) -> None:
        self._capacity = capacity
        self._changed = threading.Condition()
        # All below are guarded by _changed; the listeners tuple is replaced, never altered, so
        # the bus thread may walk the one it took without holding the lock.
        self._queue: deque[SparkListenerEvent] = deque()
        self._listeners: tuple[SparkListener, ...] = ()
        self._idle = True
        self._stopped = False
        self._dropped = 0
        self._thread: threading.Thread | None = None
        self._reported: set[int] = set()  # ids of listeners that raised; bus thread only

    @property
    def dropped(self) -> int:
        """How many events found the queue full."""
        return self._dropped

    def add_listener(self, listener: SparkListener) -> None:
        """Deliver events posted from now on to ``listener`` too."""
        with self._changed:
            self._listeners = (*self._listeners, listener)

    def remove_listener(self, listener: SparkListener) -> None:
        """Deliver no further events to ``listener``; it need not be known."""
        with self._changed:
            self._listeners = tuple(kept for kept in self._listeners if kept is not listener)

    def post(self, event: SparkListenerEvent) -> None:
        """Queue ``event`` and return at once; after ``stop`` it is ignored."""
        with self._changed:
            if self._stopped:
                return
            if len(self._queue) >= self._capacity:
                self._drop()
                return
            self._queue.append(event)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="spark-listener-bus", daemon=True
                )
                self._idle = False
                self._thread.start()
            elif self._idle:
                self._changed.notify_all()

    def wait_until_empty(self, timeout: float) -> None:
        """Wait until every event posted so far was delivered.

        Args:
            timeout: Longest wait, in seconds.

        Raises:
            TimeoutError: If events were still under way by then.
        """
        with self._changed:
            done = self._changed.wait_for(lambda: self._idle and not self._queue, timeout)
        if not done:
            raise TimeoutError(f"The listener bus still had events after {timeout} seconds.")

    def stop(self, timeout: float = 10.0) -> None:
        """Deliver what was posted, then end the thread. Later calls do nothing.

        Args:
            timeout: Longest wait in seconds; what is undelivered by then is given up.
        """
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            thread = self._thread
        if thread is None or thread is threading.current_thread():
            return
        thread.join(timeout)
        if thread.is_alive():
            with self._changed:
                lost = len(self._queue)
                self._queue.clear()
            _LOGGER.warning(
                "A listener was still busy %s s after the application stopped; %d events were "
                "not delivered.",
                timeout,
                lost,
            )

    def _drop(self) -> None:
        self._dropped += 1
        if self._dropped == 1:
            _LOGGER.warning(
                "Dropping events: %d wait for the listeners, one of which is too slow. Raise "
                "spark.scheduler.listenerbus.eventqueue.capacity to keep more.",
                self._capacity,
            )

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._queue:
                    self._idle = True
                    self._changed.notify_all()
                    if self._stopped:
                        return
                    self._changed.wait()
                self._idle = False
                event = self._queue.popleft()
                listeners = self._listeners
            for listener in listeners:
                try:
                    getattr(listener, event.handler)(event)
                except Exception:
                    self._report(listener, event)

    def _report(self, listener: SparkListener, event: SparkListenerEvent) -> None:
        if id(listener) in self._reported:
            return
        self._reported.add(id(listener))
        _LOGGER.exception(
            "%s raised on %s; its further errors are not reported.",
            type(listener).__name__,
            type(event).__name__,
        )
