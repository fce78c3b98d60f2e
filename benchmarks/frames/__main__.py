"""The command line: run cases on Pyrite and its peers in turn, compare answers, print ratios."""

import argparse
import contextlib
import sys
from statistics import median
from typing import Any

from benchmarks.engines import ROOT
from benchmarks.frames.cases import CASES, Case
from benchmarks.page import machine
from benchmarks.peer import Peer
from benchmarks.rounds import same
from benchmarks.table import Ratio, markdown

PAGE = ROOT / "docs" / "frames.md"
HEADINGS = ("Case", "Peer", "Peer s", "Pyrite s", "Wall time ratio", "CPU time ratio", "Target")

_EPILOG = """\
examples:
  everything, into docs/frames.md
      python -m benchmarks.frames --pyspark-python ~/spark/bin/python \\
          --sail-python ~/sail/bin/python --write
  a first look at two cases, small
      python -m benchmarks.frames --only tiny,udf --peers pyspark --rounds 1 --scale 0.1

Interpreters: Pyrite's and stock's have pyspark-client, PySpark's the full package and Java, Sail's
pyspark-client and pysail.
"""

_TEXT = """\
# DataFrames, pattern by pattern

What PySpark programs do with DataFrames ([benchmarks/frames](../benchmarks/frames)), on Pyrite and
on its peers: how many times longer the peer takes. This page is written by

```sh
{command}
```

{table}

Peers: `pyspark` is PySpark 4.3 with its JVM; `stock` is the client package as it comes, connected
to Pyrite's own server (`pyrite connect`), which shows what living in one process saves; `sail` is
Sail behind the same client package.

Seconds are medians over {rounds} rounds after one that is not counted; engines take turns, who goes
first changes with each round, and all must give the same answers. A ratio is the median of the
rounds' ratios, with the lowest and the highest in brackets. CPU time is that of the driver and
everything below it, a server and a JVM too. All engines use {threads} threads.

Measured on {machine}.
"""


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.frames",
        description="Run patterns of DataFrame programs on Pyrite and on its peers, in turn.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--only", metavar="NAMES", default="", help="cases, with commas (all)")
    add("--list", action="store_true", help="show the cases, and run nothing")
    add("--scale", metavar="X", type=float, default=1.0, help="size of the data: 0.1 is a tenth")
    add("--rounds", metavar="N", type=int, default=3, help="timed runs of each case (3)")
    add("--threads", metavar="N", type=int, default=2, help="threads of every engine (2)")
    add("--peers", metavar="NAMES", default="pyspark,stock,sail", help="pyspark, stock, sail")
    for engine in ("pyrite", "pyspark", "stock", "sail"):
        add(f"--{engine}-python", metavar="PATH", default=sys.executable, help=f"has {engine}")
    add("--write", action="store_true", help="also write docs/frames.md")
    return parser.parse_args(arguments)


def chosen(names: str) -> list[Case]:
    """The cases of these names; all for none.

    Raises:
        SystemExit: There is no such case.
    """
    wanted = [name for name in names.split(",") if name]
    unknown = set(wanted) - {case.name for case in CASES}
    if unknown:
        sys.exit(f"no case {', '.join(sorted(unknown))}; --list shows them")
    return [case for case in CASES if not wanted or case.name in wanted]


def compare(case: Case, peers: list[Peer], rounds: int) -> list[dict[str, Any]]:
    """Run a case on some engines in turn; return each round's answers by engine.

    Exits when results differ.
    """
    found = []
    for turn in range(rounds + 1):
        order = peers if turn % 2 == 0 else peers[::-1]
        answers = {peer.engine: peer.ask(case.name) for peer in order}
        for engine, answer in answers.items():
            if not same(answers["pyrite"]["result"], answer["result"]):
                own = answers["pyrite"]["result"]
                sys.exit(f"{case.name}: {engine} gives {answer['result']}, Pyrite {own}")
        if turn:  # the first one warms
            found.append(answers)
    shown = {e: f"{a['wall']:.3f} s, {a['cpu']:.3f} s of CPU" for e, a in found[-1].items()}
    print(case.name, shown, file=sys.stderr, flush=True)
    return found


def rows(case: Case, found: list[dict[str, Any]]) -> list[list[str]]:
    """The table's cells, below ``HEADINGS``: a row for each peer of a case."""
    own = median(answers["pyrite"]["wall"] for answers in found)
    cells = []
    for peer, target in case.peers.items():
        if peer in found[0]:
            wall, cpu = (
                [(answers[peer][clock], answers["pyrite"][clock]) for answers in found]
                for clock in ("wall", "cpu")
            )
            seconds = median(theirs for theirs, _ in wall)
            promised = f"{target:g}x" if target else ""
            # A process that ends in the middle takes what it used before with it.
            is_known = not case.is_process and all(min(pair) > 0 for pair in cpu)
            ratios = [str(Ratio.of(wall)), str(Ratio.of(cpu)) if is_known else ""]
            cells.append([case.title, peer, f"{seconds:.3f}", f"{own:.3f}", *ratios, promised])
    return cells


def main(arguments: list[str] | None = None) -> None:
    """Run what the command line asks for."""
    options = parse(arguments)
    cases = chosen(options.only)
    if options.list:
        for case in cases:
            print(f"{case.name:<12}{case.title}")
        return
    wanted = {name for name in options.peers.split(",") if name}
    engines = ["pyrite", *sorted(wanted.intersection(p for c in cases for p in c.peers))]
    settings = [f"{options.scale:g}", str(options.threads)]
    with contextlib.ExitStack() as stack:
        peers = [
            stack.enter_context(
                Peer(name, vars(options)[f"{name}_python"], "benchmarks.frames.worker", settings)
            )
            for name in engines
        ]
        cells = []
        for case in cases:
            taking_part = [p for p in peers if p.engine == "pyrite" or p.engine in case.peers]
            if len(taking_part) > 1:
                cells += rows(case, compare(case, taking_part, options.rounds))
    table = markdown(HEADINGS, cells)
    print(table)
    if options.write:
        command = f"python -m benchmarks.frames --rounds {options.rounds} --write"
        text = _TEXT.format(
            command=command,
            table=table,
            rounds=options.rounds,
            threads=options.threads,
            machine=machine(),
        )
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
