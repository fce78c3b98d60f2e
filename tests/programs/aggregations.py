"""Groups, pivots, statistics, and what goes wrong in them."""

import decimal

from pyspark.sql import functions as F
from pyspark.sql.functions import col, lit, when

sales = spark.createDataFrame(
    [
        ("n", "a", 2023, 10.0, 1),
        ("n", "a", 2024, 20.0, 2),
        ("n", "b", 2023, None, 3),
        ("s", "a", 2023, 5.0, 4),
        ("s", "b", 2024, 7.5, 5),
        ("s", "b", 2024, 7.5, 6),
        (None, "c", 2024, 1.0, 7),
    ],
    "region string, prod string, yr int, amt double, q int",
)
# %%
out(sales.groupBy("region").sum())
out(sales.groupBy("region").mean("amt", "q"))
out(sales.groupBy("region").count().withColumnRenamed("count", "n"))
out(sales.groupBy().max("q"))
out(sales.agg({"q": "avg"}))
out(sales.agg(F.sum("q"), F.expr("count(distinct region, prod)")))
# %%
out(
    sales.rollup("region", "prod").agg(
        F.sum("amt").alias("s"), F.grouping("region"), F.grouping_id()
    )
)
out(sales.cube("region", "yr").count())
# %%
out(sales.groupingSets([["region"], ["prod"], []], "region", "prod").agg(F.sum("q")))
# %%
out(
    sales.groupBy("region")
    .agg(F.collect_list("q").alias("l"), F.collect_set("prod").alias("s"))
    .select("region", F.sort_array("l"), F.array_sort("s"))
)
# %%
out(
    sales.groupBy("prod").agg(
        F.max_by("region", "q"),
        F.min_by("region", "q"),
        F.bool_and(col("q") > 2),
        F.some(col("q") > 6),
        F.count_if(col("q") > 2),
        F.any_value("yr"),
        F.sum_distinct("amt"),
        F.product("q"),
        F.string_agg("region", "|") if hasattr(F, "string_agg") else lit(1),
    )
)
# %%
out(sales.groupBy(F.upper("region").alias("R"), (col("yr") % 2)).agg(F.sum("q")))
# %%
out(
    sales.groupBy("region")
    .agg(
        F.sum(when(col("yr") == 2023, col("amt")).otherwise(0)).alias("s23"),
        (F.sum("amt") / F.count("*")).alias("r"),
    )
    .filter("s23 > 1")
    .orderBy("s23"),
    sort=False,
)
# %%
sales.groupBy("region").agg(col("prod")).show()
# %%
sales.select("region", F.sum("q")).show()
# %%
sales.groupBy("region").agg()
# %%
sales.groupBy("region").agg(F.sum(F.sum("q"))).show()
# %%
sales.filter(F.sum("q") > 1).show()
# %%
out(
    sales.groupBy("region").agg(
        F.expr("sum(q) filter (where yr = 2023)"), F.expr("count(*) filter (where amt is null)")
    )
)
# %%
out(
    sales.groupBy("region").agg(
        F.map_from_entries(F.array_sort(F.collect_list(F.struct("prod", "q")))).alias("m")
    )
) if 0 else None
# %%
out(sales.groupBy("region").agg(F.array_sort(F.collect_list(F.struct("prod", "q"))).alias("m")))
# %%
out(sales.crosstab("region", "prod"))
out(sales.stat.crosstab("prod", "yr"))
# %%
out(sales.freqItems(["region"], 0.4))
# %%
print(sales.approxQuantile("q", [1.5], 0.0))
# %%
out(sales.sampleBy("prod", {"a": 1.0, "b": 0.0}, seed=1))
print(sales.sample(1.0).count(), sales.sample(withReplacement=False, fraction=0.0, seed=3).count())
# %%
out(sales.unpivot(["region", "prod"], ["amt", "q"], "var", "val"))
out(sales.melt("region", ["q"], "v", "x").limit(1).select(F.count("*")))
sales.unpivot("region", ["prod", "q"], "v", "x").show()
# %%
from pyspark.sql import Observation

o = Observation("m")
d = sales.observe(o, F.count(lit(1)).alias("n"), F.sum("q").alias("s"), F.max("region"))
d.count()
d.collect()
print(o.get)
# %%
sales.createOrReplaceTempView("sales")
out(
    spark.sql("select region, prod, sum(q) s from sales group by all having s > 3 order by all"),
    sort=False,
)
# %%
out(
    spark.sql(
        "select * from (select region, yr, q from sales) pivot (sum(q) for yr in (2023 as y23, 2024 as y24))"
    )
)
# %%
out(
    spark.sql(
        "select region, prod, grouping_id() g, count(*) from sales group by grouping sets ((region,prod),(region),()) "
    )
)
# %%
out(
    spark.sql(
        "with t as (select region, sum(amt) s from sales group by 1) select t.*, s / (select sum(amt) from sales) share from t"
    )
)
# %%
out(sales.groupBy("region").agg(F.count("*").alias("n")).agg(F.avg("n"), F.max("n")))
# %%
out(
    sales.agg(
        F.count_distinct("region", "prod"),
        F.approx_count_distinct("q", 0.01),
        F.sum(lit(1)),
        F.count(lit(None)),
        F.avg(lit(None).cast("int")),
    )
)
# %%
out(sales.filter("1=0").agg(F.sum("q"), F.count("q"), F.max("q"), F.collect_list("q")))
out(sales.filter("1=0").groupBy("region").agg(F.sum("q")))
# %%
out(sales.groupBy("yr").agg(F.histogram_numeric("q", lit(2))))
# %%
out(
    sales.groupBy(F.window(F.timestamp_seconds(col("q") * 400), "10 minutes").alias("w"))
    .agg(F.sum("q"))
    .select("w.start", "w.end", "sum(q)")
)
# %%
out(sales.dropDuplicates(["region"]).groupBy().agg(F.count("*")))
print(sales.groupBy("region").agg(F.sum("q")).schema)
# %%
dd = spark.createDataFrame(
    [(decimal.Decimal("1.10"),), (decimal.Decimal("2.25"),)], "d decimal(10,2)"
)
out(dd.agg(F.sum("d"), F.avg("d"), F.max("d"), F.stddev("d")))
out(dd.select(col("d") * col("d"), col("d") / 3, col("d") + 1, F.round("d", 1)))
