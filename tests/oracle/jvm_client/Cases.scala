// The programs of a client of a JVM whose calls record_jvm_client.py writes down.

import org.apache.spark.sql.{functions => F, _}
import org.apache.spark.sql.functions.{col, lit, expr}
import org.apache.spark.sql.types._
import org.apache.spark.sql.expressions.{Window, Aggregator}
import org.apache.spark.sql.catalog.{Database, Table, Function => CatFunction}
import java.io.{ByteArrayOutputStream, PrintStream}
import scala.jdk.CollectionConverters._
import scala.collection.mutable.ListBuffer

case class Person(name: String, age: Int, pay: Option[Double])
case class Nested(id: Long, tags: Seq[String], where: Map[String, Int], who: Person)
case class Event(id: Int, at: java.time.Instant, day: java.time.LocalDate, price: BigDecimal, raw: Array[Byte], span: java.time.Duration, months: java.time.Period, local: java.time.LocalDateTime)

class Bean extends java.io.Serializable {
  private var name: String = _
  private var count: Int = 0
  def getName: String = name
  def setName(v: String): Unit = { name = v }
  def getCount: Int = count
  def setCount(v: Int): Unit = { count = v }
}

object Cases {
  val cases = ListBuffer.empty[(String, () => Any)]
  def test(name: String)(body: => Any): Unit = cases += ((name, () => body))

  def main(args: Array[String]): Unit = {
    val spark = SparkSession.builder().remote(args(0)).getOrCreate()
    define(spark)
    for ((name, body) <- cases) {
      spark.conf.set("case", name) // for whoever listens
      val out = System.out
      try Console.withOut(new ByteArrayOutputStream()) { body() match { case d: Dataset[_] => d.collect() case _ => } }
      catch { case e: Throwable => println(name + ": " + e.getClass.getName) }
    }
    System.exit(0)
  }

  def define(spark: SparkSession): Unit = {
    import spark.implicits._
    val people = Seq(("ann", 31, Some(10.5)), ("bob", 20, None), ("cid", 45, Some(7.25)), ("dan", 20, Some(3.0)))
      .toDF("name", "age", "pay")
    val depts = Seq(("ann", "x"), ("bob", "y"), ("eve", "x")).toDF("name", "dept")

    test("sql") { spark.sql("SELECT 1 AS a, 'x' AS b, array(1,2) AS c, map('k', 1.5) AS d, named_struct('u', 1, 'v', 'w') AS e, DATE'2024-01-02' AS f, null AS g") }
    test("sql.args") { spark.sql("SELECT :a + 1 AS s, :b AS t", Map[String, Any]("a" -> 4, "b" -> "q")) }
    test("sql.positional") { spark.sql("SELECT ? + 1 AS s, ? AS t", Array[Any](4, "q")) }
    test("sql.types") { spark.sql("SELECT 1Y a, 2S b, 3L c, 1.5F d, 2.5D e, 12.345BD f, X'00ff' g, TIMESTAMP'2024-05-06 07:08:09.123456' h, TIMESTAMP_NTZ'2024-05-06 07:08:09' i, INTERVAL '1 02:03:04' DAY TO SECOND j, INTERVAL '1-2' YEAR TO MONTH k, true l") }
    test("sql.calendarinterval") { spark.sql("SELECT make_interval(1,2,0,3,4,5,6.5) i") }
    test("range") { spark.range(2, 12, 3) }
    test("range.parts") { spark.range(0, 10, 1, 3).count() }
    test("emptyDataFrame") { spark.emptyDataFrame.schema.toDDL + spark.emptyDataFrame.count() }
    test("local") { people }
    test("select") { people.select($"name", ($"age" + 1).as("next"), col("pay") * 2, lit("c"), expr("upper(name)")) }
    test("selectExpr") { people.selectExpr("age % 3 AS m", "name || '!' AS n") }
    test("filter") { people.filter($"age" > 20 && $"pay".isNotNull).where("pay < 9") }
    test("join.inner") { people.join(depts, "name").orderBy("name") }
    test("join.left") { people.join(depts, people("name") === depts("name"), "left").select(people("name"), depts("dept")).orderBy(people("name")) }
    test("join.full") { people.join(depts, Seq("name"), "full_outer").orderBy("name") }
    test("join.semi") { people.join(depts, Seq("name"), "left_semi").orderBy("name") }
    test("join.anti") { people.join(depts, Seq("name"), "left_anti").orderBy("name") }
    test("join.cross") { people.crossJoin(depts).count() }
    test("join.self") { val a = people.as("a"); val b = people.as("b"); a.join(b, $"a.age" === $"b.age").select($"a.name", $"b.name").orderBy($"a.name", $"b.name") }
    test("groupBy") { people.groupBy("age").agg(F.count(lit(1)).as("n"), F.sum("pay"), F.avg($"pay"), F.max("name")).orderBy("age") }
    test("groupBy.map") { people.groupBy("age").agg("pay" -> "max", "name" -> "count").orderBy("age") }
    test("rollup") { people.rollup("age", "name").agg(F.count("*").as("n"), F.grouping_id()).orderBy($"age".asc_nulls_first, $"name".asc_nulls_last) }
    test("cube") { people.cube("age").count().orderBy($"age".desc_nulls_first) }
    test("groupingSets") { people.groupingSets(Seq(Seq($"age"), Seq()), $"age").count().orderBy($"age".asc_nulls_first) }
    test("pivot") { people.join(depts, "name").groupBy("age").pivot("dept", Seq("x", "y")).agg(F.first("name")).orderBy("age") }
    test("pivot.free") { people.join(depts, "name").groupBy("age").pivot("dept").count().orderBy("age") }
    test("unpivot") { people.unpivot(Array($"name"), Array($"age".cast("double").as("age"), $"pay"), "what", "v").orderBy("name", "what") }
    test("melt") { people.select("name", "age").melt(Array($"name"), "k", "v").orderBy("name") }
    test("transpose") { people.select("name", "age").orderBy("name").transpose() }
    test("window") { val w = Window.partitionBy("age").orderBy($"name".desc); people.select($"name", F.row_number().over(w), F.lag("name", 1).over(w), F.sum("age").over(w.rowsBetween(Window.unboundedPreceding, Window.currentRow)), F.rank().over(Window.orderBy("age"))).orderBy("name") }
    test("window.range") { people.select($"name", F.sum("age").over(Window.orderBy("age").rangeBetween(-11, 0)).as("s")).orderBy("name") }
    test("union") { people.union(people).count() + "," + people.unionByName(depts, true).orderBy("name", "age").collect().length }
    test("intersect") { people.select("name").intersect(depts.select("name")).orderBy("name") }
    test("intersectAll") { people.select("age").intersectAll(people.select("age")).orderBy("age") }
    test("except") { people.select("name").except(depts.select("name")).orderBy("name") }
    test("exceptAll") { people.select("age").exceptAll(people.limit(2).select("age")).count() }
    test("distinct") { people.select("age").distinct().orderBy("age") }
    test("dropDuplicates") { people.dropDuplicates("age").count() }
    test("sort") { people.sort($"age".desc, $"name") }
    test("sortWithin") { people.repartition(1).sortWithinPartitions("name").select("name") }
    test("limit") { people.orderBy("name").limit(2).offset(1) }
    test("tail") { String.valueOf(people.orderBy("name").tail(2)) }
    test("head") { String.valueOf(people.orderBy("name").head(2)) + people.orderBy("name").first() + String.valueOf(people.orderBy("name").take(1)) }
    test("isEmpty") { people.isEmpty + " " + people.filter("false").isEmpty }
    test("withColumn") { people.withColumn("x", $"age" * 2).withColumns(Map("y" -> lit(1))).withColumnRenamed("name", "who").drop("pay").orderBy("who") }
    test("withColumnsRenamed") { people.withColumnsRenamed(Map("name" -> "n", "age" -> "a")).columns }
    test("withMetadata") { val m = new MetadataBuilder().putString("k", "v").build(); people.withMetadata("age", m).schema("age").metadata.json }
    test("toDF") { people.toDF("a", "b", "c").columns }
    test("to") { people.to(StructType.fromDDL("age BIGINT, name STRING")).schema.toDDL }
    test("colRegex") { people.select(people.colRegex("`a.*`")).columns }
    test("star") { people.select($"*", people("age").as("again")).columns }
    test("na.drop") { people.na.drop().count() + "," + people.na.drop("all").count() + "," + people.na.drop(1, Seq("pay")).count() }
    test("na.fill") { people.na.fill(0.5).na.fill("?").orderBy("name") }
    test("na.fill.map") { people.na.fill(Map("pay" -> 1.0)).orderBy("name") }
    test("na.replace") { people.na.replace("name", Map("ann" -> "anna")).orderBy("name") }
    test("stat.corr") { val d = people.na.fill(0.0); d.stat.corr("age", "pay") + " " + d.stat.cov("age", "pay") }
    test("stat.crosstab") { people.stat.crosstab("name", "age").orderBy("name_age") }
    test("stat.quantile") { String.valueOf(people.stat.approxQuantile("age", Array(0.0, 0.5, 1.0), 0.0)) }
    test("describe") { people.describe() }
    test("describe.cols") { people.describe("age", "name") }
    test("summary") { people.summary() }
    test("summary.some") { people.summary("count", "min", "50%") }
    test("show") { people.orderBy("name").show() }
    test("show.trunc") { people.orderBy("name").show(2, 2) }
    test("show.vertical") { people.orderBy("name").show(2, 20, true) }
    test("printSchema") { people.printSchema(); Seq(Nested(1, Seq("a"), Map("k" -> 1), Person("p", 2, None))).toDF().printSchema() }
    test("printSchema.level") { Seq(Nested(1, Seq("a"), Map("k" -> 1), Person("p", 2, None))).toDF().printSchema(1) }
    test("schema") { people.schema.json }
    test("dtypes") { String.valueOf(people.dtypes.toSeq.map(_.toString)) }
    test("isLocal") { people.isLocal + " " + people.isStreaming }
    test("toJSON") { people.orderBy("name").toJSON.collect().toSeq }
    test("collectAsList") { people.select("name").orderBy("name").collectAsList() }
    test("hint") { people.hint("broadcast").join(depts.hint("merge"), "name").count() }
    test("repartition") { people.repartition(3, $"age").count() + people.coalesce(1).count() + people.repartitionByRange(2, $"age").count() }
    test("alias") { people.as("p").select("p.name").orderBy("p.name").limit(1) }
    test("transform") { people.transform(_.limit(1)).count() }
    test("groupBy.pivotsum") { people.groupBy().sum("age", "pay") }
    test("subquery.scalar") { people.select($"name", people.select(F.max("age")).scalar().as("m")).orderBy("name").limit(1) }
    test("subquery.exists") { people.as("p").where(depts.as("d").where($"p.name".outer() === $"d.name").exists()).orderBy("name").select("name") }
    test("subquery.in") { people.where($"name".isin(depts.select("name"))).select("name").orderBy("name") }
    test("observe") { val o = Observation("seen"); people.observe(o, F.count(lit(1)).as("n"), F.max("age").as("m")).collect(); String.valueOf(o.get) }
    test("observe.named") { people.observe("seen2", F.count(lit(1)).as("n")).count() }
    test("createDataFrame.rows") { spark.createDataFrame(java.util.Arrays.asList(Row(1, "a"), Row(null, "b")), StructType.fromDDL("i INT, s STRING")) }
    test("createDataFrame.beans") { val b = new Bean; b.setName("n"); b.setCount(3); spark.createDataFrame(java.util.Arrays.asList(b), classOf[Bean]) }
    test("createDataset.beans") { val b = new Bean; b.setName("n"); b.setCount(3); val d = spark.createDataset(java.util.Arrays.asList(b))(Encoders.bean(classOf[Bean])); d.collectAsList().get(0).getName + d.columns.mkString }
    test("createDataFrame.products") { spark.createDataFrame(Seq(Person("a", 1, Some(2.0)), Person(null, 2, None))) }
    test("dataset.nested") { Seq(Nested(1, Seq("a", null), Map("k" -> 1), Person("p", 2, None)), Nested(2, null, null, null)).toDS().collect().toSeq.map(_.toString) }
    test("dataset.times") { Seq(Event(1, java.time.Instant.parse("2024-01-02T03:04:05.678Z"), java.time.LocalDate.of(2024, 2, 29), BigDecimal("12.5"), Array[Byte](1, -1), java.time.Duration.ofSeconds(90), java.time.Period.ofMonths(14), java.time.LocalDateTime.of(2024, 1, 1, 2, 3))).toDS().collect().map(e => List(e.id, e.at, e.day, e.price, e.raw.toSeq, e.span, e.months, e.local).toString).toSeq }
    test("dataset.as") { people.filter("pay is not null").as[Person].orderBy("name").collect().toSeq.map(_.toString) }
    test("dataset.as.tuple") { people.select($"name", $"age").as[(String, Int)].orderBy("name").collect().toSeq.map(_.toString) }
    test("dataset.as.string") { people.select("name").as[String].orderBy("name").collect().toSeq }
    test("dataset.as.bad") { people.as[Nested].collect() }
    test("dataset.upcast.bad") { people.select($"name".as("value")).as[Int].collect() }
    test("dataset.select.typed") { people.select($"name".as[String], $"age".as[Int]).orderBy("name").collect().toSeq.map(_.toString) }
    test("dataset.joinWith") { people.joinWith(depts, people("name") === depts("name")).orderBy($"_1.name").collect().toSeq.map(_.toString) }
    test("typed.map") { spark.range(3).as[Long].map(_ + 1).collect().toSeq }
    test("typed.filter") { spark.range(3).as[Long].filter((x: Long) => x > 1).collect().toSeq }
    test("typed.flatMap") { spark.range(3).as[Long].flatMap(x => Seq(x, x)).collect().toSeq }
    test("typed.mapPartitions") { spark.range(3).as[Long].mapPartitions(i => i.map(_ * 2)).collect().toSeq }
    test("typed.reduce") { spark.range(5).as[Long].reduce(_ + _) }
    test("typed.groupByKey") { spark.range(5).as[Long].groupByKey(_ % 2).count().collect().toSeq.map(_.toString) }
    test("typed.mapGroups") { spark.range(5).as[Long].groupByKey(_ % 2).mapGroups((k, v) => (k, v.sum)).collect().toSeq.map(_.toString) }
    test("typed.cogroup") { val g = spark.range(5).as[Long].groupByKey(_ % 2); g.cogroup(g)((k, a, b) => Seq(a.size + b.size)).collect().toSeq }
    test("typed.aggregator") { spark.range(5).as[Long].select(Sum.toColumn).collect().toSeq }
    test("udf.scala") { val f = F.udf((x: Long) => x + 1); spark.range(3).select(f($"id")).collect().toSeq }
    test("udf.register") { spark.udf.register("plus", (x: Long) => x + 1); spark.sql("SELECT plus(1)").collect().toSeq }
    test("udaf.register") { spark.udf.register("agg", F.udaf(Sum)); spark.sql("SELECT agg(1)").collect().toSeq }
    test("after.udf") { spark.range(3).count() }

    test("functions.math") { spark.range(1).select(F.sqrt(lit(2.0)), F.pow(lit(2), lit(3)), F.round(lit(2.5)), F.pmod(lit(-3), lit(2)), F.hex(lit(255)), F.conv(lit("ff"), 16, 10)) }
    test("functions.string") { spark.range(1).select(F.concat_ws("-", lit("a"), lit("b")), F.split(lit("a,b"), ","), F.regexp_replace(lit("a1"), "\\d", "#"), F.substring(lit("hello"), 2, 3), F.lpad(lit("x"), 3, "*"), F.initcap(lit("ab cd")), F.format_string("%d-%s", lit(1), lit("q"))) }
    test("functions.array") { spark.range(1).select(F.array(lit(1), lit(2)), F.transform(F.array(lit(1), lit(2)), x => x + 1), F.filter(F.array(lit(1), lit(2)), x => x > 1), F.aggregate(F.array(lit(1), lit(2)), lit(0), (a, x) => a + x), F.exists(F.array(lit(1)), _ === 1), F.zip_with(F.array(lit(1)), F.array(lit(2)), _ + _), F.array_sort(F.array(lit(2), lit(1))), F.sequence(lit(1), lit(3))) }
    test("functions.map") { spark.range(1).select(F.map(lit("a"), lit(1)), F.map_filter(F.map(lit("a"), lit(1)), (k, v) => v > 0), F.transform_values(F.map(lit("a"), lit(1)), (k, v) => v + 1), F.map_from_arrays(F.array(lit("z")), F.array(lit(9)))) }
    test("functions.when") { people.select($"name", F.when($"age" > 30, "old").when($"age" > 20, "mid").otherwise("young")).orderBy("name") }
    test("functions.explode") { spark.range(1).select(F.posexplode(F.array(lit("a"), lit("b")))) }
    test("functions.date") { spark.range(1).select(F.to_date(lit("2024-02-29")), F.add_months(lit("2024-01-31"), 1), F.date_format(lit("2024-01-31"), "yyyy/MM"), F.datediff(lit("2024-02-01"), lit("2024-01-01")), F.trunc(lit("2024-02-03"), "month"), F.unix_timestamp(lit("2024-01-01 00:00:00"))) }
    test("functions.json") { spark.range(1).select(F.from_json(lit("{\"a\":1}"), StructType.fromDDL("a INT")), F.to_json(F.struct(lit(1).as("x"))), F.get_json_object(lit("{\"a\":2}"), "$.a"), F.schema_of_json(lit("{\"a\":1}"))) }
    test("functions.literals") { spark.range(1).select(lit(1.toByte), lit(2.toShort), lit(3L), lit(1.5f), lit('c'), lit(BigDecimal("1.23")), lit(java.sql.Date.valueOf("2024-01-02")), lit(java.time.LocalDate.of(2024, 1, 2)), lit(java.time.Instant.parse("2024-01-02T03:04:05Z")), lit(java.time.LocalDateTime.of(2024, 1, 2, 3, 4)), lit(java.time.Duration.ofDays(1)), lit(java.time.Period.ofMonths(3)), lit(null), lit(Array(1, 2)), lit(Array[Byte](1, 2))) }
    test("functions.typedLit") { spark.range(1).select(F.typedLit(Seq(1, 2)), F.typedLit(Map("a" -> 1)), F.typedLit(Some(3)), F.typedLit(("x", 1)), F.typedLit(Array("p")), F.typedLit(Seq(Seq(1), Seq[Int]()))) }
    test("column.ops") { people.select($"age" === 20, $"age" <=> lit(null), $"age".between(10, 30), $"name".startsWith("a"), $"name".like("%n%"), $"name".rlike("^a"), $"age".isin(20, 31), !($"age" > 3), -$"age", $"age".cast("string"), $"age".cast(LongType), $"name".substr(1, 2), $"age".bitwiseAND(4), $"age" / 2, $"age" % 7, $"age".try_cast("byte"), $"name".contains("b")).orderBy("name") }
    test("column.struct") { spark.range(1).select(F.struct(lit(1).as("a"), lit(2).as("b")).as("s")).select($"s.a", $"s".getField("b"), $"s".withField("c", lit(3)).as("t"), $"s".dropFields("a").as("u"), $"s.*") }
    test("column.apply") { spark.range(1).select(F.array(lit(5)).as("a"), F.map(lit("k"), lit(6)).as("m")).select($"a"(0), $"m"("k"), $"a".getItem(0)) }
    test("call_function") { spark.range(1).select(F.call_function("upper", lit("x")), F.expr("1 + 1"), F.callUDF("lower", lit("Y"))) }
    test("hashing") { people.select(F.hash($"name", $"age"), F.xxhash64($"name"), F.md5($"name".cast("binary")), F.crc32($"name".cast("binary"))).orderBy("md5(CAST(name AS BINARY))") }
    test("window.time") { Seq("2024-01-01 00:01:00", "2024-01-01 00:11:00").toDF("t").select($"t".cast("timestamp").as("t")).groupBy(F.window($"t", "10 minutes")).count().orderBy("window").selectExpr("CAST(window.start AS STRING) s", "CAST(window.end AS STRING) e", "count") }
    test("broadcast") { people.join(F.broadcast(depts), "name").count() }
    test("tvf.explode") { spark.tvf.explode(F.array(lit(1), lit(2))) }
    test("tvf.range") { spark.tvf.range(2) }

    test("view.temp") { people.createOrReplaceTempView("people"); spark.sql("SELECT count(*) FROM people") }
    test("view.again") { people.createTempView("people") }
    test("view.drop") { spark.catalog.dropTempView("people") + " " + spark.catalog.dropTempView("people") + " " + spark.catalog.dropGlobalTempView("g") }
    test("catalog.current") { spark.catalog.currentDatabase + " " + spark.catalog.currentCatalog() }
    test("catalog.catalogs") { spark.catalog.listCatalogs().collect().toSeq.map(_.name) }
    test("catalog.tables") { people.createOrReplaceTempView("people"); spark.catalog.listTables().collect().toSeq.map(t => List(t.name, t.catalog, t.namespace, t.description, t.tableType, t.isTemporary).mkString("|")) }
    test("catalog.columns") { spark.catalog.listColumns("people").collect().toSeq.map(_.toString) }
    test("catalog.table") { spark.catalog.getTable("people").toString }
    test("catalog.exists") { spark.catalog.tableExists("people") + " " + spark.catalog.tableExists("nope") + " " + spark.catalog.databaseExists("default") }
    test("catalog.setDatabase") { spark.catalog.setCurrentDatabase("nope") }
    test("conf") { spark.conf.set("spark.sql.shuffle.partitions", "7"); val a = spark.conf.get("spark.sql.shuffle.partitions"); spark.conf.unset("spark.sql.shuffle.partitions"); a + spark.conf.get("my.key", "dflt") + spark.conf.getOption("my.key") }
    test("conf.missing") { spark.conf.get("my.key") }
    test("conf.static") { spark.conf.set("spark.sql.warehouse.dir", "x") }
    test("conf.sql") { spark.sql("SET spark.sql.ansi.enabled=false"); val r = String.valueOf(spark.sql("SELECT 1/0")); spark.sql("RESET spark.sql.ansi.enabled"); r }
    test("conf.bad") { spark.conf.set("spark.sql.ansi.enabled", "maybe") }


    test("error.parse") { spark.sql("SELEC 1") }
    test("error.column") { people.select("nam").collect() }
    test("error.column.sql") { spark.sql("SELECT agge FROM people").collect() }
    test("error.table") { spark.table("nope").collect() }
    test("error.table.sql") { spark.sql("SELECT *\nFROM nope") }
    test("error.type") { people.select($"name" + F.array(lit(1))).collect() }
    test("error.divide") { spark.sql("SELECT 1/0").collect() }
    test("error.divide.column") { spark.range(1).select(lit(1) / $"id").collect() }
    test("error.overflow") { spark.sql("SELECT 2147483647 + 1").collect() }
    test("error.cast") { spark.sql("SELECT CAST('x' AS INT)").collect() }
    test("error.cast.column") { people.select($"name".cast("int")).collect() }
    test("error.index") { spark.sql("SELECT array(1)[5]").collect() }
    test("error.key") { spark.sql("SELECT element_at(map('a', 1), 'b')").collect() }
    test("error.raise") { spark.sql("SELECT raise_error('oops')").collect() }
    test("error.date") { spark.sql("SELECT to_date('x')").collect() }
    test("error.function") { spark.sql("SELECT nope(1)").collect() }
    test("error.function.df") { spark.range(1).select(F.call_function("nope", lit(1))).collect() }
    test("error.args") { spark.sql("SELECT upper()").collect() }
    test("error.agg") { people.groupBy("age").agg($"name").collect() }
    test("error.agg.sql") { spark.sql("SELECT name, count(*) FROM people").collect() }
    test("error.ambiguous") { people.join(depts, people("name") === depts("name")).select("name").collect() }
    test("error.union") { people.union(depts).collect() }
    test("error.join.using") { people.join(depts, "nope").collect() }
    test("error.view.plan") { people.select($"zz").createOrReplaceTempView("bad") }
    test("error.schema") { people.select($"zz").schema }
    test("error.lazy") { val d = people.select($"zz"); d.limit(1); "lazy" }
    test("error.param") { spark.sql("SELECT :a").collect() }

    test("deep") { var c: Column = lit(0); for (i <- 1 to 120) c = c + lit(i); spark.range(1).select(c.as("s")) }
    test("deep.plan") { var d = spark.range(3).toDF(); for (i <- 1 to 60) d = d.withColumn("id", $"id" + 1); d }
  }
}

object Sum extends Aggregator[Long, Long, Long] {
  def zero: Long = 0L
  def reduce(b: Long, a: Long): Long = a + b
  def merge(a: Long, b: Long): Long = a + b
  def finish(r: Long): Long = r
  def bufferEncoder: Encoder[Long] = Encoders.scalaLong
  def outputEncoder: Encoder[Long] = Encoders.scalaLong
}
