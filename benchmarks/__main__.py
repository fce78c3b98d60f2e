"""The command line: choose programs, run them in alternating rounds, print the table."""

import argparse
import shlex
import sys
from pathlib import Path

from benchmarks import data, engines, page, rounds, table
from benchmarks.catalogue import PROGRAMS, Program

_EPILOG = """\
examples:
  everything, as in docs/benchmarks.md (half an hour)
      ./scripts/benchmark --write
  a first look at two programs, small (two minutes)
      ./scripts/benchmark --only wordcount,sort --rounds 1 --scale 0.1
  with a PySpark that is installed already
      ./scripts/benchmark --pyspark-python ~/spark/bin/python

It needs Linux and, for PySpark, Java 17 or newer. PySpark and the input files are put into the
cache directory the first time. Nothing else should run on the machine meanwhile; if something has
to, trust the CPU time ratio. Judge by ratios of the same table only.
"""


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="./scripts/benchmark",
        description="Run the same PySpark programs on PySpark and on Pyrite, in turn, and print"
        " how many times longer PySpark takes.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--only", metavar="NAMES", type=_programs, default=PROGRAMS, help="programs, with commas")
    add("--list", action="store_true", help="show the programs and what they do, and run nothing")
    add("--rounds", metavar="N", type=_positive_int, default=5, help="timed runs of each (5)")
    add(
        "--scale", metavar="X", type=_positive, default=1.0, help="size of the data: 0.1 is a tenth"
    )
    add("--master", default="local[2]", help="Spark's master string (local[2])")
    add(
        "--cache",
        metavar="DIR",
        type=Path,
        default=Path(".benchmarks"),
        help="where PySpark and the input files are kept (.benchmarks)",
    )
    add("--pyspark-python", metavar="PATH", help="an interpreter that has PySpark and no Pyrite")
    add(
        "--pyrite-python",
        metavar="PATH",
        default=sys.executable,
        help="an interpreter that has what Pyrite needs (the one running this)",
    )
    add("--write", action="store_true", help="also write the table into docs/benchmarks.md")
    return parser.parse_args(arguments)


def _programs(names: str) -> tuple[Program, ...]:
    known = {program.name: program for program in PROGRAMS}
    wanted = names.split(",")
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise argparse.ArgumentTypeError(f"no {', '.join(unknown)}; there are {', '.join(known)}")
    return tuple(known[name] for name in wanted)


def _positive(text: str) -> float:
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


def _positive_int(text: str) -> int:
    if int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return int(text)


def repeat(options: argparse.Namespace) -> str:
    """The command that measures the same again, wherever its interpreters and cache are."""
    command = ["./scripts/benchmark", "--rounds", str(options.rounds), "--master", options.master]
    if options.scale != 1.0:
        command += ["--scale", f"{options.scale:g}"]
    if options.only != PROGRAMS:
        command += ["--only", ",".join(program.name for program in options.only)]
    return shlex.join([*command, "--write"])


def tell(line: str) -> None:
    """Say what is going on, beside the table."""
    print(line, file=sys.stderr, flush=True)


def main(arguments: list[str] | None = None) -> None:
    """Run what the command line asks for."""
    options = parse(arguments)
    if options.list:
        for program in options.only:
            print(f"{program.name:<12}{program.title}")
        return
    if sys.platform != "linux":
        sys.exit("The benchmarks need Linux: they read from /proc what processes use.")
    try:
        pair = (
            engines.pyspark(options.cache, options.pyspark_python),
            engines.pyrite(options.pyrite_python),
        )
        wanted = tuple(sorted({name for program in options.only for name in program.inputs}))
        tell(f"Preparing {', '.join(wanted) or 'no files'} ...")
        folder = data.prepare(options.cache.absolute() / "data", options.scale, wanted)
        settings = rounds.Settings(folder, options.scale, options.master)
        comparisons = [
            rounds.compare(program, pair, settings, options.rounds, tell)
            for program in options.only
        ]
    except engines.CannotRun as error:
        sys.exit(str(error))
    shown = table.markdown(table.HEADINGS, table.rows(comparisons))
    print(shown)
    if options.write:
        written = page.write(shown, pair, repeat(options), options.rounds, options.master)
        tell(f"Wrote {written}")


if __name__ == "__main__":
    main()
