"""Estimate pi by throwing darts at a square.

pyrite submit examples/pi.py [partitions [darts per partition]]
"""

import random
import sys
from collections.abc import Iterator

from pyspark import SparkContext


def main() -> None:
    partitions = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    darts = int(sys.argv[2]) if len(sys.argv) > 2 else 250_000

    def hits(index: int, _: Iterator[int]) -> Iterator[int]:
        throw = random.Random(index).random  # seeded, so that every run gives the same estimate
        yield sum(throw() ** 2 + throw() ** 2 <= 1 for _ in range(darts))

    with SparkContext(appName="pi") as sc:
        inside = sc.range(partitions, numSlices=partitions).mapPartitionsWithIndex(hits).sum()
    print(f"Pi is roughly {4 * inside / (partitions * darts):.4f}")


if __name__ == "__main__":
    main()
