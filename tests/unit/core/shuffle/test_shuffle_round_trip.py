import operator
import random
from collections import Counter
from itertools import chain

import pytest

from pyrite.core.codegen import Operator, OperatorKind
from pyrite.core.shuffle import (
    Aggregator,
    KeyOrdering,
    Partitioner,
    RangePlacement,
    columnar,
    portable_hash,
)
from pyrite.core.shuffle import reader as reader_module
from pyrite.core.shuffle import writer as writer_module

KEYS = {
    "int": lambda rng: rng.randrange(-40, 40),
    "text": lambda rng: rng.choice("abcdefgh") * 3,
    "tuple": lambda rng: (rng.randrange(5), rng.choice([None, "x"])),
    "mixed": lambda rng: rng.choice([None, 1, True, 1.0, "a", 2.5, (1, 2), 2**70, -1, b"a"]),
}
VALUES = {
    "int": lambda rng: rng.randrange(-1000, 1000),
    "float": lambda rng: rng.choice([-0.0, 0.1, 0.2, 1e300, -1e300, 1e-9, 7.5]),
    "mixed": lambda rng: rng.choice([1, 2.5, True, 2**70, 2**62]),
}


def make_maps(keys, values, seed=0, size=400):
    rng = random.Random(seed)
    return [[(KEYS[keys](rng), VALUES[values](rng)) for _ in range(size)] for _ in range(3)]


def grouped(maps, partitions):
    tables = [{} for _ in range(partitions)]
    for records in maps:
        for key, value in records:
            tables[portable_hash(key) % partitions].setdefault(key, []).append(value)
    return [list(table.items()) for table in tables]


def summed(maps, partitions, combine):
    """Sums in the very order of additions: per map first when the maps combine."""
    partials = []
    for records in maps:
        for key, value in records if not combine else partial_sums(records).items():
            partials.append((key, value))
    tables = [{} for _ in range(partitions)]
    for key, value in partials:
        table = tables[portable_hash(key) % partitions]
        table[key] = table[key] + value if key in table else value
    return [list(table.items()) for table in tables]


def partial_sums(records):
    table = {}
    for key, value in records:
        table[key] = table[key] + value if key in table else value
    return table


@pytest.fixture(params=["plain", "columns"])
def columns(request, monkeypatch):
    many = {"plain": 1 << 60, "columns": 1}[request.param]
    for module in (columnar, reader_module, writer_module):
        monkeypatch.setattr(module, "MANY_RECORDS", many)
    return request.param


@pytest.mark.parametrize("partitions", [1, 3, 7])
@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("keys", KEYS)
def test_answers_and_order_equal_one_dictionary(shuffle, columns, keys, values, partitions):
    maps = make_maps(keys, values)
    expected = repr(grouped(maps, partitions))
    assert repr(shuffle.run(maps, partitions, Aggregator.group())) == expected
    assert repr(shuffle.run(maps, partitions, Aggregator.group(), combine=True)) == expected
    for combine in (False, True):
        result = shuffle.run(maps, partitions, Aggregator.reduce(operator.add), combine)
        assert repr(result) == repr(summed(maps, partitions, combine))
    plain = [
        [r for records in maps for r in records if portable_hash(r[0]) % partitions == index]
        for index in range(partitions)
    ]
    assert repr(shuffle.run(maps, partitions)) == repr(plain)


def test_general_aggregators(shuffle):
    maps = make_maps("text", "int")
    average = Aggregator(
        lambda value: (value, 1),
        lambda pair, value: (pair[0] + value, pair[1] + 1),
        lambda a, b: (a[0] + b[0], a[1] + b[1]),
    )
    expected = [
        [(key, (sum(values), len(values))) for key, values in table] for table in grouped(maps, 2)
    ]
    assert shuffle.run(maps, 2, average, combine=True) == expected
    assert shuffle.run(maps, 2, average, combine=False) == expected


@pytest.mark.parametrize("ascending", [True, False])
def test_sorted_partitions_are_stable(shuffle, ascending):
    maps = make_maps("int", "int")
    ordering = KeyOrdering(abs, ascending)
    unsorted = shuffle.run(maps, 2)
    expected = [
        sorted(part, key=lambda record: abs(record[0]), reverse=not ascending) for part in unsorted
    ]
    assert shuffle.run(maps, 2, ordering=ordering) == expected


WIDE = [0, -1, 7, 2**40, -(2**40), 2**62, 2**63 - 1, -(2**63)]
SORTED = {
    "narrow": lambda rng: (rng.randrange(9), rng.randrange(1000)),
    "wide": lambda rng: (rng.choice(WIDE), rng.choice([-0.0, 0.0, float("nan"), 1.5])),
    "huge": lambda rng: (rng.choice([*WIDE, 2**70]), 1),
    "bool": lambda rng: (rng.choice([True, 1, 0, False, 2]), rng.randrange(1000)),
    "float": lambda rng: (rng.choice([-0.0, 0, 0.0, 2.5]), rng.randrange(1000)),
    "text": lambda rng: (rng.randrange(9), rng.choice("abc")),
    "two types": lambda rng: (rng.randrange(9), rng.choice([1, 1.0])),
}


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("kind", SORTED)
def test_sorting_columns_equals_sorting_records(shuffle, columns, kind, ascending):
    rng = random.Random(5)
    # The first map's output is numeric always, so that some sorts meet other records midway.
    maps = [[(rng.randrange(9), i) for i in range(300)]]
    maps += [[SORTED[kind](rng) for _ in range(300)] for _ in range(2)]
    place = RangePlacement([0, 3], None, ascending)
    expected = [
        sorted(
            (record for record in chain.from_iterable(maps) if place(record[0]) == index),
            key=lambda record: record[0],
            reverse=not ascending,
        )
        for index in range(3)
    ]
    result = shuffle.run(maps, Partitioner(3, place), ordering=KeyOrdering(None, ascending))
    assert repr(result) == repr(expected)


def test_operators_run_before_records_are_combined(shuffle, columns):
    words = Operator(OperatorKind.FLAT_MAP, str.split)
    pairs = Operator(OperatorKind.MAP, lambda word: (word, 1))
    lines = [["to be or", "not to be"], ["be"]]
    result = shuffle.run(
        lines, 2, Aggregator.reduce(operator.add), combine=True, operators=(words, pairs)
    )
    assert dict(chain.from_iterable(result)) == Counter(["to", "be", "or", "not", "to", "be", "be"])


def test_a_table_of_numbers_goes_back_to_plain_at_the_first_other_record(shuffle, columns):
    odd = [(3, 0.5), ("a", 1), (2**70, 2), (3, 2**62), (3, 2**62), (5, 2**62)]
    for position in (0, 1, 20_000, 39_999):
        records = [(i % 17_000, i) for i in range(40_000)]
        records[position:position] = odd
        result = shuffle.run([records], 1, Aggregator.reduce(operator.add), combine=True)
        assert result == [list(partial_sums(records).items())]


NUMBERS = [*range(-3, 9), 2**40, -(2**40), 2**61 - 1, 2**61 - 2, -(2**61), 2**63 - 1, -(2**63)]
PAIRS = {
    "narrow": lambda rng: (rng.randrange(-3, 9), rng.randrange(-3, 9)),
    "narrow and wide": lambda rng: (rng.choice(NUMBERS), rng.randrange(-1, 2)),
    "wide": lambda rng: (rng.choice(NUMBERS), rng.choice(NUMBERS)),
    "huge": lambda rng: (rng.choice(NUMBERS), rng.choice([1, 2, 2**63])),
    "equal numbers": lambda rng: (rng.choice([0, 1, True, 1.0, -0.0, 0.0]), 1),
    "shapes": lambda rng: rng.choice([(), (1,), (1, 2), (1, 2, 3), (1, "2"), None, 7, "ab"]),
}


@pytest.mark.parametrize("partitions", [1, 3])
@pytest.mark.parametrize("combine", [True, False])
@pytest.mark.parametrize("kind", PAIRS)
def test_distinct_pairs_are_the_first_of_each(shuffle, columns, kind, combine, partitions):
    rng = random.Random(6)
    # The first map's output is narrow pairs always, so that some meet other keys midway.
    maps = [[(PAIRS["narrow"](rng), None) for _ in range(200)]]
    maps += [[(PAIRS[kind](rng), None) for _ in range(200)] for _ in range(2)]
    expected = [[(key, None) for key, _ in table] for table in grouped(maps, partitions)]
    first = Aggregator.reduce(lambda one, another: one)
    assert repr(shuffle.run(maps, partitions, first, combine)) == repr(expected)


def test_many_distinct_pairs_are_combined_in_parts(shuffle, columns, monkeypatch):
    monkeypatch.setattr(columnar, "_FOLD_ROWS", 1000)
    rng = random.Random(7)
    records = [((rng.randrange(90), rng.randrange(90)), None) for _ in range(60_000)]
    result = shuffle.run([records], 1, Aggregator.reduce(lambda one, _: one), combine=True)
    assert result == [list(dict(records).items())]
    assert shuffle.metrics.shuffle_write_records == len(set(records))


@pytest.mark.parametrize("other", [(("a", 1), None), ((1, 2), 3), (5, 0.5)])
def test_distinct_pairs_go_back_to_plain_at_the_first_other_record(shuffle, columns, other):
    for position in (0, 1, 20_000, 39_999):
        records = [((i % 17_000, 1), None) for i in range(40_000)]
        records[position:position] = [other, other]
        result = shuffle.run([records], 1, Aggregator.reduce(lambda one, _: one), combine=True)
        expected = {}
        for key, value in records:
            expected.setdefault(key, value)
        assert result == [list(expected.items())]


def test_pairs_without_values_pass_and_group_like_other_records(shuffle, columns):
    maps = [[((i % 7, i % 5), None) for i in range(100)], [((1, 2), None)]]
    records = [record for part in maps for record in part]
    groups = {}
    for key, value in records:
        groups.setdefault(key, []).append(value)
    assert shuffle.run(maps, 1) == [records]
    assert shuffle.run(maps, 1, Aggregator.group()) == [list(groups.items())]
    assert shuffle.run(maps, 1, ordering=KeyOrdering()) == [sorted(records, key=lambda r: r[0])]
    odd_first = shuffle.run(maps, Partitioner(2, lambda key: key[0] + 1))
    assert odd_first == [[r for r in records if r[0][0] % 2 == odd] for odd in (1, 0)]
    with pytest.raises(TypeError, match="unsupported operand"):
        shuffle.run(maps, 1, Aggregator.reduce(operator.add), combine=True)


def test_sums_beyond_64_bits_stay_exact(shuffle, columns):
    records = [(i % 10, 2**61) for i in range(200)]
    for combine in (False, True):
        result = shuffle.run([records], 1, Aggregator.reduce(operator.add), combine)
        assert result == [[(i, 20 * 2**61) for i in range(10)]]


def test_sums_of_negative_zeros_keep_their_sign(shuffle, columns):
    records = [(1, -0.0), (2, -0.0), (1, -0.0), (2, 0.0)]
    result = shuffle.run([records], 1, Aggregator.reduce(operator.add), combine=True)
    assert repr(result) == "[[(1, -0.0), (2, 0.0)]]"


def test_custom_partition_functions_place_records(shuffle, columns):
    maps = [[(i, i) for i in range(100)]]
    assert shuffle.run(maps, Partitioner(3, lambda key: -1))[:2] == [[], []]
    by_half = shuffle.run(maps, Partitioner(2, lambda key: key >= 50))
    assert by_half == [[(i, i) for i in range(50)], [(i, i) for i in range(50, 100)]]


def test_pairs_of_any_kind_become_tuples(shuffle):
    assert shuffle.run([[[1, 2], "ab"]], 1) == [[(1, 2), ("a", "b")]]


@pytest.mark.parametrize("record", [1, (1, 2, 3)])
def test_records_that_are_no_pairs_fail(shuffle, record):
    with pytest.raises((TypeError, ValueError), match="unpack"):
        shuffle.run([[record]], 2)
    assert shuffle.files() == []


def test_metrics_count_records_and_bytes(shuffle):
    shuffle.run(make_maps("text", "int"), 2)
    metrics = shuffle.metrics
    assert metrics.shuffle_write_records == metrics.shuffle_read_records == 1200
    assert metrics.shuffle_write_bytes == metrics.shuffle_read_local_bytes > 0
    assert metrics.disk_bytes_spilled == 0
