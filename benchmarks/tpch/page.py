"""docs/tpch.md: a section for each scale; writing one leaves the others as they are."""

import re

from benchmarks.engines import ROOT
from benchmarks.page import machine

PAGE = ROOT / "docs" / "tpch.md"

_HEAD = """\
# TPC-H

The 22 queries of TPC-H ([benchmarks/tpch](../benchmarks/tpch)) over the same Parquet files, on
every engine in turn: seconds are medians over alternating rounds after one that is not counted, a
ratio is the peer's total over Pyrite's. All engines have the same number of threads, and all gave
the same answers.
"""

_SECTION = """\
## Scale {scale:g}

{rounds} rounds, {threads} threads. Measured on {machine}, by

```sh
{command}
```

{table}
"""


def section(scale: float, rounds: int, threads: int, command: str, table: str) -> str:
    """One scale's part of the page."""
    return _SECTION.format(
        scale=scale, rounds=rounds, threads=threads, command=command, table=table, machine=machine()
    )


def with_section(page: str, scale: float, written: str) -> str:
    """Return the page with a scale's section in place of the one it had, in order of scale."""
    sections = {
        float(found[1]): found[0].strip() + "\n"
        for found in re.finditer(r"^## Scale (\S+)$.*?(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    }
    sections[scale] = written
    return "\n".join([_HEAD, *(text for _, text in sorted(sections.items()))])


def write(scale: float, written: str) -> None:
    """Put a scale's section on the page."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(with_section(page, scale, written), encoding="utf-8")
