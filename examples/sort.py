"""Sort the numbers in a file, one or more to a line.

pyrite submit examples/sort.py [numbers.txt]
"""

import sys
from pathlib import Path

from pyspark import SparkContext

DATA = Path(__file__).parent / "data"


def main() -> None:
    path = sys.argv[1] if len(sys.argv) > 1 else str(DATA / "numbers.txt")
    with SparkContext(appName="sort") as sc:
        numbers = sc.textFile(path).flatMap(str.split).map(int)
        for number in numbers.sortBy(lambda number: number).collect():
            print(number)


if __name__ == "__main__":
    main()
