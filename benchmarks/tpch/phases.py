"""Where the time before a query runs goes: Pyrite's own phases, one after the other.

Run as ``python -m benchmarks.tpch.phases``; it prints the table of docs/architecture.md.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.sessions import SESSIONS
from benchmarks.table import markdown
from benchmarks.tpch.data import TABLES, prepare, query

__all__ = ["phases"]


def phases(spark: Any, text: str) -> dict[str, float]:
    """Take a query to the point where DuckDB would begin to run it.

    Args:
        spark: Pyrite's session, which knows the tables.
        text: The query.

    Returns:
        CPU seconds of this process for each phase, in order.
    """
    from pyrite.sql.execution.engine import runner_of
    from pyrite.sql.parser import parse_statement
    from pyrite.sql.query_execution import QueryExecution

    state = spark.state
    spent: dict[str, float] = {}

    def measured(phase: str, step: Callable[[], Any]) -> Any:
        begin = time.process_time()
        result = step()
        spent[phase] = time.process_time() - begin
        return result

    plan = measured("Parse: text to an unresolved plan", lambda: parse_statement(text))
    execution = QueryExecution(state, plan)
    measured("Analyse: names, types, checks", lambda: execution.analyzed)
    measured("Optimise: what DuckDB cannot know", lambda: execution.optimized)
    fragment = measured("Lower: the plan as one SQL statement", execution.fragment)
    runner = runner_of(state.shared)
    measured("DuckDB: parse, bind, optimise (EXPLAIN)", lambda: runner.explain(fragment))
    return spent


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tpch.phases", description=__doc__)
    add = parser.add_argument
    add("--query", metavar="NUMBER", type=int, default=21, help="which of TPC-H's (21)")
    add("--scale", metavar="SF", type=float, default=0.01, help="gigabytes of data (0.01)")
    add("--rounds", metavar="N", type=int, default=20, help="times it is planned (20)")
    add("--cache", metavar="DIR", type=Path, default=Path(".benchmarks"), help="for the tables")
    options = parser.parse_args()
    folder = prepare(options.cache.absolute(), options.scale)
    spark = SESSIONS["pyrite"](2)
    for table in TABLES:
        spark.read.parquet(str(folder / f"{table}.parquet")).createOrReplaceTempView(table)
    text = query(options.query, options.scale)
    # Texts that were read lately are not read again; each round has one of its own.
    texts = [f"{text}\n-- {number}" for number in range(options.rounds + 1)]
    rounds = [phases(spark, each) for each in texts]
    spark.stop()
    first, rest = rounds[0], rounds[1:]
    later = {phase: median(spent[phase] for spent in rest) for phase in first}
    lines = [(phase, first[phase], later[phase]) for phase in first]
    lines.append(("all of it", sum(first.values()), sum(later.values())))
    cells = [[phase, *(f"{1000 * spent:.1f}" for spent in times)] for phase, *times in lines]
    print(markdown(["Phase", "first, ms", "later, ms"], cells))


if __name__ == "__main__":
    main()
