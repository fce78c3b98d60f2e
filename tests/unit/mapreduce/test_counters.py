"""Counters are added, merged, and written as Hadoop writes them."""

import pickle

from pyrite.mapreduce.counters import Counters, CountersParam


def test_amounts_add_up_by_group_and_name():
    counters = Counters()
    counters.add("a", "x")
    counters.add("a", "x", 4)
    counters.add("a", "y", -2)
    assert counters.group("a") == {"x": 5, "y": -2}
    assert counters.get("a", "z") == 0
    assert counters.get("b", "x") == 0
    assert len(counters) == 2


def test_merging_leaves_the_other_alone():
    one, other = Counters({"a": {"x": 1}}), Counters({"a": {"x": 2}, "b": {"y": 3}})
    one.merge(other)
    assert one == Counters({"a": {"x": 3}, "b": {"y": 3}})
    assert other == Counters({"a": {"x": 2}, "b": {"y": 3}})


def test_copies_have_amounts_of_their_own():
    counters = Counters({"a": {"x": 1}})
    for copy in (
        counters.copy(),
        Counters(counters.to_dict()),
        pickle.loads(pickle.dumps(counters)),
    ):
        copy.add("a", "x")
        assert counters.get("a", "x") == 1


def test_the_text_is_hadoops():
    counters = Counters(
        {
            "zebra": {"b": 2, "a": 1},
            "Map-Reduce Framework": {"Map output records": 4, "Map input records": 3},
            "words": {"n": 1},
            "File Output Format Counters": {"Bytes Written": 5},
            "File Input Format Counters": {"Bytes Read": 6},
        }
    )
    assert counters.to_text().split("\n") == [
        "Counters: 7",
        "\tMap-Reduce Framework",
        "\t\tMap input records=3",
        "\t\tMap output records=4",
        "\tFile Input Format Counters",
        "\t\tBytes Read=6",
        "\tFile Output Format Counters",
        "\t\tBytes Written=5",
        "\twords",
        "\t\tn=1",
        "\tzebra",
        "\t\ta=1",
        "\t\tb=2",
    ]


def test_an_accumulator_of_counters_starts_from_nothing():
    param = CountersParam()
    zero = param.zero(Counters({"a": {"x": 1}}))
    assert not zero
    assert param.addInPlace(zero, Counters({"a": {"x": 2}})) == Counters({"a": {"x": 2}})
