import pyarrow as pa
import pytest

from pyrite.sql.execution.ready_rows import ready_rows
from pyrite.sql.expressions.expression import Attribute
from pyrite.sql.plans.plan import LocalRelation, Range
from pyrite.sql.types import INTEGER, LONG, STRING

LARGEST = 2**63 - 1


def a_range(start, end, step):
    return Range(start, end, step, None, (Attribute("id", LONG, False, 1),))


@pytest.mark.parametrize(
    ("start", "end", "step", "expected"),
    [
        (0, 3, 1, [0, 1, 2]),
        (5, 0, -2, [5, 3, 1]),
        (3, 3, 1, []),
        (0, 5, -1, []),
        (LARGEST - 1, LARGEST, 1, [LARGEST - 1]),
        (-LARGEST - 1, LARGEST, LARGEST, [-LARGEST - 1, -1, LARGEST - 1]),
    ],
)
def test_short_ranges(start, end, step, expected):
    (batch,) = ready_rows(a_range(start, end, step))
    assert batch.schema == pa.schema([pa.field("id", pa.int64(), nullable=False)])
    assert batch.column(0).to_pylist() == expected


def test_long_ranges_are_the_engines():
    assert ready_rows(a_range(0, 1000, 1))[0].num_rows == 1000
    assert ready_rows(a_range(0, 1001, 1)) is None
    assert ready_rows(a_range(-LARGEST - 1, LARGEST, 1)) is None


def test_rows_that_came_with_the_plan():
    attributes = (Attribute("n", INTEGER, True, 1), Attribute("s", STRING, False, 2))
    table = pa.table({"0": pa.array([1, None], pa.int32()), "1": ["a", "b"]})
    rows = pa.Table.from_batches(ready_rows(LocalRelation(attributes, table)))
    assert rows.to_pydict() == {"n": [1, None], "s": ["a", "b"]}
    assert not rows.schema.field("s").nullable
    others = table.cast(pa.schema([("0", pa.int64()), ("1", pa.string())]))
    assert ready_rows(LocalRelation(attributes, others)) is None
    assert ready_rows(LocalRelation((), pa.table({}))) is None
