"""Joins and set operations, and what goes wrong in them."""

from pyspark.sql import functions as F
from pyspark.sql.functions import col, lit

emp = spark.createDataFrame(
    [(1, "Ann", 10, None), (2, "Bob", 20, 1), (3, "Cid", None, 1), (4, "Dee", 30, 2)],
    "id int, name string, dept int, boss int",
)
dept = spark.createDataFrame([(10, "Eng"), (20, "Ops"), (40, "HR")], "id int, name string")
out(emp.join(dept, emp.dept == dept.id))
# %%
for h in [
    "inner",
    "left",
    "right",
    "outer",
    "full_outer",
    "left_outer",
    "leftsemi",
    "semi",
    "anti",
    "left_anti",
    "cross",
]:
    print(h)
    out(emp.join(dept, emp.dept == dept.id, h))
# %%
emp.join(dept, emp.dept == dept.id).select("id").show()
# %%
emp.join(dept, emp.dept == dept.id).select("name").show()
# %%
j = emp.join(dept, emp.dept == dept.id).select(emp.id, emp["name"], dept.name.alias("dname"))
out(j)
# %%
j = emp.join(dept, emp.dept == dept.id).drop(dept.id).drop(dept["name"])
out(j)
# %%
out(emp.join(dept, emp.dept == dept.id).drop("id"))
# %%
out(
    emp.alias("e")
    .join(dept.alias("d"), col("e.dept") == col("d.id"), "left")
    .select("e.*", col("d.name").alias("dn"))
)
# %%
out(
    emp.alias("e")
    .join(emp.alias("b"), col("e.boss") == col("b.id"), "left")
    .select(col("e.name"), col("b.name").alias("boss"))
)
# %%
b = emp.select(col("id").alias("bid"), col("name").alias("bname"))
out(emp.join(b, emp.boss == b.bid, "left").select("name", "bname"))
# %%
e2 = emp.filter("id > 1")
# %%
e2 = emp.filter("id > 1")
# %%
out(emp.join(dept.withColumnRenamed("id", "dept"), "dept"))
out(emp.join(dept.withColumnRenamed("id", "dept"), ["dept"], "full"))
out(emp.join(dept.withColumnRenamed("id", "dept"), ["dept"], "left_anti"))
# %%
d3 = dept.withColumnRenamed("id", "dept")
out(emp.join(d3, on=["dept", "name"], how="outer"))
# %%
emp.join(dept, "dept").show()
# %%
emp.join(dept, ["dept", "x"]).show()
# %%
out(emp.join(F.broadcast(dept), emp.dept == dept.id).select(emp.name))
out(emp.join(dept.hint("broadcast"), emp.dept == dept.id).select(emp.name))
out(emp.hint("merge").join(dept, [emp.dept == dept.id, emp.id > 1]).select(emp.name))
# %%
out(emp.join(dept, emp.dept.eqNullSafe(dept.id), "left"))
out(emp.crossJoin(dept).groupBy().count())
# %%
ev = spark.createDataFrame([(1, 5), (2, 15), (3, 25)], ["e", "t"])
rg = spark.createDataFrame([("a", 0, 10), ("b", 10, 20), ("c", 12, 30)], ["n", "lo", "hi"])
out(ev.join(rg, (ev.t >= rg.lo) & (ev.t < rg.hi), "left"))
# %%
out(
    ev.join(rg, ev.t.between(rg.lo, rg.hi))
    .groupBy("e")
    .agg(F.collect_list("n").alias("l"))
    .select("e", F.array_sort("l"))
)
# %%
out(emp.union(emp.limit(1)).exceptAll(emp))
out(emp.union(emp).intersectAll(emp.union(emp)).groupBy("id").count())
out(emp.intersect(emp).select("id"))
out(emp.subtract(emp.filter("id=1")).select("id"))
# %%
out(emp.unionByName(emp.select("name", "id", lit(1).alias("z")), allowMissingColumns=True))
# %%
emp.unionByName(dept).show()
# %%
emp.union(dept).show()
# %%
emp.select("id").union(spark.createDataFrame([("x",)], ["s"])).show()
# %%
out(emp.select("id").union(spark.createDataFrame([(2.5,)], ["s"])))
# %%
out(
    emp.select(F.struct("id").alias("s")).unionByName(
        dept.select(F.struct("id", "name").alias("s")), allowMissingColumns=True
    )
)
# %%
emp.createOrReplaceTempView("emp")
dept.createOrReplaceTempView("dept")
out(
    spark.sql(
        "select e.name, d.name as dept from emp e left join dept d on e.dept = d.id order by e.id"
    ),
    sort=False,
)
# %%
out(
    spark.sql(
        "select * from emp where dept in (select id from dept) and exists (select 1 from emp b where b.boss = emp.id)"
    )
)
# %%
spark.sql("select name from emp e join dept d on e.dept = d.id").show()
# %%
spark.sql("select name, count(*) from emp").show()
# %%
spark.sql("selec name from emp").show()
# %%
spark.sql("select * from nowhere").show()
# %%
spark.table("nowhere").show()
# %%
out(spark.sql("select * from {t} where id = {i}", t=emp, i=2))
out(spark.sql("select * from emp where id = :i", args={"i": 3}))
out(spark.sql("select * from emp where id = ?", args=[4]))
# %%
x = emp.join(dept, emp.dept == dept.id).withColumn("both", F.concat(emp.name, lit("/"), dept.name))
out(x.select("both"))
# %%
agg = emp.groupBy("dept").agg(F.count("*").alias("n"))
# %%
w = emp.withColumn("id", col("id") + 1)
# %%
a = emp.alias("a")
bb = emp.alias("b")
# %%
out(
    emp.lateralJoin(spark.range(3).alias("r").where(col("r.id") < col("id").outer()), how="left")
    .groupBy("name")
    .count()
) if hasattr(emp, "lateralJoin") else None
# %%
out(emp.join(dept).groupBy().count())
# %%
s1 = spark.createDataFrame([(1, "a"), (2, "b")], ["k", "v1"])
s2 = spark.createDataFrame([(1, "c"), (3, "d")], ["k", "v2"])
s3 = spark.createDataFrame([(1, "e"), (2, "f")], ["k", "v3"])
import functools

out(functools.reduce(lambda l, r: l.join(r, "k", "outer"), [s1, s2, s3]))
# %%
out(s1.join(s2, s1.k == s2.k, "left").join(s3, s1.k == s3.k, "left").select(s1.k, "v1", "v2", "v3"))
# %%
out(s1.join(s2, s1.k == s2.k, "left").select("*", s2["k"].isNull()).filter(s2["k"].isNull()))
# %%
out(s1.join(s2, (s1.k == s2.k) & (s2.v2 == "c"), "left").na.fill({"v2": "-"}))
# %%
q = s1.join(s2, s1.k == s2.k, "outer").select(F.coalesce(s1.k, s2.k).alias("k"), "v1", "v2")
out(q.filter("v1 is null or v2 is null"))
# %%
s1.alias("x").join(s2.alias("x"), "k").select("x.k").show()
