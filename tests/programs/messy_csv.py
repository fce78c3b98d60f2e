"""CSV as it comes: quotes, bad values, odd separators, encodings, modes, wrong options."""

import decimal
import os

from pyspark.sql.functions import col
from pyspark.sql.types import (
    BooleanType,
    DateType,
    DoubleType,
    IntegerType,
    StringType,
    StructField,
    StructType,
)

p = put(
    "people.csv",
    '''id,name,age,salary,joined,active
1,Ann,34,1200.50,2021-03-04,true
2,"Bob, Jr.",,NA,2020-12-31,false
3,"She said ""hi""",41,900,not a date,TRUE
4,,29,1e3,2019-01-01 10:00:00,
5,Élodie,xx,77,2018-05-06,false
''',
)
df = spark.read.option("header", True).csv(p)
out(df)
# %%
df = spark.read.option("header", True).option("inferSchema", True).csv(p)
out(df)
# %%
df = spark.read.option("header", True).option("inferSchema", True).option("nullValue", "NA").csv(p)
out(df)
# %%
df.printSchema()
df.show()
df.show(2, truncate=3)
df.show(1, vertical=True)
# %%
s = StructType(
    [
        StructField("id", IntegerType(), False),
        StructField("name", StringType()),
        StructField("age", IntegerType()),
        StructField("salary", DoubleType()),
        StructField("joined", DateType()),
        StructField("active", BooleanType()),
    ]
)
out(spark.read.csv(p, schema=s, header=True))
# %%
out(spark.read.csv(p, schema=s, header=True, mode="DROPMALFORMED"))
# %%
s2 = "id int, name string, age int, salary double, joined date, active boolean, _corrupt_record string"
d = spark.read.csv(p, schema=s2, header=True)
out(d)
# %%
dd = d.cache()
print(dd.filter(col("_corrupt_record").isNotNull()).count())
out(dd.select("_corrupt_record"))
dd.unpersist()
# %%
out(spark.read.csv(p, schema=s, header=False))
# %%
q = put("semi.csv", "a;b;c\n1;'x;y';3\n# comment\n2; padded ;\n\n3;'it\\'s';9\n")
out(spark.read.csv(q, sep=";", header=True, quote="'", comment="#", inferSchema=True))
# %%
out(
    spark.read.csv(
        q,
        sep=";",
        header=True,
        quote="'",
        comment="#",
        ignoreLeadingWhiteSpace=True,
        ignoreTrailingWhiteSpace=True,
    )
)
# %%
m = put("multi.csv", 'id,text\n1,"line one\nline two"\n2,"plain"\n3,"tail\n\nend"\n')
out(spark.read.csv(m, header=True, multiLine=True))
# %%
out(spark.read.csv(m, header=True))
# %%
l = put("latin.csv", "n;v\né;1\nü;2\n", encoding="latin-1")
out(spark.read.csv(l, header=True, sep=";", encoding="ISO-8859-1"))
# %%
u = os.path.join(tmp, "u16.csv")
open(u, "wb").write("n,v\né,1\n".encode("utf-16"))
out(spark.read.csv(u, header=True, encoding="UTF-16", multiLine=True))
# %%
dts = put("dates.csv", "d,t\n04/03/2021,04/03/2021 10:11\n31/12/2020,31/12/2020 23:59\nbad,bad\n")
out(
    spark.read.csv(
        dts,
        header=True,
        schema="d date, t timestamp",
        dateFormat="dd/MM/yyyy",
        timestampFormat="dd/MM/yyyy HH:mm",
    )
)
# %%
out(
    spark.read.csv(
        dts,
        header=True,
        inferSchema=True,
        dateFormat="dd/MM/yyyy",
        timestampFormat="dd/MM/yyyy HH:mm",
    )
)
# %%
d2 = put("dates2.csv", "d,t\n04/03/2021,04/03/2021 10:11\n31/12/2020,31/12/2020 23:59\n")
out(
    spark.read.csv(
        d2,
        header=True,
        inferSchema=True,
        dateFormat="dd/MM/yyyy",
        timestampFormat="dd/MM/yyyy HH:mm",
    )
)
# %%
r = put("ragged.csv", "a,b,c\n1,2,3\n4,5\n6,7,8,9\n,,\n")
out(spark.read.csv(r, header=True))
out(spark.read.csv(r, header=True, inferSchema=True, mode="DROPMALFORMED"))
# %%
out(spark.read.csv(r, header=True, schema="a int, b int, c int, _corrupt_record string").cache())
# %%
n = put(
    "nums.csv",
    "i,l,d,f,dec,b,ts\n1,9999999999,1.5,NaN,123456789012345678901234567890,true,2020-01-01T00:00:00\n-2,1,2,Infinity,1,false,2020-01-01 00:00:00.123\n",
)
out(spark.read.csv(n, header=True, inferSchema=True))
# %%
out(
    spark.read.csv(
        n,
        header=True,
        schema="i tinyint, l bigint, d float, f double, dec decimal(32,2), b boolean, ts timestamp_ntz",
    )
)
# %%
out(spark.read.format("csv").option("header", "true").load(os.path.join(tmp, "nope.csv")))
# %%
out(spark.read.csv(os.path.join(tmp, "*.nothing")))
# %%
h = put("dup.csv", "a,a,b\n1,2,3\n")
out(spark.read.csv(h, header=True))
# %%
e = put("empty.csv", "")
out(spark.read.csv(e))
# %%
e = put("honly.csv", "a,b\n")
out(spark.read.csv(e, header=True))
out(spark.read.csv(e, header=True, inferSchema=True))
# %%
out(spark.read.csv(p, mode="WHATEVER"))
# %%
import gzip

g = os.path.join(tmp, "z.csv.gz")
gzip.open(g, "wt").write("a,b\n1,2\n")
out(spark.read.csv(g, header=True, inferSchema=True))
# %%
ev = put("ev.csv", 'a,b\n"",1\n,2\n')
out(spark.read.csv(ev, header=True))
out(spark.read.csv(ev, header=True, emptyValue="E", nullValue="N"))
# %%
out(spark.read.csv(put("esc.csv", 'a,b\n"x\\"y",1\n"p""q",2\n"unterminated,3\n'), header=True))
# %%
out(spark.read.csv(put("esc2.csv", 'a,b\n"p""q",2\n'), header=True, escape='"'))
# %%
out(spark.read.csv(put("ls.csv", "a,b|1,2|3,4"), header=True, lineSep="|"))
# %%
out(spark.read.csv(put("sep2.csv", "a||b\n1||2"), header=True, sep="||"))
# %%
out(spark.read.csv(put("tab.tsv", "a\tb\n1\t2"), header=True, sep="\t"))
out(spark.read.csv(put("tab.tsv", "a\tb\n1\t2"), header=True, sep="\\t"))
# %%
out(spark.read.csv(p, header=True, inferSchema=True, locale="de", preferDate=False))
# %%

# %%
out(spark.read.csv(p, header=True).select("id", "_metadata.file_name", "_metadata.file_size"))
# %%
df = spark.read.csv(p, header=True, inferSchema=True)
print(df.filter(df.age > 30).count())
