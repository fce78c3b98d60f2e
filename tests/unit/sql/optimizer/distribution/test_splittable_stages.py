"""Of which inputs several tasks may share one partition's rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pyrite.sql.optimizer.distribution.splittable_stages import splittable_stages
from pyrite.sql.plans.exchange import Partitioning, QueryStage
from pyrite.sql.plans.plan import LogicalPlan, SourceRelation

Planned = Callable[[str], LogicalPlan]

#: The tables whose rows may be divided.
SPLITTABLE = {
    "SELECT a1 + 1 FROM a WHERE a2 > 0": "a",
    "SELECT a1, bt FROM a JOIN b ON a1 = b1": "a b",
    "SELECT a1, bt FROM a LEFT JOIN b ON a1 = b1": "a",
    "SELECT a1, bt FROM a RIGHT JOIN b ON a1 = b1": "b",
    "SELECT a1, bt FROM a FULL JOIN b ON a1 = b1": "",
    "SELECT a1 FROM a LEFT SEMI JOIN b ON a1 = b1": "a",
    "SELECT a1 FROM a LEFT ANTI JOIN b ON a1 = b1": "a",
    "SELECT x.a1 FROM (SELECT a1 FROM a LEFT JOIN b ON a1 = b1) x JOIN a y ON x.a1 = y.a1": "a a",
    "SELECT a1, count(*) FROM a JOIN b ON a1 = b1 GROUP BY a1": "",
    "SELECT b1, n FROM b JOIN (SELECT a1, count(*) AS n FROM a GROUP BY a1) ON a1 = b1": "b",
    "SELECT rank() OVER (PARTITION BY a1 ORDER BY a2) FROM a": "",
    "SELECT a1 FROM a UNION ALL SELECT b1 FROM b": "",
}


@pytest.mark.parametrize("sql", SPLITTABLE)
def test_splittable_stages(planned: Planned, sql: str) -> None:
    tables: list[str] = []

    def stage(node: LogicalPlan) -> LogicalPlan:
        if not isinstance(node, SourceRelation):
            return node
        tables.append(node.output[0].name[0])
        number = len(tables) - 1
        return QueryStage(number, Partitioning.HASH, (), node.output, 0, 0)

    found = splittable_stages(planned(sql).transform_up(stage))
    assert " ".join(sorted(tables[number] for number in found)) == SPLITTABLE[sql]
