"""Barrier: where the tasks of a barrier stage wait for each other, as a pure state machine."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Barrier", "Released"]


@dataclass(frozen=True)
class Released:
    """The tasks that may go on, and what all of them said, by partition."""

    task_ids: tuple[int, ...] = ()
    messages: tuple[str, ...] = ()


@dataclass
class Barrier:
    """One stage attempt's meeting point, used again for each ``barrier()`` call.

    Attributes:
        size: How many tasks must arrive.

    Example:
        >>> barrier = Barrier(2)
        >>> barrier.arrive(7, 1, "b").task_ids
        ()
        >>> barrier.arrive(6, 0, "a")
        Released(task_ids=(6, 7), messages=('a', 'b'))
    """

    size: int
    _waiting: dict[int, tuple[int, str]] = field(default_factory=dict)

    def arrive(self, task_id: int, index: int, message: str) -> Released:
        """Let a task arrive; the last one to arrive releases all."""
        self._waiting[index] = task_id, message
        if len(self._waiting) < self.size:
            return Released()
        everyone = [self._waiting[index] for index in sorted(self._waiting)]
        self._waiting.clear()
        return Released(
            tuple(task_id for task_id, _ in everyone), tuple(text for _, text in everyone)
        )
