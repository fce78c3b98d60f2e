"""How a job ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["JobFailed", "JobResult", "JobSucceeded"]


@dataclass(frozen=True, slots=True)
class JobSucceeded:
    """The action has its result."""


@dataclass(frozen=True, slots=True)
class JobFailed:
    """The action raised.

    Attributes:
        message: The text of the exception the user saw.
    """

    message: str


JobResult: TypeAlias = JobSucceeded | JobFailed
