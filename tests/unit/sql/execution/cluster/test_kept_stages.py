"""Where plans read the rows that executors keep, and how many they are thought to be."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from pyspark.storagelevel import StorageLevel

from pyrite.sql.catalog.cache_manager import KeptPlan, KeptStage
from pyrite.sql.execution.cluster.kept_stages import kept_estimate, with_kept_stages
from pyrite.sql.expressions.expression import (
    Attribute,
    Literal,
    ScalarSubquery,
    new_expression_id,
)
from pyrite.sql.optimizer.distribution.cardinality import Cardinality
from pyrite.sql.optimizer.sizes import kept_sizes, size_of
from pyrite.sql.plans.plan import (
    CachedRelation,
    CollectMetrics,
    Filter,
    LocalRelation,
    LogicalPlan,
    Numbered,
    Range,
    SubqueryAlias,
)
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import BOOLEAN, LONG

ALWAYS = Literal(True, BOOLEAN)


@pytest.fixture
def kept(session: SessionState) -> KeptPlan:
    column = Attribute("id", LONG, False, new_expression_id())
    kept = session.shared.cache.hold(Range(0, 90, 1, 2, (column,)), StorageLevel.MEMORY_ONLY)
    dependency: Any = None
    estimate = Cardinality().of(kept.plan).with_rows(70)
    kept.stage = KeptStage(dependency, pa.schema([]), [[300], [400]], estimate)
    kept.is_stored = True
    return kept


@pytest.fixture
def relation(kept: KeptPlan) -> CachedRelation:
    return kept.relation(kept.plan)


def replaced(plan: LogicalPlan, session: SessionState) -> list[str]:
    """Where tasks read kept rows, and where the driver does."""
    found = []

    def seen(where: str) -> Any:
        def read(relation: CachedRelation) -> LogicalPlan:
            found.append(where)
            return LocalRelation(relation.output, pa.table({"id": [1]}))

        return read

    with_kept_stages(plan, session, seen("tasks"), seen("driver"))
    return found


def test_tasks_read_rows_that_executors_keep(
    session: SessionState, relation: CachedRelation, kept: KeptPlan
) -> None:
    plan = Filter(ALWAYS, SubqueryAlias(("kept",), relation))
    assert replaced(plan, session) == ["tasks"]
    kept.stage = None
    assert replaced(plan, session) == []


def test_what_is_in_one_piece_reads_them_in_the_driver(
    session: SessionState, relation: CachedRelation
) -> None:
    (column,) = relation.output
    assert replaced(Numbered(column, 2, Filter(ALWAYS, relation)), session) == ["driver"]
    subquery = Filter(ScalarSubquery(relation), Range(0, 1, 1, 1, (column,)))
    assert replaced(subquery, session) == ["driver"]
    assert replaced(CollectMetrics("m", (), relation), session) == []


def test_the_sizes_of_kept_rows_are_those_that_were_measured(
    session: SessionState, relation: CachedRelation, kept: KeptPlan
) -> None:
    sizes = kept_sizes(session.shared.cache)
    assert str(size_of(relation, sizes)) == "Statistics(sizeInBytes=700.0 B, rowCount=70)"
    known = kept_estimate(relation, session, Cardinality())
    assert known is not None
    assert known.rows == 70
    assert known.columns[relation.output[0].expression_id].high == 89
    kept.stage = None
    assert size_of(relation, sizes).rows == 90
    session.shared.cache.release(kept.table)
    assert kept_estimate(relation, session, Cardinality()) is None
    assert size_of(relation, sizes).rows is None
