import pytest

from pyrite.core.hadoop.filesystem import FileStatus
from pyrite.core.hadoop.splits import (
    FileSplit,
    binary_split_size,
    combined_splits,
    new_splits,
    old_splits,
    whole_text_split_size,
)

MB = 1 << 20


def a_file(name, length):
    return FileStatus(f"file:/{name}", length, False)


def always(_):
    return True


# (bytes, minPartitions, partitions in Spark)
@pytest.mark.parametrize(
    ("length", "wanted", "expected"),
    [
        (130, 1, 1), (130, 2, 2), (130, 3, 3), (130, 7, 8), (130, 100, 130),
        (72_000_000, 1, 3), (72_000_000, 2, 3), (72_000_000, 3, 3), (0, 2, 0),
    ],
)  # fmt: skip
def test_number_of_splits_of_one_file(length, wanted, expected):
    splits = old_splits([a_file("a", length)], wanted, {}, always)
    assert len(splits) == expected
    assert sum(split.length for split in splits) == length


def test_goal_size_counts_all_files():
    files = [a_file("b", 9), a_file("c", 0), a_file("a", 6)]
    assert [(s.path, s.start, s.length) for s in old_splits(files, 2, {}, always)] == [
        ("file:/b", 0, 7), ("file:/b", 7, 2), ("file:/a", 0, 6),
    ]  # fmt: skip


def test_last_split_may_be_a_tenth_larger():
    assert len(new_splits([a_file("a", 35 * MB)], {}, always)) == 1
    assert len(new_splits([a_file("a", 36 * MB)], {}, always)) == 2


def test_unsplittable_file_is_one_split():
    assert old_splits([a_file("a.gz", 100 * MB)], 8, {}, lambda path: False) == [
        FileSplit("file:/a.gz", 0, 100 * MB)
    ]


def test_settings_change_the_sizes():
    files = [a_file("a", 100)]
    least = {"mapreduce.input.fileinputformat.split.minsize": "60"}
    most = {"mapreduce.input.fileinputformat.split.maxsize": "30"}
    assert [s.length for s in old_splits(files, 10, least, always)] == [60, 40]
    assert [s.length for s in new_splits(files, most, always)] == [30, 30, 30, 10]
    assert len(old_splits(files, 1, {"fs.local.block.size": "50"}, always)) == 2


def test_fixed_records_are_not_cut():
    # Spark gives 33554 and 36446 records of 1000 bytes.
    splits = new_splits([a_file("a", 70_000_000)], {}, always, record_length=1000)
    assert [split.length // 1000 for split in splits] == [33554, 36446]


# What Spark's wholeTextFiles gives for a listing b (9 bytes), c (empty), a (6 bytes).
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (1, [["b", "a"], ["c"]]),
        (2, [["b"], ["c", "a"]]),
        (3, [["b"], ["a"], ["c"]]),
        (10, [["b"], ["a"], ["c"]]),
    ],
)
def test_whole_files_are_packed_as_in_spark(wanted, expected):
    files = [a_file("b", 9), a_file("c", 0), a_file("a", 6)]
    groups = combined_splits(files, whole_text_split_size(files, wanted))
    assert [[file.name for file in group.files] for group in groups] == expected


def test_same_file_twice_is_read_twice():
    groups = combined_splits([a_file("a", 5), a_file("a", 5)], 5)
    assert [len(group.files) for group in groups] == [1, 1]


def test_binary_files_count_the_cost_of_opening():
    files = [a_file(str(i), 1000) for i in range(3)]
    assert binary_split_size(files, 2, {}) == (3 * (4 * MB + 1000)) // 2
    assert binary_split_size(files, 100, {}) == 4 * MB
    assert binary_split_size(files, 1, {"spark.files.maxPartitionBytes": "2m"}) == 2 * MB
