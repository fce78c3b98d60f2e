"""DataFrames joined with themselves and with what was made of them."""

from pyspark.sql import functions as F
from pyspark.sql.functions import col

emp = spark.createDataFrame(
    [(1, "Ann", 10, None), (2, "Bob", 20, 1), (3, "Cid", None, 1), (4, "Dee", 30, 2)],
    "id int, name string, dept int, boss int",
)
e2 = emp.filter("id > 1")
out(emp.join(e2, emp["id"] == e2["boss"]))
# %%
out(emp.join(e2, emp["id"] == e2["boss"]).select(emp["name"], e2["name"]))
# %%
out(emp.join(e2, emp["id"] == e2["boss"]).select(e2["name"]))
# %%
out(emp.join(emp, emp.id == emp.boss))
# %%
out(emp.join(e2, emp["id"] == e2["id"]).select(emp["name"]))
# %%
w = emp.withColumn("id", col("id") + 1)
out(emp.join(w, emp.id == w.id))
# %%
out(emp.join(w, emp.id == w.id).select(emp.id))
# %%
out(emp.join(w, emp.id == w.id).select(emp.id, w.name))
# %%
out(e2.join(emp, emp["id"] == e2["boss"]))
# %%
e3 = emp.filter("id<4")
out(e3.join(e2, emp["id"] == e2["boss"]))
# %%
out(e3.join(e2, e3["id"] == e2["boss"]).select(emp["name"], e2["name"]))
# %%
out(e3.join(e2, e3["id"] == e2["boss"]).select(e3["name"], e2["name"]))
# %%
b = emp.select(col("id").alias("bid"), col("name").alias("bname"))
out(emp.join(b, emp.boss == b.bid, "left").select("name", "bname"))
# %%
out(emp.join(b, emp.boss == b.bid, "left").select(emp.name, b.bname))
# %%
agg = emp.groupBy("dept").agg(F.count("*").alias("n"))
out(emp.join(agg, "dept").select("name", "n"))
# %%
out(emp.join(agg, emp.dept == agg.dept))
# %%
out(emp.join(agg, emp.dept == agg.dept).select("name", agg["n"], agg.dept))
# %%
out(emp.join(agg, emp.dept == agg.dept).select("name", agg["n"], emp.dept))
# %%
out(emp.join(agg, emp.dept == agg.dept).drop(agg.dept))
# %%
out(emp.join(agg, emp.dept == agg.dept).drop(emp.dept))
# %%
m = emp.groupBy("dept").agg(F.max("id").alias("id"))
out(emp.join(m, (emp.dept == m.dept) & (emp.id == m.id), "leftsemi"))
# %%
out(emp.alias("a").join(emp.alias("b"), emp.id == emp.boss))
# %%
out(emp.withColumn("x", emp.id + 1).filter(emp.id > 2).select(emp.name, "x").orderBy(emp.name))
# %%
out(emp.select("name").filter(emp.id > 2))
# %%
out(emp.select("name").select(emp.id))
# %%
out(emp.union(e2).filter(e2.id > 2))
# %%
out(emp.groupBy(emp.dept).agg(F.max(emp.id)).filter(emp.dept > 1))
# %%
out(emp.distinct().select(emp.id).where(emp.id == 1))
# %%
out(emp.withColumnRenamed("id", "k").select(emp.id))
# %%
out(emp.drop("id").select(emp.id))
# %%
out(emp.withColumn("id", emp.id * 10).filter(emp.id == 1))
# %%
out(emp.join(e2, "id").select(emp.name, e2.name))
# %%
out(emp.join(w, "id").select(emp.name, w.name))
# %%
out(emp.join(w, "id").select(emp.id, w.id))
# %%
out(emp.join(e2, emp.id == e2.id).drop(e2.id))
# %%
x = emp.join(b, emp.boss == b.bid)
y = x.join(agg, x.dept == agg.dept)
out(y.select(x.name, agg.n))
# %%
out(y.select(emp.name, b.bname, agg.n))
# %%
e2 = emp.filter("id > 1")
e3 = emp.filter("id < 4")
e4 = emp.filter("id < 4").filter("id>2")
out(e3.join(e4, emp.id == e4.id))
# %%
out(e4.join(e3, emp.id == e4.id))
# %%
out(e4.join(emp, emp.id == e4.boss))
# %%
j = e3.join(e4, e3.id == e4.id)
out(j.join(emp, emp.id == e3.boss))
# %%
out(j.select(e3.id).join(emp, emp.id == e3.id))
# %%
out(j.select(emp.id))
# %%
out(j.join(e2, emp.id == 2))
# %%
out(e2.join(e2, e2.id == e2.boss))
# %%
out(emp.join(e2, "id").select(emp.id, e2.id))
# %%
out(emp.join(e2, "id", "left").select(emp.id, e2.id))
# %%
d = spark.createDataFrame([(1, "x")], "id int, t string")
out(emp.join(d, "id", "right").select(emp.id, d.id, "id"))
# %%
out(emp.join(d, "id", "full").select(emp.id, d.id, "id"))
# %%
out(emp.join(d, "id", "full").filter(emp.id.isNull()))
