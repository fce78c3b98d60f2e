"""Aggregates in two steps give what they give in one, however the rows are split."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest

from pyrite.sql.errors import SparkError
from pyrite.sql.execution.run import PlanRun
from pyrite.sql.optimizer.distribution.partial_aggregates import (
    split_aggregate,
    windows_above,
)
from pyrite.sql.plans.exchange import PartialAggregate
from pyrite.sql.plans.plan import Aggregate, LocalRelation, LogicalPlan, Project
from pyrite.sql.plans.unresolved import SqlText
from pyrite.sql.query_execution import QueryExecution
from pyrite.sql.session_state import SessionState
from pyrite.sql.types import to_arrow_schema

Row = tuple[Any, ...]

COLUMNS = (
    "id INT, g INT, h STRING, b BOOLEAN, i INT, l BIGINT, d DOUBLE, f FLOAT, p DECIMAL(9,2), "
    "q DECIMAL(38,6), s STRING, t DATE, z TIMESTAMP, e INTERVAL DAY TO SECOND, "
    "m INTERVAL YEAR TO MONTH, a ARRAY<INT>"
)


def table_of(session: SessionState, plan: LogicalPlan) -> pa.Table:
    batches = list(PlanRun(session, plan).batches())
    return pa.Table.from_batches(batches, to_arrow_schema(plan.schema))


def aggregate_of(session: SessionState, sql: str) -> Aggregate:
    plan = QueryExecution(session, SqlText(sql)).optimized
    found = plan.find(Aggregate)
    assert found is not None
    return found


def stored(session: SessionState, plan: LogicalPlan) -> LocalRelation:
    return LocalRelation(plan.output, table_of(session, plan))


def slices(table: pa.Table, parts: int, chance: random.Random) -> list[pa.Table]:
    ends = sorted(chance.randrange(table.num_rows + 1) for _ in range(parts - 1))
    starts = [0, *ends]
    return [
        table.slice(start, end - start)
        for start, end in zip(starts, [*ends, table.num_rows], strict=True)
    ]


def in_parts(
    session: SessionState, final: LogicalPlan, partial: LogicalPlan, tables: Sequence[pa.Table]
) -> LogicalPlan:
    """Run the partial operator over each part; return the final one over what they gave."""
    (child,) = partial.children
    given = pa.concat_tables(
        table_of(
            session,
            partial.map_children(lambda _, table=table: LocalRelation(child.output, table)),
        )
        for table in tables
    )

    def with_rows(node: LogicalPlan) -> LogicalPlan:
        if node is partial:
            return LocalRelation(partial.output, given)
        return node.map_children(with_rows)

    return with_rows(final)


def plain(value: Any) -> Any:
    """Return a value that can be compared and sorted: doubles by twelve digits."""
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return float(f"{value:.11g}") + 0.0 if abs(value) > 1e-9 else 0.0
    if isinstance(value, (list, tuple)):
        return sorted(map(plain, value), key=repr)
    return value


def rows_of(table: pa.Table) -> list[Row]:
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return sorted((tuple(map(plain, row)) for row in rows), key=repr)


def answers(session: SessionState, plan: LogicalPlan) -> Any:
    try:
        return rows_of(table_of(session, plan))
    except SparkError as error:
        return error.error_class


def check(session: SessionState, aggregate: Aggregate, seed: int, is_split: bool = True) -> Any:
    """Compare an aggregate in one step and in two; return the answer."""
    chance = random.Random(seed)
    rows = stored(session, aggregate.child)
    whole = answers(session, replace(aggregate, child=rows))
    split = split_aggregate(aggregate)
    if not is_split:
        assert split is None
        return whole
    assert split is not None
    partial, final = split
    assert final.find(PartialAggregate) is partial
    assert final.schema == aggregate.schema
    assert [a.expression_id for a in final.output] == [a.expression_id for a in aggregate.output]
    given = rows.table
    if partial.child != aggregate.child:
        given = table_of(session, partial.child)
    for parts in (1, 4):
        tables = slices(given, parts, chance)
        try:
            merged = answers(session, in_parts(session, final, partial, tables))
        except SparkError as error:
            merged = error.error_class
        assert merged == whole, parts
    return whole


def random_rows(chance: random.Random, count: int) -> str:
    """Return VALUES of random rows, with nulls."""

    def some(*texts: str) -> str:
        return "NULL" if chance.random() < 0.2 else chance.choice(texts)

    def row(number: int) -> str:
        whole = str(chance.randrange(-9, 9))
        return ", ".join(
            (
                str(number),
                some("1", "2", "3"),
                some("'x'", "'y'"),
                some("true", "false"),
                some(whole, "2147483647"),
                some(whole, "4611686018427387904", "-4611686018427387904"),
                some(f"{chance.gauss(1e6, 1)!r}D", "-0.0D", "0.0D"),
                some(f"{chance.gauss(0, 9):.3f}F", "1.5F"),
                some(f"{whole}.25", "9999999.99", "-0.01"),
                some(f"{whole}.123456", "12345678901234567890.654321"),
                some("'a'", "'b'", "''", "'ä'"),
                some("DATE'2024-02-29'", "DATE'1969-12-31'"),
                some("TIMESTAMP'2024-03-10 02:30:00'", "TIMESTAMP'1900-01-01 00:00:00.000001'"),
                some("INTERVAL '1 02:03:04.5' DAY TO SECOND", "INTERVAL '-3' DAY"),
                some("INTERVAL '7' MONTH", "INTERVAL '-1-1' YEAR TO MONTH"),
                some("array(1, 2)", "array(1, null)", "array()"),
            )
        )

    lines = ", ".join(f"({row(number)})" for number in range(count))
    names = [column.split()[0] for column in COLUMNS.split(", ")]
    casts = ", ".join(
        f"CAST({column.partition(' ')[0]} AS {column.partition(' ')[2]}) {column.partition(' ')[0]}"
        for column in COLUMNS.split(", ")
    )
    return f"(SELECT {casts} FROM VALUES {lines} AS t({', '.join(names)}))"


NUMBERS = "ilfdpq"

LISTS = {
    "counts": "count(*), count(i), count(i, s), count_if(b), count_if(i > 0) + 1",
    "sums": ", ".join(f"sum({c}), try_sum({c})" for c in "ifdpem"),
    "long sums": "try_sum(l), sum(l)",
    "wide sums": "try_sum(q), sum(q)",
    "means": ", ".join(f"avg({c}), try_avg({c})" for c in "ilfdpqemz" if c != "m"),
    "mean months": "avg(m), try_avg(m)",
    "extremes": ", ".join(f"min({c}), max({c})" for c in "gbildfpqstzem") + ", max(a)",
    "extremes of others": "max_by(s, id), min_by(s, id), max_by(i, i), min_by(t, -id)",
    "booleans": "bool_and(b), bool_or(b), every(b), any(b)",
    "bits": "bit_and(i), bit_or(i), bit_xor(i), bit_xor(l)",
    "picks": "first('x'), last(CASE WHEN id > 3 THEN 5 END, true), any_value(id) IS NULL",
    "lists": "collect_list(i), collect_set(s), array_agg(d), listagg(h) IS NULL, "
    "collect_set(d), collect_set(a), collect_set(1 / f), collect_list(a)",
    "a product": "product(f)",
    "expressions": "sum(i) / count(*) + max(l), CASE WHEN min(s) < 'b' THEN 1 ELSE avg(d) END",
    "filters": "count(*) FILTER (WHERE b), sum(p) FILTER (WHERE i > 0), max(s) FILTER (WHERE b)",
    "different values": "count(DISTINCT i), sum(DISTINCT p), count(*), max(d), avg(DISTINCT i)",
    "different values alone": "count(DISTINCT i), sum(DISTINCT i) + 1, max(DISTINCT i)",
    "different values without parts": "percentile(DISTINCT i, 0.5), count(DISTINCT i)",
    "different texts": "listagg(DISTINCT s, '-')",
    "different pairs alone": "count(DISTINCT i, s)",
    "different pairs": "count(DISTINCT i, s), sum(i)",
    "sets of different values": "count(DISTINCT i), count(DISTINCT s), count(DISTINCT s, i)",
    "filtered different values": "count(DISTINCT i) FILTER (WHERE b), sum(DISTINCT i), count(b)",
    "different values in order": "listagg(DISTINCT s, '-') WITHIN GROUP (ORDER BY s)",
    "different constants": "count(DISTINCT 1), collect_set(DISTINCT s)",
}

GROUPINGS = ("", "i % 3, h")


STATISTICS = {
    "moments": ", ".join(
        f"{f}({c})"
        for f in ("stddev", "std", "stddev_pop", "var_samp", "variance", "var_pop")
        for c in "idfp"
    ),
    "moments of what is not finite": "stddev(i / d), var_pop(double('inf')), var_samp(id * 0.1D)",
    "places in texts": "corr(length('{x}') * f, f), stddev(length('{y}') * id)",
    "higher moments": "skewness(f), kurtosis(f), skewness(g), kurtosis(g), kurtosis(1), "
    "skewness(f) FILTER (WHERE id < 2), kurtosis(id) FILTER (WHERE id < 3), skewness(1 / f)",
    "pairs": ", ".join(
        f"{f}({y}, {x})" for f in ("corr", "covar_samp", "covar_pop") for y, x in ("id", "ff", "df")
    ),
    "regressions": ", ".join(
        f"regr_{f}({y}, {x})"
        for f in ["count", "avgx", "avgy", "sxx", "syy", "sxy", "slope", "intercept", "r2"]
        for y, x in ("fi", "df")
    ),
    "constant regressions": "corr(f, 0.1D), regr_slope(f, 0.1D), regr_r2(0.1D, f), regr_sxx(f, 2)",
    "regressions of what is not finite": "corr(d, 1 / f), regr_r2(d * double('inf'), f), "
    "regr_sxx(double('inf'), f), regr_slope(f, double('NaN')), regr_avgx(f, double('inf'))",
    "sketches": "approx_count_distinct(d), approx_count_distinct(s, 0.1), "
    "hex(bitmap_construct_agg(id)), hex(bitmap_or_agg(X'01')), hex(bitmap_and_agg(X'03'))",
}


@pytest.mark.parametrize("grouping", GROUPINGS)
@pytest.mark.parametrize("items", LISTS.values(), ids=LISTS)
def test_aggregates(session: SessionState, items: str, grouping: str) -> None:
    compare(session, items, grouping)


@pytest.mark.parametrize("grouping", ["g", "g, h", "'one', g", "g, g", "d", "a"])
def test_keys(session: SessionState, grouping: str) -> None:
    compare(session, "count(*), sum(p), count(DISTINCT i)", grouping)


@pytest.mark.parametrize("grouping", ["", "h"])
def test_without_ansi(session: SessionState, grouping: str) -> None:
    session.conf.set("spark.sql.ansi.enabled", "false")
    compare(session, "sum(l), sum(l * l), avg(p), sum(i), try_sum(l), avg(l)", grouping)


@pytest.mark.parametrize("grouping", ["", "h"])
@pytest.mark.parametrize("items", STATISTICS.values(), ids=STATISTICS)
def test_statistics(session: SessionState, items: str, grouping: str) -> None:
    compare(session, items, grouping)


def compare(session: SessionState, items: str, grouping: str) -> None:
    """Compare the aggregates of no rows and of some."""
    seed = sum(map(ord, items + grouping))
    chance = random.Random(seed)
    keys = f"{grouping}, " if grouping else ""
    tail = f" GROUP BY {grouping}" if grouping else ""
    for count in (0, 12):
        rows = random_rows(chance, max(count, 1))
        where = "" if count else " WHERE id < 0"
        sql = f"SELECT {keys}{items} FROM {rows}{where}{tail}"
        check(session, aggregate_of(session, sql), seed)


SETS = {
    "rollup": "ROLLUP (g, h)",
    "cube": "CUBE (g, h, i % 2)",
    "sets": "GROUPING SETS ((g, h), (h), ())",
    "a key in all sets": "g, ROLLUP (h)",
    "a key in no set": "g, h GROUPING SETS ((g), ())",
    "no key in a set": "g GROUPING SETS (())",
    "one key": "GROUPING SETS ((g), ())",
}


@pytest.mark.parametrize("sets", SETS.values(), ids=SETS)
def test_grouping_sets(session: SessionState, sets: str) -> None:
    rows = random_rows(random.Random(len(sets)), 20)
    calls = "grouping(g)" + (", grouping(h), grouping_id()" if "h" in sets else "")
    keys = "g, h" if "h" in sets else "g"
    for items in ("count(*), sum(g)", "count(DISTINCT p), avg(d), count(*)"):
        sql = f"SELECT {keys}, {calls}, {items} FROM {rows} GROUP BY {sets}"
        check(session, aggregate_of(session, sql), 1)


UNSPLIT = {
    "percentiles": "SELECT percentile(i, 0.5), count(*) FROM {rows}",
    "an order": "SELECT listagg(s) WITHIN GROUP (ORDER BY s) FROM {rows}",
    "an order of other columns": "SELECT listagg(s) WITHIN GROUP (ORDER BY id) FROM {rows}",
    "the greatest ones": "SELECT max_by(s, i, 3) FROM {rows}",
    "modes": "SELECT g, mode(s) FROM {rows} GROUP BY g",
    "equal sets of nothing": "SELECT count(*) FROM {rows} GROUP BY GROUPING SETS ((), ())",
    "equal sets": "SELECT g, count(*) FROM {rows} GROUP BY GROUPING SETS ((g), (g))",
    "different keys of sets": "SELECT g, count(DISTINCT g) FROM {rows} GROUP BY CUBE (g)",
    "one row of nothing": "SELECT 1 FROM {rows} HAVING true",
}


@pytest.mark.parametrize("sql", UNSPLIT.values(), ids=UNSPLIT)
def test_not_split(session: SessionState, sql: str) -> None:
    rows = random_rows(random.Random(5), 9)
    check(session, aggregate_of(session, sql.format(rows=rows)), 1, is_split=False)


def test_windows_stand_above(session: SessionState) -> None:
    rows = random_rows(random.Random(5), 30)
    window = "OVER (PARTITION BY h ORDER BY sum(id), g)"
    sql = f"SELECT g, sum(sum(id)) {window} + max(i), rank() {window}, h FROM {rows} GROUP BY g, h"
    aggregate = aggregate_of(session, sql)
    above = windows_above(aggregate)
    assert isinstance(above, Project)
    assert isinstance(above.child, Aggregate)
    assert above.schema == aggregate.schema
    check(session, aggregate, 3)


def test_buffers_are_shared(session: SessionState) -> None:
    rows = random_rows(random.Random(5), 9)
    items = (
        "avg(p), sum(p), count(p), count(*), stddev(p), var_pop(p), min(p), max_by(s, p), max(p)"
    )
    split = split_aggregate(aggregate_of(session, f"SELECT {items} FROM {rows}"))
    assert split is not None
    # A sum, two counts, a summary, min, max_by, max.
    assert len(split[0].output) == 7


def test_different_values_alone_are_groups(session: SessionState) -> None:
    rows = random_rows(random.Random(5), 9)
    split = split_aggregate(aggregate_of(session, f"SELECT count(DISTINCT i) FROM {rows}"))
    assert split is not None
    partial, _ = split
    assert [a.name for a in partial.output] == ["partial_count(i)"]
    assert isinstance(partial.child, Aggregate)
    assert [a.name for a in partial.child.output] == ["i"]


def test_keys_are_grouped_by_once(session: SessionState) -> None:
    rows = random_rows(random.Random(5), 9)
    sql = f"SELECT count(DISTINCT g), count(DISTINCT i + 1), i + 1 FROM {rows} GROUP BY i + 1"
    split = split_aggregate(aggregate_of(session, sql))
    assert split is not None
    assert [a.name for a in split[0].output] == ["(i + 1)", "g"]
