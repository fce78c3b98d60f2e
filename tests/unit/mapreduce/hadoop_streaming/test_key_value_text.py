import random
from collections import Counter

import pytest

from pyrite.mapreduce.hadoop_streaming import key_value_text
from pyrite.mapreduce.hadoop_streaming.key_value_text import KeyValueText, line_blocks
from pyrite.mapreduce.hadoop_streaming.records import Records


def chunked(rng, data):
    while data:
        size = rng.randint(1, 9)
        yield data[:size]
        data = data[size:]


def split_line(line, separator, fields):
    parts = line.split(separator)
    if len(parts) <= fields:
        return line, b""
    return separator.join(parts[:fields]), separator.join(parts[fields:])


@pytest.mark.parametrize("seed", range(300))
def test_lines_are_cut_as_python_would_cut_them(seed):
    rng = random.Random(seed)
    alphabet = rng.choice([b"ab\t\n", b"a\t:\n\r", b"\t\n,b", b"a\r\n"])
    data = bytes(rng.choices(alphabet, k=rng.randint(0, 80)))
    separator = rng.choice([b"\t", b"::", b",", b"\t\t"])
    fields = rng.choice([1, 1, 2, 3])
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if not lines[-1]:
        lines.pop()
    expected = [split_line(line, separator, fields) for line in lines]

    for counting in (True, False):
        text = KeyValueText(separator, fields, counting)
        batches = list(text.read(chunked(rng, data)))
        pairs = [pair for batch in batches for pair in batch.pairs()]
        assert Counter(pairs) == Counter(expected)
        if not counting:
            assert pairs == expected
        written = b"".join(bytes(text.write(batch)) for batch in batches)
        assert written == b"".join(key + separator + value + b"\n" for key, value in pairs)


def test_blocks_are_whole_lines_however_long():
    data = b"a" * 100 + b"\n" + b"b" * 5 + b"\r\n" + b"c" * 30
    for size in (1, 7, 64, 1000):
        chunks = (data[start : start + 3] for start in range(0, len(data), 3))
        blocks = list(line_blocks(chunks, size))
        assert b"".join(blocks) == data.replace(b"\r", b"") + b"\n"
        assert all(block.endswith(b"\n") for block in blocks)


def test_equal_lines_are_counted_where_there_are_many():
    (words,) = KeyValueText(counting=True).read([b"the\t1\na\t1\n" * 1000])
    assert (len(words), words.total) == (2, 2000)
    assert bytes(KeyValueText().write(words)) == b"the\t1\n" * 1000 + b"a\t1\n" * 1000
    (distinct,) = KeyValueText(counting=True).read([b"".join(b"%d\t1\n" % n for n in range(1000))])
    assert distinct.counts is None
    (in_order,) = KeyValueText().read([b"the\t1\na\t1\n" * 10])
    assert in_order.pairs() == [(b"the", b"1"), (b"a", b"1")] * 10


def test_what_a_block_tells_of_the_next_is_believed_once(monkeypatch):
    monkeypatch.setattr(key_value_text, "BLOCK_BYTES", 1000)
    same = b"the\t1\n" * 200
    different = [b"".join(b"%d\t1\n" % n for n in range(a, a + 200)) for a in range(0, 800, 200)]
    batches = list(KeyValueText(counting=True).read([same, same, *different, same, same]))
    assert [(batch.counts is not None, batch.total) for batch in batches] == [
        *[(False, 200)] * 3,
        (True, 1000),
    ]


@pytest.mark.parametrize(
    ("lines", "counted"),
    [
        ([n % 3000 for n in range(30_000)], True),  # rare in the sample, frequent in all
        ([n % 20_000 for n in range(30_000)], False),
        ([n * (n % 3 > 0) for n in range(30_000)], False),
        ([n * (n % 3 > 1) for n in range(30_000)], True),
    ],
)
def test_whether_to_count_is_told_by_a_sample(lines, counted, monkeypatch):
    monkeypatch.setattr(key_value_text, "SAMPLE_LINES", 1000)
    monkeypatch.setattr(key_value_text, "BLOCK_BYTES", 1)
    random.Random(1).shuffle(lines)
    block = b"".join(b"%d\t1\n" % line for line in lines)
    batches = list(KeyValueText(counting=True).read([block, block]))
    assert sum(batch.total for batch in batches) == 2 * len(lines)
    assert all(batch.counts is not None for batch in batches) == counted


def test_nothing():
    assert list(KeyValueText().read([])) == []
    assert list(KeyValueText().read([b""])) == []
    assert bytes(KeyValueText().write(Records.of([]))) == b""
