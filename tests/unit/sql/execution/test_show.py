"""Pictures of rows, as Spark 4.3 draws them."""

import pyarrow as pa
import pytest

from pyrite.sql.execution.show import html_string, show_string
from pyrite.sql.types import INTEGER, LONG, STRING, StructType, to_arrow_schema


def rows_of(values, data_type=STRING):
    """Return a table and its schema from columns of values by name."""
    schema = StructType()
    for name in values:
        schema = schema.add(name, data_type)
    return pa.table(values, schema=to_arrow_schema(schema)), schema


NUMBERS = rows_of({"id": [0, 1, 2]}, LONG)
LONG_NAME = rows_of(
    {"averyveryverylongcolumnnameindeed": ["abcdefghijklmnopqrstuvwxyz"], "s": ["x"]}
)
CHINESE = rows_of({"列名": ["你好"], "b": ["ab"], "d": ["한글"], "f": ["😀😀😀😀😀😀"]})

PICTURES = {
    "nulls": (
        rows_of({"a": ["1"], "c": [None]}),
        (20, 20, False),
        """\
+---+----+
|  a|   c|
+---+----+
|  1|NULL|
+---+----+
""",
    ),
    "more rows": (
        NUMBERS,
        (2, 20, False),
        """\
+---+
| id|
+---+
|  0|
|  1|
+---+
only showing top 2 rows""",
    ),
    "one of more rows": (
        NUMBERS,
        (1, 20, False),
        """\
+---+
| id|
+---+
|  0|
+---+
only showing top 1 row""",
    ),
    "none of the rows": (
        NUMBERS,
        (-1, 20, False),
        """\
+---+
| id|
+---+
+---+
only showing top 0 rows""",
    ),
    "vertical": (
        NUMBERS,
        (2, 20, True),
        """\
-RECORD 0--
 id  | 0   
-RECORD 1--
 id  | 1   
only showing top 2 rows""",
    ),
    "no rows, vertical": (NUMBERS, (0, 20, True), "(0 rows)"),
    "wide, vertical": (
        rows_of({"a": ["1"], "bbbbbbbbb": ["22222"]}),
        (20, 20, True),
        """\
-RECORD 0----------
 a         | 1     
 bbbbbbbbb | 22222 
""",
    ),
    "cut at 20": (
        LONG_NAME,
        (20, 20, False),
        """\
+---------------------------------+---+
|averyveryverylongcolumnnameindeed|  s|
+---------------------------------+---+
|             abcdefghijklmnopq...|  x|
+---------------------------------+---+
""",
    ),
    "not cut": (
        LONG_NAME,
        (20, 0, False),
        """\
+---------------------------------+---+
|averyveryverylongcolumnnameindeed|s  |
+---------------------------------+---+
|abcdefghijklmnopqrstuvwxyz       |x  |
+---------------------------------+---+
""",
    ),
    "cut where dots have no room": (
        LONG_NAME,
        (20, 3, False),
        """\
+---------------------------------+---+
|averyveryverylongcolumnnameindeed|  s|
+---------------------------------+---+
|                              abc|  x|
+---------------------------------+---+
""",
    ),
    "wide characters": (
        CHINESE,
        (20, 5, False),
        """\
+----+---+----+-----+
|列名|  b|   d|    f|
+----+---+----+-----+
|你好| ab|한글|😀...|
+----+---+----+-----+
""",
    ),
    "half a character": (
        rows_of({"a": ["😀😀😀😀"]}),
        (20, 6, False),
        """\
+------+
|     a|
+------+
|😀?...|
+------+
""",
    ),
    "control characters": (
        rows_of({"x\ny": ["a\nb\tc\rd\ae\bf\vg\f\\"]}),
        (20, 0, False),
        r"""+----------------------+
|x\ny                  |
+----------------------+
|a\nb\tc\rd\ae\bf\vg\f\|
+----------------------+
""",
    ),
    "columns of one name": (
        (pa.table([[1], [2]], names=["a", "a"]), StructType().add("a", LONG).add("a", LONG)),
        (20, 1, False),
        """\
+---+---+
|  a|  a|
+---+---+
|  1|  2|
+---+---+
""",
    ),
}


@pytest.mark.parametrize(("rows", "how", "picture"), PICTURES.values(), ids=PICTURES.keys())
def test_pictures(rows, how, picture):
    assert show_string(*rows, *how, "UTC") == picture


def test_rows_without_columns():
    table = pa.Table.from_batches(
        [pa.RecordBatch.from_struct_array(pa.array([{}] * 3, pa.struct([])))]
    )
    assert show_string(table, StructType(), 2, 20, False, "UTC") == (
        "++\n||\n++\n||\n||\n++\nonly showing top 2 rows"
    )


def test_timestamps_are_shown_in_the_given_zone():
    schema = StructType().add("t", "timestamp")
    table = pa.table({"t": pa.array([0], pa.timestamp("us", "UTC"))})
    assert "1970-01-01 01:00:00" in show_string(table, schema, 20, 20, False, "Europe/Paris")


def test_html():
    rows = rows_of({"ñ": ["é'\u00a0<>&\"ü→€ 你"] * 3, "y": [None] * 3})
    cells = (
        "<tr><td>&eacute;'&nbsp;&lt;&gt;&amp;&quot;&uuml;&rarr;&euro; 你</td><td>NULL</td></tr>\n"
    )
    start = "<table border='1'>\n<tr><th>&ntilde;</th><th>y</th></tr>\n"
    assert (
        html_string(*rows, 2, 20, "UTC")
        == start + cells * 2 + "</table>\nonly showing top 2 rows\n"
    )
    assert html_string(*rows, 3, 20, "UTC") == start + cells * 3 + "</table>\n"


def test_html_cuts_before_it_escapes():
    rows = rows_of({"a": ["<b>&xyz"]}, STRING)
    assert "<td>&lt;b...</td>" in html_string(*rows, 20, 5, "UTC")


def test_html_of_no_rows():
    rows = rows_of({"a\nb": []}, INTEGER)
    assert (
        html_string(*rows, 20, 20, "UTC")
        == "<table border='1'>\n<tr><th>a\\nb</th></tr>\n</table>\n"
    )
