"""The tables of TPC-H as Parquet files, made once for each scale by tpchgen-cli."""

import shutil
import subprocess
import sys
from pathlib import Path

TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")
QUERIES = range(1, 23)
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
