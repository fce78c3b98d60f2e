"""What pickled functions return, as Spark 4.3 takes it for each declared type."""

import array
import datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import Row
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    ByteType,
    DataType,
    DateType,
    DecimalType,
    DoubleType,
    IntegerType,
    LongType,
    MapType,
    StringType,
    StructType,
    TimestampNTZType,
)

from pyrite.sql.execution.python.return_values import pickled_converter
from pyrite.sql.types import to_arrow

PAIR = StructType().add("a", "integer").add("b", "string")

CASES: list[tuple[DataType, Any, Any]] = [
    (BooleanType(), True, True),
    (BooleanType(), 1, None),
    (ByteType(), 300, 44),
    (IntegerType(), 7, 7),
    (IntegerType(), 2**40 + 5, 5),
    (IntegerType(), True, None),
    (IntegerType(), 1.0, None),
    (IntegerType(), "7", None),
    (LongType(), 2**63, None),
    (DoubleType(), 1.5, 1.5),
    (DoubleType(), 1, None),
    (DecimalType(10, 2), Decimal("1.235"), Decimal("1.24")),
    (DecimalType(3, 2), Decimal("123"), None),
    (DecimalType(10, 2), 1, None),
    (StringType(), "a", "a"),
    (StringType(), 1, "1"),
    (StringType(), True, "true"),
    (StringType(), 1.5, "1.5"),
    (StringType(), 1e10, "1.0E10"),
    (StringType(), float("nan"), "NaN"),
    (StringType(), [1, None], "[1, null]"),
    (StringType(), {"a": 1}, "{a=1}"),
    (BinaryType(), b"ab", b"ab"),
    (BinaryType(), bytearray(b"q"), b"q"),
    (BinaryType(), "é", "é".encode()),
    (BinaryType(), 1, None),
    (DateType(), datetime.date(2020, 1, 2), datetime.date(2020, 1, 2)),
    (
        TimestampNTZType(),
        datetime.datetime(2020, 1, 2, 3, 4, 5, 6),
        datetime.datetime(2020, 1, 2, 3, 4, 5, 6),
    ),
    (ArrayType(IntegerType()), (1, "x", None), [1, None, None]),
    (ArrayType(IntegerType()), array.array("i", [1, 2]), [1, 2]),
    (ArrayType(IntegerType()), "ab", None),
    (MapType(StringType(), IntegerType()), {"a": 1, "b": 2.0}, [("a", 1), ("b", None)]),
    (PAIR, (1, "x"), {"a": 1, "b": "x"}),
    (PAIR, Row(b="x", a=1), {"a": None, "b": "1"}),
    (PAIR, {"b": "x"}, {"a": None, "b": "x"}),
]


@pytest.mark.parametrize(("data_type", "returned", "expected"), CASES)
def test_values(data_type: DataType, returned: Any, expected: Any) -> None:
    values = [pickled_converter(data_type)(value) for value in (returned, None)]
    assert pa.array(values, to_arrow(data_type)).to_pylist() == [expected, None]


def test_a_date_needs_a_date() -> None:
    with pytest.raises(AttributeError, match="toordinal"):
        pickled_converter(DateType())("2020-01-02")


def test_a_struct_needs_its_number_of_values() -> None:
    with pytest.raises(ValueError, match="2 fields are required while 3 values"):
        pickled_converter(PAIR)((1, "x", 2))
