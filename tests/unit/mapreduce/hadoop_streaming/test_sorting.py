import os
import random
import subprocess
import sys

import numpy as np
import pytest

from pyrite.core.events import TaskMetrics
from pyrite.mapreduce.hadoop_streaming import sorting
from pyrite.mapreduce.hadoop_streaming.comparators import BytesOrdering, KeyFieldOrdering
from pyrite.mapreduce.hadoop_streaming.key_fields import parse_key_fields
from pyrite.mapreduce.hadoop_streaming.key_value_text import KeyValueText
from pyrite.mapreduce.hadoop_streaming.records import Records
from pyrite.mapreduce.hadoop_streaming.sorting import sort

ALPHABETS = [b"ab", b"a\0", b"aaaaaaaab", bytes(range(256))]


def random_batch(rng):
    alphabet = rng.choice(ALPHABETS)
    longest = rng.choice([1, 3, 9, 40])

    def text():
        return bytes(rng.choices(alphabet, k=rng.randint(0, longest)))

    records = Records.of([(text(), text()) for _ in range(rng.randint(0, 80))])
    counts = np.array([rng.randint(1, 4) for _ in range(len(records))], np.int64)
    return Records(records.keys, records.values, rng.choice([None, counts]))


@pytest.mark.parametrize("seed", range(60))
def test_batches_in_order(seed, tmp_path, monkeypatch):
    monkeypatch.setattr(sorting, "SMALLEST_BLOCK", 300)
    monkeypatch.setattr(sorting, "BATCH_BYTES", 500)
    rng = random.Random(seed)
    batches = [random_batch(rng) for _ in range(rng.randint(0, 15))]
    for limit in (2000, 10_000, 1 << 20):
        metrics = TaskMetrics()
        ordered = list(sort(batches, BytesOrdering(), limit, str(tmp_path), metrics))
        pairs = [pair for batch in ordered for pair in batch.pairs()]
        assert pairs == sorted(pair for batch in batches for pair in batch.pairs())
        assert all(batch.text_bytes < 2000 for batch in ordered if batch.counts is not None)
        assert bool(metrics.disk_bytes_spilled) == bool(metrics.memory_bytes_spilled)
        if limit == 1 << 20:
            assert not metrics.disk_bytes_spilled
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("seed", range(20))
def test_spilled_records_in_the_order_of_fields(seed, tmp_path, monkeypatch):
    monkeypatch.setattr(sorting, "SMALLEST_BLOCK", 300)
    rng = random.Random(seed)

    def record():
        return b"%d\t%d" % (rng.randint(-9, 9), rng.randint(-99, 99)), b"%d" % rng.randint(0, 9)

    batches = [Records.of([record() for _ in range(rng.randint(0, 80))]) for _ in range(10)]
    ordering = KeyFieldOrdering(parse_key_fields("-k2,2nr -k1,1n", "options"))
    metrics = TaskMetrics()
    ordered = sort(batches, ordering, 5000, str(tmp_path), metrics)
    pairs = [pair for batch in ordered for pair in batch.pairs()]

    def place(pair):
        first, second = map(int, pair[0].split(b"\t"))
        return -second, first, pair

    assert pairs == sorted((pair for batch in batches for pair in batch.pairs()), key=place)
    assert metrics.disk_bytes_spilled


def test_counted_records_stay_in_memory_while_few_are_distinct(tmp_path):
    (batch,) = KeyValueText(counting=True).read(
        [b"".join(b"%d\t1\n" % (n % 100) for n in range(100_000))]
    )
    metrics = TaskMetrics()
    ordered = sort([batch] * 200, BytesOrdering(), 100_000, str(tmp_path), metrics)
    assert sum(batch.total for batch in ordered) == 200 * 100_000
    assert metrics.disk_bytes_spilled == 0


def test_a_record_that_stands_for_very_many_comes_in_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(sorting, "BATCH_BYTES", 1000)
    records = Records.of([(b"a", b"1"), (b"b", b"1")])
    records = Records(records.keys, records.values, np.array([3, 10_000]))
    ordered = list(sort([records], BytesOrdering(), 1 << 20, str(tmp_path)))
    assert [pair for batch in ordered for pair in batch.pairs()] == records.pairs()
    assert max(batch.text_bytes for batch in ordered) <= 2000


PROGRAM = """
import random, resource, sys
from pyrite.mapreduce.hadoop_streaming.comparators import BytesOrdering
from pyrite.mapreduce.hadoop_streaming.key_value_text import KeyValueText
from pyrite.mapreduce.hadoop_streaming.sorting import sort

LIMIT = 8 << 20
rng = random.Random(1)

def chunks():
    for _ in range(80):
        yield rng.randbytes(500_000).hex(" ", 10).replace(" ", "\\n").encode()

text = KeyValueText()
def run(source, limit):
    last = b""
    rows = 0
    for batch in sort(text.read(source), BytesOrdering(), limit, sys.argv[1]):
        first, end = batch.keys[0].as_py(), batch.keys[-1].as_py()
        assert last <= first <= end
        last = end
        rows += batch.total
    return rows

run([b"a\\t1\\n"], LIMIT)
list(text.read(next(chunks()) for _ in range(16)))  # what reading takes is not the sort's
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
rows = run(chunks(), LIMIT)
print(rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_ten_times_the_memory_limit(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=True
    )
    rows, growth = map(int, done.stdout.split())
    assert rows > 80 * 49_000
    assert growth * 1024 < 80 << 20  # less than the text; all rows in memory take five times that
