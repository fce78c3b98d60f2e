"""TPC-H on two Ray nodes, on local cores, and on other engines' clusters, in alternating rounds."""

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.clusters import page
from benchmarks.clusters.engines import LOCAL, NAMES, RAY, Engine, Setup
from benchmarks.clusters.nodes import two_nodes
from benchmarks.clusters.results import Result, report
from benchmarks.peer import Peer
from benchmarks.tpch.data import QUERIES, plain, prepare

_PEERS = [name for name in NAMES if name not in (LOCAL, RAY)]
_STORE_MEGABYTES = 2000

_EPILOG = """\
examples:
  our own runs, one gigabyte, with tables of ten megabytes split already
      python -m benchmarks.clusters.tpch --scale 1 --peers '' \\
          --conf spark.sql.files.maxPartitionBytes=10m
  against all, into docs/clusters-benchmarks.md
      python -m benchmarks.clusters.tpch --scale 10 --rounds 2 --peers daft,sail \\
          --daft-python ~/daft/bin/python --sail-python ~/sail/bin/python --write
"""

_TEXT = """\
The same SQL over the same Parquet files, on every engine in turn, after one query that is not
counted. Both of Pyrite's runs are planned by Pyrite alone. An answer is right if it is that of the
local run, whose answers [tpch.md](tpch.md) compares with those of other engines; rows that tie in
their order may change places. Queries are not rewritten for a peer. A peer's total is over the
queries that it answers right; ours is over the same ones. Daft has a Ray cluster of its own with
the same nodes; Sail's local cluster has two workers in one process."""


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.clusters.tpch",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--scale", metavar="SF", type=float, default=10.0, help="gigabytes of data (10)")
    add("--rounds", metavar="N", type=int, default=1, help="timed runs of each query (1)")
    add("--peers", metavar="NAMES", default="", help=f"of {', '.join(_PEERS)}, with commas (none)")
    add("--only", metavar="NUMBERS", default="", help="queries, with commas (all)")
    add("--conf", metavar="NAME=VALUE", action="append", default=[], help="for our cluster")
    add("--within", metavar="SECONDS", type=float, default=120.0, help="for one query (120)")
    add("--cache", metavar="DIR", type=Path, default=Path(".benchmarks"), help="for the tables")
    for name in _PEERS:
        add(f"--{name}-python", metavar="PATH", default=sys.executable, help=f"has {name}")
    add("--write", action="store_true", help=f"also write a section of docs/{page.PAGE.name}")
    options = parser.parse_args(arguments)
    options.peers = [name for name in options.peers.split(",") if name]
    if unknown := set(options.peers) - set(_PEERS):
        parser.error(f"no {', '.join(sorted(unknown))}; there are {', '.join(_PEERS)}")
    return options


@contextlib.contextmanager
def setups(options: argparse.Namespace) -> Iterator[list[Setup]]:
    """Start the clusters; give how the engines are started on them."""
    with contextlib.ExitStack() as stack:
        address = stack.enter_context(two_nodes())
        found = [Setup.local(), Setup.ray(address, tuple(options.conf))]
        if "daft" in options.peers:  # its Ray may be another one
            nodes = Peer(
                "daft", options.daft_python, "benchmarks.clusters.nodes", [str(_STORE_MEGABYTES)]
            )
            stack.enter_context(nodes)
            found.append(Setup.daft(options.daft_python, nodes.ready["address"]))
        if "sail" in options.peers:
            found.append(Setup.sail(options.sail_python))
        yield found


def measure(engines: list[Engine], number: int, rounds: int) -> Result:
    """Run a query on all engines in turn; one that cannot is asked once."""
    result = Result(number)
    for turn in range(rounds):
        order = engines if (turn + number) % 2 == 0 else engines[::-1]
        answers = {e.name: e.ask(number) for e in order if e.name not in result.problems}
        if "error" in answers[LOCAL]:
            sys.exit(f"query {number} on {NAMES[LOCAL]}: {answers[LOCAL]['error']}")
        right = answers[LOCAL]["rows"]
        for engine, answer in answers.items():
            result.add(engine, answer, right)
    cells = {engine.name: result.cell(engine.name) for engine in engines}
    print(f"Q{number}", cells, result.problems or "", file=sys.stderr, flush=True)
    return result


def main(arguments: list[str] | None = None) -> None:
    """Run what the command line asks for."""
    options = parse(arguments)
    folder = plain(prepare(options.cache.absolute(), options.scale))
    numbers = [int(n) for n in options.only.split(",") if n] or list(QUERIES)
    with setups(options) as found, contextlib.ExitStack() as stack:
        tables = (str(folder), f"{options.scale:g}")
        engines = [Engine(setup, tables, options.within) for setup in found]
        for engine in engines:
            stack.callback(engine.stop)
            engine.start()
        results = [measure(engines, number, options.rounds) for number in numbers]
    table = report(results, [engine.name for engine in engines])
    print(table)
    if options.write:
        title = f"TPC-H, scale {options.scale:g}"
        page.write(title, _TEXT, _command(options), table)


def _command(options: argparse.Namespace) -> str:
    words = [f"--scale {options.scale:g}", f"--rounds {options.rounds}"]
    words += [f"--peers {','.join(options.peers)}"] if options.peers else []
    words += [f"--only {options.only}"] if options.only else []
    words += [f"--conf {setting}" for setting in options.conf]
    return " ".join(["python -m benchmarks.clusters.tpch", *words, "--write"])


if __name__ == "__main__":
    main()
