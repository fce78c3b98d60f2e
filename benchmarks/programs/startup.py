"""A whole program: import, context, one tiny job, stop, exit."""

import os

from pyspark import SparkContext

with SparkContext(os.environ["BENCHMARK_MASTER"], "startup") as sc:
    print(sc.parallelize(range(100), 4).map(lambda n: n * n).sum())
