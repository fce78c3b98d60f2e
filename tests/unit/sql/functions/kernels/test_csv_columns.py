"""Lines of CSV split all at once: as one at a time, or left out."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pyrite.sql.functions.kernels.csv_columns import split_lines
from pyrite.sql.functions.kernels.csv_text import split_line

_LINES = ["1,x", ",", '"a,b",é', 'c\\d,""', " 1 , 2", "'a',b", None]
_ODD = ["1", "1,2,3", '"a""b",c', '"a\\"b",c', '"a"b,c', 'a"b,c', '"open,c', "a\nb,c", "a,b\r"]
_MARKS = (",", '"', "\\")


def test_usual_lines_are_split_as_one_at_a_time() -> None:
    columns, usual = split_lines(pa.array(_LINES), 2, _MARKS)
    assert usual.tolist() == [line is not None for line in _LINES]
    fields = zip(*(column.to_pylist() for column in columns), strict=True)
    assert [list(row) for row in fields] == [split_line(line, *_MARKS) for line in _LINES[:-1]]


@pytest.mark.parametrize("odd", _ODD)
def test_odd_lines_are_left_out(odd: str) -> None:
    columns, usual = split_lines(pa.array(["1,2", odd, "3,4"]), 2, _MARKS)
    assert usual.tolist() == [True, False, True]
    assert [column.to_pylist() for column in columns] == [["1", "3"], ["2", "4"]]


@pytest.mark.parametrize("marks", [("||", '"', "\\"), ("§", '"', "\\")])
def test_separators_that_are_no_single_byte_are_left_out(marks: tuple[str, str, str]) -> None:
    assert not split_lines(pa.array(["1,2"]), 2, marks)[1].any()


def test_one_column_may_be_empty_and_need_no_quotes() -> None:
    columns, usual = split_lines(pa.array(["", "x"]), 1, (",", "", ""))
    assert usual.all()
    assert columns[0].to_pylist() == ["", "x"]
