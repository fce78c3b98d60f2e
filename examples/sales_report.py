"""A report on orders from a CSV file: a join, sums and ranks, with DataFrames.

pyrite submit examples/sales_report.py [orders.csv]
"""

import sys
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F

ORDERS = Path(__file__).parent / "data" / "orders.csv"
CONTINENTS = [
    ("Chile", "South America"),
    ("Denmark", "Europe"),
    ("Kenya", "Africa"),
    ("Korea, South", "Asia"),
]


def read_orders(spark: SparkSession, path: str) -> DataFrame:
    orders = spark.read.csv(path, header=True, inferSchema=True, escape='"')
    continents = spark.createDataFrame(CONTINENTS, ["country", "continent"])
    return orders.join(continents, "country", "left").withColumn(
        "amount", F.col("quantity") * F.col("price")
    )


def by_country(orders: DataFrame) -> DataFrame:
    """Each country's revenue, its share of all, and the largest order."""
    total = orders.agg(F.sum("amount")).first()[0]
    return (
        orders.groupBy("continent", "country")
        .agg(
            F.round(F.sum("amount"), 2).alias("revenue"),
            F.count("*").alias("orders"),
            F.round(F.max("amount"), 2).alias("largest"),
        )
        .withColumn("percent", F.round(100 * F.col("revenue") / total, 1))
        .orderBy(F.desc("revenue"))
    )


def best_items(orders: DataFrame, count: int) -> DataFrame:
    """The items of each country that brought the most, ranked."""
    by_revenue = Window.partitionBy("country").orderBy(F.desc("revenue"), "item")
    return (
        orders.groupBy("country", "item")
        .agg(F.round(F.sum("amount"), 2).alias("revenue"))
        .withColumn("rank", F.row_number().over(by_revenue))
        .filter(F.col("rank") <= count)
        .orderBy("country", "rank")
    )


def main() -> None:
    path = sys.argv[1] if len(sys.argv) > 1 else str(ORDERS)
    spark = SparkSession.builder.appName("sales report").getOrCreate()
    orders = read_orders(spark, path).cache()
    by_country(orders).show()
    best_items(orders, 2).show()
    spark.stop()


if __name__ == "__main__":
    main()
