"""The conversions by columns give what the client package's own give, errors included."""

import array
import collections
import datetime
import decimal
import gc
import itertools
import os
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest
from pyspark.errors import PySparkNotImplementedError
from pyspark.sql import Row, types
from pyspark.sql.connect.session import SparkSession
from pyspark.sql.conversion import ArrowTableToRowsConversion, LocalDataToArrowConversion
from pyspark.testing.objects import ExamplePoint

from pyrite.connect import fast_rows
from pyrite.connect.fast_inference import representatives
from pyrite.connect.fast_rows import to_rows

CONVERT_ROWS: Any = ArrowTableToRowsConversion.convert
CONVERT_DATA: Any = LocalDataToArrowConversion.convert
INFER: Any = SparkSession._inferSchemaFromList

UTC = datetime.UTC
moment = datetime.datetime
Named = collections.namedtuple("Named", "a b")


@pytest.fixture(params=["UTC", "America/New_York"])
def local_zone(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def outcome(function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    try:
        return function(*arguments, **options)
    except Exception as error:
        return type(error), str(error)


def makes(rows: Any) -> Any:
    """What equality does not see: the classes, and the names of Rows."""
    if isinstance(rows, tuple) and rows and isinstance(rows[0], type):
        return rows
    return [
        (type(row), getattr(row, "__fields__", None), [type(value) for value in row])
        for row in rows
    ]


STRUCT = types.StructType(
    [
        types.StructField("x", types.LongType()),
        types.StructField("y", types.ArrayType(types.TimestampType())),
    ]
)
COLUMNS = [
    (types.LongType(), pa.int64(), [1, None, -(2**63), 2**63 - 1]),
    (types.ByteType(), pa.int8(), [None, 1]),
    (types.DoubleType(), pa.float64(), [1.5, None, float("inf"), -0.0]),
    (types.FloatType(), pa.float32(), [1.1, None]),
    (types.BooleanType(), pa.bool_(), [True, None, False]),
    (types.StringType(), pa.string(), ["a", None, "é\0x", ""]),
    (types.BinaryType(), pa.binary(), [b"a", None, b""]),
    (types.DecimalType(10, 2), pa.decimal128(10, 2), [decimal.Decimal("1.10"), None]),
    (types.DateType(), pa.date32(), [datetime.date(1, 1, 1), None]),
    (types.TimestampType(), pa.timestamp("us", "UTC"), [moment(2020, 7, 1, tzinfo=UTC), None]),
    (types.TimestampNTZType(), pa.timestamp("us"), [moment(9999, 12, 31, 23, 59, 59, 7), None]),
    (types.TimestampNTZType(), pa.timestamp("us"), [253_402_300_800_000_000]),
    (types.TimestampType(), pa.timestamp("us", "UTC"), [-62_135_596_800_000_001]),
    (types.DayTimeIntervalType(), pa.duration("us"), [datetime.timedelta(1), None]),
    (types.NullType(), pa.null(), [None]),
    (types.ArrayType(types.LongType()), pa.list_(pa.int64()), [[1, None], None, []]),
    (
        types.MapType(types.StringType(), types.LongType()),
        pa.map_(pa.string(), pa.int64()),
        [[("a", 1)], None],
    ),
    (
        STRUCT,
        pa.struct([("x", pa.int64()), ("y", pa.list_(pa.timestamp("us", "UTC")))]),
        [{"x": 1, "y": [moment(2020, 1, 1, tzinfo=UTC)]}, None],
    ),
]


@pytest.mark.usefixtures("local_zone")
@pytest.mark.parametrize(("spark_type", "arrow_type", "values"), COLUMNS)
@pytest.mark.parametrize("options", [{}, {"return_as_tuples": True}, {"binary_as_bytes": False}])
def test_rows(spark_type: Any, arrow_type: Any, values: Any, options: Any) -> None:
    schema = types.StructType([types.StructField("c", spark_type)])
    whole = pa.array(values, arrow_type)
    for chunks in ([whole], [whole, whole[1:]], [whole[:0]], []):
        table = pa.table({"c": pa.chunked_array(chunks, arrow_type)})
        ours = outcome(CONVERT_ROWS, table, schema, **options)
        theirs = outcome(CONVERT_ROWS.__wrapped__, table, schema, **options)
        assert ours == theirs
        assert makes(ours) == makes(theirs)


def test_rows_without_columns() -> None:
    table = pa.table({"a": [1, 2]}).select([])
    assert CONVERT_ROWS(table, types.StructType()) == [Row(), Row()]


class Thing:
    """An object whose attributes are columns."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


DATA: list[list[Any]] = [
    [(1, "a"), (2, None), (None, "c")],
    [(1, "a"), ("x", 2)],
    [(1,), (1, 2)],
    [[1, 2.0], [None, 3.0]],
    [(1,), (2.5,)],
    [(True,), (1,)],
    [Row(a=1, b="x"), Row(a=2, b=None)],
    [Row(a=1), Row(b=2)],
    [Row(1, 2)],
    [Row("a", "b")(1, 2), Row("a", "b")(3, None)],
    [{"a": 1, "b": 2}, {"a": 2, "b": "x"}],
    [{"b": 1, "a": [1, None]}, {"c": None, "a": ["x"]}],
    [Named(1, 2), Named("a", None)],
    [Thing(a=1, b=[1]), Thing(a=2, b=[2.5])],
    [None, (1,)],
    [(None,), (None,)],
    [([1, 2],), ([],), ([None, 3],), (["a"],)],
    [({"a": 1},), ({"b": "x"},), ({},), ({None: 2},)],
    [({"a": {"b": [1]}},), ({"a": {"b": [None]}},)],
    [((1, "a"),), ((None, "b"),), ((2, 3.5),)],
    [(Row(x=1, y=Row(z=[1])),), (Row(x=None, y=Row(z=[None])),)],
    [(moment(2020, 7, 1),), (moment(2020, 7, 1, tzinfo=UTC),), (None,)],
    [(moment(2020, 1, 1, 12, 30, 1, 5),), (None,)],
    [(datetime.date(2020, 1, 1),), (moment(2020, 1, 1),)],
    [(decimal.Decimal("1.5"),), (decimal.Decimal("NaN"),), (None,)],
    [(b"a", bytearray(b"b")), (None, None)],
    [(array.array("d", [1, 2]),), ([1.0],)],
    [(ExamplePoint(1.0, 2.0), 1), (None, 2)],
    [(datetime.timedelta(1), datetime.time(1, 2, 3)), (None, None)],
    [(2**70,)],
    [(object(),)],
    [1, 2],
    [(1, "a"), [2, "b"]],
]
SETTINGS = {
    "spark.sql.timestampType": ("TIMESTAMP_LTZ", "TIMESTAMP_NTZ"),
    "spark.sql.pyspark.inferNestedDictAsStruct.enabled": ("false", "true"),
    "spark.sql.pyspark.legacy.inferArrayTypeFromFirstElement.enabled": ("false", "true"),
    "spark.sql.pyspark.legacy.inferMapTypeFromFirstPair.enabled": ("false", "true"),
}


@pytest.mark.usefixtures("local_zone")
@pytest.mark.parametrize("data", DATA, ids=str)
def test_local_data(data: list[Any]) -> None:
    for values in itertools.product(*SETTINGS.values()):
        settings = dict(zip(SETTINGS, values, strict=True))
        for names in (None, ["p"], ["p", "q"]):
            ours, theirs = (None if names is None else list(names) for _ in range(2))
            schema = outcome(INFER, None, data, ours, settings)
            assert schema == outcome(INFER.__wrapped__, None, data, theirs, settings)
            assert ours == theirs  # both add to the names
        if isinstance(schema, types.StructType):
            check_tables(data, schema)


def check_tables(data: list[Any], inferred: types.StructType) -> None:
    """Compare the tables for the inferred types, and for some that do not fit."""
    others = [
        [types.StructField(f.name, f.dataType, nullable=False) for f in inferred],
        *(
            [types.StructField("same", other) for _ in inferred]
            for other in (
                types.StringType(),
                types.IntegerType(),
                types.DoubleType(),
                types.DateType(),
                types.TimestampType(),
            )
        ),
    ]
    for schema in (inferred, *map(types.StructType, others)):
        ours = outcome(CONVERT_DATA, data, schema, False)
        theirs = outcome(CONVERT_DATA.__wrapped__, data, schema, False)
        if isinstance(theirs, tuple):
            assert ours == theirs
        else:
            assert ours.schema == theirs.schema
            assert ours.equals(theirs)


def test_few_rows_stand_for_many() -> None:
    rows = [(i, "a" if i % 2 else None, [i]) for i in range(1000)]
    assert representatives(rows) == [(0, None, [0]), (1, "a", [1])]


@pytest.mark.parametrize(
    "spark_type", [types.YearMonthIntervalType(), types.ArrayType(types.YearMonthIntervalType())]
)
def test_year_months_are_refused_as_by_pyspark(
    spark_type: types.DataType, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = [14] if isinstance(spark_type, types.ArrayType) else 14
    table = pa.table({"a": [value]})
    schema = types.StructType([types.StructField("a", spark_type)])
    with pytest.raises(PySparkNotImplementedError, match="YearMonthIntervalType"):
        to_rows(table, schema)
    monkeypatch.setenv("PYSPARK_YM_INTERVAL_LEGACY", "1")
    assert to_rows(table, schema) == [Row(a=value)]


class Cycle:
    def __init__(self) -> None:
        self.itself = self


@pytest.mark.parametrize("rows", [5, 50_000])
def test_garbage_is_collected_in_spite_of_the_conversions(
    rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_rows, "_UNTIL_COLLECTION", 3)
    table = pa.table({"a": range(rows)})
    schema = types.StructType([types.StructField("a", types.LongType())])
    garbage = weakref.ref(Cycle())
    for _ in range(3):
        assert len(to_rows(table, schema)) == rows
        # As many as the collector waits for; of few rows it looks at them in its own time.
        kept: list[Any] = [[] for _ in range(gc.get_threshold()[0])]
    del kept
    assert garbage() is None
