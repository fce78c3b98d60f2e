from pyrite.sql.execution.select import Select


def select(text: str) -> Select:
    return Select("range(5) AS t1(c0)", {1: text})


def test_columns_and_a_little_arithmetic_may_be_written_twice() -> None:
    for text in ("c1", "t1.c0", 't1."some name"', "(t1.c0 + CAST(1 AS BIGINT))", "-t1.c0 * 2"):
        assert select(text).cheap([1, 1])


def test_calls_and_subqueries_are_written_once() -> None:
    for text in ("random()", "f(t1.c0)", "(SELECT c0 FROM t2)", "(t1.c0 + nextval('s'))"):
        assert select(text).cheap([1])
        assert not select(text).cheap([1, 1])
    assert not select(" + ".join(["t1.c0"] * 40)).cheap([1, 1])


def test_only_columns_are_simple() -> None:
    assert select("t1.c0").simple([1])
    assert not select("(t1.c0 + 1)").simple([1])
