"""Rows on their way out of a task, and as the next task reads them."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pyrite.sql.execution.cluster import stage_inputs
from pyrite.sql.execution.cluster.deliveries import IntoBuckets
from pyrite.sql.execution.cluster.stage_inputs import stored_schema, take_failure

SCHEMA = pa.schema([("a", pa.int64()), ("t", pa.string()), ("d", pa.duration("us"))])


def batch(rows: list[int], buckets: list[int] | None = None) -> pa.RecordBatch:
    columns = [
        pa.array(rows, pa.int64()),
        pa.array([None if n % 3 == 0 else f"t{n}" for n in rows]),
        pa.array(rows, pa.duration("us")),
    ]
    made = pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
    if buckets is None:
        return made
    return made.append_column("bucket", pa.array(buckets, pa.int16()))


def messages(delivered: object) -> dict[int, list[pa.RecordBatch]]:
    found: dict[int, list[pa.RecordBatch]] = {}
    for bucket, message, rows in delivered:  # type: ignore[attr-defined]
        read = pa.ipc.read_record_batch(pa.py_buffer(message), SCHEMA)
        assert read.num_rows == rows
        found.setdefault(bucket, []).append(read)
    return found


def test_rows_go_to_the_bucket_that_their_last_column_tells() -> None:
    batches = [batch([1, 2, 3, 4], [2, 0, 2, 0]), batch([5], [2]), batch([], [])]
    found = messages(IntoBuckets(4).deliver(0, batches))
    assert {bucket: [b.column(0).to_pylist() for b in each] for bucket, each in found.items()} == {
        0: [[2, 4]],
        2: [[1, 3], [5]],
    }
    assert found[2][0].column(1).to_pylist() == ["t1", None]


def test_one_bucket_takes_whole_batches() -> None:
    found = messages(IntoBuckets(1).deliver(0, [batch([1, 2]), batch([3])]))
    assert [b.column(0).to_pylist() for b in found[0]] == [[1, 2], [3]]


@pytest.mark.parametrize("shift", range(3))
def test_what_a_stage_wrote_is_read_as_duckdb_stores_it(shift: int) -> None:
    message = memoryview(batch([1, 3]).serialize())
    moved = bytearray(shift) + message  # as it lies in a file of other segments
    target = stored_schema(SCHEMA, ["c1", "c2", "c3"])
    assert target.field("c3").type == pa.int64()
    (read,) = stage_inputs._batches(iter([memoryview(moved)[shift:]]), SCHEMA, target)
    assert read.to_pydict() == {"c1": [1, 3], "c2": ["t1", None], "c3": [1, 3]}


def test_what_an_input_meets_is_kept_for_the_task() -> None:
    def failing() -> object:
        yield memoryview(batch([1]).serialize())
        raise KeyError("lost")

    target = stored_schema(SCHEMA, ["c1", "c2", "c3"])
    with pytest.raises(KeyError):
        [*stage_inputs._batches(failing(), SCHEMA, target)]  # type: ignore[arg-type]
    assert isinstance(take_failure(), KeyError)
    assert take_failure() is None
