import io

import pytest

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.core.hadoop.line_reader import read_line_bytes, read_lines, read_lines_with_offsets
from pyrite.core.hadoop.splits import old_splits

MIXED = "a\r\nb\rc\n\n\r\rd\r\n\r\né日本\x0b\x85x\u2028y".encode()
LAST = "é日本\x0b\x85x\u2028y"


def lines_by_split(data, num_splits, **options):
    splits = old_splits([FileStatus("file:/x", len(data), False)], num_splits, {}, lambda _: True)
    return [
        [
            line
            for chunk in read_lines(
                io.BytesIO(data), split.start, split.start + split.length, **options
            )
            for line in chunk
        ]
        for split in splits
    ]


# What Spark gives for the same bytes and minPartitions.
@pytest.mark.parametrize(
    ("num_splits", "expected"),
    [
        (1, [["a", "b", "c", "", "", "", "d", "", LAST]]),
        (2, [["a", "b", "c", "", "", "", "d", "", LAST], []]),
        (3, [["a", "b", "c", "", "", "", "d"], ["", LAST], []]),
        (5, [["a", "b", "c"], ["", "", "", "d"], ["", LAST], [], [], []]),
        (
            11,
            [["a"], ["b"], ["c"], ["", ""], ["", "d"], [], [""], [LAST]] + [[]] * 8,
        ),
    ],
)
@pytest.mark.parametrize("chunk_size", [1, 2, 3, 7, 1 << 20])
def test_mixed_endings_as_spark_reads_them(num_splits, expected, chunk_size):
    assert lines_by_split(MIXED, num_splits, chunk_size=chunk_size) == expected


def test_split_in_every_place_gives_each_line_once():
    data = b"one\r\ntwo\n\n\rthree\r\r\nfour"
    whole = [line for chunk in read_lines(io.BytesIO(data)) for line in chunk]
    assert whole == ["one", "two", "", "", "three", "", "four"]
    for middle in range(1, len(data)):
        halves = [
            line
            for start, end in ((0, middle), (middle, len(data)))
            for chunk in read_lines(io.BytesIO(data), start, end)
            for line in chunk
        ]
        assert halves == whole


@pytest.mark.parametrize("delimiter", [b"|", b"|;", b"aa", b"\r\n", "é".encode()])
def test_delimiter_split_in_every_place(delimiter):
    data = delimiter.join([b"x", b"", b"long record\n", b"ya", b"z"]) + delimiter
    expected = data.decode().split(delimiter.decode())[:-1]
    for chunk_size in (1, 3, 100):
        for middle in range(1, len(data)):
            halves = [
                record
                for start, end in ((0, middle), (middle, len(data)))
                for chunk in read_lines(io.BytesIO(data), start, end, delimiter, chunk_size)
                for record in chunk
            ]
            if delimiter != b"aa":  # one that overlaps itself may be cut elsewhere
                assert halves == expected
    whole = [r for chunk in read_lines(io.BytesIO(data), delimiter=delimiter) for r in chunk]
    assert whole == expected


def test_invalid_bytes_become_replacement_characters():
    data = b"ab\xff\xfec\nd\xe9\n"
    assert list(read_lines(io.BytesIO(data))) == [["ab\ufffd\ufffdc", "d\ufffd"]]
    assert list(read_line_bytes(io.BytesIO(data))) == [
        [b"ab\xef\xbf\xbd\xef\xbf\xbdc", b"d\xef\xbf\xbd"]
    ]


def test_byte_order_mark_is_dropped_at_the_beginning_only():
    data = b"\xef\xbb\xbfhello\n\xef\xbb\xbfx\n"
    assert list(read_lines(io.BytesIO(data))) == [["hello", "\ufeffx"]]
    assert list(read_lines_with_offsets(io.BytesIO(data))) == [[(0, "hello"), (9, "\ufeffx")]]
    assert list(read_lines(io.BytesIO(b"\xef\xbb\xbf"))) == []


def test_bytes_lines_have_every_ending_removed():
    assert list(read_line_bytes(io.BytesIO(b"a\r\nb\rc\n"))) == [[b"a", b"b", b"c"]]


def test_offsets_count_bytes_of_every_ending():
    data = "é\r\nb\r\nc\rd\n\nf".encode()
    expected = [(0, "é"), (4, "b"), (7, "c"), (9, "d"), (11, ""), (12, "f")]
    for chunk_size in (1, 4, 100):
        got = read_lines_with_offsets(io.BytesIO(data), chunk_size=chunk_size)
        assert [record for chunk in got for record in chunk] == expected
    second_half = read_lines_with_offsets(io.BytesIO(data), 5, len(data))
    assert [record for chunk in second_half for record in chunk] == expected[2:]


def test_line_longer_than_many_chunks():
    data = b"x" * 100_000 + b"\n" + b"y" * 50_000
    got = [line for chunk in read_lines(io.BytesIO(data), chunk_size=64) for line in chunk]
    assert got == ["x" * 100_000, "y" * 50_000]


def test_chunks_are_bounded():
    data = b"0123456789\n" * 10_000
    chunks = list(read_lines(io.BytesIO(data), chunk_size=1000))
    assert max(map(len, chunks)) <= 1000 // 11 + 1
    assert sum(map(len, chunks)) == 10_000
