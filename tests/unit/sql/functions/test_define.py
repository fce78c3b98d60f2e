"""Clauses in the SQL of aggregates and window functions."""

from __future__ import annotations

import pytest

from pyrite.sql.functions.define import aggregate, place_clauses, window


def test_the_clauses_of_an_aggregate_go_to_its_places() -> None:
    sql = "CAST(sum({distinct}c1){filter} AS BIGINT)"
    assert place_clauses(sql) == "CAST(sum(c1) AS BIGINT)"
    assert place_clauses(sql, distinct=True, filter="c2 > 0") == (
        "CAST(sum(DISTINCT c1) FILTER (WHERE c2 > 0) AS BIGINT)"
    )
    assert place_clauses(sql, filter="c2", over="(ORDER BY c3)") == (
        "CAST(sum(c1) FILTER (WHERE c2) OVER (ORDER BY c3) AS BIGINT)"
    )


def test_an_aggregate_that_filters_by_itself_joins_the_condition() -> None:
    sql = "list(c1) FILTER (WHERE c1 IS NOT NULL{and_filter}){over}"
    assert place_clauses(sql) == "list(c1) FILTER (WHERE c1 IS NOT NULL)"
    assert place_clauses(sql, filter="c2", over="()") == (
        "list(c1) FILTER (WHERE c1 IS NOT NULL AND (c2)) OVER ()"
    )


def test_a_window_function_may_differ_from_the_aggregate() -> None:
    sql = "{window}first(c1 IGNORE NULLS){over}{aggregate}any_value(c1){filter}{end}"
    assert place_clauses(sql, over="()") == "first(c1 IGNORE NULLS) OVER ()"
    assert place_clauses(sql, filter="c2") == "any_value(c1) FILTER (WHERE c2)"


def test_the_order_within_a_group_has_its_place() -> None:
    sql = "string_agg(c1, ',' {order}){filter}"
    assert place_clauses(sql, order="c1 DESC") == "string_agg(c1, ',' ORDER BY c1 DESC)"


def test_a_template_of_one_call_needs_no_places() -> None:
    (function,) = aggregate("max(expr: T) -> T", "max({expr})")
    lowered = function.lower(None, ["c1"], None)  # type: ignore[arg-type]
    assert place_clauses(lowered, distinct=True) == "max(DISTINCT c1)"
    (ranked,) = window("rank() -> int", "rank()")
    lowered = ranked.lower(None, [], None)  # type: ignore[arg-type]
    assert place_clauses(lowered, over="(ORDER BY c1)") == "rank() OVER (ORDER BY c1)"


def test_any_other_template_has_to_say_where_clauses_belong() -> None:
    with pytest.raises(ValueError, match="say"):
        aggregate("twice(expr: T) -> T", "2 * max({expr})")
