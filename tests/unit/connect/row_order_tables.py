"""The small tables whose rows ``test_row_order.py`` looks at, on PySpark and here."""

from typing import Any

PEOPLE = [("a", 3), ("b", 1), ("a", 1), ("c", 2), ("b", 5), ("d", 1), ("e", 9), ("a", 2)]
STAFF = [("Alice", 10, 100.0), ("Bob", 20, 200.0), ("Carl", 10, 300.0), ("Dana", 30, 50.0)]
UNITS = [(10, "eng"), (20, "ops"), (40, "hr")]
OTHERS = [("a", "x"), ("c", "y"), ("z", "w"), ("a", "q"), ("e", "r"), ("b", "t")]


def make(spark: Any) -> dict[str, Any]:
    """Return the tables by name, which are temporary views as well."""
    frames = {
        "t": spark.createDataFrame([*PEOPLE, (None, 4), ("f", 7), ("g", 0)], "k string, v long"),
        "u": spark.createDataFrame(OTHERS, "k string, w string"),
        "staff": spark.createDataFrame(
            [*STAFF, ("Flo", 20, 250.0)], "name string, unit int, pay double"
        ),
        "units": spark.createDataFrame(UNITS, "unit int, title string"),
        "n": spark.range(12).selectExpr("id", "id % 5 AS k", "id % 3 AS j"),
        "many": spark.createDataFrame(
            [(place % 7, place * 37 % 101, str(place % 4)) for place in range(150)],
            "a int, b int, c string",
        ),
    }
    for name, frame in frames.items():
        frame.createOrReplaceTempView(name)
    return frames
