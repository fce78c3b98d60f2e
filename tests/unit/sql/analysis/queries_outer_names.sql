-- Subqueries above an aggregate: its keys, and aggregates of its input
SELECT a, count(*) AS n FROM VALUES (1, 10), (1, 5), (2, 20) AS t(a, b) GROUP BY a HAVING EXISTS (SELECT 1 FROM VALUES (7) AS u(x) WHERE x > min(t.b))
SELECT sum(b) AS s FROM VALUES (1, 10), (1, 5), (2, 20) AS t(a, b) GROUP BY a HAVING max(b) <= (SELECT max(y) FROM VALUES (1, 12), (2, 12) AS u(x, y) WHERE x = a)
SELECT a FROM VALUES (1, 10), (1, 5), (2, 20) AS t(a, b) GROUP BY a HAVING a IN (SELECT x FROM VALUES (1, 2), (2, 9) AS u(x, y) WHERE y = count(t.b))
-- A query in FROM hides what it reads
SELECT c FROM VALUES (1, 10), (2, 20) AS t(a, b), LATERAL (SELECT * FROM (SELECT count(*) AS c FROM VALUES (1), (1) AS u(a) WHERE u.a = t.a) WHERE c = a + 1)
SELECT t.a FROM (SELECT t.a FROM VALUES (1) AS t(a))
-- Names of subqueries show the columns they read from outside
SELECT (SELECT count(*) FROM VALUES (1), (2) AS u(x) WHERE x = a), EXISTS (SELECT 1 FROM VALUES (1), (2) AS u(x)), a IN (SELECT x FROM VALUES (1), (2) AS u(x)) FROM VALUES (1) AS t(a)
SELECT * FROM range(1 + 1, CAST('4' AS INT))
-- Messages quote the value, not the query
SELECT sum(s) FROM VALUES ('ann') AS t(s)
-- Several values in a correlated IN, outer columns that are aggregated inside, stars of outer relations
SELECT a FROM VALUES (1, 10), (2, NULL), (3, 30) AS t(a, b) WHERE (a, b) IN (SELECT x, y FROM VALUES (1, 10), (2, 20), (3, 31) AS u(x, y) WHERE x = a)
SELECT a FROM VALUES (1, 10), (2, NULL), (3, 30) AS t(a, b) WHERE (a, b) NOT IN (SELECT x, y FROM VALUES (1, 10), (2, 20), (3, 31) AS u(x, y) WHERE x = a)
SELECT a, (SELECT sum(c) FROM (SELECT a AS c)) AS s FROM VALUES (1), (2) AS t(a) ORDER BY a
SELECT * FROM VALUES (1, 2) AS t(a, b), LATERAL (SELECT t.*, u.* FROM VALUES (3) AS u(x))
SELECT * FROM VALUES ('one', rand(5)) AS t(a, b)
SELECT * FROM VALUES (1) AS t(a) LIMIT CAST(NULL AS INT)
SELECT sum(a) OVER (ORDER BY a ROWS BETWEEN CURRENT ROW AND 2147483648 FOLLOWING) FROM VALUES (1) AS t(a)
SELECT DATE '2020-01-01' + NULL, NULL + TIMESTAMP '2020-01-01 00:00:00', typeof(DATE '2020-01-01' - NULL), typeof(NULL - DATE '2020-01-01')
SELECT INTERVAL '1' DAY < '1'
SELECT try_add(INTERVAL 2147483647 MONTH, INTERVAL 2 MONTH) IS NULL, try_multiply(INTERVAL 106751991 DAY, 2), try_divide(INTERVAL 106751991 DAY, 0.5), try_subtract(INTERVAL 106751991 DAY, INTERVAL -3 DAY)
