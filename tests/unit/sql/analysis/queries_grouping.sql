SELECT a, sum(b) AS s FROM VALUES (1, 2), (1, 3), (2, 5) AS t(a, b) GROUP BY a ORDER BY a
SELECT a % 2 AS p, count(*) FROM VALUES (1), (2), (3) AS t(a) GROUP BY a % 2 ORDER BY p
SELECT a % 2 AS p, count(*) FROM VALUES (1), (2), (3) AS t(a) GROUP BY p ORDER BY p
SELECT a % 2 AS p, count(*) AS n FROM VALUES (1), (2), (3) AS t(a) GROUP BY 1 ORDER BY 1
SELECT a, b FROM VALUES (1, 2) AS t(a, b) GROUP BY a
SELECT sum(a) FROM VALUES (1), (2) AS t(a)
SELECT sum(a) + 1 AS s, max(a) - min(a) AS d FROM VALUES (1), (2) AS t(a)
SELECT a + 1, sum(b) FROM VALUES (1, 2) AS t(a, b) GROUP BY a + 1
SELECT a + 2, sum(b) FROM VALUES (1, 2) AS t(a, b) GROUP BY a + 1
SELECT a, sum(b) FROM VALUES (1, 2), (2, 3) AS t(a, b) GROUP BY a HAVING sum(b) > 2
SELECT a, count(*) AS n FROM VALUES (1, 2), (2, 3), (2, 4) AS t(a, b) GROUP BY a HAVING n > 1
SELECT a FROM VALUES (1, 2), (2, 3) AS t(a, b) GROUP BY a ORDER BY sum(b) DESC
SELECT a, sum(b) AS s FROM VALUES (1, 2), (2, 3) AS t(a, b) GROUP BY a ORDER BY s DESC, a
SELECT a, b, sum(c) FROM VALUES (1, 1, 2), (1, 2, 3) AS t(a, b, c) GROUP BY ALL ORDER BY ALL
SELECT a, b, sum(c) AS s FROM VALUES (1, 1, 2), (1, 2, 3) AS t(a, b, c) GROUP BY ROLLUP (a, b) ORDER BY a, b
SELECT a, b, sum(c) AS s FROM VALUES (1, 1, 2), (1, 2, 3) AS t(a, b, c) GROUP BY CUBE (a, b) ORDER BY a, b
SELECT a, b, sum(c) AS s, grouping_id() AS g FROM VALUES (1, 1, 2), (1, 2, 3) AS t(a, b, c) GROUP BY a, b GROUPING SETS ((a), (b), ()) ORDER BY g, a, b
SELECT a, grouping(a) AS g, count(*) AS n FROM VALUES (1), (2) AS t(a) GROUP BY ROLLUP (a) ORDER BY g, a
SELECT count(DISTINCT a), count(a), count(*), sum(DISTINCT a) FROM VALUES (1), (1), (NULL), (2) AS t(a)
SELECT count(*) FILTER (WHERE a > 1) AS n, sum(a) FILTER (WHERE a > 5) AS s FROM VALUES (1), (2), (3) AS t(a)
SELECT max(sum(a)) OVER () AS m FROM VALUES (1, 1), (2, 5) AS t(k, a) GROUP BY k
SELECT sum(max(a)) FROM VALUES (1) AS t(a)
SELECT a FROM VALUES (1) AS t(a) WHERE sum(a) > 1
SELECT a FROM VALUES (1) AS t(a) GROUP BY sum(a)
SELECT 1 FROM VALUES (1), (2) AS t(a) HAVING count(*) > 1
SELECT count(*) FROM VALUES (1) AS t(a) WHERE a > 5
SELECT a, count(*) FROM VALUES (1) AS t(a) WHERE a > 5 GROUP BY a
SELECT first(a), any_value(a), collect_list(a), array_agg(a) FROM (SELECT 1 AS a)
-- Windows
SELECT a, row_number() OVER (ORDER BY a) AS r FROM VALUES (3), (1), (2) AS t(a) ORDER BY a
SELECT k, a, rank() OVER (PARTITION BY k ORDER BY a) AS r, dense_rank() OVER (PARTITION BY k ORDER BY a) AS d FROM VALUES ('x', 1), ('x', 1), ('x', 2), ('y', 5) AS t(k, a) ORDER BY k, a
SELECT a, sum(a) OVER (ORDER BY a) AS s, sum(a) OVER () AS t FROM VALUES (1), (2), (3) AS t(a) ORDER BY a
SELECT a, sum(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM VALUES (1), (2), (3) AS t(a) ORDER BY a
SELECT a, sum(a) OVER (ORDER BY a RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS s FROM VALUES (1), (2), (4) AS t(a) ORDER BY a
SELECT a, lag(a) OVER (ORDER BY a) AS p, lead(a, 1, 0) OVER (ORDER BY a) AS n FROM VALUES (1), (2), (4) AS t(a) ORDER BY a
SELECT a, ntile(2) OVER (ORDER BY a) AS n, percent_rank() OVER (ORDER BY a) AS p, cume_dist() OVER (ORDER BY a) AS c FROM VALUES (1), (2), (4) AS t(a) ORDER BY a
SELECT a, first_value(a) OVER w AS f, last_value(a) OVER w AS l FROM VALUES (1), (2) AS t(a) WINDOW w AS (ORDER BY a) ORDER BY a
SELECT a FROM VALUES (1), (2) AS t(a) WHERE row_number() OVER (ORDER BY a) = 1
SELECT avg(a) OVER (PARTITION BY k) AS m FROM VALUES ('x', 1), ('x', 2) AS t(k, a)
SELECT k, sum(a) AS s, rank() OVER (ORDER BY sum(a) DESC) AS r FROM VALUES ('x', 1), ('y', 2) AS t(k, a) GROUP BY k ORDER BY r
-- Pivot and unpivot
SELECT * FROM VALUES (1, 'a', 10), (1, 'b', 20), (2, 'a', 30) AS t(k, c, v) PIVOT (sum(v) FOR c IN ('a', 'b')) ORDER BY k
SELECT * FROM VALUES (1, 'a', 10), (2, 'a', 30) AS t(k, c, v) PIVOT (sum(v) AS s, max(v) AS m FOR c IN ('a' AS x, 'b' AS y)) ORDER BY k
SELECT * FROM VALUES (1, 10, 20), (2, 30, NULL) AS t(k, a, b) UNPIVOT (v FOR n IN (a, b)) ORDER BY k, n
SELECT * FROM VALUES (1, 10, 20), (2, 30, NULL) AS t(k, a, b) UNPIVOT INCLUDE NULLS (v FOR n IN (a, b)) ORDER BY k, n
-- columns that are constants are no positions
SELECT k, count(*), q, b, n FROM (SELECT id, -7 AS k, 2.5 q, true b, null n, 'x' s FROM range(3)) GROUP BY k, q, b, n, s
SELECT k, s, sum(id) FROM (SELECT id, 7 AS k, 'x' s FROM range(3)) GROUP BY ROLLUP(k, s) ORDER BY ALL
SELECT * FROM (SELECT id, 7 AS k, 'x' s, null n FROM range(3)) ORDER BY k, s, n, id DESC
SELECT * FROM (SELECT a, b, a + b z FROM VALUES (1, 0) t(a, b)) PIVOT (max(z) FOR a IN (1))
