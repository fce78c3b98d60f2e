import random

import pytest

from pyrite.mapreduce.hadoop_streaming.byte_columns import strings
from pyrite.mapreduce.hadoop_streaming.row_order import SortColumn, order_rows, rows_until

ALPHABETS = [b"ab", b"a\0", b"aaaaaaaab", bytes(range(256))]


def random_column(rng: random.Random, rows: int) -> list[bytes]:
    alphabet = rng.choice(ALPHABETS)
    longest = rng.choice([0, 1, 3, 9, 40])
    return [bytes(rng.choices(alphabet, k=rng.randint(0, longest))) for _ in range(rows)]


@pytest.mark.parametrize("seed", range(200))
def test_rows_are_ordered_as_tuples_are(seed):
    rng = random.Random(seed)
    count = rng.randint(0, 60)
    descending = [rng.random() < 0.5 for _ in range(rng.randint(1, 3))]
    columns = [random_column(rng, count) for _ in descending]
    rows = list(zip(*columns, strict=True))
    expected = rows
    for number in reversed(range(len(columns))):
        expected = sorted(expected, key=lambda row: row[number], reverse=descending[number])

    order, differs = order_rows(
        [SortColumn(strings(c), d) for c, d in zip(columns, descending, strict=True)]
    )

    assert sorted(order.tolist()) == list(range(count))
    assert [rows[row] for row in order] == expected
    assert differs.tolist() == [
        place == 0 or expected[place] != expected[place - 1] for place in range(count)
    ]
    if count:
        bound = rng.choice(expected)
        arranged = [
            SortColumn(strings(list(c)), d)
            for c, d in zip(zip(*expected, strict=True), descending, strict=True)
        ]
        last = max(place for place, row in enumerate(expected) if row == bound)
        assert rows_until(arranged, bound) == last + 1


def test_a_bound_between_rows():
    column = [SortColumn(strings([b"a", b"c", b"c", b"e"]))]
    assert [rows_until(column, [bound]) for bound in (b"", b"b", b"c", b"d", b"z")] == [
        0,
        1,
        3,
        3,
        4,
    ]


def test_slices_of_columns_are_ordered_by_their_own_rows():
    whole = strings([b"x", b"longer than a word c", b"longer than a word b", b"a", b"y"])
    order, _ = order_rows([SortColumn(whole.slice(1, 3))])
    assert order.tolist() == [2, 1, 0]


def test_many_long_equal_beginnings():
    rng = random.Random(5)
    rows = [b"http://www.example.com/" + str(rng.randint(0, 50)).encode() for _ in range(5000)]
    order, differs = order_rows([SortColumn(strings(rows))])
    assert [rows[row] for row in order] == sorted(rows)
    assert differs.sum() == len(set(rows))
