"""CacheManager: which plans an application keeps the rows of, and where.

Rows are computed when a query first reads them. Plans are known by their form, so that a
DataFrame written twice is cached once; see ``plans.semantics``.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyspark.storagelevel import StorageLevel

from pyrite.sql.plans.plan import CachedRelation, LogicalPlan, SourceRelation, subplans
from pyrite.sql.plans.semantics import bare, semantic_key
from pyrite.sql.sources.file_format import FileScan

if TYPE_CHECKING:
    import pyarrow as pa

    from pyrite.core.rdd.dependency import ShuffleDependency
    from pyrite.sql.optimizer.distribution.estimates import Estimate

__all__ = ["PARTITION_COLUMN", "CacheManager", "KeptPlan", "KeptStage"]

#: The last column of a table of rows that have columns: the number of the row's partition.
PARTITION_COLUMN = "partition"

_tables = itertools.count()


@dataclass(frozen=True, eq=False)
class KeptStage:
    """Rows that executors keep, where they computed them.

    Attributes:
        dependency: The map outputs, and how lost ones are computed again; the files go when
            nothing refers to it any more.
        schema: The columns.
        sizes: For each task that computed some, the bytes in its only bucket.
        estimate: What is known of them; its columns are those of the plan that was kept.
    """

    dependency: ShuffleDependency
    schema: pa.Schema
    sizes: Sequence[Sequence[int]]
    estimate: Estimate

    @property
    def bytes(self) -> int:
        """How large they are."""
        return sum(map(sum, self.sizes))


@dataclass(eq=False)
class KeptPlan:
    """A plan whose rows are kept.

    Attributes:
        plan: The plan, resolved.
        level: What the user asked for; rows lie in memory, and on disk when that gets tight.
        table: The driver's table of its rows; columns are ``columns``, by position.
        stage: The rows, with the same columns, if they are in the executors instead.
        is_stored: Whether the rows are there.
        partitions: How many partitions they are in; 0 while nobody has asked.
        keepers: The sessions that asked for it; without any of them its rows go.
        lock: Held while the rows are computed.
    """

    plan: LogicalPlan
    level: StorageLevel
    table: str = field(default_factory=lambda: f"kept_{next(_tables)}")
    stage: KeptStage | None = None
    is_stored: bool = False
    partitions: int = 0
    keepers: set[object] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the table's columns; rows of none have one that nobody reads."""
        return tuple([f"k{number}" for number in range(max(1, len(self.plan.output)))])

    def relation(self, plan: LogicalPlan) -> CachedRelation:
        """Return what reads the rows in the place of a plan of the same form."""
        output = plan.output
        return CachedRelation(self.table, self.columns[: len(output)], output)


class CacheManager:
    """The kept plans of an application.

    Args:
        drop: Forgets an engine's table; it may not exist.
    """

    def __init__(self, drop: Callable[[str], None]) -> None:
        self._drop = drop
        self._lock = threading.Lock()
        self._by_key: dict[str, KeptPlan] = {}
        self._by_table: dict[str, KeptPlan] = {}
        #: The shapes of all cached plans: a plan of another shape needs no key.
        self._shapes: frozenset[str] = frozenset()

    def persist(self, plan: LogicalPlan, level: StorageLevel, keeper: object) -> None:
        """Cache a resolved plan; one that is cached already stays as it is.

        Args:
            plan: The plan; every session's queries read its rows.
            level: Where they are kept.
            keeper: The session that asks for it.
        """
        key = semantic_key(plan)
        with self._lock:
            kept = self._by_key.get(key)
            if kept is None:
                kept = self._by_key[key] = KeptPlan(plan, level)
                self._by_table[kept.table] = kept
                self._note_shapes()
            kept.keepers.add(keeper)

    def unpersist(self, plan: LogicalPlan) -> bool:
        """Forget a plan's rows; return whether it was cached."""
        with self._lock:
            kept = self._by_key.pop(semantic_key(plan), None)
            self._note_shapes()
        if kept is not None:
            self.release(kept.table)
        return kept is not None

    def level(self, plan: LogicalPlan) -> StorageLevel | None:
        """Return how a plan is cached, None if it is not."""
        kept = self._find(plan)
        return None if kept is None else kept.level

    def forget_changed(self) -> None:
        """Forget rows that came from files which are others now; they are computed anew when read.

        What changes files calls it, and REFRESH; changes by other programs are not noticed
        before.
        """
        with self._lock:
            stored = [kept for kept in self._by_key.values() if kept.is_stored]
        for kept in stored:
            if _reads_changed_files(kept.plan):
                with kept.lock:
                    kept.is_stored = False
                    self._forget_rows(kept)

    def clear(self) -> None:
        """Forget the rows of every cached plan; what ``hold`` keeps stays."""
        with self._lock:
            tables = [kept.table for kept in self._by_key.values()]
            self._by_key.clear()
            self._note_shapes()
        for table in tables:
            self.release(table)

    def forget_keeper(self, keeper: object) -> None:
        """Forget the rows that only a session that has ended asked for."""
        with self._lock:
            for kept in self._by_key.values():
                kept.keepers.discard(keeper)
            unwanted = [key for key, kept in self._by_key.items() if not kept.keepers]
            tables = [self._by_key.pop(key).table for key in unwanted]
            self._note_shapes()
        for table in tables:
            self.release(table)

    def hold(self, plan: LogicalPlan, level: StorageLevel) -> KeptPlan:
        """Keep a plan's rows for one holder, for whom they never change: a checkpoint."""
        kept = KeptPlan(plan, level)
        self._by_table[kept.table] = kept
        return kept

    def release(self, table: str) -> None:
        """Forget the rows of a table."""
        kept = self._by_table.pop(table, None)
        if kept is not None:
            self._forget_rows(kept)

    def _forget_rows(self, kept: KeptPlan) -> None:
        kept.stage = None
        self._drop(kept.table)

    def kept(self, table: str) -> KeptPlan | None:
        """Return the plan of a table, None if it was released."""
        return self._by_table.get(table)

    def substitute(self, plan: LogicalPlan) -> LogicalPlan:
        """Put the kept rows in the place of every part of a resolved plan that is cached."""
        if not self._by_key:
            return plan
        kept = self._find(plan)
        if kept is None:
            return plan.map_children(self.substitute)
        if not kept.is_stored:
            kept.plan = plan  # it knows the files that are there now
        return kept.relation(plan)

    def _find(self, plan: LogicalPlan) -> KeptPlan | None:
        if _shape(plan) not in self._shapes:
            return None
        return self._by_key.get(semantic_key(plan))

    def _note_shapes(self) -> None:
        self._shapes = frozenset(_shape(kept.plan) for kept in self._by_key.values())


def _shape(plan: LogicalPlan) -> str:
    """Return what can be told of a plan's form at a glance."""
    plan = bare(plan)
    types = ",".join(attribute.data_type.simpleString() for attribute in plan.output)
    return f"{type(plan).__name__}({types})"


def _reads_changed_files(plan: LogicalPlan) -> bool:
    for node in plan.walk():
        scan = node.scan if isinstance(node, SourceRelation) else None
        if isinstance(scan, FileScan) and scan.has_changed():
            return True
        if any(map(_reads_changed_files, subplans(node))):
            return True
    return False
