"""Which modules does everything lean on? PageRank over who imports whom.

pyrite submit examples/pagerank.py [directory [iterations]]
"""

import ast
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

from pyspark import SparkContext

DAMPING = 0.85
TOP = 10


def imports(path: str) -> Iterator[tuple[str, str]]:
    """Pairs of a module and a module it imports, both by their first name."""
    importer = Path(path).stem
    for node in ast.walk(ast.parse(Path(path).read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        else:
            names = []
        for name in names:
            yield importer, name.partition(".")[0]


def shares(targets: Iterable[str], rank: float) -> Iterator[tuple[str, float]]:
    """An equal part of a module's rank for each module it imports."""
    targets = list(targets)
    for target in targets:
        yield target, rank / len(targets)


def main() -> None:
    folder = sys.argv[1] if len(sys.argv) > 1 else sysconfig.get_paths()["stdlib"]
    iterations = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    paths = sorted(map(str, Path(folder).glob("*.py")))
    with SparkContext(appName="PageRank") as sc:
        links = sc.parallelize(paths, 4).flatMap(imports).distinct().groupByKey().cache()
        ranks = links.mapValues(lambda targets: 1.0)
        for _ in range(iterations):
            ranks = (
                links.join(ranks)
                .flatMap(lambda entry: shares(*entry[1]))
                .reduceByKey(lambda a, b: a + b)
                .mapValues(lambda rank: 1 - DAMPING + DAMPING * rank)
            )
        for module, rank in ranks.takeOrdered(TOP, key=lambda entry: (-entry[1], entry[0])):
            print(f"{module:<16} {rank:8.3f}")


if __name__ == "__main__":
    main()
