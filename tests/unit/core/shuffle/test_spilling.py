import operator
import os
import pickle
import random

import pytest

from pyrite.core.events import TaskMetrics
from pyrite.core.shuffle import Aggregator, KeyOrdering, cogroup, writer
from pyrite.core.shuffle.external import ExternalSorter, SpilledList
from pyrite.core.shuffle.spill_file import SpillFile

pytestmark = pytest.mark.usefixtures("always_spilling")


def random_maps(seed=1, key=lambda rng: rng.randrange(100)):
    rng = random.Random(seed)
    return [[(key(rng), rng.randrange(1000)) for _ in range(500)] for _ in range(3)]


def as_table(partitions):
    table = {}
    for key, value in (record for part in partitions for record in part):
        assert key not in table
        table[key] = value
    return table


def groups_of(maps):
    table = {}
    for key, value in (record for records in maps for record in records):
        table.setdefault(key, []).append(value)
    return table


@pytest.mark.parametrize("many", [1, 1 << 60])
@pytest.mark.parametrize("combine", [False, True])
def test_combined_answers_are_the_same(shuffle, combine, many, monkeypatch):
    monkeypatch.setattr(writer, "MANY_RECORDS", many)
    maps = random_maps()
    expected = groups_of(maps)
    groups = shuffle.run(maps, 2, Aggregator.group(), combine)
    assert {key: list(values) for key, values in as_table(groups).items()} == expected
    sums = shuffle.run(maps, 2, Aggregator.reduce(operator.add), combine)
    assert as_table(sums) == {key: sum(values) for key, values in expected.items()}
    assert shuffle.metrics.disk_bytes_spilled > 0
    assert shuffle.metrics.memory_bytes_spilled >= 0


@pytest.mark.parametrize("many", [1, 1 << 60])
def test_distinct_pairs_are_the_same(shuffle, many, monkeypatch):
    monkeypatch.setattr(writer, "MANY_RECORDS", many)
    maps = [[((key, value % 9), None) for key, value in part] for part in random_maps()]
    result = shuffle.run(maps, 2, Aggregator.reduce(lambda one, _: one), combine=True)
    assert as_table(result) == dict(record for part in maps for record in part)
    assert shuffle.metrics.disk_bytes_spilled > 0


def test_records_passed_through_keep_their_order(shuffle):
    maps = random_maps(key=lambda rng: rng.choice("abcdef"))
    in_order = [record for records in maps for record in records]
    assert shuffle.run(maps, 1) == [in_order]


@pytest.mark.parametrize("ascending", [True, False])
def test_sorts_are_the_same_and_stable(shuffle, ascending):
    maps = random_maps()
    in_order = [record for records in maps for record in records]
    expected = sorted(in_order, key=operator.itemgetter(0), reverse=not ascending)
    assert shuffle.run(maps, 1, ordering=KeyOrdering(None, ascending)) == [expected]


def test_a_sort_of_many_runs(tmp_path):
    rng = random.Random(4)
    elements = [(rng.randrange(50), i) for i in range(5000)]
    metrics = TaskMetrics()
    sorter = ExternalSorter(operator.itemgetter(0), True, 0, str(tmp_path), metrics)
    pieces = [elements[i : i + 100] for i in range(0, 5000, 100)]
    assert list(sorter.sort(pieces)) == sorted(elements, key=operator.itemgetter(0))
    assert metrics.disk_bytes_spilled > 0
    assert os.listdir(tmp_path) == []


def test_one_huge_group_becomes_a_list_on_disk(shuffle):
    maps = [[("hot", i) for i in range(3000)], [("hot", -1), ("cold", 1)]]
    table = as_table(shuffle.run(maps, 1, Aggregator.group()))
    assert isinstance(table["hot"], SpilledList)
    assert list(table["hot"]) == [*range(3000), -1]
    assert list(table["cold"]) == [1]


def test_cogroup_gathers_every_input(tmp_path):
    left = [(i % 7, i) for i in range(400)]
    right = [(i % 5, str(i)) for i in range(300)]
    result = dict(cogroup([left, right, []], 0, str(tmp_path)))
    assert {key: tuple(map(list, groups)) for key, groups in result.items()} == {
        key: (
            [value for k, value in left if k == key],
            [value for k, value in right if k == key],
            [],
        )
        for key in range(7)
    }
    assert os.listdir(tmp_path) == []


def test_a_spilled_list_is_like_a_list(tmp_path):
    values = SpilledList(SpillFile(str(tmp_path), TaskMetrics()), [0, 1])
    values.flush()
    values.extend(range(2, 200))
    values.flush()
    values.append(200)
    expected = list(range(201))
    assert len(values) == 201
    assert list(values) == list(values) == expected
    assert values == expected
    assert values != expected[1:]
    assert [values[0], values[1], values[2], values[199], values[200], values[-1]] == [
        0, 1, 2, 199, 200, 200,
    ]  # fmt: skip
    assert values[3:9:2] == [3, 5, 7]
    assert 150 in values
    assert pickle.loads(pickle.dumps(values)) == expected
    with pytest.raises(IndexError):
        values[201]


def test_nothing_stays_on_disk_when_a_task_fails(shuffle):
    def failing():
        yield from ((i, i) for i in range(500))
        raise KeyError("user")

    for aggregator, combine in [(None, False), (Aggregator.reduce(operator.add), True)]:
        handle = shuffle.handle(1, 2, aggregator, combine)
        with pytest.raises(KeyError):
            shuffle.write(handle, 0, failing())
    assert shuffle.metrics.disk_bytes_spilled > 0
    assert shuffle.files() == []
    assert os.listdir(shuffle.spill_directory) == []
