-- Rows that ask for their partition, or for the next of a seeded sequence, and groups.
SELECT a IS NULL AS n, if(a IS NULL, rand(0), 1) AS r FROM VALUES (1),(2),(NULL),(1) AS t(a) GROUP BY a IS NULL ORDER BY n DESC LIMIT 1
SELECT if(id > 6, rand(0), 1) AS r, count(*) FROM range(0, 10, 1, 4) GROUP BY if(id > 6, rand(0), 1) ORDER BY r
SELECT count(*) c, rand(0) r, monotonically_increasing_id() m, spark_partition_id() p FROM range(0, 10, 1, 4)
SELECT id % 2 = 0 k, rand(0) >= 0 r FROM range(0, 10, 1, 4) GROUP BY id % 2 = 0 ORDER BY k
SELECT sum(x), max(r) > 0 FROM (SELECT id % 2 k, rand(0) r, count(*) x FROM range(0, 10, 1, 4) GROUP BY id % 2)
SELECT spark_partition_id() p, count(*) FROM range(0, 10, 1, 4) GROUP BY spark_partition_id() ORDER BY p
SELECT spark_partition_id() p, count(*), spark_partition_id() q FROM range(0, 10, 1, 4) GROUP BY p ORDER BY p
SELECT monotonically_increasing_id() % 2 p, count(*) FROM range(0, 10, 1, 4) GROUP BY monotonically_increasing_id() % 2 ORDER BY p
SELECT rand(0) >= 0 r, count(*) FROM range(0, 10, 1, 4) GROUP BY rand(0) >= 0
SELECT max(rand(0)) FROM range(0, 10, 1, 4)
SELECT id % 3 k FROM range(0, 10, 1, 4) GROUP BY id % 3 HAVING rand(0) >= 0 ORDER BY k
