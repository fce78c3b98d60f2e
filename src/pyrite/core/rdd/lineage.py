"""The lineage graph: nodes that know how to compute their partitions, and the edges between them.

A ``BaseRDD`` is pure description. It holds no context and no data beyond what its partitions
carry, so it can be pickled to a worker, where it is asked for one partition at a time. What
people program with, ``pyrite.core.rdd.RDD``, is a handle: a node and the context it belongs to.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from pyspark.storagelevel import StorageLevel

from pyrite.core.codegen import Operator, fuse
from pyrite.core.env import SparkEnv
from pyrite.core.rdd.call_site import call_site
from pyrite.core.rdd.partition import Partition
from pyrite.core.serializers.pyspark_batches import BY_SIZE, in_batches
from pyrite.core.storage.block_id import RDDBlockId

if TYPE_CHECKING:
    from pyspark.resource import ResourceProfile

    from pyrite.core.shuffle import Partitioner
    from pyrite.core.task_context import TaskContext

__all__ = ["BaseRDD", "Dependency"]


class Dependency:
    """An edge: the parent a node computes from.

    Attributes:
        rdd: The parent.
        crosses_task: Whether the parent is computed by other tasks, so that the workers that
            compute the child do not need it.
    """

    crosses_task = False

    def __init__(self, rdd: BaseRDD) -> None:
        self.rdd = rdd


class BaseRDD(ABC):
    """A node: dependencies, partitions, and how to compute one of them.

    Subclasses define ``_make_partitions`` and ``compute``. A subclass that only passes each
    element of its only parent through an operator sets ``operator`` instead of computing, and
    is fused with its neighbours.

    Args:
        rdd_id: The application-wide id, from ``JobContext.next_rdd_id``.
        dependencies: The edges to the parents.
        partitioner: How keys were assigned to partitions, where that is known.
    """

    #: What this node does to each element of its only parent, where that is all it does.
    operator: Operator | None = None

    #: How many elements PySpark moves together; see ``batches``.
    batch_size: int = BY_SIZE

    def __init__(
        self,
        rdd_id: int,
        dependencies: Sequence[Dependency] = (),
        partitioner: Partitioner | None = None,
    ) -> None:
        self._id = rdd_id
        self._dependencies = tuple(dependencies)
        self._partitioner = partitioner
        self._partitions: list[Partition] | None = None
        self._name: str | None = None
        #: Where the user's program made it, such as ``map at app.py:12``.
        self.call_site: str = call_site()
        self.storage_level: StorageLevel = StorageLevel.NONE
        self.resource_profile: ResourceProfile | None = None
        self._is_checkpointed = False
        #: Whether the tasks of the stage must all run at the same time.
        self.is_barrier: bool = any(
            dep.rdd.is_barrier for dep in self._dependencies if not dep.crosses_task
        )

    def id(self) -> int:
        """Return the application-wide id."""
        return self._id

    def name(self) -> str | None:
        """Return the name given with ``set_name``, if any."""
        return self._name

    def set_name(self, name: str) -> None:
        """Give a name to show in the UI and the event log."""
        self._name = name

    def getStorageLevel(self) -> StorageLevel:
        """Return where the computed partitions are to be kept; ``NONE`` by default."""
        return self.storage_level

    @property
    def dependencies(self) -> tuple[Dependency, ...]:
        """The edges to the parents."""
        return self._dependencies

    @property
    def checkpointed(self) -> BaseRDD | None:
        """What this node reads instead of its parents, once it is checkpointed."""
        return self._dependencies[0].rdd if self._is_checkpointed else None

    def truncate(self, checkpoint: Dependency) -> None:
        """Let go of the parents: from now on the elements come from ``checkpoint``."""
        self._dependencies = (checkpoint,)
        self._is_checkpointed = True
        self._partitions = None

    @property
    def partitioner(self) -> Partitioner | None:
        """How keys were assigned to partitions, where that is known."""
        return self._partitioner

    @property
    def partitions(self) -> list[Partition]:
        """All partitions, in order. Driver only; computed once."""
        if self._partitions is None:
            for node in _parents_first(self):  # no recursion: a lineage may be long
                if node._partitions is None:
                    source = node.checkpointed or node
                    node._partitions = source._make_partitions()
            assert self._partitions is not None
        return self._partitions

    def prepare(self) -> None:  # noqa: B027 (most have nothing to prepare)
        """Do what must be done in the driver before the first job that computes this node."""

    @abstractmethod
    def _make_partitions(self) -> list[Partition]:
        """Lay out the partitions; called once, in the driver."""

    def preferred_locations(self, partition: Partition) -> Sequence[str]:
        """Name the hosts or executors where ``partition`` is cheapest to compute."""
        return () if self._is_checkpointed else self._preferred_locations(partition)

    def _preferred_locations(self, partition: Partition) -> Sequence[str]:
        return ()

    @abstractmethod
    def compute(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Compute ``partition`` from the parents, not looking at this node's own cache."""

    def pipeline(
        self, partition: Partition, task_context: TaskContext
    ) -> tuple[Iterable[Any], tuple[Operator, ...]]:
        """Return where the elements come from and the operators still to be applied to them.

        Walks up while nodes only apply operators; stops at a cached partition or at a node that
        computes. A loop, not a recursion: a lineage may be thousands of operators long.
        """
        operators: list[Operator] = []
        rest: tuple[Operator, ...] = ()
        node = self
        while True:
            if node.storage_level != StorageLevel.NONE:
                source = node._cached(partition, task_context)
                break
            if node.checkpointed is not None:
                source = node.checkpointed.compute(partition, task_context)
                break
            if node.operator is None:
                source, rest = node._source(partition, task_context)
                break
            operators.append(node.operator)
            node = node._dependencies[0].rdd
        return source, (*rest, *reversed(operators))

    def iterator(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Return the elements of ``partition``, from the cache where they are kept."""
        source, operators = self.pipeline(partition, task_context)
        return cast("Iterable[Any]", fuse(operators)(source)) if operators else source

    def batches(self, partition: Partition, task_context: TaskContext) -> Iterator[Iterable[Any]]:
        """Return the elements of ``partition`` in the batches in which PySpark moves them."""
        if self.storage_level == StorageLevel.NONE and self.checkpointed is None:
            return self._batches(partition, task_context)
        return in_batches(self.iterator(partition, task_context), self.batch_size)

    def _batches(self, partition: Partition, task_context: TaskContext) -> Iterator[Iterable[Any]]:
        """Like ``batches`` for a node without cache: nodes that pass batches on override it."""
        return in_batches(self.iterator(partition, task_context), self.batch_size)

    def _source(
        self, partition: Partition, task_context: TaskContext
    ) -> tuple[Iterable[Any], tuple[Operator, ...]]:
        """Like ``pipeline`` for a node without operator: nodes that delegate override it."""
        return self.compute(partition, task_context), ()

    def _cached(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        """Return the elements from the block manager, computing and keeping them first."""
        blocks = SparkEnv.get().block_manager
        block_id = RDDBlockId(self._id, partition.index)
        kept = blocks.get(block_id)
        if kept is None:
            kept = blocks.put(block_id, self._computed(partition, task_context), self.storage_level)
        return kept

    def _computed(self, partition: Partition, task_context: TaskContext) -> Iterable[Any]:
        if self.checkpointed is not None:
            return self.checkpointed.compute(partition, task_context)
        if self.operator is None:
            source, operators = self._source(partition, task_context)
        else:
            parent = self._dependencies[0].rdd
            source, rest = parent.pipeline(partition, task_context)
            operators = (*rest, self.operator)
        return cast("Iterable[Any]", fuse(operators)(source)) if operators else source

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the nodes a task needs as a flat list, parents first.

        Pickling node inside node would exhaust the interpreter's stack on long lineages.
        """
        nodes = _parents_first(self)
        position = {id(node): index for index, node in enumerate(nodes)}
        return _link, ([node._flat_state(position) for node in nodes],)

    def _flat_state(self, position: dict[int, int]) -> tuple[Any, ...]:
        # Profiles are the scheduler's business, and cannot be pickled.
        state = dict(self.__dict__, _partitions=None, _dependencies=(), resource_profile=None)
        edges = [
            (
                type(edge),
                dict(edge.__dict__, rdd=None),
                None if edge.crosses_task else position[id(edge.rdd)],
            )
            for edge in self._dependencies
        ]
        return type(self), state, edges


def _task_parents(node: BaseRDD) -> list[BaseRDD]:
    return [edge.rdd for edge in node._dependencies if not edge.crosses_task]


def _parents_first(root: BaseRDD) -> list[BaseRDD]:
    """Return ``root`` and the ancestors computed in the same task, each after its parents."""
    order: list[BaseRDD] = []
    seen = {id(root)}
    stack: list[tuple[BaseRDD, Iterator[BaseRDD]]] = [(root, iter(_task_parents(root)))]
    while stack:
        node, parents = stack[-1]
        for parent in parents:
            if id(parent) not in seen:
                seen.add(id(parent))
                stack.append((parent, iter(_task_parents(parent))))
                break
        else:
            order.append(node)
            stack.pop()
    return order


def _link(flat: list[tuple[Any, ...]]) -> BaseRDD:
    """Rebuild what ``BaseRDD.__reduce__`` flattened; the last node is the one that was pickled."""
    nodes: list[BaseRDD] = []
    for cls, state, edges in flat:
        node = cast("BaseRDD", cls.__new__(cls))
        node.__dict__.update(state)
        node._dependencies = tuple(
            _link_edge(edge_type, edge_state, None if parent is None else nodes[parent])
            for edge_type, edge_state, parent in edges
        )
        nodes.append(node)
    return nodes[-1]


def _link_edge(
    edge_type: type[Dependency], state: dict[str, Any], parent: BaseRDD | None
) -> Dependency:
    edge = edge_type.__new__(edge_type)
    edge.__dict__.update(state, rdd=parent)
    return edge
