"""What a command says on its stderr: counters and a status for the framework, the rest for the log.

A line ``reporter:counter:group,name,amount`` counts, ``reporter:status:message`` tells how far
the task is. The prefix is the setting ``stream.stderr.reporter.prefix``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["CounterLine", "LogLine", "ReporterLine", "StatusLine", "parse_line"]

_AMOUNT = re.compile(r"[+-]?[0-9]+")
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class CounterLine:
    """Count up.

    Attributes:
        group: The counter's group.
        name: Its name in the group.
        amount: How much to add.
    """

    group: str
    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The task says how far it is."""

    message: str


@dataclass(frozen=True, slots=True)
class LogLine:
    """Anything else: a line for the task's log, without its newline."""

    text: bytes


ReporterLine = CounterLine | StatusLine | LogLine


def parse_line(line: bytes, prefix: str = "reporter:") -> ReporterLine:
    r"""Say what a line of stderr means.

    A line with the prefix that is no well-formed counter or status does not fail the task: it
    goes to the log, with the form it should have.

    Args:
        line: The line, with or without its newline.
        prefix: What the lines for the framework begin with; an empty one is never found.

    Example:
        >>> parse_line(b"reporter:counter:words,long,2\n")
        CounterLine(group='words', name='long', amount=2)
        >>> parse_line(b"reporter:status:half of it\n")
        StatusLine(message='half of it')
        >>> parse_line(b"hello\n")
        LogLine(text=b'hello')
    """
    text = line.rstrip(b"\r\n")
    if not prefix or not text.startswith(prefix.encode()):
        return LogLine(text)
    kind, _, told = text[len(prefix.encode()) :].decode("utf-8", "replace").partition(":")
    if kind == "status":
        return StatusLine(told)
    if kind == "counter":
        columns = told.split(",", 2)
        if len(columns) == 3 and _AMOUNT.fullmatch(amount := columns[2].rstrip()):
            count = int(amount)
            if -_LARGEST <= count <= _LARGEST:
                return CounterLine(columns[0], columns[1], count)
        form = f"{prefix}counter:<group>,<name>,<whole number>"
    else:
        form = f"{prefix}counter:<group>,<name>,<amount> or {prefix}status:<message>"
    return LogLine(b"Not understood, it should be " + form.encode() + b": " + text)
