"""Between the two APIs: an RDD parses what no reader knows, a DataFrame counts, an RDD goes on.

pyrite submit examples/frames_and_rdds.py
"""

import re
from collections.abc import Iterable, Iterator

from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

RECORDS = """\
@ada   12:04  +3 apples  -1 pear
@bob   12:10  +1 apple
@ada   12:31  -2 apples
@eve   13:02  +5 pears   +2 plums
@bob   13:40  +4 plums   -1 apple
""".splitlines()

CHANGE = re.compile(r"([+-]\d+) (\w+?)s?\b")


def changes(lines: Iterable[str]) -> Iterator[Row]:
    for line in lines:
        name, time, rest = line.split(maxsplit=2)
        for number, fruit in CHANGE.findall(rest):
            yield Row(name=name.lstrip("@"), hour=int(time[:2]), fruit=fruit, change=int(number))


def main() -> None:
    spark = SparkSession.builder.appName("frames and RDDs").getOrCreate()
    sc = spark.sparkContext
    rare = sc.broadcast({"plum"})

    log = sc.parallelize(RECORDS, 3).mapPartitions(changes).toDF()
    log.printSchema()

    stock = log.groupBy("fruit").agg(F.sum("change").alias("left")).orderBy("fruit")
    labels = stock.rdd.map(
        lambda row: f"{row.left} {row.fruit}s{' (rare)' if row.fruit in rare.value else ''}"
    )
    print(", ".join(labels.collect()))

    # Folding a history needs its order: keys of an RDD, sorted rows of each.
    peaks = (
        log.rdd.map(lambda row: ((row.name, row.fruit), (row.hour, row.change)))
        .groupByKey()
        .mapValues(lambda moves: max(running(change for _, change in sorted(moves))))
    )
    frame = peaks.map(lambda item: (*item[0], item[1])).toDF(["name", "fruit", "peak"])
    frame.filter("peak > 1").orderBy("name", "fruit").show()
    spark.stop()


def running(changes: Iterable[int]) -> Iterator[int]:
    total = 0
    for change in changes:
        total += change
        yield total


if __name__ == "__main__":
    main()
