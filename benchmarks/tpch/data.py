"""The tables of TPC-H as Parquet files, made once for each scale by tpchgen-cli."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")
QUERIES = range(1, 23)
_ARROW_SCHEMA = b"ARROW:schema"
_TAIL_BYTES = 8  # a Parquet file ends with the size of its footer and a magic word
_FOLDER = Path(__file__).parent / "queries"


def query(number: int, scale: float) -> str:
    """The text of a query; one of them has a parameter that depends on the scale."""
    text = (_FOLDER / f"q{number:02}.sql").read_text(encoding="utf-8")
    return text.replace("{fraction}", f"{0.0001 / scale:.10f}")


def prepare(folder: Path, scale: float) -> Path:
    """Make the tables for a scale, if they are not there; return their folder.

    Raises:
        FileNotFoundError: tpchgen-cli is not installed.
    """
    place = folder / f"tpch-{scale:g}"
    if not all((place / f"{table}.parquet").exists() for table in TABLES):
        generator = Path(sys.executable).parent / "tpchgen-cli"
        command = str(generator) if generator.exists() else shutil.which("tpchgen-cli")
        if command is None:
            raise FileNotFoundError("tpchgen-cli is missing: pip install tpchgen-cli")
        place.mkdir(parents=True, exist_ok=True)
        arguments = [command, "parquet", "-s", f"{scale:g}", "--output-dir", str(place)]
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    return place


def plain(folder: Path) -> Path:
    """Copy tables without the schema of Arrow in their footers; return the copies' folder.

    The schema has string views, which not every engine knows. What Parquet says itself is enough:
    the copies have the same pages, and a footer whose key for that schema nobody looks for.
    """
    place = folder.with_name(f"{folder.name}-plain")
    place.mkdir(exist_ok=True)
    for table in TABLES:
        copy = place / f"{table}.parquet"
        if not copy.exists():
            partial = copy.with_suffix(".partial")
            shutil.copyfile(folder / copy.name, partial)
            _hide_arrow_schema(partial)
            partial.rename(copy)
    return place


def _hide_arrow_schema(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-_TAIL_BYTES, os.SEEK_END)
        start = file.seek(-_TAIL_BYTES - int.from_bytes(file.read(4), "little"), os.SEEK_END)
        where = file.read().rindex(_ARROW_SCHEMA)
        file.seek(start + where)
        file.write(_ARROW_SCHEMA.lower())
