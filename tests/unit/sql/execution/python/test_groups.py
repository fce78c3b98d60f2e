"""Groups of sorted rows: where they end, how they become chunks, how two inputs pair up."""

from typing import Any

import pyarrow as pa
import pytest

from pyrite.sql.execution.python.cogroups import paired_chunks
from pyrite.sql.execution.python.groups import GroupedRows, group_starts, grouped_chunks

NAN = float("nan")


def batch(*columns: list[Any], types: Any = None) -> pa.RecordBatch:
    arrays = [pa.array(values, types) for values in columns]
    return pa.RecordBatch.from_arrays(arrays, [f"c{place}" for place in range(len(arrays))])


STARTS = {
    "numbers": (batch([1, 1, 2, 2, 2, 5]), [0, 2, 5]),
    "nulls are equal": (batch([None, None, 1, 1], types=pa.int64()), [0, 2]),
    "NaNs are equal": (batch([1.0, NAN, NAN, None]), [0, 1, 3]),
    "texts": (batch(["a", "a", "b"]), [0, 2]),
    "two keys": (batch([1, 1, 1, 2], ["a", "b", "b", "b"]), [0, 1, 3]),
    "lists": (batch([[1], [1], [1, 2], None]), [0, 2, 3]),
    "only nulls": (batch([None, None]), [0]),
}


@pytest.mark.parametrize("name", STARTS)
def test_starts(name: str) -> None:
    keys, starts = STARTS[name]
    assert group_starts(None, keys) == starts


@pytest.mark.parametrize("name", STARTS)
def test_starts_behind_a_row(name: str) -> None:
    keys, starts = STARTS[name]
    assert group_starts(keys.slice(0, 1), keys.slice(1)) == [s - 1 for s in starts if s]


def test_a_row_of_its_own_starts_a_group() -> None:
    assert group_starts(batch([1]), batch([2])) == [0]
    assert group_starts(batch([1]), batch([1])) == []


def chunks(
    keys: list[Any], parallelism: int, rows_per_batch: int = 3
) -> list[tuple[list[Any], tuple[int, ...]]]:
    rows = batch(keys, list(range(len(keys))))
    batches = [rows.slice(start, rows_per_batch) for start in range(0, len(keys), rows_per_batch)]
    parts = grouped_chunks(iter(batches), [0], parallelism)
    return [(part.rows.column(1).to_pylist(), part.lengths) for part in parts]


def test_few_rows_are_for_all_cores() -> None:
    assert chunks([1, 1, 1, 1, 2, 2, 3, 3], 2) == [([0, 1, 2, 3], (4,)), ([4, 5, 6, 7], (2, 2))]


def test_a_group_is_never_cut() -> None:
    assert chunks([1] * 7 + [2], 4) == [(list(range(7)), (7,)), ([7], (1,))]


def test_many_rows_become_many_chunks() -> None:
    keys = [row // 1000 for row in range(200_000)]
    parts = chunks(keys, 1, 30_000)
    assert [len(rows) for rows, _ in parts] == [50_000] * 4
    assert [length for _, lengths in parts for length in lengths] == [1000] * 200


def test_without_keys_all_rows_are_one_group() -> None:
    parts = list(grouped_chunks(iter([batch([1, 2]), batch([3])]), [], 4))
    assert [(part.rows.column(0).to_pylist(), part.lengths) for part in parts] == [
        ([1, 2, 3], (3,))
    ]


def test_no_rows_are_no_groups() -> None:
    assert list(grouped_chunks(iter([]), [0], 2)) == []


def test_firsts() -> None:
    part = GroupedRows(pa.table({"k": [1, 1, 2], "v": ["a", "b", "c"]}), (2, 1))
    assert part.firsts([1, 0]).to_pylist() == [{"v": "a", "k": 1}, {"v": "c", "k": 2}]


def side(keys: list[Any], kind: Any = None) -> Any:
    rows = batch(keys, types=kind)
    parts = grouped_chunks(iter([rows] if keys else []), [0], 2)
    return parts, [0], pa.Table.from_batches([rows.slice(0, 0)])


def test_pairs() -> None:
    left = side([None, 1, 1, 3, NAN], pa.float64())
    right = side([1, 2, NAN, NAN], pa.float64())
    ((lefts, rights),) = paired_chunks(left, right)
    assert lefts.lengths == (1, 2, 0, 1, 1)
    assert rights.lengths == (0, 1, 1, 0, 2)
    assert rights.rows.num_rows == 4


def test_pairs_with_nothing() -> None:
    ((lefts, rights),) = paired_chunks(side(["a", "b"]), side([], pa.string()))
    assert lefts.lengths == (1, 1)
    assert rights.lengths == (0, 0)
    assert rights.rows.schema.names == ["c0"]
