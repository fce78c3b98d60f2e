"""Record what PySpark prints when it runs the programs of ``tests/programs``, for tests to replay.

Needs a Python with the whole PySpark, pandas and a Java. Run from the repository's root::

    python tests/oracle/record_programs.py              # every program
    python tests/oracle/record_programs.py joins        # only these

A program is cut into cells by lines that start with ``# %%``. A cell prints, or fails, and the
next one goes on. What those of ``<name>.py`` print goes to ``<name>.txt`` beside it. Programs find
``spark``, ``tmp`` (an empty folder) and these functions: ``out(df)`` prints a schema and the rows
in the order of their texts, ``put`` writes a file, ``ls`` lists the files of a folder.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

PROGRAMS = Path(__file__).parents[1] / "programs"
TIME_ZONE = "America/Los_Angeles"
#: Programs whose answers depend on Spark Connect, which is what Pyrite speaks.
CONNECT = {"self_joins"}
_CELL = re.compile(r"^# %%.*\n", re.MULTILINE)


def _tools(folder: str) -> dict[str, Any]:
    def out(df: Any, sort: bool = True) -> None:
        print(df.schema.simpleString())
        rows = [repr(row) for row in df.collect()]
        for row in sorted(rows) if sort else rows:
            print("  ", row)

    def put(name: str, text: str, encoding: str = "utf-8") -> str:
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding=encoding)
        return str(path)

    def ls(name: str) -> None:
        top = Path(folder, name)
        found = {str(p.relative_to(top)) for p in top.rglob("*") if p.is_file()}
        unnumbered = {re.sub(r"(part-\d+)-[0-9a-f-]{36}", r"\1-U", path) for path in found}
        for path in sorted(unnumbered):
            if not path.endswith(".crc"):
                print("  ", path)

    return {"tmp": folder, "out": out, "put": put, "ls": ls}


def _failure(error: BaseException) -> str:
    """Return an error's class, condition and first line, without the place in the program."""
    condition = error.getCondition() if hasattr(error, "getCondition") else None
    lines = str(error).strip().splitlines() or [""]
    first = re.sub(r"(SQLSTATE: \w+);.*", r"\1", lines[0])
    return f"{type(error).__name__} {condition} | {first}"


def run(path: Path, spark: Any, folder: str) -> list[str]:
    """Return what each cell of a program prints.

    Args:
        path: The program.
        spark: The session; its time zone is ``TIME_ZONE``.
        folder: An empty folder.
    """
    names = {"__name__": "__main__", "spark": spark, **_tools(folder)}
    printed = []
    for number, cell in enumerate(_CELL.split(path.read_text("utf-8"))):
        with contextlib.redirect_stdout(io.StringIO()) as text:
            try:
                exec(compile(cell, f"{path.name}[{number}]", "exec"), names)
            except Exception as error:
                print(_failure(error))
        printed.append(text.getvalue().replace(folder, "$TMP"))
    return printed


def join(printed: list[str]) -> str:
    """Return the text of all cells, each under its number."""
    return "".join(f"# %% {number}\n{text}" for number, text in enumerate(printed))


def split(text: str) -> list[str]:
    """Undo ``join``."""
    return _CELL.split(text)[1:]


def _record(paths: list[Path], connect: bool) -> None:
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        builder = SparkSession.builder.config("spark.ui.enabled", "false")
        builder = builder.config("spark.sql.session.timeZone", TIME_ZONE)
        builder = builder.config("spark.sql.warehouse.dir", f"{folder}/warehouse")
        master = "local[2]"
        spark = (builder.remote(master) if connect else builder.master(master)).getOrCreate()
        for path in paths:
            scratch = f"{folder}/{path.stem}"
            os.mkdir(scratch)
            path.with_suffix(".txt").write_text(join(run(path, spark, scratch)), "utf-8")
            print(path.stem)
        spark.stop()


def main(names: list[str]) -> None:
    """Record the programs of these names, or all."""
    paths = [p for p in sorted(PROGRAMS.glob("*.py")) if not p.stem.startswith("test_")]
    wanted = [path for path in paths if not names or path.stem in names]
    for connect in (False, True):
        if group := [path for path in wanted if (path.stem in CONNECT) is connect]:
            _record(group, connect)


if __name__ == "__main__":
    main(sys.argv[1:])
