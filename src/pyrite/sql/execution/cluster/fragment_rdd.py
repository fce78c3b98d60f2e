"""FragmentRDD: the tasks of one exchange; each runs a fragment of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrite.core.rdd.lineage import BaseRDD, Dependency
from pyrite.core.rdd.partition import Partition
from pyrite.sql.execution.cluster.fragment_worker import run_fragment

if TYPE_CHECKING:
    from pyrite.core.task_context import TaskContext
    from pyrite.sql.execution.cluster.deliveries import Delivery
    from pyrite.sql.execution.fragment import Fragment

__all__ = ["FragmentRDD"]


@dataclass(frozen=True, slots=True)
class FragmentPartition(Partition):
    """The work of one task.

    Attributes:
        fragment: What it runs.
    """

    fragment: Fragment


class FragmentRDD(BaseRDD):
    """Fragments, one for each task, and what becomes of their rows.

    Args:
        rdd_id: The id.
        dependencies: The exchanges that the fragments read.
        fragments: What the tasks run.
        delivery: Where their rows go.
    """

    def __init__(
        self,
        rdd_id: int,
        dependencies: Sequence[Dependency],
        fragments: Sequence[Fragment],
        delivery: Delivery,
    ) -> None:
        super().__init__(rdd_id, dependencies)
        self._fragments: Sequence[Fragment] = fragments
        self._delivery = delivery

    def _make_partitions(self) -> list[Partition]:
        made = [FragmentPartition(i, fragment) for i, fragment in enumerate(self._fragments)]
        self._fragments = ()  # the partitions carry them to the tasks
        return [*made]

    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Run a fragment, and give its rows to whom they are for."""
        assert isinstance(partition, FragmentPartition)
        return self._delivery.deliver(partition.index, run_fragment(partition.fragment))
