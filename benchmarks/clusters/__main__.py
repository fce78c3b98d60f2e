"""The command line: run programs on local[2] and on two Ray nodes in turn, print ratios."""

import argparse
import sys
from pathlib import Path
from statistics import median

from benchmarks import data, engines
from benchmarks.catalogue import PROGRAMS, Program
from benchmarks.clusters import page
from benchmarks.clusters.nodes import two_nodes
from benchmarks.rounds import Settings, run_once, same
from benchmarks.table import Ratio, markdown

LOCAL = "local[2]"
HEADINGS = ("Program", "local[2] s", "Two Ray nodes s", "Ray / local[2]", "At most")
#: By program: how many times longer the cluster may take, where that was promised.
AT_MOST = {"wordcount": 1.5, "sort": 1.5, "pagerank": 1.5, "thousandtasks": None}
CASES = {program.name: program for program in PROGRAMS if program.name in AT_MOST}

_TEXT = """\
The same programs on both, which must give the same result. 1,000 tiny tasks are to take less than
1.5 s on the cluster."""


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.clusters",
        description="Run RDD programs on local[2] and on two Ray nodes of one core, in turn.",
        epilog="It needs Linux and pyrite[ray]. Nothing else should run on the machine meanwhile.",
    )
    add = parser.add_argument
    add("--only", metavar="NAMES", default=",".join(CASES), help=f"of {', '.join(CASES)}")
    add("--rounds", metavar="N", type=int, default=3, help="timed runs of each (3)")
    add("--scale", metavar="X", type=float, default=1.0, help="size of the data: 0.1 is a tenth")
    add("--cache", metavar="DIR", type=Path, default=Path(".benchmarks"), help="for input files")
    add("--write", action="store_true", help=f"also write docs/{page.PAGE.name}")
    options = parser.parse_args(arguments)
    if unknown := set(options.only.split(",")) - set(CASES):
        parser.error(f"no {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    return options


def measure(
    program: Program, masters: tuple[str, str], settings: Settings, rounds: int
) -> list[tuple[float, float]]:
    """Run a program on both masters in turn.

    Returns:
        For each round the wall time on the first and on the second.

    Raises:
        CannotRun: A run failed, or the results differ.
    """
    engine = engines.pyrite()
    pairs = []
    for number in range(rounds):
        took, results = {}, []
        for master in masters if number % 2 == 0 else masters[::-1]:
            run = run_once(engine, program, Settings(settings.data, settings.scale, master))
            took[master] = run.costs[program.name].wall
            results.append(run.result)
            spent = f"{took[master]:.2f} s"
            print(f"{program.name} {number + 1}/{rounds}: {master} {spent}", file=sys.stderr)
        if not same(results[0], results[1]):
            raise engines.CannotRun(f"{program.name}: the results differ: {results}")
        pairs.append((took[masters[0]], took[masters[1]]))
    return pairs


def main(arguments: list[str] | None = None) -> None:
    """Run what the command line asks for."""
    options = parse(arguments)
    wanted = [CASES[name] for name in options.only.split(",")]
    inputs = tuple(sorted({name for program in wanted for name in program.inputs}))
    folder = data.prepare(options.cache.absolute() / "data", options.scale, inputs)
    settings = Settings(folder, options.scale, LOCAL)
    rows = []
    try:
        with two_nodes() as address:
            master = f"spark://{address}"
            for program in wanted:
                pairs = measure(program, (LOCAL, master), settings, options.rounds)
                rows.append(
                    (
                        program.title,
                        f"{median(local for local, _ in pairs):.2f}",
                        f"{median(cluster for _, cluster in pairs):.2f}",
                        str(Ratio.of([(cluster, local) for local, cluster in pairs])),
                        f"{at_most}x" if (at_most := AT_MOST[program.name]) else "",
                    )
                )
    except engines.CannotRun as error:
        sys.exit(str(error))
    table = markdown(HEADINGS, rows)
    print(table)
    if options.write:
        command = f"python -m benchmarks.clusters --rounds {options.rounds} --write"
        page.write("RDD programs", _TEXT, command, table)


if __name__ == "__main__":
    main()
