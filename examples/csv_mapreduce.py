"""Revenue and mean order by country, from a CSV file with quoted fields.

pyrite submit examples/csv_mapreduce.py [orders.csv]
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from pyspark import SparkContext

DATA = Path(__file__).parent / "data"


def main() -> None:
    path = sys.argv[1] if len(sys.argv) > 1 else str(DATA / "orders.csv")
    with SparkContext(appName="CSV MapReduce") as sc:
        lines = sc.textFile(path)
        header = next(csv.reader([lines.first()]))

        def rows(lines: Iterator[str]) -> Iterator[dict[str, str]]:
            for fields in csv.reader(lines):
                if fields != header:
                    yield dict(zip(header, fields, strict=True))

        totals = (
            lines.mapPartitions(rows)
            .map(lambda row: (row["country"], (int(row["quantity"]) * float(row["price"]), 1)))
            .reduceByKey(lambda a, b: (a[0] + b[0], a[1] + b[1]))
            .sortByKey()
        )
        print(f"{'country':<14} {'revenue':>10} {'orders':>7} {'mean':>9}")
        for country, (revenue, orders) in totals.collect():
            print(f"{country:<14} {revenue:>10.2f} {orders:>7} {revenue / orders:>9.2f}")


if __name__ == "__main__":
    main()
