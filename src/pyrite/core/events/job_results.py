"""How a job ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from pyrite.core.events.end_reasons import StackTraceElement

__all__ = ["JobFailed", "JobResult", "JobSucceeded"]


@dataclass(frozen=True, slots=True)
class JobSucceeded:
    """The action has its result."""


@dataclass(frozen=True, slots=True)
class JobFailed:
    """The action raised.

    Attributes:
        message: The text of the exception the user saw.
        stack_trace: Its frames, innermost first.
    """

    message: str
    stack_trace: tuple[StackTraceElement, ...] = ()


JobResult: TypeAlias = JobSucceeded | JobFailed
