"""docs/clusters-benchmarks.md: a section for RDD programs, and one for TPC-H at each scale."""

import re

from benchmarks.engines import ROOT
from benchmarks.page import machine

__all__ = ["PAGE", "section", "with_section", "write"]

PAGE = ROOT / "docs" / "clusters-benchmarks.md"

_HEAD = """\
# Two Ray nodes against two local cores

RDD programs ([benchmarks/programs](../benchmarks/programs)) and TPC-H's queries
([benchmarks/tpch](../benchmarks/tpch)) on a Ray cluster of two nodes of one core each, beside
`local[2]` and other engines' clusters, all on the same machine. Starting a cluster is not counted.
Seconds are medians over the rounds; who goes first changes from round to round. A ratio is the
median of the rounds' ratios, with the lowest and the highest in brackets.
"""

_SECTION = """\
## {title}

{text}

Measured on {machine}, by

```sh
{command}
```

{table}
"""


def section(title: str, text: str, command: str, table: str) -> str:
    """A part of the page.

    Args:
        title: What was measured.
        text: How.
        command: What repeats it.
        table: What came out.
    """
    return _SECTION.format(title=title, text=text, command=command, table=table, machine=machine())


def with_section(page: str, title: str, written: str) -> str:
    """Return the page with a section in place of the one of that title, in order of titles."""
    sections = {
        found[1]: found[0].strip() + "\n"
        for found in re.finditer(r"^## ([^\n]+)$.*?(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    }
    sections[title] = written
    return "\n".join([_HEAD, *(text for _, text in sorted(sections.items()))])


def write(title: str, text: str, command: str, table: str) -> None:
    """Put a section on the page."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    PAGE.write_text(with_section(page, title, section(title, text, command, table)), "utf-8")
