"""Windows, sessions, dates and time zones."""

import datetime

from pyspark.sql import Window
from pyspark.sql import functions as F
from pyspark.sql.functions import col, lit, when

ev = spark.createDataFrame(
    [
        ("u1", "2024-01-01 10:00:00", "view", 1.0),
        ("u1", "2024-01-01 10:10:00", "click", 2.0),
        ("u1", "2024-01-01 11:30:00", "view", 3.0),
        ("u2", "2024-01-01 09:00:00", "view", 4.0),
        ("u2", "2024-01-02 09:00:00", "buy", None),
        ("u2", "2024-01-02 09:05:00", "buy", 6.0),
    ],
    ["user", "ts", "kind", "v"],
).withColumn("ts", F.to_timestamp("ts"))
w = Window.partitionBy("user").orderBy("ts")
s = (
    ev.withColumn("prev", F.lag("ts").over(w))
    .withColumn(
        "new",
        when(
            col("prev").isNull() | (F.unix_timestamp("ts") - F.unix_timestamp("prev") > 1800), 1
        ).otherwise(0),
    )
    .withColumn("sess", F.sum("new").over(w))
)
out(s)
out(
    s.groupBy("user", "sess").agg(
        F.min("ts").alias("start"),
        F.max("ts").alias("end"),
        F.count("*").alias("n"),
        (F.max("ts") - F.min("ts")).alias("dur"),
    )
)
# %%
out(
    ev.select(
        "user",
        "v",
        F.row_number().over(w).alias("rn"),
        F.rank().over(Window.partitionBy("user").orderBy("kind")).alias("rk"),
        F.dense_rank().over(Window.orderBy("kind")).alias("dr"),
        F.percent_rank().over(w),
        F.cume_dist().over(w),
        F.ntile(2).over(w),
    )
)
# %%
out(
    ev.withColumn("rn", F.row_number().over(w.orderBy(col("ts").desc())))
    .filter("rn = 1")
    .drop("rn")
)
# %%
out(
    ev.select(
        "user",
        F.max("v").over(Window.partitionBy("user")).alias("m"),
        (col("v") / F.sum("v").over(Window.partitionBy())).alias("share"),
        F.collect_list("kind").over(w),
    )
)
# %%
ev.withColumn("r", F.row_number().over(Window.partitionBy("user"))).show()
# %%
ev.filter(F.row_number().over(w) == 1).show()
# %%
out(
    ev.groupBy("user")
    .agg(F.sum("v").alias("s"))
    .withColumn("rk", F.rank().over(Window.orderBy(F.desc("s"))))
)
# %%
out(
    ev.groupBy("user").agg(
        F.sum("v").alias("s"), F.rank().over(Window.orderBy(F.sum("v").desc())).alias("rk")
    )
)
# %%
ev.createOrReplaceTempView("ev")
out(
    spark.sql(
        "select user, ts, sum(v) over (partition by user order by ts range between interval 1 hour preceding and current row) s, count(*) over w c from ev window w as (partition by kind)"
    )
)
# %%
out(
    spark.sql("select * from ev qualify row_number() over (partition by user order by ts desc) = 1")
)
# %%
out(
    ev.groupBy("user", F.session_window("ts", "30 minutes"))
    .agg(F.count("*").alias("n"))
    .select("user", "session_window.start", "session_window.end", "n")
)
# %%
out(ev.groupBy(F.window("ts", "1 day", "12 hours")).count())
# %%
out(
    ev.withColumn("ff", F.last("v", ignorenulls=True).over(w))
    .withColumn("diff", col("v") - F.lag("v").over(w))
    .withColumn("pct", F.round((col("v") / F.lag("v").over(w) - 1) * 100, 2))
)
# %%
days = ev.withColumn("d", F.to_date("ts")).groupBy("user", "d").agg(F.sum("v").alias("v"))
cal = spark.sql("select explode(sequence(date'2023-12-31',date'2024-01-03')) d")
full = days.select("user").distinct().crossJoin(cal).join(days, ["user", "d"], "left").fillna(0.0)
out(full)
# %%
out(
    full.withColumn(
        "mov", F.avg("v").over(Window.partitionBy("user").orderBy("d").rowsBetween(-2, 0))
    ).withColumn(
        "island",
        F.datediff("d", lit("1970-01-01"))
        - F.row_number().over(Window.partitionBy("user").orderBy("d")),
    )
)
# %%
out(
    ev.select(
        F.row_number()
        .over(Window.partitionBy("user").orderBy(F.col("v").asc_nulls_last()))
        .alias("a"),
        F.sum("v").over(Window.orderBy("ts").rowsBetween(1, 2)).alias("b"),
        "user",
    )
)
# %%
out(
    ev.select(
        F.date_trunc("hour", "ts").alias("h"),
        F.hour("ts"),
        F.dayofweek("ts"),
        F.weekofyear("ts"),
        F.date_format("ts", "EEE dd MMM yyyy HH:mm:ss.SSS a"),
        F.to_utc_timestamp("ts", "Asia/Tokyo"),
        F.from_utc_timestamp("ts", "Europe/Paris"),
        F.to_date("ts"),
        F.last_day("ts"),
        F.next_day("ts", "Mon"),
        F.add_months("ts", 1),
        F.months_between(lit("2024-03-31"), "ts"),
        F.trunc("ts", "month"),
        F.quarter("ts"),
    )
)
# %%
out(
    ev.select(
        col("ts") + F.expr("interval 1 day 2 hours"),
        F.expr("ts - interval '1' month"),
        F.expr("ts - timestamp'2024-01-01'"),
        F.date_add("ts", 1) - F.date_sub("ts", 1),
        F.make_date(lit(2024), lit(2), lit(29)),
        F.timestampadd("MINUTE", lit(5), "ts"),
        F.timestampdiff("HOUR", lit("2024-01-01"), col("ts")),
        F.unix_timestamp("ts"),
        F.from_unixtime(F.unix_timestamp("ts"), "yyyy/MM/dd"),
    )
)
# %%
t = spark.createDataFrame(
    [(datetime.datetime(2024, 3, 10, 1, 30),), (datetime.datetime(2024, 11, 3, 1, 30, 0, 123456),)],
    ["t"],
)
out(
    t.select(
        "t",
        col("t").cast("long"),
        col("t") + F.expr("interval 1 hour"),
        col("t").cast("timestamp_ntz"),
        F.date_format("t", "xxx VV z"),
        col("t").cast("string"),
    )
)
# %%
out(
    spark.createDataFrame([("2024-13-01",)], ["d"]).select(
        F.try_to_date("d") if hasattr(F, "try_to_date") else lit(1), F.expr("try_cast(d as date)")
    )
)
spark.createDataFrame([("2024-13-01",)], ["d"]).select(F.to_date("d")).show()
# %%
spark.createDataFrame([("01/02/2024",)], ["d"]).select(F.to_date("d", "yyyy-MM-dd")).show()
# %%
out(
    spark.createDataFrame(
        [("1/2/24", "Jan 5, 2024 3:04 PM", "20240105", "2024-W01")], ["a", "b", "c", "e"]
    ).select(
        F.to_date("a", "M/d/yy"),
        F.to_timestamp("b", "MMM d, yyyy h:mm a"),
        F.to_date("c", "yyyyMMdd"),
    )
)
