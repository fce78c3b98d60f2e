"""What ``explain`` says of queries that run in tasks."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pyrite.core.scheduler.master import ClusterShape
from pyrite.sql.parser import parse_statement
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState

Explained = Callable[..., str]


@pytest.fixture
def explained(session: SessionState, tmp_path: Path) -> Explained:
    """Explain queries over a large table a, b half as large, and c of a few rows, without ids."""
    session.shared.context.cluster_shape = ClusterShape(2, 1)  # type: ignore[misc]
    session.conf.set("spark.sql.files.maxPartitionBytes", "1000")
    for name, rows in {"a": 2000, "b": 1000, "c": 5}.items():
        columns = {"k": [n * 7919 % 1000 for n in range(rows)], "v": [*range(rows)]}
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet", row_group_size=500)
        path = tmp_path / f"{name}.parquet"
        text = f"CREATE TEMPORARY VIEW {name} USING parquet OPTIONS (path '{path}')"
        [*QueryExecution(session, parse_statement(text)).execute().batches]

    def explain(query: str, mode: str = "simple") -> str:
        text = QueryExecution(session, parse_statement(query)).explain(mode)
        return re.sub(r"#\d+L?", "", re.sub(r"(FileScan parquet \[[^]]*\]).*", r"\1", text))

    return explain


def test_an_aggregate_is_made_in_two_steps(explained: Explained) -> None:
    assert explained("SELECT k, avg(v) FROM a WHERE v > 3 GROUP BY k") == (
        "== Physical Plan ==\n"
        "AdaptiveSparkPlan isFinalPlan=false\n"
        "+- Exchange SinglePartition, ENSURE_REQUIREMENTS, [plan_id=2]\n"
        "   +- HashAggregate(keys=[k], functions=[avg(v)])\n"
        "      +- Exchange hashpartitioning(k, 2), ENSURE_REQUIREMENTS, [plan_id=1]\n"
        "         +- HashAggregate(keys=[k], functions=[partial_sum(v), partial_count(v)])\n"
        "            +- Filter (isnotnull(v) AND (v > 3))\n"
        "               +- FileScan parquet [k,v]\n"
    )


def test_first_rows_are_found_in_each_partition(explained: Explained) -> None:
    text = explained("SELECT * FROM a ORDER BY v LIMIT 3")
    assert [line.lstrip(" +-") for line in text.splitlines()[1:]] == [
        "AdaptiveSparkPlan isFinalPlan=false",
        "TakeOrderedAndProject(limit=3, orderBy=[v ASC NULLS FIRST], output=[k,v])",
        "Exchange SinglePartition, ENSURE_REQUIREMENTS, [plan_id=1]",
        "LocalLimit 3",
        "Sort [v ASC NULLS FIRST], false, 0",
        "FileScan parquet [k,v]",
    ]
    assert "+- CollectLimit 3\n   +- Exchange Single" in explained("SELECT * FROM a LIMIT 3")


def test_joins_send_the_smaller_side_or_meet_by_keys(
    session: SessionState, explained: Explained
) -> None:
    join = "SELECT a.v FROM a JOIN b ON a.k = b.k"
    text = explained(join)
    assert "BroadcastHashJoin [k], [k], Inner, BuildRight, false, false\n" in text
    mode = "HashedRelationBroadcastMode(List(k),false)"
    assert f"+- BroadcastExchange {mode}, [plan_id=1]\n" in text
    session.conf.set("spark.sql.autoBroadcastJoinThreshold", "-1")
    text = explained(join)
    assert "ShuffledHashJoin [k], [k], Inner, BuildRight\n" in text
    assert text.count("Exchange hashpartitioning(k, 2), ENSURE_REQUIREMENTS") == 2


def test_a_small_table_is_read_by_every_task(explained: Explained) -> None:
    text = explained("SELECT a.v FROM a JOIN c ON a.k = c.k")
    assert "BroadcastHashJoin" in text
    assert text.count("Exchange") == 1


def test_subqueries_have_plans_of_their_own(explained: Explained) -> None:
    text = explained("SELECT k FROM a WHERE v = (SELECT max(v) FROM b)")
    assert ":- AdaptiveSparkPlan isFinalPlan=false\n" in text
    assert "HashAggregate(keys=[], functions=[partial_max(v)])" in text


def test_rows_are_sorted_by_ranges(explained: Explained) -> None:
    text = explained("SELECT * FROM a ORDER BY v")
    assert "Sort [v ASC NULLS FIRST], true, 0\n" in text
    assert "Exchange rangepartitioning(v ASC NULLS FIRST, 2), ENSURE_REQUIREMENTS, " in text


def test_an_exchange_like_another_is_used_again(explained: Explained) -> None:
    sums = "WITH s AS (SELECT k, sum(v) AS t FROM a GROUP BY k)"
    query = f"{sums} SELECT * FROM s x JOIN s y ON x.k = y.t"
    text = explained(query)
    exchange = "Exchange hashpartitioning(k, 2), ENSURE_REQUIREMENTS, [plan_id=1]"
    assert text.count(exchange) == 2
    assert f"ReusedExchange [k, partial_sum(v)], {exchange}\n" in text
    assert explained(query, "codegen").count("read_parquet(") == 1


def test_the_formatted_plan_lists_exchanges(explained: Explained) -> None:
    text = explained("SELECT count(*) FROM a", "formatted")
    assert "(3) Exchange\nInput [1]: [partial_count(1)]\n" in text
    assert "Arguments: SinglePartition, ENSURE_REQUIREMENTS, [plan_id=1]" in text


@pytest.mark.parametrize("mode", ["extended", "cost"])
def test_the_other_modes_end_with_the_same_plan(explained: Explained, mode: str) -> None:
    simple = explained("SELECT k, sum(v) FROM a GROUP BY k")
    assert explained("SELECT k, sum(v) FROM a GROUP BY k", mode).endswith(f"\n\n{simple}")


def test_codegen_shows_each_fragment(explained: Explained) -> None:
    text = explained("SELECT k, sum(v) AS s FROM a GROUP BY k ORDER BY s", "codegen")
    sections = re.split(r"== (Fragment .*) ==\n", text)[1:]
    assert sections[::2] == [
        "Fragment 1 (2 tasks): Exchange hashpartitioning(k, 2)",
        "Fragment 2 (2 tasks): Exchange UnknownPartitioning(2)",
        "Fragment 3 (2 tasks): Exchange rangepartitioning(s ASC NULLS FIRST, 2)",
        "Fragment 4 (2 tasks): Exchange SinglePartition",
        "Fragment 5 (driver)",
    ]
    first, second, third, fourth, last = sections[1::2]
    assert "hash(" in first
    assert "read_parquet(" in first
    assert "FROM fragment_1 AS" in second
    assert "FROM fragment_2 AS" in third
    assert "ORDER BY" in fourth
    assert "FROM fragment_4 AS" in last


def test_what_is_one_fragment_looks_as_without_executors(
    session: SessionState, explained: Explained
) -> None:
    session.conf.set("spark.sql.files.maxPartitionBytes", "1g")
    query = "SELECT k, sum(v) FROM a GROUP BY k"
    for mode in ("simple", "codegen"):
        text = explained(query, mode)
        assert "Fragment" not in text
        session.shared.context.cluster_shape = None  # type: ignore[misc]
        assert _without_ids(explained(query, mode)) == _without_ids(text)
        session.shared.context.cluster_shape = ClusterShape(2, 1)  # type: ignore[misc]


def _without_ids(text: str) -> str:
    return re.sub(r"\bc\d+", "c", text)
