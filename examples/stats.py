"""Statistics of measurements, in one pass and as a histogram.

pyrite submit examples/stats.py [how many]
"""

import random
import sys

from pyspark import SparkContext

BUCKETS = [0, 20, 40, 60, 80, 100]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    numbers = random.Random(42)
    measured = [round(numbers.triangular(0, 100, 60), 1) for _ in range(count)]
    with SparkContext(appName="stats") as sc:
        values = sc.parallelize(measured, 4).cache()
        summary = values.stats()
        buckets, sizes = values.histogram(BUCKETS)

    print(f"{summary.count()} values from {summary.min()} to {summary.max()}")
    print(f"mean {summary.mean():.3f}, standard deviation {summary.sampleStdev():.3f}")
    for low, high, size in zip(buckets, buckets[1:], sizes, strict=False):
        print(f"{low:>4} to {high:<4} {size:>6}  {'█' * (40 * size // max(sizes))}")


if __name__ == "__main__":
    main()
