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
