"""Lines cut into fields: quicker ways make the same of them."""

from __future__ import annotations

import random

import duckdb
import pyarrow as pa
import pytest

from pyrite.sql.conf import SQLConf
from pyrite.sql.sources import csv_records
from pyrite.sql.sources.csv_options import CsvOptions
from pyrite.sql.sources.csv_records import FIELDS, records
from pyrite.sql.sources.lines import LINE
from pyrite.sql.sources.options import SourceOptions

LINES = ["a,b", '"a",b', 'a,"b,c",', '"",x,""', '"a""b",c', '"a\\"b",c', 'a"b,c', '"a,b', 'a,"b"c']


def fields_of(lines: list[str], options: CsvOptions) -> list[tuple[str, list[str]]]:
    with duckdb.connect() as connection:
        connection.register("batch", pa.table({LINE: lines}))
        sql = f"SELECT {LINE}, {FIELDS} FROM {records('batch', options)}"
        found = connection.execute(sql).fetchall()
    assert len(found) == len(lines)
    return found


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"escape": '"'},
        {"escape": ""},
        {"sep": ";"},
        {"sep": "|", "quote": "'"},
        {"sep": "]", "quote": "^", "escape": "-"},
        {"sep": "||"},
        {"ignoreLeadingWhiteSpace": "true", "ignoreTrailingWhiteSpace": "true"},
    ],
)
def test_quick_ways_cut_lines_alike(given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    options = CsvOptions.read(SourceOptions(given.items()), SQLConf({}))
    draw = random.Random(3)
    pieces = ["a", "é ", " ", options.separator, options.separator, options.quote, options.escape]
    pieces += [options.quote, f"{options.quote}x{options.separator}y{options.quote}", "\x1f"]
    own = ["".join(draw.choices(pieces, k=draw.randrange(1, 9))) for _ in range(3000)]
    lines = [line for line in LINES + own if line.strip()]
    quick = fields_of(lines, options)
    monkeypatch.setattr(csv_records, "_quick_ways", lambda options: [])
    assert quick == fields_of(lines, options)
