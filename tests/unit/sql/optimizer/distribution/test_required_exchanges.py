"""Which exchanges stand below operators that need rows together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from pyrite.sql.expressions.pretty import pretty
from pyrite.sql.optimizer.distribution.ensure_requirements import ensure_requirements
from pyrite.sql.optimizer.distribution.placement import ClusterFacts
from pyrite.sql.optimizer.join_strategy import hint_of
from pyrite.sql.plans.exchange import Exchange, Partitioning, QueryStage
from pyrite.sql.plans.plan import LogicalPlan, SourceRelation

Planned = Callable[[str], LogicalPlan]

FACTS = ClusterFacts(
    bytes_of=lambda _: 1000,
    can_split=lambda _: True,
    can_read=lambda leaf: isinstance(leaf, SourceRelation),
    small=10,
    broadcast=10,
    broadcast_stage=10,
    filter=0,
    tasks=2,
)

EXCHANGES = {
    "SELECT a1 FROM a": "single",
    "SELECT sum(a1) FROM a": "single",
    "SELECT a1, sum(a2) FROM a GROUP BY a1": "single hash(a1)",
    "SELECT percentile(a1, 0.5) FROM a GROUP BY 'x'": "single",
    "SELECT percentile(a1, 0.5) FROM a GROUP BY a2": "single hash(a2)",
    "SELECT count(DISTINCT a1) FROM a": "single hash(a1)",
    "SELECT at, count(DISTINCT a1) FROM a GROUP BY at": "single hash(at)",
    "SELECT a1, at, count(*) FROM a GROUP BY ROLLUP (a1, at)": "single hash(a1, at, set)",
    "SELECT percentile(a1, 0.5) FROM a GROUP BY at, ROLLUP (a2)": "single hash(at)",
    "SELECT DISTINCT a1, at FROM a": "single hash(a1, at)",
    "SELECT rank() OVER (PARTITION BY a1 ORDER BY a2) FROM a": "single hash(a1)",
    "SELECT rank() OVER (ORDER BY a2) FROM a": "single",
    "SELECT sum(a1) OVER (PARTITION BY at), sum(a1) OVER (PARTITION BY a2) FROM a": (
        "single hash(a2) hash(at)"
    ),
    "SELECT at, sum(sum(a1)) OVER (PARTITION BY at) FROM a GROUP BY at": "single hash(at)",
    "SELECT a1, sum(sum(a2)) OVER (PARTITION BY at) FROM a GROUP BY a1, at": (
        "single hash(at) hash(a1, at)"
    ),
    "SELECT a1 FROM a ORDER BY a2 DESC": "single range(a2 DESC NULLS LAST)",
    "SELECT a1, count(*) FROM a GROUP BY a1 ORDER BY a1 LIMIT 3": "single hash(a1)",
    "SELECT a1, count(*) AS n FROM a GROUP BY a1 ORDER BY n": (
        "single range(n ASC NULLS FIRST) unknown hash(a1)"
    ),
    "SELECT a1, bt FROM a JOIN b ON a1 = b1": "single hash(a1) hash(b1)",
    "SELECT /*+ BROADCAST(b) */ a1, bt FROM a JOIN b ON a1 = b1": "single broadcast",
    "SELECT /*+ BROADCAST(b) */ a1, bt FROM a RIGHT JOIN b ON a1 = b1": (
        "single hash(a1) hash(b1)"
    ),
    "SELECT a1, at FROM a INTERSECT SELECT b1, bt FROM b": "single hash(a1, at) hash(b1, bt)",
    "SELECT a1, at FROM a EXCEPT ALL SELECT b1, bt FROM b": "single hash(a1, at) hash(b1, bt)",
}


def shown(exchange: Exchange) -> str:
    if exchange.partitioning not in (Partitioning.HASH, Partitioning.RANGE):
        return exchange.partitioning
    return f"{exchange.partitioning}({', '.join(map(pretty, exchange.keys))})"


@pytest.mark.parametrize("sql", EXCHANGES)
def test_exchanges(planned: Planned, sql: str) -> None:
    plan = ensure_requirements(planned(sql), FACTS)
    found = [shown(node) for node in plan.walk() if isinstance(node, Exchange)]
    assert " ".join(found) == EXCHANGES[sql]
    assert ensure_requirements(plan, FACTS) == plan


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        ("", "single broadcast"),
        ("/*+ BROADCAST(a) */", "single broadcast"),
        ("/*+ MERGE(b) */", "single hash(a1) hash(b1)"),
        ("/*+ SHUFFLE_HASH(a) */", "single hash(a1) hash(b1)"),
    ],
)
def test_hints_of_small_tables(planned: Planned, hint: str, expected: str) -> None:
    plan = planned(f"SELECT {hint} a1, bt FROM a JOIN b ON a1 = b1")
    facts = replace(FACTS, broadcast=2000)
    found = [shown(n) for n in ensure_requirements(plan, facts).walk() if isinstance(n, Exchange)]
    assert " ".join(found) == expected


def test_rows_that_were_computed_keep_their_hint(planned: Planned) -> None:
    plan = ensure_requirements(
        planned("SELECT /*+ MERGE(b) */ a1, bt FROM a JOIN b ON a1 = b1"), FACTS
    )
    facts = replace(FACTS, broadcast=2000, broadcast_stage=2000)

    def ran(node: LogicalPlan) -> LogicalPlan:
        if not isinstance(node, Exchange) or shown(node) != "hash(b1)":
            return node
        hint = hint_of(node.child)
        return QueryStage(1, Partitioning.HASH, node.keys, node.output, 1000, 9, hint=hint)

    again = ensure_requirements(plan.transform_up(ran), facts)
    assert [shown(n) for n in again.walk() if isinstance(n, Exchange)] == ["single", "hash(a1)"]


def test_rows_that_every_task_could_read_are_chosen_once(planned: Planned) -> None:
    facts = replace(
        FACTS,
        bytes_of=lambda plan: 1000 if any(c.name.startswith("a") for c in plan.output) else 5,
    )
    for right, wanted in (("b", "single"), ("(SELECT b1 FROM b LIMIT 3)", "single broadcast")):
        plan = ensure_requirements(planned(f"SELECT a1 FROM a JOIN {right} ON a1 = b1"), facts)
        found = [shown(node) for node in plan.walk() if isinstance(node, Exchange)]
        assert " ".join(found) == wanted
