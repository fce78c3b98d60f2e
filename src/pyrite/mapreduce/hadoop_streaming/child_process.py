"""ChildProcess: a task's command, fed and read in large pieces, watched, and never left behind.

    the task's thread                              the command, in a process group of its own
     run() <──── chunks of stdout ────────────────── stdout
     a thread ── pieces of the input ──────────────> stdin
     a thread <─ counters, status, log ───────────── stderr
     a pipe that only this process holds ──────────> guard: kills the group when the pipe closes

The guard is a shell that waits. So the command and all it started end with the task, also where
the worker is killed and can do nothing any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shlex
import signal
import struct
import subprocess
import termios
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from pyrite.core.errors import PySparkRuntimeError
from pyrite.mapreduce.hadoop_streaming.reporter import CounterLine, StatusLine, parse_line

__all__ = ["ChildProcess", "StreamTaskError", "find_program"]

#: What Linux lets anyone have; fewer and larger turns for both sides.
_PIPE_BYTES = 1 << 20
#: What a command that does little else reads, in bytes per second.
_FAST_READER = 1 << 30
#: Stdout is handed on in chunks of about this size.
_CHUNK_BYTES = 4 << 20
#: After a read of less than this the child gets a moment to write more.
_SMALL_READ, _MOMENT = 128 << 10, 0.002
#: How much of stderr an error repeats.
_TAIL_LINES, _TAIL_BYTES = 40, 8 << 10
#: A longer line of stderr goes on in pieces.
_LONGEST_LINE = 1 << 20


class StreamTaskError(PySparkRuntimeError):
    """A task's command failed, was silent for too long, or could not be started.

    Attributes:
        exit_code: The command's exit code, 128 and the signal's number where a signal ended it;
            None where it did not end by itself.
        stderr_tail: The last it wrote to stderr.
    """

    def __init__(self, message: str, exit_code: int | None = None, stderr_tail: str = "") -> None:
        super().__init__(message=message)
        self.exit_code = exit_code
        self.stderr_tail = stderr_tail

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.exit_code, self.stderr_tail)


class ChildProcess:
    """One run of a command.

    Args:
        command: The program and its arguments. A program without a slash is looked for in the
            directory ``cwd`` first and on the ``PATH`` of ``env`` then.
        env: Its environment variables, all of them.
        cwd: The directory it runs in.
        timeout: Seconds it may neither read, nor write, nor say anything; 0 for as long as it
            likes.
        on_counter: Called with group, name and amount of each counter line.
        on_status: Called with each status.
        log: Called with each other line of stderr, without its newline.
        reporter_prefix: What lines of stderr for the framework begin with; None where all of
            stderr is for the log.
        nonzero_exit_fails: Whether another exit code than 0 is an error.

    The callbacks are called in a thread of the child's.

    Attributes:
        command: The program and its arguments.
        env: Its variables.
        cwd: Its directory.

    Example:
        >>> child = ChildProcess(["tr", "a", "b"], env={"PATH": "/usr/bin:/bin"}, cwd="/")
        >>> list(child.run([b"banana"]))
        [b'bbnbnb']
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: str,
        timeout: float = 0,
        on_counter: Callable[[str, str, int], None] = lambda group, name, amount: None,
        on_status: Callable[[str], None] = lambda message: None,
        log: Callable[[bytes], None] = lambda line: None,
        reporter_prefix: str | None = "reporter:",
        nonzero_exit_fails: bool = True,
    ) -> None:
        self.command = tuple(command)
        self.env = env
        self.cwd = cwd
        self._timeout = timeout
        self._on_counter = on_counter
        self._on_status = on_status
        self._log = log
        self._reporter_prefix = reporter_prefix or ""
        self._nonzero_exit_fails = nonzero_exit_fails
        self._group: _ProcessGroup | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []
        self._failures: list[BaseException] = []
        self._closing = False
        #: Whether the command waits for us: nothing it could do would be a sign of life.
        self._waits_for_input = False
        self._fed = self._written = self._told = 0
        self._tail: deque[bytes] = deque(maxlen=_TAIL_LINES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def run(self, stdin: Iterable[bytes]) -> Iterator[bytes]:
        """Start the command, feed it and give what it writes to stdout.

        Args:
            stdin: The pieces of its input; they are taken in another thread.

        Yields:
            Stdout in chunks of some megabytes, cut anywhere.

        Raises:
            StreamTaskError: If it cannot be started, fails or is silent for too long.
            BaseException: What ``stdin`` raised.
        """
        process = self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._spawn(self._feed, process.stdin.fileno(), stdin)
        self._spawn(self._listen, process.stderr.fileno())
        try:
            watch = _Watch(self._timeout)
            for chunk in self._chunks(process.stdout.fileno(), watch):
                yield chunk
                watch.heard()  # meanwhile the command may have waited for its reader
            code = self._wait(process, watch)
            self._end()
            if self._failures:
                raise self._failures[0]
            if code and self._nonzero_exit_fails:
                raise self._failed(code)
        finally:
            self.close()

    def close(self) -> None:
        """Kill the command and all that it started, if they still run. Later calls do nothing."""
        self._end()
        for stream in self._streams():
            with contextlib.suppress(OSError):
                stream.close()
        self._process = None

    @property
    def stderr_tail(self) -> str:
        """The last lines of stderr that were for the log."""
        text = b"\n".join(tuple(self._tail))
        return text[-_TAIL_BYTES:].decode("utf-8", "replace")

    # ---------------------------------------------------------------------- beginning and end

    def _start(self) -> subprocess.Popen[bytes]:
        program = find_program(self.command[0], self.cwd)
        self._group = _ProcessGroup()
        try:
            process = self._process = subprocess.Popen(
                (program, *self.command[1:]),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd=self.cwd,
                env=self.env,
                process_group=self._group.id,
            )
        except OSError as error:
            self._group.kill()
            raise StreamTaskError(_not_started(self.command, error)) from error
        assert process.stdin is not None
        os.set_blocking(process.stdin.fileno(), False)
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # this user's pipes may have used up what there is
                fcntl.fcntl(stream, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)  # type: ignore[arg-type]
        return process

    def _spawn(self, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, name="child-process", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _streams(self) -> list[Any]:
        process = self._process
        return [] if process is None else [process.stdin, process.stdout, process.stderr]

    def _end(self) -> None:
        """End the command's group: whatever else holds its pipes, the threads then end too."""
        self._closing = True
        if self._group is not None:
            self._group.kill()
        if self._process is not None:
            self._process.wait()
        for thread in self._threads:
            with contextlib.suppress(RuntimeError):  # killed before it was started
                thread.join()
        self._threads.clear()

    def _wait(self, process: subprocess.Popen[bytes], watch: _Watch) -> int:
        """Wait for the end of a command that has closed its stdout; return its exit code."""
        pause = 0.001
        while True:
            try:
                code = process.wait(pause)
            except subprocess.TimeoutExpired:
                self._check_life(watch)
                pause = min(2 * pause, 0.2)
            else:
                return code if code >= 0 else 128 - code

    # -------------------------------------------------------------------------- three streams

    def _chunks(self, stdout: int, watch: _Watch) -> Iterator[bytes]:
        poll = select.poll()
        poll.register(stdout, select.POLLIN)
        pieces: list[bytes] = []
        size = 0
        while True:
            while not poll.poll(watch.interval_ms):
                self._check_life(watch)
            piece = os.read(stdout, _PIPE_BYTES)
            if not piece:
                break
            pieces.append(piece)
            size += len(piece)
            self._written += len(piece)
            if size >= _CHUNK_BYTES:
                yield b"".join(pieces)
                pieces, size = [], 0
            elif len(piece) < _SMALL_READ:
                # Otherwise every line that the child writes would wake this process.
                time.sleep(_MOMENT)
        if pieces:
            yield b"".join(pieces)

    def _feed(self, pipe: int, pieces: Iterable[bytes]) -> None:
        iterator = iter(pieces)
        try:
            while not self._closing:
                self._waits_for_input = True
                piece = next(iterator, None)
                self._waits_for_input = False
                if piece is None:
                    break
                self._write(pipe, memoryview(piece).cast("B"))
        except BrokenPipeError:
            pass  # the command wants no more; its exit code says whether that is an error
        except BaseException as failure:
            # The command must not take the end of what could be read for the end of its input.
            self._failures.append(failure)
            if self._group is not None:
                self._group.kill()
        finally:
            self._waits_for_input = False
            if hasattr(iterator, "close"):
                iterator.close()
            process = self._process
            if process is not None and process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()

    def _write(self, pipe: int, view: memoryview) -> None:
        """Write to a pipe that does not block.

        Where it is full, the command gets the moment in which a fast one empties it: otherwise
        each of its reads, of 8 KB in Python, would wake this thread to write as little.
        """
        poll = select.poll()
        poll.register(pipe, select.POLLOUT)
        moment = fcntl.fcntl(pipe, fcntl.F_GETPIPE_SZ) / _FAST_READER
        while view:
            with contextlib.suppress(BlockingIOError):
                written = os.write(pipe, view)
                self._fed += written
                view = view[written:]
            if view:
                poll.poll()
                time.sleep(moment)

    def _listen(self, pipe: int) -> None:
        try:
            self._hear_all(pipe)
        except BaseException as failure:  # nobody would read on, and the command would hang
            self._failures.append(failure)
            if self._group is not None:
                self._group.kill()

    def _hear_all(self, pipe: int) -> None:
        rest = b""
        while piece := os.read(pipe, 1 << 16):
            *lines, rest = (rest + piece).split(b"\n")
            if len(rest) > _LONGEST_LINE:
                lines.append(rest)
                rest = b""
            for line in lines:
                self._hear(line)
        if rest:
            self._hear(rest)

    def _hear(self, line: bytes) -> None:
        self._told += 1
        heard = parse_line(line, self._reporter_prefix)
        if isinstance(heard, CounterLine):
            self._on_counter(heard.group, heard.name, heard.amount)
        elif isinstance(heard, StatusLine):
            self._on_status(heard.message)
        else:
            self._tail.append(heard.text[-_TAIL_BYTES:])
            self._log(heard.text)

    # ------------------------------------------------------------------------------ its life

    def _check_life(self, watch: _Watch) -> None:
        if self._waits_for_input:
            watch.heard()
        done = (self._fed, self._unread(), self._written, self._told)
        if watch.is_dead(done):
            self._end()
            raise StreamTaskError(
                f"The command has not read, written or reported anything for "
                f"{self._timeout:g} seconds and was killed: {shlex.join(self.command)}\n"
                "A line reporter:status:<message> on its stderr keeps it alive; the setting "
                "mapreduce.task.timeout is the milliseconds it may be silent, 0 for no limit."
                + _quoted(self.stderr_tail),
                None,
                self.stderr_tail,
            )

    def _unread(self) -> int:
        """Return how much of its input waits in the pipe, -1 where that is not to be known."""
        assert self._process is not None
        try:
            pipe = os.open(f"/proc/{self._process.pid}/fd/0", os.O_RDONLY | os.O_NONBLOCK)
        except OSError:
            return -1
        try:
            answer = fcntl.ioctl(pipe, termios.FIONREAD, b"\0\0\0\0")
        except OSError:
            return -1
        finally:
            os.close(pipe)
        return int(struct.unpack("i", answer)[0])

    def _failed(self, code: int) -> StreamTaskError:
        by = ""
        if code > 128:
            with contextlib.suppress(ValueError):
                by = f" ({signal.Signals(code - 128).name})"
        return StreamTaskError(
            f"subprocess failed with code {code}{by}: {shlex.join(self.command)}"
            + _quoted(self.stderr_tail),
            code,
            self.stderr_tail,
        )


class _Watch:
    """Says when a command has been silent for too long, of the time that somebody listened."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._done: tuple[int, ...] = ()
        self._silent = 0.0
        self._looked = time.monotonic()
        self._interval = max(min(timeout / 8, 1.0), 0.005)
        #: How often to look, in milliseconds; None for never.
        self.interval_ms = self._interval * 1000 if timeout else None

    def heard(self) -> None:
        """Begin to count anew."""
        self._silent = 0.0
        self._looked = time.monotonic()

    def is_dead(self, done: tuple[int, ...]) -> bool:
        """Take what the command has done so far; say whether nothing was new for too long."""
        now = time.monotonic()
        # A look that comes late is one look: the whole machine may have been stopped meanwhile.
        self._silent += min(now - self._looked, 2 * self._interval)
        self._looked = now
        if done != self._done:
            self._done = done
            self._silent = 0.0
        return bool(self._timeout) and self._silent > self._timeout


class _ProcessGroup:
    """A group of processes that ends when this process does, or says so."""

    def __init__(self) -> None:
        self._guard = subprocess.Popen(
            ("/bin/sh", "-c", "read _; kill -KILL 0"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            process_group=0,
        )
        self._lock = threading.Lock()

    @property
    def id(self) -> int:
        """The group's number, which nobody else gets while this object knows the guard."""
        return self._guard.pid

    def kill(self) -> None:
        """Kill what is in the group. Later calls do nothing."""
        assert self._guard.stdin is not None
        with self._lock:
            if self._guard.returncode is None:
                os.killpg(self._guard.pid, signal.SIGKILL)
                self._guard.wait()
                self._guard.stdin.close()


def find_program(name: str, directory: str) -> str:
    """Return a file of the task's directory by its path, any other program by its name."""
    here = os.path.join(directory, name)
    return here if not os.path.isabs(name) and os.path.isfile(here) else name


def _not_started(command: Sequence[str], error: OSError) -> str:
    program = command[0]
    if isinstance(error, FileNotFoundError):
        why = (
            "it is neither in the task's directory nor on the PATH, or the interpreter of its "
            f"first line is missing. Ship it to the tasks with -files {os.path.basename(program)}"
        )
    elif isinstance(error, PermissionError):
        why = "it may not be executed. Run chmod +x on it"
    else:
        why = f"{error.strerror}. A script needs a first line such as #!/usr/bin/env python3"
    return f"Cannot run program {program!r}: {why}. The command was: {shlex.join(command)}"


def _quoted(tail: str) -> str:
    return f"\nThe last lines of its stderr:\n{tail}" if tail else ""
