"""Pictures of rows: the table of ``show``, its vertical form, and the table of notebooks."""

from __future__ import annotations

import re
from html.entities import codepoint2name
from typing import TYPE_CHECKING

from pyrite.sql.execution.value_text import value_texts
from pyrite.sql.types import StructType

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["html_string", "show_string"]

#: The least width of a column.
_MINIMUM = 3


def show_string(
    table: pa.Table,
    schema: StructType,
    num_rows: int,
    truncate: int,
    vertical: bool,
    time_zone: str,
) -> str:
    """Draw the first rows as ``show`` prints them.

    Args:
        table: The rows, in the Arrow types of ``types.to_arrow_schema(schema)``; one more than
            ``num_rows`` if there are more.
        schema: The columns.
        num_rows: How many rows to draw.
        truncate: How many characters of a value to draw; 0 for all of them, aligned to the left.
        vertical: Whether each row is drawn as a block of lines, one for each column.
        time_zone: Where timestamps are shown.

    Example:
        >>> import pyarrow as pa
        >>> from pyrite.sql.types import LONG
        >>> rows = pa.table({"id": [1, None]})
        >>> print(show_string(rows, StructType().add("id", LONG), 20, 20, False, "UTC"), end="")
        +----+
        |  id|
        +----+
        |   1|
        |NULL|
        +----+
    """
    names, columns = _cells(table, schema, num_rows, truncate, time_zone)
    shown = min(table.num_rows, max(num_rows, 0))
    if vertical and shown == 0:
        return "(0 rows)"
    draw = _records if vertical else _grid
    return draw(names, columns, shown, truncate > 0) + _footer(table, shown)


def html_string(
    table: pa.Table, schema: StructType, num_rows: int, truncate: int, time_zone: str
) -> str:
    """Draw the first rows as a notebook shows them; the arguments are ``show_string``'s."""
    names, columns = _cells(table, schema, num_rows, truncate, time_zone)
    shown = min(table.num_rows, max(num_rows, 0))
    lines = ["<table border='1'>", _html_row(names, "th")]
    lines += [_html_row([column[row] for column in columns], "td") for row in range(shown)]
    lines.append("</table>")
    footer = _footer(table, shown)
    return "\n".join([*lines, footer, ""] if footer else [*lines, ""])


#: Characters that would move the cursor are drawn as their escapes.
_ESCAPES = str.maketrans(
    {"\n": r"\n", "\r": r"\r", "\t": r"\t", "\f": r"\f", "\b": r"\b", "\v": r"\v", "\a": r"\a"}
)


def _cells(
    table: pa.Table, schema: StructType, num_rows: int, truncate: int, time_zone: str
) -> tuple[list[str], list[list[str]]]:
    """Return the columns' names and the texts of their first values."""
    first = table.slice(0, max(num_rows, 0))
    columns = [
        value_texts(column.combine_chunks(), field.dataType, time_zone)
        for column, field in zip(first.columns, schema.fields, strict=True)
    ]
    return (
        [name.translate(_ESCAPES) for name in schema.names],
        [[_cut(text.translate(_ESCAPES), truncate) for text in column] for column in columns],
    )


def _cut(text: str, truncate: int) -> str:
    """Shorten a text as Spark does, which counts the units of UTF-16."""
    if not 0 < truncate < (len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2):
        return text
    # Dots need room: without it the text is cut off.
    kept, dots = (truncate, "") if truncate < 4 else (truncate - 3, "...")
    if text.isascii():
        return text[:kept] + dots
    half = text.encode("utf-16-le")[: 2 * kept].decode("utf-16-le", "surrogatepass")
    return half.encode("utf-8", "replace").decode() + dots


#: Characters as wide as two, and those of which UTF-16 makes two.
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f"
    "\uff00-\uff60\uffe0-\uffe6\U00010000-\U0010ffff]"
)


def _width(text: str) -> int:
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def _padded(text: str, width: int, right_aligned: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right_aligned else text + blanks


def _grid(names: list[str], columns: list[list[str]], rows: int, right_aligned: bool) -> str:
    drawn = []
    for name, column in zip(names, columns, strict=True):
        cells = [name, *column]
        width = max(_MINIMUM, *map(_width, cells))
        drawn.append([_padded(cell, width, right_aligned) for cell in cells])
    rule = "+" + "+".join(["-" * _width(column[0]) for column in drawn]) + "+"
    lines = ["|" + "|".join([column[row] for column in drawn]) + "|" for row in range(rows + 1)]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule, ""])


def _records(names: list[str], columns: list[list[str]], rows: int, _: bool) -> str:
    name_width = max([_MINIMUM, *map(_width, names)])
    value_width = max([_MINIMUM, *[_width(cell) for column in columns for cell in column]])
    padded = [_padded(name, name_width, False) for name in names]
    lines = []
    for row in range(rows):
        lines.append(f"-RECORD {row}".ljust(name_width + value_width + 5, "-"))
        lines += [
            f" {name} | {_padded(column[row], value_width, False)} "
            for name, column in zip(padded, columns, strict=True)
        ]
    return "\n".join([*lines, ""])


def _footer(table: pa.Table, shown: int) -> str:
    if table.num_rows <= shown:
        return ""
    return f"only showing top {shown} {'row' if shown == 1 else 'rows'}"


#: Characters that have a name in HTML 4 are written by it.
_HTML = str.maketrans({code: f"&{name};" for code, name in codepoint2name.items()})


def _html_row(cells: list[str], tag: str) -> str:
    inner = "".join([f"<{tag}>{cell.translate(_HTML)}</{tag}>" for cell in cells])
    return f"<tr>{inner}</tr>"
