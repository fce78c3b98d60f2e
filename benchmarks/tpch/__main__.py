"""The command line: run TPC-H on Pyrite and its peers in turn, compare answers, print ratios."""

import argparse
import sys
from pathlib import Path
from statistics import median

from benchmarks.peer import Peer
from benchmarks.table import markdown
from benchmarks.tpch import page
from benchmarks.tpch.answers import same_rows
from benchmarks.tpch.data import QUERIES, prepare

_EPILOG = """\
examples:
  against DuckDB with the same threads, one gigabyte
      python -m benchmarks.tpch --scale 1 --peers duckdb
  against all, into docs/tpch.md
      python -m benchmarks.tpch --scale 1 --peers duckdb,pyspark,sail \\
          --pyspark-python ~/spark/bin/python --sail-python ~/sail/bin/python --write
"""


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.tpch",
        description="Run TPC-H on Pyrite and on its peers, in alternating rounds.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--scale", metavar="SF", type=float, default=1.0, help="gigabytes of data (1)")
    add("--rounds", metavar="N", type=int, default=3, help="timed runs of each query (3)")
    add("--threads", metavar="N", type=int, default=2, help="threads of every engine (2)")
    add("--peers", metavar="NAMES", default="duckdb", help="duckdb, pyspark, sail, with commas")
    add("--only", metavar="NUMBERS", default="", help="queries, with commas (all)")
    add("--cache", metavar="DIR", type=Path, default=Path(".benchmarks"), help="for the tables")
    for engine in ("pyrite", "duckdb", "pyspark", "sail"):
        add(f"--{engine}-python", metavar="PATH", default=sys.executable, help=f"has {engine}")
    add("--write", action="store_true", help="also write the scale's section of docs/tpch.md")
    return parser.parse_args(arguments)


def compare(peers: list[Peer], numbers: list[int], rounds: int) -> dict[int, dict[str, float]]:
    """Run the queries on all peers in turn; return each one's median seconds by query.

    Exits when answers differ.
    """
    medians: dict[int, dict[str, float]] = {}
    for number in numbers:
        seconds: dict[str, list[float]] = {peer.engine: [] for peer in peers}
        for turn in range(rounds + 1):
            order = peers if turn % 2 == 0 else peers[::-1]
            answers = {peer.engine: peer.ask(number) for peer in order}
            for engine, answer in answers.items():
                if "error" in answer:
                    sys.exit(f"query {number}: {engine} fails: {answer['error']}")
            own = answers["pyrite"]["rows"]
            for engine, answer in answers.items():
                if not same_rows(own, answer["rows"]):
                    sys.exit(f"query {number}: {engine} gives another answer than Pyrite")
            for engine, answer in answers.items():
                if turn:  # the first one warms
                    seconds[engine].append(answer["seconds"])
        medians[number] = {engine: median(times) for engine, times in seconds.items()}
        print(number, {e: round(s, 3) for e, s in medians[number].items()}, file=sys.stderr)
    return medians


def shown(medians: dict[int, dict[str, float]], engines: list[str]) -> str:
    """The table: a row for each query, the totals, and their ratios."""
    cells = [
        [f"Q{number}", *(f"{found[engine]:.3f}" for engine in engines)]
        for number, found in medians.items()
    ]
    totals = {engine: sum(found[engine] for found in medians.values()) for engine in engines}
    cells.append(["total", *(f"{totals[engine]:.2f}" for engine in engines)])
    cells.append(["ratio", *(f"{totals[engine] / totals['pyrite']:.2f}x" for engine in engines)])
    return markdown(["Query", *(f"{engine} s" for engine in engines)], cells)


def main(arguments: list[str] | None = None) -> None:
    """Run what the command line asks for."""
    options = parse(arguments)
    folder = prepare(options.cache.absolute(), options.scale)
    numbers = [int(n) for n in options.only.split(",") if n] or list(QUERIES)
    engines = ["pyrite", *(name for name in options.peers.split(",") if name)]
    settings = [str(folder), f"{options.scale:g}", str(options.threads)]
    peers = [
        Peer(name, vars(options)[f"{name}_python"], "benchmarks.tpch.worker", settings)
        for name in engines
    ]
    try:
        medians = compare(peers, numbers, options.rounds)
    finally:
        for peer in peers:
            peer.__exit__(None, None, None)
    table = shown(medians, engines)
    print(table)
    if options.write:
        command = (
            f"python -m benchmarks.tpch --scale {options.scale:g} --rounds {options.rounds} "
            f"--peers {options.peers} --write"
        )
        page.write(
            options.scale,
            page.section(options.scale, options.rounds, options.threads, command, table),
        )


if __name__ == "__main__":
    main()
