"""Answers of TPC-H, compared between engines."""

from benchmarks.tpch.answers import same_rows

ROWS = [["a", 9.0, 1], ["b", 8.0, 2], ["c", 8.0, 3], ["d", 7.0, 4]]


def test_rows_that_tie_change_places_and_others_do_not() -> None:
    a, b, c, d = ROWS
    assert same_rows(ROWS, [a, c, b, d])
    assert not same_rows(ROWS, [b, a, c, d])
    assert not same_rows(ROWS, [a, b, b, d])
    assert not same_rows(ROWS, [a, b, c])


def test_fractions_may_differ_in_their_last_digits() -> None:
    a, b, _, d = ROWS
    near = [["b", 8.0000001, 2], ["c", 7.9999999, 3]]
    assert same_rows(ROWS, [a, near[1], near[0], d])
    assert not same_rows(ROWS, [a, b, ["c", 8.1, 3], d])


def test_rows_without_columns_that_agree_differ() -> None:
    assert not same_rows([["a", None]], [["b", 1.0]])
    assert same_rows([[None]], [[None]])
