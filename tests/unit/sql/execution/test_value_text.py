"""Texts of values, as Spark 4.3 writes them."""

import datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from pyspark.ml.linalg import DenseVector, SparseVector, VectorUDT
from pyspark.sql.types import ArrayType, DecimalType, MapType, StringType, StructType

from pyrite.sql.execution.value_text import value_texts
from pyrite.sql.types import (
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    FLOAT,
    INTEGER,
    NULL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    CalendarIntervalType,
    DayTimeIntervalType,
    TimeType,
    UserDefinedType,
    VariantType,
    YearMonthIntervalType,
    to_arrow,
)

DAY = 86_400_000_000
PAIR = StructType().add("x", INTEGER).add("y", STRING)


def texts(values, data_type, zone="America/Los_Angeles"):
    arrow = to_arrow(data_type)
    temporal = pa.types.is_temporal(arrow) and not pa.types.is_interval(arrow)
    if temporal and all(isinstance(v, int) for v in values):
        width = pa.int32() if pa.types.is_date32(arrow) else pa.int64()
        array = pa.array(values, width).view(arrow)
    else:
        array = pa.array(values, arrow)
    return value_texts(array, data_type, zone)


CASES = {
    "null": (NULL, {None: "NULL"}),
    "boolean": (BOOLEAN, {True: "true", False: "false", None: "NULL"}),
    "double": (
        DOUBLE,
        {
            1.0: "1.0",
            1e10: "1.0E10",
            1e7: "1.0E7",
            9999999.0: "9999999.0",
            0.001: "0.001",
            0.0001: "1.0E-4",
            -0.0: "-0.0",
            float("inf"): "Infinity",
            float("-inf"): "-Infinity",
            123456789.125: "1.23456789125E8",
            1e22: "1.0E22",
            5e-324: "4.9E-324",
            2e-323: "2.0E-323",
            123456789012345680.0: "1.2345678901234568E17",
            9007199254740992.0: "9.007199254740992E15",
            120.0: "120.0",
            -0.0125: "-0.0125",
        },
    ),
    "not a number": (DOUBLE, {float("nan"): "NaN"}),
    "float": (
        FLOAT,
        {
            1.1: "1.1",
            3.4028235e38: "3.4028235E38",
            1e-45: "1.4E-45",
            3e-45: "2.8E-45",
            16777216.0: "1.6777216E7",
            0.002: "0.002",
            100.0: "100.0",
            12345678.0: "1.2345678E7",
        },
    ),
    "decimal": (
        DecimalType(20, 10),
        {
            Decimal(0): "0.0000000000",
            Decimal("1e-10"): "0.0000000001",
            Decimal("-1.5"): "-1.5000000000",
        },
    ),
    "binary": (BINARY, {b"ab": "[61 62]", b"": "[]", b"\x0a\xff": "[0A FF]"}),
    "date": (
        DATE,
        {
            18263: "2020-01-02",
            -719_162: "0001-01-01",
            2_932_896: "9999-12-31",
            3_789_391: "+12345-01-01",
            -719_768: "-0001-05-06",
            -719_528: "0000-01-01",
        },
    ),
    "timestamp": (
        TIMESTAMP,
        {
            1_577_963_045_000_000: "2020-01-02 03:04:05",
            1_593_684_245_120_000: "2020-07-02 03:04:05.12",
            1_577_934_245_000_001: "2020-01-01 19:04:05.000001",
            -5_364_634_022_000_000: "1800-01-01 00:00:00",  # local mean time
        },
    ),
    "timestamp without zone": (
        TIMESTAMP_NTZ,
        {
            1_577_934_245_500_000: "2020-01-02 03:04:05.5",
            -719_162 * DAY: "0001-01-01 00:00:00",
            3_789_391 * DAY + 1: "+12345-01-01 00:00:00.000001",
            -719_528 * DAY - 1: "-0001-12-31 23:59:59.999999",
        },
    ),
    "time": (
        TimeType(),
        {3_723_500_000_000: "01:02:03.5", 0: "00:00:00", 86_399_999_999_000: "23:59:59.999999"},
    ),
    "days to seconds": (
        DayTimeIntervalType(),
        {93_784_500_000: "INTERVAL '1 02:03:04.5' DAY TO SECOND"},
    ),
    "hours": (DayTimeIntervalType(1, 1), {10_800_000_000: "INTERVAL '03' HOUR"}),
    "years to months": (YearMonthIntervalType(), {-14: "INTERVAL '-1-2' YEAR TO MONTH"}),
    "calendar interval": (
        CalendarIntervalType(),
        {
            pa.MonthDayNano([14, 25, 18_367_008_000_000]): "1 years 2 months 25 days 5 hours "
            "6 minutes 7.008 seconds"
        },
    ),
}


@pytest.mark.parametrize(("data_type", "expected"), CASES.values(), ids=CASES.keys())
def test_texts_of_values(data_type, expected):
    assert texts(list(expected), data_type) == list(expected.values())


@pytest.mark.parametrize(
    ("data_type", "values", "expected"),
    [
        (ArrayType(INTEGER), [[1, None, 3], [], None], ["[1, NULL, 3]", "[]", "NULL"]),
        (
            ArrayType(ArrayType(STRING)),
            [[["x"], None], [[None, "y"]]],
            ["[[x], NULL]", "[[NULL, y]]"],
        ),
        (
            MapType(STRING, INTEGER),
            [[("a", 1), ("b", None)], [], None],
            ["{a -> 1, b -> NULL}", "{}", "NULL"],
        ),
        (PAIR, [{"x": 1, "y": None}, None], ["{1, NULL}", "NULL"]),
        (StructType().add("s", ArrayType(PAIR)), [{"s": [{"x": 1, "y": "z"}]}], ["{[{1, z}]}"]),
        (ArrayType(BINARY), [[b"\x0a\xff"]], ["[[0A FF]]"]),
        (
            ArrayType(TIMESTAMP),
            [[datetime.datetime(2020, 1, 2, 11, 4, 5, tzinfo=datetime.UTC)]],
            ["[2020-01-02 03:04:05]"],
        ),
    ],
)
def test_texts_of_nested_values(data_type, values, expected):
    assert texts(values, data_type) == expected
    doubled = pa.array([None, *values, None], to_arrow(data_type))
    assert value_texts(doubled.slice(1, len(values)), data_type, "America/Los_Angeles") == expected


def test_variants_are_json():
    one = {"value": b"\x0c\x01", "metadata": b"\x01\x00\x00"}
    null = {"value": b"\x00", "metadata": b"\x01\x00\x00"}
    assert texts([one, null, None], VariantType()) == ["1", "null", "NULL"]


def test_vectors_are_written_as_vectors():
    udt = VectorUDT()
    vectors = [DenseVector([1.0, 2.0]), SparseVector(3, [0, 2], [1.0, 3.0])]
    names = udt.sqlType().names
    values = [dict(zip(names, udt.serialize(v), strict=True)) for v in vectors]
    assert texts([*values, None], udt) == ["[1.0,2.0]", "(3,[0,2],[1.0,3.0])", "NULL"]


class CelsiusType(UserDefinedType):
    @classmethod
    def sqlType(cls):
        return DOUBLE

    @classmethod
    def module(cls):
        return __name__


def test_types_of_python_only_are_written_as_what_they_store():
    assert texts([1e10], CelsiusType()) == ["1.0E10"]


def test_text_is_written_as_it_is():
    assert texts(["a\nb", "", None], StringType()) == ["a\nb", "", "NULL"]
