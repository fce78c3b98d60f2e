import io
import math
import pickle

import pytest

from pyrite.core.serializers import (
    dump_batch,
    dump_batches,
    iter_frames,
    load_batches,
    pickle_batch,
    pickle_records,
    to_columns,
)


def round_trip(records, batch_size=100):
    file = io.BytesIO()
    count = dump_batches(records, file, batch_size)
    assert count == len(records)
    return [record for batch in load_batches(file.getvalue()) for record in batch]


class Point:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return isinstance(other, Point) and self.x == other.x

    __hash__ = None


class Text(str):
    pass


@pytest.mark.parametrize(
    "records",
    [
        [],
        [None, True, 1, 2.5, "a", b"b", 1 + 2j],
        [("a", 1), ("b", 2)],
        [("a", (1, "x")), ("b", (2, None))],
        [("a", [1, 2]), ("b", [])],
        [[1], [[2], [3]]],
        [(1, 2), (3, -4)],
        [(1, 2.5), (2, float("inf"))],
        [(1, 2), (2**63, 3)],
        [(1, 2), (-(2**63), 3)],
        [(1, 2), (True, 3)],
        [(1, 2), (1, True)],
        [(1, 2), (1, 2.0)],
        [(1, 2), (1,)],
        [(1, 2), (1, 2, 3), (3,)],
        [(1, 2), [1, 2]],
        [((1, 2), None), ((-(2**63), 2**63 - 1), None)],
        [((1, 2), None), ((1, 2**63), None)],
        [((1, 2), None), ((1, True), None)],
        [((1, 2), None), ((1, 2.0), None)],
        [((1, 2), None), ((1, 2, 3), None), ((), None)],
        [((1, 2), None), ((1, 2), 0)],
        [((1, 2), None), ([1, 2], None)],
        [((1, 2), None), ("ab", None)],
        [((1, 2), None), (1, None)],
        [((1, 2), None), (None, None)],
        [((1, 2), None), (1, 2)],
        [Point(1), ("k", Point(2))],
        [Text("a"), ("k", Text("b"))],
        [{"a": 1}, {1, 2}, frozenset({3})],
        list(range(250)),
    ],
)
def test_records_come_back_with_value_and_type(records):
    back = round_trip(records)
    assert back == records
    assert repr(list(map(type, back))) == repr(list(map(type, records)))
    flattened = [e for r in records if isinstance(r, tuple) for e in r]
    assert list(map(type, flattened)) == [type(e) for r in back if isinstance(r, tuple) for e in r]


def test_columns_keep_signed_zero_nan_and_the_ends_of_64_bits():
    back = round_trip([(1, -0.0), (2, math.nan), (-(2**63), 5e-324), (2**63 - 1, -math.inf)])
    assert math.copysign(1, back[0][1]) == -1
    assert math.isnan(back[1][1])
    assert back[2:] == [(-(2**63), 5e-324), (2**63 - 1, -math.inf)]


def test_only_pure_numeric_pairs_become_columns():
    def tag(batch):
        file = io.BytesIO()
        dump_batch(batch, file)
        return next(iter_frames(file.getvalue())).tag

    assert tag([(1, 2)] * 9) == b"q"
    assert tag([(1, 2.0)] * 9) == b"d"
    assert tag([((1, 2), None)] * 9) == b"p"
    for odd in [(1, 2.0), (True, 1), (1, False), (2**63, 1), (1, 2**63), (1, None), ("1", 1)]:
        assert tag([(1, 2)] * 9 + [odd]) == b"P"
    assert to_columns([]) is None


def test_shared_and_recursive_objects_stay_so():
    shared = [1]
    recursive = []
    recursive.append(recursive)
    a, b, (c,) = round_trip([("a", shared), ("b", shared), (recursive,)])
    assert a[1] is b[1]
    assert c[0] is c


def test_functions_and_local_classes_cross_by_value():
    class Local:
        value = 7

    (function, instance) = round_trip([lambda x: x + 1, Local()])
    assert function(1) == 2
    assert instance.value == 7


def test_what_cannot_be_pickled_fails():
    with pytest.raises((pickle.PicklingError, TypeError)):
        round_trip([(i for i in ())])


def test_files_are_read_frame_by_frame():
    file = io.BytesIO()
    dump_batches(range(5), file, batch_size=2)
    file.seek(0)
    batches = load_batches(file)
    assert next(batches) == [0, 1]
    assert list(batches) == [[2, 3], [4]]


@pytest.mark.parametrize("missing", [1, 8, 20])
def test_a_truncated_source_is_refused(missing):
    file = io.BytesIO()
    dump_batch(["some text", "more"], file)
    data = file.getvalue()[:-missing]
    with pytest.raises(ValueError, match="cut off"):
        list(load_batches(data))
    with pytest.raises(ValueError, match="cut off"):
        list(load_batches(io.BytesIO(data)))


def test_a_text_that_comes_again_and_again_is_written_once():
    text = "x" * 10_000
    assert len(pickle_batch([text] * 100)) < 2 * len(text)
    assert pickle.loads(pickle_batch([text] * 100)) == [text] * 100


def test_different_texts_are_written_without_a_memo():
    texts = [f"text {i}" for i in range(100)]
    assert len(pickle_batch(texts)) < len(pickle.dumps(texts, pickle.HIGHEST_PROTOCOL))
    assert pickle.loads(pickle_batch(texts)) == texts


@pytest.mark.parametrize("length", [0, 8192, 8193, 30_000])
def test_lists_of_any_length_are_pickled_in_pieces(length):
    records = [(f"key {i}", [i]) for i in range(length)]
    assert pickle.loads(pickle_records(records)) == records
