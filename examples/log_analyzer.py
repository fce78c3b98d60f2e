"""Which team has the most errors? Joins a log with a list of hosts, both `key|value` lines.

pyrite submit examples/log_analyzer.py [log hosts]
"""

import sys
from pathlib import Path

from pyspark import SparkContext

DATA = Path(__file__).parent / "data"


def pair(line: str) -> tuple[str, str]:
    key, value = line.split("|", 1)
    return key.strip(), value.strip()


def main() -> None:
    log, hosts = sys.argv[1:] or [str(DATA / "log.txt"), str(DATA / "hosts.txt")]
    with SparkContext(appName="log analyzer") as sc:
        errors_by_host = (
            sc.textFile(log)
            .map(pair)
            .filter(lambda entry: entry[1].startswith("ERROR"))
            .mapValues(lambda message: 1)
            .reduceByKey(lambda a, b: a + b)
        )
        team_of_host = sc.textFile(hosts).map(pair)
        errors_by_team = (
            errors_by_host.join(team_of_host)
            .map(lambda entry: (entry[1][1], entry[1][0]))
            .reduceByKey(lambda a, b: a + b)
            .sortBy(lambda entry: (-entry[1], entry[0]))
        )
        for team, count in errors_by_team.collect():
            print(f"{team:<12} {count:>4}")
        unknown = errors_by_host.subtractByKey(team_of_host).keys().collect()
        print("no team:", ", ".join(sorted(unknown)) or "none")


if __name__ == "__main__":
    main()
