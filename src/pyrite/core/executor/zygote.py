"""The zygote: a small process that forks workers on request and reports how they ended.

The driver is never forked itself: it may have threads of native libraries, and a fork would
copy their locks. The zygote has none, and has already imported what workers need, so a worker
is ready a few milliseconds after it is asked for.

When the control socket closes, the application is over, however the driver ended: the zygote
kills what is left of its workers and deletes the application's scratch directories.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import pickle
import selectors
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyrite.core.executor.messages import WorkerSettings
from pyrite.core.local_dirs import LocalDirs

__all__ = [
    "ForkRequest",
    "WorkerExited",
    "WorkerForked",
    "main",
    "read_reports",
    "request_worker",
]

_LENGTH = struct.Struct("<I")
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class ForkRequest:
    """Fork a worker; its socket to the driver travels with the request."""

    settings: WorkerSettings


@dataclass(frozen=True, slots=True)
class WorkerForked:
    """The process id of a new worker."""

    worker_id: str
    pid: int


@dataclass(frozen=True, slots=True)
class WorkerExited:
    """A worker's end; ``status`` is as ``os.waitpid`` gives it."""

    worker_id: str
    pid: int
    status: int


# ------------------------------------------------------------------------------ the driver's side


def request_worker(
    control: socket.socket, settings: WorkerSettings, channel: socket.socket
) -> None:
    """Ask for a worker that talks over ``channel``, which is closed here.

    Raises:
        OSError: If the zygote is gone.
    """
    body = pickle.dumps(ForkRequest(settings))
    with channel:
        socket.send_fds(control, [_LENGTH.pack(len(body))], [channel.fileno()])
        control.sendall(body)


def read_reports(
    control: socket.socket, unread: bytearray
) -> Iterator[WorkerForked | WorkerExited]:
    """Read what the zygote reported, without waiting for more than is there.

    Args:
        control: The control socket; it must be readable.
        unread: Holds an incomplete report between calls.

    Raises:
        EOFError: If the zygote is gone.
    """
    data = control.recv(1 << 16)
    if not data:
        raise EOFError
    unread += data
    while len(unread) >= _LENGTH.size:
        end = _LENGTH.size + _LENGTH.unpack_from(unread)[0]
        if len(unread) < end:
            return
        report = pickle.loads(unread[_LENGTH.size : end])
        del unread[:end]
        yield report


# ------------------------------------------------------------------------------ the zygote's side


class _Zygote:
    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.workers: dict[int, str] = {}
        self.wakeup, wakeup_write = socket.socketpair()
        self.wakeup.setblocking(False)
        wakeup_write.setblocking(False)
        self._wakeup_write = wakeup_write
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakeup_write.fileno(), warn_on_full_buffer=False)

    def serve(self) -> None:
        selector = selectors.DefaultSelector()
        selector.register(self.control, selectors.EVENT_READ)
        selector.register(self.wakeup, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in selector.select()}
            if self.wakeup in ready:
                self._drain_wakeup()
            self._reap()
            if self.control in ready and not self._fork_one():
                return

    def _drain_wakeup(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self.wakeup.recv(4096):
                pass

    def _reap(self) -> None:
        while self.workers:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            worker_id = self.workers.pop(pid, None)
            if worker_id is not None:
                with contextlib.suppress(OSError):  # what the user's functions started
                    os.killpg(pid, signal.SIGKILL)
                self._report(WorkerExited(worker_id, pid, status))

    def _report(self, report: WorkerForked | WorkerExited) -> None:
        body = pickle.dumps(report)
        with contextlib.suppress(OSError):  # the driver is gone; serve() learns of it by itself
            self.control.sendall(_LENGTH.pack(len(body)) + body)

    def _fork_one(self) -> bool:
        """Serve one request; False when the driver is gone."""
        try:
            header, fds, _, _ = socket.recv_fds(self.control, _LENGTH.size, 1)
            if not header:
                return False
            (length,) = _LENGTH.unpack(header)
            body = self.control.recv(length, socket.MSG_WAITALL)
        except OSError:
            return False
        request = pickle.loads(body)
        channel = socket.socket(fileno=fds[0])
        zygote = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become_worker(request.settings, channel, zygote)
        channel.close()
        self.workers[pid] = request.settings.worker_id
        self._report(WorkerForked(request.settings.worker_id, pid))
        return True

    def _become_worker(self, settings: WorkerSettings, channel: socket.socket, zygote: int) -> None:
        status = 1
        try:
            os.setpgid(0, 0)  # so that a kill reaches what the user's functions start
            _die_with_parent(zygote)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for end in (self.control, self.wakeup, self._wakeup_write):
                end.close()
            from pyrite.core.executor.worker import run_worker

            run_worker(settings, channel)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)  # never back into the zygote's own code

    def end(self) -> None:
        """Kill the workers and all they started."""
        for pid in self.workers:
            for kill in (os.killpg, os.kill):
                with contextlib.suppress(OSError):
                    kill(pid, signal.SIGKILL)
        for pid in self.workers:
            os.waitpid(pid, 0)


def _die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when the zygote dies, where it can (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before it was asked
            os._exit(1)


def main(control_fd: int, local_dirs: Sequence[str]) -> None:
    """Serve the driver until its control socket closes.

    Args:
        control_fd: The inherited control socket.
        local_dirs: The application's scratch directories, deleted at the end.
    """
    # Ctrl-C is the driver's to handle: it cancels jobs and stops the application in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import pyrite.core.executor.worker  # noqa: F401 (imported once here for all workers)

    # What is imported stays, and is looked at by no collection: not in the workers, where it would
    # be copied, and not here, where it was switched off for the imports.
    gc.freeze()
    gc.enable()
    zygote = _Zygote(socket.socket(fileno=control_fd))
    try:
        zygote.serve()
    finally:
        zygote.end()
    # Not after an exception: then the driver lives, and starts another zygote.
    LocalDirs(local_dirs).remove()
