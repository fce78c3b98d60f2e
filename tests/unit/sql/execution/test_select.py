from pyrite.sql.execution.select import OrderKey, Select


def select(text: str) -> Select:
    return Select("range(5) AS t1(c0)", {1: text})


def test_columns_and_a_little_arithmetic_may_be_written_twice() -> None:
    for text in ("c1", "t1.c0", 't1."some name"', "(t1.c0 + CAST(1 AS BIGINT))", "-t1.c0 * 2"):
        assert select(text).cheap([1, 1])


def test_subqueries_are_not_written_into_what_reads_them() -> None:
    assert not select("(SELECT c0 FROM t2)").cheap([1])


def test_calls_are_written_once() -> None:
    for text in ("random()", "f(t1.c0)", "(t1.c0 + nextval('s'))"):
        assert select(text).cheap([1])
        assert not select(text).cheap([1, 1])
    assert not select(" + ".join(["t1.c0"] * 40)).cheap([1, 1])


def test_only_columns_are_simple() -> None:
    assert select("t1.c0").simple([1])
    assert not select("(t1.c0 + 1)").simple([1])


def test_what_sorts_is_named_where_it_is_given_and_written_out_where_not() -> None:
    grouped = Select("t AS t1", {1: "t1.c0", 2: "min(t1.c5)"}, group_by="t1.c0")
    grouped.order_by = [OrderKey("min(t1.c5)", "ASC NULLS FIRST", 2)]
    assert grouped.sql([1, 2]).endswith("ORDER BY c2 ASC NULLS FIRST")
    assert grouped.sql([1]).endswith("ORDER BY min(t1.c5) ASC NULLS FIRST")


def test_columns_are_dropped_only_where_the_rows_stay() -> None:
    columns = {1: "t1.c0", 2: "(SELECT 1)"}
    assert Select("t AS t1", columns).droppable([1])
    assert not Select("t AS t1", columns, distinct="DISTINCT").droppable([1])
    by_subquery = Select("t AS t1", columns, order_by=[OrderKey("(SELECT 1)", "ASC", 2)])
    assert by_subquery.droppable([2])
    assert not by_subquery.droppable([1])
