"""Writing in all modes, and reading folders back."""

import datetime
import gzip
import os

from pyspark.sql import functions as F
from pyspark.sql.functions import col, lit

df = spark.createDataFrame(
    [(i, f"n{i % 3}", float(i) / 2, datetime.date(2024, 1, 1 + i % 4)) for i in range(12)],
    "id int, name string, v double, day date",
)
df.coalesce(1).write.partitionBy("day", "name").parquet(tmp + "/pq")
ls("pq")
# %%
r = spark.read.parquet(tmp + "/pq")
r.printSchema()
out(r)
# %%
out(r.filter("day = '2024-01-02' and name = 'n1'"))
# %%
out(spark.read.parquet(tmp + "/pq/day=2024-01-02"))
out(
    spark.read.option("basePath", tmp + "/pq").parquet(
        tmp + "/pq/day=2024-01-02", tmp + "/pq/day=2024-01-03"
    )
)
# %%
out(spark.read.parquet(tmp + "/pq/day=2024-01-0[12]/name=n*"))
# %%
df.write.parquet(tmp + "/pq")
# %%
df.write.mode("ignore").parquet(tmp + "/pq")
print(spark.read.parquet(tmp + "/pq").count())
# %%
df.limit(2).coalesce(1).write.mode("append").partitionBy("day", "name").parquet(tmp + "/pq")
print(spark.read.parquet(tmp + "/pq").count())
# %%
spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")
df.filter("day='2024-01-01'").withColumn("v", lit(-1.0)).coalesce(1).write.mode(
    "overwrite"
).partitionBy("day", "name").parquet(tmp + "/pq")
out(spark.read.parquet(tmp + "/pq"))
spark.conf.set("spark.sql.sources.partitionOverwriteMode", "static")
# %%
df.limit(1).coalesce(1).write.mode("overwrite").partitionBy("day").parquet(tmp + "/pq")
ls("pq")
# %%
df.coalesce(1).write.mode("overwrite").option("partitionOverwriteMode", "dynamic").partitionBy(
    "day"
).parquet(tmp + "/pq")
ls("pq")
# %%
df.write.mode("error").parquet(tmp + "/pq")
# %%
df.select("id").write.partitionBy("id").parquet(tmp + "/x")
# %%
df.write.save(tmp + "/def")
out(spark.read.load(tmp + "/def").limit(1).select(F.count("*")))
# %%
a = spark.createDataFrame([(1, "x")], "id int, a string")
b = spark.createDataFrame([(2, 3.5)], "id int, b double")
a.coalesce(1).write.parquet(tmp + "/ms/k=1")
b.coalesce(1).write.parquet(tmp + "/ms/k=2")
out(spark.read.option("mergeSchema", True).parquet(tmp + "/ms"))
# %%
c = spark.createDataFrame([("z",)], "id string")
c.coalesce(1).write.parquet(tmp + "/ms/k=3")
# %%
put("rec/a.txt", "one\ntwo\n")
put("rec/sub/b.txt", "three\n")
put("rec/sub/deep/c.log", "four\n")
put("rec/_hid.txt", "no\n")
put("rec/.hid", "no\n")
out(spark.read.text(tmp + "/rec"))
# %%
out(spark.read.option("recursiveFileLookup", "true").text(tmp + "/rec"))
# %%
out(spark.read.text(tmp + "/rec", recursiveFileLookup=True, pathGlobFilter="*.txt"))
# %%
out(spark.read.text(tmp + "/rec/a.txt", wholetext=True))
out(spark.read.text(tmp + "/rec/a.txt", lineSep="w"))
# %%
out(spark.read.text(tmp + "/rec/sub"))
# %%
os.utime(tmp + "/rec/a.txt", (1e9, 1e9))
out(spark.read.text(tmp + "/rec", recursiveFileLookup=True, modifiedBefore="2020-01-01T00:00:00"))
out(spark.read.text(tmp + "/rec", recursiveFileLookup=True, modifiedAfter="2020-01-01T00:00:00"))
# %%
df.coalesce(1).write.orc(tmp + "/orc", compression="zlib")
ls("orc")
out(spark.read.orc(tmp + "/orc"))
# %%
df.coalesce(1).write.csv(tmp + "/csv", header=True, sep="|", nullValue="-")
ls("csv")
spark.read.text(tmp + "/csv").show(3, False)
# %%
for c in ["gzip", "bzip2", "none", "deflate"]:
    df.coalesce(1).write.csv(tmp + "/csv_" + c, compression=c)
    ls("csv_" + c)
    print(spark.read.csv(tmp + "/csv_" + c).count())
# %%
for c in ["snappy", "gzip", "zstd", "uncompressed", "lz4_raw"]:
    df.coalesce(1).write.parquet(tmp + "/pq_" + c, compression=c)
    ls("pq_" + c)
# %%
df.select(F.array("id")).write.csv(tmp + "/csv_arr")
# %%
df.write.text(tmp + "/txt")
# %%
df.select("name").coalesce(1).write.text(tmp + "/txt2", compression="gzip")
ls("txt2")
out(spark.read.text(tmp + "/txt2"))
# %%
df.select("name", "day").coalesce(1).write.partitionBy("day").text(tmp + "/txt3")
out(spark.read.text(tmp + "/txt3"))
# %%
out(spark.read.schema("a int").parquet(tmp + "/emptydir"))
# %%
out(spark.read.schema("id long, missing string, v double").parquet(tmp + "/def").limit(2))
# %%
out(spark.read.schema("ID int, NAME string").parquet(tmp + "/def").limit(2))
# %%
for n in ["a b", "c,d", "e;f"]:
    df.select(col("id").alias(n)).write.mode("overwrite").parquet(tmp + "/odd")
    out(spark.read.parquet(tmp + "/odd").limit(1).select(F.count("*")))
# %%
x = (
    df.select("id", lit("a/b=c d%é").alias("p"))
    .union(df.select("id", lit(None).cast("string")))
    .union(df.select("id", lit("")))
    .filter("id=1")
)
x.coalesce(1).write.partitionBy("p").json(tmp + "/odd2")
ls("odd2")
out(spark.read.json(tmp + "/odd2"))
# %%
df.repartition(3).write.option("maxRecordsPerFile", 3).parquet(tmp + "/mr")
print(spark.read.parquet(tmp + "/mr").count())
# %%
put("hive/y=2020/m=01/f.csv", "1,a\n")
put("hive/y=2021/m=12/f.csv", "2,b\n")
put("hive/y=__HIVE_DEFAULT_PARTITION__/m=02/f.csv", "3,c\n")
h = spark.read.csv(tmp + "/hive")
h.printSchema()
out(h)
# %%
spark.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", False)
out(spark.read.csv(tmp + "/hive"))
spark.conf.unset("spark.sql.sources.partitionColumnTypeInference.enabled")
# %%
out(spark.read.schema("n int, s string, y string, m string").csv(tmp + "/hive"))
# %%
out(spark.read.format("binaryFile").load(tmp + "/rec/a.txt").select("length", "content"))
# %%
out(spark.read.format("text").load([tmp + "/rec/a.txt", tmp + "/rec/sub/b.txt"]))
out(spark.read.text([tmp + "/rec/a.txt", tmp + "/rec/sub/b.txt"]))
# %%
out(spark.sql(f"select * from parquet.`{tmp}/def`").limit(1).select(F.count("*")))
spark.sql(f"select * from csv.`{tmp}/none`")
# %%
spark.read.option("ignoreMissingFiles", True).parquet(tmp + "/nope2", tmp + "/def").count()
# %%
df.write.option("header", True).mode("overwrite").csv(tmp + "/def")
print(spark.read.option("header", True).csv(tmp + "/def").columns)
# %%
z = spark.read.csv(tmp + "/csv", header=True, sep="|")
# %%
print(sorted(os.path.basename(f) for f in spark.read.csv(tmp + "/hive").inputFiles()))
