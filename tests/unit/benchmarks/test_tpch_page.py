"""The page of TPC-H: one section for each scale."""

from benchmarks.tpch.page import section, with_section


def test_a_scale_replaces_its_own_section_only() -> None:
    one = section(1.0, 3, 2, "run 1", "| a |")
    ten = section(10.0, 3, 2, "run 10", "| b |")
    page = with_section(with_section("", 10.0, ten), 1.0, one)
    assert page.index("## Scale 1\n") < page.index("## Scale 10\n")
    again = with_section(page, 1.0, section(1.0, 5, 2, "run 1", "| c |"))
    assert "| a |" not in again
    assert "| b |" in again
    assert "| c |" in again
    assert with_section(again, 10.0, ten) == again
