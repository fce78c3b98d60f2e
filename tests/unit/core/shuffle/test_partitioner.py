import datetime
import decimal
import os
import subprocess
import sys
import uuid
from array import array

import pytest

from pyrite.core.serializers import Columns
from pyrite.core.shuffle.columnar import split_columns
from pyrite.core.shuffle.partitioner import (
    Partitioner,
    RangePlacement,
    portable_hash,
    seed_zero_hash,
)

INF = float("inf")
GOLDEN = [
    (None, 0),
    (0, 0),
    (1, 1),
    (-1, -2),
    (-2, -2),
    (2147483648, 2147483648),
    (2305843009213693951, 0),
    (2305843009213693952, 1),
    (2305843009213693950, 2305843009213693950),
    (-2305843009213693951, 0),
    (9223372036854775808, 4),
    (18446744073709551616, 8),
    (-9223372036854775808, -4),
    (1000000000000000000000000000000, 465258685558744706),
    (1.0, 1),
    (0.5, 1152921504606846976),
    (-0.0, 0),
    (1e300, 1224995262755759164),
    (INF, 314159),
    (-INF, -314159),
    (True, 1),
    (False, 0),
    ("", 0),
    ("a", 4644417185603328019),
    ("b", -8420940591063670578),
    ("ab", 6148830537548944441),
    ("abc", -4594863902769663758),
    ("hello world", -5642461784034726774),
    ("é", 6047309291227476195),
    ("Ж", 5229429703671838488),
    ("日本", 6243316497235261705),
    ("😀", -3536540696076613844),
    ("a😀b", -7541021549821082252),
    ("xxxxxxx", 4423015880544474238),
    ("xxxxxxxx", -4724777423671707232),
    ("xxxxxxxxx", 1110956022226650754),
    ("x" * 100, 1359644457043326220),
    (b"", 0),
    (b"a", 4644417185603328019),
    (b"abc", -4594863902769663758),
    (b"12345678", 3785724242978802311),
    (b"x" * 33, 3129705393707619204),
    ((), 3430008),
    ((1,), 3430019290026),
    ((1, 2), 3430029580082870073),
    (("a", 1), 102774922574124034),
    ((None,), 3430018290025),
    ((None, 1), 3430028580079870073),
    (((1, 2), 3), 1031013823351644674),
    (("a", ("b", None)), 1448104471556345709),
    ((1.5, "z"), 3268004341371333445),
    ((1180591620717411303424,), 3429506288489),
    ((True, None), 3430029580084870083),
    ((-1,), 9223368606834485779),
    ((-1, -1), 3430030580088870086),
    (tuple(range(20)), 3549992801311243884),
    ((b"q", "r"), 3040811233424458905),
    (frozenset({1, 2}), -1826646154956904602),
    (frozenset({"a", "b"}), 1679668661828516449),
    ((1 + 2j), 2000007),
    (datetime.date(2020, 1, 2), -431740356303785411),
    (datetime.datetime(2020, 1, 2, 3, 4, 5, 6), 4645762869341500622),
    (datetime.time(1, 2, 3), 801308971495406425),
    (decimal.Decimal("1.10"), 2075258708292324557),
    (uuid.UUID(int=5), 5),
]


@pytest.mark.parametrize(("key", "expected"), GOLDEN, ids=lambda value: repr(value)[:30])
def test_hashes_are_pysparks(key, expected):
    assert portable_hash(key) == expected


def test_workers_with_seed_zero_agree_with_the_driver():
    keys = [None, "a", "wörld", "日本", "😀", b"xyz", ("a", (b"b", None, 1.5)), -1, 2**70, True]
    program = (
        "from pyrite.core.shuffle.partitioner import portable_hash, _hash\n"
        "assert _hash is hash\n"
        f"print([portable_hash(k) for k in {keys!r}])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == str([portable_hash(k) for k in keys])


def test_text_of_every_length_and_width_hashes_as_with_seed_zero():
    texts = [c * n for c in "aéЖ😀" for n in range(20)] + ["a" * 7 + "é", "a" * 8 + "😀", "\ud800"]
    program = (
        f"texts = {texts!r}\n"
        "print([hash(t) for t in texts] + [hash(t.encode('utf-8', 'replace')) for t in texts])"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    expected = [seed_zero_hash(t) for t in texts]
    expected += [seed_zero_hash(t.encode("utf-8", "replace")) for t in texts]
    assert answer.stdout.strip() == str(expected)


def test_unhashable_keys_fail_as_in_python():
    for key in ([1], ("a", [1])):
        with pytest.raises(TypeError, match="unhashable type: 'list'"):
            portable_hash(key)


def test_partitioners_are_equal_by_both_parts():
    assert Partitioner(3) == Partitioner(3, portable_hash)
    assert Partitioner(3) != Partitioner(4)
    assert Partitioner(3, abs) != Partitioner(3)
    assert hash(Partitioner(3)) == hash(Partitioner(3))


@pytest.mark.parametrize(
    "keys",
    [
        [1, 2, -1, 2**61, -(2**63)],
        ["a", "b", ""],
        [1, "a", 2.5, None, (1, 2), True, b"x"],
        [None] * 3,
    ],
)
@pytest.mark.parametrize("count", [1, 2, 7])
def test_placing_many_equals_placing_each(keys, count):
    partitioner = Partitioner(count)
    assert partitioner.place(keys) == [partitioner(key) for key in keys]
    assert all(0 <= place < count for place in partitioner.place(keys))


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("function", [None, abs])
@pytest.mark.parametrize("bounds", [[], [3], [-5, 0, 0, 7], [-(2**63), 2**70], [-0.5, 2.5]])
def test_ranges_of_columns_of_lists_and_of_single_keys_agree(bounds, function, ascending):
    keys = [*range(-9, 9), 2**62, -(2**63), 2**63 - 1]
    place = RangePlacement(bounds, function, ascending)
    partitioner = Partitioner(len(bounds) + 1, place)
    expected = list(map(place, keys))
    assert partitioner.place(keys) == expected
    columns = Columns(array("q", keys), array("q", keys), "q")
    split = split_columns(columns, partitioner)
    placed = {key: index for index, part in split for key, _ in part.records()}
    assert [placed[key] for key in keys] == expected


def test_a_partition_function_must_return_integers():
    with pytest.raises(TypeError, match=r"partitionFunc must return an int; for key 'k'"):
        Partitioner(2, lambda key: 0.5).place(["k"])
