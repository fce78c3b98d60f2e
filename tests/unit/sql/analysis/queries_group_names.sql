-- GROUP BY and HAVING: what names, numbers and ALL mean
SELECT sum(a) AS b FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY b HAVING b > 10
SELECT max(b) AS b FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY a HAVING b > 10
SELECT count(1) FROM VALUES (1), (2), (2) AS t(all) GROUP BY all ORDER BY all
SELECT a AS all, b FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY all
SELECT a AS x, x + 1 AS y FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY a, y
SELECT a AS x, x + 1 AS y FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY all
SELECT * FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY 1, b
SELECT b + a AS s, count(*) FROM VALUES (1, 10), (2, 9) AS t(a, b) GROUP BY a + b
-- Grouping sets: keys that no set holds, keys that are equal but for the order of operands
SELECT a, b, count(*) AS n, grouping(b) AS g, grouping_id(a, b) AS i FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY a, b GROUPING SETS (a) ORDER BY a
SELECT a, b, count(*) AS n FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY a, b GROUPING SETS (())
SELECT a + b AS s, b, sum(a) AS n FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY GROUPING SETS ((a + b), (b + a), (b)) ORDER BY s, b
SELECT a, grouping__id FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY CUBE(a, b) HAVING grouping__id > 1 ORDER BY grouping__id, a
SELECT a FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY a HAVING grouping(a) > 0
SELECT a FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY a ORDER BY grouping_id(a)
-- set spark.sql.groupByAliases=false
SELECT a AS k, count(b) FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY k
-- set spark.sql.groupByOrdinal=false
SELECT sum(a) AS s FROM VALUES (1, 10), (2, 20) AS t(a, b) GROUP BY -1
-- set spark.sql.orderByOrdinal=false
SELECT a FROM VALUES (1, 10) AS t(a, b) ORDER BY 0
