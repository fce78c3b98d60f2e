"""The cost of an order: rows that come out, and rows that are sent to other tasks."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.sql.optimizer.distribution.push_predicates import push_predicates
from pyrite.sql.optimizer.distribution.reorder_joins import reorder_joins
from pyrite.sql.parser import parse_statement
from pyrite.sql.plans.plan import Join, LogicalPlan
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

TABLES = {
    "items": {
        "i_product": [i % 100 for i in range(4000)],
        "i_shop": [i % 10 for i in range(4000)],
    },
    "offers": {
        "f_product": [i % 100 for i in range(500)],
        "f_shop": [(i + i // 100) % 10 for i in range(500)],
    },
    "products": {"p_id": [*range(100)], "p_word": [f"p{i}" for i in range(100)]},
}
TEXT = """
    SELECT * FROM items, offers, products
    WHERE i_product = f_product AND i_shop = f_shop AND p_id = f_product AND p_word = 'p3'
"""


@pytest.fixture
def plan_of(session: SessionState, tmp_path: Path) -> Callable[[str], LogicalPlan]:
    def run(text: str) -> QueryExecution:
        return QueryExecution(session, parse_statement(text))

    for name, columns in TABLES.items():
        path = tmp_path / f"{name}.parquet"
        pq.write_table(pa.table(columns), path)
        text = f"CREATE TEMPORARY VIEW {name} USING parquet OPTIONS (path '{path}')"
        [*run(text).execute().batches]
    return lambda text: push_predicates(run(text).optimized)


def tables(plan: LogicalPlan) -> set[str]:
    return {a.name[0] for a in plan.output}


def first_join(plan: LogicalPlan) -> set[str]:
    """The tables that are joined first."""
    joins = [node for node in plan.walk() if isinstance(node, Join)]
    return tables(joins[-1])


def test_few_rows_come_out_of_the_first_join(plan_of: Callable[[str], LogicalPlan]) -> None:
    plan = reorder_joins(plan_of(TEXT), broadcast=1_000_000)
    assert first_join(plan) == {"f", "p"}


def test_many_rows_are_made_few_where_they_are(plan_of: Callable[[str], LogicalPlan]) -> None:
    plan = reorder_joins(plan_of(TEXT), broadcast=1000)
    assert first_join(plan) == {"i", "p"}


def test_unrelated_rows_are_multiplied_last(plan_of: Callable[[str], LogicalPlan]) -> None:
    text = "SELECT * FROM products, items, offers WHERE i_product = f_product AND p_id < 2"
    assert first_join(reorder_joins(plan_of(text))) == {"i", "f"}


def test_the_larger_side_is_left(plan_of: Callable[[str], LogicalPlan]) -> None:
    plan = reorder_joins(plan_of("SELECT * FROM products, items WHERE p_id = i_product"))
    join = plan.find(Join)
    assert join is not None
    assert (tables(join.left), tables(join.right)) == ({"i"}, {"p"})
