import pyarrow as pa

from pyrite.sql.execution.python.stages import _gathered


def sizes(batches: list[int], width: int = 1) -> list[list[int]]:
    made = (pa.record_batch({"a": pa.array(["x" * width] * rows)}) for rows in batches)
    return [[batch.num_rows for batch in chunk] for chunk in _gathered(made, 2)]


def test_the_first_batch_has_a_part_for_every_core() -> None:
    assert sizes([1001]) == [[501], [500]]
    assert sizes([10]) == [[10]]
    assert sizes([]) == []


def test_later_chunks_are_larger_but_small_beside_all_before() -> None:
    chunks = sizes([1000] * 40)
    assert chunks[:9] == [[500], [500], *[[1000]] * 7]
    assert [1000] * 3 in chunks
    assert sum(map(sum, chunks)) == 40_000
    assert len(chunks) < 25


def test_chunks_of_large_rows_stay_small() -> None:
    chunks = sizes([1000] * 40, width=20_000)
    assert max(map(len, chunks)) == 1
