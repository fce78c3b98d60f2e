"""Cleaning data: nulls, duplicates, types, texts, names."""

import decimal

from pyspark.sql import functions as F
from pyspark.sql.functions import col, lit, when
from pyspark.sql.types import StringType

df = spark.createDataFrame(
    [
        (1, "  Alice ", None, 10.5, None),
        (2, "bob", 25, None, "N/A"),
        (2, "bob", 25, None, "N/A"),
        (3, None, 40, float("nan"), "x"),
        (4, "", None, 3.0, "y"),
    ],
    ["id", "name", "age", "score", "note"],
)
out(df)
# %%
out(df.na.fill(0))
out(df.na.fill("?"))
out(df.na.fill({"age": -1, "note": "none"}))
out(df.fillna(1.7, subset=["age", "score"]))
out(df.fillna(True))
# %%
out(df.na.drop())
out(df.na.drop("all"))
out(df.na.drop(thresh=4))
out(df.dropna(subset=["age", "score"]))
out(df.dropna(how="all", subset="age"))
# %%
out(df.na.replace("N/A", None))
out(df.replace({"bob": "Robert", "x": "X"}))
out(df.replace([1, 2], [10, 20], "id"))
out(df.na.replace(25, 26))
out(df.replace(float("nan"), 0.0))
# %%
df.na.replace("a", 1)
# %%
df.na.fill(None)
# %%
df.dropna(subset=["zzz"]).show()
# %%
out(df.dropDuplicates())
out(df.dropDuplicates(["id"]).select("id"))
df.dropDuplicates(["zz"]).show()
# %%
out(df.drop_duplicates(["id", "name"]).select("id", "name"))
out(df.distinct())
# %%
c = df.select(
    "id",
    F.trim("name").alias("name"),
    F.initcap(F.trim(col("name"))).alias("n2"),
    F.coalesce("age", lit(0)).alias("age"),
    F.nanvl("score", lit(0.0)).alias("sc"),
    F.nullif("note", lit("N/A")).alias("note"),
)
out(c)
# %%
out(
    df.withColumn(
        "grp", when(col("age") < 30, "young").when(df.age >= 30, "old").otherwise("unknown")
    ).withColumn("flag", F.expr("case when score is null then 1 else 0 end"))
)
# %%
out(
    df.select(
        F.when(col("age") > 30, 1).alias("x"),
        F.when(col("age").isNull(), "n").otherwise(col("age")).alias("y"),
    )
)
# %%
s = spark.createDataFrame(
    [("$1,234.50",), ("-12",), ("abc",), ("",), (None,), ("1e3",), (" 7 ",)], ["x"]
)
out(
    s.select(
        F.regexp_replace("x", "[$,]", "").alias("y"),
        F.expr("try_cast(regexp_replace(x,'[$,]','') as double)"),
        col("x").try_cast("int"),
    )
)
# %%
s.select(col("x").cast("int")).show()
# %%
out(
    s.select(
        F.regexp_extract("x", r"(\d+),(\d+)", 1),
        F.regexp_extract("x", r"\d+", 0),
        F.regexp_extract_all("x", lit(r"(\d)"), lit(1)),
        F.regexp_count("x", lit(r"\d")),
        F.regexp_instr("x", lit("2")),
    )
)
# %%
logs = spark.createDataFrame(
    [
        ('127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326',),
        ('10.0.0.1 - bob [11/Oct/2000:01:00:00 +0000] "POST /b HTTP/1.1" 500 -',),
        ("garbage",),
    ],
    ["value"],
)
pat = r'^(\S+) \S+ (\S+) \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d{3}) (\S+)$'
parsed = logs.select(
    *[
        F.regexp_extract("value", pat, i).alias(n)
        for i, n in enumerate(["host", "user", "ts", "method", "path", "status", "size"], 1)
    ]
)
out(parsed)
# %%
out(
    parsed.withColumn("status", F.expr("try_cast(status as int)"))
    .withColumn("ts", F.try_to_timestamp("ts", lit("dd/MMM/yyyy:HH:mm:ss Z")))
    .withColumn("size", F.when(col("size") == "-", 0).otherwise(F.expr("try_cast(size as int)")))
)
# %%
parsed.withColumn("t", F.to_timestamp("ts", "dd/MMM/yyyy:HH:mm:ss Z")).show()
# %%
df.withColumnRenamed("age", "years").withColumnsRenamed({"id": "key", "zz": "yy"}).printSchema()
# %%
out(df.toDF(*[c.upper() for c in df.columns]).select("ID", "NAME"))
out(df.select([F.col(c).alias(c + "_x") for c in df.columns[:2]]))
# %%
df.toDF("a", "b")
print(df.toDF("a", "b").columns)
# %%
out(df.withColumns({"a": col("id") + 1, "id": col("id") * 10}).select("a", "id"))
# %%
out(df.drop("age", "zz").drop(col("score")))
# %%
out(df.selectExpr("id", "upper(name) as n", "age + 1", "score is null or isnan(score) bad"))
# %%
out(df.colRegex("`^n.*`") if False else df.select(df.colRegex("`^n.*`")))
# %%
out(
    df.select(
        df["id"].cast(StringType()),
        df.id.cast("decimal(5,2)"),
        df.score.cast("int"),
        df.age.astype("string"),
    )
)
# %%
df.where("age >").count()
# %%
df.select(F.upper("name", "x"))
# %%
df.select(F.foo("x"))
# %%
df.selectExpr("foo(name)").show()
# %%
df.selectExpr("substring(name)").show()
# %%
df.filter(col("name")).show()
# %%
df.filter("name + 1 > 2").show()
# %%
out(df.filter(~col("name").isin("bob", "x")).select("id"))
out(df.filter(col("id").isin([1, 3])).select("id"))
out(df.filter(col("name").like("b%") | col("name").rlike("^ +A")).select("id"))
out(df.filter(col("id").between(2, 3)).select("id"))
out(
    df.filter(
        col("name").contains("o") & col("name").startswith("b") & ~col("name").endswith("z")
    ).select("id")
)
# %%
out(df.orderBy(col("age").desc_nulls_last(), F.asc_nulls_first("name")), sort=False)
out(df.sort("id", ascending=False).limit(1))
out(df.orderBy(["id", "name"], ascending=[0, 1]).select("id"), sort=False)
# %%
out(
    df.select(
        F.greatest("id", "age"),
        F.least("id", "age", lit(3)),
        F.hash("id"),
        F.xxhash64("name"),
        F.md5("name"),
        F.sha2("name", 256),
        F.crc32("name"),
    )
)
# %%
print(
    df.count(),
    df.columns,
    df.dtypes,
    df.first(),
    df.head(2),
    df.take(1),
    df.tail(1),
    df.isEmpty(),
    df.limit(0).isEmpty(),
)
# %%
df.show(n=2)
df.show(truncate=False)
df.show(2, True)
print(df)
# %%
out(
    df.select(
        "*",
        (col("id") / 2).alias("h"),
        (col("id") % 2).alias("m"),
        -col("id"),
        col("id") ** 2,
        col("id").bitwiseAND(1),
        F.round(col("score"), 0),
        F.bround("score", 0),
        F.ceil("score"),
        F.floor("score"),
    )
)
# %%
out(
    spark.createDataFrame([("a,b,c",)], ["s"]).select(
        F.split("s", ","), F.split("s", ",", 2), F.split("s", ",")[0], F.split("s", ",").getItem(5)
    )
)
# %%
out(
    spark.createDataFrame([("a,b,c",)], ["s"]).select(
        F.get(F.split("s", ","), 5),
        F.split_part("s", lit(","), lit(2)),
        F.substring_index("s", ",", 2),
        F.size(F.split("s", ",")),
        F.concat_ws("-", F.split("s", ",")),
        F.translate("s", "abc", "xy"),
        F.lpad("s", 8, "*"),
        F.rpad("s", 3, "#"),
        F.instr("s", "b"),
        F.locate("c", "s"),
        F.repeat("s", 2),
        F.reverse("s"),
        F.soundex("s"),
        F.levenshtein("s", lit("a.b")),
    )
)
