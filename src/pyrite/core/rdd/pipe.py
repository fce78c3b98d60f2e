"""A partition through an external program: lines in, lines out."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from threading import Thread
from typing import IO, Any

from pyrite.core.errors import PySparkRuntimeError

__all__ = ["pipe_through"]


def pipe_through(
    command: Sequence[str],
    env: dict[str, str],
    check_code: bool,
    title: str,
    _index: int,
    elements: Iterator[Any],
) -> Iterator[str]:
    """Feed the elements to a program's input and give the lines of its output.

    A thread feeds while the caller reads, so that neither waits for a full pipe forever.

    Args:
        command: The program and its arguments.
        env: Its environment variables.
        check_code: Whether another exit code than 0 is an error.
        title: The command as the user wrote it, for the error.
        elements: What to feed, one line each.

    Raises:
        PySparkRuntimeError: If ``check_code`` and the program failed.
    """
    process = subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    failures: list[BaseException] = []
    feeder = Thread(target=_feed, args=(process.stdin, elements, failures), daemon=True)
    feeder.start()
    try:
        for line in process.stdout:
            yield line.rstrip(b"\n").decode("utf-8")
        code = process.wait()
        feeder.join()
    finally:
        # Reached early where the reader stops, as take() does.
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()
    if failures:
        raise failures[0]
    if check_code and code:
        raise PySparkRuntimeError(
            errorClass="PIPE_FUNCTION_EXITED",
            messageParameters={"func_name": title, "error_code": str(code)},
        )


def _feed(pipe: IO[bytes], elements: Iterator[Any], failures: list[BaseException]) -> None:
    try:
        with pipe:
            for element in elements:
                pipe.write(str(element).rstrip("\n").encode("utf-8") + b"\n")
    except BrokenPipeError:
        pass  # the program wants no more; its exit code says whether that is an error
    except BaseException as failure:
        failures.append(failure)
