"""Estimated rows: of conditions, joins and groups, where the true numbers are known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.sql.optimizer.distribution.cardinality import Cardinality
from pyrite.sql.optimizer.distribution.estimates import Estimate
from pyrite.sql.optimizer.distribution.push_predicates import push_predicates
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.exchange import Partitioning, QueryStage
from pyrite.sql.plans.plan import LogicalPlan, SourceRelation
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

Estimated = Callable[[str], float]

DAY = date(2020, 1, 1)
#: items: 4000 lines of 1000 orders, whose keys are every fourth number; 100 products.
TABLES: dict[str, dict[str, Any]] = {
    "orders": {
        "o_key": [4 * i for i in range(1000)],
        "o_day": [DAY + timedelta(days=i % 100) for i in range(1000)],
        "o_client": [i % 50 for i in range(1000)],
    },
    "items": {
        "i_order": [4 * (i % 1000) for i in range(4000)],
        "i_product": [i % 100 for i in range(4000)],
        "i_shop": [i % 10 for i in range(4000)],
        "i_price": [Decimal(i % 200) / 100 for i in range(4000)],
        "i_word": [f"word {i % 7}" for i in range(4000)],
    },
    "offers": {
        "f_product": [i % 100 for i in range(500)],
        "f_shop": [(i + i // 100) % 10 for i in range(500)],
    },
    "products": {"p_id": [*range(100)], "p_word": [f"p{i}" for i in range(100)]},
    "clients": {"c_id": [*range(50)], "c_word": [f"c{i}" for i in range(50)]},
}


@pytest.fixture
def plan_of(session: SessionState, tmp_path: Path) -> Callable[[str], LogicalPlan]:
    for name, columns in TABLES.items():
        path = tmp_path / f"{name}.parquet"
        pq.write_table(pa.table(columns), path, row_group_size=300)
        text = f"CREATE TEMPORARY VIEW {name} USING parquet OPTIONS (path '{path}')"
        [*QueryExecution(session, parse_statement(text)).execute().batches]
    return lambda text: QueryExecution(session, parse_statement(text)).optimized


@pytest.fixture
def estimated(plan_of: Callable[[str], LogicalPlan]) -> Estimated:
    return lambda text: Cardinality().of(push_predicates(plan_of(text))).rows


ROWS = {
    "SELECT * FROM items": 4000,
    "SELECT * FROM items WHERE i_product = 3": 40,
    "SELECT * FROM items WHERE i_product <> 3": 3960,
    "SELECT * FROM items WHERE i_product IN (1, 2, 3)": 120,
    "SELECT * FROM items WHERE i_product >= 20 AND i_product < 30": 400,
    "SELECT * FROM items WHERE 20 <= i_product AND NOT i_product >= 30": 960,
    "SELECT * FROM items WHERE i_product < 10 OR i_product >= 90": 760,
    "SELECT * FROM items WHERE i_product < 0": 1,
    "SELECT * FROM items WHERE i_price BETWEEN 0.10 AND 0.30 - 0.01": 400,
    "SELECT * FROM items WHERE i_word = 'word 1'": 400,
    "SELECT * FROM items WHERE i_word LIKE 'word%'": 400,
    "SELECT * FROM items WHERE i_word > i_word || 'x'": 4000 / 3,
    "SELECT * FROM orders WHERE o_day >= DATE '2020-01-11' "
    "AND o_day < DATE '2020-01-11' + INTERVAL '10' DAY": 100,
    "SELECT * FROM orders WHERE o_day < '2020-01-11'": 100,
    "SELECT * FROM items, products WHERE i_product = p_id": 4000,
    "SELECT * FROM items, products WHERE i_product = p_id AND p_id < 10": 400,
    "SELECT * FROM items, products WHERE i_product = CAST(p_id AS INT)": 4000,
    "SELECT * FROM items, orders WHERE i_order = o_key": 4000,
    "SELECT * FROM items, offers WHERE i_product = f_product AND i_shop = f_shop": 2000,
    "SELECT * FROM items a, items b WHERE a.i_order = b.i_order AND a.i_product = b.i_product": (
        4000
    ),
    "SELECT * FROM items, orders, clients WHERE i_order = o_key AND o_client = c_id": 4000,
    "SELECT * FROM orders a, orders b WHERE a.o_client = b.o_client": 20_000,
    "SELECT * FROM items CROSS JOIN products": 400_000,
    "SELECT * FROM items LEFT JOIN products ON i_product = p_id AND p_word = 'p1'": 4000,
    "SELECT * FROM products RIGHT JOIN items ON i_product = p_id AND p_word = 'p1'": 4000,
    "SELECT * FROM items LEFT SEMI JOIN products ON i_product = p_id": 4000,
    "SELECT * FROM items LEFT SEMI JOIN (SELECT * FROM products WHERE p_id < 10) "
    "ON i_product = p_id": 400,
    "SELECT * FROM items LEFT ANTI JOIN (SELECT * FROM products WHERE p_id < 10) "
    "ON i_product = p_id": 3600,
    "SELECT count(*) FROM items": 1,
    "SELECT i_shop, count(*) FROM items GROUP BY i_shop": 10,
    "SELECT i_word, count(*) FROM items GROUP BY i_word": 400,
    "SELECT DISTINCT i_shop, i_product FROM items": 1000,
    "SELECT i_shop FROM items UNION ALL SELECT f_shop FROM offers": 4500,
    "SELECT * FROM items LIMIT 7": 7,
    "SELECT id FROM range(10, 100, 3) WHERE id < 40": 10,
    "WITH x AS (SELECT * FROM items WHERE i_product = 3) SELECT * FROM x": 40,
    "SELECT 1": 1,
}


@pytest.mark.parametrize("text", ROWS)
def test_rows(estimated: Estimated, text: str) -> None:
    assert estimated(text) == pytest.approx(ROWS[text], rel=0.01)


def test_files_that_do_not_count_their_rows(
    session: SessionState, tmp_path: Path, estimated: Estimated
) -> None:
    (tmp_path / "words.csv").write_text("some words of csv\n" * 1000)
    text = f"SELECT * FROM csv.`{tmp_path}/words.csv`"
    assert estimated(text) == pytest.approx(18_000 / 28)


def test_what_is_known_goes_before_what_is_thought(plan_of: Callable[[str], LogicalPlan]) -> None:
    plan = plan_of("SELECT * FROM items WHERE i_product < 50")
    known = Estimate(10.0, 8, {})
    cardinality = Cardinality(lambda node: known if isinstance(node, SourceRelation) else None)
    assert cardinality.of(plan).rows < 10
    stage = QueryStage(1, Partitioning.SINGLE, (), plan.output[:2], 24_000, 1000)
    assert Cardinality().of(stage).rows == 1000
