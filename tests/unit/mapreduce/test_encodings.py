import pytest

from pyrite.mapreduce import Encoding, Json, KeyValueText, MapReduceError, Pickle, Text


@pytest.mark.parametrize(
    ("encoding", "pair", "line"),
    [
        (Text(), ("a", 1), "a\t1"),
        (Text(), (None, "a"), "a"),
        (Text(), ("a", None), "a"),
        (Text(), (b"a", [1, "b"]), "a\t[1, 'b']"),
        (KeyValueText("="), (1.5, True), "1.5=True"),
        (Json(), ("ä\t\n", -7), '"ä\\t\\n"\t-7'),
        (Json(), (None, {"a": [1, None]}), '{"a":[1,null]}'),
        (Json(), ((1, ("b", None)), True), '[1,["b",null]]\ttrue'),
    ],
)
def test_a_pair_is_a_line(encoding: Encoding, pair, line):
    assert encoding.write(*pair) == line


@pytest.mark.parametrize(
    ("encoding", "line", "pair"),
    [
        (Text(), "a\t1", (None, "a\t1")),
        (KeyValueText(), "a\tb\tc", ("a", "b\tc")),
        (KeyValueText(), "a", ("a", "")),
        (Json(), '[1,["b",null]]\t[2,[3]]', ((1, ("b", None)), [2, [3]])),
        (Json(), '{"a": 1}', (None, {"a": 1})),
        (Json(), "12", (None, 12)),
        (Json(), "-1.5e3\tnull", (-1500.0, None)),
    ],
)
def test_a_line_is_a_pair(encoding: Encoding, line, pair):
    assert list(encoding.read([line])) == [pair]


def test_equal_keys_are_pickled_alike():
    shared = "".join(["wo", "rd"])
    keys = [(shared, shared), ("".join(["wo", "rd"]), shared)]
    assert len({Pickle().encode(key) for key in keys}) == 1


@pytest.mark.parametrize("line", ["no base64", "AAAA", ""])
def test_what_is_not_pickled(line):
    with pytest.raises(MapReduceError, match="is not Pickle"):
        list(Pickle().read([line]))


@pytest.mark.parametrize(
    ("encoding", "part"),
    [(Text(), "a\nb"), (Json(), {1, 2}), (Json(), b"a"), (Pickle(), (n for n in "1"))],
)
def test_what_cannot_be_written(encoding, part):
    with pytest.raises((TypeError, ValueError)):
        encoding.encode(part)
