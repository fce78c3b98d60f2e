"""ResponseBuffer: an operation's responses, between the thread that makes them and its client.

::

    operation --append--> [ released | sent, kept for reattach | not sent ] --stream--> client
      (waits while much is not sent)     (a new stream may begin)

Only one stream reads at a time: a client that reattaches ends its earlier stream.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from pyrite.sql.errors import runtime_error

__all__ = ["ResponseBuffer"]


class ResponseBuffer:
    """The responses of one operation, in order.

    Args:
        keeps_sent: Whether responses stay after they were sent, until the client releases them.
        kept_bytes: How many bytes of them stay at most.
    """

    def __init__(self, keeps_sent: bool, kept_bytes: int) -> None:
        self._keeps_sent = keeps_sent
        self._kept_bytes = kept_bytes
        self._changed = threading.Condition()
        self._responses: deque[tuple[Any, int]] = deque()
        self._first = 0  # index of the first kept response
        self._sent = 0  # index of the first response that no stream has sent
        self._sent_bytes = 0  # of those that are kept
        self._unsent_bytes = 0
        self._ended = False
        #: Bytes of results made ahead of the client; then the operation waits for it.
        self.ahead: float = 64 << 20
        self._error: BaseException | None = None
        self._streams = 0
        #: When the last stream ended (monotonic seconds), None while one reads.
        self.detached_since: float | None = time.monotonic()

    @property
    def ended(self) -> bool:
        """Whether no response will be added."""
        return self._ended

    def append(self, response: Any, size: int = 0) -> bool:
        """Add a response; wait first while the client is far behind.

        Args:
            response: The message; its ``response_id`` is set here.
            size: Its bytes, roughly; 0 for a small one.

        Returns:
            Whether it was added: not if the responses have ended.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._unsent_bytes < self.ahead or self._ended)
            if self._ended:
                return False
            self._add(response, size)
            self._changed.notify_all()
            return True

    def end(self, error: BaseException | None = None, last: Any = None) -> None:
        """Say that all responses are there, or what ended them; only the first call counts.

        Args:
            error: What ended them.
            last: A small response that is still to be added.
        """
        with self._changed:
            if not self._ended:
                if last is not None:
                    self._add(last, 0)
                self._ended = True
                self._error = error
                self._changed.notify_all()

    def _add(self, response: Any, size: int) -> None:
        # Ids count from 1, as the empty id means that there is none.
        response.response_id = str(self._first + len(self._responses) + 1)
        self._responses.append((response, size))
        self._unsent_bytes += size

    def release(self, response_id: str | None = None) -> None:
        """Forget sent responses up to one, or all of them."""
        with self._changed:
            until = self._sent if response_id is None else self._place(response_id)
            while self._first < min(until, self._sent):
                self._forget_first()

    def stream(
        self,
        after: str = "",
        *,
        idle: Callable[[], Any] | None = None,
        idle_seconds: float = 2.0,
        seconds: float = float("inf"),
        left: Callable[[], bool] = lambda: False,
    ) -> Iterator[Any]:
        """Return the responses after one, as they come.

        Args:
            after: The id of the last one the client has; empty for the first stream.
            idle: Makes a response for a client that has waited ``idle_seconds``, such as the
                progress; it may return None.
            idle_seconds: How long the client waits for that.
            seconds: How long the stream may last; then it ends early, and the client reattaches.
            left: Whether the client has gone away; ``wake`` makes the stream ask.

        Raises:
            SparkError: INVALID_CURSOR, if the place is not kept, or another stream took over.
            BaseException: What ended the operation, after the responses before it.
        """
        until = time.monotonic() + seconds
        with self._changed:
            index = self._place(after)
            if index < self._first:
                raise runtime_error(
                    "INVALID_CURSOR.POSITION_NOT_AVAILABLE", index=str(index + 1), responseId=after
                )
            self._streams += 1
            mine = self._streams
            self.detached_since = None
            self._changed.notify_all()
        try:
            while True:
                with self._changed:
                    seconds = min(idle_seconds, until - time.monotonic(), threading.TIMEOUT_MAX)
                    arrived = self._wait(index, mine, seconds, left)
                    if left():
                        return
                    if not arrived:
                        if time.monotonic() >= until:
                            return
                        response = idle() if idle else None
                        if response is not None:
                            self.append(response)
                        continue
                    if self._streams != mine:
                        raise runtime_error("INVALID_CURSOR.DISCONNECTED")
                    if index >= self._first + len(self._responses):
                        if self._error is not None:
                            raise self._error
                        return
                    response = self._take(index)
                    index += 1
                yield response
                if time.monotonic() >= until:
                    return
        finally:
            with self._changed:
                if self._streams == mine:
                    self.detached_since = time.monotonic()

    def wake(self) -> None:
        """Have streams ask whether their client has gone away."""
        with self._changed:
            self._changed.notify_all()

    def _wait(self, index: int, stream: int, seconds: float, left: Callable[[], bool]) -> bool:
        return self._changed.wait_for(
            lambda: (
                index < self._first + len(self._responses)
                or self._ended
                or self._streams != stream
                or left()
            ),
            seconds,
        )

    def _place(self, after: str) -> int:
        """Return the index of the response after an id; the empty id stands before all."""
        index = int(after) if after.isdigit() else 0
        if after and not 0 < index <= self._first + len(self._responses):
            raise runtime_error("INVALID_CURSOR.POSITION_NOT_FOUND", responseId=after)
        return index

    def _take(self, index: int) -> Any:
        """Return a response that is about to be sent, and forget those kept too long."""
        response, size = self._responses[index - self._first]
        if index == self._sent:
            self._sent += 1
            self._sent_bytes += size
            self._unsent_bytes -= size
            self._changed.notify_all()
        if not self._keeps_sent:
            self._forget_first()
        while self._sent_bytes > self._kept_bytes and self._first < index:
            self._forget_first()
        return response

    def _forget_first(self) -> None:
        _, size = self._responses.popleft()
        self._first += 1
        self._sent_bytes -= size
