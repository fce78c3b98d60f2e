from benchmarks import table
from benchmarks.catalogue import Program
from benchmarks.rounds import Comparison, Cost, same


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    ratio = table.Ratio.of([(10.0, 1.0), (8.0, 4.0), (9.0, 3.0)])
    assert ratio == table.Ratio(middle=3.0, low=2.0, high=10.0)
    assert str(ratio) == "3.0x (2.0..10.0)"


def test_a_row_for_each_section_with_the_target_on_the_main_one() -> None:
    program = Program("walk", "A walk", target=8, parts=(("first step", "... its first step"),))
    whole = [(Cost(10, 12), Cost(2, 3)), (Cost(20, 24), Cost(2, 2)), (Cost(6, 8), Cost(2, 4))]
    step = [(Cost(1, 1), Cost(0.5, 0.25))]
    memory = {"walk": (500_000_000, 100_000_000), "first step": (4_000_000, 6_000_000)}
    rows = table.rows([Comparison(program, {"walk": whole, "first step": step}, memory)])
    assert rows == [
        ("A walk", "10.00", "2.000", "5.0x (3.0..10.0)", "4.0x (2.0..12.0)", "500", "100", "8x"),
        ("... its first step", "1.00", "0.500", "2.0x (2.0..2.0)", "4.0x (4.0..4.0)", "4", "6", ""),
    ]
    assert all(len(row) == len(table.HEADINGS) for row in rows)


def test_the_table_is_aligned_markdown() -> None:
    assert table.markdown(["Name", "s"], [["a", "12.5"], ["longer", "3"]]).splitlines() == [
        "| Name   |    s |",
        "|:-------|-----:|",
        "| a      | 12.5 |",
        "| longer |    3 |",
    ]


def test_results_are_the_same_up_to_the_order_of_additions() -> None:
    assert same([1, "a", [0.1 + 0.2]], [1, "a", [0.3]])
    assert not same([0.3], [0.30001])
    assert not same([1], [1, 1])
    assert not same([1], [1.0])
    assert not same("ab", "ba")
