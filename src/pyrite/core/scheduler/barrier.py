"""Barrier: where the tasks of a barrier stage wait for each other, as a pure state machine."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Barrier", "Released"]


@dataclass(frozen=True)
class Released:
    """The tasks that may go on.

    Attributes:
        task_ids: Which ones.
        messages: What all of them said, by partition.
        broken: Whether they will never all meet, since one has ended.
    """

    task_ids: tuple[int, ...] = ()
    messages: tuple[str, ...] = ()
    broken: bool = False


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
        Released(task_ids=(6, 7), messages=('a', 'b'), broken=False)
    """

    size: int
    _waiting: dict[int, tuple[int, str]] = field(default_factory=dict)
    _broken: bool = False

    def arrive(self, task_id: int, index: int, message: str) -> Released:
        """Let a task arrive; the last one to arrive releases all."""
        if self._broken:
            return Released((task_id,), broken=True)
        self._waiting[index] = task_id, message
        if len(self._waiting) < self.size:
            return Released()
        everyone = [self._waiting[index] for index in sorted(self._waiting)]
        self._waiting.clear()
        return Released(
            tuple(task_id for task_id, _ in everyone), tuple(text for _, text in everyone)
        )

    def leave(self) -> Released:
        """Let a task end: those that wait for it, now or later, wait in vain."""
        self._broken = True
        waiting = tuple(task_id for task_id, _ in self._waiting.values())
        self._waiting.clear()
        return Released(waiting, broken=True)
