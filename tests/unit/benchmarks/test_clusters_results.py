"""TPC-H on clusters: which answers count, and the totals of those that do."""

from benchmarks.clusters.page import section, with_section
from benchmarks.clusters.results import Result, report


def _answer(seconds: float, value: float = 1.0) -> dict[str, object]:
    return {"seconds": seconds, "rows": [[value]]}


def _result(number: int, **answers: dict[str, object]) -> Result:
    result = Result(number)
    for engine, answer in answers.items():
        result.add(engine, answer, [[1.0]])
    return result


def test_totals_are_over_the_queries_that_both_have_right() -> None:
    one = _result(1, local=_answer(1), ray=_answer(2), daft=_answer(8))
    two = _result(2, local=_answer(3), ray=_answer(4), daft={"error": "Oops:\n  cannot"})
    three = _result(3, local=_answer(1), ray=_answer(2), daft=_answer(1, value=7.0))
    lines = report([one, two, three], ["local", "ray", "daft"]).splitlines()
    assert lines[0] == "Right on two Ray nodes: 3 of 3."
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if "|" in line]
    assert ["local[2]", "3 of 3", "5.0", "8.0", "1.6x (1.6..1.6)", "at most 1.8x"] in cells
    assert ["Daft on Ray", "1 of 3", "8.0", "2.0", "4.0x (4.0..4.0)", "at least 2x"] in cells
    assert ["Q2", "3.00", "4.00", "cannot run"] in cells
    assert "- Daft on Ray, Q2: cannot run: cannot" in lines
    assert "- Daft on Ray, Q3: wrong answer" in lines


def test_one_wrong_answer_excludes_all_rounds() -> None:
    result = Result(1)
    for value in (1.0, 2.0, 1.0):
        result.add("ray", _answer(1, value), [[1.0]])
    assert result.seconds == {}
    assert result.problems == {"ray": "wrong answer"}


def test_a_section_replaces_its_own_only() -> None:
    rdd = section("RDD programs", "how", "run", "| a |")
    sql = section("TPC-H, scale 10", "how", "run 10", "| b |")
    page = with_section(with_section("", "TPC-H, scale 10", sql), "RDD programs", rdd)
    assert page.index("## RDD programs") < page.index("## TPC-H, scale 10")
    again = with_section(page, "RDD programs", section("RDD programs", "how", "run", "| c |"))
    assert "| a |" not in again
    assert "| b |" in again
    assert with_section(again, "TPC-H, scale 10", sql) == again
