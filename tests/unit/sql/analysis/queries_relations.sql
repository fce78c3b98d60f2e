-- Names: qualifiers, aliases, stars, nested fields
SELECT t.a, b FROM VALUES (1, 'x'), (2, 'y') AS t(a, b) ORDER BY a
SELECT t.* FROM VALUES (1, 'x') AS t(a, b)
SELECT * EXCEPT (b) FROM VALUES (1, 'x', 3) AS t(a, b, c)
SELECT s.x, s.* FROM (SELECT named_struct('x', 1, 'y', 'z') AS s)
SELECT T.A FROM VALUES (1) AS t(a)
SELECT nope FROM VALUES (1) AS t(a)
SELECT t.nope FROM VALUES (1, 2) AS t(a, b)
SELECT a FROM VALUES (1) AS t(a), VALUES (2) AS u(a)
SELECT u.a, t.a FROM VALUES (1) AS t(a), VALUES (2) AS u(a)
SELECT a + 1 AS b, b * 2 AS c FROM VALUES (1) AS t(a)
SELECT a AS a1, a + 1, -a, NOT (a > 1), a IS NULL, CAST(a AS STRING), a BETWEEN 0 AND 3 FROM VALUES (1) AS t(a)
SELECT 1, 'a', 1.5, TRUE, NULL, DATE '2020-01-02', X'1F', 1L, 1.0D
SELECT col1, col2 FROM VALUES (1, 2)
SELECT * FROM range(3)
SELECT * FROM range(1, 10, 4) ORDER BY id
-- Subqueries
SELECT a, (SELECT max(x) FROM VALUES (1), (5) AS u(x)) AS m FROM VALUES (1), (2) AS t(a) ORDER BY a
SELECT a FROM VALUES (1), (2), (3) AS t(a) WHERE a IN (SELECT x FROM VALUES (2), (3) AS u(x)) ORDER BY a
SELECT a FROM VALUES (1), (2), (3) AS t(a) WHERE a NOT IN (SELECT x FROM VALUES (2), (NULL) AS u(x)) ORDER BY a
SELECT a FROM VALUES (1), (2), (3) AS t(a) WHERE EXISTS (SELECT 1 FROM VALUES (2) AS u(x) WHERE u.x = t.a)
SELECT a FROM VALUES (1), (2), (3) AS t(a) WHERE NOT EXISTS (SELECT 1 FROM VALUES (2) AS u(x) WHERE u.x = t.a) ORDER BY a
SELECT a, (SELECT sum(y) FROM VALUES (1, 10), (1, 20), (2, 5) AS u(x, y) WHERE x = a) AS s FROM VALUES (1), (2), (3) AS t(a) ORDER BY a
SELECT a, (SELECT count(*) FROM VALUES (1, 10), (1, 20), (2, 5) AS u(x, y) WHERE x = a) AS s FROM VALUES (1), (2), (3) AS t(a) ORDER BY a
SELECT (SELECT a, b FROM VALUES (1, 2) AS t(a, b))
SELECT (1, 2) IN (SELECT a, b FROM VALUES (1, 2) AS t(a, b)) AS found
-- Common table expressions
WITH q AS (SELECT 1 AS a UNION ALL SELECT 2) SELECT sum(a) AS s FROM q
WITH q(x, y) AS (SELECT 1, 2), r AS (SELECT x + y AS z FROM q) SELECT * FROM r, q
WITH q AS (SELECT 1 AS a) SELECT * FROM q AS one JOIN q AS two ON one.a = two.a
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT n FROM r ORDER BY n
WITH q AS (SELECT 1 AS a) SELECT (SELECT max(a) FROM q) AS m
-- Joins
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS l(k, v) JOIN VALUES (2, 'c'), (3, 'd') AS r(k, w) ON l.k = r.k
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS l(k, v) JOIN VALUES (2, 'c'), (3, 'd') AS r(k, w) USING (k)
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS l(k, v) NATURAL JOIN VALUES (2, 'c'), (3, 'd') AS r(k, w)
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS l(k, v) LEFT JOIN VALUES (2, 'c'), (3, 'd') AS r(k, w) USING (k) ORDER BY k
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS l(k, v) RIGHT JOIN VALUES (2, 'c'), (3, 'd') AS r(k, w) USING (k) ORDER BY k
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS l(k, v) FULL JOIN VALUES (2, 'c'), (3, 'd') AS r(k, w) USING (k) ORDER BY k
SELECT k, l.k AS lk, r.k AS rk FROM VALUES (1, 'a'), (2, 'b') AS l(k, v) FULL JOIN VALUES (2, 'c'), (3, 'd') AS r(k, w) USING (k) ORDER BY k
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS l(k, v) LEFT SEMI JOIN VALUES (2, 'c') AS r(k, w) ON l.k = r.k
SELECT * FROM VALUES (1, 'a'), (2, 'b') AS l(k, v) LEFT ANTI JOIN VALUES (2, 'c') AS r(k, w) ON l.k = r.k
SELECT * FROM VALUES (1), (2) AS l(a) CROSS JOIN VALUES (3), (4) AS r(b) ORDER BY a, b
SELECT * FROM VALUES (1), (2) AS l(a), LATERAL (SELECT a * 10 AS b) ORDER BY a
SELECT * FROM VALUES (1), (2) AS l(a) LEFT JOIN LATERAL (SELECT x FROM VALUES (1), (1) AS u(x) WHERE x = a) AS r ORDER BY a
SELECT * FROM VALUES (1) AS l(a) JOIN VALUES (2) AS r(b) ON a + b
SELECT * FROM VALUES (1) AS l(a) JOIN VALUES (2) AS r(b) USING (c)
-- Set operations
SELECT 1 AS a UNION ALL SELECT 2.5
SELECT 1 AS a UNION SELECT 1
SELECT 1 AS a UNION ALL SELECT 'x'
SELECT a FROM VALUES (1), (1), (2) AS t(a) INTERSECT SELECT a FROM VALUES (1), (3) AS u(a)
SELECT a FROM VALUES (1), (1), (2) AS t(a) EXCEPT ALL SELECT a FROM VALUES (1), (3) AS u(a) ORDER BY a
SELECT 1, 2 UNION ALL SELECT 3
SELECT a FROM VALUES (3), (1) AS t(a) UNION ALL SELECT 2 ORDER BY a LIMIT 2
-- Order, limit
SELECT a FROM VALUES (3), (1), (NULL) AS t(a) ORDER BY a
SELECT a FROM VALUES (3), (1), (NULL) AS t(a) ORDER BY a DESC
SELECT a FROM VALUES (3), (1), (NULL) AS t(a) ORDER BY a DESC NULLS FIRST LIMIT 2 OFFSET 1
SELECT a AS x FROM VALUES (3, 1), (1, 2) AS t(a, b) ORDER BY b
SELECT a AS x FROM VALUES (3, 1), (1, 2) AS t(a, b) ORDER BY 1
SELECT a FROM VALUES (3) AS t(a) ORDER BY 2
SELECT DISTINCT a FROM VALUES (3), (3), (1) AS t(a) ORDER BY a
SELECT * FROM VALUES (1, 2), (0, 5) AS t(a, b) ORDER BY ALL
SELECT a FROM VALUES (1) AS t(a) LIMIT -1
-- Generators
SELECT explode(array(1, 2, 3))
SELECT explode(array(1, 2)) AS x, 'k' AS k
SELECT k, x FROM VALUES ('a', array(1, 2)), ('b', array()) AS t(k, xs) LATERAL VIEW explode(xs) AS x ORDER BY k, x
SELECT k, x FROM VALUES ('a', array(1, 2)), ('b', array()) AS t(k, xs) LATERAL VIEW OUTER explode(xs) e AS x ORDER BY k, x
SELECT posexplode(array('a', 'b'))
SELECT inline(array(struct(1, 'a'), struct(2, 'b')))
SELECT stack(2, 1, 'a', 2, 'b') AS (n, s)
SELECT explode(map('a', 1, 'b', 2))
SELECT * FROM explode(array(7, 8)) AS t(x)
SELECT explode(array(1)), explode(array(2))
